"""Checks of a capture table before anything is estimated: what it can say, what it cannot, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np

from estimator.capture.check_report import CheckReport, Coarsening, EmptyOverlap, ModelCheck
from estimator.capture.declaration import Where
from estimator.capture.existence import Pair, existence, pooled_support
from estimator.capture.findings import SEVERITIES, findings_of
from estimator.capture.histories import membership, pair_index
from estimator.capture.information import information
from estimator.capture.observations import BoolArray, is_uncertain
from estimator.capture.table import CaptureTable
from estimator.capture.tallies import Registered, overlap_counts, total

MOST_LISTS_FOR_ALL_PAIRS = 6
"""With more lists, the model with all pairs is not checked: it would take longer than a second."""

MOST_LISTS_FOR_PAIRS = 10
"""With more lists, only independence is checked."""


def check_table(
    table: CaptureTable,
    groups: Mapping[str, Where] | None = None,
    declared: Collection[frozenset[str]] = (),
) -> CheckReport:
    """Check what can be estimated from a capture table.

    Parameters
    ----------
    table : CaptureTable
        S strata, L lists.
    groups : mapping of str to mapping, optional
        The strata of each group of people that will be reported, by its name.
    declared : collection of frozenset of str
        Pairs of lists of which the study says that one may feed the other: they are not named again.

    Returns
    -------
    CheckReport
        Sizes, overlaps, existence of the maximum-likelihood estimate on the pooled table, and findings.
    """
    lower, upper = table.overlap_counts
    sizes = table.list_sizes()
    without, empty = _strata_without_overlap(table)
    report = CheckReport(
        lists=table.lists,
        kind=table.kind,
        registered=table.registered,
        list_sizes=tuple(sizes.values()),
        overlap=tuple(
            tuple(Registered(low, high) for low, high in zip(*row, strict=True))
            for row in zip(lower.tolist(), upper.tolist(), strict=True)
        ),
        captured=table.captured(),
        empty_overlaps=empty_overlaps(table),
        contained=_contained(table),
        n_strata=table.n_strata,
        strata_without_overlap=without,
        empty_strata=empty,
        coarsening=_coarsening(table),
        models=check_models(table),
        groups={name: information(table, where) for name, where in (groups or {}).items()},
        findings=(),
    )
    found = findings_of(report, table, groups or {}, declared)
    findings = sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
    return replace(report, findings=tuple(findings))


def _pair_cells(table: CaptureTable, first: int, second: int) -> BoolArray:
    """Return the cells of people whom both lists could write down, shape (S, 2^L)."""
    on = membership(table.n_lists)
    both = on[:, first] & on[:, second]
    written = table.recorded == np.arange(table.n_histories)
    cells: BoolArray = table.possible & both & written
    return cells


def empty_overlaps(table: CaptureTable) -> tuple[EmptyOverlap, ...]:
    """Return the pairs of lists that share nobody in what was counted, and why.

    Returns
    -------
    tuple of EmptyOverlap
        In the order of `estimator.capture.histories.pair_index`.
    """
    upper = overlap_counts(table.observations, table.recorded_membership)[1]
    pairs = []
    for first, second in pair_index(table.n_lists).tolist():
        if upper[first, second] > 0:
            continue
        cells = _pair_cells(table, first, second)
        if cells.any():
            kind = "sampling" if table.covered[cells].all() else "unobserved"
        else:
            together = (table.running[:, first] & table.running[:, second]).any()
            kind = "structural" if together else "never together"
        pairs.append(EmptyOverlap((table.lists[first], table.lists[second]), kind))
    return tuple(pairs)


def _contained(table: CaptureTable) -> tuple[tuple[str, str], ...]:
    """Return pairs (inner, outer) of lists where everybody on the first is certainly on the second too."""
    lower, upper = table.overlap_counts
    return tuple(
        (table.lists[inner], table.lists[outer])
        for inner, outer in permutations(range(table.n_lists), 2)
        if 0 < upper[inner, inner] <= lower[inner, outer]
    )


def _strata_without_overlap(table: CaptureTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return strata with people but nobody on two lists, and strata without people."""
    people, overlapping = seen_in_strata(table)
    labels = table.stratum_labels
    without = tuple(labels[index] for index in np.flatnonzero(people & ~overlapping).tolist())
    return without, tuple(labels[index] for index in np.flatnonzero(~people).tolist())


def seen_in_strata(table: CaptureTable) -> tuple[BoolArray, BoolArray]:
    """Return in which strata anybody may have been seen, and anybody on two or more lists; shape (S,) each."""
    observations = table.observations
    stratum = observations.cell // table.n_histories
    present = (observations.upper > 0)[observations.owner]
    twice = present & (table.recorded_membership.sum(axis=1) >= 2)
    people, overlapping = np.zeros(table.n_strata, bool), np.zeros(table.n_strata, bool)
    people[stratum[present]] = True
    overlapping[stratum[twice]] = True
    return people, overlapping


def _coarsening(table: CaptureTable) -> Coarsening:
    """Return what of a table is not exactly known."""
    observations = table.observations
    recorded = table.recorded.reshape(-1)
    head = observations.cell // table.n_histories * table.n_histories + recorded[observations.cell]
    blank = np.zeros(len(observations), bool)
    blank[observations.owner[head != head[observations.start[:-1]][observations.owner]]] = True
    uncertain = is_uncertain(observations)
    written = (table.recorded == np.arange(table.n_histories)) & (np.arange(table.n_histories) > 0)
    not_running = (~table.running).sum(axis=0).tolist()
    return Coarsening(
        intervals=int(uncertain.sum()),
        interval_persons=total(table.lower[uncertain], table.upper[uncertain]),
        blanks=int(blank.sum()),
        blank_persons=total(table.lower[blank], table.upper[blank]),
        unobserved=int((table.possible & ~table.covered & written).sum()),
        impossible=int((~table.possible).sum()),
        not_running=tuple((name, n) for name, n in zip(table.lists, not_running, strict=True) if n),
    )


def check_models(table: CaptureTable) -> tuple[ModelCheck, ...]:
    """Return whether maximum likelihood has a finite estimate: independence, each pair added, all pairs.

    Parameters
    ----------
    table : CaptureTable
        Its strata are pooled; pairs of lists that cannot overlap are in no model.

    Returns
    -------
    tuple of ModelCheck
        With many lists only some of them: `MOST_LISTS_FOR_ALL_PAIRS`, `MOST_LISTS_FOR_PAIRS`.
    """
    positive, observed = pooled_support(table)
    on = membership(table.n_lists)
    pairs: list[Pair] = [
        (first, second)
        for first, second in combinations(range(table.n_lists), 2)
        if (observed & on[:, first] & on[:, second]).any()
    ]
    models: dict[str, tuple[Pair, ...]] = {"independence": ()}
    if table.n_lists <= MOST_LISTS_FOR_PAIRS:
        models |= {f"{table.lists[first]}-{table.lists[second]}": ((first, second),) for first, second in pairs}
    if len(pairs) > 1 and table.n_lists <= MOST_LISTS_FOR_ALL_PAIRS:
        models["all pairs"] = tuple(pairs)
    return tuple(_model_check(table, name, model, positive, observed) for name, model in models.items())


def _model_check(
    table: CaptureTable, name: str, pairs: tuple[Pair, ...], positive: BoolArray, observed: BoolArray
) -> ModelCheck:
    """Return the verdict for one model, in the names of the lists."""
    verdict = existence(table.n_lists, pairs, positive, observed)
    labels = table.history_labels
    named = tuple((table.lists[first], table.lists[second]) for first, second in pairs)
    of_pairs = dict(zip(named, verdict.direction[1 + table.n_lists :], strict=bool(verdict.direction)))
    return ModelCheck(
        name=name,
        pairs=named,
        exists=verdict.exists,
        total=str(verdict.total),
        vanishing=tuple(labels[history] for history in verdict.vanishing),
        rising=tuple(pair for pair, step in of_pairs.items() if step > 0),
        falling=tuple(pair for pair, step in of_pairs.items() if step < 0),
        direction=verdict.direction,
    )
