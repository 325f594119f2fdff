"""The report on what was learned from public tables, as Markdown; every number in it is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from estimator.scrutiny.fits.scores import Score, score_of
from estimator.scrutiny.held_out.meta_analysis import Learned
from estimator.scrutiny.held_out.report import HeldOutReport

_HEADER = """\
# Evidence: what public registers show of dependence

Made by `python -m docs.make_evidence --tables FOLDER`, together with `priors/evidence.toml` and `priors/evidence/`; every number
here is computed by it. The method: `learning.py`, `learning_residual.py` and `meta_analysis.py` in `estimator/scrutiny/held_out/`.

Every multiple-systems estimate rests on two things that no table can show of itself: how far lists depend on each other among
the people whom none of them saw, and whether some people are out of sight of all of them. But in a table of three or more lists
the people *on one list* are a population whose size is known. Estimate it from the other lists, and the answer can be held
against the truth: see `darkfigure calibrate --held-out`.
"""


def report_of(
    learned: Learned,
    without: Mapping[str, Learned],
    cases: HeldOutReport,
    varied: HeldOutReport,
    families: Mapping[str, str],
) -> str:
    """Return the report.

    Parameters
    ----------
    learned : Learned
        From all tables.
    without : mapping of str to Learned
        Without each family.
    cases : HeldOutReport
        Every held-out list: under `evidence` as learned without its family, and under the other sets of priors.
    varied : HeldOutReport
        The same under `evidence` and under what it would be if other choices had been made.
    families : mapping of str to str
        Family by table.

    Returns
    -------
    str
        Markdown.
    """
    parts = [
        _HEADER,
        _tables(learned, cases, families),
        _found(learned, without),
        _generalises(cases),
        _varied(varied),
        _by_family(cases, families),
        _left_out(cases),
    ]
    return "\n".join(parts)


def _tables(learned: Learned, cases: HeldOutReport, families: Mapping[str, str]) -> str:
    rows = [
        f"| {family} | {', '.join(t for t, f in families.items() if f == family)} | "
        f"{sum(1 for one in learned.lists if one.table.family == family)} |"
        for family in dict.fromkeys(families.values())
    ]
    return "\n".join([
        "## Which tables",
        "",
        f"{len(families)} tables of {len(set(families.values()))} families, {len(learned.lists)} lists that can be held out "
        "(at least 30 people, two other lists that saw the same one of them, exact counts). Strata are added up. Versions of a "
        "table are one family, and every family weighs as much as one observation. Checksums: `priors/evidence/tables.csv`.",
        "",
        "| family | tables | lists held out |",
        "| --- | --- | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _found(learned: Learned, without: Mapping[str, Learned]) -> str:
    found = learned.dependence.learned
    residual, size = learned.residual, learned.residual.size
    rows = [_learned_row("**all**", learned), *(_learned_row(f"without {name}", one) for name, one in without.items())]
    likelihood = [f"| {name} | {value:.1f} |" for name, value in learned.residual.log_likelihood.items()]
    pairs = [(mean, sd) for fit in learned.completed for mean, sd in fit["pairs"].values()]
    weights = np.repeat(learned.weights, [len(fit["pairs"]) for fit in learned.completed]) / np.repeat(
        [len(fit["pairs"]) for fit in learned.completed], [len(fit["pairs"]) for fit in learned.completed]
    )
    mean = np.array([value for value, _ in pairs])
    weights /= weights.sum()
    average, spread = float(weights @ mean), float(np.sqrt(weights @ (mean - weights @ mean) ** 2))
    return "\n".join([
        "## What was found",
        "",
        f"**Pairs of lists.** In the completed tables, log odds ratios average {average:.2f} (an odds ratio of "
        f"{math.exp(average):.1f}) and spread by {spread:.2f}. In the hierarchical model, table c has log odds ratios that are "
        "Student t (4 degrees of freedom) around a mean μ of its own with a scale τ of its own, μ/τ ~ Normal(m, s²) and "
        f"log τ ~ Normal(a, b²): m = {_pm(found['m'])}, s = {_pm(found['s'])}, a = {_pm(found['a'])}, b = {_pm(found['b'])} "
        "(posterior mean ± standard deviation). The prior file states the distribution of the *next* table's μ/τ and τ, with "
        "what is uncertain of m, s, a and b added.",
        "",
        "Is what all pairs share in units of τ, or the same whatever τ? Log-likelihood of either form at its best (families as one "
        "observation each):",
        "",
        "| common mean of the log odds ratios | log-likelihood |",
        "| --- | ---: |",
        *(f"| {name} | {value:.1f} |" for name, value in learned.dependence.log_likelihood.items()),
        "",
        "Eleven families cannot tell the two apart. The first is used, for two reasons. Where overlaps show lists to be nearly "
        "independent, the second keeps a common mean that hardly any overlap can exclude, and makes intervals wide that need "
        "not be. And people who differ in how easily they are seen make all pairs of lists dependent to the same degree: the "
        "second reads that as a common mean with a small τ, and takes ξ to be small just where it should not.",
        "",
        "**Residual dependence.** ξ is the log of the true over the implied dark figure. With ξ = τ (c + size × t), t Student t with 4 "
        f"degrees of freedom, c is {residual.centre:+.2f} ± {residual.centre_sd:.2f}: once what all pairs share is in the model, "
        "these tables do not tell whether true dark figures lie above what pairs imply or below. The prior states c = 0 as long as it "
        "is within two standard deviations of 0 (a rule that is applied again without each family below); the size is then "
        f"{size:.2f} ({residual.size_interval[0]:.2f} to {residual.size_interval[1]:.2f}). How well each form predicts the people whom "
        "all other lists missed (log-likelihood, families as one observation each, c = 0):",
        "",
        "| size of ξ | log-likelihood |",
        "| --- | ---: |",
        *likelihood,
        "",
        "A size that follows τ predicts about as well as one that is the same everywhere, and makes intervals narrow where lists "
        "look independent, so it is the one that is used. That it follows τ is a judgement which these tables do not contradict, "
        "not a finding.",
        "",
        "| learned from | μ/τ | log τ | size of ξ | c, were it stated |",
        "| --- | --- | --- | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _pm(value: tuple[float, float]) -> str:
    return f"{value[0]:.2f} ± {value[1]:.2f}"


def _learned_row(name: str, learned: Learned) -> str:
    mean, scale, residual = learned.dependence.relative_mean, learned.dependence.log_scale, learned.residual
    return (
        f"| {name} | {mean.mean:.2f} ± {mean.sd:.2f} | {scale.mean:.2f} ± {scale.sd:.2f} | {residual.size:.2f} | "
        f"{residual.centre:+.2f} |"
    )


def _score_row(name: str, score: Score) -> str:
    inside = " | ".join(f"{100 * score.coverage[level]:.0f} %" for level in (0.5, 0.8, 0.95))
    return (
        f"| {name} | {inside} | {100 * score.too_low:.0f} % | {100 * score.too_high:.0f} % | {score.interval_score:.2f} | "
        f"× {math.exp(score.width):.1f} | {100 * math.expm1(score.bias):+.0f} % | {score.error:.2f} |"
    )


_SCORE_HEAD = (
    "| priors | 50 % | 80 % | 95 % | below | above | score | width | bias | error |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def _generalises(cases: HeldOutReport) -> str:
    names = sorted(cases.priors, key=lambda name: cases.score(name).interval_score)
    return "\n".join([
        "## How it generalises",
        "",
        "`evidence` here is learned anew without the family that is judged. Columns: share of held-out lists inside 50, 80 and 95 % "
        "intervals; share of 95 % intervals that lie altogether below or above the truth; mean interval score of log N (width plus "
        "40 times the distance missed; smaller is better); mean width as upper over lower limit; mean and mean absolute log of the "
        "median over the truth. Every table weighs the same.",
        "",
        _SCORE_HEAD,
        *(_score_row(f"**{name}**" if name == "evidence" else name, cases.score(name)) for name in names),
        "",
        "![Estimate against truth for every held-out list, by set of priors](evidence.svg)",
        "",
    ])  # fmt: skip


def _varied(varied: HeldOutReport) -> str:
    return "\n".join([
        "### Had another choice been made",
        "",
        "The rule for the centre of ξ was settled after both of these rows had been seen, so the difference between them is not a "
        "test of it. Intervals cover alike; with a centre that these tables cannot tell from 0, they are wider.",
        "",
        _SCORE_HEAD,
        *(_score_row(name, varied.score(name)) for name in varied.priors),
        "",
    ])  # fmt: skip


def _by_family(cases: HeldOutReport, families: Mapping[str, str]) -> str:
    rows = []
    for family in dict.fromkeys(families.values()):
        judged = [case.judged for case in cases.of("evidence") if families[case.table] == family]
        if judged:
            rows.append(_score_row(family, score_of(judged)))
    return "\n".join(
        ["### By family, `evidence` learned without it", "", _SCORE_HEAD.replace("priors", "family"), *rows, ""]
    )


def _left_out(cases: HeldOutReport) -> str:
    by_reason: dict[str, list[str]] = {}
    for where, why in cases.left_out.items():
        by_reason.setdefault(why.rpartition("cannot be held out: ")[2].rstrip("."), []).append(where)
    lines = [f"- {reason}: {'; '.join(places)}." for reason, places in by_reason.items()]
    return "\n".join(["## Lists that were not held out, and why", "", *lines, ""])
