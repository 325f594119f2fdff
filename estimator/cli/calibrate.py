"""``darkfigure calibrate``: whether intervals hold what they promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, filled, json_option, language_option, method_options
from estimator.cli.output import say, tell

if TYPE_CHECKING:
    from estimator.calibration.at_scale import Running
    from estimator.words.words import Words

_SIMULATIONS = 500
Report = TypeVar("Report")


@click.command(cls=Command)
@click.argument("studies", nargs=-1, metavar="[STUDY]...")
@click.option(
    "--sbc",
    type=click.IntRange(20, 1_000_000),
    metavar="N",
    is_flag=False,
    flag_value=_SIMULATIONS,
    help=f"Check the computation with N simulations (--sbc alone: {_SIMULATIONS}).",
)
@click.option("--grid", is_flag=True, help="Hold intervals against known truth in the main scenarios.")
@click.option("--whole-grid", is_flag=True, help="The same in every combination of scenarios: for a cluster.")
@click.option("--held-out", is_flag=True, help="Hold lists out of tables, and estimate their people from the others.")
@click.option("--all-methods", is_flag=True, help="Hold lists out by every method, and write them side by side.")
@click.option(
    "--priors",
    multiple=True,
    callback=filled,
    metavar="NAME|FILE",
    help="Prior assumptions, may be repeated; by default those of the study (--sbc), or all shipped ones.",
)
@method_options
@click.option(
    "--simulations", type=click.IntRange(2, 100_000), default=100, show_default=True, help="Tables per scenario."
)
@click.option("--pooled", is_flag=True, help="Hold lists out of tables whose strata are added up (--held-out).")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps every fit; used again, goes on."
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; by default as many as there are cores.")
@click.option("--cluster", metavar="ADDRESS", help="Dask scheduler whose workers do the fits: tcp://host:port.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@language_option
@json_option
@debug_option
@click.pass_context
def calibrate(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Say whether intervals hold what they promise.

    Simulation-based calibration (--sbc): parameters and tables are drawn from the priors in the shape of the study, and
    fitted; ranks of the truth show whether posteriors are computed rightly. The grid (--grid): populations of known
    size, with dependence, unequal individuals, large and small lists, fitted under every set of priors; how many
    intervals hold the truth, and how wide are they? Held-out lists (--held-out): the people on one list are a
    population whose size is known. Each list of one or more tables in turn is estimated from the others, and held
    against its size. Here STUDY may be a table.csv too, and when there is none, all shipped public tables are taken.

    With --method another method is tried than that of the study. A method without priors has nothing to simulate from
    (--sbc). With --held-out --all-methods every method that answers quickly estimates the same lists, and the table of
    how often their intervals hold them is written to methods-held-out.md of the folder.

    Thousands of fits take minutes to hours. With --out each is kept as soon as it is done, and the same command goes on
    where it was broken off. Exit code 3 when the computation is found wrong (--sbc).

    Example:
      darkfigure calibrate my-study --sbc 500 --out calibration
      darkfigure calibrate my-study --sbc 200 --priors evidence
      darkfigure calibrate my-study --grid --out calibration --workers 2
      darkfigure calibrate my-study --whole-grid --cluster tcp://10.0.0.5:8786
      darkfigure calibrate --held-out --out calibration
      darkfigure calibrate my-table.csv uk-2013 --held-out --priors evidence --priors wide
      darkfigure calibrate uk-2013 --held-out --method lower-bound
      darkfigure calibrate --held-out --all-methods --pooled --out calibration
    """
    from estimator.cli.output import print_json

    asked = Asked(**given)
    wanted = [mode for mode in MODES if getattr(asked, mode)]
    if not wanted:
        raise click.UsageError(
            "Say what to do: --sbc to check the computation, --grid to hold intervals against simulated truth, "
            "--held-out to hold them against lists whose size is known."
        )
    if asked.grid and asked.whole_grid:
        raise click.UsageError("--whole-grid is the grid and more. Give one of the two.")
    if asked.all_methods and (not asked.held_out or asked.method or asked.options):
        raise click.UsageError("--all-methods goes with --held-out, and without --method and --option.")
    results = {mode: MODES[mode](asked) for mode in wanted}
    if as_json:
        print_json({mode.replace("whole_", ""): record for mode, (record, _, _) in results.items()})
    else:
        say("\n\n".join(text for _, text, _ in results.values()))
    ctx.exit(max(code for _, _, code in results.values()))


Result = tuple[dict[str, Any], str, int]
"""A result for JSON, the same as text, and the exit code."""


@dataclass(frozen=True)
class Asked:
    """What was asked for, option by option."""

    studies: tuple[str, ...]
    sbc: int | None
    grid: bool
    whole_grid: bool
    held_out: bool
    all_methods: bool
    priors: tuple[str, ...]
    method: str | None
    options: dict[str, str] | None
    simulations: int
    pooled: bool
    out: Path | None
    workers: int | None
    cluster: str | None
    seed: int
    language: str | None

    @property
    def study(self) -> str:
        """The only study."""
        if len(self.studies) != 1:
            raise click.UsageError("Name one study for --sbc and --grid; only --held-out takes several, or none.")
        return self.studies[0]


def _sbc(asked: Asked) -> Result:
    """Check the computation."""
    from estimator.calibration.at_scale import calibrate_sbc
    from estimator.report.figures.calibration import sbc_files
    from estimator.report.terminal.calibration import sbc_text
    from estimator.study.study import read_study

    study = read_study(asked.study)
    words = _words(asked, study.language)
    report = _with_progress(
        words.text("calibration.stage.sbc"),
        asked,
        words,
        lambda running: calibrate_sbc(
            study,
            asked.priors,
            method=asked.method,
            options=asked.options,
            simulations=asked.sbc or _SIMULATIONS,
            seed=asked.seed,
            running=running,
        ),
    )
    code = _save(asked, words, lambda: sbc_files(report, words), report.failed)
    return report.to_dict(), sbc_text(report, words), code if report.passed else 3


def _grid(asked: Asked) -> Result:
    """Hold intervals against known truth."""
    from estimator.calibration.at_scale import calibrate_grid
    from estimator.calibration.scenarios import like_study, main_grid, whole_grid
    from estimator.methods.registry import chosen_method
    from estimator.report.figures.calibration import grid_files
    from estimator.report.terminal.calibration import grid_text
    from estimator.study.study import read_study

    study = read_study(asked.study)
    method, options = chosen_method(study.model, asked.method, asked.options)
    words = _words(asked, study.language)
    alike = like_study(study.only_table)
    if not alike:
        tell(words.text("calibration.too-little-overlap"))
    scenarios = (*(whole_grid() if asked.whole_grid else main_grid()), *alike)
    report = _with_progress(
        words.text("calibration.stage.grid"),
        asked,
        words,
        lambda running: calibrate_grid(
            scenarios,
            asked.priors,
            method=method.name,
            options=options,
            tables=asked.simulations,
            seed=asked.seed,
            running=running,
        ),
    )
    code = _save(asked, words, lambda: grid_files(report, words), len(report.failed))
    return report.to_dict(), grid_text(report, words), code


def _held_out(asked: Asked) -> Result:
    """Hold estimates against lists whose size is known; in English unless another language is asked for."""
    if asked.all_methods:
        return _by_methods(asked)
    from estimator.calibration.held_out import held_out
    from estimator.calibration.public_evidence import shipped_public_tables
    from estimator.report.figures.held_out import held_out_files
    from estimator.report.terminal.held_out import held_out_text

    words = _words(asked)
    report = _with_progress(
        words.text("calibration.stage.held-out"),
        asked,
        words,
        lambda running: held_out(
            asked.studies or shipped_public_tables(),
            asked.priors,
            method=asked.method,
            options=asked.options,
            pooled=asked.pooled,
            seed=asked.seed,
            running=running,
        ),
    )
    code = _save(asked, words, lambda: held_out_files(report, words), len(report.failed))
    return report.to_dict(), held_out_text(report, words), code


def _by_methods(asked: Asked) -> Result:
    """Hold the estimates of every method against lists whose size is known."""
    from estimator.calibration.held_out_methods import held_out_by_methods
    from estimator.calibration.public_evidence import shipped_public_tables
    from estimator.report.pages.held_out_methods import methods_files
    from estimator.report.terminal.held_out_methods import methods_text

    words, studies = _words(asked), asked.studies or shipped_public_tables()
    report = _with_progress(
        words.text("calibration.stage.held-out"),
        asked,
        words,
        lambda running: held_out_by_methods(
            studies, asked.priors, pooled=asked.pooled, seed=asked.seed, running=running
        ),
    )
    code = _save(asked, words, lambda: methods_files(report, words), len(report.failed))
    return report.to_dict(), methods_text(report, words), code


MODES: Mapping[str, Callable[[Asked], Result]] = {
    "sbc": _sbc,
    "grid": _grid,
    "whole_grid": _grid,
    "held_out": _held_out,
}
"""What can be asked for, by the name of its option."""


def _words(asked: Asked, language: str = "en") -> Words:
    from estimator.words.words import words_in

    return words_in(asked.language or language)


def _with_progress(doing: str, asked: Asked, words: Words, work: Callable[[Running], Report]) -> Report:
    """Do the work with a line on a terminal; when it is interrupted, say what is kept and how to go on."""
    from estimator.cli.running import run_with_progress

    return run_with_progress(doing, words, work, out=asked.out, workers=asked.workers, cluster=asked.cluster)


def _save(asked: Asked, words: Words, files: Callable[[], Mapping[str, bytes]], failed: int) -> int:
    """Write numbers and pictures in place of earlier ones, where there is a folder; return the exit code."""
    from estimator.runs.replacing import replace_together

    if asked.out is not None:
        contents = files()
        replace_together(asked.out, contents)
        tell(words.text("calibration.written", folder=str(asked.out), names=", ".join(contents)))
    if failed:
        tell(words.text("calibration.failed-try-again", n=failed))
    return 1 if failed else 0
