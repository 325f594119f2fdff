"""``darkfigure tabulate``: exports of registers made into the table of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, filled, language_option
from estimator.cli.output import say
from estimator.registers.private_database import MEMORY

if TYPE_CHECKING:
    from estimator.registers.plan import Plan
    from estimator.registers.record import RegistersRecord
    from estimator.study.registersections import LinkageSection
    from estimator.study.schema import StudyFile
    from estimator.words.words import Words


def _named(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [value.partition("=") for value in values]
    for name, sign, where in pairs:
        if not sign or not name.strip() or not where.strip():
            raise click.BadParameter(f"'{name}' must be LIST=FILE, for example P=police.csv.")
    return [(name.strip(), where.strip()) for name, _, where in pairs]


@click.command(cls=Command)
@click.argument("study")
@click.option(
    "--register",
    "named",
    metavar="LIST=FILE",
    multiple=True,
    callback=_named,
    help="The file of a list (CSV, Excel, Parquet), a folder or a pattern; once for each list.",
)
@click.option(
    "--combined",
    metavar="FILE",
    multiple=True,
    callback=filled,
    help="A file with several lists, of which a column names the list; may be repeated.",
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="The table to write [default: that of the study]."
)
@click.option(
    "--missing", type=click.Choice(["model", "drop"]), help="Keep or drop persons of whom something is unknown."
)
@click.option(
    "--memory", metavar="SIZE", default=MEMORY, show_default=True, help="Memory for counting; more goes to disk."
)
@click.option(
    "--previous",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The record of an earlier time (.registers.json), to say which register has shrunk.",
)
@click.option(
    "--report", metavar="FILE", type=click.Path(path_type=Path), help="A page of each register to write (.html)."
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
    memory: str,
    previous: Path | None,
    report: Path | None,
    language: str | None,
) -> None:
    """Make the table of a study from exports of registers.

    Brings the records of each person together by key, counts every person once in each period, and writes how many
    were seen by which lists. What the columns mean stands in the study file under [registers]. Nothing that is written
    or printed is about one person, but the table and the record beside it have small counts: they are private to you.

    Example:
      darkfigure tabulate my-study --register P=police.csv --register O=shelters.xlsx
      darkfigure tabulate my-study --combined registers.csv --out table.csv
      darkfigure tabulate my-study --report registers.html --previous ../2025/table.registers.json
    """
    from estimator.registers.plan import make_plan
    from estimator.registers.record import read_record, record_of
    from estimator.registers.tabulating import tabulate as tabulate_registers
    from estimator.registers.writing import record_beside, refuse_bad_page, target_of, write_page, write_table
    from estimator.report.terminal.registers import registers_text, shown_count
    from estimator.study.study import read_declared
    from estimator.words.words import words_in

    file, content = read_declared(study)
    words = words_in(language or content.language)
    ctx.ensure_object(Session).language = words.language
    plan = make_plan(file, content, named, combined, missing=missing)
    target = target_of(plan, out)
    if plan.settings.linkage is not None:
        if report or previous:
            raise click.UsageError("Linked registers make several tables, and a page is of one. Leave the page out.")
        _linked(plan, plan.settings.linkage, target, memory, words)
        return
    refuse_bad_page(plan, report)
    before = read_record(previous) if previous else None
    tabulated = tabulate_registers(plan, target, memory=memory)
    record = record_of(tabulated)
    minimum = _minimum(content)
    page = _page(record, before, content, minimum, words) if report else ""
    write_table(tabulated, record, target)
    if report:
        write_page(report, page)

    rows, persons = sum(found.rows for found in record.lists), shown_count(record.persons, minimum, words)
    say(words.text("registers.head", persons=persons, rows=rows, lists=len(record.lists), file=str(target)))
    say(words.text("registers.record", file=str(record_beside(target))))
    if report:
        say(words.text("registers.page-written", file=str(report)))
    say(f"\n{registers_text(record, before, minimum, words)}")


def _page(
    record: RegistersRecord, before: RegistersRecord | None, content: StudyFile, minimum: int, words: Words
) -> str:
    """Return the pages of registers as HTML."""
    from estimator.document.registers import register_pages
    from estimator.document.writers.html import html_of

    dutch = words.language == "nl"
    labels = {name: (dutch and found.label_nl) or found.label or name for name, found in content.lists.items()}
    title = (dutch and content.title_nl) or content.title
    return html_of(register_pages(record, labels, words, title=title, minimum=minimum, previous=before))


def _linked(plan: Plan, linkage: LinkageSection, target: Path, memory: str, words: Words) -> None:
    """Write several tables of persons that were linked, and say how they differ."""
    from estimator.cli.output import paragraph
    from estimator.registers.linkage.linking import tabulate_linked, targets_of, write_tables
    from estimator.registers.record import record_of
    from estimator.report.terminal.registers import registers_text

    targets = targets_of(target, linkage.tables)
    linked = tabulate_linked(plan, linkage, target, memory=memory)
    write_tables(linked, targets)
    pattern = f"{target.stem}-*{target.suffix}"
    least, most = min(linked.persons), max(linked.persons)
    numbers = {"tables": len(targets), "by_key": linked.by_key, "least": least, "most": most}
    say(paragraph(words.text("linkage.done", first=str(targets[0]), pattern=pattern, **numbers)))
    minimum = _minimum(plan.content)
    for name, number in linked.unknown.items():
        if number:
            say(paragraph(words.text("linkage.unknown", column=name, persons=number, minimum=minimum)))
    say(f"\n{paragraph(words.text('linkage.first'))}\n")
    say(registers_text(record_of(linked.tables[0]), None, minimum, words))


def _minimum(content: StudyFile) -> int:
    """Return the smallest number that is shown."""
    from estimator.registers.record import DEFAULT_MINIMUM

    return content.disclosure.minimum if content.disclosure else DEFAULT_MINIMUM
