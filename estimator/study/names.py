"""Check every name in a study file against the lists, covariates and levels that it declares.

Works on the file as it was read, skipping whatever has the wrong type, so that misspelt names are found together with
the other faults and not one run later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from estimator.capture.declaration import (
    Covariate,
    Declaration,
    NotOperating,
    StructuralZero,
    Unobserved,
    declaration_findings,
    where_faults,
)
from estimator.errors import did_you_mean
from estimator.study.changes import Finding, change_findings, decision_findings, stopped_lists
from estimator.study.content import entries, mapping, texts, where_of


def declaration_of(data: Mapping[str, Any]) -> Declaration:
    """Return what a study file declares of its table, leaving out what has the wrong type.

    A list that stopped is one that did not run from then on.

    Parameters
    ----------
    data : mapping
        Content of a study file.

    Returns
    -------
    Declaration
        Complete when the file is valid.
    """
    form = mapping(data.get("table_format"))
    below = form.get("suppressed_below")
    return Declaration(
        lists=tuple(mapping(data.get("lists"))),
        covariates=tuple(_covariates(data)),
        structural_zeros=tuple(
            StructuralZero(texts(entry.get("lists")), where_of(entry), str(entry.get("reason", "")))
            for entry in entries(data, "structural_zeros")
        ),
        not_operating=tuple(
            NotOperating(str(entry.get("list", "")), where_of(entry), str(entry.get("reason", "")))
            for entry in entries(data, "not_operating")
        )
        + stopped_lists(data),
        unobserved=tuple(
            Unobserved(texts(entry.get("history")), where_of(entry), str(entry.get("reason", "")))
            for entry in entries(data, "unobserved")
        ),
        suppressed_below=below if isinstance(below, int) and not isinstance(below, bool) else None,
        suppressed_includes_zero=form.get("suppressed_includes_zero") is True,
    )


def name_findings(data: Mapping[str, Any]) -> list[Finding]:
    """Find every name in a study file that is not the name of anything.

    Parameters
    ----------
    data : mapping
        Content of a study file.

    Returns
    -------
    list of (Location, str)
        Where it is, and a message.
    """
    declaration = declaration_of(data)
    found = list(declaration_findings(declaration)) if isinstance(data.get("lists"), dict) else []
    found += _in_labels(data, declaration)
    if declaration.lists:
        found += _in_model(mapping(data.get("model")), declaration)
    found += _in_groups(mapping(data.get("groups")), declaration)
    found += _in_period(mapping(data.get("period")), declaration)
    found += decision_findings(data, declaration.covariates) + change_findings(data)
    return found


def _covariates(data: Mapping[str, Any]) -> Iterator[Covariate]:
    for name, section in mapping(data.get("covariates")).items():
        section = mapping(section)
        yield Covariate(name, texts(section.get("levels", [])), section.get("ordered") is True)


def _in_labels(data: Mapping[str, Any], declaration: Declaration) -> list[Finding]:
    covariates = mapping(data.get("covariates"))
    return [
        (
            ("covariates", covariate.name, key, level),
            f"The covariate '{covariate.name}' has no level '{level}'.{did_you_mean(level, covariate.levels)}",
        )
        for covariate in declaration.covariates
        for key in ("labels", "labels_nl")
        for level in mapping(mapping(covariates.get(covariate.name)).get(key))
        if level not in covariate.levels
    ]


def _in_model(model: Mapping[str, Any], declaration: Declaration) -> list[Finding]:
    covariates = [covariate.name for covariate in declaration.covariates]
    found: list[Finding] = []
    for key, what, names, known in (
        ("three_list", "list", _flat(model.get("three_list")), declaration.lists),
        ("heterogeneity", "covariate", _flat(model.get("heterogeneity")), covariates),
        ("composition", "covariate", _flat(model.get("composition")), covariates),
    ):
        found += [(("model", key), message) for message in _unknown(what, names, known)]
    for key in ("three_list", "heterogeneity", "composition"):
        found += [(("model", key), message) for message in _repeated(model.get(key))]
    return found


def _flat(groups: Any) -> tuple[str, ...]:
    return tuple(name for group in groups for name in texts(group)) if isinstance(groups, list | tuple) else ()


def _unknown(what: str, names: Iterable[str], known: Iterable[str]) -> list[str]:
    known = list(known)
    return [
        f"There is no {what} '{name}'.{did_you_mean(name, known)}" for name in dict.fromkeys(names) if name not in known
    ]


def _repeated(groups: Any) -> Iterator[str]:
    seen = set()
    for group in groups if isinstance(groups, list | tuple) else ():
        names = texts(group)
        if len(set(names)) < len(names):
            yield f"Found the same name twice in {list(names)}; name different ones."
        elif frozenset(names) in seen:
            yield f"Found {list(names)} twice; name it once."
        seen.add(frozenset(names))


def _in_groups(groups: Mapping[str, Any], declaration: Declaration) -> list[Finding]:
    found: list[Finding] = []
    for name, section in groups.items():
        where = where_of(mapping(section))
        if name == "total" and where:
            found.append(
                (
                    ("groups", name, "where"),
                    "The group 'total' is everybody. Give this group another name, or no 'where'.",
                )
            )
        if name != "total" and not where:
            found.append(
                (("groups", name), 'It does not say which people. Add, for example, where = {sex = "female"}.')
            )
        found += [(("groups", name, "where"), message) for message in where_faults(declaration.covariates, where)]
    return found


def _in_period(period: Mapping[str, Any], declaration: Declaration) -> list[Finding]:
    name = period.get("covariate")
    if not isinstance(name, str):
        return []
    levels = {covariate.name: covariate.levels for covariate in declaration.covariates}
    if name not in levels:
        return [(("period", "covariate"), message) for message in _unknown("covariate", [name], levels)]
    return [
        (("period", "headline"), f"The covariate '{name}' has no level '{level}'.{did_you_mean(level, levels[name])}")
        for level in texts(period.get("headline", []))
        if level not in levels[name]
    ]
