"""A reproduction as plain numbers and texts for JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from estimator.methods.summary import LEVELS
from estimator.published.closing import closing
from estimator.published.pooled import reach
from estimator.published.reproduction import HOW
from estimator.runs.provenance import versions
from estimator.words.kinds import KIND_NOTES

if TYPE_CHECKING:
    from estimator.methods.summary import Summary
    from estimator.published.pooled import Analysis, Spread
    from estimator.published.reproduction import Reproduced, Reproduction

SCHEMA_VERSION = 1
_DECIMALS = {"coverage": 5, "share_of_total": 5, "one_in": 3, "per_100000": 3}
"""Decimals that are kept of a measure; of persons, one."""


def record_of(found: Reproduction) -> dict[str, Any]:
    """Return a reproduction for JSON.

    Parameters
    ----------
    found : Reproduction
        All figures with their verdicts.

    Returns
    -------
    dict
        The same for the same seed.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "name": found.name,
        "title": found.title,
        "study": found.study.name,
        "table_kind": found.study.table_kind,
        "note": KIND_NOTES[found.study.table_kind],
        "priors": found.priors,
        "level": max(LEVELS),
        "unsound": list(found.unsound),
        "verdicts": dict(Counter(one.verdict.kind for one in found.all_figures)),
        "figures": [_figure(one) for one in found.figures],
        "beside": {other.priors: [_brief(one) for one in other.figures if one.ours] for other in found.beside},
        "public_table": {
            "analyses": [_analysis(one) for one in found.analyses],
            "figures": [_figure(one) for one in found.pooled],
            "spread": _spread(found.spread),
        },
        "conclusions": closing(found),
        "seed": found.seed,
        "versions": versions(),
    }


def _figure(one: Reproduced) -> dict[str, Any]:
    """Return one figure with its verdict."""
    figure = one.figure
    return {
        "id": figure.id,
        "label": one.label,
        "group": figure.group,
        "years": list(figure.years),
        "measure": figure.measure,
        "published": {
            "value": figure.value,
            "lower": figure.lower,
            "upper": figure.upper,
            "said": figure.said,
            "source": figure.source,
            "verified": figure.verified,
        },
        "ours": None if one.ours is None else _limits(one.ours, _DECIMALS.get(figure.measure, 1)),
        "verdict": one.verdict.kind,
        "difference": None if one.verdict.difference is None else round(one.verdict.difference, 5),
        "why": one.verdict.why,
        "basis": one.basis,
        "how": HOW[one.basis],
    }


def _brief(one: Reproduced) -> dict[str, Any]:
    """Return what other assumptions make of a figure."""
    full = _figure(one)
    return {name: full[name] for name in ("id", "ours", "verdict", "difference", "why")}


def _limits(ours: Summary, digits: int) -> dict[str, Any]:
    """Return our number with its limits, and whether it is a count that is known exactly."""
    return {**ours.limits(digits), "exact": ours.sd == 0}


def _analysis(one: Analysis) -> dict[str, Any]:
    """Return one analysis of the public table."""
    return {
        "study": one.study,
        "priors": one.priors,
        "title": one.title,
        "years": one.years,
        "N": one.whole.limits(1) if one.converged else None,
        "per_year": {name: round(value / one.years, 1) for name, value in one.whole.limits(6).items()}
        if one.converged
        else None,
        "unsound": list(one.unsound),
    }


def _spread(spread: Spread | None) -> dict[str, Any] | None:
    """Return how far apart all analyses of the public table are."""
    if spread is None:
        return None
    reaches = {"ours": spread.ours, "all": spread.intervals, "narrowest": (spread.narrowest,)}
    found: dict[str, Any] = {}
    for name, intervals in reaches.items():
        lower, upper = reach(intervals)
        factor = round(upper / lower, 3)
        found[name] = {
            "lower": round(lower, 1),
            "upper": round(upper, 1),
            "factor": factor,
            "intervals": len(intervals),
        }
    return found | {"estimates": len(spread.values), "outside_narrowest": spread.outside_narrowest}
