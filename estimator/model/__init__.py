"""Statistical models of the capture table, one file per method."""
