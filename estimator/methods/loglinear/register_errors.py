"""Declared errors of registers as arrays: false positives, and links that were missed or wrong.

`estimator.methods.loglinear.recording` says what they do to counts. Each declared share has one parameter, its log
odds, whose prior is the normal distribution with the declared limits as 95 % interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.stated_shares import log_odds_of
from estimator.study.questions import FalsePositives, LinkageErrors, ModelSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _integers(*shape: int) -> Ints:
    return np.zeros(shape, dtype=np.int64)


@dataclass(frozen=True)
class RegisterErrors:
    """Declared errors of registers; without names there are none.

    Parameters
    ----------
    names : tuple of str
        Name of each of the E declared shares: ``"false positives K"``, ``"missed links"``.
    mean, sd : ndarray, shape (E,)
        Of the log odds of each share.
    missed_at, wrong_at : ndarray of int, shape (L, L)
        Which share is that of missed, and of wrong, links between two lists; -1 for none.
    false_list, false_at, false_alone : ndarray of int, shape (J,)
        List and share of each declaration of false positives, and whether they are on that list alone (1) or not (0).
    false_in : ndarray, shape (J, S)
        1 in the strata of which it is declared and in which the list ran.
    recorded : ndarray of int, shape (S, H)
        The history that the lists that ran wrote down of people of each cell.
    """

    names: tuple[str, ...] = ()
    mean: Floats = field(default_factory=lambda: np.zeros(0))
    sd: Floats = field(default_factory=lambda: np.zeros(0))
    missed_at: Ints = field(default_factory=lambda: _integers(0, 0))
    wrong_at: Ints = field(default_factory=lambda: _integers(0, 0))
    false_list: Ints = field(default_factory=lambda: _integers(0))
    false_at: Ints = field(default_factory=lambda: _integers(0))
    false_alone: Ints = field(default_factory=lambda: _integers(0))
    false_in: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    recorded: Ints = field(default_factory=lambda: _integers(0, 0))

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What compiled code takes, from `missed_at` to `recorded`, matrices of integers flat."""
        return (
            np.ascontiguousarray(self.missed_at.reshape(-1)),
            np.ascontiguousarray(self.wrong_at.reshape(-1)),
            self.false_list,
            self.false_at,
            self.false_alone,
            np.ascontiguousarray(self.false_in),
            np.ascontiguousarray(self.recorded.reshape(-1)),
        )

    def of_strata(self, strata: NDArray[np.bool_]) -> RegisterErrors:
        """Return the errors in some strata alone."""
        if not self.names:
            return self
        return replace(self, false_in=self.false_in[:, strata], recorded=self.recorded[strata])


NO_ERRORS = RegisterErrors()
"""Registers that are taken as they are."""


def register_errors(table: CaptureTable, model: ModelSettings) -> RegisterErrors:
    """Return what a model says of errors in the registers of a table."""
    if not model.false_positives and not model.linkage_errors:
        return NO_ERRORS
    shares: list[tuple[str, tuple[float, float]]] = []
    false_at = [_add(shares, _false_name(error), error.share) for error in model.false_positives]
    missed_at, wrong_at = (np.full((table.n_lists, table.n_lists), -1) for _ in range(2))
    for link in model.linkage_errors:
        among = [table.lists.index(name) for name in link.lists or table.lists]
        for kind, share, at in (("missed", link.missed, missed_at), ("wrong", link.wrong, wrong_at)):
            if share is not None:
                at[np.ix_(among, among)] = _add(shares, _link_name(kind, link), share)
    log_odds = np.array([log_odds_of(share) for _, share in shares])
    places = np.array([table.lists.index(error.list) for error in model.false_positives], dtype=np.int64)
    inside = [
        table.strata_where(error.where) & table.running[:, at] for error, at in _each(model.false_positives, places)
    ]
    return RegisterErrors(
        names=tuple(name for name, _ in shares),
        mean=log_odds[:, 0],
        sd=log_odds[:, 1],
        missed_at=missed_at.astype(np.int64),
        wrong_at=wrong_at.astype(np.int64),
        false_list=places,
        false_at=np.array(false_at, dtype=np.int64),
        false_alone=np.array([error.among == "alone" for error in model.false_positives], dtype=np.int64),
        false_in=np.array(inside, dtype=np.float64).reshape(len(inside), table.n_strata),
        recorded=table.recorded,
    )


def _each(declared: Sequence[FalsePositives], places: Ints) -> list[tuple[FalsePositives, int]]:
    return list(zip(declared, places.tolist(), strict=True))


def _add(shares: list[tuple[str, tuple[float, float]]], name: str, share: tuple[float, float]) -> int:
    """Add a declared share and return its place."""
    shares.append((name, share))
    return len(shares) - 1


def _false_name(declared: FalsePositives) -> str:
    levels = [level for levels in declared.where.values() for level in levels]
    return " ".join(["false positives", declared.list, *levels])


def _link_name(kind: str, declared: LinkageErrors) -> str:
    return f"{kind} links {'&'.join(declared.lists)}".strip()
