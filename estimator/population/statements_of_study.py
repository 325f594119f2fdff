"""What a study states of its lists, as reasons: decisions and changes, in the strata where they hold."""

from __future__ import annotations

from collections.abc import Mapping

from estimator.reasons import Reason
from estimator.study.questions import Change, Decision, Label
from estimator.study.study import Study
from estimator.words.numbers import named_levels


def decision_reasons(study: Study) -> tuple[Reason, ...]:
    """Return each decision about a list, with the strata where it holds and why it was taken."""
    return tuple(_decided(study, decision) for decision in study.decisions)


def change_reasons(study: Study) -> tuple[Reason, ...]:
    """Return each list that stopped or was redefined."""
    return tuple(_changed(study, change) for change in study.changes)


def of_several_tables(study: Study) -> tuple[Reason, ...]:
    """Return that statements about the table are about the first of several imputed tables, and how these differ."""
    if not study.imputed:
        return ()
    people = [table.registered for table in study.imputed]
    without = [number for number, table in enumerate(study.imputed, 1) if not table.has_overlap]
    return (
        Reason(
            "first-of-several-tables",
            table=study.table_name(1),
            tables=len(study.imputed),
            least=min(int(registered.lower) for registered in people),
            most=max(int(registered.lower) for registered in people),
            without_overlap=tuple(study.table_name(number) for number in without),
        ),
    )


def error_reasons(study: Study) -> tuple[Reason, ...]:
    """Return each declared error of a register: false positives, and links that are missed or wrong."""
    model = study.model
    false = [
        Reason(
            "declared-false-positives",
            list=_named(study, error.list),
            lower=error.share[0],
            upper=error.share[1],
            among=error.among,
            where=strata_reasons(study, error.where),
            reason=_without_stop(error.reason),
            reason_nl=_without_stop(error.reason_nl) if error.reason_nl else None,
        )
        for error in model.false_positives
    ]
    links = [
        Reason(
            "declared-linkage-errors",
            lists=tuple(_named(study, name) for name in error.lists),
            kind=kind,
            lower=share[0],
            upper=share[1],
            reason=_without_stop(error.reason),
            reason_nl=_without_stop(error.reason_nl) if error.reason_nl else None,
        )
        for error in model.linkage_errors
        for kind, share in (("missed", error.missed), ("wrong", error.wrong))
        if share is not None
    ]
    return (*false, *links)


def _without_stop(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def strata_reasons(study: Study, where: Mapping[str, tuple[str, ...]]) -> tuple[Reason, ...]:
    """Return strata as one reason for each covariate that bounds them; none for all strata."""
    known = {covariate.name: covariate for covariate in study.declaration.covariates}
    year = study.period.covariate if study.period else None
    parts = []
    for name, chosen in where.items():
        levels = named_levels(chosen, known[name].levels if name in known and known[name].ordered else ())
        parts.append(Reason("in-years", years=levels) if name == year else Reason("in-strata", of=name, levels=levels))
    return tuple(parts)


def _decided(study: Study, decision: Decision) -> Reason:
    """Return a decision, and whether it holds for this run only."""
    if decision.fed_by and decision.choice != "drop":
        return Reason(
            "decided-on-referral",
            list=_named(study, decision.list),
            fed_by=_named(study, decision.fed_by),
            choice=decision.choice,
            for_this_run=decision.chosen_for_this_run,
            reason=decision.reason,
            reason_nl=decision.reason_nl,
        )
    return Reason(
        "decided",
        list=_named(study, decision.list),
        choice=decision.choice,
        where=strata_reasons(study, decision.where),
        for_this_run=decision.chosen_for_this_run,
        reason=decision.reason,
        reason_nl=decision.reason_nl,
    )


def _changed(study: Study, change: Change) -> Reason:
    """Return a change of a list."""
    return Reason(
        "changed",
        list=_named(study, change.list),
        kind=change.kind,
        since=change.since,
        reason=change.reason.strip().rstrip("."),
        reason_nl=change.reason_nl.strip().rstrip(".") if change.reason_nl else None,
    )


def _named(study: Study, name: str) -> Reason:
    """Return a list with what it is called in each language."""
    label = study.labels.lists.get(name) or Label(name)
    return Reason("list-with-label", name=name, en=label.en, nl=label.nl or label.en)
