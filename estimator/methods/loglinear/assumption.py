"""The identifying assumption: what an estimate rests on that its own data cannot test."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from estimator.capture.table import CaptureTable
from estimator.methods.door import Residual
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.reasons import Reason
from estimator.study.dependence_facts import dependence_assumed, residual_assumed, strata_assumed
from estimator.study.priors import Priors
from estimator.study.questions import Break, ModelSettings

_LEVELS = (0.5, 0.025, 0.975)
_LARGEST_LOG = 700.0  # beyond, a number is too large to be written


def assumption(
    priors: Priors,
    *,
    has_covariates: bool,
    ordered: Sequence[str] = (),
    has_three_list: bool = False,
    breaks: Sequence[Break] = (),
    unknown: Reason | None = None,
) -> Reason:
    """Return the identifying assumption of a log-linear model under a prior.

    Parameters
    ----------
    has_covariates : bool
        Whether the table is divided into strata.
    ordered : sequence of str
        Covariates whose levels follow each other, such as years.
    has_three_list : bool
        Whether the model has terms for three lists.
    breaks : sequence of Break
        Lists that were redefined, so that their coverage may be another from then on.
    unknown : Reason, optional
        From `unknown_at_random`.

    Returns
    -------
    Reason
        With a clause on dependence between lists, one on residual dependence where the priors have it, one on whether
        strata differ in what no list shows, one for each break, and one on people of whom something is unknown.
    """
    return Reason(
        "loglinear-assumption",
        within_strata=has_covariates,
        three_list_terms=has_three_list,
        dependence=dependence_assumed(priors),
        residual=residual_assumed(priors),
        of_strata=strata_assumed(priors, ordered) if has_covariates else None,
        breaks=tuple(Reason("coverage-may-break", list=change.list, since=change.since) for change in breaks),
        unknown=unknown,
    )


def unknown_at_random(table: CaptureTable, model: ModelSettings) -> Reason | None:
    """Return what is assumed of people of whom something is unknown, where it matters how many they are.

    Returns
    -------
    Reason or None
        What is unknown of them (``covariates`` and ``lists``), limits of the prior on their share, and the covariates
        by which it may differ; None where each number counts people of whom the same is known, or all are exact.
    """
    roads = table.roads
    if roads is None:
        return None
    names = [*(covariate.name for covariate in table.covariates), *table.lists]
    told, known = roads.always_known, len(table.covariates)
    blank = [(at, name) for at, name in enumerate(names) if not told[at]]
    by = Reason("unknown-may-differ", covariates=tuple(name for at, name in enumerate(names[:known]) if told[at]))
    return Reason(
        "unknown-at-random",
        covariates=tuple(name for at, name in blank if at < known),
        lists=tuple(name for at, name in blank if at >= known),
        lower=model.unknown_share[0],
        upper=model.unknown_share[1],
        by=by,
    )


def residual_of(priors: Priors, posteriors: Sequence[LoglinearPosterior]) -> Residual:
    """Return the true over the implied dark figure, over the draws of one posterior or several.

    Returns
    -------
    Residual
        As stated, or as drawn when it is relative to what the overlaps show.
    """
    stated = priors.residual
    form = "none" if stated is None else stated.form
    # where it is a part of what is stated of the dark figure, the counts bear on it, so that it is no longer as stated
    if stated is None or stated.form == "none" or (stated.form == "stated" and priors.coverage.form == "odds"):
        ratios = [1.0 if stated is None else stated.quantile(level) for level in _LEVELS]
    else:
        drawn = np.concatenate([posterior.values["residual"].ravel() for posterior in posteriors])
        logs = np.quantile(drawn, _LEVELS)
        ratios = [math.exp(value) if value < _LARGEST_LOG else math.inf for value in logs]
    return Residual(form, *(round(ratio, 4) if math.isfinite(ratio) else None for ratio in ratios))
