"""Figures of a report, drawn from their tables of data and said in words."""
