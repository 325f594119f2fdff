"""The identifying assumption, in a sentence: what an estimate rests on that its own data cannot test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from estimator.methods.door import Posterior
from estimator.study.priors import Priors
from estimator.study.questions import Break
from estimator.study.statements import Statement, plain_number

_HIGHER = "that no three lists depend on each other beyond their pairs,"
_UNSEEN = (
    "and that all this holds for people on no list as it does for people on some. That last step no table of lists "
    "can test."
)

_LEVELS = (0.5, 0.025, 0.975)
_LARGEST_LOG = 700.0  # beyond, a number is too large to be written


def assumption(
    priors: Priors, *, has_covariates: bool, has_three_list: bool = False, breaks: Sequence[Break] = ()
) -> str:
    """Return the identifying assumption of a log-linear model under a prior.

    Parameters
    ----------
    has_covariates : bool
        Whether the table is divided into strata.
    has_three_list : bool
        Whether the model has terms for three lists.
    breaks : sequence of Break
        Lists that were redefined, so that their coverage may be another from then on.

    Returns
    -------
    str
        Two plain sentences, one more where the priors have residual dependence, and one more for each break.
    """
    within = "within each stratum " if has_covariates else ""
    higher = _HIGHER.replace("no three", "no other three") if has_three_list else _HIGHER
    broken = "".join(
        f" List {found.list} was redefined from {found.since} on, so that its coverage may break there."
        for found in breaks
    )
    clause = residual_in_words(priors)
    doubted = f" It is therefore not taken as exact: {clause}, in every group alike." if clause else ""
    return f"Assumes that {within}{dependence_in_words(priors)}, {higher} {_UNSEEN}{doubted}{broken}"


def residual_in_words(priors: Priors) -> str:
    """Return by how much the dark figure may differ from what dependence between pairs implies; else nothing.

    Returns
    -------
    str
        A clause without a full stop; empty without residual dependence.
    """
    stated = priors.residual
    if stated is None or stated.form == "none":
        return ""
    if stated.form == "stated":
        lower, upper = (plain_number(limit) for limit in stated.interval(0.95))
        return f"the dark figure may be between {lower} and {upper} times what that implies (with 95 % probability)"
    middle = f", around {stated.centre:g} times that size" if stated.centre else ""
    return (
        "the dark figure may differ from what that implies as much as pairs of lists turn out to depend on each other "
        f"(on the logarithmic scale {stated.size:g} times the typical size of their log odds ratios{middle})"
    )


def residual_record(priors: Priors, posterior: Posterior) -> dict[str, Any]:
    """Return the true over the implied dark figure for JSON.

    Returns
    -------
    dict
        ``form``, and ``median``, ``lower`` and ``upper`` of the ratio (95 %): as stated, or as drawn when it is
        relative to what the overlaps show; all 1 without residual dependence. A limit is None when it is too large to
        be written.
    """
    stated = priors.residual
    form = "none" if stated is None else stated.form
    if stated is None or stated.form != "relative":
        ratios = [1.0 if stated is None else stated.quantile(level) for level in _LEVELS]
    else:
        logs = np.quantile(posterior.details.values["residual"], _LEVELS)
        ratios = [math.exp(value) if value < _LARGEST_LOG else math.inf for value in logs]
    named = zip(("median", "lower", "upper"), ratios, strict=True)
    return {"form": form, **{name: round(ratio, 4) if math.isfinite(ratio) else None for name, ratio in named}}


def dependence_in_words(priors: Priors) -> str:
    """Return what is assumed of pairs of lists."""
    form, stated = priors.dependence.form, ""
    if priors.dependence.pairs:
        stated = f" (other odds ratios were stated for {len(priors.dependence.pairs)} of the pairs)"
    if form == "none":
        return "lists find people independently of each other"
    odds_ratio = priors.dependence.odds_ratio
    shared = priors.dependence.common_mean is not None or priors.dependence.relative_mean is not None
    around = " around a mean that all pairs share" if shared else ""
    if form == "normal" and odds_ratio is not None:
        return f"the odds ratio between two lists lies {_between(odds_ratio)}{around}{stated}"
    if form == "learned":
        how = "as much as the overlaps themselves show"
        return f"the odds ratios between lists resemble each other{around}, {how}{stated}"
    return f"most pairs of lists are nearly independent and a few may be strongly dependent{stated}"


def _between(statement: Statement) -> str:
    """Return the 95 % interval of a statement in words."""
    lower, upper = statement.interval(0.95)
    return f"between {plain_number(lower)} and {plain_number(upper)} (with 95 % probability)"
