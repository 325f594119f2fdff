"""Checks that look at the parts of a log-linear posterior, and what they are made of."""
