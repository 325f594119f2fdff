"""The model of some strata of a table alone: the same lists, terms and coefficients, without the other strata."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.design import Design, Effects, Ints, Observed

Bools = NDArray[np.bool_]


def part_of(design: Design, strata: Bools) -> Design:
    """Return the design of some strata.

    Parameters
    ----------
    strata : ndarray of bool, shape (S,)
        At least one; every number that covers a cell of the others must be of them alone.

    Returns
    -------
    Design
        With the same columns, so that prior settings made for the whole serve the part; some may say the same there.
    """
    changes = replace(design.changes, matrix=design.changes.matrix[strata])
    return replace(
        design,
        strata=tuple(name for name, kept in zip(design.strata, strata, strict=True) if kept),
        composition=_rows(design.composition, strata),
        heterogeneity=_rows(design.heterogeneity, strata),
        changes=changes,
        observed=_observed(design.observed, strata),
        errors=design.errors.of_strata(strata),
        unknown=design.unknown.of_part(_ranges_in(design.observed, strata)),
    )


def _rows(effects: Effects, strata: Bools) -> Effects:
    return replace(effects, matrix=effects.matrix[strata], tensor=None)


def _ranges_in(observed: Observed, strata: Bools) -> Bools:
    """Return which numbers within bounds are of the part."""
    kept = np.repeat(strata, observed.counts.shape[1])
    return _kept(observed.range_start, observed.range_cell, np.where(kept, 0, -1))[0]


def _observed(observed: Observed, strata: Bools) -> Observed:
    """Return the numbers of some strata, with their cells numbered anew."""
    n_histories = observed.counts.shape[1]
    kept = np.repeat(strata, n_histories)
    place = np.where(kept, np.cumsum(kept) - 1, -1)
    sums = _kept(observed.sum_start, observed.sum_cell, place)
    ranges = _kept(observed.range_start, observed.range_cell, place)
    return Observed(
        counts=observed.counts[strata],
        exposure=observed.exposure[strata],
        possible=observed.possible[strata],
        sum_count=observed.sum_count[sums[0]],
        sum_start=sums[1],
        sum_cell=sums[2],
        range_lower=observed.range_lower[ranges[0]],
        range_upper=observed.range_upper[ranges[0]],
        range_start=ranges[1],
        range_cell=ranges[2],
        on_a_list=observed.on_a_list[strata],
    )


def _kept(start: Ints, cell: Ints, place: Ints) -> tuple[Bools, Ints, Ints]:
    """Return which numbers are of the part, and their starts and cells in it."""
    new, owner = place[cell], np.repeat(np.arange(len(start) - 1), np.diff(start))
    inside = np.bincount(owner[new >= 0], minlength=len(start) - 1)
    whole = inside == np.diff(start)
    if (inside[~whole] > 0).any():
        raise ValueError("a number covers cells of the part and of other strata")
    length = np.diff(start)[whole]
    return whole, np.concatenate([[0], np.cumsum(length)]).astype(np.int64), new[whole[owner]]
