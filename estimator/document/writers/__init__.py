"""Formats of a report: one module each, with a function `write`, named in `registry`."""
