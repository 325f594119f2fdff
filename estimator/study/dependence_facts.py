"""What a prior file says of dependence between lists, as facts that are compared and put into words."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.reasons import Reason
from estimator.study.priors import Priors

STRATA_ALIKE = "strata-alike-on-no-list"
"""Code of the assumption that groups and years do not differ in what no list shows."""


def dependence_assumed(priors: Priors) -> Reason:
    """Return what is assumed of pairs of lists."""
    dependence = priors.dependence
    shared = dependence.common_mean is not None or dependence.relative_mean is not None
    stated = len(dependence.pairs)
    if dependence.form == "none":
        return Reason("lists-independent")
    if dependence.form == "normal" and dependence.odds_ratio is not None:
        lower, upper = dependence.odds_ratio.interval(0.95)
        return Reason("odds-ratios-between", lower=lower, upper=upper, around_mean=shared, pairs=stated)
    if dependence.form == "learned":
        return Reason("odds-ratios-resemble", around_mean=shared, pairs=stated)
    return Reason("few-pairs-dependent", pairs=stated)


def residual_assumed(priors: Priors) -> Reason | None:
    """Return by how much the dark figure may differ from what pairs of lists imply; None when not at all."""
    stated = priors.residual
    if stated is None or stated.form == "none":
        return None
    if stated.form == "stated":
        lower, upper = stated.interval(0.95)
        return Reason("residual-stated", lower=lower, upper=upper)
    return Reason("residual-relative", size=stated.size, centre=stated.centre or None)


def strata_assumed(priors: Priors, ordered: Sequence[str]) -> Reason:
    """Return whether strata differ in what no list shows, and how far.

    Parameters
    ----------
    ordered : sequence of str
        Covariates whose levels follow each other.
    """
    stated = priors.residual
    if stated is None or stated.between_strata is None:
        return Reason("strata-alike-on-no-list")
    relative = stated.form == "relative"
    return Reason("strata-differ-on-no-list", size=stated.between_strata, relative=relative, covariates=tuple(ordered))


def residual_numbers(priors: Priors) -> tuple[float | bool | None, ...]:
    """Return the section ``[residual]`` as numbers, so that two ways of saying the same are the same."""
    stated = priors.residual
    if stated is None or stated.form == "none":
        return ()
    relative, learned = stated.form == "relative", priors.dependence.scale
    scale = (learned.mu, learned.sigma) if relative and learned is not None else ()
    return (relative, *stated.location_and_scale, stated.degrees_of_freedom, stated.between_strata, *scale)
