"""Latent classes behind the door: a mixture of list profiles, stratum by stratum or of everybody together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.methods.by_strata import Asked, Drawn, Mixture
from estimator.methods.door import (
    Abilities,
    Listener,
    PopulationDraws,
    Posterior,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.latent_class.chain import machine_code
from estimator.methods.latent_class.misfit import histories_of, misfits_of, people_by_class
from estimator.methods.latent_class.sampling import drawn_from_prior, sample
from estimator.methods.memory import refuse_too_many
from estimator.methods.pooling import EACH, POOLED
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LARGEST = 1e15  # a dark figure beyond is written so
_PRIOR_DRAWS = 4000


@dataclass(frozen=True, eq=False)
class LatentDraws:
    """Beside each draw of people, what was drawn of classes.

    Parameters
    ----------
    kinds : ndarray of int, shape (chain, draw, S)
        Classes in which somebody registered is expected.
    unseen_share : ndarray, shape (chain, draw, S)
        Of the unseen people, how many are of the class with most of them.
    fits_worse : ndarray of bool, shape (chain, draw)
        Whether a table simulated at the draw fits worse than the observed one.
    prior_sd : float
        Of the log dark figure under the prior, registered people as they are.
    """

    kinds: Ints
    unseen_share: Floats
    fits_worse: NDArray[np.bool_]
    prior_sd: float


class LatentClass(Mixture):
    """A Dirichlet process mixture of list profiles; see `estimator.methods.latent_class.mixture`."""

    name = "latent-class"
    abilities = Abilities(
        priors=False,
        structural_zeros=False,
        fewest_lists=3,
        borrows=False,
        refits=True,
        options={"strata": (EACH, POOLED), "classes": ("10", "5", "20")},
    )
    warms_up = True

    def load(self, settings: SamplerSettings, listener: Listener) -> None:
        """Compile the chain, or load it from the cache."""
        listener.stage(Reason("doing-loading"))
        machine_code()

    def fit(self, request: Request) -> Posterior:
        """Sample every stratum until its chains agree and have drawn enough, at most three times over."""
        table = request.study.table
        refuse_too_many(request.settings, int(request.options["classes"]) * (table.n_lists + 1), table.n_strata)
        return super().fit(request)

    def drawn(self, asked: Asked) -> Drawn:
        """Draw the people of every stratum, each with its own classes."""
        return _drawn(asked)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that people are of a few kinds, to each of which lists are independent."""
        n_lists = study.table.n_lists
        return Reason(
            "latent-class-assumption",
            within_strata=study.table.n_strata > 1,
            classes=int(options["classes"]),
            lists=n_lists,
            told_apart=(2**n_lists - 1) // (n_lists + 1),
        )

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return what was drawn of classes, and whether a simulated table fits worse at each draw."""
        import xarray as xr

        draws: LatentDraws = posterior.details
        by_stratum = ("chain", "draw", "stratum")
        return {
            "posterior": xr.Dataset(
                {"kinds": (by_stratum, draws.kinds), "unseen_share": (by_stratum, draws.unseen_share)}
            ),
            "sample_stats": xr.Dataset(
                {
                    "fits_worse": (by_stratum[:2], draws.fits_worse.astype(np.int8)),
                    # one number; a file of draws has everything by chain and draw
                    "prior_sd": (by_stratum[:2], np.full(draws.fits_worse.shape, draws.prior_sd)),
                }
            ),
        }

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> LatentDraws:
        """Return what was drawn of classes from a file."""
        return LatentDraws(
            saved["posterior"]["kinds"],
            saved["posterior"]["unseen_share"],
            saved["sample_stats"]["fits_worse"].astype(bool),
            float(saved["sample_stats"]["prior_sd"].flat[0]),
        )


def _drawn(asked: Asked) -> Drawn:
    """Draw the people of every stratum, each with its own classes."""
    counts, settings = asked.counts, asked.settings
    n_classes, registered = int(asked.options["classes"]), counts[:, 1:].sum(axis=1)
    drawn = []
    for stratum, row in enumerate(counts):
        tell = partial(_tell, asked, stratum)
        drawn.append(sample(row, n_classes, settings, stratum, lambda draws: asked.good_enough(draws.log_odds), tell))
    rng = stream(settings.seed, "latent-class", "predictive-p")
    missed = [misfits_of(row, draws, rng) for row, draws in zip(counts, drawn, strict=True)]
    worse = np.asarray(sum(simulated for _, simulated in missed) >= sum(observed for observed, _ in missed))
    shares = [people_by_class(draws) for draws in drawn]
    details = LatentDraws(
        np.stack([(seen * n >= 1).sum(axis=-1) for (seen, _), n in zip(shares, registered, strict=True)], axis=-1),
        np.stack([unseen.max(axis=-1) for _, unseen in shares], axis=-1),
        worse,
        _prior_sd(registered, n_classes, asked.table.n_lists, stream(settings.seed, "latent-class", "prior")),
    )
    unseen = np.stack([np.minimum(draws.unseen, _LARGEST).astype(np.int64) for draws in drawn], axis=-1)
    expected = registered * np.exp(np.stack([draws.log_odds for draws in drawn], axis=-1))
    people = PopulationDraws(np.broadcast_to(registered, unseen.shape), unseen, expected)
    histories = np.stack([histories_of(draws) for draws in drawn], axis=1) if asked.histories else None
    return Drawn(people, details, max(draws.attempt for draws in drawn), histories)


def _tell(asked: Asked, stratum: int, done: int, total: int) -> None:
    """Tell how far it is."""
    asked.stratum_done(stratum, done / total)


def _prior_sd(registered: Ints, n_classes: int, n_lists: int, rng: np.random.Generator) -> float:
    """Return how wide the log dark figure of all strata together is before lists are compared."""
    unseen = np.zeros(_PRIOR_DRAWS)
    for n in registered:
        weight, logit = drawn_from_prior(_PRIOR_DRAWS, n_classes, n_lists, rng)
        none = -np.logaddexp(0.0, logit).sum(axis=-1)
        weight -= weight.max(axis=-1, keepdims=True)
        unseen += n * (np.exp(weight + none).sum(axis=-1) / (np.exp(weight) * -np.expm1(none)).sum(axis=-1))
    return float(np.std(np.log(unseen)))
