"""``darkfigure compare``: two years of a run, or two runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option, language_option

if TYPE_CHECKING:
    from estimator.comparison.comparison import Comparison


def _years(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return the years of the option --years."""
    if value is None:
        return ()
    years = tuple(year.strip() for year in value.split(","))
    if not 1 <= len(years) <= 2 or not all(years):
        raise click.BadParameter(f"'{value}' must be one or two years with a comma between them, such as 2014,2015.")
    return years


@click.command(cls=Command)
@click.argument("runs", nargs=-1, required=True, metavar="RUN [RUN]")
@click.option(
    "--years",
    metavar="YEAR,YEAR",
    callback=_years,
    help="The years to compare; with two runs, the year of each.",
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Picture to write: .svg, .png or .pdf.")
@json_option
@language_option
@debug_option
def compare(
    runs: tuple[str, ...], years: tuple[str, ...], plot: Path | None, as_json: bool, language: str | None
) -> None:
    """Compare two years of a run, or two runs.

    For every group: what was registered before and after, what is estimated, their difference with its interval, and
    the probability of a rise. RUN is a folder that `darkfigure estimate` wrote. With one run, the last year is compared
    with the year before it. With two, each over its headline period, it says as well what changed between them: data,
    lists, priors, version. Where two must not be subtracted, no probability is given, and the reason is printed.

    Example:
      darkfigure compare runs/my-2026
      darkfigure compare runs/my-2026 --years 2012,2015 --plot series.svg
      darkfigure compare runs/my-2025 runs/my-2026 --json
    """
    from estimator.cli.output import print_json

    if len(runs) > 2:
        raise click.UsageError("Name one run, or two.")
    if plot is not None:
        from estimator.population.pictures import refuse_bad_target

        refuse_bad_target(plot)
    comparison = _compared(runs, years)
    language = language or comparison.language
    if plot is not None:
        _draw(comparison, plot, language)
    if as_json:
        print_json(comparison.to_dict())
        return
    from estimator.report.terminal.comparison import comparison_text
    from estimator.words.words import words_in

    click.echo(comparison_text(comparison, words_in(language)))


def _compared(runs: tuple[str, ...], years: tuple[str, ...]) -> Comparison:
    """Compare years within one run, or two runs."""
    from estimator.comparison.comparison import compare_runs, compare_years

    if len(runs) == 2:
        return compare_runs(runs[0], runs[1], years)
    if len(years) == 1:
        raise click.UsageError("With one run, --years names two years, such as 2014,2015.")
    return compare_years(runs[0], *years)


def _draw(comparison: Comparison, plot: Path, language: str) -> None:
    """Write the picture."""
    from estimator.population.pictures import save_picture
    from estimator.report.figures.comparison import comparison_figure
    from estimator.words.words import words_in

    save_picture(lambda: comparison_figure(comparison, words_in(language)), plot)
    click.echo(f"Picture written to {plot}", err=True)
