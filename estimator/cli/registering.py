"""What `tabulate` and `check` share: options that name exports of registers, counting them, and their pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from estimator.cli.options import filled
from estimator.registers.private_database import MEMORY

if TYPE_CHECKING:
    from estimator.registers.plan import Plan
    from estimator.registers.record import RegistersRecord
    from estimator.registers.tabulating import Tabulated
    from estimator.study.schema import StudyFile
    from estimator.words.words import Words

Command = TypeVar("Command", bound=Callable[..., Any])


def _named(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [value.partition("=") for value in values]
    for name, sign, where in pairs:
        if not sign or not name.strip() or not where.strip():
            raise click.BadParameter(f"'{name}' must be LIST=FILE, for example P=police.csv.")
    return [(name.strip(), where.strip()) for name, _, where in pairs]


_OPTIONS = (
    click.option(
        "--register",
        "named",
        metavar="LIST=FILE",
        multiple=True,
        callback=_named,
        help="The file of a list (CSV, Excel, Parquet), a folder or a pattern; once for each list.",
    ),
    click.option(
        "--combined",
        metavar="FILE",
        multiple=True,
        callback=filled,
        help="A file with several lists, of which a column names the list; may be repeated.",
    ),
    click.option(
        "--missing", type=click.Choice(["model", "drop"]), help="Keep or drop persons of whom something is unknown."
    ),
    click.option("--memory", metavar="SIZE", help=f"Memory for counting; more goes to disk.  [default: {MEMORY}]"),
    click.option(
        "--previous",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The record of an earlier time (.registers.json), to say which register has shrunk.",
    ),
    click.option(
        "--report",
        "page",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A page of each register to write (.html).",
    ),
)


def register_options(command: Command) -> Command:
    """Add the options that name exports of registers, and say what is done with them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Counted:
    """What registers of a study hold.

    Parameters
    ----------
    tables : tuple of Tabulated
        One, or several of persons that were linked.
    """

    tables: tuple[Tabulated, ...]
    record: RegistersRecord


def count_registers(plan: Plan, beside: Path, memory: str | None) -> Counted:
    """Read the files of a plan, and link persons where the study says so.

    Parameters
    ----------
    beside : Path
        Files that are made on the way stand beside it, private, and are gone afterwards.
    """
    from estimator.registers.record import record_of, record_of_linked
    from estimator.registers.tabulating import tabulate

    memory = memory or MEMORY
    linkage = plan.settings.linkage
    if linkage is None:
        tabulated = tabulate(plan, beside, memory=memory)
        return Counted((tabulated,), record_of(tabulated))
    from estimator.registers.linkage.linking import tabulate_linked

    linked = tabulate_linked(plan, linkage, beside, memory=memory)
    return Counted(linked.tables, record_of_linked(linked.tables, linked.by_key, linked.persons, linked.unknown))


def page_of(
    record: RegistersRecord, previous: RegistersRecord | None, content: StudyFile, minimum: int, words: Words
) -> str:
    """Return the pages of registers as HTML."""
    from estimator.document.registers import register_pages
    from estimator.document.writers.html import html_of
    from estimator.report.labels import labels_in
    from estimator.study.study import labels_of

    labels = labels_in(labels_of(content), words.language)
    title = (words.language == "nl" and content.title_nl) or content.title
    return html_of(register_pages(record, labels, words, title=title, minimum=minimum, previous=previous))


def minimum_of(content: StudyFile) -> int:
    """Return the smallest number of persons that is shown."""
    from estimator.registers.record import DEFAULT_MINIMUM

    return content.disclosure.minimum if content.disclosure else DEFAULT_MINIMUM


def check_registers(
    study: str,
    named: Sequence[tuple[str, str]],
    combined: Sequence[str],
    *,
    missing: str | None,
    memory: str | None,
    previous: Path | None,
    page: Path | None,
    language: str | None,
    as_json: bool,
) -> bool:
    """Say what registers hold and what their table could tell; write nothing but a page that is asked for.

    Returns
    -------
    bool
        Whether anything could be estimated from the table that they make.
    """
    from estimator.capture.checking import check_table
    from estimator.cli.options import Session
    from estimator.cli.output import print_json, say
    from estimator.registers.plan import make_plan
    from estimator.registers.record import read_record
    from estimator.registers.shown import shown_findings, shown_record
    from estimator.registers.writing import readable_tables, refuse_bad_page, write_page
    from estimator.report.terminal.registers import checked_text
    from estimator.study.study import read_declared
    from estimator.words.words import words_in

    file, content = read_declared(study)
    words = words_in(language or content.language)
    click.get_current_context().ensure_object(Session).language = words.language
    plan = make_plan(file, content, named, combined, missing=missing)
    refuse_bad_page(plan, page)
    before = read_record(previous) if previous else None
    beside = page or file.path.parent / "registers"
    counted = count_registers(plan, beside, memory)
    record, minimum = counted.record, minimum_of(content)
    checks = [check_table(table) for table in readable_tables(counted.tables, beside)]
    estimable = all(check.estimable for check in checks)
    if page:
        write_page(page, page_of(record, before, content, minimum, words))
    if as_json:
        findings = [finding.to_dict() for finding in shown_findings(checks[0].findings, minimum)]
        print_json({"registers": shown_record(record, minimum), "findings": findings, "estimable": estimable})
    else:
        say(checked_text(record, before, checks[0], minimum, words))
        if page:
            say(f"\n{words.text('registers.page-written', file=str(page))}")
    return estimable
