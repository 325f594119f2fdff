"""Fitting a compiled shape again, weighing and cutting its draws, and scoring what comes of it."""
