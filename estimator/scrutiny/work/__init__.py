"""Tasks, each done once: in processes of this machine or on a Dask cluster, kept in a folder and taken up again."""
