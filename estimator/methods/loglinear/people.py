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
from estimator.methods.loglinear.allocation import place_people
from estimator.methods.loglinear.design import Design, Observed
from estimator.methods.loglinear.entries import entries_at, people_behind
from estimator.methods.loglinear.large_arrays import is_large
from estimator.methods.loglinear.posterior import LoglinearPosterior, expected_cells, range_shares
from estimator.methods.loglinear.residual import with_residual
from estimator.seeds import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def population_draws(posterior: LoglinearPosterior, seed: int) -> PopulationDraws:
    """Draw the population of every stratum, one for each draw of the parameters."""
    rng = stream(seed, "people")
    values, settings = posterior.values, posterior.settings.residual
    lead = values["log_ratio"].shape
    residual = values["residual"].reshape(-1) if settings is not None else None
    strata = values.get("residual_of_strata")
    of_strata = None if strata is None else strata.reshape(-1, strata.shape[-1])
    if is_large(posterior.design) and _is_exact(posterior.design.observed):
        implied = implied_alone(posterior).implied_unseen
        expected = implied
        if residual is not None:
            expected = with_residual(implied.reshape(len(residual), -1), residual, of_strata)
        expected = expected.reshape(implied.shape)
        exact = posterior.design.observed.counts.sum(axis=1).astype(np.int64)
        registered = np.broadcast_to(exact, implied.shape).copy()
        has_mean = settings is None or settings.has_mean
        return PopulationDraws(registered, rng.poisson(expected), implied, expected, has_mean)
    has_errors = bool(posterior.design.errors.names)
    parts = [
        _draw(
            posterior.design,
            cells,
            None if residual is None else residual[at : at + len(cells)],
            None if of_strata is None else of_strata[at : at + len(cells)],
            rng,
            entries_at(posterior, cells, at) if has_errors else None,
            range_shares(posterior, at, len(cells)),
        )
        for at, cells in _numbered(expected_cells(posterior))
    ]
    registered, unseen, expected, implied = (
        np.concatenate(part).reshape(*lead, -1) for part in zip(*parts, strict=True)
    )
    return PopulationDraws(registered, unseen, implied, expected, settings is None or settings.has_mean)


def implied_alone(posterior: LoglinearPosterior) -> PopulationDraws:
    """Return the dark figure that the model implies in every stratum, and nobody drawn: for a quick look at chains."""
    lead = posterior.values["log_ratio"].shape
    observed = posterior.design.observed
    if observed.unseen[:, 1:].any():  # a list did not run somewhere, so that people of other histories are unseen too
        parts = [np.where(observed.unseen, cells, 0.0).sum(axis=2) for cells in expected_cells(posterior)]
        implied = np.concatenate(parts).reshape(*lead, -1)
    else:
        implied = np.where(observed.unseen[:, 0], np.exp(posterior.log_unseen), 0.0)
    nobody = np.broadcast_to(np.int64(0), implied.shape)
    return PopulationDraws(nobody, nobody, implied)


def _is_exact(observed: Observed) -> bool:
    """Tell whether every registered person's cell is known, so that nobody is to be placed."""
    return not (len(observed.sum_count) or len(observed.range_lower) or observed.uncounted.any())


def _numbered(parts: Iterator[Floats]) -> Iterator[tuple[int, Floats]]:
    """Yield arrays with the place of their first draw among all."""
    place = 0
    for part in parts:
        yield place, part
        place += len(part)


def _draw(
    design: Design,
    cells: Floats,
    residual: Floats | None,
    strata: Floats | None,
    rng: np.random.Generator,
    made: Floats | None = None,
    shares: Floats | None = None,
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return registered, unseen, expected unseen and implied unseen people per stratum, shape (draws, S) each."""
    observed = design.observed
    if made is None:
        registered = _registered(observed, cells, rng, shares)
    else:
        registered = _registered_behind(observed, made, rng, shares)
    implied = np.where(observed.unseen, cells, 0.0).sum(axis=2)
    expected = implied if residual is None else with_residual(implied, residual, strata)
    return registered, rng.poisson(expected), expected, implied


def _registered(observed: Observed, cells: Floats, rng: np.random.Generator, shares: Floats | None) -> Ints:
    """Return registered people per stratum, shape (draws, S)."""
    n_draws, n_strata, n_histories = cells.shape
    exact = observed.counts.sum(axis=1).astype(np.int64)  # people whose stratum and history are known
    registered = np.broadcast_to(exact, (n_draws, n_strata)).copy()
    stratum = np.repeat(np.arange(n_strata), n_histories)
    place_people(registered, observed, cells.reshape(n_draws, -1), stratum, rng, shares)
    if observed.uncounted.any():  # people whom a list saw, but whose number nobody gives
        registered += rng.poisson(np.where(observed.uncounted, cells, 0.0).sum(axis=2))
    return registered


def _registered_behind(observed: Observed, made: Floats, rng: np.random.Generator, shares: Floats | None) -> Ints:
    """Return the people behind the entries of registers with declared errors, shape (draws, S)."""
    entries = made[0]
    flat = entries.reshape(len(entries), -1)
    counts = np.tile(observed.counts.reshape(-1).astype(np.int64), (len(entries), 1))
    place_people(counts, observed, flat, np.arange(flat.shape[1]), rng, shares)
    counts = counts.reshape(entries.shape)
    if observed.uncounted.any():
        counts += rng.poisson(np.where(observed.uncounted, entries, 0.0))
    return np.asarray(people_behind(counts, made, rng).sum(axis=2))
