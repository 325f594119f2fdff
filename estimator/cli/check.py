"""``darkfigure check``: what a study's lists can tell, before anything is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, json_option, language_option
from estimator.cli.output import say
from estimator.cli.registering import check_registers, register_options

if TYPE_CHECKING:
    from estimator.reasons import Reason
    from estimator.study.study import Study


@click.command(cls=Command)
@click.argument("study")
@click.option("--registers", is_flag=True, help="Look at the files of registers that the study names.")
@register_options
@language_option
@json_option
@debug_option
@click.pass_context
def check(
    ctx: click.Context,
    study: str,
    registers: bool,
    named: list[tuple[str, str]],
    combined: tuple[str, ...],
    missing: str | None,
    memory: str | None,
    previous: Path | None,
    page: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Say what a study's lists can tell, and what they cannot.

    Shows the size of each list, how the lists overlap, how many persons were seen once, twice or more often, and for
    which models an estimate exists; and what is decided about lists or has happened to them. Needs no model and takes a
    second. Exit code 3 when nothing can be estimated.

    With --register, --combined or --registers it looks at exports of registers, as the study file says under
    [registers], before they are made a table: rows, persons, what is repeated or unknown, overlap, and change against
    the --previous time. Nothing is written but the page that --report asks for, and small numbers stand as <5.

    Example:
      darkfigure check nl-2010-2015
      darkfigure check my-study/study.toml --json
      darkfigure check nl-2010-2015 --language nl
      darkfigure check my-study --register P=police.csv --register O=shelters.xlsx --report registers.html
    """
    if registers or named or combined:
        estimable = check_registers(
            study,
            named,
            combined,
            missing=missing,
            memory=memory,
            previous=previous,
            page=page,
            language=language,
            as_json=as_json,
        )
        if not estimable:
            ctx.exit(3)
        return
    if missing or memory or previous or page:
        raise click.UsageError(
            "--missing, --memory, --previous and --report are about registers. Name them: --register P=police.csv, or "
            "--registers for those that the study names."
        )
    if not _check_table(ctx, study, language, as_json):
        ctx.exit(3)


def _check_table(ctx: click.Context, study: str, language: str | None, as_json: bool) -> bool:
    """Say what the table of a study can tell, and return whether anything can be estimated from it."""
    from estimator.capture.checking import check_table
    from estimator.cli.output import paragraph, print_json, width
    from estimator.methods.registry import chosen_method
    from estimator.population.expired_decisions import expired_decisions
    from estimator.population.referrals import declared_referrals, referral_effects
    from estimator.population.statements_of_study import (
        change_reasons,
        decision_reasons,
        error_reasons,
        of_several_tables,
    )
    from estimator.report.labels import labels_of_study, with_labels
    from estimator.report.terminal.check import check_text
    from estimator.study.study import read_study
    from estimator.words.words import words_in

    read = read_study(study)
    if read.model.method != "loglinear" or read.model.options:  # which is there, and is long to load
        chosen_method(read.model)
    words = words_in(language or read.language)
    ctx.ensure_object(Session).language = words.language
    groups = {name: group.where for name, group in read.groups.items()}
    report = check_table(read.table, groups, declared_referrals(read))
    changes = referral_effects(read)
    said = (*read.unlisted, *expired_decisions(read), *of_several_tables(read))
    if as_json:
        print_json({**_about(read, changes), "cautions": [caution.to_dict() for caution in said], **report.to_dict()})
    else:
        say(paragraph((words.language == "nl" and read.title_nl) or read.title))
        say()
        names = labels_of_study(read, words.language)
        lead = words.text("check.heading.caution")
        cautions = (f"{lead}: {words.say(with_labels(caution, names))}" for caution in said)
        stated = (*decision_reasons(read), *changes, *change_reasons(read), *error_reasons(read))
        for line in (*words.say_all(stated), *cautions):
            say(f"{paragraph(line)}\n")
        labels = {name: label.text(words.language) for name, label in read.labels.lists.items()}
        say(check_text(report, words, labels, width(), names))
    return report.estimable and all(check_table(table).estimable for table in read.imputed)


def _about(study: Study, referrals: Sequence[Reason]) -> dict[str, object]:
    """Return what a study decides and declares of its lists, for JSON."""
    from estimator.runs.facts import change_records, decision_records

    return {
        "study": study.name,
        "title": study.title,
        "table_kind": study.table_kind,
        "decisions": [record.to_dict() for record in decision_records(study.decisions)],
        "changes": [record.to_dict() for record in change_records(study.changes)],
        **({"referrals": [reason.to_dict() for reason in referrals]} if referrals else {}),
    }
