"""Whether the model describes a table: the observed one beside tables that the model simulates, at the same draws.

Exact counts are compared as they are. Numbers that are known only for several cells together, or within bounds, are
compared as far as they are known: the cells are put together into parts that no number divides, and the people of each
part are drawn, given the parameters, from all that agree with the table. Under the model such a completed table is one
more draw from it, so that the comparison is fair whatever is missing; what is missing can hide a misfit and cannot make
one.

References
----------
Freeman & Tukey (1950), Annals of Mathematical Statistics 21:607: a measure of misfit that bears empty cells.
Gelman, Meng & Stern (1996), Statistica Sinica 6:733: posterior predictive assessment.
Gelman, Van Mechelen, Verbeke, Heitjan & Meulders (2005), Biometrics 61:74, doi 10.1111/j.0006-341X.2005.031010.x:
completed-data checks.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import UNBOUNDED
from estimator.methods.loglinear.allocation import place_people
from estimator.methods.loglinear.design import Observed
from estimator.methods.loglinear.entries import expected_entries
from estimator.methods.loglinear.posterior import LoglinearPosterior, range_shares
from estimator.seeds import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CELL_DRAWS = 8_000_000

_NOISE = 4.0
"""Bounds this many standard deviations apart, of a Poisson count in their middle, hold 95 % of its draws."""


def predictive_p(posterior: LoglinearPosterior, seed: int) -> float | None:
    """Return how often a table simulated from the model fits it worse than the observed one.

    Returns
    -------
    float or None
        Between 0 and 1; None where no number can tell (`fit_can_be_checked`). Misfit is the Freeman-Tukey sum of
        ``(sqrt(count) - sqrt(expected))**2`` over the parts of the table (`parts_of`), at the same draws of the
        parameters for both tables; no more draws are used than take a second.

    Notes
    -----
    Reads as: near 0, the observed table is further from the model than its own simulations are; then something that
    the model takes for granted is not so. It is conservative: a model that fits seldom gives extreme values, and the
    more so the less is known of the counts.
    """
    observed = posterior.design.observed
    if not fit_can_be_checked(observed):
        return None
    part = parts_of(observed)
    order = np.argsort(part, kind="stable")[np.count_nonzero(part < 0) :]
    start = np.flatnonzero(np.diff(part[order], prepend=-1))
    rng, placing = stream(seed, "predictive-p"), stream(seed, "predictive-placing")
    known = np.add.reduceat(observed.counts.reshape(-1)[order], start)
    worse = total = 0
    for cells in expected_entries(posterior):
        flat = cells.reshape(len(cells), -1)
        expected = np.add.reduceat(flat[:, order], start, axis=1)
        counts = np.tile(known, (len(cells), 1))
        place_people(counts, observed, flat, part, placing, range_shares(posterior, total, len(cells)))
        root = np.sqrt(expected)
        simulated = np.sqrt(rng.poisson(expected))
        worse += int((((simulated - root) ** 2).sum(axis=1) >= ((np.sqrt(counts) - root) ** 2).sum(axis=1)).sum())
        total += len(expected)
        if total * len(start) > _CELL_DRAWS:
            break
    return worse / total


def parts_of(observed: Observed) -> Ints:
    """Return the part of the table to which each cell belongs, shape (S * H,); -1 for cells that no number counts.

    Returns
    -------
    ndarray of int
        A cell in which people are counted by name is a part of its own, and so is one that only its own number covers.
        Other cells are put together when the same numbers cover them, so that none divides them: then those numbers
        themselves are compared, and not what the model would make of them. Parts are numbered by their first cells.
    """
    covers: dict[int, list[int]] = defaultdict(list)
    for number, cell in _covers(observed.sum_start, observed.sum_cell):
        covers[cell].append(number)
    for number, cell in _covers(observed.range_start, observed.range_cell):
        covers[cell].append(~number)
    counts = observed.counts.reshape(-1)
    exact = ((observed.exposure > 0) & (observed.possible > 0)).reshape(-1)
    label: dict[tuple[int, ...] | int, int] = {}
    part = np.full(counts.size, -1, dtype=np.int64)
    for cell in sorted({*np.flatnonzero(exact).tolist(), *covers}):
        key: tuple[int, ...] | int = cell if counts[cell] or cell not in covers else tuple(covers[cell])
        part[cell] = label.setdefault(key, len(label))
    return part


def _covers(start: Ints, cell: Ints) -> list[tuple[int, int]]:
    """Return each number with each cell that it covers."""
    return list(zip(np.repeat(np.arange(len(start) - 1), np.diff(start)).tolist(), cell.tolist(), strict=True))


def fit_can_be_checked(observed: Observed) -> bool:
    """Return whether any number could contradict the model.

    Returns
    -------
    bool
        False where every number is known only within bounds, and those are so wide that they hold 95 % of the draws of
        a Poisson count in their middle: then a table that is completed as the model would complete it agrees with
        nearly any model.
    """
    exact = observed.exposure.reshape(-1) > 0
    exact[observed.range_cell] = False
    if exact.any() or len(observed.sum_count):
        return True
    bounded = observed.range_upper != UNBOUNDED
    lower, upper = (bound[bounded].astype(np.float64) for bound in (observed.range_lower, observed.range_upper))
    return bool((upper - lower < _NOISE * np.sqrt((lower + upper) / 2)).any())
