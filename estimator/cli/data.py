"""``darkfigure data``: the studies that ship with the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from estimator.cli.help import Group
from estimator.cli.options import debug_option, json_option

if TYPE_CHECKING:
    from estimator.study.questions import Label
    from estimator.study.study import Study


@click.group(cls=Group)
@debug_option
def data() -> None:
    """List, show or copy the studies that ship with the tool.

    Published tables with their source, the meaning of their lists, and what to beware of.

    Example:
      darkfigure data list
    """


@data.command("list")
@json_option
@debug_option
def list_studies(as_json: bool) -> None:
    """List the studies that ship with the tool.

    Example:
      darkfigure data list
    """
    from estimator.cli.output import columns, print_json
    from estimator.study.shipped import shipped_studies
    from estimator.study.study import read_study

    found = [read_study(name) for name in shipped_studies()]
    if as_json:
        print_json([_summary(study) for study in found])
        return
    rows = [("name", "registered", "lists", "strata", "what was counted")]
    rows += [
        (study.name, _registered(study), str(study.table.n_lists), str(study.table.n_strata), study.title)
        for study in found
    ]
    click.echo(columns(rows, right=(1, 2, 3)))


@data.command("show")
@click.argument("study")
@json_option
@debug_option
def show_study(study: str, as_json: bool) -> None:
    """Show what a study counts, where it comes from and what to beware of.

    Example:
      darkfigure data show nl-2010-2015
    """
    from estimator.cli.output import print_json
    from estimator.study.study import read_study

    found = read_study(study)
    if as_json:
        print_json(_description(found))
    else:
        click.echo(_page(found))


@data.command("copy")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=str))
@debug_option
def copy(name: str, folder: str) -> None:
    """Copy a shipped study to a new folder, as a start for your own.

    Makes FOLDER with the table, the study file and its description; refuses when FOLDER exists.

    Example:
      darkfigure data copy nl-2010-2015 my-study
    """
    from estimator.study.copying import copy_study

    target = copy_study(name, folder)
    click.echo(f"Copied to {target}. Edit {target / 'study.toml'}, then: darkfigure check {target}")


def _registered(study: Study) -> str:
    registered = study.table.registered
    exact = registered.lower == registered.upper
    return f"{registered.lower:,}" if exact else f"{registered.lower:,}-{registered.upper:,}"


def _summary(study: Study) -> dict[str, Any]:
    registered = study.table.registered
    return {
        "name": study.name,
        "title": study.title,
        "table_kind": study.table_kind,
        "registered": {"lower": int(registered.lower), "upper": int(registered.upper)},
        "lists": list(study.table.lists),
        "covariates": [covariate.name for covariate in study.table.covariates],
        "strata": study.table.n_strata,
    }


def _description(study: Study) -> dict[str, Any]:
    return {
        **_summary(study),
        "source": " ".join(study.source.split()),
        "licence": study.licence,
        "caveats": list(study.caveats),
        "labels": {
            "lists": {name: _names(label) for name, label in study.labels.lists.items()},
            "covariates": {name: _names(label) for name, label in study.labels.covariates.items()},
            "levels": {
                name: {level: _names(label) for level, label in levels.items()}
                for name, levels in study.labels.levels.items()
            },
        },
        "groups": {
            name: {"label": _names(group.label), "where": {key: list(value) for key, value in group.where.items()}}
            for name, group in study.groups.items()
        },
        "years": study.period.years if study.period else None,
        "priors": study.model.priors,
        "files": {name: str(path) for name, path in study.files.items()},
    }


def _names(label: Label) -> dict[str, str | None]:
    return {"en": label.en, "nl": label.nl}


def _page(study: Study) -> str:
    from estimator.cli.output import columns, paragraph

    lists = [(name, label.en) for name, label in study.labels.lists.items()]
    parts = [
        paragraph(study.title),
        f"Registered: {_registered(study)} persons. Counts: {study.table_kind}.",
        "Lists\n" + columns(lists, indent="  "),
    ]
    if study.table.covariates:
        parts.append("Covariates\n" + columns(_covariate_rows(study), indent="  "))
    parts.append("Groups\n" + columns([(name, group.label.en) for name, group in study.groups.items()], indent="  "))
    if study.caveats:
        parts.append("Beware\n" + "\n".join(paragraph(caveat, "    ", "  - ") for caveat in study.caveats))
    parts.append("Source\n" + paragraph(study.source, "  "))
    if study.licence:
        parts.append("Licence\n" + paragraph(study.licence, "  "))
    parts.append("Files\n" + columns([(name, str(path)) for name, path in study.files.items()], indent="  "))
    return "\n\n".join(parts)


def _covariate_rows(study: Study) -> list[tuple[str, str, str]]:
    return [
        (name, label.en, ", ".join(level.en for level in study.labels.levels[name].values()))
        for name, label in study.labels.covariates.items()
    ]
