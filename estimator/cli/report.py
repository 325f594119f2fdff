"""``darkfigure report``: a report for a minister, a statistician and a reviewer, made of a run folder alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, filled, language_option
from estimator.cli.output import say


@click.command(cls=Command)
@click.argument("run", type=click.Path(path_type=Path))
@language_option
@click.option(
    "--formats",
    default="html",
    show_default=True,
    metavar="NAME,...",
    callback=filled,
    help="What to make: any of html, pdf, docx, xlsx, figures.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="New folder for the report [default: beside the run].",
)
@click.option(
    "--survey",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="What `darkfigure survey --out` wrote: a section about it.",
)
@click.option(
    "--multiverse",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="What `darkfigure multiverse --out` wrote: a section about it.",
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser where there is a desktop.")
@debug_option
@click.pass_context
def report(
    ctx: click.Context,
    run: Path,
    language: str | None,
    formats: str,
    out: Path | None,
    survey: Path | None,
    multiverse: Path | None,
    show: bool,
) -> None:
    """Make a report of an estimate: a first page, tables, method.

    RUN is the folder that `darkfigure estimate` wrote. Nothing is sampled, and nothing but the folder is read. The
    report is written complete or not at all; what is not fit to publish says so across every page and figure. Prints
    the files. Exit code 3 when the estimate is not fit to publish.

    Example:
      darkfigure report runs/my-study-2026
      darkfigure report runs/my-study-2026 --language nl --formats html,figures
      darkfigure report runs/my-study-2026 --out report-for-the-minister
      darkfigure report runs/my-study-2026 --survey runs/doctors --multiverse runs/multiverse
    """
    from estimator.cli.progress import TerminalProgress
    from estimator.document.building import Beside
    from estimator.document.making import make_report
    from estimator.multiverse.record import read_multiverse_of
    from estimator.population.fitness import OF_THE_TABLE
    from estimator.runs.reading import read_run
    from estimator.signals.record import read_survey_record
    from estimator.words.words import words_in

    run_read = read_run(run)
    words = words_in(language or run_read.record.language or "en")
    ctx.ensure_object(Session).language = words.language
    beside = Beside(
        read_survey_record(survey) if survey is not None else None,
        read_multiverse_of(multiverse, run_read.record.study) if multiverse is not None else None,
    )
    names = [name.strip() for name in formats.split(",") if name.strip()]
    target = out or run.resolve().with_name(f"{run.resolve().name}-report-{words.language}")
    with TerminalProgress() as progress:
        files = make_report(
            run_read,
            words,
            names,
            target,
            lambda name: progress.stage(words.text("report.making", format=name)),
            beside,
        )
    for path in files:
        say(str(path))
    if show:
        _open(files)
    if any(reason.code not in OF_THE_TABLE for reason in run_read.record.reasons):
        ctx.exit(3)


def _open(files: list[Path]) -> None:
    """Open the page of a report in the browser, where there is a desktop to open it on."""
    import webbrowser

    desktop = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    page = next((path for path in files if path.suffix == ".html"), None)
    if desktop and page is not None:
        webbrowser.open(page.resolve().as_uri())
