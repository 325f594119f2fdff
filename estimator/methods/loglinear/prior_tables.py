"""Tables that a prior expects: people in every cell, drawn before any count is looked at, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.level_draws import drawn_residual
from estimator.methods.loglinear.parameters import PriorSettings, parameters_of, read_vector
from estimator.methods.loglinear.residual import TABLES, factors_of_strata, strata_draws

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]

_CELLS_AT_A_TIME = 2_000_000
_LARGEST_LOG = 300.0  # a prior with long tails may expect more people than numbers can hold
_NO_NOISE_FROM = 1e12  # where Poisson noise no longer shows


@dataclass(frozen=True, eq=False)
class Tally:
    """What the drawn tables of one population group add up to; persons.

    Parameters
    ----------
    unseen, registered, two_or_more : ndarray, shape (n,)
        People on no list (or in cells that nobody observed), on any list, and on at least two.
    lists : ndarray, shape (n, L)
        People on each list.
    overlaps : ndarray, shape (n, n_pairs)
        People on both lists of each of `overlapping_pairs`.
    """

    unseen: Floats
    registered: Floats
    two_or_more: Floats
    lists: Floats
    overlaps: Floats

    @property
    def everybody(self) -> Floats:
        """The population, shape (n,)."""
        return self.unseen + self.registered

    def __truediv__(self, years: float) -> Tally:
        parts = (self.unseen, self.registered, self.two_or_more, self.lists, self.overlaps)
        return Tally(*(part / years for part in parts))


def prior_residual_of_strata(design: Design, settings: PriorSettings, positions: Floats, seed: int) -> Floats | None:
    """Draw what is particular to each stratum; as `prior_residual`.

    Returns
    -------
    ndarray, shape (n, S), or None
        None where the priors say nothing of it.
    """
    if settings.residual is None:
        return None
    values = read_vector(parameters_of(design, settings), positions)
    return strata_draws(settings.residual, values, design.levels, seed, TABLES)


def prior_residual(design: Design, settings: PriorSettings, positions: Floats, seed: int) -> Floats | None:
    """Draw the residual dependence that goes with draws of the parameters.

    Parameters
    ----------
    positions : ndarray, shape (n, D)
        Drawn from the prior.

    Returns
    -------
    ndarray, shape (n,), or None
        Log of the true over the implied dark figure; None where the priors have none.
    """
    values = read_vector(parameters_of(design, settings), positions)
    return drawn_residual(design, settings, values, seed, TABLES).get("residual")


def prior_tables(
    design: Design,
    settings: PriorSettings,
    positions: Floats,
    rng: np.random.Generator,
    residual: Floats | None = None,
    strata: Floats | None = None,
) -> Iterator[Floats]:
    """Draw the number of people in every cell, one table for each draw of the parameters.

    Parameters
    ----------
    positions : ndarray, shape (n, D)
        Drawn from the prior.
    residual : ndarray, shape (n,), optional
        From `prior_residual`.
    strata : ndarray, shape (n, S), optional
        From `prior_residual_of_strata`.

    Yields
    ------
    ndarray, shape (some draws, S, H)
        Poisson around the expected numbers; nobody in structural zeros.
    """
    possible = design.observed.possible
    step = max(1, _CELLS_AT_A_TIME // possible.size)
    for start in range(0, len(positions), step):
        logs = log_cells(design, settings, positions[start : start + step])
        if residual is not None:
            logs += np.where(design.observed.unseen, residual[start : start + step, None, None], 0.0)
        expected = np.exp(np.minimum(logs, _LARGEST_LOG))
        expected *= possible
        if strata is not None:
            implied = np.where(design.observed.unseen, expected, 0.0).sum(axis=2)
            factor = factors_of_strata(implied, strata[start : start + step])
            expected = np.where(design.observed.unseen, expected * factor[..., None], expected)
        noisy = expected < _NO_NOISE_FROM
        yield np.where(noisy, rng.poisson(np.where(noisy, expected, 0.0)), expected)


def overlapping_pairs(table: CaptureTable) -> list[tuple[int, int]]:
    """Return the pairs of lists, by position, that can have people in common."""
    member = membership(table.n_lists)
    possible = table.possible.any(axis=0)
    pairs = combinations(range(table.n_lists), 2)
    return [pair for pair in pairs if (member[:, list(pair)].all(axis=1) & possible).any()]


def tally(table: CaptureTable, drawn: Iterator[Floats], groups: Sequence[Chosen]) -> list[Tally]:
    """Add up drawn tables, for several population groups at once.

    Parameters
    ----------
    table : CaptureTable
        Says which cells are observed and how they are written down.
    drawn : iterator of ndarray, shape (some draws, S, H)
        People in every cell.
    groups : sequence of ndarray of bool, shape (S,)
        Strata of each group.

    Returns
    -------
    list of Tally
        One for each group.
    """
    columns = _columns(table)
    parts: list[list[tuple[Floats, Floats]]] = [[] for _ in groups]
    for people in drawn:
        unseen = np.where(table.covered, 0.0, people).sum(axis=2)
        for strata, tallied in zip(groups, parts, strict=True):
            seen = _by_recorded_history(table, people, strata)
            tallied.append((unseen[:, strata].sum(axis=1), seen @ columns))
    return [_joined(tallied, table.n_lists) for tallied in parts]


def _columns(table: CaptureTable) -> Floats:
    """Return by which histories people are registered, on two or more lists, on each list and pair, shape (H, ...)."""
    member = membership(table.n_lists)
    pairs = [member[:, list(pair)].all(axis=1) for pair in overlapping_pairs(table)]
    times = member.sum(axis=1)
    return np.stack([times >= 1, times >= 2, *member.T, *pairs], axis=1).astype(np.float64)


def _by_recorded_history(table: CaptureTable, people: Floats, strata: Chosen) -> Floats:
    """Return registered people of some strata by the history that the lists wrote down, shape (n, H)."""
    seen = np.where(table.covered[strata], people[:, strata], 0.0)
    if table.running.all():
        return np.asarray(seen.sum(axis=1))
    total = np.zeros((people.shape[2], people.shape[0]))
    for index, recorded in enumerate(table.recorded[strata]):
        np.add.at(total, recorded, seen[:, index].T)
    return total.T


def _joined(parts: Sequence[tuple[Floats, Floats]], n_lists: int) -> Tally:
    """Return all draws of one group."""
    unseen, rest = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Tally(unseen, rest[:, 0], rest[:, 1], rest[:, 2 : 2 + n_lists], rest[:, 2 + n_lists :])
