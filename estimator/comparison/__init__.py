"""Two years of a run, or two runs, side by side."""
