"""The identifying assumption, in a sentence: what an estimate rests on that its own data cannot test."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.study.priors import Priors
from estimator.study.questions import Break
from estimator.study.statements import Statement, plain_number

_HIGHER = "that no three lists depend on each other beyond their pairs,"
_UNSEEN = (
    "and that all this holds for people on no list as it does for people on some. That last step no table of lists "
    "can test."
)


def assumption(
    priors: Priors, *, has_covariates: bool, has_three_list: bool = False, breaks: Sequence[Break] = ()
) -> str:
    """Return the identifying assumption of a log-linear model under a prior.

    Parameters
    ----------
    priors : Priors
    has_covariates : bool
        Whether the table is divided into strata.
    has_three_list : bool
        Whether the model has terms for three lists.
    breaks : sequence of Break
        Lists that were redefined, so that their coverage may be another from then on.

    Returns
    -------
    str
        Two plain sentences, and one more for each break.
    """
    within = "within each stratum " if has_covariates else ""
    higher = _HIGHER.replace("no three", "no other three") if has_three_list else _HIGHER
    broken = "".join(
        f" List {found.list} was redefined from {found.since} on, so that its coverage may break there."
        for found in breaks
    )
    return f"Assumes that {within}{dependence_in_words(priors)}, {higher} {_UNSEEN}{broken}"


def dependence_in_words(priors: Priors) -> str:
    """Return what is assumed of pairs of lists."""
    form, stated = priors.dependence.form, ""
    if priors.dependence.pairs:
        stated = f" (other odds ratios were stated for {len(priors.dependence.pairs)} of the pairs)"
    if form == "none":
        return "lists find people independently of each other"
    odds_ratio = priors.dependence.odds_ratio
    if form == "normal" and odds_ratio is not None:
        around = " around a mean that all pairs share" if priors.dependence.common_mean is not None else ""
        return f"the odds ratio between two lists lies {_between(odds_ratio)}{around}{stated}"
    if form == "learned":
        return f"the odds ratios between lists resemble each other, as much as the overlaps themselves show{stated}"
    return f"most pairs of lists are nearly independent and a few may be strongly dependent{stated}"


def _between(statement: Statement) -> str:
    """Return the 95 % interval of a statement in words."""
    lower, upper = statement.interval(0.95)
    return f"between {plain_number(lower)} and {plain_number(upper)} (with 95 % probability)"
