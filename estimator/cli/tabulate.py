"""``darkfigure tabulate``: exports of registers made into the table of a study."""

from __future__ import annotations

from pathlib import Path

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, filled, language_option
from estimator.cli.output import say


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
    "--memory", metavar="SIZE", default="2GB", show_default=True, help="Memory for counting; more goes to disk."
)
@language_option
@debug_option
def tabulate(
    study: str,
    named: list[tuple[str, str]],
    combined: tuple[str, ...],
    out: Path | None,
    missing: str | None,
    memory: str,
    language: str | None,
) -> None:
    """Make the table of a study from exports of registers.

    Brings the records of each person together by key, counts every person once in each period, and writes how many
    were seen by which lists. What the columns mean stands in the study file under [registers]. Nothing that is written
    or printed is about one person, but the table has small counts: it is private to you (mode 0600).

    Example:
      darkfigure tabulate my-study --register P=police.csv --register O=shelters.xlsx
      darkfigure tabulate my-study --combined registers.csv --out table.csv
    """
    from estimator.registers.plan import make_plan
    from estimator.registers.tabulating import tabulate as tabulate_registers
    from estimator.registers.writing import target_of, write_table
    from estimator.study.study import read_declared

    file, content = read_declared(study)
    plan = make_plan(file, content, named, combined, missing=missing)
    target = target_of(plan, out)
    tabulated = tabulate_registers(plan, target, memory=memory)
    write_table(tabulated, target)
    say(f"{target}: {tabulated.persons}")
