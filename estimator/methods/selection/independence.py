"""Independent lists, behind the door: the log-linear model without dependence, by maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, xlogy

from estimator.methods.by_strata import Asked, Drawn, OfCompleteCounts
from estimator.methods.door import (
    Abilities,
    Listener,
    PopulationDraws,
    Posterior,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.pooling import EACH, POOLED
from estimator.methods.selection.fitting import estimate_exists, fit_models
from estimator.methods.selection.machine import machine_code
from estimator.methods.selection.profile import Profile, profile_of
from estimator.methods.selection.spaces import ModelSpace, space_of
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TABLES = 1000
"""Tables that are simulated to see whether the model describes the observed one."""


@dataclass(frozen=True, eq=False)
class Independent:
    """Profile likelihoods by stratum, where they were made and not read from a file, and how well the model fits."""

    p: float
    profiles: tuple[Profile, ...] = ()


class Independence(OfCompleteCounts):
    """Independent lists; intervals of the profile likelihood, see `estimator.methods.selection.profile`."""

    name = "independence"
    abilities = Abilities(
        priors=False, structural_zeros=False, borrows=False, refits=True, options={"strata": (EACH, POOLED)}
    )

    def refusals_of_counts(self, counts: Ints, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return in how many strata the likelihood has no maximum."""
        (model,) = _models(counts.shape[1].bit_length() - 1)
        without = sum(not _whole(row) or not estimate_exists(model, row) for row in counts)
        return (Reason("model-without-estimate", method=self.name, strata=without),) if without else ()

    def load(self, settings: SamplerSettings, listener: Listener) -> None:
        """Compile the fit, or read it from the cache."""
        listener.stage(Reason("doing-loading"))
        machine_code()

    def doing(self, request: Request) -> Reason:
        """Return that the model of independent lists is fitted."""
        return Reason("doing-independence")

    def drawn(self, asked: Asked) -> Drawn:
        """Draw from the confidence distribution that the profile likelihoods make: independent draws."""
        return _drawn(asked)

    def own_total(self, study: Study, posterior: Posterior, level: float) -> dict[str, float]:
        """Return estimate and limits of one stratum, without draws."""
        profiles: tuple[Profile, ...] = posterior.details.profiles
        if len(profiles) != 1:
            return {}
        registered = float(posterior.population.registered[0, 0].sum())
        lower, upper = profiles[0].at(ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))).tolist()
        return {
            "estimate": registered + profiles[0].estimate,
            "lower": registered + lower,
            "upper": registered + upper,
        }

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that lists are independent, and people of a stratum alike."""
        return Reason("independence-assumption", within_strata=study.table.n_strata > 1)

    def predictive_p(self, posterior: Posterior) -> float:
        """Return how often a table of independent lists fits worse than the observed one."""
        return float(posterior.details.p)

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return how well the model fits."""
        import xarray as xr

        return {"sample_stats": xr.Dataset({"p": posterior.details.p})}

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> Independent:
        """Return how well the model fits, from a file."""
        return Independent(float(saved["sample_stats"]["p"]))


def _models(n_lists: int) -> list[tuple[int, ...]]:
    return [(0, *sorted(1 << place for place in range(n_lists)))]


def _whole(counts: Floats | Ints) -> bool:
    """Tell whether every list has somebody."""
    histories = np.arange(len(counts))
    return all(counts[(histories & 1 << place) > 0].sum() for place in range(len(counts).bit_length() - 1))


def _drawn(asked: Asked) -> Drawn:
    """Draw the people of every stratum: dark figures whose quantiles are the limits of the profile likelihood."""
    counts, settings, table = asked.counts, asked.settings, asked.table
    size = math.prod(asked.shape)
    roots = ndtri((np.arange(size) + 0.5) / size)
    space = space_of(table.n_lists, _models(table.n_lists))
    profiles, drawn, misfits = [], [], np.zeros(1 + _TABLES)
    for place, row in enumerate(counts.astype(np.float64)):
        row[0] = 0
        unseen = float(fit_models(space, row[None]).unseen[0, 0])
        profiles.append(profile_of(row, unseen))
        rng = stream(settings.seed, "independence", place)
        drawn.append(rng.permutation(profiles[-1].at(roots)))
        misfits += _misfits(row, unseen, space, rng)
    expected = np.stack(drawn, axis=-1).reshape(*asked.shape, len(counts))
    registered = np.broadcast_to(counts.sum(axis=1), expected.shape)
    people = PopulationDraws(registered, np.rint(expected).astype(np.int64), expected, has_mean=False)
    return Drawn(people, Independent(float((misfits[1:] >= misfits[0]).mean()), tuple(profiles)))


def _misfits(counts: Floats, unseen: float, space: ModelSpace, rng: np.random.Generator) -> Floats:
    """Return the deviance of the observed table, and of tables of independent lists that are fitted in the same way."""
    histories = np.arange(len(counts))
    n_lists = len(counts).bit_length() - 1
    people = counts.sum() + unseen
    shares = np.array([counts[(histories & 1 << place) > 0].sum() for place in range(n_lists)]) / people
    on = (histories[:, None] >> np.arange(n_lists)) & 1
    expected = people * np.where(on, shares, 1 - shares).prod(axis=1)
    tables = rng.poisson(expected, (_TABLES, len(counts))).astype(np.float64)
    tables[:, 0] = 0
    together = np.concatenate([counts[None], tables])
    saturated = 2 * (xlogy(together, together) - together).sum(axis=1)
    deviance = fit_models(space, together).deviance[:, 0] + saturated
    # a table of which no estimate exists says nothing
    return np.where(np.isfinite(deviance), deviance, 0.0)
