"""The capture table: what the lists saw of whom, and how precisely that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.capture import rearranging
from estimator.capture.cells import CountedCells, RegisteredByStratum
from estimator.capture.declaration import Where
from estimator.capture.observations import UNBOUNDED
from estimator.capture.tallies import Captured, Registered

__all__ = ["UNBOUNDED", "CaptureTable", "Captured", "Registered", "RegisteredByStratum"]


@dataclass(frozen=True, eq=False)
class CaptureTable(CountedCells):
    """A table of registered persons by capture history and stratum, of which parts can be taken.

    `estimator.capture.cells.CountedCells` says what it holds.
    """

    def select(self, where: Where) -> CaptureTable:
        """Return the part of the table with the named levels.

        Parameters
        ----------
        where : mapping of str to tuple of str
            Levels to keep, by covariate; covariates that are not named keep all.

        Returns
        -------
        CaptureTable
            Each covariate with the levels that are left, in the order of this table. Persons who may be outside are
            not in it; `left_out` says how many they are.
        """
        return rearranging.select(self, where)

    def by(self, covariate: str) -> dict[str, CaptureTable]:
        """Return one table for each level of a covariate, without that covariate; see `select`."""
        return rearranging.by(self, covariate)

    def drop(self, list_name: str) -> CaptureTable:
        """Return the table as it would be if one list had never been consulted.

        People whom only that list saw are then among the unseen.
        """
        return rearranging.drop(self, list_name)

    def without(self, list_name: str, where: Where) -> CaptureTable:
        """Return the table as it would be if one list had not run in some strata.

        People whom only that list saw there are then among the unseen; of the others it is no longer known whether
        they would have been on it.

        Parameters
        ----------
        where : mapping of str to tuple of str
            The strata; with an empty mapping, or when it then runs nowhere, the list is gone altogether (`drop`).

        Returns
        -------
        CaptureTable
            What would have been read had the list been declared not operating there, its entries blank.
        """
        return rearranging.without(self, list_name, where)

    def merge(self, lists: Sequence[str], name: str | None = None) -> CaptureTable:
        """Return the table with some lists taken as one: a person is on it when at least one of them saw her.

        Parameters
        ----------
        lists : sequence of str
            Two or more lists; the merged one takes the place of the first in declared order.
        name : str, optional
            Name of the merged list; by default the names joined by ``+``.

        Returns
        -------
        CaptureTable
            With the same registered persons.
        """
        return rearranging.merge(self, lists, name)

    def __repr__(self) -> str:
        strata = f", {self.n_strata} strata" if self.n_strata > 1 else ""
        return f"CaptureTable({self.registered} persons on {', '.join(self.lists)}{strata}; {self.kind})"
