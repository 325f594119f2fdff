"""``darkfigure survey``: who else sees victims, and with what certainty a survey says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, filled, json_option, language_option
from estimator.cli.output import print_json, say, tell

if TYPE_CHECKING:
    from estimator.words.catalogue import Language


@click.command(cls=Command)
@click.argument("survey", callback=filled)
@click.option("--full", is_flag=True, help="Show differences between groups and between answers as well.")
@click.option("--draws", type=click.IntRange(100, 100_000), default=4000, show_default=True, help="Independent draws.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Picture to write: .svg, .png or .pdf.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="New folder for survey.json and survey.csv."
)
@language_option
@json_option
@debug_option
@click.pass_context
def survey(
    ctx: click.Context,
    survey: str,
    full: bool,
    draws: int,
    seed: int,
    plot: Path | None,
    out: Path | None,
    language: Language | None,
    as_json: bool,
) -> None:
    """Say what a survey of people who may see victims says.

    SURVEY is a folder with a file survey.toml, or the name of a survey that ships with the tool. Numbers may be given
    as the source words them: a number, a rounded percentage, bounds of a share. Prints the share who say yes by group
    with its interval, what selective response would do to it, and how selective it must have been for the share to be
    what others found.

    Example:
      darkfigure survey nl-doctors-2017
      darkfigure survey nl-doctors-2017 --language nl --full
      darkfigure survey nl-doctors-2017 --plot doctors.svg --out runs/doctors
      darkfigure survey nl-doctors-2017 --json
    """
    from estimator.report.figures.files import refuse_bad_target, save_picture
    from estimator.report.terminal.survey import survey_text
    from estimator.signals.answers import survey_answers
    from estimator.signals.survey import read_survey
    from estimator.signals.writing import save_survey
    from estimator.words.words import words_in

    if plot is not None:
        refuse_bad_target(plot)
    record = survey_answers(read_survey(survey), draws=draws, seed=seed, language=language)
    words = words_in(record.language)
    ctx.ensure_object(Session).language = words.language
    if as_json:
        print_json(record.to_dict())
    else:
        say(survey_text(record, words, full=full))
    if out is not None:
        save_survey(record, out)
        tell(words.text("survey.written", folder=str(out)))
    if plot is not None:
        from estimator.report.figures.survey import survey_figure

        save_picture(lambda: survey_figure(record, words), plot)
        tell(words.text("figure.written", path=str(plot)))
