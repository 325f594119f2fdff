"""Fitting a model again: quickly, with other tables or priors; weights and scores."""
