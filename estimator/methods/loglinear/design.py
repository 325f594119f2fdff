"""The arrays of the log-linear model: what a capture table and a study say, as plain numbers.

Nothing here knows PyMC. A `Design` holds every array that the likelihood needs; `Coefficients` turns sampled
coefficients back into the expected number of people in every cell.

For stratum s and history h the expected number of people is

    log lambda[s, h] = log n0[s] + sum_l h_l alpha[l, s] + sum_q h_q theta[q]

with ``n0[s] = n0 * softmax(U u)[s]`` the expected number on no list, ``alpha[l, s] = a[l] + (V b)[s, l] + (W_l c)[s]``
and q the two-list terms and the three-list terms that were asked for. The columns of W_l are 1 from the moment at which
list l changed, so that its coverage may break there and nobody else's does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear import contrasts
from estimator.methods.loglinear.register_errors import NO_ERRORS, RegisterErrors, register_errors
from estimator.methods.loglinear.tensor import LARGE_STRATA, Tensor, tensor_blocks
from estimator.methods.loglinear.unknown import NO_UNKNOWN, Unknown, unknown_of
from estimator.methods.shape import reference_size
from estimator.study.priors import Priors
from estimator.study.questions import Break, ModelSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOGETHER = " x "
"""Between the names of covariates in the name of what they do together: ``"form x age"``."""


@dataclass(frozen=True)
class Effects:
    """Coefficients of strata, in blocks that share one scale.

    Parameters
    ----------
    matrix : ndarray, shape (S, K)
        Design columns.
    names : tuple of str
        Name of each of the K columns, such as ``"year 1"``.
    blocks : tuple of str
        Names of the blocks: a covariate, a pair of covariates, or ``"stratum"``.
    block : ndarray of int, shape (K,)
        Block of each column.
    tensor : Tensor or None
        The same columns as products of a column for each covariate, where a table is large.
    """

    matrix: Floats
    names: tuple[str, ...]
    blocks: tuple[str, ...]
    block: Ints
    tensor: Tensor | None = None


@dataclass(frozen=True)
class Changes:
    """Breaks in the coverage of single lists, such as a new definition from some year on.

    Parameters
    ----------
    names : tuple of str
        Name of each of the J changes, such as ``"R from 2016"``.
    list_index : ndarray of int, shape (J,)
        Which list changed.
    matrix : ndarray, shape (S, J)
        1 in the strata after the change, else 0.
    """

    names: tuple[str, ...]
    list_index: Ints
    matrix: Floats


@dataclass(frozen=True)
class Observed:
    """The observed numbers, sorted by how much is known of them.

    Parameters
    ----------
    counts : ndarray, shape (S, H)
        Exact counts of single cells, persons; 0 elsewhere. H = 2**L, column 0 is the unseen history.
    exposure : ndarray, shape (S, H)
        1 where an exact number (of the cell, or of a union with the cell in it) was observed, else 0; also where people
        of the cell are counted within bounds by one road and by number by others.
    possible : ndarray, shape (S, H)
        0 for structural zeros, else 1.
    sum_count, sum_start, sum_cell : ndarray
        Exact numbers of unions of cells: ``sum_count[j]`` people in cells ``sum_cell[sum_start[j]:sum_start[j + 1]]``.
    range_lower, range_upper, range_start, range_cell : ndarray
        Numbers known within bounds only; an upper bound of `UNBOUNDED` means none.
    on_a_list : ndarray of bool, shape (S, H)
        Whether people of the cell were recorded by any list that ran in their stratum.
    """

    counts: Floats
    exposure: Floats
    possible: Floats
    sum_count: Floats
    sum_start: Ints
    sum_cell: Ints
    range_lower: Ints
    range_upper: Ints
    range_start: Ints
    range_cell: Ints
    on_a_list: NDArray[np.bool_]

    @property
    def uncounted(self) -> NDArray[np.bool_]:
        """Possible cells of people whom a list saw but no number counts, shape (S, H)."""
        return self.uncovered & self.on_a_list

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """Possible cells of people whom no list saw, shape (S, H): history 0, and lists that did not run."""
        return self.uncovered & ~self.on_a_list

    @property
    def uncovered(self) -> NDArray[np.bool_]:
        """Possible cells that no observed number covers, shape (S, H): always those of history 0."""
        covered = self.exposure > 0
        covered.reshape(-1)[self.range_cell] = True
        return (self.possible > 0) & ~covered


@dataclass(frozen=True)
class Design:
    """Everything about a study that the log-linear model needs, as arrays.

    Parameters
    ----------
    lists : tuple of str
        Length L.
    strata : tuple of str
        Readable label of each of the S strata.
    terms : tuple of str
        Names of the Q interaction terms: ``"P&K"``, then three-list terms.
    n_pairs : int
        How many of the terms are two-list terms.
    term_of_history : ndarray, shape (H, Q)
        1 where the history is on all lists of the term.
    member : ndarray, shape (H, L)
        1 where the history is on the list.
    composition, heterogeneity : Effects
        Design of the dark figure's spread over strata, and of coverage by stratum.
    changes : Changes
        Breaks in the coverage of single lists.
    registered : float
        Number of people on any list; the middle of the bounds where a count is not exact.
    errors : RegisterErrors
        What is declared of false positives and of links that are missed or wrong.
    unknown : Unknown
        The roads by which people reach the table, where it matters how many take each.
    levels : ndarray, shape (S, C)
        Contrasts of the levels of every covariate: columns of main effects.
    """

    lists: tuple[str, ...]
    strata: tuple[str, ...]
    terms: tuple[str, ...]
    n_pairs: int
    term_of_history: Floats
    member: Floats
    composition: Effects
    heterogeneity: Effects
    changes: Changes
    observed: Observed
    registered: float
    errors: RegisterErrors = NO_ERRORS
    unknown: Unknown = NO_UNKNOWN
    levels: Floats = field(default_factory=lambda: np.zeros((1, 0)))

    @property
    def pairs(self) -> tuple[str, ...]:
        """Names of the two-list terms."""
        return self.terms[: self.n_pairs]


def design_of(
    table: CaptureTable,
    *,
    three_list: Sequence[Sequence[str]] = (),
    heterogeneity: Sequence[str | Sequence[str]] | None = None,
    composition: Sequence[tuple[str, str]] | None = None,
    dependence: bool = True,
    breaks: Sequence[Break] = (),
) -> Design:
    """Return the arrays of the log-linear model for a table.

    Parameters
    ----------
    three_list : sequence of triples of list names
        Three-list terms, asked for by name.
    heterogeneity : sequence of str or of sequences of str, optional
        Covariates by which coverage may differ, and sets of covariates whose levels together may make it differ; by
        default all covariates, each on its own.
    composition : sequence of pairs of str, optional
        Two-way terms of the dark figure's spread over strata; all pairs by default.
    dependence : bool
        False leaves out the two-list terms (independent lists).
    breaks : sequence of Break
        Lists whose coverage may break at some level of an ordered covariate.
    """
    member = membership(table.n_lists)
    pairs = [(a, b) for a, b in combinations(range(table.n_lists), 2) if dependence and _can_overlap(table, (a, b))]
    triples = [tuple(table.lists.index(name) for name in triple) for triple in three_list]
    terms = [*pairs, *triples]
    names = tuple("&".join(table.lists[i] for i in sorted(term)) for term in terms)
    columns = [member[:, list(term)].all(axis=1) for term in terms]
    observed = observed_numbers(table)
    return Design(
        lists=table.lists,
        strata=tuple(table.stratum_labels),
        terms=names,
        n_pairs=len(pairs),
        term_of_history=np.array(columns, dtype=np.float64).reshape(len(terms), len(member)).T.copy(),
        member=member.astype(np.float64),
        composition=composition_effects(table, composition),
        heterogeneity=heterogeneity_effects(table, heterogeneity),
        changes=changes_of(table, breaks),
        observed=observed,
        registered=reference_size(table),
        levels=_stack(_main_effects(table), table.n_strata).matrix,
    )


def design_for(table: CaptureTable, model: ModelSettings, priors: Priors, whole: CaptureTable | None = None) -> Design:
    """Return the arrays of the model that a study asks for.

    Parameters
    ----------
    model : ModelSettings
        Its terms; the priors that it names are not read.
    priors : Priors
        Two-list terms are left out when the priors take the lists to be independent.
    whole : CaptureTable, optional
        The table of which this one lacks some numbers: its registered number and its roads are the model's.
    """
    design = design_of(
        table,
        three_list=model.three_list,
        heterogeneity=model.heterogeneity,
        composition=model.composition,
        dependence=priors.dependence.form != "none",
        breaks=model.breaks,
    )
    if whole is not None:
        design = replace(design, registered=reference_size(whole))
    return with_recording(design, table, model, whole)


def with_recording(
    design: Design, table: CaptureTable, model: ModelSettings, whole: CaptureTable | None = None
) -> Design:
    """Return a design with what is declared and assumed of how people were recorded.

    Parameters
    ----------
    whole : CaptureTable, optional
        As in `design_for`.
    """
    unknown = unknown_of(table, model, whole)
    observed = design.observed
    if unknown.names:
        exposure = observed.exposure.copy()
        exposure.reshape(-1)[observed.range_cell] = 1.0
        observed = replace(observed, exposure=exposure)
    return replace(design, observed=observed, errors=register_errors(table, model), unknown=unknown)


def _can_overlap(table: CaptureTable, term: tuple[int, ...]) -> bool:
    """Whether any stratum has a possible cell with all lists of the term."""
    together = membership(table.n_lists)[:, list(term)].all(axis=1)
    return bool(table.possible[:, together].any())


def observed_numbers(table: CaptureTable) -> Observed:
    """Sort the observed numbers of a table into single exact cells, exact sums, and ranges."""
    shape = table.possible.shape
    sizes = np.diff(table.cover_start)
    exact = table.lower == table.upper
    single = exact & (sizes == 1)
    counts, exposure = np.zeros(shape), np.zeros(shape)
    cells = table.cover_cell[table.cover_start[:-1][single]]
    # two numbers may be of the same cell: people who came by several roads
    np.add.at(counts.reshape(-1), cells, table.lower[single])
    sum_start, sum_cell = _cover(table, exact & (sizes > 1))
    range_start, range_cell = _cover(table, ~exact)
    exposure.reshape(-1)[cells] = 1.0
    exposure.reshape(-1)[sum_cell] = 1.0
    return Observed(
        counts=counts,
        exposure=exposure,
        possible=table.possible.astype(np.float64),
        sum_count=table.lower[exact & (sizes > 1)].astype(np.float64),
        sum_start=sum_start,
        sum_cell=sum_cell,
        range_lower=table.lower[~exact],
        range_upper=table.upper[~exact],
        range_start=range_start,
        range_cell=range_cell,
        on_a_list=table.recorded != 0,
    )


def _cover(table: CaptureTable, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return starts and cells of the chosen observations, packed together."""
    sizes = np.diff(table.cover_start)
    start = np.concatenate([[0], np.cumsum(sizes[chosen])]).astype(np.int64)
    return start, table.cover_cell[np.repeat(chosen, sizes)].astype(np.int64)


def _main_effects(table: CaptureTable) -> dict[str, Floats]:
    """Return the design columns of every covariate."""
    sizes = [len(covariate.levels) for covariate in table.covariates]
    codes = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1), dtype=np.int64)
    return {
        covariate.name: contrasts.rows_of(
            contrasts.covariate_contrasts(len(covariate.levels), ordered=covariate.ordered), codes[i]
        )
        for i, covariate in enumerate(table.covariates)
    }


def _stack(columns: dict[str, Floats], n_strata: int) -> Effects:
    """Put blocks of columns side by side."""
    columns = {name: matrix for name, matrix in columns.items() if matrix.shape[1]}
    names = [f"{name} {k + 1}" for name, matrix in columns.items() for k in range(matrix.shape[1])]
    block = [i for i, matrix in enumerate(columns.values()) for _ in range(matrix.shape[1])]
    matrix = np.concatenate([np.zeros((n_strata, 0)), *columns.values()], axis=1)
    return Effects(matrix, tuple(names), tuple(columns), np.array(block, dtype=np.int64))


def heterogeneity_effects(table: CaptureTable, wanted: Sequence[str | Sequence[str]] | None) -> Effects:
    """Return the columns by which the coverage of a list may differ between strata.

    Parameters
    ----------
    wanted : sequence of str or of sequences of str, optional
        Covariates, and sets of covariates that together have effects of their own, such as ``("form", "age")``; by
        default all covariates, each on its own.

    Returns
    -------
    Effects
        Main effects first, whatever the order of `wanted`. A block of several covariates is called ``"form x age"``.
    """
    mains = _main_effects(table)
    entries = [{entry} if isinstance(entry, str) else set(entry) for entry in (mains if wanted is None else wanted)]
    places = {tuple(i for i, name in enumerate(mains) if name in entry): None for entry in entries}
    names = list(mains)
    columns = {
        TOGETHER.join(names[i] for i in place): reduce(contrasts.product, [mains[names[i]] for i in place])
        for place in sorted(places, key=lambda place: (len(place), place))
    }
    return _stack(columns, table.n_strata)


def changes_of(table: CaptureTable, breaks: Sequence[Break]) -> Changes:
    """Return the columns of breaks in the coverage of single lists."""
    matrix = np.zeros((table.n_strata, len(breaks)))
    for j, change in enumerate(breaks):
        levels = next(covariate.levels for covariate in table.covariates if covariate.name == change.covariate)
        matrix[:, j] = table.strata_where({change.covariate: levels[levels.index(change.since) :]})
    return Changes(
        tuple(f"{change.list} from {change.since}" for change in breaks),
        np.array([table.lists.index(change.list) for change in breaks], dtype=np.int64),
        matrix,
    )


def composition_effects(table: CaptureTable, two_way: Sequence[tuple[str, str]] | None) -> Effects:
    """Return the columns of the dark figure's spread over strata.

    Main effects of every covariate, the two-way terms asked for (all by default), and an orthonormal basis of what
    they leave: a small deviation of each stratum.
    """
    mains = _main_effects(table)
    columns = dict(mains)
    wanted = set(map(frozenset, combinations(mains, 2) if two_way is None else two_way))
    if table.n_strata >= LARGE_STRATA:
        return _large_composition(table, wanted)
    for left, right in combinations(mains, 2):
        if frozenset((left, right)) in wanted:
            columns[f"{left}{TOGETHER}{right}"] = contrasts.product(mains[left], mains[right])
    spanned = np.concatenate([np.ones((table.n_strata, 1)), *columns.values()], axis=1)
    columns["stratum"] = _complement(spanned)
    return _stack(columns, table.n_strata)


def _large_composition(table: CaptureTable, wanted: set[frozenset[str]]) -> Effects:
    """Return the columns of the spread of a large table: of the same spaces, as products of columns of covariates."""
    names = [covariate.name for covariate in table.covariates]
    pairs = [(i, j) for i, j in combinations(range(len(names)), 2) if {names[i], names[j]} in wanted]
    levels = [
        contrasts.covariate_contrasts(len(covariate.levels), ordered=covariate.ordered)
        for covariate in table.covariates
    ]
    tensor, sizes = tensor_blocks(levels, pairs)
    blocks = [*names, *(f"{names[i]}{TOGETHER}{names[j]}" for i, j in pairs), "stratum"]
    parts = np.split(tensor.matrix, np.cumsum(sizes)[:-1], axis=1)
    effects = _stack(dict(zip(blocks, parts, strict=True)), table.n_strata)
    return replace(effects, matrix=np.ascontiguousarray(effects.matrix), tensor=tensor)


def _complement(spanned: Floats) -> Floats:
    """Return an orthonormal basis of the space that the columns of `spanned` leave, shape (S, S - rank)."""
    # U of the singular value decomposition: its columns beyond the rank span what `spanned` leaves
    vectors, sizes, _ = np.linalg.svd(spanned, full_matrices=True)
    rank = int((sizes > sizes.max() * 1e-10).sum())
    left = vectors[:, rank:]
    # a sign of its own choice would make draws depend on the linear algebra library
    signs = np.where(left[np.abs(left).argmax(axis=0), np.arange(left.shape[1])] < 0, -1.0, 1.0) if left.size else 1.0
    return np.asarray(left * signs, dtype=np.float64)
