"""What may be said of two numbers side by side: which differences have a probability, and which have none.

A probability of a rise needs two numbers of people who can have become more or fewer (other years), and a posterior in
which both stand. Years of one run have both. Two runs have it approximately, when their data, assumptions and kinds of
table let them; where they do not, the comparison shows what each run says and subtracts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from estimator.comparison.changes_between_runs import assumptions_differ
from estimator.comparison.differences import Pairing, independent, joint
from estimator.comparison.sides import Side
from estimator.reasons import Reason
from estimator.runs.reading import Run


@dataclass(frozen=True)
class Basis:
    """On what ground two sides are compared.

    Parameters
    ----------
    reason : Reason
        With a probability ``joint``, ``separate-years`` or ``shared-years``; without ``same-run``, ``same-data``,
        ``same-years``, ``no-years``, ``partly-the-same-years``, ``other-assumptions`` or ``other-kinds``.
    probability : bool
        Whether a difference has an interval and a probability.
    """

    reason: Reason
    probability: bool

    @property
    def name(self) -> str:
        """Code of the reason."""
        return self.reason.code

    def pairing(self, before: Side, after: Side) -> Pairing | None:
        """Return which draws belong together; None when nothing may be subtracted."""
        if not self.probability:
            return None
        return joint(after.n_draws) if self.name == "joint" else independent(before.n_draws, after.n_draws)

    @property
    def said(self) -> Reason:
        """The ground as files have it: with whether it gives a probability."""
        return Reason(self.name, **self.reason.values, probability=self.probability)


JOINT = Basis(Reason("joint"), True)


def is_same_run(first: Run, second: Run) -> bool:
    """Tell whether two runs are one: the same folder, or a copy of it.

    Returns
    -------
    bool
        Copies have the same manifest, with the second in which the run was made.
    """
    if first.folder.resolve() == second.folder.resolve():
        return True
    return bool(first.manifest.made) and first.manifest == second.manifest


def basis_between(before: Side, after: Side) -> Basis:
    """Return on what ground two runs are compared.

    Returns
    -------
    Basis
        The first that applies of: same run, other kinds of table, same data, no years, same years, other assumptions,
        shared years, partly the same years (seen by other lists); otherwise separate.
    """
    first, second = before.run, after.run
    if is_same_run(first, second):
        return Basis(Reason("same-run"), False)
    if first.table_kind != second.table_kind:
        return Basis(Reason("other-kinds", before=first.table_kind, after=second.table_kind), False)
    if first.table_hash is not None and first.table_hash == second.table_hash:
        if set(before.years) == set(after.years):
            return Basis(Reason("same-data"), False)
        return Basis(Reason("same-data-of-other-years", advice=_advice(before, after)), False)
    if not before.years or not after.years:
        return Basis(Reason("no-years"), False)
    if set(before.years) == set(after.years):
        return Basis(Reason("same-years"), False)
    if assumptions_differ(first, second):
        return Basis(Reason("other-assumptions", advice=_advice(before, after)), False)
    years = shared_years(first, second)
    if years and set(_lists(first)) & set(_lists(second)):
        order = tuple(second.all_years)
        return Basis(Reason("shared-years", years=years, order=order, advice=_advice(before, after)), True)
    if set(before.years) & set(after.years):
        return Basis(Reason("partly-the-same-years"), False)
    return Basis(Reason("separate-years"), True)


def _advice(before: Side, after: Side) -> Reason | None:
    """Return the command that compares the same years within one run, where a run holds both."""
    for run in (after.run, before.run):
        if set(before.years) | set(after.years) <= set(run.all_years):
            single = len(before.years) == len(after.years) == 1
            years = f"{before.years[0]},{after.years[0]}" if single else None
            return Reason("compare-within-one-run", run=str(run.folder), years=years)
    return None


def shared_years(before: Run, after: Run) -> tuple[str, ...]:
    """Return the years that are in the tables of both runs."""
    return tuple(year for year in before.all_years if year in after.all_years)


def _lists(run: Run) -> tuple[str, ...]:
    return tuple(run.facts.lists)
