"""What a run was about, as plain facts for its manifest: enough to say later what changed between two runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from estimator.capture.table import UNBOUNDED
from estimator.population.expired_decisions import paused_lists
from estimator.runs.group_records import LabelRecord
from estimator.runs.manifest import Facts
from estimator.study.questions import (
    TOTAL,
    Change,
    Decision,
    FalsePositives,
    Label,
    LinkageErrors,
    ModelSettings,
)
from estimator.study.study import Study


def facts_of(study: Study) -> Facts:
    """Return what a study is about."""
    content = {
        "lists": list(study.table.lists),
        "covariates": {
            covariate.name: {"levels": list(covariate.levels), "ordered": covariate.ordered}
            for covariate in study.table.covariates
        },
        "decisions": decision_records(study.decisions),
        "changes": change_records(study.changes),
        "register_errors": error_records(study.model) or None,
        "not_operating": [
            {
                "list": paused.list,
                "where": _where(paused.where),
                "reason": " ".join(paused.reason.split()),
                **_in_dutch(paused.reason_nl),
            }
            for paused in paused_lists(study)
        ],
        "model": _model_facts(study),
        "groups": {
            name: {"label": label_record(group.label), "where": _where(group.where), "per": group.per}
            for name, group in study.groups.items()
        },
        "period": _period_facts(study),
        "table_kind": study.table_kind,
        "registered": _registered_facts(study),
        "round_to": study.round_to,
        "disclosure": asdict(study.disclosure) if study.disclosure else None,
    }
    return Facts.model_validate(content)


def label_record(label: Label | None, name: str = "") -> LabelRecord:
    """Return what something is called; its name where a study gives no label."""
    return LabelRecord(en=name, nl=None) if label is None else LabelRecord(en=label.en, nl=label.nl)


def parents_of(facts: Facts) -> dict[str, str | None]:
    """Return the smallest other group of which each group is a part: where it stands in a table.

    Returns
    -------
    dict of str to (str or None)
        By the group's name; None for the total. A group that is a part of no other is one of the total.
    """
    levels = {name: frozenset(covariate.levels) for name, covariate in facts.covariates.items()}
    strata = {
        name: {covariate: frozenset(group.where.get(covariate, every)) for covariate, every in levels.items()}
        for name, group in facts.groups.items()
    }
    sizes = {name: math.prod(map(len, kept.values())) for name, kept in strata.items()}

    def parent(name: str) -> str | None:
        above = [
            other
            for other in strata
            if sizes[other] > sizes[name] and all(strata[name][key] <= strata[other][key] for key in levels)
        ]
        return None if name == TOTAL else min(above, key=sizes.__getitem__, default=TOTAL)

    return {name: parent(name) for name in strata}


def decision_records(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Return decisions about lists for JSON."""
    return [
        {
            "name": decision.name,
            "list": decision.list,
            "choice": decision.choice,
            **({"fed_by": decision.fed_by} if decision.fed_by else {}),
            "where": _where(decision.where),
            "reason": " ".join(decision.reason.split()),
            **_in_dutch(decision.reason_nl),
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
            **_in_dutch(change.reason_nl),
        }
        for change in changes
    ]


def error_records(model: ModelSettings) -> list[dict[str, Any]]:
    """Return declared errors of registers for JSON."""
    false = [
        _error_record(error, error.share, kind="false-positives", lists=[error.list], among=error.among)
        for error in model.false_positives
    ]
    links = [
        _error_record(error, share, kind=f"{kind}-links", lists=list(error.lists))
        for error in model.linkage_errors
        for kind, share in (("missed", error.missed), ("wrong", error.wrong))
        if share is not None
    ]
    return [*false, *links]


def _error_record(about: FalsePositives | LinkageErrors, share: tuple[float, float], **record: Any) -> dict[str, Any]:
    return {
        **record,
        "lower": share[0],
        "upper": share[1],
        "where": _where(getattr(about, "where", {})),
        "reason": " ".join(about.reason.split()),
        **_in_dutch(about.reason_nl),
    }


def _in_dutch(reason: str | None) -> dict[str, str]:
    """Return a reason in Dutch for JSON, where the study says it."""
    return {"reason_nl": " ".join(reason.split())} if reason else {}


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
        "breaks": [{"list": part.list, "covariate": part.covariate, "since": part.since} for part in model.breaks],
    }


def _period_facts(study: Study) -> dict[str, Any] | None:
    """Return the time that the table covers for JSON."""
    period = study.period
    if period is None:
        return None
    headline = None if period.headline is None else list(period.headline)
    return {"covariate": period.covariate, "headline": headline, "years": period.years}


def _registered_facts(study: Study) -> dict[str, int | None]:
    """Return bounds of the registered people in every table for JSON."""
    bounds = [table.registered for table in study.tables]
    most = max(int(registered.upper) for registered in bounds)  # UNBOUNDED is larger than any number
    return {"lower": min(int(registered.lower) for registered in bounds), "upper": None if most == UNBOUNDED else most}
