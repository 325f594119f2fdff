"""What the answer would be had people of whom a covariate is unknown other levels than the model gives them.

The model divides people of unknown level over the levels as people of known level with the same history divide
(missing at random: Heitjan & Rubin 1991, Annals of Statistics 19:2244). No table can say whether that holds. Here all
of them are given one level after the other, which is as far as they can go together; and they are left out, as
``--missing drop`` does. Source: Manski 1989, Journal of Human Resources 24:343, for bounds without the assumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from estimator.capture.table import CaptureTable
from estimator.capture.unknown_levels import (
    people_of,
    some_level_unknown,
    with_people_in,
    with_unknown_level,
    without_people,
)
from estimator.checks.finding import CAUTION, SOUND, Finding
from estimator.checks.leave_list_out import agreement_of
from estimator.checks.loglinear.cases import Fitted, RefittedGroup, fit_cases, refit_of, seconds_of_refit
from estimator.checks.numbers import UnknownLevelsNumbers
from estimator.fits.fewer_lists import why_not
from estimator.fits.plain import plain
from estimator.fits.refit import with_table
from estimator.methods.door import Listener
from estimator.methods.registry import method_named
from estimator.methods.summary import Summary, summarise
from estimator.population.estimate import Estimate
from estimator.reasons import Reason, Value
from estimator.seeds import seed_of
from estimator.study.questions import TOTAL
from estimator.study.study import Study

NAME = "unknown-levels"


@dataclass(frozen=True, eq=False)
class Assumption:
    """What people are taken to be of whom something is unknown.

    Parameters
    ----------
    kind : {"dropped", "level", "in-group", "not-in-group"}
        They are left out; all have one level of a covariate; all who may be are of a group; all who may not be are not.
    covariate, level, group : str
        Which; empty where it is not about one.
    table : CaptureTable
        As it would be then.
    """

    kind: str
    table: CaptureTable
    covariate: str = ""
    level: str = ""
    group: str = ""

    @property
    def said(self) -> Reason:
        """The assumption within a sentence."""
        if self.kind == "level":
            return Reason("unknown-have-level", covariate=self.covariate, level=self.level)
        if self.kind == "dropped":
            return Reason("unknown-left-out")
        return Reason("unknown-in-group" if self.kind == "in-group" else "unknown-not-in-group", group=self.group)


@dataclass(frozen=True)
class Answer:
    """The size of one group under one assumption.

    Parameters
    ----------
    median, lower, upper : float
        Of the number of people, with its 95 % interval.
    intervals : mapping of float to (float, float)
        By probability.
    """

    median: float
    lower: float
    upper: float
    intervals: Mapping[float, tuple[float, float]]


@dataclass(frozen=True)
class OfGroup:
    """The size of one group under every assumption.

    Parameters
    ----------
    under : tuple of (Assumption, Answer)
        Where people are given levels: not where they are left out.
    dropped : Answer or None
        Where they are left out; None when nothing can be estimated then.
    """

    name: str
    model: Answer
    under: tuple[tuple[Assumption, Answer], ...]
    dropped: Answer | None = None

    @property
    def lowest(self) -> tuple[Assumption, Answer]:
        """The assumption under which there are fewest."""
        return min(self.under, key=lambda pair: pair[1].median)

    @property
    def highest(self) -> tuple[Assumption, Answer]:
        """The assumption under which there are most."""
        return max(self.under, key=lambda pair: pair[1].median)

    @property
    def reach(self) -> float:
        """How far apart the medians are, in logs."""
        low, high = self.lowest[1].median, self.highest[1].median
        return float(np.log(max(high, self.model.median, 1.0) / max(min(low, self.model.median), 1.0)))

    @property
    def stands(self) -> bool:
        """Whether no assumption moves the answer out of what the estimate leaves open."""
        full = Summary(self.model.median, np.nan, np.nan, self.model.intervals)
        return all(
            agreement_of(answer.median, answer.lower, answer.upper, full) == "agrees"
            for _, answer in (self.lowest, self.highest)
        )


def unknown_levels(
    estimate: Estimate, *, seed: int | None = None, workers: int = 2, listener: Listener | None = None
) -> Finding:
    """Estimate again with other levels for the people of whom a level is unknown.

    Parameters
    ----------
    seed : int, optional
        Of refits; by default that of the estimate.

    Returns
    -------
    Finding
        For each group what is believed of it by the model, without these people, and at the two ends: under the
        assumption that makes it smallest and the one that makes it largest. Assumptions are the same for all of these
        people, whichever lists saw them; were it otherwise for every history, it could go further.
    """
    if not some_level_unknown(estimate.study.table).any():
        return Finding(NAME, SOUND, (Reason("levels-all-known"),))
    assumptions = list(assumptions_of(estimate.study))
    seed = estimate.posterior.seed if seed is None else seed
    fits = _fits(estimate, assumptions, seed, workers, listener)
    groups = [
        _of_group(name, summarise(draws.size, estimate.levels), assumptions, fits)
        for name, draws in estimate.group_draws.items()
    ]
    return _finding(estimate, assumptions, fits, [group for group in groups if group.under])


def assumptions_of(study: Study) -> Iterator[Assumption]:
    """Yield what the people may be of whom a level is unknown; each table once.

    Where levels of one covariate alone are unknown, these are its levels. Where several are, people of unknown age stay
    with the model while sex is given, and a group can go further: the tables in which everybody of whom anything is
    unknown is of it, and is not, come on top.
    """
    table, unknown = study.table, some_level_unknown(study.table)
    yield Assumption("dropped", without_people(table, unknown))
    seen = [table]
    for assumption in (*_levels(table), *_groups(study)):
        if not any(_same(assumption.table, known) for known in seen):
            seen.append(assumption.table)
            yield assumption


def _levels(table: CaptureTable) -> Iterator[Assumption]:
    for name, numbers in with_unknown_level(table).items():
        covariate = next(declared for declared in table.covariates if declared.name == name)
        for level in covariate.levels:
            moved = with_people_in(table, numbers, table.strata_where({name: (level,)}))
            yield Assumption("level", moved, covariate=name, level=level)


def _groups(study: Study) -> Iterator[Assumption]:
    table, unknown = study.table, some_level_unknown(study.table)
    for name, group in study.groups.items():
        inside = table.strata_where(group.where)
        yield Assumption("in-group", with_people_in(table, unknown, inside), group=name)
        yield Assumption("not-in-group", with_people_in(table, unknown, ~inside), group=name)


def _same(first: CaptureTable, second: CaptureTable) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("lower", "upper", "cover_start", "cover_cell")
    )


def _fits(
    estimate: Estimate, assumptions: Sequence[Assumption], seed: int, workers: int, listener: Listener | None
) -> list[Fitted | tuple[Reason, ...]]:
    """Return what comes of every assumption, or why nothing does."""
    if listener is not None:
        listener.stage(Reason("doing-unknown-levels", number=len(assumptions)))
    method = method_named(estimate.posterior.method)
    studies = [with_table(estimate.study, assumption.table) for assumption in assumptions]
    refusals = [why_not(study, method, estimate.posterior.options) for study in studies]
    cases = [
        refit_of(estimate, str(place), study, seed_of(seed, "refit-with-levels", place))
        for place, study in enumerate(studies)
        if not refusals[place]
    ]
    seconds = seconds_of_refit(estimate.posterior.settings, estimate.posterior.seconds)
    fits = fit_cases(cases, workers=workers, seconds=seconds, listener=listener)
    return [_result(fits.get(str(place)), why) for place, why in enumerate(refusals)]


def _result(fit: Fitted | str | None, why: tuple[Reason, ...]) -> Fitted | tuple[Reason, ...]:
    if isinstance(fit, Fitted):
        return fit
    return why if fit is None else (Reason("refit-failed", error=fit),)


def _of_group(
    name: str, full: Summary, assumptions: Sequence[Assumption], fits: Sequence[Fitted | tuple[Reason, ...]]
) -> OfGroup:
    answers = [
        (assumption, _answer(fit.groups[name], full.intervals))
        for assumption, fit in zip(assumptions, fits, strict=True)
        if isinstance(fit, Fitted) and name in fit.groups
    ]
    dropped = next((answer for assumption, answer in answers if assumption.kind == "dropped"), None)
    under = tuple((assumption, answer) for assumption, answer in answers if assumption.kind != "dropped")
    return OfGroup(name, Answer(full.median, full.lower, full.upper, full.intervals), under, dropped)


def _answer(group: RefittedGroup, levels: Iterable[float]) -> Answer:
    intervals = {level: group.limits(level) for level in levels}
    return Answer(group.median, *intervals[0.95], intervals)


def _finding(
    estimate: Estimate,
    assumptions: Sequence[Assumption],
    fits: Sequence[Fitted | tuple[Reason, ...]],
    groups: Sequence[OfGroup],
) -> Finding:
    silent = {place: fit for place, fit in enumerate(fits) if not isinstance(fit, Fitted)}
    failed = tuple(assumptions[place].said for place in silent)
    numbers = _numbers(estimate.study.table, assumptions, fits, groups)
    if not groups:
        whys = tuple(dict.fromkeys(reason for why in silent.values() for reason in why))
        return Finding(NAME, CAUTION, (Reason("levels-give-no-answer"), *whys), numbers, done=False)
    far = sorted((group for group in groups if not group.stands), key=lambda group: -group.reach)
    statements = _statements(estimate.study.table, groups, far)
    if failed:
        statements = (*statements, Reason("levels-not-estimable", which=failed))
    return Finding(NAME, CAUTION if far or failed else SOUND, statements, numbers)


def _statements(table: CaptureTable, groups: Sequence[OfGroup], far: Sequence[OfGroup]) -> tuple[Reason, ...]:
    furthest, *others = far or [max(groups, key=lambda group: group.reach)]
    first = Reason("levels-move-answer" if far else "levels-leave-answer", **_between(furthest))
    more = [Reason("levels-move-as-well", groups=tuple(group.name for group in others))] if far and others else []
    total = next(group for group in groups if group.name == TOTAL)
    left = [Reason("levels-dropped", **_of(total.dropped), **_model(total))] if total.dropped else []
    return (first, *more, *left, *_counts(table))


def _between(group: OfGroup) -> dict[str, Value]:
    (low, least), (high, most) = group.lowest, group.highest
    return {
        "group": group.name,
        **_model(group),
        "low": Reason("group-under-assumption", which=low.said, **_of(least)),
        "high": Reason("group-under-assumption", which=high.said, **_of(most)),
    }


def _model(group: OfGroup) -> dict[str, float]:
    return {f"{name}_by_model": value for name, value in _of(group.model).items()}


def _of(answer: Answer) -> dict[str, float]:
    return {"median": answer.median, "lower": answer.lower, "upper": answer.upper}


def _counts(table: CaptureTable) -> Iterator[Reason]:
    """Yield of how many people each covariate is unknown."""
    for name, numbers in with_unknown_level(table).items():
        people, all_people = people_of(table, numbers), table.registered
        yield Reason(
            "levels-unknown-of",
            covariates=(name,),
            people=people.lower,
            at_most=people.limit,
            registered=all_people.lower,
        )


def _numbers(
    table: CaptureTable,
    assumptions: Sequence[Assumption],
    fits: Sequence[Fitted | tuple[Reason, ...]],
    groups: Sequence[OfGroup],
) -> UnknownLevelsNumbers:
    """Return everything that was found; ``lowest`` and ``highest`` are places among the assumptions."""
    place = {id(assumption): number for number, assumption in enumerate(assumptions)}
    return {
        "unknown": {
            name: {"lower": people_of(table, numbers).lower, "upper": people_of(table, numbers).limit}
            for name, numbers in with_unknown_level(table).items()
        },
        "assumptions": [
            {
                "kind": assumption.kind,
                "covariate": assumption.covariate,
                "level": assumption.level,
                "group": assumption.group,
                "why": [] if isinstance(fit, Fitted) else plain(fit),
            }
            for assumption, fit in zip(assumptions, fits, strict=True)
        ],
        "groups": {
            group.name: {
                "model": plain(vars(group.model)),
                "dropped": None if group.dropped is None else plain(vars(group.dropped)),
                "lowest": place[id(group.lowest[0])],
                "highest": place[id(group.highest[0])],
                "under": {str(place[id(assumption)]): plain(vars(answer)) for assumption, answer in group.under},
                "stands": group.stands,
            }
            for group in groups
        },
    }
