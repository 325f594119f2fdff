"""Held-out lists by every method as text: tables of at most 80 columns."""

from __future__ import annotations

import math

from estimator.calibration.held_out_methods import MethodHeld, MethodsReport
from estimator.fits.scores import LEVELS
from estimator.population.beside import NO_PRIORS
from estimator.study.shipped import EVIDENCE
from estimator.study.trackrecord import track_records
from estimator.words.numbers import number, percentage, wrapped
from estimator.words.words import Words

_WIDTH = 28  # characters of a method with its priors


def methods_text(report: MethodsReport, words: Words) -> str:
    """Return one table of all lists, one of the lists that every method answers for, and what they mean."""
    parts = [
        wrapped(words.text("held-out.methods.heading", pooled=report.pooled)),
        _table(report.rows(), words),
        *(_common(report, words) if report.narrowed else ()),
        *(wrapped(text) for text in methods_notes(report, words)),
    ]
    return "\n\n".join(part for part in parts if part)


def _common(report: MethodsReport, words: Words) -> list[str]:
    """Return the table of the lists that every method answers for, with its heading."""
    heading = words.text("held-out.methods.common", lists=len(report.common))
    return [wrapped(heading), _table(report.rows(report.common), words)]


def methods_notes(report: MethodsReport, words: Words) -> list[str]:
    """Return what the tables mean, and what is not in them."""
    notes = [words.text("held-out.methods.explanation")]
    if report.learned_from:
        record = track_records()[EVIDENCE]
        notes.append(
            words.text(
                "held-out.methods.learned-from",
                priors=EVIDENCE,
                held=record.inside[0.95],
                lists=record.lists,
                score=record.score,
            )
        )
    notes += [
        words.text("held-out.methods.refused", method=name, reasons=reasons) for name, reasons in report.refused.items()
    ]
    disagreed = [row for row in report.rows() if row.disagreed]
    notes += [
        words.text("held-out.methods.disagreed", method=method_label(row, words), fits=row.disagreed, lists=row.lists)
        for row in disagreed
    ]
    return notes


def method_label(row: MethodHeld, words: Words) -> str:
    """Return a method with its priors, and a mark where it gives a bound."""
    priors = "" if row.priors == NO_PRIORS else f", {row.priors}"
    return f"{row.method}{priors}{' *' if row.bound else ''}"


def cells(row: MethodHeld, words: Words) -> list[str]:
    """Return the numbers of a method: lists, families, shares with standard errors, median ratio and score."""
    shares = [share_text(row, level) for level in LEVELS]
    middle = number(math.exp(row.log_ratio), 2, words.language)
    return [str(row.lists), str(row.families), *shares, middle, number(row.score, 2, words.language)]


def share_text(row: MethodHeld, level: float) -> str:
    """Return the share of intervals that hold the truth, in per cent, with its standard error."""
    error = row.error[level]
    return f"{100 * row.held[level]:.0f}" + ("" if math.isnan(error) else f" ± {100 * error:.0f}")


def heads(words: Words) -> list[str]:
    """Return the heads of the columns."""
    names = ("method", "lists", "families")
    return [
        *(words.text(f"held-out.methods.head.{name}") for name in names),
        *(percentage(f"{100 * level:g}", words.language) for level in LEVELS),
        words.text("held-out.methods.head.ratio"),
        words.text("held-out.methods.head.score"),
    ]


def _table(rows: list[MethodHeld], words: Words) -> str:
    """Return a line for each method."""
    table = [heads(words), *([method_label(row, words), *cells(row, words)] for row in rows)]
    return "\n".join(_line(row) for row in table)


def _line(row: list[str]) -> str:
    first, *others = row
    widths = (6, 5, 9, 9, 9, 7, 7)
    return f"{first[:_WIDTH]:<{_WIDTH}}" + "".join(f"{text:>{size}}" for text, size in zip(others, widths, strict=True))
