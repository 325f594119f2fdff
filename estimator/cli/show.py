"""``darkfigure show``: a run again, without sampling."""

from __future__ import annotations

from pathlib import Path

import click

from estimator.cli.comparing import show_comparison
from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, json_option, language_option, plot_option, sections_options
from estimator.cli.output import print_json, say


@click.command(cls=Command)
@click.argument("run", type=click.Path(path_type=Path))
@sections_options
@plot_option
@language_option
@json_option
@debug_option
@click.pass_context
def show(
    ctx: click.Context,
    run: Path,
    full: bool,
    sections: tuple[str, ...],
    plot: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Show an estimate, a comparison or a multiverse again.

    RUN is the folder that `darkfigure estimate` wrote. Prints the first screen of the estimate, or the parts that are
    asked for, with what scrutiny found since. Nothing is sampled. Exit code 3 when the estimate is not fit to publish.

    RUN may also be a file in which the output of `darkfigure compare --json` was kept, or what `darkfigure multiverse`
    wrote or printed as JSON. Exit code 3 when no specification passes.

    Example:
      darkfigure show runs/my-study-2026
      darkfigure show runs/my-study-2026 --full --language nl
      darkfigure show runs/my-study-2026 --by-year --rates
      darkfigure show runs/my-study-2026 --plot series.svg --language nl
      darkfigure show my-comparison.json --language nl
      darkfigure show my-multiverse --plot curve.svg
    """
    from estimator.multiverse.record import is_multiverse

    if is_multiverse(run):
        if full or sections:
            raise click.UsageError("A multiverse is shown whole: leave out --full and names of parts.")
        ctx.exit(_show_multiverse(run, plot, language, as_json))
    if run.is_file() and run.suffix == ".json" and run.name != "estimate.json":
        if full or sections:
            raise click.UsageError("A comparison is shown whole: leave out --full and names of parts.")
        _show_comparison(run, plot, language, as_json)
        return
    from estimator.population.fitness import OF_THE_TABLE
    from estimator.report.terminal.estimate import estimate_text
    from estimator.runs.reading import read_run
    from estimator.words.words import words_in

    record = read_run(run).record
    words = words_in(language or record.language or "en")
    ctx.ensure_object(Session).language = words.language
    if as_json:
        print_json(record.to_dict())
    else:
        say(estimate_text(record, words, run, full=full, sections=sections))
    if plot is not None:
        from estimator.cli.pictures import write_picture

        write_picture(record, words, plot)
    if any(reason.code not in OF_THE_TABLE for reason in record.reasons):
        ctx.exit(3)


def _show_comparison(file: Path, plot: Path | None, language: str | None, as_json: bool) -> None:
    """Show a comparison from the file of its record."""
    from estimator.runs.comparison_record import read_comparison
    from estimator.words.words import words_in

    record = read_comparison(file)
    show_comparison(record, words_in(language or record.language or "en"), plot, as_json)


def _show_multiverse(path: Path, plot: Path | None, language: str | None, as_json: bool) -> int:
    """Show a multiverse from its folder or file, and return the exit code."""
    from estimator.cli.showing import show_multiverse
    from estimator.multiverse.record import read_multiverse
    from estimator.words.words import words_in

    record = read_multiverse(path)
    show_multiverse(record, words_in(language or record.language), plot, as_json)
    return 3 if record.total is None else 0
