"""The report on what was learned from public tables, as Markdown; every number in it is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.held_out import HeldOutReport
from estimator.fits.scores import LEVELS, Score, score_of
from estimator.reasons import Reason
from estimator.words.words import words_in
from evidence.coverage_rule import COVERAGE_OUTCOME, COVERAGE_RULE
from evidence.default_rule import COMMON_OUTCOME, COMMON_RULE, DEFAULT_OUTCOME, DEFAULT_RULE
from evidence.learning import A_BEFORE, B_BEFORE, S_BEFORE
from evidence.learning_fits import BASE
from evidence.learning_residual import (
    CENTRE_BEFORE,
    LOG_SIZE_SD_BEFORE,
    RELATIVE,
    SIZE_ABOVE_ONE_BEFORE,
    SIZE_BEFORE,
    Residual,
)
from evidence.meta_analysis import Choices, Learned
from evidence.rule import OUTCOME, RULE

Floats = NDArray[np.float64]

_TOLD_APART = 2.0  # difference in log-likelihood from which on tables are said to tell two forms apart

_HEADER = """\
# Evidence: what public registers show of dependence

Made by `python -m evidence.make_evidence --tables FOLDER`, together with `priors/evidence.toml` and `priors/evidence/`; every number
here is computed by it, but for how many variants were tried. The method: `learning.py`, `learning_residual.py` and `meta_analysis.py` in `evidence/`.

Every multiple-systems estimate rests on two things that no table can show of itself: how far lists depend on each other among
the people whom none of them saw, and whether some people are out of sight of all of them. But in a table of three or more lists
the people *on one list* are a population whose size is known. Estimate it from the other lists, and the answer can be held
against the truth: see `darkfigure calibrate --held-out`. That is a test of the first, and in part of the second: see "What this
cannot show".
"""


def report_of(
    learned: Learned,
    without: Mapping[str, Learned],
    cases: HeldOutReport,
    varied: HeldOutReport,
    families: Mapping[str, str],
    former: tuple[Choices, Learned],
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
    former : (Choices, Learned)
        What was supposed before the last change, and what all tables say then.

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
        _by_families(cases, families),
        _varied(varied, learned, *former),
        _by_family(cases, families),
        _limits(),
        _left_out(cases),
        RULE,
        OUTCOME,
        COVERAGE_RULE,
        COVERAGE_OUTCOME,
        DEFAULT_RULE,
        DEFAULT_OUTCOME,
        COMMON_RULE,
        COMMON_OUTCOME,
    ]
    return "\n".join(parts)


def _tables(learned: Learned, cases: HeldOutReport, families: Mapping[str, str]) -> str:
    rows = [
        f"| {family} | {', '.join(t for t, f in families.items() if f == family)} | "
        f"{sum(1 for held_out in learned.lists if held_out.table.family == family)} |"
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
    parameters = learned.dependence.learned
    residual, size = learned.residual, learned.residual.size
    low, high = (SIZE_BEFORE * math.exp(sign * 1.96 * LOG_SIZE_SD_BEFORE) for sign in (-1, 1))
    rows = [
        _learned_row("**all**", learned),
        *(_learned_row(f"without {name}", fold) for name, fold in without.items()),
    ]
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
        f"log τ ~ Normal(a, b²): m = {_pm(parameters['m'])}, s = {_pm(parameters['s'])}, a = {_pm(parameters['a'])}, b = {_pm(parameters['b'])} "
        "(posterior mean ± standard deviation). The prior file states the distribution of the *next* table's μ/τ and τ, with "
        "what is uncertain of m, s, a and b added: the normal distribution with the same 95 % interval. Its middle is that of the "
        "interval, not m or a, because the mixture over tables is skewed; beyond, the mixture has heavier tails.",
        "",
        f"Before any table: m ~ Normal(0, 1), s and b half-normal with scales {S_BEFORE:g} and {B_BEFORE:g}, a ~ Normal({A_BEFORE:g}, 1). "
        "So few families say little of s and b: their priors had means of "
        f"{S_BEFORE * math.sqrt(2 / math.pi):.2f} and {B_BEFORE * math.sqrt(2 / math.pi):.2f}, and wider ones would give a wider prior file.",
        "",
        "Is what all pairs share in units of τ, or the same whatever τ? Log-likelihood of either form at its best (families as one "
        "observation each):",
        "",
        "| common mean of the log odds ratios | log-likelihood |",
        "| --- | ---: |",
        *(f"| {name} | {value:.1f} |" for name, value in learned.dependence.log_likelihood.items()),
        "",
        f"{_told_apart(list(learned.dependence.log_likelihood.values()), len(without))} The first is used all the same, for two reasons. Where overlaps show lists to be nearly "
        "independent, the second keeps a common mean that hardly any overlap can exclude, and makes intervals wide that need "
        "not be. And people who differ in how easily they are seen make all pairs of lists dependent to the same degree: the "
        "second reads that as a common mean with a small τ, and takes ξ to be small just where it should not.",
        "",
        "**Residual dependence.** ξ is the log of the true over the implied dark figure. With ξ = τ (c + size × z), z standard normal, "
        f"c is {residual.centre:+.2f} ± {residual.centre_sd:.2f}{_whether_told(residual)} The prior states c = 0 as "
        "long as it is within two standard deviations of 0 (a rule that is applied again without each family below); the size is then "
        f"{size:.2f} ({residual.size_interval[0]:.2f} to {residual.size_interval[1]:.2f}). How well each form predicts the people whom "
        "all other lists missed (log-likelihood, families as one observation each, c = 0):",
        "",
        "| size of ξ | log-likelihood |",
        "| --- | ---: |",
        *likelihood,
        "",
        f"Before any table the size was log-normal around {SIZE_BEFORE:g} ({low:.2f} to {high:.2f}), c ~ Normal(0, {CENTRE_BEFORE:g}²). "
        "These tables speak weakly against sizes above 1 (probability "
        f"{100 * residual.size_above_one:.0f} %, before any table {100 * SIZE_ABOVE_ONE_BEFORE:.0f} %), and not at all against small ones: "
        "the lower limit is that of the prior. That there is a residual at all, and that its size follows τ (which makes intervals narrow "
        "where lists look independent), are judgements which these tables do not contradict, not findings. What the residual does for "
        "held-out lists is shown below.",
        "",
        "The prior states the median of the size. That is narrower than what is known: 95 % of ξ/τ lie within "
        f"±{residual.reach:.2f} of the centre as stated, within ±{residual.known_reach:.2f} with what is uncertain of the size, and further "
        "with what is uncertain of the centre. Every fold below states it in the same way, so that how often intervals hold held-out lists "
        "includes what that costs.",
        "",
        "| learned from | μ/τ | log τ | size of ξ | c, were it stated |",
        "| --- | --- | --- | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _told_apart(log_likelihood: Sequence[float], families: int) -> str:
    """Say whether tables tell two forms with as many numbers apart."""
    first, second = log_likelihood
    if abs(first - second) < _TOLD_APART:
        return f"{families} families cannot tell the two apart."
    return f"{families} families speak for the {'first' if first > second else 'second'}."


def _whether_told(residual: Residual) -> str:
    """Say whether tables tell the centre of the residual from 0."""
    if residual.stated_centre:
        return "."
    return (
        ": once what all pairs share is in the model, these tables do not tell whether true dark figures lie above what pairs imply "
        "or below."
    )


def _pm(value: tuple[float, float]) -> str:
    return f"{value[0]:.2f} ± {value[1]:.2f}"


def _learned_row(name: str, learned: Learned) -> str:
    mean, scale, residual = learned.dependence.relative_mean, learned.dependence.log_scale, learned.residual
    return (
        f"| {name} | {mean.mean:.2f} ± {mean.sd:.2f} | {scale.mean:.2f} ± {scale.sd:.2f} | {residual.size:.2f} | "
        f"{residual.centre:+.2f} |"
    )


def _score_row(name: str, score: Score) -> str:
    inside = " | ".join(f"{100 * score.held[level]:.0f} %" for level in (0.5, 0.8, 0.95))
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


def _by_families(cases: HeldOutReport, families: Mapping[str, str]) -> str:
    """Return scores in which families weigh the same, and how sure their differences are."""
    names = sorted(cases.priors, key=lambda name: cases.score(name).interval_score)
    order = list(dict.fromkeys(families[case.table] for case in cases.of(BASE)))
    by_family = {
        name: [score_of([case.judged for case in cases.of(name) if families[case.table] == family]) for family in order]
        for name in names
    }
    rows = []
    for name, scores in by_family.items():
        shares = [np.array([score.held[level] for score in scores]) for level in LEVELS]
        inside = " | ".join(f"{100 * share.mean():.0f} ± {100 * _error(share):.0f} %" for share in shares)
        difference = np.array(
            [other.interval_score - own.interval_score for other, own in zip(scores, by_family[BASE], strict=True)]
        )
        beside = "" if name == BASE else f"{difference.mean():+.2f} ± {_error(difference):.2f}"
        mean = np.mean([score.interval_score for score in scores])
        label = f"**{name}**" if name == BASE else name
        rows.append(f"| {label} | {inside} | {mean:.2f} | {beside} |")
    return "\n".join([
        "### How sure that is",
        "",
        f"Tables of a family resemble each other, so that there are only {len(order)} independent observations. Averages in which "
        "every family weighs the same, each with its standard error over families; the difference in score is from `evidence`, family "
        "by family:",
        "",
        "| priors | 50 % | 80 % | 95 % | score | more than evidence |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
        "A set whose difference is within two standard errors of 0 cannot be told from `evidence` by these tables.",
        "",
    ])  # fmt: skip


def _error(values: Floats) -> float:
    """Return the standard error of a mean."""
    return float(values.std(ddof=1) / math.sqrt(len(values)))


def _limits() -> str:
    return "\n".join([
        "## What this cannot show",
        "",
        "- **People whom no list could ever see.** Everybody on a held-out list was seen by it. People without any chance of being "
        "seen are in no such test, and people differ less in how easily they are seen among those on one list than among all. What "
        "is learned here may therefore understate dependence and the residual.",
        "- **That a study resembles these tables.** Victims of trafficking, deaths in war, births and mailing lists have little in "
        "common but that lists overlap. Two of the families are of trafficking.",
        "- **Choices that were the same in every fold.** The families of distributions, a residual in units of the pairs' spread, and the "
        "priors on coverage and on the dark figure were settled before or beside these figures; the shape of the residual, the prior of "
        "b and how the prior file sums up the next table were changed after them. None is tested by leaving a family out. `evidence` "
        "differs from the other sets in those priors, too.",
        "",
    ])  # fmt: skip


def _varied(varied: HeldOutReport, learned: Learned, choices: Choices, former: Learned) -> str:
    before, now = former.residual.log_likelihood[RELATIVE], learned.residual.log_likelihood[RELATIVE]
    was = former.dependence.log_scale
    return "\n".join([
        "### Had another choice been made",
        "",
        "The rule for the centre of ξ was settled after the first two of these rows had been seen, so the difference between them is not "
        "a test of it.",
        "",
        f"The last row undoes three changes that were made at once: z was Student t with {choices.residual_degrees_of_freedom:g} degrees of "
        f"freedom, b was half-normal with a scale of {choices.b_before:g}, and the prior file had the mean and standard deviation of the "
        f"mixture over tables. It then said log τ {was.mean:.2f} ± {was.sd:.2f} and a size of {former.residual.size:.2f}, and ξ/τ lay within "
        f"±{former.residual.reach:.2f} with 95 % probability. They were made because the simulated grid had missed what was aimed at: where "
        "lists are independent, intervals are to be at most 1.6 times as wide as under `nl-2017`, and were wider. These tables did not ask "
        f"for it: the people whom all other lists missed have a log-likelihood of {now:.1f}, and had {before:.1f}; the rows below show what was lost "
        "and won. About a dozen variants were tried, on the grid and on "
        "all of these tables, so that neither the scores of `evidence` here nor its width on the grid are an independent test of the one "
        "that was taken. Tables weigh the same.",
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
    words, lists = words_in("en"), dict[Reason, list[str]]()
    for (table, name), why in cases.left_out.items():
        lists.setdefault(why, []).append(f"{table}: {name}")
    lines = [f"- {words.say(why)}: {'; '.join(places)}." for why, places in lists.items()]
    return "\n".join(["## Lists that were not held out, and why", "", *lines, ""])
