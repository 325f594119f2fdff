"""What the total would be were less said of coverage: the prior on the odds of every list made wider.

Given the dark figure, the size of a list fixes its odds, so that a statement on the odds of each of eight lists makes
eight statements on the dark figure, and together they may be a strong one. Nothing is sampled again: with

    w = product over lists of  Normal(a_l; mu_l, WIDER sigma_l) / Normal(a_l; mu_l, sigma_l)

the draws of the posterior, under Pareto smoothed weights w, are draws of the posterior under the wider prior.

References
----------
Vehtari, Simpson, Gelman, Yao & Gabry (2024), Journal of Machine Learning Research 25(72): the weights and when they do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import WiderCoverage
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.methods.weights import smoothed, weighted_quantiles

Floats = NDArray[np.float64]

WIDER = 3.0
"""By how much the standard deviation of every log odds is made larger: what is left then is a ninth of the pull."""


def wider_coverage(posterior: LoglinearPosterior, size: Floats) -> WiderCoverage:
    """Return the median of a population size under the wider prior on coverage.

    Parameters
    ----------
    size : ndarray, shape (chain, draw)
        Draws of a number of people, of the same draws of the parameters.
    """
    arrays = posterior.settings.arrays
    distance = (posterior.values["coverage"] - arrays["coverage_mean"]) / arrays["coverage_sd"]
    squares = np.square(distance).sum(axis=-1)
    if posterior.settings.level is not None:  # only differences between lists have a prior
        inverse = 1.0 / arrays["coverage_sd"]
        squares -= np.square(distance @ inverse) / np.square(inverse).sum()
    # log N(a; mu, WIDER sigma) - log N(a; mu, sigma), up to a constant
    log_ratios = 0.5 * (1.0 - WIDER**-2) * squares
    weights = smoothed(log_ratios.ravel())
    (median,) = weighted_quantiles(np.asarray(size, dtype=np.float64).ravel(), weights.values, (0.5,)).tolist()
    return WiderCoverage(WIDER, median, weights.pareto_k, weights.reliable)
