"""Cells and what was counted in them: the data of a capture table, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import TIMES_SEEN, Covariate, Where
from estimator.capture.histories import UNSEEN, history_labels, list_bits, membership
from estimator.capture.observations import (
    UNBOUNDED,
    BoolArray,
    IntArray,
    Observations,
    concatenate,
    covered_cells,
    unbounded,
)
from estimator.capture.roads import Roads, roads_of, shares_uncertain
from estimator.capture.strata import strata_where, stratum_count, stratum_labels, stratum_levels
from estimator.capture.tallies import (
    Captured,
    Registered,
    captured,
    history_totals,
    list_sizes,
    overlap_counts,
    persons_in,
    total,
)
from estimator.reasons import Reason

KINDS = ("observed", "reconstructed", "synthetic")
"""Where a table comes from: real registers, pieced together from published figures, or made up."""


TableKind = Literal["observed", "reconstructed", "synthetic"]
"""Where counts come from: anything but observed is no evidence about people."""


@dataclass(frozen=True, eq=False)
class RegisteredByStratum:
    """Persons registered in each stratum, as far as their stratum is known.

    Parameters
    ----------
    lower, upper : ndarray of int64, shape (S,)
        Bounds of the number of persons who are certainly of this stratum; `UNBOUNDED` when nothing bounds it.
    unplaced : Registered
        Persons who may be of several strata, because a covariate is unknown; in none of the above.
    """

    lower: IntArray
    upper: IntArray
    unplaced: Registered


def recorded_histories(running: BoolArray) -> IntArray:
    """Return the history that the lists that ran wrote down for people of each cell, shape (S, 2^L)."""
    n_lists = running.shape[1]
    off = (~running).astype(np.int64) @ list_bits(n_lists)
    recorded: IntArray = np.arange(2**n_lists, dtype=np.int64)[None, :] & ~off[:, None]
    return recorded


def coordinates_of(covariates: Sequence[Covariate], recorded: IntArray) -> IntArray:
    """Return the level of each covariate, and presence on each list as written down, of each cell.

    Returns
    -------
    ndarray of int64, shape (S * 2^L, n)
        As `estimator.capture.roads.roads_of` takes them.
    """
    n_histories = recorded.shape[1]
    levels = np.repeat(stratum_levels(covariates), n_histories, axis=0)
    on = membership(n_histories.bit_length() - 1)[recorded.reshape(-1)]
    return np.hstack([levels, on.astype(np.int64)])


@dataclass(frozen=True, eq=False)
class CountedCells:
    """Numbers of registered persons by capture history and stratum, with all that is uncertain about them.

    The latent cells are the grid stratum × history; the flat index of a cell is ``stratum * 2^L + history``. Observed
    number j counts the persons in the union of the cells ``cover_cell[cover_start[j]:cover_start[j + 1]]`` and lies in
    ``lower[j]..upper[j]``. Different observed numbers count different persons, so they add up: persons of unknown sex
    come on top of those whose sex is known (coarsening at random). The likelihood of exact ones with Poisson means λ
    per cell is then ``Σ_j n_j log Σ_{c in cover j} λ_c - Σ λ`` over all cells that they cover together; an uncertain
    number that shares no cell adds the probability of its bounds. Where one does share cells, `roads` says by which
    road the persons of each number came.

    Parameters
    ----------
    lists : tuple of str
        The L lists; list 0 is the most significant bit of a history.
    covariates : tuple of Covariate
        The S strata are the product of their levels, the last covariate running fastest; () for one stratum.
    possible : ndarray of bool, shape (S, 2^L)
        False for structural zeros: cells that nobody can be in.
    lower, upper : ndarray of int64, shape (J,)
        Bounds of each observed number, persons; equal when it is exactly known.
    cover_start : ndarray of int64, shape (J + 1,)
        Where the cells of each observed number begin.
    cover_cell : ndarray of int64
        The cells that the observed numbers cover, one after the other. Never history 0, the unseen.
    line : ndarray of int64, shape (J,)
        Line in the file; 0 for a zero that the file implies by leaving the history out.
    running : ndarray of bool, shape (S, L), optional
        Whether each list operated in each stratum; all True when left out.
    left_out : Registered, default 0
        Persons who may belong to this part of a larger table, but whose stratum is not known well enough to say so.
    readings : tuple of Reason, default ()
        How the file was read, where there was a choice.
    extrapolated : ndarray of bool, shape (S,), optional
        Strata in which no list ran and that are estimated nevertheless; none when left out.

    Notes
    -----
    Sources: Heitjan & Rubin 1991, Annals of Statistics 19:2244 (coarse data); Zwane, van der Pal & van der Heijden
    2004, Statistics in Medicine 23:2267 (lists that did not run everywhere).
    """

    lists: tuple[str, ...]
    covariates: tuple[Covariate, ...]
    kind: TableKind
    possible: BoolArray
    lower: IntArray
    upper: IntArray
    cover_start: IntArray
    cover_cell: IntArray
    line: IntArray
    running: BoolArray = field(default_factory=lambda: np.ones((0, 0), bool))
    left_out: Registered = Registered(0, 0)
    readings: tuple[Reason, ...] = ()
    extrapolated: BoolArray = field(default_factory=lambda: np.zeros(0, bool))

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is '{self.kind}' and must be one of {', '.join(KINDS)}.")
        if not self.running.size:
            object.__setattr__(self, "running", np.ones((self.n_strata, self.n_lists), bool))
        if not self.extrapolated.size:
            object.__setattr__(self, "extrapolated", np.zeros(self.n_strata, bool))
        for name in ("possible", "running", "extrapolated", "lower", "upper", "cover_start", "cover_cell", "line"):
            wanted = np.bool_ if name in ("possible", "running", "extrapolated") else np.int64
            frozen: NDArray[np.generic] = np.array(getattr(self, name), dtype=wanted, order="C")
            frozen.setflags(write=False)
            object.__setattr__(self, name, frozen)
        shapes = (self.possible.shape, self.running.shape, len(self.upper), len(self.line), len(self.cover_start))
        n = len(self.lower)
        if shapes != (self.shape, (self.n_strata, self.n_lists), n, n, n + 1):
            raise ValueError(f"The arrays of a capture table do not fit together: {shapes}.")

    @property
    def counts_repeats(self) -> bool:
        """Whether the table says how often one register saw people, in two lists: seen, and seen again."""
        return any(covariate.name == TIMES_SEEN for covariate in self.covariates)

    @property
    def n_lists(self) -> int:
        """Number of lists L."""
        return len(self.lists)

    @property
    def n_strata(self) -> int:
        """Number of strata S."""
        return stratum_count(self.covariates)

    @property
    def n_histories(self) -> int:
        """Number of capture histories 2^L, the unseen one included."""
        return int(2**self.n_lists)

    @property
    def shape(self) -> tuple[int, int]:
        """``(S, 2^L)``, the shape of the grid of latent cells."""
        return self.n_strata, self.n_histories

    @property
    def n_cells(self) -> int:
        """Number of latent cells, ``S * 2^L``."""
        return self.n_strata * self.n_histories

    @property
    def history_labels(self) -> list[str]:
        """Readable names of the histories: ``"none"``, ``"P"``, ``"K&P"``."""
        return history_labels(self.lists)

    @property
    def strata(self) -> list[dict[str, str]]:
        """The level of each covariate in each stratum: a list of S mappings."""
        return [
            {covariate.name: covariate.levels[level] for covariate, level in zip(self.covariates, row, strict=True)}
            for row in stratum_levels(self.covariates).tolist()
        ]

    @property
    def stratum_labels(self) -> list[str]:
        """Readable names of the strata: ``"2014, female"``."""
        return stratum_labels(self.covariates)

    def strata_where(self, where: Where) -> BoolArray:
        """Return which strata have the named levels, shape (S,); see `estimator.capture.strata.strata_where`."""
        return strata_where(self.covariates, where)

    @property
    def observations(self) -> Observations:
        """The observed numbers and their covers as one object."""
        return Observations(self.lower, self.upper, self.cover_start, self.cover_cell, self.line)

    @cached_property
    def roads(self) -> Roads | None:
        """By which roads people reached the table; None where no uncertain number shares cells with another's people.

        Raises
        ------
        ValueError
            When numbers overlap otherwise than by roads; nothing that makes tables makes such.
        """
        if not shares_uncertain(self.observations, self.n_cells):
            return None
        return self.roads_among()

    def roads_among(self, unknown: BoolArray | None = None) -> Roads:
        """Return the roads by which people reached the table, among some (`estimator.capture.roads.roads_of`)."""
        roads = roads_of(self.observations, self.coordinates, unknown)
        if roads is None:
            raise ValueError("numbers of a table overlap otherwise than by what is unknown of people")
        return roads

    @property
    def coordinates(self) -> IntArray:
        """Level of each covariate, and presence on each list as written down, of each cell, shape (S * 2^L, n)."""
        return coordinates_of(self.covariates, self.recorded)

    @cached_property
    def estimated(self) -> BoolArray:
        """Strata whose people are estimated, shape (S,): some list ran there, or it was decided to extrapolate."""
        return np.asarray(self.running.any(axis=1) | self.extrapolated)

    @cached_property
    def covered(self) -> BoolArray:
        """Whether any observed number covers each cell, shape (S, 2^L). False: nothing is known of it."""
        return covered_cells(self.observations, self.n_cells).reshape(self.shape)

    @cached_property
    def recorded(self) -> IntArray:
        """The history that the lists wrote down for people of each cell, shape (S, 2^L).

        It is the cell's own history without the lists that did not operate in the stratum.
        """
        return recorded_histories(self.running)

    @cached_property
    def recorded_membership(self) -> BoolArray:
        """The lists that wrote down each entry of `cover_cell`, shape (n_pairs, L)."""
        return self._membership(self.observations)

    def _membership(self, observations: Observations) -> BoolArray:
        return membership(self.n_lists)[self.recorded.reshape(-1)[observations.cell]]

    @cached_property
    def tallied(self) -> Observations:
        """The observed numbers, and one without bounds for each cell that lists could fill and nobody counted.

        Any number of people may be registered there, so that a total over such a cell has no upper bound.
        """
        own_history = self.recorded == np.arange(self.n_histories)
        unknown = self.possible & ~self.covered & own_history & (self.recorded != UNSEEN)
        return concatenate([self.observations, unbounded(np.flatnonzero(unknown).astype(np.int64))])

    @cached_property
    def has_overlap(self) -> bool:
        """Whether a count says that somebody is on two lists, or may be."""
        twice = self.recorded_membership.sum(axis=1) >= 2
        return bool((twice & (self.observations.upper > 0)[self.observations.owner]).any())

    @cached_property
    def registered(self) -> Registered:
        """Number of persons whom at least one list saw."""
        return total(self.tallied.lower, self.tallied.upper)

    def registered_in(self, strata: BoolArray) -> Registered:
        """Return the registered persons of some strata together.

        Parameters
        ----------
        strata : ndarray of bool, shape (S,)
            Those that count.

        Returns
        -------
        Registered
            At least those who are certainly of these strata, at most those who may be.
        """
        return persons_in(self.tallied, strata[self.tallied.cell // self.n_histories])

    @cached_property
    def registered_by_stratum(self) -> RegisteredByStratum:
        """Registered persons of each stratum, and those whose stratum is not known."""
        tallied = self.tallied
        stratum = tallied.cell // self.n_histories
        first, last = stratum[tallied.start[:-1]], stratum[tallied.start[1:] - 1]
        placed = first == last
        bounded = placed & (tallied.upper != UNBOUNDED)
        lower, upper = np.zeros(self.n_strata, np.int64), np.zeros(self.n_strata, np.int64)
        np.add.at(lower, first[placed], tallied.lower[placed])
        np.add.at(upper, first[bounded], tallied.upper[bounded])
        upper[first[placed & ~bounded]] = UNBOUNDED
        return RegisteredByStratum(lower, upper, total(tallied.lower[~placed], tallied.upper[~placed]))

    def list_sizes(self) -> dict[str, Registered]:
        """Return the number of persons on each list; bounds where a list's own number is not exactly known."""
        sizes = list_sizes(self.tallied, self._membership(self.tallied))
        return dict(zip(self.lists, sizes, strict=True))

    @cached_property
    def overlap_counts(self) -> tuple[IntArray, IntArray]:
        """Bounds of the persons on both of two lists: two arrays of shape (L, L), the lists' sizes on the diagonal."""
        return overlap_counts(self.tallied, self._membership(self.tallied))

    def history_totals(self) -> tuple[IntArray, IntArray]:
        """Return bounds of the persons with each recorded history, all strata together: two of shape (2^L,)."""
        return history_totals(self.tallied, self.recorded.reshape(-1)[self.tallied.cell], self.n_histories)

    def captured(self) -> Captured:
        """Return the number of persons whom exactly one, two, and three or more lists saw."""
        return captured(self.tallied, self._membership(self.tallied))
