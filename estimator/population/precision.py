"""Where the precision of an estimate comes from: the same counts under several sets of priors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from estimator.population.beside import width_factor
from estimator.population.estimate import Estimate
from estimator.reasons import Reason
from estimator.study.dependence_facts import dependence_assumed, residual_numbers
from estimator.study.priors import Priors
from estimator.study.priorsections import CoveragePrior
from estimator.study.statements import Statement

ABOUT_AS_WIDE = 0.9
"""Above this ratio of the logarithms of two intervals' widths neither counts as more precise."""


def precision(sets: Sequence[Estimate]) -> tuple[Reason, ...]:
    """Return how much of the precision is the assumption, and whether the answers agree.

    Parameters
    ----------
    sets : sequence of Estimate
        Of the same study, under several sets of priors.

    Returns
    -------
    tuple of Reason
        Nothing when fewer than two of them have an answer.
    """
    shown = [
        estimate for estimate in sets if estimate.convergence.passed and 1.0 < width_factor(estimate.total.N) < math.inf
    ]
    if len(shown) < 2:
        return ()
    spans = tuple(
        Reason("factor-under", factor=width_factor(estimate.total.N), priors=estimate.priors_name) for estimate in shown
    )
    return (Reason("total-spans", spans=spans), _source_of_precision(shown), _agreement(shown))


def _source_of_precision(shown: Sequence[Estimate]) -> Reason:
    """Return where the precision of the narrowest interval comes from, compared with the widest."""
    ordered = sorted(shown, key=lambda estimate: width_factor(estimate.total.N))
    narrow, wide = ordered[0], ordered[-1]
    ratio = math.log(width_factor(narrow.total.N)) / math.log(width_factor(wide.total.N))
    if ratio > ABOUT_AS_WIDE:
        return Reason("precision-hardly-depends")
    return Reason(
        "precision-is-assumed",
        narrow=narrow.priors_name,
        wide=wide.priors_name,
        narrower=1 - ratio,
        by=_difference(narrow.priors, wide.priors),
    )


def _of_coverage(coverage: CoveragePrior) -> list[Statement | None]:
    """Return what is stated of lists; None before it where the level that they have in common follows from the rest."""
    stated: list[Statement | None] = [coverage.odds, *(item.odds for item in coverage.lists)]
    return stated if coverage.form == "odds" else [None, *stated]


def _difference(narrow: Priors, wide: Priors) -> Reason:
    """Return what the narrower of two sets of priors assumes otherwise."""
    assumed, sections = dependence_assumed(narrow), _stated_otherwise(narrow, wide)
    if assumed == dependence_assumed(wide):
        return Reason("by-what-it-states", sections=sections) if sections else Reason("by-what-else-it-states")
    if narrow.dependence.form == "none":
        return Reason("by-its-assumption", assumed=assumed, sections=sections)
    return Reason("by-what-it-assumes", sections=(Reason("prior-of-pairs"), *sections))


_SECTIONS: Mapping[str, Callable[[Priors], Sequence[Statement | None]]] = {
    "prior-of-dark-figure": lambda priors: [priors.dark_figure.ratio_to_registered],
    "prior-of-coverage": lambda priors: _of_coverage(priors.coverage),
    "prior-of-strata": lambda priors: [priors.heterogeneity.scale, priors.heterogeneity.interactions],
    "prior-of-changes": lambda priors: [priors.heterogeneity.change],
    "prior-of-spread": lambda priors: [
        priors.composition.main_effects,
        priors.composition.two_way,
        priors.composition.stratum,
    ],
    "prior-of-three-lists": lambda priors: [priors.three_list.odds_ratio],
}


def _stated_otherwise(priors: Priors, other: Priors) -> tuple[Reason, ...]:
    """Return what else than the dependence between lists two sets of priors state differently."""
    sections = [code for code, stated in _SECTIONS.items() if _numbers(stated(priors)) != _numbers(stated(other))]
    same = residual_numbers(priors) == residual_numbers(other)
    return tuple(Reason(code) for code in (sections if same else [*sections, "prior-of-residual"]))


def _numbers(statements: Sequence[Statement | None]) -> list[tuple[float, float] | None]:
    """Return statements as numbers, so that two ways of saying the same are the same."""
    return [None if statement is None else (statement.mu, statement.sigma) for statement in statements]


def _agreement(shown: Sequence[Estimate]) -> Reason:
    """Return whether the median under each set of priors lies inside the intervals under the others."""
    outside = tuple(
        Reason("median-outside", median=estimate.priors_name, interval=other.priors_name)
        for estimate in shown
        for other in shown
        if not other.total.N.lower <= estimate.total.N.median <= other.total.N.upper
    )
    return Reason("medians-apart", outside=outside) if outside else Reason("medians-agree")
