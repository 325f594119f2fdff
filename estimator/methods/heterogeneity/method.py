"""Heterogeneity behind the door: people who differ smoothly in how easily lists see them, stratum by stratum."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.complete import complete_counts
from estimator.methods.convergence import IndependentDraws, assess, rhat_of
from estimator.methods.door import (
    AGREED,
    Abilities,
    Method,
    PopulationDraws,
    Posterior,
    Progress,
    RefitRequest,
    Refitted,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.heterogeneity.density import Heterogeneous, cell_probabilities, log_odds_unseen
from estimator.methods.heterogeneity.sampling import sample
from estimator.methods.identified import refusals_of_counts
from estimator.methods.misfit import misfits
from estimator.methods.pooling import EACH, POOLED, refusals_of_questions, study_of_strata, table_of_strata
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]

_PRIOR_DRAWS = 4000


@dataclass(frozen=True, eq=False)
class HeterogeneityDraws:
    """Beside each draw of people, the parameters that it was drawn under.

    Parameters
    ----------
    lists : ndarray, shape (chain, draw, S, L)
        Log odds of every list for a middling person.
    sigma : ndarray, shape (chain, draw, S)
        Standard deviation between people.
    fits_worse : ndarray of bool, shape (chain, draw)
        Whether a table simulated at the draw fits worse than the observed one.
    prior_sd : float
        Of the log dark figure under the prior, registered people as they are.
    """

    lists: Floats
    sigma: Floats
    fits_worse: NDArray[np.bool_]
    prior_sd: float


class Heterogeneity(Method):
    """People with Normal log odds of being seen; see `estimator.methods.heterogeneity.density`."""

    name = "heterogeneity"
    abilities = Abilities(
        priors=False,
        structural_zeros=False,
        fewest_lists=3,
        borrows=False,
        refits=True,
        options={"strata": (EACH, POOLED), "spread": ("1", "0.5", "2")},
    )

    def study_for(self, study: Study, options: Mapping[str, str]) -> Study:
        """Return the study with one stratum, where that is wanted."""
        return study_of_strata(study, options)

    def refusals(self, study: Study, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer to the study's questions, or to any of its table."""
        return refusals_of_questions(study, options) or self.refusals_of_table(study.table, options)

    def refusals_of_table(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer: numbers that are not exact, or strata whose counts do not hold a total."""
        return refusals_of_counts(table, options, self.name)

    def fit(self, request: Request) -> Posterior:
        """Draw the parameters and the people of every stratum."""
        began = time.perf_counter()
        settings = request.settings
        request.listener.stage(request.doing)

        def good_enough(values: Floats) -> bool:
            """Return whether chains agree about a stratum, and have drawn enough."""
            return assess({"": values}, IndependentDraws(values.shape), request.limits).passed

        population, details, attempt = _drawn(
            request.study.table, request.options, settings, good_enough, request.listener.progress
        )
        shape = (settings.chains, settings.draws)
        posterior = Posterior(
            self.name,
            population,
            assess(request.reported(population), IndependentDraws(shape), request.limits),
            replace(settings, warmup=0),
            attempt=attempt,
            seconds=time.perf_counter() - began,
            options=request.options,
            details=details,
        )
        return self.completed(posterior)

    def refit(self, request: RefitRequest) -> Refitted:
        """Draw again, for another table."""
        table = table_of_strata(request.table, request.options)
        if table is None:
            raise ValueError("The strata cannot be added up; `refusals_of_table` says so.")

        def agree(values: Floats) -> bool:
            """Return whether chains agree about a stratum."""
            return rhat_of(values) <= AGREED

        population, details, _ = _drawn(table, request.options, request.settings, agree)
        return Refitted(population, rhat=rhat_of(np.log(population.implied_unseen.sum(axis=-1))), details=details)

    def completed(self, posterior: Posterior) -> Posterior:
        """Return a posterior with how wide it is beside its prior."""
        spread = float(np.std(np.log(posterior.population.implied_unseen.sum(axis=-1))))
        return replace(posterior, prior_share=spread / posterior.details.prior_sd)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that people differ in one way alone, and smoothly."""
        within = study.table.n_strata > 1
        return Reason("heterogeneity-assumption", within_strata=within, spread=float(options["spread"]))

    def predictive_p(self, posterior: Posterior) -> float:
        """Return how often a table simulated from the model fits it worse."""
        return float(posterior.details.fits_worse.mean())

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return the parameters of every draw, and whether a simulated table fits worse there."""
        import xarray as xr

        draws: HeterogeneityDraws = posterior.details
        shared = ("chain", "draw")
        prior_sd = np.full(draws.fits_worse.shape, draws.prior_sd)  # a file of draws has everything by chain and draw
        return {
            "posterior": xr.Dataset(
                {"log_odds": ((*shared, "stratum", "list"), draws.lists), "sigma": ((*shared, "stratum"), draws.sigma)}
            ),
            "sample_stats": xr.Dataset(
                {"fits_worse": (shared, draws.fits_worse.astype(np.int8)), "prior_sd": (shared, prior_sd)}
            ),
        }

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> HeterogeneityDraws:
        """Return the parameters of every draw from a file."""
        return HeterogeneityDraws(
            saved["posterior"]["log_odds"],
            saved["posterior"]["sigma"],
            saved["sample_stats"]["fits_worse"].astype(bool),
            float(saved["sample_stats"]["prior_sd"].flat[0]),
        )


def _drawn(
    table: CaptureTable,
    options: Mapping[str, str],
    settings: SamplerSettings,
    good_enough: Callable[[Floats], bool],
    progress: Progress | None = None,
) -> tuple[PopulationDraws, HeterogeneityDraws, int]:
    """Draw the parameters and people of every stratum, and return how many attempts that took."""
    counts = complete_counts(table)
    if counts is None:
        raise ValueError("The numbers are not complete; `refusals_of_table` says so.")
    models = [Heterogeneous(row, float(options["spread"])) for row in counts]
    shape, d = (settings.chains, settings.draws), table.n_lists + 1

    def log_odds(points: Floats) -> Floats:
        """Return the log odds of being unseen, shape (chain, draw)."""
        return log_odds_unseen(points.reshape(-1, d)).reshape(shape)

    found = []
    for stratum, model in enumerate(models):
        found.append(sample(model, settings, stratum, lambda points: good_enough(log_odds(points))))
        if progress is not None:
            progress(stratum + 1, len(models))
    expected = np.stack([m.registered * np.exp(log_odds(p)) for m, (p, _) in zip(models, found, strict=True)], axis=-1)
    rng = stream(settings.seed, "heterogeneity", "people")
    registered = np.array([model.registered for model in models])
    # given p_0, the unseen beside n registered people are negative binomial: Poisson around a gamma number
    unseen = rng.poisson(np.minimum(rng.gamma(registered, size=expected.shape) * expected / registered, 1e15))
    observed = simulated = np.zeros(settings.chains * settings.draws)
    for s, (model, (points, _)) in enumerate(zip(models, found, strict=True)):
        size = model.registered + unseen[..., s].ravel()
        of_observed, of_simulated = misfits(model.counts, size, cell_probabilities(points.reshape(-1, d)), rng)
        observed, simulated = observed + of_observed, simulated + of_simulated
    points = np.stack([drawn for drawn, _ in found], axis=2)
    prior_sd = _prior_sd(models, stream(settings.seed, "heterogeneity", "prior"))
    details = HeterogeneityDraws(
        points[..., :-1], np.abs(points[..., -1]), (simulated >= observed).reshape(shape), prior_sd
    )
    people = PopulationDraws(np.broadcast_to(registered, unseen.shape), unseen, expected)
    return people, details, max(attempt for _, attempt in found)


def _prior_sd(models: list[Heterogeneous], rng: np.random.Generator) -> float:
    """Return how wide the log dark figure of all strata together is before lists are compared."""
    odds = [np.exp(log_odds_unseen(model.drawn_from_prior(_PRIOR_DRAWS, rng))) for model in models]
    unseen = sum(model.registered * one for model, one in zip(models, odds, strict=True))
    return float(np.std(np.log(unseen)))
