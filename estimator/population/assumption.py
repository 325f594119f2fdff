"""The identifying assumption, in a sentence: what an estimate rests on that its own data cannot test."""

from __future__ import annotations

from estimator.study.priors import Priors
from estimator.study.statements import Statement

_UNSEEN = "and that this holds for people on no list as it does for people on some."
_UNTESTABLE = "No table of lists can test this."


def assumption(priors: Priors, *, has_covariates: bool) -> str:
    """Return the identifying assumption of a log-linear model under a prior.

    Parameters
    ----------
    priors : Priors
    has_covariates : bool
        Whether the table is divided into strata.

    Returns
    -------
    str
        Two plain sentences.
    """
    within = "within each stratum " if has_covariates else ""
    return f"Assumes that {within}{_dependence(priors)} {_UNSEEN} {_UNTESTABLE}"


def _dependence(priors: Priors) -> str:
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
    return f"between {lower:.2g} and {upper:.2g} (with 95 % probability)"
