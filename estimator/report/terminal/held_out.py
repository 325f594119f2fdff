"""Held-out lists as text: tables of at most 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from estimator.calibration.held_out import Case, HeldOutReport, not_held_out
from estimator.fits.scores import LEVELS, Score
from estimator.study.shipped import EVIDENCE
from estimator.study.trackrecord import track_records
from estimator.words.numbers import WIDTH, count, factor, number, percentage, span, wrapped
from estimator.words.words import Words

_MANY = 30
"""From this many lists on, intervals that hold the truth 80 times in 100 seldom (1 in 800) hold it in all of them."""

_MOST_LINES = 40


def held_out_text(report: HeldOutReport, words: Words) -> str:
    """Return a report as text.

    Returns
    -------
    str
        A table of the sets of priors, one of the tables under each set, one of single lists where there are few, and
        what was left out.
    """
    if not report.cases:
        return "\n\n".join([words.text("held-out.no-fit"), *_left_out(report, words)])
    cases = report.of(report.priors[0])
    heading = words.text(
        "held-out.heading", lists=len(cases), tables=len(report.tables), pooled=report.pooled
    )  # fmt: skip
    scores = [_line(name, report.score(name), words) for name in report.priors]
    parts = [
        wrapped(heading),
        "\n".join([_head("priors", words), *scores]),
        wrapped(words.text("held-out.explanation", bound=report.bound)),
        *_of_bound(report, words),
        *_few(cases, words),
        *_no_test(report, words),
    ]
    if len(report.tables) > 1:
        parts += [_by_table(report, name, words) for name in report.priors]
    elif len(report.priors) * len(cases) <= _MOST_LINES:
        parts += [_by_list(report, name, words) for name in report.priors]
    return "\n\n".join([*parts, *_left_out(report, words)])


def _head(first: str, words: Words) -> str:
    first, lists, score, width, bias = (
        words.text(f"calibration.head.{name}") for name in (first, "lists", "score", "width", "bias")
    )
    levels = "  ".join(f"{percentage(f'{100 * level:g}', words.language):>4}" for level in LEVELS)
    return f"{first:<27}{lists:>9}  {levels}  {score:>5}{width:>9}  {bias:>6}"


def _line(name: str, score: Score, words: Words) -> str:
    inside = "".join(f"  {100 * score.held[level]:>4.0f}" for level in LEVELS)
    width = f"x {factor(math.exp(score.width), words.language)}"
    bias = percentage(f"{100 * math.expm1(score.bias):+.0f}", words.language)
    mean = number(score.interval_score, 2, words.language)
    return f"{name[:27]:<27}{score.cases:>9}{inside}  {mean:>5}{width:>9}  {bias:>6}"


def _by_table(report: HeldOutReport, priors: str, words: Words) -> str:
    """Return a line for each table under one set of priors."""
    lines = [_line(table, report.score(priors, table), words) for table in report.tables if report.of(priors, table)]
    return "\n".join([words.text("held-out.by-table", priors=priors), _head("table", words), *lines])


def _by_list(report: HeldOutReport, priors: str, words: Words) -> str:
    """Return a line for each list under one set of priors."""
    name, people, estimate, interval, others = (
        words.text(f"held-out.head.{name}") for name in ("list", "people", "estimate", "interval", "others")
    )
    head = f"{name:<11}{people:>9}{estimate:>10}   {interval:<21}{others:>14}"
    lines = [_case(case, words) for case in report.of(priors)]
    return "\n".join([words.text("held-out.by-list", priors=priors), head, *lines])


def _case(case: Case, words: Words) -> str:
    lower, upper = case.judged.limits(0.95)
    missed = "" if case.judged.holds(0.95) else "too-low" if upper < case.judged.truth else "too-high"
    mark = f"  {words.text(f'held-out.{missed}')}" if missed else ""
    people, estimate, low, high, others = (
        count(value, language=words.language)
        for value in (case.judged.truth, case.judged.quantiles[0.5], lower, upper, case.registered)
    )
    interval = span(low, high, words.language)
    return f"{case.list[:11]:<11}{people:>9}{estimate:>10}   {interval:<21}{others:>14}{mark}"[:WIDTH]


def _few(cases: Sequence[Case], words: Words) -> list[str]:
    """Say how little a handful of lists proves."""
    if len(cases) >= _MANY:
        return []
    return [wrapped(words.text("held-out.few-lists", lists=len(cases), chance=0.8 ** len(cases)))]


def _of_bound(report: HeldOutReport, words: Words) -> list[str]:
    """Say what a bound promises, and how often it broke that."""
    if not report.bound:
        return []
    above = sum(case.judged.limits(0.95)[0] > case.judged.truth for case in report.cases)
    text = words.text("held-out.bound", method=report.method, above=int(above), lists=len(report.cases))
    return [wrapped(text)]


def _no_test(report: HeldOutReport, words: Words) -> list[str]:
    """Say of which tables the priors `evidence` cannot be judged, and where they were."""
    if not report.learned_from:
        return []
    record = track_records()[EVIDENCE]
    text = words.text(
        "held-out.learned-from",
        priors=EVIDENCE,
        tables=report.learned_from,
        held=record.inside[0.95],
        lists=record.lists,
        score=record.score,
    )
    return [wrapped(text)]


def _left_out(report: HeldOutReport, words: Words) -> Iterator[str]:
    """Yield what was not held out, or not done, and why."""
    reasons = [wrapped(sentence) for sentence in words.say_all(not_held_out(report.left_out))]
    if reasons:
        yield "\n".join([words.text("held-out.heading.not-held-out"), *reasons])
    doubtful = [f"{case.table}: {case.list} ({case.priors})" for case in report.cases if not case.converged]
    if doubtful:
        yield wrapped(words.text("held-out.chains-disagreed", which=tuple(doubtful)))
    if report.failed:
        lines = [wrapped(f"{where}: {why}") for where, why in report.failed.items()]
        yield "\n".join([words.text("held-out.heading.failed"), *lines])
