"""Fitting the log-linear model: sampling until the draws are good enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from estimator.methods.door import Progress, SamplerSettings
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.parameters import PriorSettings
from estimator.methods.loglinear.posterior import SAMPLERS, LoglinearPosterior, posterior_of


def fit_until(
    good_enough: Callable[[LoglinearPosterior], bool],
    design: Design,
    settings: PriorSettings,
    attempts: Iterable[SamplerSettings],
    progress: Progress | None = None,
    enough: Callable[[LoglinearPosterior], bool] | None = None,
) -> tuple[LoglinearPosterior, int]:
    """Sample with one set of settings after another until the draws are good enough.

    Parameters
    ----------
    settings : PriorSettings
        Made for this design.
    attempts : iterable of SamplerSettings
        At least one, each a fresh start.
    enough : callable, optional
        Is shown the draws of an attempt from time to time; where it is content, the attempt makes no more.

    Returns
    -------
    posterior : LoglinearPosterior
        Of the last attempt, whether it is good enough or not.
    attempt : int
        Its number, from 1.
    """
    number = 0
    for sampler in attempts:
        number += 1
        look = None if enough is None else lambda draws: enough(posterior_of(design, settings, draws))
        draws = SAMPLERS[sampler.sampler](design, settings, sampler, progress, look)
        posterior = posterior_of(design, settings, draws)
        if good_enough(posterior):
            break
    return posterior, number
