"""Calibration on simulated truth as text: tables of at most 80 columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from estimator.calibration.grid import GridReport, Tables
from estimator.calibration.sbc_report import LEVEL, SbcReport, SbcResult
from estimator.calibration.scenarios import DEPENDENCES, Scenario
from estimator.fits.scores import LEVELS
from estimator.reasons import Reason
from estimator.words.numbers import factor, number, percentage, wrapped
from estimator.words.words import Words

_SHOWN = 12  # quantities with a line of their own
_QUANTITIES = (
    "N",
    "implied dark figure",
    "coverage",
    "dependence",
    "common_mean",
    "dependence_scale",
    "relative_mean",
    "composition_scale",
    "heterogeneity_scale",
    "coverage_change",
    "three_list",
    "residual",
    "log-likelihood",
)
"""Kinds of quantities that are ranked; after a blank follows which one, of the kinds that have several."""


def sbc_text(report: SbcReport, words: Words) -> str:
    """Return simulation-based calibration as text.

    Returns
    -------
    str
        For each set of priors the verdict, and the quantities that stray furthest.
    """
    head = words.text("calibration.heading.sbc", study=report.study, title=report.title)
    parts = [_sbc_part(result, words) for result in report.results]
    return "\n\n".join([wrapped(head), *parts, wrapped(words.text("calibration.explanation.sbc"))])


def verdict_text(result: SbcResult, words: Words) -> str:
    """Return in one sentence what the ranks under one set of priors say."""
    verdict = result.verdict
    named = {
        name: tuple(quantity_label(str(item), words) for item in value) if isinstance(value, tuple) else value
        for name, value in verdict.values.items()
    }
    if "least" in named:
        named["least"] = quantity_label(str(named["least"]), words)
    return words.say(Reason(verdict.code, **named))


def quantity_label(name: str, words: Words) -> str:
    """Return what a ranked quantity is called: "dependence P&K", "N total"."""
    kind = next((kind for kind in _QUANTITIES if name == kind or name.startswith(f"{kind} ")), None)
    if kind is None:
        return name
    code = kind.lower().replace("_", "-").replace(" ", "-")
    return words.text(f"calibration.quantity.{code}", which=name.removeprefix(kind).strip()).strip()


def dependence_label(kind: str, words: Words) -> str:
    """Return what a kind of dependence of the grid is called."""
    return words.text(f"calibration.dependence.{kind.replace(' ', '-')}")


def _sbc_part(result: SbcResult, words: Words) -> str:
    """Return verdict and table of one set of priors."""
    by_p = sorted(result.quantities, key=lambda name: result.quantities[name].band_p)
    priors = words.text("calibration.priors", priors=result.priors)
    lines = [wrapped(f"{priors}. {verdict_text(result, words)}")]
    if result.done:
        heads = [words.text(f"calibration.head.{head}") for head in ("quantity", "band-p", "chi2-p", "rank", "spread")]
        lines += ["", "{:<41}{:>8}{:>8}{:>11}{:>10}".format(*heads)]
    for name in by_p[:_SHOWN]:
        ranks = result.quantities[name]
        ps = f"{_p(ranks.band_p, words):>8}{_p(ranks.chi2_p, words):>8}"
        spread = number(ranks.spread, 2, words.language)
        mean = percentage(f"{100 * ranks.mean:.0f}", words.language)
        lines.append(f"{quantity_label(name, words)[:40]:<41}{ps}{mean:>11}{spread:>10}")
    if len(by_p) > _SHOWN:
        lines.append(words.text("calibration.others-stray-less", n=len(by_p) - _SHOWN))
    return "\n".join([*lines, *_sbc_notes(result, words)])


def _sbc_notes(result: SbcResult, words: Words) -> list[str]:
    """Return what a reader must know besides."""
    notes = []
    if result.done:
        notes.append(
            words.text(
                "calibration.outside-own-band",
                outside=len(result.outside),
                of=len(result.quantities),
                expected=LEVEL * len(result.quantities),
                acceptable=result.acceptable,
                again=result.fitted_again,
            )
        )
    if result.doubtful:
        notes.append(words.text("calibration.chains-disagreed", n=result.doubtful))
    if result.failed:
        notes.append(words.text("calibration.fits-failed", n=len(result.failed), first=result.failed[0]))
    return ["", *(wrapped(note) for note in notes)] if notes else []


def grid_text(report: GridReport, words: Words) -> str:
    """Return the grid as text: a table for each kind of dependence, and what was to be shown.

    Returns
    -------
    str
        Single scenarios are in the JSON and the picture.
    """
    scenarios, priors = len(report.scenarios), len(report.priors)
    parts = [wrapped(words.text("calibration.heading.grid", scenarios=scenarios, priors=priors))]
    for kind in DEPENDENCES:
        for unequal in (False, True):
            cases = [case for case in report.of(dependence=kind) if bool(case.capturability) == unequal]
            if cases:
                parts.append(_grid_table(report, cases, kind, unequal, words))
    parts += [wrapped(line) for line in words.say_all(report.targets())]
    parts.append(wrapped(words.text("calibration.explanation.grid")))
    if report.failed:
        key, why = next(iter(report.failed.items()))
        parts.append(wrapped(words.text("calibration.fits-failed", n=len(report.failed), first=f"{key}: {why}")))
    return "\n\n".join(parts)


def _grid_table(report: GridReport, cases: Sequence[Scenario], kind: str, unequal: bool, words: Words) -> str:
    """Return a line for each set of priors over some scenarios."""
    label = dependence_label(kind, words)
    title = words.text("calibration.scenarios", label=label, unequal=unequal, n=len(cases))
    first, tables, *others = (
        words.text(f"calibration.head.{head}") for head in ("priors", "tables", "width", "bias", "rmse", "score")
    )
    head = f"{first:<20}{tables:>9}{'50 %':>6}{'80 %':>6}{'95 %':>6}" + "{:>9}{:>8}{:>7}{:>8}".format(*others)
    lines = [table_line(name, report.tables(cases, name), words) for name in report.priors]
    return "\n".join([wrapped(title), head, *lines])


def table_line(name: str, tables: Tables, words: Words) -> str:
    """Return a line of 79 characters on the fits of some tables under one set of priors."""
    if not tables.n:
        return f"{name[:19]:<20}{0:>9}  {words.text('calibration.not-estimable')}"
    inside = "".join(f"{100 * tables.held[level].value:>6.0f}" for level in LEVELS)
    width = f"x {factor(math.exp(tables.log_width), words.language)}"
    bias = percentage(f"{100 * math.expm1(tables.log_bias):+.0f}", words.language)
    error, score = (number(value, 2, words.language) for value in (tables.log_rmse, tables.interval_score))
    return f"{name[:19]:<20}{tables.n:>9}{inside}{width:>9}{bias:>8}{error:>7}{score:>8}"


def _p(value: float, words: Words) -> str:
    """Return a p-value for a table."""
    if value < 0.001:
        return f"<{number(0.001, 3, words.language)}"
    return number(value, 3 if value < 0.1 else 2, words.language)
