"""Quick refits: the model of a study fitted again to another table, with other priors, or without a number.

The compiled density serves every table and prior, so a refit costs its sampling alone: some tenths of a second for a
pooled table of five lists. Refits have fewer draws than an estimate and two chains: enough for a median and an interval
that are compared with others, too few to be published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.design import Design, design_for
from estimator.methods.loglinear.fitting import fit_until
from estimator.methods.loglinear.parameters import PriorSettings, prior_settings
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.population.groups import GroupDraws, headline_groups
from estimator.seeds import seed_of
from estimator.study.priors import Priors
from estimator.study.questions import ModelSettings
from estimator.study.study import Study

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUICK = SamplerSettings(draws=1000, warmup=500, chains=2, cores=1)
"""How refits are sampled unless something else is said; one core, because they run side by side."""

AGREED = 1.05
"""R-hat of the log dark figure from which a quick refit is done again, once, with twice the draws."""


def refit(
    table: CaptureTable,
    model: ModelSettings,
    priors: Priors,
    *,
    draws: int = QUICK.draws,
    warmup: int = QUICK.warmup,
    chains: int = QUICK.chains,
    seed: int = QUICK.seed,
    cores: int = QUICK.cores,
) -> LoglinearPosterior:
    """Fit a model to a table.

    Parameters
    ----------
    table : CaptureTable
        Of any lists and strata that the model's terms are about.
    model : ModelSettings
        Its terms; the priors that it names are not read.
    draws, warmup : int
        Per chain.

    Returns
    -------
    LoglinearPosterior
        Of a second attempt with twice the draws when the chains of the first disagree (`AGREED`); see `disagreement`.
    """
    design = design_for(table, model, priors)
    sampler = replace(QUICK, draws=draws, warmup=warmup, chains=chains, seed=seed, cores=cores)
    return refit_design(design, prior_settings(priors, design), sampler)


def refit_design(design: Design, settings: PriorSettings, sampler: SamplerSettings = QUICK) -> LoglinearPosterior:
    """Fit the arrays of a model; see `refit`.

    Parameters
    ----------
    settings : PriorSettings
        Made for this design.
    """
    # once: a chain that is still lost then is a finding, and said as such
    again = replace(sampler, draws=2 * sampler.draws, warmup=2 * sampler.warmup, seed=seed_of(sampler.seed, 2))
    return fit_until(lambda posterior: disagreement(posterior) <= AGREED, design, settings, (sampler, again))[0]


def refit_groups(study: Study, priors: Priors, sampler: SamplerSettings = QUICK) -> dict[str, GroupDraws]:
    """Return the draws of every group of a study, from a quick refit.

    Returns
    -------
    dict of str to GroupDraws
        Over the headline period, as `estimator.population.groups.headline_groups` gives them.
    """
    design = design_for(study.table, study.model, priors)
    return groups_of(study, refit_design(design, prior_settings(priors, design), sampler), sampler.seed)


def groups_of(study: Study, posterior: LoglinearPosterior, seed: int) -> dict[str, GroupDraws]:
    """Return the draws of every group of a study, from a posterior of its model."""
    return headline_groups(study, population_draws(posterior, seed))


def with_counts(table: CaptureTable, lower: Ints, upper: Ints | None = None) -> CaptureTable:
    """Return a table of the same shape with other numbers.

    Parameters
    ----------
    lower : ndarray of int, shape (J,)
        Persons; one number for each that the table has.
    upper : ndarray of int, shape (J,), optional
        Upper bounds where numbers are not exact.
    """
    return replace(table, lower=lower, upper=lower if upper is None else upper)


def with_table(study: Study, table: CaptureTable, model: ModelSettings | None = None) -> Study:
    """Return a study with another table of the same strata, and perhaps other terms of its model."""
    return replace(study, table=table, model=model or study.model)


def disagreement(posterior: LoglinearPosterior) -> float:
    """Return the R-hat of the log of the whole implied dark figure; infinite when its draws are stuck."""
    from arviz_stats.base import array_stats

    # of log sum_s n0[s]: one quantity stands for all, because every group's dark figure moves with it
    values = np.logaddexp.reduce(posterior.log_unseen, axis=-1)
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return float("inf")
    return float(array_stats.rhat(values, chain_axis=0, draw_axis=1, method="rank"))


def interval_of(values: Floats, probability: float = 0.95) -> tuple[float, float, float]:
    """Return lower limit, median and upper limit of draws."""
    tail = (1 - probability) / 2
    lower, middle, upper = np.quantile(values, [tail, 0.5, 1 - tail])
    return float(lower), float(middle), float(upper)


def sizes_of(groups: Mapping[str, GroupDraws]) -> dict[str, Floats]:
    """Return the draws of N of every group, flat."""
    return {name: np.ravel(group.size) for name, group in groups.items()}
