"""``darkfigure multiverse``: every defensible specification at once."""

from __future__ import annotations

from pathlib import Path

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, filled, json_option, language_option
from estimator.cli.output import tell


@click.command(cls=Command)
@click.argument("study", callback=filled)
@click.option(
    "--most",
    type=click.IntRange(2, 100_000),
    default=1000,
    show_default=True,
    help="Specifications at most; of more, as many drawn at random.",
)
@click.option(
    "--draws",
    type=click.IntRange(200, 20_000),
    default=1000,
    show_default=True,
    help="Draws of each of two chains of a specification.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; by default as many as there are cores.")
@click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://host:port, in place of processes.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder for multiverse.json and every fit; used again, goes on.",
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Picture to write: .svg, .png or .pdf.")
@language_option
@json_option
@debug_option
@click.pass_context
def multiverse(
    ctx: click.Context,
    study: str,
    most: int,
    draws: int,
    seed: int,
    workers: int | None,
    cluster: str | None,
    out: Path | None,
    plot: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Estimate every defensible specification of a study at once.

    Lists left out or taken as one, covariates in or out, every method, every set of priors, decisions and border cases
    either way: the section [multiverse] of study.toml says which, and why each can be defended; without it those that
    any study has are taken. Prints between what the total stands under all specifications that pass diagnostics, which
    share of their spread each choice explains, and why the others do not count. Explained in docs/multiverse.md.

    With --out every fit is kept as soon as it is done, and the same command goes on where it was broken off. Exit code
    3 when no specification passes.

    Example:
      darkfigure multiverse my-study --out multiverse --plot multiverse.svg
      darkfigure multiverse my-study --most 200 --language nl
      darkfigure multiverse my-study --cluster tcp://10.0.0.5:8786 --out multiverse
    """
    from estimator.cli.running import run_with_progress
    from estimator.cli.showing import show_multiverse
    from estimator.multiverse.multiverse import run_multiverse
    from estimator.multiverse.writing import save_multiverse
    from estimator.report.figures.files import refuse_bad_target
    from estimator.study.study import read_study
    from estimator.words.words import words_in

    if plot is not None:
        refuse_bad_target(plot)
    words = words_in(language or read_study(study).language)
    ctx.ensure_object(Session).language = words.language
    record = run_with_progress(
        words.text("multiverse.stage"),
        words,
        lambda running: run_multiverse(
            study, most=most, draws=draws, seed=seed, running=running, language=words.language
        ),
        out=out,
        workers=workers,
        cluster=cluster,
    )
    if out is not None:
        save_multiverse(record, out)
        tell(words.text("multiverse.written", folder=str(out)))
    show_multiverse(record, words, plot, as_json)
    not_done = len(record.with_status("not-done"))
    if not_done:
        tell(words.text("calibration.failed-try-again", n=not_done))
    ctx.exit(1 if not_done else 0 if record.total is not None else 3)
