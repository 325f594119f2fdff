"""From draws of the parameters to draws of people: the size of the population, stratum by stratum.

The population of a stratum is whoever was registered there plus whoever was not. The second part is Poisson around its
expectation; the first is known where counts are exact, and drawn, given the parameters, where a count is known only for
several strata together or within bounds. Groups are sums of strata of the same draws, so they always add up.
Residual dependence, where a prior states any, multiplies the expected dark figure of all strata of a draw alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import PopulationDraws
from estimator.methods.loglinear.design import Design, Observed
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.methods.loglinear.residual import with_residual
from estimator.seeds import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CELLS_AT_A_TIME = 4_000_000


def population_draws(posterior: LoglinearPosterior, seed: int) -> PopulationDraws:
    """Draw the population of every stratum, one for each draw of the parameters."""
    rng = stream(seed, "people")
    values, settings = posterior.values, posterior.settings.residual
    lead = values["log_ratio"].shape
    residual = values["residual"].reshape(-1) if settings is not None else None
    parts = [
        _draw(posterior.design, cells, None if residual is None else residual[at : at + len(cells)], rng)
        for at, cells in _numbered(expected_cells(posterior))
    ]
    registered, unseen, expected, implied = (
        np.concatenate(part).reshape(*lead, -1) for part in zip(*parts, strict=True)
    )
    if settings is None:
        return PopulationDraws(registered, unseen, expected)
    return PopulationDraws(registered, unseen, expected, implied, settings.has_mean)


def _numbered(parts: Iterator[Floats]) -> Iterator[tuple[int, Floats]]:
    """Yield arrays with the place of their first draw among all."""
    place = 0
    for part in parts:
        yield place, part
        place += len(part)


def expected_cells(posterior: LoglinearPosterior) -> Iterator[Floats]:
    """Return the expected number of people in every cell, some draws at a time, as the log-linear model has them.

    Yields
    ------
    ndarray, shape (some draws, S, H)
        Persons; chains one after the other. Residual dependence, which concerns people on no list only, is not in them.
    """
    design = posterior.design
    n_strata, n_lists = len(design.strata), len(design.lists)
    log_unseen = posterior.log_unseen.reshape(-1, n_strata)
    alpha = posterior.stratum_coverage
    alpha = np.broadcast_to(alpha, (*alpha.shape[:2], n_strata, n_lists)).reshape(-1, n_strata, n_lists)
    joint = posterior.terms.reshape(len(log_unseen), -1) @ design.term_of_history.T
    step = max(1, _CELLS_AT_A_TIME // design.observed.counts.size)
    for start in range(0, len(log_unseen), step):
        some = slice(start, start + step)
        log_cells = log_unseen[some, :, None] + alpha[some] @ design.member.T + joint[some, None, :]
        yield np.exp(log_cells) * design.observed.possible


def _draw(
    design: Design, cells: Floats, residual: Floats | None, rng: np.random.Generator
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return registered, unseen, expected unseen and implied unseen people per stratum, shape (draws, S) each."""
    observed = design.observed
    n_draws, n_strata, n_histories = cells.shape
    registered = np.broadcast_to(_exact(observed).astype(np.int64), (n_draws, n_strata)).copy()
    flat = cells.reshape(n_draws, -1)
    for j, count in enumerate(observed.sum_count):
        cover = observed.sum_cell[observed.sum_start[j] : observed.sum_start[j + 1]]
        _allocate(registered, np.full(n_draws, int(count)), flat[:, cover], cover // n_histories, rng)
    for j, lower in enumerate(observed.range_lower):
        cover = observed.range_cell[observed.range_start[j] : observed.range_start[j + 1]]
        counts = truncated_poisson(flat[:, cover].sum(axis=1), int(lower), int(observed.range_upper[j]), rng)
        _allocate(registered, counts, flat[:, cover], cover // n_histories, rng)
    if observed.uncounted.any():  # people whom a list saw, but whose number nobody gives
        registered += rng.poisson(np.where(observed.uncounted, cells, 0.0).sum(axis=2))
    implied = np.where(observed.unseen, cells, 0.0).sum(axis=2)
    expected = implied if residual is None else with_residual(implied, residual)
    return registered, rng.poisson(expected), expected, implied


def _exact(observed: Observed) -> Floats:
    """Return the people whose stratum and history are exactly known, per stratum."""
    return np.asarray(observed.counts.sum(axis=1))


def _allocate(registered: Ints, counts: Ints, cells: Floats, strata: Ints, rng: np.random.Generator) -> None:
    """Add each draw's people to strata, in proportion to the expected cells that their number covers."""
    if (strata == strata[0]).all():
        registered[:, strata[0]] += counts
        return
    shares = cells / cells.sum(axis=1, keepdims=True)
    for column, people in enumerate(rng.multinomial(counts, shares).T):
        registered[:, strata[column]] += people


def truncated_poisson(mean: Floats, lower: int, upper: int, rng: np.random.Generator) -> Ints:
    """Draw Poisson counts, given that they lie between two bounds.

    Parameters
    ----------
    mean : ndarray, shape (n,)
    lower, upper : int
        Both included; `UNBOUNDED` for no upper bound.

    Returns
    -------
    ndarray of int, shape (n,)
        By inversion over all counts that have a noticeable probability: those within twelve standard deviations of the
        likeliest one inside the bounds.
    """
    uniform = rng.random(len(mean))
    likeliest = np.clip(np.floor(mean), lower, upper).astype(np.int64)
    half = int(12 * np.sqrt(likeliest.max(initial=0))) + 60
    step = max(1, _CELLS_AT_A_TIME // (2 * half + 1))
    parts = [slice(start, start + step) for start in range(0, len(mean), step)]
    chosen = [_inverted(uniform[part], mean[part], likeliest[part], half, (lower, upper)) for part in parts]
    return np.concatenate([np.zeros(0, dtype=np.int64), *chosen])


def _inverted(uniform: Floats, mean: Floats, likeliest: Ints, half: int, bounds: tuple[int, int]) -> Ints:
    """Return the quantiles of Poisson distributions within bounds, looked for as far as `half` from the likeliest."""
    counts = likeliest[:, None] + np.arange(-half, half + 1)
    log_weight = counts * np.log(mean)[:, None] - _log_factorial(np.maximum(counts, 0))
    log_weight[(counts < bounds[0]) | (counts > bounds[1])] = -np.inf
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True)).cumsum(axis=1)
    place = (weight <= (uniform * weight[:, -1])[:, None]).sum(axis=1)
    return np.asarray(np.take_along_axis(counts, place[:, None], axis=1)[:, 0], dtype=np.int64)


def _log_factorial(counts: Ints) -> Floats:
    """Return log k!."""
    from scipy.special import gammaln

    return np.asarray(gammaln(counts + 1.0))
