"""``darkfigure plan``: what one more list would do to an estimate, better linkage, or one list less."""

from __future__ import annotations

from pathlib import Path

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, filled, json_option, language_option, priors_option
from estimator.cli.output import print_json, say, tell


@click.command(cls=Command)
@click.argument("study", callback=filled)
@click.option("--new-list", "plan", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The plan.")
@priors_option
@click.option(
    "--simulations", type=click.IntRange(2, 10_000), default=40, show_default=True, help="Populations of each case."
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; by default as many as there are cores.")
@click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://host:port, in place of processes.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Keep fits here, and go on from them.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Picture to write: .svg, .png or .pdf.")
@language_option
@json_option
@debug_option
@click.pass_context
def plan(
    ctx: click.Context,
    study: str,
    plan: Path,
    priors: str | None,
    simulations: int,
    seed: int,
    workers: int | None,
    cluster: str | None,
    out: Path | None,
    plot: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Say what one more list, or better linkage, would bring.

    Simulates populations that are believed possible now, lets the new list see the share of them that the plan says,
    and estimates each table. Prints how wide the 95 % interval of every group would be beside the present one; how many
    cases must be reported before an interval is half as wide; what better linkage of the present lists would do; and
    what the loss of lists named under drop would do. The file is explained in docs/plan.md.

    Example:
      darkfigure plan nl --new-list my-plan.toml --out plans/doctors
      darkfigure plan my-study --new-list plan.toml --simulations 100 --plot plan.svg --language nl
    """
    from estimator.cli.running import run_with_progress
    from estimator.planning.gain import run_plan
    from estimator.planning.plan import read_plan
    from estimator.report.figures.files import refuse_bad_target, save_picture
    from estimator.report.terminal.plan import plan_text
    from estimator.study.study import read_study
    from estimator.words.words import words_in

    if plot is not None:
        refuse_bad_target(plot)
    read = read_plan(plan, read_study(study))
    words = words_in(language or read.study.language)
    ctx.ensure_object(Session).language = words.language
    record = run_with_progress(
        words.text("plan.stage"),
        words,
        lambda running: run_plan(
            read, priors=priors, simulations=simulations, seed=seed, running=running, language=words.language
        ),
        out=out,
        workers=workers,
        cluster=cluster,
    )
    if as_json:
        print_json(record.to_dict())
    else:
        say(plan_text(record, words))
    if plot is not None:
        from estimator.report.figures.plan import plan_figure

        save_picture(lambda: plan_figure(record, words), plot)
        tell(words.text("figure.written", path=str(plot)))
    ctx.exit(1 if record.failed else 0)
