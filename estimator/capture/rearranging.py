"""Parts of a capture table, and the table with other lists: nothing is guessed, and nobody is counted twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from estimator.capture.cells import CountedCells, coordinates_of, recorded_histories
from estimator.capture.declaration import Covariate, Where
from estimator.capture.histories import UNSEEN, list_bits, membership
from estimator.capture.observations import (
    IGNORED,
    VANISHED,
    BoolArray,
    IntArray,
    Observations,
    canonical,
    concatenate,
    from_pairs,
    remap,
    take,
    unbounded,
)
from estimator.capture.roads import by_road_or_apart
from estimator.capture.tallies import Registered, total
from estimator.errors import Fault, InputError, did_you_mean

Table = TypeVar("Table", bound=CountedCells)
"""A capture table; what is made of it is one of the same kind."""


def select(table: Table, where: Where) -> Table:
    """Return the part of a table with the named levels; see `CaptureTable.select`."""
    chosen = table.strata_where(where)
    kept = {name: set(levels) for name, levels in where.items()}
    covariates = tuple(
        replace(covariate, levels=tuple(level for level in covariate.levels if level in kept[covariate.name]))
        if covariate.name in where
        else covariate
        for covariate in table.covariates
    )
    return _part(table, np.flatnonzero(chosen).astype(np.int64), covariates)


def by(table: Table, covariate: str) -> dict[str, Table]:
    """Return one table for each level of a covariate; see `CaptureTable.by`."""
    names = [other.name for other in table.covariates]
    if covariate not in names:
        raise InputError(Fault("", f"The table has no covariate '{covariate}'.{did_you_mean(covariate, names)}"))
    rest = tuple(other for other in table.covariates if other.name != covariate)
    levels = table.covariates[names.index(covariate)].levels
    return {
        level: _part(table, np.flatnonzero(table.strata_where({covariate: (level,)})).astype(np.int64), rest)
        for level in levels
    }


def _part(table: Table, strata: IntArray, covariates: tuple[Covariate, ...]) -> Table:
    """Return the table of some strata, in ascending order, whose product structure is `covariates`."""
    observations = table.observations
    position = np.full(table.n_strata, -1, np.int64)
    position[strata] = np.arange(len(strata))
    new = position[observations.cell // table.n_histories]
    inside = np.bincount(observations.owner[new >= 0], minlength=len(observations))
    whole, partly = inside == observations.length, (inside > 0) & (inside < observations.length)
    kept = take(observations, whole)
    cell = position[kept.cell // table.n_histories] * table.n_histories + kept.cell % table.n_histories
    straddling = total(observations.lower[partly], observations.upper[partly]) + table.left_out
    return rebuilt(
        table,
        replace(kept, cell=cell),
        covariates=covariates,
        possible=table.possible[strata],
        running=table.running[strata],
        extrapolated=table.extrapolated[strata],
        left_out=Registered(0, straddling.upper),
    )


def drop(table: Table, list_name: str) -> Table:
    """Return a table without one list; see `CaptureTable.drop`.

    Where the people of an uncertain or coarsened number may have been on the dropped list alone, only bounds of the
    number are left (`estimator.capture.observations.separate_uncertain`).
    """
    _check_lists(table, [list_name], left=table.n_lists - 1)
    dropped = table.lists.index(list_name)
    rest = [index for index in range(table.n_lists) if index != dropped]
    history = membership(table.n_lists)[:, rest] @ list_bits(len(rest))
    target = np.tile(history, (table.n_strata, 1))
    return _regrouped(
        table,
        target,
        table.possible,
        lists=tuple(table.lists[index] for index in rest),
        running=table.running[:, rest],
        left_out=Registered(0, table.left_out.upper),
    )


def without(table: Table, list_name: str, where: Where) -> Table:
    """Return a table as if one list had not run in some strata; see `CaptureTable.without`.

    Refused where people may belong to those strata and to others: whether they were on the list then says something of
    those in the others, and would have to be forgotten of all of them.
    """
    chosen = table.strata_where(where)
    _check_lists(table, [list_name], left=table.n_lists)
    paused = table.lists.index(list_name)
    running = table.running.copy()
    running[chosen, paused] = False
    if not running[:, paused].any():
        return drop(table, list_name)
    _refuse_unknown_strata(table, list_name, chosen)
    off = (~running).astype(np.int64) @ list_bits(table.n_lists)
    head = np.tile(np.arange(table.n_histories, dtype=np.int64), (table.n_strata, 1))
    head[chosen] &= ~off[chosen, None]
    row = np.arange(table.n_strata, dtype=np.int64)[:, None] * table.n_histories
    flat = np.where(chosen[:, None] & (head == UNSEEN), VANISHED, row + head)
    unknown = np.flatnonzero(chosen[:, None] & table.possible & ~table.covered & (head > UNSEEN)).astype(np.int64)
    gathered = remap(concatenate([table.observations, unbounded(unknown)]), flat.reshape(-1), table.n_cells)
    spread = _spread(gathered, flat.reshape(-1), table.possible.reshape(-1))
    coordinates = coordinates_of(table.covariates, recorded_histories(running))
    observations = by_road_or_apart(spread, coordinates, had_roads=table.roads is not None)
    return rebuilt(table, observations, running=running, left_out=Registered(0, table.left_out.upper))


def _refuse_unknown_strata(table: Table, list_name: str, chosen: BoolArray) -> None:
    """Refuse to leave a list out of some strata when people may be in those or in others."""
    inside = np.add.reduceat(chosen[table.cover_cell // table.n_histories], table.cover_start[:-1], dtype=np.int64)
    both = np.flatnonzero((inside > 0) & (inside < np.diff(table.cover_start)))
    if not len(both):
        return
    line = int(table.line[both].min())
    message = (
        f"The list '{list_name}' cannot be left out of some strata only: for {len(both)} numbers of the table (the "
        f"first on line {line}) it is not known whether their people belong to those strata. Leave it out everywhere, "
        "or fill in the levels that are blank."
    )
    raise InputError(Fault("", message))


def _spread(observations: Observations, head: IntArray, possible: BoolArray) -> Observations:
    """Return observations with each cell replaced by the possible cells whose people are written down like its own.

    Parameters
    ----------
    observations : Observations
        Of cells that stand for themselves in `head`.
    head, possible : ndarray, shape (n_cells,)
        The cell as which the people of each are written down, or `VANISHED`; and whether a cell can exist.
    """
    n_cells = len(head)
    members = np.flatnonzero(possible & (head >= 0)).astype(np.int64)
    members = members[np.argsort(head[members], kind="stable")]
    sizes = np.bincount(head[members], minlength=n_cells)
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)[:-1]])
    length = sizes[observations.cell]
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    cell = members[np.repeat(first[observations.cell], length) + offset]
    owner = np.repeat(observations.owner, length)
    spread = from_pairs(owner, cell, observations.lower, observations.upper, observations.line, n_cells)
    return canonical(spread, n_cells)


def merge(table: Table, lists: Sequence[str], name: str | None = None) -> Table:
    """Return a table with some lists taken as one; see `CaptureTable.merge`.

    In strata where some of them did not operate, the merged list is what the others wrote down.
    """
    _check_lists(table, lists, left=table.n_lists - len(set(lists)) + 1)
    if len(set(lists)) < 2:
        raise InputError(Fault("", "Merging needs two or more different lists. Name at least two."))
    merged = sorted(table.lists.index(one) for one in set(lists))
    rest = [index for index in range(table.n_lists) if index not in merged[1:]]
    label = name or "+".join(table.lists[index] for index in merged)
    names = tuple(label if index == merged[0] else table.lists[index] for index in rest)
    if len(set(names)) < len(names):
        raise InputError(Fault("", f"There is a list '{label}' already. Give the merged list another name."))
    on = membership(table.n_lists).copy()
    on[:, merged[0]] = on[:, merged].any(axis=1)
    target = np.tile(on[:, rest] @ list_bits(len(rest)), (table.n_strata, 1))
    running = table.running.copy()
    running[:, merged[0]] = running[:, merged].any(axis=1)
    silent = running[:, merged[0], None] & ~table.running[:, merged]
    hypothetical = (silent[:, None, :] & membership(table.n_lists)[None, :, merged]).any(axis=2)
    target[hypothetical] = IGNORED
    return _regrouped(
        table, target, table.possible & ~hypothetical, lists=names, running=running[:, rest], left_out=table.left_out
    )


def _regrouped(
    table: Table,
    target: IntArray,
    sources: BoolArray,
    *,
    lists: tuple[str, ...],
    running: BoolArray,
    left_out: Registered,
) -> Table:
    """Return the table of fewer lists whose cells are unions of the present ones.

    Parameters
    ----------
    target : ndarray of int64, shape (S, 2^L)
        New history of each present cell, or `IGNORED`.
    sources : ndarray of bool, shape (S, 2^L)
        Present cells that exist.
    lists, running, left_out
        Of the new table.

    Returns
    -------
    Table
        A cell of which some part was not observed before has at best a lower bound now.
    """
    n_histories = 2 ** len(lists)
    n_cells = table.n_strata * n_histories
    row = np.arange(table.n_strata, dtype=np.int64)[:, None] * n_histories
    flat = np.where(target >= 0, row + target, target)
    unknown = np.flatnonzero(sources & ~table.covered & (target > UNSEEN)).astype(np.int64)
    flat[target == UNSEEN] = VANISHED
    observations = remap(concatenate([table.observations, unbounded(unknown)]), flat.reshape(-1), n_cells)
    possible = np.zeros(n_cells, bool)
    possible[(row + target)[sources & (target >= 0)]] = True
    coordinates = coordinates_of(table.covariates, recorded_histories(running))
    return rebuilt(
        table,
        by_road_or_apart(observations, coordinates, had_roads=table.roads is not None),
        lists=lists,
        possible=possible.reshape(table.n_strata, n_histories),
        running=running,
        left_out=left_out,
    )


def rebuilt(table: Table, observations: Observations, **changes: Any) -> Table:
    """Return a table with other observations and other changes."""
    return replace(
        table,
        lower=observations.lower,
        upper=observations.upper,
        cover_start=observations.start,
        cover_cell=observations.cell,
        line=observations.line,
        **changes,
    )


def _check_lists(table: Table, lists: Sequence[str], left: int) -> None:
    """Raise an error for lists that the table does not have, or when too few lists would be left."""
    faults = [
        Fault("", f"The table has no list '{name}'.{did_you_mean(name, table.lists)}")
        for name in lists
        if name not in table.lists
    ]
    if not faults and left < 2:
        faults.append(Fault("", "Only one list would be left, and one list has no overlap. Keep at least two."))
    if faults:
        raise InputError(faults)
