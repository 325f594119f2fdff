"""What a run was about, as plain facts for its manifest: enough to say later what changed between two runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from estimator.capture.declaration import NotOperating
from estimator.capture.table import UNBOUNDED
from estimator.study.questions import Change, Decision
from estimator.study.study import Study


def facts_of(study: Study) -> dict[str, Any]:
    """Return what a study is about.

    Returns
    -------
    dict
        For JSON. ``lists``: names. ``covariates``: by name, ``levels`` and whether they are ``ordered``.
        ``decisions`` and ``changes``: as in estimate.json. ``not_operating``: ``list``, ``where`` and ``reason`` of the
        lists that are declared not to have run somewhere, other than by a change. ``model``: ``heterogeneity``,
        ``composition``, ``three_list``, ``breaks``. ``groups``: by name, ``label``, ``where`` and ``per``. ``period``:
        ``covariate``, ``headline`` and ``years``, or None. ``table_kind``. ``registered``: bounds of the registered
        people (``upper`` None when nothing bounds it).
    """
    return {
        "lists": list(study.table.lists),
        "covariates": {
            found.name: {"levels": list(found.levels), "ordered": found.ordered} for found in study.table.covariates
        },
        "decisions": decision_records(study.decisions),
        "changes": change_records(study.changes),
        "not_operating": [
            {"list": found.list, "where": _where(found.where), "reason": " ".join(found.reason.split())}
            for found in paused_lists(study)
        ],
        "model": _model_facts(study),
        "groups": {
            name: {"label": group.label.en, "where": _where(group.where), "per": group.per}
            for name, group in study.groups.items()
        },
        "period": _period_facts(study),
        "table_kind": study.table_kind,
        "registered": _registered_facts(study),
    }


def decision_records(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Return decisions about lists for JSON."""
    return [
        {
            "name": decision.name,
            "list": decision.list,
            "choice": decision.choice,
            "where": _where(decision.where),
            "reason": " ".join(decision.reason.split()),
            "for_this_run": decision.chosen_for_this_run,
        }
        for decision in decisions
    ]


def change_records(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return what happened to lists for JSON."""
    return [
        {
            "list": change.list,
            "kind": change.kind,
            "since": change.since,
            "reason": " ".join(change.reason.split()),
        }
        for change in changes
    ]


def paused_lists(study: Study) -> tuple[NotOperating, ...]:
    """Return the lists that a study declares not to have run somewhere, other than because they stopped.

    Returns
    -------
    tuple of NotOperating
        Without those that ``[[changes]]`` makes.
    """
    stopped = {(change.list, change.since) for change in study.changes if change.kind == "stopped"}
    year = study.period.covariate if study.period else None
    return tuple(
        found
        for found in study.declaration.not_operating
        if not (set(found.where) == {year} and (found.list, found.where[year or ""][0]) in stopped)
    )


def _where(where: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return strata for JSON."""
    return {covariate: list(levels) for covariate, levels in where.items()}


def _model_facts(study: Study) -> dict[str, Any]:
    """Return the terms of the model for JSON."""
    model = study.model
    return {
        "heterogeneity": [list(entry) for entry in model.heterogeneity],
        "composition": [list(pair) for pair in model.composition],
        "three_list": [list(triple) for triple in model.three_list],
        "breaks": [{"list": found.list, "covariate": found.covariate, "since": found.since} for found in model.breaks],
    }


def _period_facts(study: Study) -> dict[str, Any] | None:
    """Return the time that the table covers for JSON."""
    period = study.period
    if period is None:
        return None
    headline = None if period.headline is None else list(period.headline)
    return {"covariate": period.covariate, "headline": headline, "years": period.years}


def _registered_facts(study: Study) -> dict[str, int | None]:
    """Return bounds of the registered people for JSON."""
    found = study.table.registered
    return {"lower": int(found.lower), "upper": None if found.upper == UNBOUNDED else int(found.upper)}
