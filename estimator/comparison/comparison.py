"""Two years of one run, or two runs, side by side: the changes in registered and in estimated numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from estimator.comparison.changes_between_runs import Changed, assumptions_differ, redefined_groups, what_changed
from estimator.comparison.comparability import JOINT, Basis, basis_between, is_same_run
from estimator.comparison.differences import GroupComparison, compare_groups
from estimator.comparison.like_with_like import breaks_between, cautions_on
from estimator.comparison.sides import Side, levels_of_both, refuse_backwards, side_of, sides_of
from estimator.errors import Fault, InputError
from estimator.methods.summary import LEVELS, summarise
from estimator.reasons import Reason
from estimator.runs.comparison_record import (
    ChangedRecord,
    ComparedGroupRecord,
    ComparisonRecord,
    NamesRecord,
    SideRecord,
    StepRecord,
    YearRecord,
)
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.group_records import SummaryRecord
from estimator.runs.reading import Run, read_run
from estimator.runs.records import SCHEMA_VERSION
from estimator.study.questions import TOTAL


@dataclass(frozen=True, eq=False)
class Step:
    """Everybody, from one year of a run to the next.

    Parameters
    ----------
    unlike : tuple of Reason
        Why the registered numbers of the two years are not like with like; empty when nothing declared says so.
    """

    before: str
    after: str
    total: GroupComparison
    unlike: tuple[Reason, ...] = ()

    def record(self) -> StepRecord:
        """Return the step as files have it."""
        step = {"from": self.before, "to": self.after, "not_like_with_like": list(self.unlike)}
        return StepRecord.model_validate({**dict(self.total.record()), **step})


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two sides, and how every group differs between them.

    Parameters
    ----------
    basis : Basis
        On what ground they are compared, and whether a difference has a probability.
    groups : mapping of str to GroupComparison
        Every group that means the same people on both sides.
    left_out : mapping of str to Reason
        Groups that are not compared, with the reason.
    changed : tuple of Changed
        What is not the same in two runs; empty for years of one run.
    cautions : tuple of Reason
        What a reader must be told.
    steps : tuple of Step
        Everybody, from each year of a run to the next; empty for two runs.
    beside : mapping of str to mapping of str to GroupComparison
        The same groups under the other sets of priors that were sampled, by name of the set.
    """

    before: Side
    after: Side
    basis: Basis
    groups: Mapping[str, GroupComparison]
    left_out: Mapping[str, Reason] = field(default_factory=dict)
    changed: tuple[Changed, ...] = ()
    cautions: tuple[Reason, ...] = ()
    steps: tuple[Step, ...] = ()
    beside: Mapping[str, Mapping[str, GroupComparison]] = field(default_factory=dict)

    @property
    def total(self) -> GroupComparison:
        """Everybody."""
        return self.groups[TOTAL]

    @property
    def within_a_run(self) -> bool:
        """Whether both sides are years of the same run."""
        return self.before.run is self.after.run

    def record(self) -> ComparisonRecord:
        """Return the comparison as `darkfigure compare --json` prints it; see docs/compare.md."""
        return ComparisonRecord(
            schema_version=SCHEMA_VERSION,
            before=_side_record(self.before),
            after=_side_record(self.after),
            basis=self.basis.said,
            within_a_run=self.within_a_run,
            language=self.after.run.record.language,
            level=max(LEVELS),
            groups=_records(self.groups),
            series=_series(self.after, self.groups) if self.within_a_run else {},
            left_out=dict(self.left_out),
            steps=[step.record() for step in self.steps],
            beside={name: _records(groups) for name, groups in self.beside.items()},
            changed=[ChangedRecord(what=change.what, reason=change.reason) for change in self.changed],
            cautions=list(self.cautions),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return self.record().to_dict()

    def __repr__(self) -> str:
        return f"Comparison({self.basis.name}, {len(self.groups)} groups)"


def _records(groups: Mapping[str, GroupComparison]) -> dict[str, ComparedGroupRecord]:
    """Return groups as files have them."""
    return {name: group.record() for name, group in groups.items()}


def _series(side: Side, names: Collection[str]) -> dict[str, dict[str, YearRecord]]:
    """Return some groups in every year of the run of a side."""
    levels = side.levels
    return {
        year: {
            name: YearRecord(
                registered=SummaryRecord.of(summarise(groups[name].registered, levels), 1),
                N=SummaryRecord.of(summarise(groups[name].size, levels, has_mean=groups[name].has_mean), 1),
            )
            for name in names
        }
        for year, groups in side.run.draws.by_year.items()
    }


def _names(record: EstimateRecord) -> NamesRecord:
    """Return what the names of a run are called."""
    covariates = record.covariates
    return NamesRecord(
        groups={name: group.label for name, group in record.groups.items()},
        covariates={name: covariate.label for name, covariate in covariates.items()},
        levels={name: covariate.levels for name, covariate in covariates.items()},
        lists=record.lists,
    )


def _side_record(side: Side) -> SideRecord:
    """Return one side as a record: its run, its years, and what it rests on."""
    run, record = side.run, side.run.record
    return SideRecord(
        run=str(run.folder),
        study=record.study,
        title=record.title,
        title_nl=record.title_nl,
        source=record.source,
        source_nl=record.source_nl,
        table_kind=record.table_kind,
        years=list(side.years) or None,
        all_years=list(run.all_years),
        pooled_years=run.pooled_years,
        per_year=side.per_year or len(side.years) > 1,
        priors=run.priors_name,
        priors_title=record.priors or None,
        priors_title_nl=record.priors_nl or run.priors().get("title_nl"),
        assumption=record.assumption,
        publishable=record.publishable,
        reasons=record.reasons,
        scrutiny=run.facts.scrutiny,
        published_against_advice=record.published_against_advice,
        names=_names(record),
    )


def compare_years(run: Run | str | Path, earlier: str | None = None, later: str | None = None) -> Comparison:
    """Compare two years within a run, draw by draw.

    Parameters
    ----------
    earlier, later : str, optional
        By default the last year but one and the last.

    Raises
    ------
    InputError
        When the study is not divided by year, a year is not in it, or the estimate's chains did not agree.
    """
    run = _ready(run)
    if not run.all_years:
        message = (
            "This study is not divided by year ([period] covariate), so a run of it has no years to compare. Name a "
            "second run to compare it with."
        )
        raise InputError(Fault(str(run.folder), message))
    if len(run.all_years) < 2:
        raise InputError(Fault(str(run.folder), f"This run has one year, {run.all_years[0]}. Name a second run."))
    first, second = earlier or run.all_years[-2], later or run.all_years[-1]
    if first == second:
        raise InputError(Fault("--years", f"{first} is named twice. Name two years, such as {_example(run)}."))
    before, after = side_of(run, (first,)), side_of(run, (second,))
    refuse_backwards(before, after, "--years", f"Write {second},{first}.")
    return Comparison(
        before,
        after,
        JOINT,
        _compared(before, after, JOINT),
        cautions=cautions_on(before, after),
        steps=tuple(_steps(run)),
        beside=_beside(before, after, JOINT, ()),
    )


def _example(run: Run) -> str:
    """Return two years of a run as the option takes them."""
    return f"{run.all_years[-2]},{run.all_years[-1]}"


def _steps(run: Run) -> Iterator[Step]:
    """Yield everybody from each year to the next."""
    for first, second in pairwise(run.all_years):
        sides = side_of(run, (first,)), side_of(run, (second,))
        yield Step(first, second, _compared(*sides, JOINT, only=(TOTAL,))[TOTAL], breaks_between(*sides))


def compare_runs(before: Run | str | Path, after: Run | str | Path, years: Sequence[str] = ()) -> Comparison:
    """Compare two runs.

    Parameters
    ----------
    years : sequence of str, optional
        One year for each run, or one for both; by default the headline period of each.

    Returns
    -------
    Comparison
        What may be subtracted follows from the two runs: see `estimator.comparison.comparability`. Two years of one run
        that is named twice are compared as `compare_years` does.

    Raises
    ------
    InputError
        When a year is not in its run, an estimate's chains did not agree, or one run is per year and the other of an
        unknown time.
    """
    first, second = _ready(before), _ready(after)
    if is_same_run(first, second) and len(set(years)) > 1:
        return compare_years(first, *years)
    sides = sides_of(first, second, tuple(years))
    refuse_backwards(*sides, str(first.folder), "Name the run of the earlier time first.")
    basis, left_out = basis_between(*sides), _left_out(first, second)
    return Comparison(
        *sides,
        basis,
        _compared(*sides, basis, without=left_out),
        left_out,
        what_changed(first, second),
        cautions_on(*sides),
        beside=_beside(*sides, basis, left_out),
    )


def _compared(
    before: Side, after: Side, basis: Basis, *, only: Collection[str] = (), without: Collection[str] = ()
) -> dict[str, GroupComparison]:
    """Return the comparison of groups: all that both sides have, or `only` some, `without` others."""
    kept = {name: draws for name, draws in before.draws.items() if name not in without and (not only or name in only)}
    return compare_groups(kept, after.draws, basis.pairing(before, after), levels_of_both(before, after))


def _beside(
    before: Side, after: Side, basis: Basis, left_out: Collection[str]
) -> dict[str, dict[str, GroupComparison]]:
    """Return the same comparison under every other set of priors that both sides have, word for word."""
    others: dict[str, dict[str, GroupComparison]] = {}
    for name in after.run.beside:
        if not basis.probability or name not in before.run.beside:
            continue
        if before.run is not after.run and assumptions_differ(before.run, after.run, name):
            continue
        first, second = (side_of(side.run, _single(side), beside=name) for side in (before, after))
        others[name] = _compared(first, second, basis, without=left_out)
    return others


def _single(side: Side) -> tuple[str, ...]:
    """Return the year of a side, when it is one that was asked for and not the headline period."""
    return () if side.years == side.run.years else side.years


def _left_out(before: Run, after: Run) -> dict[str, Reason]:
    """Return the groups that cannot be compared, with the reason."""
    first, second = before.draws.headline, after.draws.headline
    left_out = {name: Reason("group-defined-otherwise") for name in redefined_groups(before, after)}
    left_out |= {name: Reason("group-in-first-run-only") for name in first if name not in second}
    left_out |= {name: Reason("group-in-second-run-only") for name in second if name not in first}
    return left_out


def _ready(run: Run | str | Path) -> Run:
    """Return a run whose numbers may be looked at."""
    run = run if isinstance(run, Run) else read_run(run)
    if not run.converged:
        message = (
            "The sampler's chains did not agree in this run, so its numbers are withheld and cannot be compared. "
            "Estimate the study again with more draws or priors that say more."
        )
        raise InputError(Fault(str(run.folder), message))
    return run
