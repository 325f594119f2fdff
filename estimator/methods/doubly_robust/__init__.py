"""Two lists that are independent given covariates, averaged over covariates without a parametric form."""
