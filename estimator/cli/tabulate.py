"""``darkfigure tabulate``: exports of registers made into the table of a study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, language_option
from estimator.cli.output import say
from estimator.cli.registering import count_registers, minimum_of, page_of, register_options

if TYPE_CHECKING:
    from estimator.registers.record import RegistersRecord
    from estimator.words.words import Words


@click.command(cls=Command)
@click.argument("study")
@register_options
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="The table to write [default: that of the study]."
)
@language_option
@debug_option
@click.pass_context
def tabulate(
    ctx: click.Context,
    study: str,
    named: list[tuple[str, str]],
    combined: tuple[str, ...],
    out: Path | None,
    missing: str | None,
    memory: str | None,
    previous: Path | None,
    page: Path | None,
    language: str | None,
) -> None:
    """Make the table of a study from exports of registers.

    Brings the records of each person together by key, counts every person once in each period, and writes how many
    were seen by which lists. What the columns mean stands in the study file under [registers]. Nothing that is written
    or printed is about one person, but the table and the record beside it have small counts: they are private to you.

    To look at registers without writing a table: darkfigure check my-study --register P=police.csv ...

    Example:
      darkfigure tabulate my-study --register P=police.csv --register O=shelters.xlsx
      darkfigure tabulate my-study --combined registers.csv --out table.csv
      darkfigure tabulate my-study --report registers.html --previous ../2025/table.registers.json
    """
    from estimator.registers.plan import make_plan
    from estimator.registers.record import read_record
    from estimator.registers.writing import (
        record_of_target,
        refuse_bad_page,
        target_of,
        targets_of,
        write_page,
        write_tables,
    )
    from estimator.report.terminal.registers import registers_text
    from estimator.study.study import read_declared
    from estimator.words.words import words_in

    file, content = read_declared(study)
    words = words_in(language or content.language)
    ctx.ensure_object(Session).language = words.language
    plan = make_plan(file, content, named, combined, missing=missing)
    target = target_of(plan, out)
    targets = targets_of(target, plan.settings.linkage.tables) if plan.settings.linkage else [target]
    beside = record_of_target(target, targets, previous)
    refuse_bad_page(plan, page)
    before = read_record(previous) if previous else None
    counted = count_registers(plan, target, memory)
    record, minimum = counted.record, minimum_of(content)
    pages = page_of(record, before, content, minimum, words) if page else ""
    write_tables(counted.tables, record, targets, beside)
    if page:
        write_page(page, pages)
    say(_written(record, targets, minimum, words))
    say(words.text("registers.record", file=str(beside)))
    if page:
        say(words.text("registers.page-written", file=str(page)))
    say(f"\n{registers_text(record, before, minimum, words)}")


def _written(record: RegistersRecord, targets: Sequence[Path], minimum: int, words: Words) -> str:
    """Return what was written, and from what."""
    from estimator.cli.output import paragraph
    from estimator.report.terminal.registers import shown_count

    if record.linked:
        pattern = f"{targets[0].stem.rpartition('-')[0]}-*{targets[0].suffix}"
        return paragraph(words.text("linkage.written", tables=len(targets), first=str(targets[0]), pattern=pattern))
    rows, persons = sum(listed.rows for listed in record.lists), shown_count(record.persons, minimum, words)
    return words.text("registers.head", persons=persons, rows=rows, lists=len(record.lists), file=str(targets[0]))
