"""Calibration in words and tables of at most 80 columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from estimator.calibration.grid import COVERED_TARGET, WIDTH_TARGET, GridReport, Share, Tables, compared
from estimator.calibration.sbc_report import LEVEL, SbcReport, SbcResult
from estimator.calibration.scenarios import Scenario
from estimator.fits.scores import LEVELS
from estimator.words.numbers import count, factor, listed, share, wrapped

IN_WORDS = {
    "none": "Lists independent of each other",
    "one pair": "One pair of lists with odds ratio 10",
    "all pairs": "All pairs of lists with odds ratio 2",
    "evidence": "Dependence drawn from the evidence priors",
}
"""What the kinds of dependence of the grid are called."""

_SHOWN = 12  # quantities with a line of their own

SBC_EXPLANATION = (
    "Parameters are drawn from the priors and a table from them; the table is fitted, and the truth ranked among draws "
    "of the posterior. When the computation is right, ranks are uniform. band p: how often uniform ranks stray as far "
    "from the diagonal; chi2 p: the same by another test. Mean rank above 50 %: estimates are too low. Spread above 1: "
    "intervals are too narrow; below 1: too wide."
)

GRID_EXPLANATION = (
    "50, 80 and 95 %: how many intervals of that probability hold the true number of people, in per cent. Width: upper "
    "limit of the 95 % interval divided by the lower one (geometric mean). Bias: median over truth (geometric mean). "
    "RMSE: root mean square of log median over truth. Score: width of the 95 % interval of log N plus 40 times the "
    "distance by which it misses; smaller is better."
)


def sbc_text(report: SbcReport) -> str:
    """Return simulation-based calibration as text.

    Returns
    -------
    str
        For each set of priors the verdict, and the quantities that stray furthest.
    """
    head = wrapped(f"Simulation-based calibration of the model of {report.study}: {report.title}")
    return "\n\n".join([head, *(_sbc_part(one) for one in report.results), wrapped(SBC_EXPLANATION)])


def verdict_of(result: SbcResult) -> str:
    """Return in one sentence what the ranks under one set of priors say."""
    n, quantities = count(len(result.done)), len(result.quantities)
    if not result.done:
        return "No simulation could be done."
    least = min(result.corrected, key=lambda name: result.corrected[name])
    p = _p(result.corrected[least])
    if result.rejected:
        return (
            f"Not calibrated: in {n} simulations the ranks of {listed(result.rejected)} are not uniform (p {p} after "
            f"correction for {quantities} quantities)."
        )
    return (
        f"Calibrated: in {n} simulations the ranks of all {quantities} quantities are uniform (smallest p {p}, that of "
        f"{least}, after correction for their number)."
    )


def _sbc_part(result: SbcResult) -> str:
    """Return verdict and table of one set of priors."""
    by_p = sorted(result.quantities, key=lambda name: result.quantities[name].band_p)
    lines = [wrapped(f"Priors {result.priors}. {verdict_of(result)}")]
    if result.done:
        lines += ["", f"{'quantity':<42}{'band p':>8}{'chi2 p':>8}{'mean rank':>11}{'spread':>8}"]
    for name in by_p[:_SHOWN]:
        found = result.quantities[name]
        ps = f"{_p(found.band_p):>8}{_p(found.chi2_p):>8}"
        lines.append(f"{name[:41]:<42}{ps}{100 * found.mean:>9.0f} %{found.spread:>8.2f}")
    if len(by_p) > _SHOWN:
        lines.append(f"and {len(by_p) - _SHOWN} quantities that stray less")
    return "\n".join([*lines, *_sbc_notes(result)])


def _sbc_notes(result: SbcResult) -> list[str]:
    """Return what a reader must know besides."""
    again = sum(one["attempts"] > 1 for one in result.done)
    notes = []
    if result.done:
        outside, expected = len(result.outside), LEVEL * len(result.quantities)
        notes.append(
            f"Outside their own 95 % band: {outside} of {len(result.quantities)} quantities; chance alone puts about "
            f"{expected:.1f} there. Tables from the priors that were of the study's order: {share(result.acceptable)}. "
            f"Fits done again with more draws: {again}."
        )
    if result.doubtful:
        notes.append(f"Fits whose chains did not agree even then, counted all the same: {result.doubtful}.")
    if result.failed:
        notes.append(f"Fits that could not be done: {len(result.failed)} ({result.failed[0]}).")
    return ["", *(wrapped(note) for note in notes)] if notes else []


def grid_text(report: GridReport) -> str:
    """Return the grid as text: a table for each kind of dependence, and what was to be shown.

    Returns
    -------
    str
        Single scenarios are in the JSON and the picture.
    """
    parts = [
        f"Intervals held against known truth: {len(report.scenarios)} scenarios, {len(report.priors)} sets of priors"
    ]
    for kind, words in IN_WORDS.items():
        for individuals, unequal in ((0.0, ""), (1.0, ", individuals unequal")):
            cases = [case for case in report.of(dependence=kind) if bool(case.capturability) == bool(individuals)]
            if cases:
                parts.append(_grid_table(report, cases, f"{words}{unequal}"))
    parts += [*target_lines(report), wrapped(GRID_EXPLANATION)]
    if report.failed:
        key, why = next(iter(report.failed.items()))
        parts.append(wrapped(f"Fits that could not be done: {len(report.failed)}, such as {key}: {why}."))
    return "\n\n".join(parts)


def _grid_table(report: GridReport, cases: Sequence[Scenario], words: str) -> str:
    """Return a line for each set of priors over some scenarios."""
    number = "one scenario" if len(cases) == 1 else f"{len(cases)} scenarios"
    head = f"{'priors':<22}{'tables':>7}{'50 %':>6}{'80 %':>6}{'95 %':>6}{'width':>9}{'bias':>8}{'RMSE':>7}{'score':>8}"
    lines = [f"{words} ({number})", head]
    return "\n".join([*lines, *(table_line(name, report.tables(cases, name)) for name in report.priors)])


def table_line(name: str, found: Tables) -> str:
    """Return a line of 79 characters on the fits of some tables under one set of priors."""
    if not found.n:
        return f"{name[:21]:<22}{0:>7}  nothing can be estimated"
    inside = "".join(f"{100 * found.coverage[level].value:>6.0f}" for level in LEVELS)
    width, bias = f"x {factor(math.exp(found.log_width))}", f"{100 * math.expm1(found.log_bias):+.0f} %"
    score = f"{found.interval_score:>8.2f}"
    return f"{name[:21]:<22}{found.n:>7}{inside}{width:>9}{bias:>8}{found.log_rmse:>7.2f}{score}"


def target_lines(report: GridReport) -> list[str]:
    """Return what the evidence priors cost and what they bring, as sentences with the uncertainty of the simulation."""
    lines = []
    for name, other in compared(report.priors):
        ratio = report.mean_width_ratio(name, other)
        if not math.isnan(ratio):
            met = "within" if ratio <= WIDTH_TARGET else "beyond"
            cases = report.of(dependence="none", capturability=0.0)
            ratios = [report.width_ratio(case, name, other) for case in cases]
            lines.append(
                f"Where lists are independent, 95 % intervals of log N under {name} are {factor(ratio)} times as wide "
                f"as under {other} ({factor(min(ratios))} to {factor(max(ratios))} by scenario): {met} the "
                f"{factor(WIDTH_TARGET)} times aimed at."
            )
    cases = report.of(dependence="evidence", capturability=0.0)
    if cases:
        lines += [_covered(name, report.tables(cases, name).coverage[0.95]) for name in report.priors]
    return [wrapped(line) for line in lines]


def _covered(name: str, found: Share) -> str:
    """Return how many intervals hold the truth where dependence is as in the evidence."""
    lower, upper = (100 * limit for limit in found.limits)
    said = f"{name}: {100 * found.value:.1f} % ({lower:.1f} to {upper:.1f} %)"
    if name != "evidence":
        return f"Where dependence is drawn from the evidence, 95 % intervals hold the truth under {said}."
    low, high = COVERED_TARGET
    met = "within" if low <= found.value <= high else "outside"
    aimed = f"{met} the {100 * low:.0f} to {100 * high:.0f} % aimed at"
    if met == "outside" and lower <= 100 * high and upper >= 100 * low:
        aimed += ", by no more than chance leaves open"
    return f"Where dependence is drawn from the evidence, 95 % intervals hold the truth under {said}: {aimed}."


def _p(value: float) -> str:
    """Return a p-value."""
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
