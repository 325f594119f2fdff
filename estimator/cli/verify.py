"""``darkfigure verify``: whether a run is unaltered, and whether it comes out again."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, json_option, language_option
from estimator.cli.output import language_of, print_json, say

if TYPE_CHECKING:
    from estimator.bundle.rerunning import Rerun
    from estimator.bundle.verifying import Verification


@click.command(cls=Command)
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN|FILE.zip")
@click.option("--rerun", "again", is_flag=True, help="Estimate it again as well, and compare.")
@click.option("--study", metavar="STUDY", help="Where its study is, when it is no longer where it was.")
@click.option(
    "--cores", type=click.IntRange(1, 256), help="Chains at the same time; by default as many as there are cores."
)
@language_option
@json_option
@debug_option
@click.pass_context
def verify(
    ctx: click.Context,
    run: Path,
    again: bool,
    study: str | None,
    cores: int | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Say whether a run is unaltered and comes out again.

    RUN is the folder that `darkfigure estimate` wrote, or a bundle of one (FILE.zip, or the folder that it was unpacked
    into). Every file is compared with the hash that was written down for it: what is changed, missing or extra is
    named. With --rerun it is estimated again from what it recorded: on the same kind of machine with the same versions
    every draw must be the same, elsewhere numbers must agree within their Monte Carlo error.

    Exit codes: 0 unaltered, and reproduced where that was asked; 1 there is no run to verify, or the zip is refused;
    3 something is changed, missing or (in a bundle) extra, or other numbers came out.

    Example:
      darkfigure verify runs/my-study-2026
      darkfigure verify runs/my-study-2026 --rerun
      darkfigure verify my-study-2026.zip --json
    """
    from estimator.bundle.opening import opened
    from estimator.bundle.verifying import is_bundle, verify_bundle, verify_run
    from estimator.report.terminal.verification import verification_text
    from estimator.runs.reading import refuse_what_is_no_run
    from estimator.userfiles import is_file
    from estimator.words.words import words_in

    with ExitStack() as stack:
        folder = stack.enter_context(opened(run)) if is_file(run) else run
        if is_bundle(folder):
            checked, inner = verify_bundle(folder), folder / "run"
        else:
            refuse_what_is_no_run(folder)
            checked, inner = verify_run(folder, study), folder
        words = words_in(language or language_of(inner))
        ctx.ensure_object(Session).language = words.language
        done = _again(folder, inner, checked, study, cores) if again and checked.unaltered else None
    if as_json:
        print_json(checked.to_dict() | ({"rerun": done.to_dict() if done else None} if again else {}))
    else:
        say(verification_text(checked, done, words, asked_again=again))
    if not checked.unaltered or (done is not None and not done.reproduced):
        ctx.exit(3)


def _again(folder: Path, inner: Path, checked: Verification, study: str | None, cores: int | None) -> Rerun:
    """Estimate a run again, with progress on a terminal."""
    from estimator.bundle.opening import refuse_leading_outside
    from estimator.bundle.rerunning import rerun
    from estimator.bundle.verifying import refuse_without_counts, study_of_bundle
    from estimator.cli.progress import TerminalProgress
    from estimator.runs.reading import read_run

    place: str | Path | None = study
    if checked.bundled:
        refuse_without_counts(folder, checked)
        if study is None:
            place = packed_study = study_of_bundle(folder)
            refuse_leading_outside(packed_study, folder)
    with TerminalProgress() as progress:
        return rerun(read_run(inner), place, cores or os.cpu_count() or 1, progress)
