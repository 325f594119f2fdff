"""What a reader must know before two registered numbers are put side by side: lists that came, went or changed.

Also what speaks against either estimate itself, since a difference is no better than the two numbers it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator

from estimator.comparison.sides import Side
from estimator.population.fitness import OF_THE_TABLE
from estimator.reasons import Reason, each_once
from estimator.runs.estimate_record import ChangeRecord
from estimator.runs.reading import Run

UNLIKE = frozenset(
    {
        "lists-differ-between-runs",
        "list-stopped-between",
        "list-redefined-between",
        "list-dropped-on-one-side",
        "list-away-on-one-side",
    }
)
"""Cautions that make two registered numbers differ for other reasons than people."""


def cautions_on(before: Side, after: Side) -> tuple[Reason, ...]:
    """Return what a reader of a comparison must be told.

    Parameters
    ----------
    before, after : Side
        Of one run or of two.

    Returns
    -------
    tuple of Reason
        First what makes registered numbers differ for other reasons than people, then what weakens the estimates.
    """
    cautions = [*_other_lists(before, after), *_declared(before, after), *_only_on_one_side(before, after)]
    if before.run is after.run and _is_ordered(after.run):
        cautions.append(Reason("years-are-smoothed"))
    runs = (after.run,) if before.run is after.run else (before.run, after.run)
    cautions += [caution for run in runs for caution in _of_the_estimate(run, named=len(runs) > 1)]
    return each_once(cautions)


def _other_lists(before: Side, after: Side) -> Iterator[Reason]:
    """Yield that the two runs do not have the same lists."""
    first, second = (side.run.facts.lists for side in (before, after))
    new = [name for name in second if name not in first]
    gone = [name for name in first if name not in second]
    if new or gone:
        yield Reason("lists-differ-between-runs", new=new, gone=gone)


def breaks_between(before: Side, after: Side) -> tuple[Reason, ...]:
    """Return why the registered numbers of two years of a run are not like with like.

    Parameters
    ----------
    before, after : Side
        Of one run, one year each.

    Returns
    -------
    tuple of Reason
        Empty when the study declares nothing of the kind.
    """
    breaks = [
        Reason("list-stopped-in", list=change.list, since=change.since)
        if change.kind == "stopped"
        else Reason("list-redefined-in", list=change.list, since=change.since)
        for change in _changes_between(before, after)
    ]
    for name, key, side in _on_one_side(before, after):
        other = after if side is before else before
        breaks.append(
            Reason("list-dropped-unlike", list=name, years=side.years, other=other.years)
            if key == "decisions"
            else Reason("list-away-unlike", list=name, years=side.years, other=other.years)
        )
    return each_once(breaks)


def _declared(before: Side, after: Side) -> Iterator[Reason]:
    """Yield which lists stopped or were redefined between the two times."""
    for change in _changes_between(before, after):
        why = {"why": change.reason, "why_nl": change.reason_nl}
        if change.kind == "stopped":
            yield Reason("list-stopped-between", list=change.list, since=change.since, **why)
        else:
            yield Reason("list-redefined-between", list=change.list, since=change.since, **why)


def _changes_between(before: Side, after: Side) -> Iterator[ChangeRecord]:
    """Yield the declared changes that lie between the two times; one that both runs declare may come twice."""
    order = after.run.all_years
    if not set(before.years) <= set(order) or not before.years or not after.years:
        return
    first, last = sorted((_latest(before.years, order), _latest(after.years, order)))
    for change in (*after.run.facts.changes, *before.run.facts.changes):
        if change.since in order and first < order.index(change.since) <= last:
            yield change


def _latest(years: tuple[str, ...], order: tuple[str, ...]) -> int:
    """Return the position of the last of some years."""
    return max(order.index(year) for year in years)


def _only_on_one_side(before: Side, after: Side) -> Iterator[Reason]:
    """Yield the lists that are not used, or did not run, in some years of one side only."""
    for name, key, side in _on_one_side(before, after):
        which = "first" if side is before else "second"
        if key == "decisions":
            yield Reason("list-dropped-on-one-side", list=name, side=which)
        else:
            yield Reason("list-away-on-one-side", list=name, side=which)


def _on_one_side(before: Side, after: Side) -> Iterator[tuple[str, str, Side]]:
    """Yield each list that is missing in some years of one side only: its name, the fact that says so, and the side."""
    for key in ("decisions", "not_operating"):
        gone = {side: set(_away(side, key)) for side in (before, after)}
        for name in sorted(gone[before] ^ gone[after]):
            yield name, key, before if name in gone[before] else after


def _away(side: Side, key: str) -> Iterator[str]:
    """Yield the lists that are missing in any of the years of a side."""
    facts = side.run.facts
    covariate = facts.period.covariate if facts.period else None
    dropped = [decision for decision in facts.decisions if decision.choice == "drop"]
    for statement in dropped if key == "decisions" else facts.not_operating:
        where = statement.where
        if covariate is None or covariate not in where or set(where[covariate]) & set(side.years):
            yield statement.list


def _is_ordered(run: Run) -> bool:
    """Tell whether the years of a run follow each other in the model."""
    facts = run.facts
    year = facts.covariates.get(facts.period.covariate or "") if facts.period else None
    return year is not None and year.ordered


def _of_the_estimate(run: Run, *, named: bool) -> Iterator[Reason]:
    """Yield what speaks against an estimate itself; what its kind of table says is printed elsewhere."""
    name = run.name if named else None
    if not run.vouched_for:
        yield Reason("run-not-vouched-for", run=run.name)
    for reason in run.record.reasons:
        if reason.code not in OF_THE_TABLE:
            yield Reason("run-not-fit-to-publish", run=name, reason=reason)
    for caution in run.record.cautions:
        yield Reason("run-with-caution", run=name, caution=caution)
