"""``darkfigure scrutinise``: everything that tries to break an estimate."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, json_option, language_option
from estimator.cli.output import language_of, say, tell
from estimator.errors import Fault, InputError

if TYPE_CHECKING:
    from estimator.scrutiny.scrutinise import Scrutiny
    from estimator.words.words import Words

_WHOLE_SCRUTINY = ("limits", "only", "skip", "simulations", "workers", "seed", "quick", "study")


def _names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return the checks of an option."""
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    if value is not None and not names:
        raise click.BadParameter("Name checks with commas between them, such as convergence,tipping-point.")
    return names


def _limits(
    _ctx: click.Context, _param: click.Parameter, value: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Return the range of the total."""
    if value is not None and not 0 <= value[0] < value[1] < float("inf"):
        raise click.BadParameter("Give two numbers of persons, the smaller first, such as 5000 10000.")
    return value


@click.command(cls=Command)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--range",
    "limits",
    type=(float, float),
    metavar="LOW HIGH",
    callback=_limits,
    help="Persons: how much dependence would move the total out of this range?",
)
@click.option("--checks", "only", metavar="NAME,NAME", callback=_names, help="Do these checks alone.")
@click.option("--skip", metavar="NAME,NAME", callback=_names, help="Do all checks but these.")
@click.option("--quick", is_flag=True, help="Leave out the checks that sample the model again and again.")
@click.option("--simulations", type=click.IntRange(2, 10_000), help="Simulated tables in each scenario.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes for refits; by default one for each core.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Of the checks; by default that of the estimate.")
@click.option("--study", metavar="STUDY", help="Where the study is, when it is no longer where it was.")
@click.option("--publish-anyway", metavar="REASON", help="Record the decision to publish against advice, and why.")
@click.option("--decided-by", metavar="NAME", help="Who answers for that decision.")
@language_option
@json_option
@debug_option
@click.pass_context
def scrutinise(
    ctx: click.Context,
    /,
    run: Path,
    publish_anyway: str | None,
    decided_by: str | None,
    language: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Try to break an estimate, and say whether it holds.

    RUN is a folder that `darkfigure estimate` wrote. Every check gives a plain verdict: sound, caution, or fails. The
    page RUN/scrutiny.html has them all with a picture each, and RUN/scrutiny.json the numbers. The verdict goes into
    RUN/estimate.json: whether the estimate may be published, and why not. Exit code 3 when it is not fit to publish.

    An office can publish against that advice by a recorded decision with a reason, which is printed with the number
    from then on. When new reasons appear, the decision falls and must be taken again.

    Example:
      darkfigure scrutinise runs/my-2026
      darkfigure scrutinise runs/my-2026 --range 5000 10000 --quick
      darkfigure scrutinise runs/my-2026 --checks convergence,tipping-point
      darkfigure scrutinise runs/my-2026 --publish-anyway "The council wants ..." --decided-by "A. Jansen"
    """
    given = [name for name in _WHOLE_SCRUTINY if options.get(name)]
    if publish_anyway is None and decided_by is None:
        scrutiny = _scrutinised(run, _words(run, language), ctx.find_object(Session), as_json, **options)
        if scrutiny.judgement.unsound:
            ctx.exit(3)
    elif publish_anyway is None or decided_by is None:
        raise click.UsageError("A decision has a reason (--publish-anyway) and a name (--decided-by). Give both.")
    elif given:
        raise click.UsageError("A decision is recorded without doing checks again. Leave the other options out.")
    else:
        _decide(run, publish_anyway, decided_by, _words(run, language), as_json)


def _words(run: Path, language: str | None) -> Words:
    """Return the words of a language; by default that of the run, else English."""
    from estimator.words.words import words_in

    return words_in(language or language_of(run))


def _scrutinised(
    run: Path,
    words: Words,
    session: Session | None,
    as_json: bool,
    *,
    limits: tuple[float, float] | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    quick: bool,
    simulations: int | None,
    workers: int | None,
    seed: int | None,
    study: str | None,
) -> Scrutiny:
    """Do the checks, with progress on a terminal; write what they found, and print it."""
    from estimator.checks.all_checks import CHECKS, CheckOptions, chosen_checks
    from estimator.cli.output import print_json
    from estimator.cli.progress import TerminalProgress
    from estimator.reasons import Reason
    from estimator.report.pages.scrutiny import scrutiny_page
    from estimator.report.terminal.scrutiny import scrutiny_text, title_of
    from estimator.scrutiny.saving import folder_of_fits, save_scrutiny
    from estimator.scrutiny.scrutinise import scrutinise as scrutinise_run

    class Progress(TerminalProgress):
        """Shows the questions of checks instead of their ids."""

        def stage(self, doing: Reason | str) -> None:
            super().stage(title_of(doing, words) if isinstance(doing, str) and doing in CHECKS else doing)

    if only and skip:
        raise click.UsageError("--checks names the checks to do and --skip those to leave out. Give one of the two.")
    chosen_checks(only, skip, quick)
    if run.is_dir() and not os.access(run, os.W_OK):
        message = "You may not write into this run, where its scrutiny goes. Copy it to where you may."
        raise InputError(Fault(str(run), message))

    def failed(_name: str, error: Exception) -> None:
        if session is not None and session.debug:
            tell("".join(traceback.format_exception(error)).rstrip())

    with Progress(words.language) as progress:
        options = CheckOptions(
            limits=limits,
            simulations=simulations,
            workers=workers or os.cpu_count() or 1,
            seed=seed,
            folder=folder_of_fits(run, simulations=simulations, seed=seed),
            listener=progress,
        )
        scrutiny = scrutinise_run(run, only=only, skip=skip, quick=quick, study=study, options=options, failed=failed)
    page = save_scrutiny(scrutiny, lambda record: scrutiny_page(record, words), ["darkfigure", *sys.argv[1:]])
    if as_json:
        print_json(scrutiny.to_dict())
    else:
        say(scrutiny_text(scrutiny.record(), words))
    tell(words.text("scrutiny.page-written", path=str(page)))
    return scrutiny


def _decide(run: Path, reason: str, decided_by: str, words: Words, as_json: bool) -> None:
    """Record the decision to publish against advice."""
    from estimator.cli.output import print_json
    from estimator.report.pages.scrutiny import scrutiny_page
    from estimator.report.terminal.scrutiny import decision_line
    from estimator.scrutiny.decision import publish_against_advice
    from estimator.words.numbers import wrapped

    decision = publish_against_advice(run, reason, decided_by, lambda record: scrutiny_page(record, words))
    if as_json:
        print_json(decision.to_dict())
    else:
        say(wrapped(decision_line(decision, words)))
        say(wrapped(words.text("scrutiny.decision-stands-beside")))
