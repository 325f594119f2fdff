"""Tasks that are done once each, on this machine or a cluster, and kept."""
