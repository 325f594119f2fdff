"""Heterogeneity behind the door: people who differ smoothly in how easily lists see them, stratum by stratum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.methods.by_strata import Asked, Drawn, Mixture
from estimator.methods.door import (
    Abilities,
    PopulationDraws,
    Posterior,
    SamplerSettings,
    Saved,
)
from estimator.methods.heterogeneity.density import Heterogeneous, cell_probabilities, log_odds_unseen
from estimator.methods.heterogeneity.sampling import sample
from estimator.methods.misfit import among_registered, misfits
from estimator.methods.pooling import EACH, POOLED
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


class Heterogeneity(Mixture):
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

    def drawn(self, asked: Asked) -> Drawn:
        """Draw the parameters and people of every stratum."""
        return _drawn(asked)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that people differ in one way alone, and smoothly."""
        within = study.table.n_strata > 1
        return Reason("heterogeneity-assumption", within_strata=within, spread=float(options["spread"]))

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


def _drawn(asked: Asked) -> Drawn:
    """Draw the parameters and people of every stratum."""
    models = [Heterogeneous(row, float(asked.options["spread"])) for row in asked.counts]
    settings, shape, d = asked.settings, asked.shape, asked.table.n_lists + 1

    def log_odds(points: Floats) -> Floats:
        """Return the log odds of being unseen, shape (chain, draw)."""
        return log_odds_unseen(points.reshape(-1, d)).reshape(shape)

    walks = []
    for stratum, model in enumerate(models):
        walks.append(sample(model, settings, stratum, lambda points: asked.good_enough(log_odds(points))))
        asked.stratum_done(stratum)
    expected = np.stack([m.registered * np.exp(log_odds(p)) for m, (p, _) in zip(models, walks, strict=True)], axis=-1)
    rng = stream(settings.seed, "heterogeneity", "people")
    registered = np.array([model.registered for model in models])
    # given p_0, the unseen beside n registered people are negative binomial: Poisson around a gamma number
    unseen = rng.poisson(np.minimum(rng.gamma(registered, size=expected.shape) * expected / registered, 1e15))
    observed = simulated = np.zeros(math.prod(shape))
    histories = []
    for s, (model, (points, _)) in enumerate(zip(models, walks, strict=True)):
        size = model.registered + unseen[..., s].ravel()
        cells = cell_probabilities(points.reshape(-1, d))
        of_observed, of_simulated = misfits(model.counts, size, cells, rng)
        histories += [among_registered(cells)] if asked.histories else []
        observed, simulated = observed + of_observed, simulated + of_simulated
    points = np.stack([drawn for drawn, _ in walks], axis=2)
    prior_sd = _prior_sd(models, stream(settings.seed, "heterogeneity", "prior"))
    details = HeterogeneityDraws(
        points[..., :-1], np.abs(points[..., -1]), (simulated >= observed).reshape(shape), prior_sd
    )
    people = PopulationDraws(np.broadcast_to(registered, unseen.shape), unseen, expected)
    attempt = max(attempt for _, attempt in walks)
    return Drawn(people, details, attempt, np.stack(histories, axis=1) if histories else None)


def _prior_sd(models: list[Heterogeneous], rng: np.random.Generator) -> float:
    """Return how wide the log dark figure of all strata together is before lists are compared."""
    odds = [np.exp(log_odds_unseen(model.drawn_from_prior(_PRIOR_DRAWS, rng))) for model in models]
    unseen = sum(model.registered * odds_unseen for model, odds_unseen in zip(models, odds, strict=True))
    return float(np.std(np.log(unseen)))
