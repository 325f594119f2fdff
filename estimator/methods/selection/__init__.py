"""Log-linear models chosen by the data: by AIC or BIC, stepwise or downhill, with intervals that know of the choice."""
