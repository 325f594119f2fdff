"""Latent classes: people of a few kinds, each with its own chances to be on every list."""
