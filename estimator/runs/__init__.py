"""The run folder: written, read, verified."""
