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
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.posterior import LoglinearPosterior, expected_cells
from estimator.methods.loglinear.residual import with_residual
from estimator.seeds import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CELL_DRAWS = 8_000_000


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
    return PopulationDraws(registered, unseen, implied, expected, settings is None or settings.has_mean)


def _numbered(parts: Iterator[Floats]) -> Iterator[tuple[int, Floats]]:
    """Yield arrays with the place of their first draw among all."""
    place = 0
    for part in parts:
        yield place, part
        place += len(part)


def _draw(
    design: Design, cells: Floats, residual: Floats | None, rng: np.random.Generator
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return registered, unseen, expected unseen and implied unseen people per stratum, shape (draws, S) each."""
    observed = design.observed
    n_draws, n_strata, n_histories = cells.shape
    exact = observed.counts.sum(axis=1).astype(np.int64)  # people whose stratum and history are known
    registered = np.broadcast_to(exact, (n_draws, n_strata)).copy()
    stratum = np.repeat(np.arange(n_strata), n_histories)
    place_people(registered, observed, cells.reshape(n_draws, -1), stratum, rng)
    if observed.uncounted.any():  # people whom a list saw, but whose number nobody gives
        registered += rng.poisson(np.where(observed.uncounted, cells, 0.0).sum(axis=2))
    implied = np.where(observed.unseen, cells, 0.0).sum(axis=2)
    expected = implied if residual is None else with_residual(implied, residual)
    return registered, rng.poisson(expected), expected, implied


def predictive_p(posterior: LoglinearPosterior, seed: int) -> float:
    """Return how often a table simulated from the model fits it worse than the observed one.

    Returns
    -------
    float
        Between 0 and 1; 1 when no count is exactly known by itself. Misfit is the Freeman-Tukey sum of
        ``(sqrt(count) - sqrt(expected))**2`` over single cells that are exactly known, at the same draws of the
        parameters for both tables; at most so many draws are used that it takes a second.

    Notes
    -----
    Reads as: near 0, the observed table is further from the model than its own simulations are; then something that
    the model takes for granted is not so. It is conservative: a model that fits seldom gives extreme values.

    References
    ----------
    Freeman & Tukey (1950), Annals of Mathematical Statistics 21:607: a measure of misfit that bears empty cells.
    Gelman, Meng & Stern (1996), Statistica Sinica 6:733: posterior predictive assessment.
    """
    observed = posterior.design.observed
    known = (observed.exposure > 0) & (observed.possible > 0)
    known.reshape(-1)[observed.sum_cell] = False
    if not known.any():
        return 1.0
    rng = stream(seed, "predictive-p")
    counts, worse, total = np.sqrt(observed.counts[known]), 0, 0
    for cells in expected_cells(posterior):
        expected = cells[:, known]
        simulated = np.sqrt(rng.poisson(expected))
        root = np.sqrt(expected)
        worse += int((((simulated - root) ** 2).sum(axis=1) >= ((counts - root) ** 2).sum(axis=1)).sum())
        total += len(expected)
        if total * known.sum() > _CELL_DRAWS:
            break
    return worse / total
