"""Held-out lists in words and tables of at most 80 columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from estimator.capture.holding_out import NOT_HELD_OUT
from estimator.fits.scores import LEVELS, Score
from estimator.study.shipped import EVIDENCE
from estimator.study.trackrecord import track_records
from estimator.words.numbers import WIDTH, count, factor, listed, wrapped

if TYPE_CHECKING:
    from estimator.calibration.held_out import Case, HeldOutReport

_MANY = 30
"""From so many lists on, coverage of 80 % is unlikely (1 in 800) to be taken for full coverage."""

EXPLANATION = (
    "The people on one list are a population of known size. Each list in turn is held out, its people are estimated "
    "from the other lists, and the estimate is held against their number. A 95 % interval should hold the truth 95 "
    "times in 100. Score: width of the 95 % interval of log N plus 40 times the distance by which it misses; smaller "
    "is better. Width: the upper limit divided by the lower. Every table weighs the same."
)


def score_record(score: Score) -> dict[str, Any]:
    """Return averages as plain values: shares, and logs of persons."""
    return {
        "cases": score.cases,
        "tables": score.tables,
        "coverage": {f"{level:g}": score.coverage[level] for level in LEVELS},
        "interval_score": score.interval_score,
        "log_width": score.width,
        "log_bias": score.bias,
        "log_error": score.error,
        "too_low": score.too_low,
        "too_high": score.too_high,
    }


def text_of(report: HeldOutReport) -> str:
    """Return a report as text.

    Returns
    -------
    str
        A table of the sets of priors, one of the tables under each set, one of single lists where there are few, and
        what was left out.
    """
    if not report.cases:
        return "\n\n".join(["Held-out lists: no fit could be done.", *_left_out(report)])
    some = report.of(report.priors[0])
    tables = f"{len(report.tables)} tables" if len(report.tables) > 1 else "one table"
    lists = f"{len(some)} lists" if len(some) > 1 else "one list"
    pooled = "; strata added up" if report.pooled else ""
    parts = [
        f"Held-out lists: {lists} of {tables}, each estimated from the others{pooled}",
        "\n".join([_head("priors"), *(_line(name, report.score(name)) for name in report.priors)]),
        wrapped(EXPLANATION),
        *_few(some),
        *_no_test(report),
    ]
    if len(report.tables) > 1:
        for name in report.priors:
            lines = [_line(table, report.score(name, table)) for table in report.tables if report.of(name, table)]
            parts.append("\n".join([f"By table, priors {name}", _head("table"), *lines]))
    elif len(report.priors) * len(some) <= 40:
        parts += [_cases(report, name) for name in report.priors]
    return "\n\n".join([*parts, *_left_out(report)])


def _head(first: str) -> str:
    return f"{first:<27}{'lists':>5}  {'50 %':>4}  {'80 %':>4}  {'95 %':>4}  {'score':>5}  {'width':>6}  {'bias':>6}"


def _line(name: str, score: Score) -> str:
    inside = "".join(f"  {100 * score.coverage[level]:>4.0f}" for level in LEVELS)
    width, bias = f"x {factor(math.exp(score.width))}", f"{100 * math.expm1(score.bias):+.0f} %"
    return f"{name[:27]:<27}{score.cases:>5}{inside}  {score.interval_score:>5.2f}  {width:>6}  {bias:>6}"


def _cases(report: HeldOutReport, priors: str) -> str:
    """Return a line for each list under one set of priors."""
    head = f"{'list':<11}{'people':>9}{'estimate':>10}   {'95 % interval':<21}{'seen by others':>14}"
    return "\n".join([f"By list, priors {priors}", head, *(_case(case) for case in report.of(priors))])


def _case(case: Case) -> str:
    lower, upper = case.judged.limits(0.95)
    missed = "" if case.judged.covers(0.95) else "  too low" if upper < case.judged.truth else "  too high"
    interval = f"{count(lower)} to {count(upper)}"
    numbers = f"{count(case.judged.truth):>9}{count(case.judged.quantiles[0.5]):>10}"
    return f"{case.list[:11]:<11}{numbers}   {interval:<21}{count(case.registered):>14}{missed}"[:WIDTH]


def _few(cases: Sequence[Case]) -> list[str]:
    """Say how little a handful of lists proves."""
    if len(cases) >= _MANY:
        return []
    chance = 0.8 ** len(cases)
    number = "one list is" if len(cases) == 1 else f"{len(cases)} lists are"
    return [
        wrapped(
            f"{number[0].upper()}{number[1:]} too few to tell how often intervals hold the truth: intervals that hold "
            f"it 80 times in 100 would hold all of these with a probability of {100 * chance:.0f} %. docs/evidence.md "
            "has many tables."
        )
    ]


def _no_test(report: HeldOutReport) -> list[str]:
    """Say of which tables the priors `evidence` cannot be judged, and where they were."""
    if not report.learned_from:
        return []
    record = track_records()[EVIDENCE]
    return [
        wrapped(
            f"The priors {EVIDENCE} were learned from {listed(report.learned_from)}, so that these lists are no test "
            f"of them. Learned anew without the family of tables that is judged, their 95 % intervals held "
            f"{100 * record.inside[0.95]:.0f} % of {record.lists} lists, with a score of {record.score:.2f} "
            "(docs/evidence.md)."
        )
    ]


def lists_by_reason(left_out: Mapping[str, str]) -> dict[str, list[str]]:
    """Return which lists could not be held out, ``"table: list"``, by the reason why."""
    found: dict[str, list[str]] = {}
    for where, why in left_out.items():
        found.setdefault(why.rpartition(NOT_HELD_OUT)[2].rstrip("."), []).append(where)
    return found


def reasons(left_out: Mapping[str, str]) -> list[str]:
    """Return a sentence for each reason why lists of a table could not be held out."""
    by_table: dict[tuple[str, str], list[str]] = {}
    for reason, where in lists_by_reason(left_out).items():
        for one in where:
            table, _, name = one.rpartition(": ")
            by_table.setdefault((table, reason), []).append(name)
    return [f"{table}: {listed(names)}: {reason}." for (table, reason), names in by_table.items()]


def _left_out(report: HeldOutReport) -> list[str]:
    """Return what was not held out, or not done, and why."""
    lines = [wrapped(sentence) for sentence in reasons(report.left_out)]
    parts = ["\n".join(["Not held out", *lines])] if lines else []
    doubtful = [case for case in report.cases if not case.converged]
    if doubtful:
        names = ", ".join(f"{case.table}: {case.list} ({case.priors})" for case in doubtful)
        parts.append(wrapped(f"The chains of these quick fits did not quite agree: {names}."))
    if report.failed:
        lines = [wrapped(f"{where}: {why}") for where, why in report.failed.items()]
        parts.append("\n".join(["Could not be fitted", *lines]))
    return parts
