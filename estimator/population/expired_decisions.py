"""Decisions and interruptions that end just before the headline years: perhaps nobody thought of the new year.

A list that was left out for years, and that nobody left out of the new one, counts again there, and the numbers jump.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estimator.capture.declaration import NotOperating
from estimator.population.statements_of_study import strata_reasons
from estimator.reasons import Reason
from estimator.study.study import Study
from estimator.words.numbers import named_levels


def expired_decisions(study: Study) -> tuple[Reason, ...]:
    """Return the decisions about lists, and the pauses of lists, that end before the headline years.

    A statement stops short when it names the two years before the headline (or the one, where there is no more) but not
    every headline year. A statement that was meant for a single year is therefore not named, and none is when the
    headline begins with the first year. A list that did not run is named only when it has nobody in the headline years
    that were left out: otherwise it runs again. Changes hold from a year on, and cannot stop short.
    """
    return (*_decisions(study), *_paused(study))


def _decisions(study: Study) -> Iterator[Reason]:
    """Yield the decisions that stop short."""
    for decision in study.decisions:
        missing = _missing(study, decision.where)
        if missing:
            yield Reason(
                "decision-stops-short",
                decision=decision.name,
                choice=decision.choice,
                list=decision.list,
                where=strata_reasons(study, decision.where),
                missing=named_levels(missing, _years(study)[1]),
            )


def _paused(study: Study) -> Iterator[Reason]:
    """Yield the lists that are said not to have run until just before the headline, and that saw nobody in it."""
    for pause in paused_lists(study):
        missing = _missing(study, pause.where)
        if missing and pause.list in study.table.lists and _saw_nobody(study, pause.list, missing):
            yield Reason(
                "interruption-stops-short",
                list=pause.list,
                where=strata_reasons(study, pause.where),
                missing=named_levels(missing, _years(study)[1]),
            )


def paused_lists(study: Study) -> tuple[NotOperating, ...]:
    """Return the lists that a study declares not to have run somewhere, other than because they stopped.

    Returns
    -------
    tuple of NotOperating
        Without those that ``[[changes]]`` makes.
    """
    stopped = {(change.list, change.since) for change in study.changes if change.kind == "stopped"}
    year = study.period.covariate if study.period else None
    return tuple(
        paused
        for paused in study.declaration.not_operating
        if not (set(paused.where) == {year} and (paused.list, paused.where[year or ""][0]) in stopped)
    )


def _missing(study: Study, where: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the headline years that a statement leaves out though it held until just before them."""
    year, years = _years(study)
    named = where.get(year, ())
    if not study.period or not named:
        return ()
    headline = [level for level in years if level in (study.period.headline or years)]
    before = years[: years.index(headline[0])]
    if not before or not set(before[-2:]) <= set(named):
        return ()
    return tuple(level for level in headline if level not in named)


def _years(study: Study) -> tuple[str, tuple[str, ...]]:
    """Return the covariate that is the year, and its levels; nothing when there is none."""
    name = (study.period.covariate if study.period else None) or ""
    return name, next((covariate.levels for covariate in study.table.covariates if covariate.name == name), ())


def _saw_nobody(study: Study, name: str, years: tuple[str, ...]) -> bool:
    """Tell whether a list has nobody, for certain, in some years."""
    return study.table.select({_years(study)[0]: years}).list_sizes()[name].upper == 0
