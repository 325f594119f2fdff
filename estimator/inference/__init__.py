"""Sampling, convergence, seeds and provenance."""
