"""``darkfigure estimate``: the main job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from estimator.cli.help import Command
from estimator.cli.options import (
    Session,
    debug_option,
    json_option,
    language_option,
    method_options,
    plot_option,
    priors_option,
    sections_options,
    set_option,
)
from estimator.cli.output import print_json, say, tell


def _decisions(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return choices by name of the decision."""
    pairs = [value.partition("=") for value in values]
    for (name, sign, choice), value in zip(pairs, values, strict=True):
        if not (sign and name.strip() and choice.strip() in ("keep", "drop", "merge")):
            raise click.BadParameter(
                f"'{value}' must be NAME=keep, NAME=drop or NAME=merge, for example border-police=drop."
            )
    names = [name.strip() for name, _, _ in pairs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise click.BadParameter(f"'{twice[0]}' is decided twice. Give it once.")
    return {name: choice.strip() for name, (_, _, choice) in zip(names, pairs, strict=True)}


@click.command(cls=Command)
@click.argument("study")
@priors_option
@set_option
@method_options
@click.option(
    "--decide",
    "decisions",
    metavar="NAME=keep|drop|merge",
    multiple=True,
    callback=_decisions,
    help="Keep, drop or merge a list for this run only, by the name of a decision of the study; may be repeated.",
)
@click.option("--alone", is_flag=True, help="Leave out the estimates under other priors that a study wants beside it.")
@click.option("--draws", type=click.IntRange(100, 100_000), default=2000, show_default=True, help="Draws per chain.")
@click.option("--chains", type=click.IntRange(2, 64), default=4, show_default=True, help="Number of chains.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@click.option(
    "--cores", type=click.IntRange(1, 256), help="Chains at the same time; by default as many as there are cores."
)
@click.option(
    "--sampler",
    type=click.Choice(["nutpie", "pymc"]),
    default="nutpie",
    show_default=True,
    help="pymc is slow: a check by another road.",
)
@click.option(
    "--probability", "questions", multiple=True, metavar="TEXT", help="E.g. 'total > 50000'; may be repeated."
)
@click.option("--out", type=click.Path(path_type=Path), help="New folder for the run [default: runs/STUDY-TIME].")
@click.option("--no-out", is_flag=True, help="Write no run folder.")
@plot_option
@sections_options
@language_option
@json_option
@debug_option
@click.pass_context
def estimate(
    ctx: click.Context,
    /,
    study: str,
    priors: str | None,
    overrides: Mapping[str, str],
    method: str | None,
    options: Mapping[str, str],
    decisions: Mapping[str, str],
    out: Path | None,
    no_out: bool,
    plot: Path | None,
    full: bool,
    sections: tuple[str, ...],
    language: str | None,
    as_json: bool,
    questions: tuple[str, ...],
    alone: bool,
    **sampling: Any,
) -> None:
    """Estimate how many people no list has seen.

    Prints every group of the study with its interval, the total under the other priors that the study names, and what
    it rests on; more with --full or a part by its name, now or later with `darkfigure show`. Writes a run folder with
    the posterior (NetCDF, for ArviZ), the estimate (JSON and CSV) and a manifest. Exit code 3 when nothing can be
    estimated, or when the estimate is not fit to publish; the reasons are printed.

    Example:
      darkfigure estimate nl-2010-2015
      darkfigure estimate uk-2013 --priors horseshoe --probability "total > 13000"
      darkfigure estimate my-study --set dependence.odds_ratio.log_normal=[0,0.25] --json
      darkfigure estimate uk-2013 --method lower-bound
      darkfigure estimate my-study --decide border-police=drop --plot years.svg
    """
    if out is not None and no_out:
        raise click.UsageError("--out names a folder for the run and --no-out says that there is none; leave one out.")
    from estimator.cli.estimating import (
        Keeping,
        answers_text,
        estimate_with_progress,
        priors_for,
        sampler_settings,
        study_for,
    )
    from estimator.words.words import words_in

    chosen_study = study_for(study, decisions, method, options, questions)
    believed = priors_for(chosen_study, priors, overrides)
    words = words_in(language or chosen_study.language)
    ctx.ensure_object(Session).language = words.language
    from estimator.report.terminal.estimate import estimate_text
    from estimator.runs.recording import record_of

    keeping, settings = Keeping.asked(out, chosen_study.name, no_out=no_out), sampler_settings(**sampling)
    result = keeping.kept(
        lambda folder: estimate_with_progress(chosen_study, believed, settings, words, folder, alone=alone),
        words.language,
    )
    target = keeping.target
    answers = {question: result.probability(question) for question in questions}
    record = record_of(result, words.language)
    if as_json:
        print_json(record.to_dict() | ({"probabilities": answers} if answers else {}))
    else:
        say(estimate_text(record, words, target, full=full, sections=sections))
        say("".join(answers_text(answers, words)), nl=False)
    for name in keeping.removed:
        tell(words.text("estimate.removed", name=name))
    tell(words.text("estimate.took", seconds=result.seconds["total"], run=str(target or "")))
    if plot is not None:
        from estimator.cli.pictures import write_picture

        write_picture(record, words, plot)
    keeping.refuse_if_lost()
    if result.fitness.unsound:
        ctx.exit(3)
