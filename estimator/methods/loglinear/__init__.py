"""The method ``loglinear``: a Bayesian log-linear model, the default."""
