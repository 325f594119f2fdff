"""What a run was about, as plain facts for its manifest: enough to say later what changed between two runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Literal

from estimator.capture.table import UNBOUNDED
from estimator.population.expired_decisions import paused_lists
from estimator.runs.estimate_record import ChangeRecord, DecisionRecord, RegisterErrorRecord
from estimator.runs.group_records import LabelRecord
from estimator.runs.manifest import (
    BreakRecord,
    CovariateFacts,
    DisclosureFacts,
    Facts,
    GroupFacts,
    ModelFacts,
    PausedRecord,
    PeriodFacts,
    RegisteredFacts,
)
from estimator.study.questions import (
    TOTAL,
    Change,
    Decision,
    Label,
    LinkageErrors,
    ModelSettings,
)
from estimator.study.study import Study

Links = Literal["missed-links", "wrong-links"]


def facts_of(study: Study) -> Facts:
    """Return what a study is about."""
    return Facts(
        lists=list(study.table.lists),
        covariates={
            covariate.name: CovariateFacts(levels=list(covariate.levels), ordered=covariate.ordered)
            for covariate in study.table.covariates
        },
        decisions=decision_records(study.decisions),
        changes=change_records(study.changes),
        register_errors=error_records(study.model) or None,
        not_operating=[
            PausedRecord(
                list=paused.list,
                where=_where(paused.where),
                reason=_line(paused.reason),
                reason_nl=_dutch(paused.reason_nl),
            )
            for paused in paused_lists(study)
        ],
        model=_model_facts(study.model),
        groups={
            name: GroupFacts(label=label_record(group.label), where=_where(group.where), per=group.per)
            for name, group in study.groups.items()
        },
        period=_period_facts(study),
        table_kind=study.table_kind,
        registered=_registered_facts(study),
        round_to=study.round_to,
        disclosure=DisclosureFacts(**asdict(study.disclosure)) if study.disclosure else None,
    )


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


def decision_records(decisions: Iterable[Decision]) -> list[DecisionRecord]:
    """Return decisions about lists, as files have them."""
    return [
        DecisionRecord(
            name=decision.name,
            list=decision.list,
            choice=decision.choice,
            fed_by=decision.fed_by or None,
            where=_where(decision.where),
            reason=_line(decision.reason),
            reason_nl=_dutch(decision.reason_nl),
            for_this_run=decision.chosen_for_this_run,
        )
        for decision in decisions
    ]


def change_records(changes: Iterable[Change]) -> list[ChangeRecord]:
    """Return what happened to lists, as files have it."""
    return [
        ChangeRecord(
            list=change.list,
            kind=change.kind,
            since=change.since,
            reason=_line(change.reason),
            reason_nl=_dutch(change.reason_nl),
        )
        for change in changes
    ]


def error_records(model: ModelSettings) -> list[RegisterErrorRecord]:
    """Return declared errors of registers, as files have them."""
    false = [
        RegisterErrorRecord(
            kind="false-positives",
            lists=[error.list],
            lower=error.share[0],
            upper=error.share[1],
            among=error.among,
            where=_where(error.where),
            reason=_line(error.reason),
            reason_nl=_dutch(error.reason_nl),
        )
        for error in model.false_positives
    ]
    return [*false, *(record for error in model.linkage_errors for record in _of_links(error))]


def _of_links(error: LinkageErrors) -> Iterator[RegisterErrorRecord]:
    """Yield the links that are missed and those that are wrong, as far as they are declared."""
    shares: Mapping[Links, tuple[float, float] | None] = {"missed-links": error.missed, "wrong-links": error.wrong}
    for kind, share in shares.items():
        if share is not None:
            yield RegisterErrorRecord(
                kind=kind,
                lists=list(error.lists),
                lower=share[0],
                upper=share[1],
                where={},
                reason=_line(error.reason),
                reason_nl=_dutch(error.reason_nl),
            )


def _line(text: str) -> str:
    """Return a text of a study file in one line."""
    return " ".join(text.split())


def _dutch(text: str | None) -> str | None:
    """Return the same of a text in Dutch; None where the study does not say it."""
    return _line(text) if text else None


def _where(where: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return strata as files have them."""
    return {covariate: list(levels) for covariate, levels in where.items()}


def _model_facts(model: ModelSettings) -> ModelFacts:
    """Return the terms of the model."""
    return ModelFacts(
        heterogeneity=[list(entry) for entry in model.heterogeneity],
        composition=[list(pair) for pair in model.composition],
        three_list=[list(triple) for triple in model.three_list],
        breaks=[BreakRecord(list=part.list, covariate=part.covariate, since=part.since) for part in model.breaks],
    )


def _period_facts(study: Study) -> PeriodFacts | None:
    """Return the time that the table covers."""
    period = study.period
    if period is None:
        return None
    headline = None if period.headline is None else list(period.headline)
    return PeriodFacts(covariate=period.covariate, headline=headline, years=period.years)


def _registered_facts(study: Study) -> RegisteredFacts:
    """Return bounds of the registered people in every table."""
    bounds = [table.registered for table in study.tables]
    most = max(int(registered.upper) for registered in bounds)  # UNBOUNDED is larger than any number
    least = min(int(registered.lower) for registered in bounds)
    return RegisteredFacts(lower=least, upper=None if most == UNBOUNDED else most)
