"""Check every name in a study file against the lists, covariates and levels that it declares.

Works on the file as far as it could be read, so that misspelt names are found together with the other faults and not
one run later.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from estimator.capture.counts import Rounding
from estimator.capture.declaration import (
    Declaration,
    Finding,
    NotOperating,
    StructuralZero,
    Unobserved,
    declaration_findings,
    said_before,
    where_faults,
)
from estimator.errors import did_you_mean
from estimator.study.changes import change_findings, stopped_lists
from estimator.study.decisions import decision_findings
from estimator.study.multiversenames import multiverse_findings
from estimator.study.questions import TOTAL
from estimator.study.register_errors import error_findings
from estimator.study.registernames import register_findings
from estimator.study.schema import StudyFile, TableFormatSection


def declaration_of(content: StudyFile) -> Declaration:
    """Return what a study file declares of its table; a list that stopped is one that did not run from then on."""
    return Declaration(
        lists=tuple(content.lists),
        covariates=content.declared_covariates,
        structural_zeros=tuple(
            StructuralZero(zero.lists, zero.where, zero.reason, zero.reason_nl) for zero in content.structural_zeros
        ),
        not_operating=tuple(
            NotOperating(pause.list, pause.where, pause.reason, pause.reason_nl) for pause in content.not_operating
        )
        + stopped_lists(content),
        unobserved=tuple(Unobserved(gap.history, gap.where, gap.reason, gap.reason_nl) for gap in content.unobserved),
        suppressed_below=content.table_format.suppressed_below,
        suppressed_includes_zero=content.table_format.suppressed_includes_zero,
        rounding=_rounding(content.table_format),
        overlaps=content.overlaps,
        blanks=content.table_format.blanks,
    )


def _rounding(section: TableFormatSection) -> Rounding | None:
    """Return how counts were rounded, if they were."""
    return None if section.round is None else Rounding(section.round, section.rounding, section.zeros)


_EVERYBODY = {"label": "Total", "label_nl": "Totaal"}
_YEAR = re.compile(r"(\d{4})(?!\d)")


def name_findings(content: StudyFile, declaration: Declaration) -> Iterator[Finding]:
    """Yield every name in a study file that is not the name of anything: where it is, and a message."""
    yield from declaration_findings(declaration)
    yield from _in_labels(content)
    yield from _same_labels(content)
    if declaration.lists:
        yield from _in_model(content, declaration)
    yield from _in_groups(content, declaration)
    yield from _in_period(content)
    yield from decision_findings(content)
    yield from change_findings(content)
    yield from register_findings(content)
    yield from error_findings(content)
    yield from multiverse_findings(content)
    for index in said_before([("", section.where) for section in content.extrapolate]):
        yield content.extrapolate[index].at(), "These strata are named twice. Take one of the two out."
    for section in content.extrapolate:
        for message in where_faults(content.declared_covariates, section.where):
            yield section.at("where"), message


def unknown(place: tuple[str | int, ...], what: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Finding]:
    """Yield the names that are not among the known ones, each once."""
    known = list(known)
    for name in dict.fromkeys(names):
        if name and name not in known:
            yield place, f"There is no {what} '{name}'.{did_you_mean(name, known)}"


def _in_labels(content: StudyFile) -> Iterator[Finding]:
    for covariate in content.covariates.values():
        for key, labels in (("labels", covariate.labels), ("labels_nl", covariate.labels_nl)):
            for level in labels:
                if level not in covariate.levels:
                    name = covariate.at()[-1]
                    near = did_you_mean(level, covariate.levels)
                    yield covariate.at(key, level), f"The covariate '{name}' has no level '{level}'.{near}"


def _same_labels(content: StudyFile) -> Iterator[Finding]:
    """Yield labels that two things have, so that a reader cannot tell them apart."""
    for sections in (content.lists, content.covariates, content.groups):
        for key, otherwise in _EVERYBODY.items():
            labels = {name: getattr(section, key) for name, section in sections.items()}
            if sections is content.groups and not labels.get(TOTAL):
                labels = {TOTAL: otherwise} | {name: label for name, label in labels.items() if name != TOTAL}
            for name, other in _twice(labels, english=key == "label"):
                yield sections[name].at(key), _same_label(name, other)
    for covariate in content.covariates.values():
        for key, given in (("labels", covariate.labels), ("labels_nl", covariate.labels_nl)):
            labels = {level: given.get(level) for level in covariate.levels}
            for level, other in _twice(labels, english=key == "labels"):
                yield covariate.at(key), _same_label(level, other)


def _same_label(name: str, other: str) -> str:
    return f"'{name}' and '{other}' are called the same. Give each a label of its own, to tell them apart in results."


def _twice(labels: Mapping[str, str | None], *, english: bool) -> Iterator[tuple[str, str]]:
    """Yield names whose label another has already, and that other; in English, what has no label is called its name."""
    first: dict[str, str] = {}
    for name, label in labels.items():
        called = _as_read(label or (name if english else ""))
        if called and first.setdefault(called, name) != name:
            yield name, first[called]


def _as_read(label: str) -> str:
    """Return what a reader can tell labels apart by: not capitals, blanks, or what cannot be seen."""
    visible = (letter for letter in label.casefold() if unicodedata.category(letter) != "Cf")
    kept = (letter if letter.isprintable() else " " for letter in visible)
    return " ".join("".join(kept).split())


def _in_model(content: StudyFile, declaration: Declaration) -> Iterator[Finding]:
    model, covariates = content.model, content.covariates
    for key, what, terms, known in (
        ("three_list", "list", model.three_list, declaration.lists),
        ("heterogeneity", "covariate", model.heterogeneity or (), covariates),
        ("composition", "covariate", model.composition or (), covariates),
    ):
        yield from unknown(model.at(key), what, (name for term in terms for name in term), known)


def _in_groups(content: StudyFile, declaration: Declaration) -> Iterator[Finding]:
    for name, group in content.groups.items():
        if not name.strip():
            yield group.at(), "This group has no name. Write one, such as [groups.girls]."
        if name == TOTAL and group.where:
            message = "The group 'total' is everybody. Give this group another name, or no 'where'."
            yield group.at("where"), message
        if name != TOTAL and not group.where:
            yield group.at(), 'It does not say which people. Add, for example, where = {sex = "female"}.'
        for message in where_faults(declaration.covariates, group.where):
            yield group.at("where"), message


def _in_period(content: StudyFile) -> Iterator[Finding]:
    period, year = content.period, content.year
    if period is None or not period.covariate:
        return
    yield from unknown(period.at("covariate"), "covariate", [period.covariate], content.covariates)
    if year is None:
        return
    order = [year.levels.index(level) for level in period.headline or () if level in year.levels]
    if order != sorted(order):
        yield period.at("headline"), "The years are not in the order of the levels. Put them in that order."
    for level in period.headline or ():
        if level not in year.levels:
            near = did_you_mean(level, year.levels)
            yield period.at("headline"), f"The covariate '{year.name}' has no level '{level}'.{near}"
    years = [_YEAR.match(level) for level in year.levels]
    for (before, earlier), (after, later) in pairwise(zip(year.levels, years, strict=True)):
        if earlier and later and int(later[1]) < int(earlier[1]):
            message = f"{after} stands after {before}. Put the years in their order: a rise is read from left to right."
            yield content.covariates[year.name].at("levels"), message
            break
