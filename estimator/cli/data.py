"""``darkfigure data``: the studies that ship with the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from estimator.cli.help import Group
from estimator.cli.options import debug_option, json_option, language_option
from estimator.cli.output import say

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
@language_option
@json_option
@debug_option
def list_studies(language: str | None, as_json: bool) -> None:
    """List the studies that ship with the tool.

    A short name, in brackets, serves as well.

    Example:
      darkfigure data list
    """
    from estimator.cli.output import print_json
    from estimator.report.terminal.studies import studies_text
    from estimator.study.shipped import shipped_studies
    from estimator.study.study import read_study
    from estimator.words.words import words_in

    studies = [read_study(name) for name in shipped_studies()]
    if as_json:
        print_json([_summary(study) for study in studies])
    else:
        say(studies_text(studies, words_in(language or "en")))


@data.command("show")
@click.argument("study")
@language_option
@json_option
@debug_option
def show_study(study: str, language: str | None, as_json: bool) -> None:
    """Show what a study counts, where it comes from and what to beware of.

    Example:
      darkfigure data show nl-2010-2015
    """
    from estimator.cli.output import print_json
    from estimator.report.terminal.studies import study_text
    from estimator.study.study import read_study
    from estimator.words.words import words_in

    read = read_study(study)
    if as_json:
        print_json(_description(read))
    else:
        say(study_text(read, words_in(language or read.language)))


@data.command("copy")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=str))
@language_option
@debug_option
def copy(name: str, folder: str, language: str | None) -> None:
    """Copy a shipped study to a new folder, as a start for your own.

    Makes FOLDER with the table, the study file and its description; refuses when FOLDER exists.

    Example:
      darkfigure data copy nl-2010-2015 my-study
    """
    from estimator.study.copying import copy_study
    from estimator.words.words import words_in

    target = copy_study(name, folder)
    words = words_in(language or "en")
    say(words.text("data.copied", folder=str(target), file=str(target / "study.toml")))


def _summary(study: Study) -> dict[str, Any]:
    from estimator.study.shipped import short_name

    registered = study.table.registered
    return {
        "name": study.name,
        "short_name": short_name(study.name),
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
