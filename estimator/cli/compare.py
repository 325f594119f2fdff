"""``darkfigure compare``: two years of a run, or two runs."""

from __future__ import annotations

from pathlib import Path

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option, language_option


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
    if len(runs) > 2:
        raise click.UsageError("Name one run, or two.")
    if len(runs) == len(years) == 1:
        raise click.UsageError("With one run, --years names two years, such as 2014,2015.")
    from estimator.cli.comparing import show_comparison
    from estimator.comparison.comparison import compare_runs, compare_years
    from estimator.report.figures.files import refuse_bad_target
    from estimator.words.words import words_in

    if plot is not None:
        refuse_bad_target(plot)
    comparison = compare_runs(*runs, years) if len(runs) == 2 else compare_years(*runs, *years)
    record = comparison.record()
    show_comparison(record, words_in(language or record.language or "en"), plot, as_json)
