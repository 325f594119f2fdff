"""``darkfigure new``: the folder of a study for a new year."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option

if TYPE_CHECKING:
    from estimator.study.starting import Started


@click.command(cls=Command)
@click.argument("target", type=click.Path(path_type=str))
@click.option(
    "--from",
    "source",
    metavar="STUDY",
    default="nl-2010-2015-reconstructed",
    show_default=True,
    help="The study to make it of: a shipped name, a study file or its folder.",
)
@click.option(
    "--year", "years", metavar="YEAR", multiple=True, help="The new year (by default the next one); may be repeated."
)
@click.option("--empty", is_flag=True, help="Leave earlier years out: a table with its header only.")
@json_option
@debug_option
def new(target: str, source: str, years: tuple[str, ...], empty: bool, as_json: bool) -> None:
    """Make the folder of a study for a new year.

    Writes TARGET with the study file, in which the new year is added and every step is explained, the table of the
    years so far, denominators and published figures. Refuses when TARGET exists. Adding the new year's rows to the
    table is then all there is to do.

    Example:
      darkfigure new my-study --from nl-2010-2015-reconstructed
      darkfigure new my-2017 --from my-2016 --year 2017
    """
    from estimator.cli.output import print_json
    from estimator.study.starting import start_study

    started = start_study(target, source, years, empty=empty)
    if as_json:
        print_json(
            {
                "folder": str(started.folder),
                "made_of": started.source,
                "years": list(started.years),
                "table_kind": started.table_kind,
                "empty": empty,
            }
        )
    else:
        click.echo(_words(started, empty))


def _words(started: Started, empty: bool) -> str:
    from estimator.cli.output import paragraph

    years, folder = ", ".join(started.years), started.folder
    has = f"with {years} only" if empty else f"with {years} added"
    steps = [f"Add the rows of {years} to {folder / 'table.csv'}"]
    if started.denominators:
        steps.append(f"Add the inhabitants of {years} to {folder / 'denominators.csv'}")
    steps += [
        f"Declare in {folder / 'study.toml'} what stopped or changed; it says how",
        f"darkfigure check {shlex.quote(str(folder))}",
        f"darkfigure estimate {shlex.quote(str(folder))}",
        "darkfigure compare with the folder of that run: this year against the last",
    ]
    parts = [
        paragraph(f"Made {folder} from {started.source}, {has}. What is to be done:"),
        "\n".join(paragraph(step, "     ", f"  {number}. ") for number, step in enumerate(steps, start=1)),
    ]
    if started.table_kind != "observed":
        parts.append(paragraph(_kind_words(started, empty)))
    return "\n\n".join(parts)


def _kind_words(started: Started, empty: bool) -> str:
    """Say that a table with made-up rows stays one, and when it no longer is."""
    kind = f'table_kind = "{started.table_kind}"'
    remains = "once its rows are" if empty else "once you have put your own rows in the place of all of those,"
    rows = "" if empty else " The rows of earlier years were not counted by any register."
    return (
        f"The study still says {kind}, and so will every result.{rows} Write "
        f'table_kind = "observed" in {started.folder / "study.toml"} {remains}'
        f"{' all your own' if empty else ' and not before'}."
    )
