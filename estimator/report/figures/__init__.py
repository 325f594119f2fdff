"""Figures, drawn with matplotlib from the numbers of a run."""
