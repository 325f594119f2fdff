"""Did the chains agree? The gate that every estimate passes before anything of it is printed.

References
----------
Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), Bayesian Analysis 16:667, doi 10.1214/20-BA1221: rank-normalised
split R-hat, bulk and tail effective sample size. Betancourt (2017), arXiv:1701.02434: divergences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from estimator.reasons import Reason

Floats = NDArray[np.float64]


class Drawn(Protocol):
    """What is looked at of a sampler's draws, beside the quantities themselves."""

    @property
    def statistics(self) -> Mapping[str, NDArray[Any]]:
        """Of these ``diverging``, shape (chain, draw)."""

    @property
    def unconstrained(self) -> Floats:
        """Sampled values, shape (chain, draw, D)."""


@dataclass(frozen=True)
class IndependentDraws:
    """Draws that no chain links: nothing can diverge.

    Parameters
    ----------
    shape : (int, int)
        Chains and draws of each.
    """

    shape: tuple[int, int]

    @property
    def statistics(self) -> Mapping[str, NDArray[Any]]:
        """No divergences."""
        return {"diverging": np.zeros(self.shape, dtype=bool)}

    @property
    def unconstrained(self) -> Floats:
        """Nothing was sampled on another scale."""
        return np.zeros((*self.shape, 0))


@dataclass(frozen=True, eq=False)
class Chains:
    """Draws of a sampler, with what its sampled values are called.

    Parameters
    ----------
    names : tuple of str
        One for each sampled value; none where nothing was sampled.
    """

    draws: Drawn
    names: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, Floats]:
        """Sampled values by name, shape (chain, draw) each."""
        return {name: self.draws.unconstrained[..., d] for d, name in enumerate(self.names)}


@dataclass(frozen=True)
class Limits:
    """What counts as converged; the values are in population/thresholds.toml, with the others.

    Parameters
    ----------
    rhat : float
        Largest R-hat of any reported quantity.
    effective_draws : float
        Smallest bulk and tail effective sample size of any reported quantity.
    divergent_share : float
        Share of divergent draws that must not be reached.
    crowding : float
        Divergences are "piled up in one place" when they differ from the other draws in any sampled value at this
        level of a Kolmogorov–Smirnov test, corrected for the number of values.
    crowding_from : int
        Number of divergences from which that is looked at.
    """

    rhat: float
    effective_draws: float
    divergent_share: float
    crowding: float
    crowding_from: int


@dataclass(frozen=True)
class Convergence:
    """How well the chains agree about the reported quantities.

    Parameters
    ----------
    rhat_max, ess_bulk_min, ess_tail_min : float
        Over all reported quantities.
    divergences, draws, chains : int
        `draws` per chain.
    reasons : tuple of Reason
        Why the draws are not good enough; empty when they are.
    """

    rhat_max: float
    ess_bulk_min: float
    ess_tail_min: float
    divergences: int
    draws: int
    chains: int
    reasons: tuple[Reason, ...]

    @property
    def passed(self) -> bool:
        """Whether the estimate may be printed."""
        return not self.reasons


def assess(quantities: Mapping[Any, Floats], draws: Drawn, limits: Limits) -> Convergence:
    """Judge the draws of every reported quantity.

    Parameters
    ----------
    quantities : mapping to ndarray, shape (chain, draw)
        By a name that a user knows, or by a reason that says what they are.
    """
    # a group without anybody in it is zero in every draw; anything else that never moves is stuck
    measured = {name: _measure(values) for name, values in quantities.items() if np.any(values != 0)}
    diverging = draws.statistics["diverging"]
    reasons = [
        *_reasons_of_chains(measured, limits),
        *_reasons_of_divergences(diverging, draws.unconstrained, limits),
    ]
    worst = np.array(list(measured.values())).reshape(-1, 3)
    n_chains, n_draws = diverging.shape
    return Convergence(
        rhat_max=float(worst[:, 0].max(initial=1.0)),
        ess_bulk_min=float(worst[:, 1].min(initial=diverging.size)),
        ess_tail_min=float(worst[:, 2].min(initial=diverging.size)),
        divergences=int(diverging.sum()),
        draws=n_draws,
        chains=n_chains,
        reasons=tuple(reasons),
    )


def are_enough(quantities: Mapping[Any, Floats], draws: Drawn, limits: Limits) -> bool:
    """Tell whether the draws so far pass: as `assess`, but ends at the first quantity that does not.

    Parameters
    ----------
    quantities : mapping to ndarray, shape (chain, draw)
        As `assess` takes them.
    """
    moving = ((name, values) for name, values in quantities.items() if np.any(values != 0))
    if any(_reasons_of_chains({name: _measure(values)}, limits) for name, values in moving):
        return False
    return not _reasons_of_divergences(draws.statistics["diverging"], draws.unconstrained, limits)


def rhat_of(values: Floats) -> float:
    """Return the R-hat of one quantity, shape (chain, draw); infinite where its draws are stuck."""
    from arviz_stats.base import array_stats

    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return math.inf
    return float(array_stats.rhat(values, chain_axis=0, draw_axis=1, method="rank"))


def _measure(values: Floats) -> tuple[float, float, float]:
    """Return R-hat, bulk and tail effective sample size of one quantity; no R-hat of draws that are stuck."""
    from arviz_stats.base import array_stats

    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return math.nan, 0.0, 0.0
    axes = {"chain_axis": 0, "draw_axis": 1}
    return (
        float(array_stats.rhat(values, method="rank", **axes)),
        float(array_stats.ess(values, method="bulk", **axes)),
        float(array_stats.ess(values, method="tail", prob=(0.025, 0.975), **axes)),
    )


def _reasons_of_chains(measured: Mapping[Any, tuple[float, float, float]], limits: Limits) -> list[Reason]:
    """Return what is wrong with agreement and number of draws."""
    stuck = [name for name, (rhat, _, _) in measured.items() if np.isnan(rhat)]
    reasons = [Reason("chains-stuck", quantity=name) for name in stuck[:1]]
    apart = {name: rhat for name, (rhat, _, _) in measured.items() if rhat > limits.rhat}
    if apart:
        name = max(apart, key=lambda key: apart[key])
        reasons.append(
            Reason("chains-disagree", quantity=name, rhat=apart[name], limit=limits.rhat, more=len(apart) - 1)
        )
    for place, kind in ((1, "bulk"), (2, "tail")):
        few = {name: values[place] for name, values in measured.items() if not values[place] >= limits.effective_draws}
        if few:
            name = min(few, key=lambda key: few[key])
            reasons.append(
                Reason(
                    "too-few-effective-draws", kind=kind, quantity=name, draws=few[name], needed=limits.effective_draws
                )
            )
    return reasons


def _reasons_of_divergences(diverging: NDArray[np.bool_], position: Floats, limits: Limits) -> list[Reason]:
    """Return what is wrong with divergences: too many, or all in one place."""
    count = int(diverging.sum())
    if count >= limits.divergent_share * diverging.size:
        one_in = 1 / limits.divergent_share
        return [Reason("too-many-divergences", divergent=count, draws=diverging.size, one_in=one_in)]
    if count >= limits.crowding_from and _crowded(diverging, position, limits.crowding):
        return [Reason("divergences-together", divergent=count)]
    return []


def _crowded(diverging: NDArray[np.bool_], position: Floats, level: float) -> bool:
    """Whether divergent draws differ from the others in any sampled value."""
    from scipy.stats import ks_2samp

    flat = position.reshape(-1, position.shape[-1])
    chosen = diverging.reshape(-1)
    values = [ks_2samp(flat[chosen, d], flat[~chosen, d]).pvalue for d in range(flat.shape[1])]
    return bool(min(values) * len(values) < level)
