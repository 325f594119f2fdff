"""Quick refits of the log-linear model: to another table, with other priors, or without a number.

The compiled density serves every table and prior, so a refit costs its sampling alone: some tenths of a second for a
pooled table of five lists.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from estimator.capture.table import CaptureTable
from estimator.methods.door import AGREED, QUICK, RefitRequest, Refitted, SamplerSettings
from estimator.methods.loglinear.design import Design, design_for
from estimator.methods.loglinear.entries import expected_entries
from estimator.methods.loglinear.fitting import fit_until
from estimator.methods.loglinear.parameters import PriorSettings, prior_settings
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.methods.misfit import among_registered
from estimator.seeds import seed_of
from estimator.study.priors import Priors
from estimator.study.questions import ModelSettings


def refitted(request: RefitRequest) -> Refitted:
    """Fit again; see `estimator.methods.door.Method.refit`."""
    design = design_for(request.table, request.model, request.priors, request.whole)
    posterior = refit_design(design, prior_settings(request.priors, design), request.settings)
    seed = request.settings.seed if request.people_seed is None else request.people_seed
    return Refitted(
        population=population_draws(posterior, seed),
        rhat=disagreement(posterior),
        divergences=int(posterior.draws.statistics["diverging"].sum()),
        kept={
            # of the dark figure that lists and pairs imply, and the typical size of two-list terms
            "log_implied": np.logaddexp.reduce(posterior.log_unseen, axis=-1),
            "scale": posterior.values.get("dependence_scale"),
        },
        details=posterior,
        histories=among_registered(np.concatenate(list(expected_entries(posterior)))) if request.histories else None,
    )


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


def disagreement(posterior: LoglinearPosterior) -> float:
    """Return the R-hat of the log of the whole implied dark figure; infinite when its draws are stuck."""
    from arviz_stats.base import array_stats

    # of log sum_s n0[s]: one quantity stands for all, because every group's dark figure moves with it
    values = np.logaddexp.reduce(posterior.log_unseen, axis=-1)
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return float("inf")
    return float(array_stats.rhat(values, chain_axis=0, draw_axis=1, method="rank"))
