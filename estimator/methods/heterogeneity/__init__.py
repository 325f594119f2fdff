"""Heterogeneity: people who differ smoothly in how easily every list sees them."""
