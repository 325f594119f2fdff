"""An estimate as the JSON of its run folder; see docs/estimate-json.md and estimate.schema.json."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from estimator.methods.summary import LEVELS
from estimator.population.assumption import residual_record
from estimator.population.beside import width_factor
from estimator.population.groups import GroupEstimate
from estimator.runs.facts import change_records, decision_records
from estimator.runs.provenance import versions

if TYPE_CHECKING:
    from estimator.population.estimate import Estimate

SCHEMA_VERSION = 1


def record_of(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate for JSON.

    Returns
    -------
    dict
        The same for the same seed, but for ``seconds``.
    """
    study = estimate.study
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study.name,
        "title": study.title,
        "source": " ".join(study.source.split()),
        "method": estimate.posterior.method,
        "priors": estimate.priors.title,
        "priors_name": estimate.priors_name,
        "table_kind": study.table_kind,
        "publishable": estimate.fitness.publishable,
        "reasons": list(estimate.fitness.reasons),
        "cautions": list(estimate.fitness.cautions),
        "assumption": estimate.assumption,
        "residual": residual_record(estimate.priors, estimate.posterior),
        "decisions": decision_records(study.decisions),
        "changes": change_records(study.changes),
        "notes": list(estimate.notes),
        "level": max(LEVELS),
        "period": estimate.period,
        **_numbers(estimate),
        **_if_any("beside", {other.priors_name: _record_beside(other) for other in estimate.beside}),
        "diagnostics": _diagnostics(estimate),
        "seconds": {name: round(value, 2) for name, value in estimate.seconds.items()},
        "seed": estimate.posterior.seed,
        "versions": versions(),
    }


def _record_beside(estimate: Estimate) -> dict[str, Any]:
    """Return what an estimate under other priors says, without what it has in common with the main one."""
    return {
        "priors": estimate.priors.title,
        "assumption": estimate.assumption,
        "residual": residual_record(estimate.priors, estimate.posterior),
        "publishable": estimate.fitness.publishable,
        "reasons": list(estimate.fitness.reasons),
        **_numbers(estimate),
        "diagnostics": _diagnostics(estimate),
    }


def _numbers(estimate: Estimate) -> dict[str, Any]:
    """Return every group over every period, and how wide the interval of the total is."""
    years = {year: _groups(groups) for year, groups in estimate.by_year.items()}
    return {
        "width_factor": _rounded(width_factor(estimate.total.N), 3),
        "groups": _groups(estimate.groups),
        **_if_any("per_year", _groups(estimate.per_year)),
        **_if_any("by_year", years),
    }


def _groups(groups: Mapping[str, GroupEstimate]) -> dict[str, Any]:
    """Return groups by name."""
    return {name: group.to_dict() for name, group in groups.items()}


def _diagnostics(estimate: Estimate) -> dict[str, Any]:
    """Return whether the chains agree, and whether the model describes the table."""
    found = estimate.convergence
    return {
        "rhat_max": _rounded(found.rhat_max, 5),
        "ess_bulk_min": _rounded(found.ess_bulk_min, 1),
        "ess_tail_min": _rounded(found.ess_tail_min, 1),
        "divergences": found.divergences,
        "draws": found.draws,
        "chains": found.chains,
        "posterior_predictive_p": None if estimate.predictive_p is None else round(estimate.predictive_p, 5),
    }


def _rounded(value: float, digits: int) -> float | None:
    """Return a number for JSON, which has no NaN."""
    return round(value, digits) if math.isfinite(value) else None


def _if_any(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with one entry, or none when its value is empty."""
    return {name: value} if value else {}
