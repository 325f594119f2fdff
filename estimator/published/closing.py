"""What a reproduction amounts to: statements that follow from its verdicts, none of them typed in beforehand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import get_args

from estimator.methods.summary import Summary
from estimator.population.groups import study_years
from estimator.population.rates import denominator_of
from estimator.published.figures import Basis, Reproduced, Reproduction, UnderOtherPriors
from estimator.published.pooled import reach
from estimator.reasons import Reason
from estimator.study.questions import TOTAL

_SCALED = 0.005
"""A registered number that was scaled and rounded to whole people is within this share of the scaled one."""

_ROUNDED = 2
"""Persons: a count that misses by more was not missed because the table holds whole people."""


def closing(reproduction: Reproduction) -> tuple[Reason, ...]:
    """Return what a reader should take away.

    Returns
    -------
    tuple of Reason
        How many figures, on what they rest, how weak a word consistent is, what other assumptions make of them, and
        what the public table says. Figures are named by their ids.
    """
    statements = [
        tally(reproduction),
        evidence(reproduction),
        weakness(reproduction.figures),
        *(under_other_priors(reproduction, other) for other in reproduction.beside),
        public_table(reproduction),
    ]
    return tuple(statement for statement in statements if statement is not None)


def tally(reproduction: Reproduction) -> Reason:
    """Return how many figures are consistent, differ, or cannot be reproduced, and on what the consistent ones rest."""
    figures = reproduction.all_figures
    kinds = [figure.verdict.kind for figure in figures]
    bases = [figure.basis for figure in figures if figure.verdict.kind == "consistent"]
    return Reason(
        "figures-counted",
        figures=len(kinds),
        consistent=kinds.count("consistent"),
        differs=kinds.count("differs"),
        without=kinds.count("not-reproducible"),
        methods=sum(figure.is_other_method for figure in figures),
        rests=[
            Reason("figures-rest-on", number=bases.count(basis), basis=basis)
            for basis in get_args(Basis)
            if basis in bases
        ],
    )


def evidence(reproduction: Reproduction) -> Reason | None:
    """Return on what the consistent estimates of unseen people rest; None when nothing was put in beforehand."""
    consistent = [
        figure for figure in reproduction.figures if figure.verdict.kind == "consistent" and figure.is_estimate
    ]
    made = [figure for figure in consistent if figure.basis == "calibrated"]
    if not made:
        return None
    groups = len({(figure.figure.group, figure.figure.years) for figure in made})
    return Reason(
        "consistent-because-put-in",
        made=len(made),
        consistent=len(consistent),
        groups=groups if groups < len(made) else None,
    )


def unexplained(figures: Sequence[Reproduced]) -> Iterator[Reproduced]:
    """Yield the estimates that differ, of which the reason must be said; counts that differ need none."""
    return (figure for figure in figures if figure.verdict.kind == "differs" and figure.is_estimate)


def under_other_priors(reproduction: Reproduction, other: UnderOtherPriors) -> Reason | None:
    """Return what other assumptions make of the same figures; None without a published total."""
    here, there = (_headline(reproduction, figures) for figures in (reproduction.figures, other.figures))
    if here is None or here.ours is None:
        return None
    if there is None or there.ours is None:
        return Reason("other-priors-withheld", priors=other.priors)
    consistent, estimates = _consistent(other.figures)
    lost, gained = _turned(reproduction, other)
    return Reason(
        "under-other-priors",
        here=reproduction.priors,
        priors=other.priors,
        total=_people(there.ours),
        total_here=_people(here.ours),
        consistent=consistent,
        estimates=estimates,
        consistent_here=_consistent(reproduction.figures)[0],
        lost=lost,
        gained=gained,
    )


def _turned(reproduction: Reproduction, other: UnderOtherPriors) -> tuple[list[str], list[str]]:
    """Return which estimates are consistent here and not under other assumptions, and the other way round."""
    pairs = [pair for pair in zip(reproduction.figures, other.figures, strict=True) if pair[1].is_estimate]
    kinds = {here.figure.id: (here.verdict.kind, there.verdict.kind) for here, there in pairs}
    lost = [name for name, (here, there) in kinds.items() if here == "consistent" != there]
    gained = [name for name, (here, there) in kinds.items() if there == "consistent" != here]
    return lost, gained


def _consistent(figures: Sequence[Reproduced]) -> tuple[int, int]:
    """Return how many estimates are consistent, and how many there are."""
    verdicts = [figure.verdict.kind for figure in figures if figure.is_estimate]
    return verdicts.count("consistent"), len(verdicts)


def _headline(reproduction: Reproduction, figures: Sequence[Reproduced]) -> Reproduced | None:
    """Return the published total over the study's headline years."""
    years = reproduction.study.period.headline if reproduction.study.period else None
    wanted = (TOTAL, "N", years)
    totals = (item for item in figures if (item.figure.group, item.figure.measure, item.figure.years) == wanted)
    return next(totals, None)


def weakness(figures: Sequence[Reproduced]) -> Reason | None:
    """Return how wide the intervals are in which a published number of people had to lie."""
    sizes = [item.ours for item in figures if item.ours and item.is_estimate and item.figure.measure == "N"]
    factors = sorted(size.upper / size.lower for size in sizes if size.lower > 0)
    return Reason("consistent-is-weak", least=factors[0], most=factors[-1]) if factors else None


def public_table(reproduction: Reproduction) -> Reason | None:
    """Return what the analyses of the public table, ours and others', amount to beside the published total."""
    spread, headline = reproduction.spread, _headline(reproduction, reproduction.figures)
    if spread is None:
        return None
    everyone = reach(spread.intervals)
    published = None
    if headline is not None and headline.figure.lower is not None and headline.figure.upper is not None:
        published = headline.figure.lower, headline.figure.upper
    pinned = published is not None and everyone[1] / everyone[0] <= published[1] / published[0]
    return Reason(
        "public-table-alone",
        ours=len(spread.ours),
        reach_of_ours=reach(spread.ours),
        published=len(spread.published),
        reach=everyone,
        narrowest=spread.narrowest,
        outside=spread.outside_narrowest,
        estimates=len(spread.values),
        total=published,
        pinned=None if published is None else pinned,
    )


def _people(value: Summary) -> Reason:
    """Return a number of persons with its 95 % interval."""
    return Reason("people-estimated", median=value.median, lower=value.lower, upper=value.upper)


def scaling_note(reproduction: Reproduction) -> Reason | None:
    """Return that registered numbers differ because they were scaled to the public table; None when they were not."""
    yearly = [figure for figure in reproduction.figures if _is_yearly(figure)]
    covered = {figure.figure.years[0] for figure in yearly}
    registered = reproduction.study.table.registered
    if not yearly or covered != set(study_years(reproduction.study)) or not registered.exact:
        return None
    published = sum(figure.figure.value or 0.0 for figure in yearly)
    ratio = registered.lower / published
    off = [abs(_ours(figure) - ratio * (figure.figure.value or 0.0)) for figure in yearly]
    if ratio == 1 or any(by > _SCALED * _ours(figure) for by, figure in zip(off, yearly, strict=True)):
        return None
    return Reason(
        "registered-scaled",
        published=published,
        registered=registered.lower,
        factor=ratio,
        within=math.ceil(max(off)),
    )


def rounding_note(reproduction: Reproduction) -> Reason | None:
    """Return by how much counts that the table was made to meet miss them; None when none does, or one by more."""
    counts = [
        figure
        for figure in reproduction.figures
        if figure.basis == "calibrated" and figure.ours and not figure.is_estimate
    ]
    off = [abs(_ours(figure) - (figure.figure.value or 0.0)) for figure in counts if not _is_yearly(figure)]
    missed = math.ceil(max(off, default=0.0))
    return Reason("counts-rounded", people=missed) if 0 < missed <= _ROUNDED else None


def rates_note(reproduction: Reproduction) -> Reason | None:
    """Return that rates rest on inhabitants that were backed out of them; None when they were counted."""
    shown = [item.figure for item in reproduction.figures if item.ours and item.figure.measure == "per_100000"]
    used = [denominator_of(reproduction.study, figure.group or TOTAL, figure.years) for figure in shown]
    implied = any(denominator and "implied" in denominator.how for denominator in used)
    return Reason("inhabitants-backed-out") if implied else None


def _is_yearly(item: Reproduced) -> bool:
    """Tell whether a figure is everybody registered in one year of the study."""
    figure = item.figure
    return item.ours is not None and (figure.group, figure.measure, len(figure.years)) == (TOTAL, "registered", 1)


def _ours(item: Reproduced) -> float:
    """Return our middle."""
    return item.ours.median if item.ours else 0.0
