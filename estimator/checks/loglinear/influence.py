"""How the total would change without single observed numbers: importance weights, and refits where these do not serve.

References
----------
Vehtari, Gelman & Gabry (2017), Statistics and Computing 27:1413, doi 10.1007/s11222-016-9696-4: leave-one-out by Pareto
smoothed importance sampling. Peruggia (1997), Journal of the American Statistical Association 92:199: weights
``1 / p(y | theta)`` as a measure of influence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.checks.loglinear.cases import Case, fit_cases, seconds_of_refit
from estimator.checks.loglinear.completed import some_draws
from estimator.checks.loglinear.pointwise import Block, blocks_of, log_likelihoods
from estimator.methods.door import QUICK, Listener
from estimator.methods.weights import Weights, smoothed
from estimator.population.estimate import Estimate
from estimator.reasons import Reason
from estimator.seeds import seed_of
from estimator.study.questions import TOTAL

Floats = NDArray[np.float64]

_CELL_DRAWS = 12_000_000
_FEWEST_DRAWS = 500
_EVEN = 0.05
_REFIT_FROM = 0.5
"""From this Pareto k a number is left out by fitting again, if there is room: what weights say of it is biased."""


@dataclass(frozen=True)
class Influence:
    """What one observed number does to the total.

    Parameters
    ----------
    name : Reason
        Whom it counts.
    people : int
        How many; the lower bound where it is not exact.
    elpd : float
        Log probability of the number, predicted from all others.
    pareto_k : float
        Reads as: below 0.7 the weights serve.
    median : float
        Of the population size without this number, its people still registered.
    shift : float
        Log of that median over the median with it, in posterior standard deviations of log N.
    reliable : bool
        Whether weights serve, or the model was fitted again without the number.
    """

    name: Reason
    people: int
    elpd: float
    pareto_k: float
    median: float
    shift: float
    reliable: bool
    refitted: bool = False


@dataclass(frozen=True, eq=False)
class Influences:
    """What every observed number does to the total.

    Parameters
    ----------
    each : tuple of Influence
        Those that move the total most first.
    median, spread : float
        Of the population size, and half the width of the 68 % interval of its log.
    lpd : float
        Sum of the log probabilities of all numbers with themselves among the data.
    """

    each: tuple[Influence, ...]
    median: float
    spread: float
    lpd: float

    @property
    def elpd(self) -> float:
        """Expected log predictive density, leave-one-out."""
        return float(sum(influence.elpd for influence in self.each))


def influences(
    estimate: Estimate, *, most_refits: int, workers: int, seed: int | None = None, listener: Listener | None = None
) -> Influences:
    """Return what every observed number does to the total.

    Parameters
    ----------
    most_refits : int
        At most this many numbers are left out by fitting again: first those for which weights do not serve, then those
        for which they serve poorly, each by how far they appear to move the total.
    seed : int, optional
        Of refits; by default that of the estimate.
    """
    seed = estimate.posterior.seed if seed is None else seed
    blocks = blocks_of(estimate.study.table)
    posterior = some_draws(estimate.posterior.details, max(_FEWEST_DRAWS, _CELL_DRAWS // len(blocks)))
    values = log_likelihoods(estimate.study.table, posterior, blocks)
    sizes = _same_draws(estimate.group_draws[TOTAL].size, len(values))
    order, median, spread = np.argsort(sizes), float(np.median(sizes)), spread_of(sizes)
    sizes, values = sizes[order], values[order]
    each = [_influence(estimate, block, values[:, b], sizes, spread) for b, block in enumerate(blocks)]
    chosen = _worth_refitting(each)[:most_refits]
    each = _refitted(estimate, blocks, each, spread, chosen, seed=seed, workers=workers, listener=listener)
    lpd = float((np.logaddexp.reduce(values, axis=0) - np.log(len(values))).sum())
    return Influences(tuple(sorted(each, key=lambda influence: -abs(influence.shift))), median, spread, lpd)


def spread_of(sizes: Floats) -> float:
    """Return half the width of the 68 % interval of log N: the standard deviation, were it normal."""
    lower, upper = np.quantile(np.log(np.maximum(sizes, 1.0)), [0.16, 0.84])
    return max(float(upper - lower) / 2, 1e-12)


def _same_draws(sizes: Floats, number: int) -> Floats:
    """Return the draws of N that `some_draws` takes."""
    chosen = np.unique(np.linspace(0, sizes.size - 1, number).astype(np.int64))
    return sizes.reshape(-1)[chosen]


def _influence(estimate: Estimate, block: Block, values: Floats, sizes: Floats, spread: float) -> Influence:
    """Return what a number does to the total, by weights; `sizes` in ascending order."""
    weights = _weights(values)
    log_weight = np.log(np.maximum(weights.values, 1e-300))
    median = float(np.interp(0.5, np.cumsum(weights.values) - 0.5 * weights.values, sizes))
    return Influence(
        name=name_of(estimate, block),
        people=int(estimate.study.table.lower[list(block.numbers)].sum()),
        elpd=float(np.logaddexp.reduce(log_weight + values)),
        pareto_k=weights.pareto_k,
        median=median,
        shift=float(np.log(median / np.interp(0.5, (np.arange(len(sizes)) + 0.5) / len(sizes), sizes))) / spread,
        reliable=weights.reliable,
    )


def _weights(values: Floats) -> Weights:
    """Return weights that leave out a number of these log probabilities; nearly equal ones need no smoothing."""
    if np.ptp(values) > _EVEN:
        return smoothed(-values)
    plain = np.exp(values.min() - values)
    return Weights(plain / plain.sum(), -np.inf)


def _worth_refitting(each: Sequence[Influence]) -> list[int]:
    """Return the numbers for which weights do not serve or serve poorly, in the order in which refits are spent."""
    doubtful = [b for b, influence in enumerate(each) if influence.pareto_k > _REFIT_FROM]
    return sorted(doubtful, key=lambda b: (each[b].reliable, -abs(each[b].shift)))


def _refitted(
    estimate: Estimate,
    blocks: Sequence[Block],
    each: list[Influence],
    spread: float,
    chosen: Sequence[int],
    *,
    seed: int,
    workers: int,
    listener: Listener | None,
) -> list[Influence]:
    """Fit the model again without each of some numbers."""
    if not chosen:
        return each
    if listener is not None:
        listener.stage(Reason("doing-without-numbers", number=len(chosen)))
    cases = [_case(estimate, blocks[b], b, seed) for b in chosen]
    seconds = seconds_of_refit(estimate.posterior.settings, estimate.posterior.seconds)
    results = fit_cases(cases, workers=workers, seconds=seconds, listener=listener)
    total = estimate.group_draws[TOTAL]
    registered, median = float(np.median(total.registered)), float(np.median(total.size))
    for b, case in zip(chosen, cases, strict=True):
        result = results[case.key]
        if isinstance(result, str):
            continue
        without = registered + result.groups[TOTAL].unseen[0.5]
        shift = float(np.log(without / median)) / spread
        elpd = each[b].elpd if result.log_p_left_out is None else result.log_p_left_out
        each[b] = replace(each[b], elpd=elpd, median=without, shift=shift, reliable=True, refitted=True)
    return each


def _case(estimate: Estimate, block: Block, place: int, seed: int) -> Case:
    """Return the refit without a number."""
    sampler = replace(QUICK, seed=seed_of(seed, "refit-without-number", place))
    return Case(f"without {place}", estimate.study, estimate.priors, sampler, left_out=block.numbers)


def name_of(estimate: Estimate, block: Block) -> Reason:
    """Return whom a block of numbers counts: "the 12 people on K and P alone (2014, female)"."""
    table = estimate.study.table
    numbers = list(block.numbers)
    recorded = table.recorded.reshape(-1)[block.cells]
    lists = [name for i, name in enumerate(table.lists) if (recorded[0] >> (table.n_lists - 1 - i)) & 1]
    strata = np.unique(block.cells // table.n_histories)
    lower, upper = table.lower[numbers], table.upper[numbers]
    return Reason(
        "number-of-table",
        people=int(lower.sum()),
        known="none" if not upper.any() else "exactly" if (lower == upper).all() else "at-least",
        lists=tuple(lists) if (recorded == recorded[0]).all() else (),
        alone=len(lists) < table.n_lists,
        stratum=tuple(table.strata[strata[0]].values()) if len(strata) == 1 else (),
        strata=len(strata),
    )
