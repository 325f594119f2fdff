"""``darkfigure new``: the folder of a study for a new year."""

from __future__ import annotations

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option, language_option
from estimator.cli.output import say


@click.command(cls=Command)
@click.argument("target", type=click.Path(path_type=str))
@click.option(
    "--from",
    "source",
    metavar="STUDY",
    default="nl",
    show_default=True,
    help="The study to make it of: a shipped name, a study file or its folder.",
)
@click.option(
    "--year", "years", metavar="YEAR", multiple=True, help="The new year (by default the next one); may be repeated."
)
@click.option("--empty", is_flag=True, help="Leave earlier years out: a table with its header only.")
@language_option
@json_option
@debug_option
def new(target: str, source: str, years: tuple[str, ...], empty: bool, language: str | None, as_json: bool) -> None:
    """Make the folder of a study for a new year.

    Writes TARGET with the study file, in which the new year is added and every step is explained, the table of the
    years so far, denominators and published figures. Refuses when TARGET exists. Adding the new year's rows to the
    table is then all there is to do.

    Example:
      darkfigure new my-study --from nl
      darkfigure new my-2017 --from my-2016 --year 2017
    """
    from estimator.cli.output import print_json
    from estimator.report.terminal.new_year import comments_in, started_text
    from estimator.study.starting import start_study
    from estimator.words.words import words_in

    started = start_study(target, source, years, comments=comments_in(language), empty=empty)
    if as_json:
        print_json(
            {
                "folder": str(started.folder),
                "made_of": started.source,
                "years": list(started.new.years),
                "table_kind": started.table_kind,
                "empty": empty,
            }
        )
    else:
        say(started_text(started, words_in(language or started.language)))
