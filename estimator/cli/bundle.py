"""``darkfigure bundle``: a run packed for a reviewer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from estimator.cli.help import Command
from estimator.cli.options import Session, debug_option, filled, json_option, language_option
from estimator.cli.output import print_json, say


@click.command(cls=Command)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.zip", help="New file [default: beside the run].")
@click.option(
    "--with-table/--without-table",
    "with_table",
    default=None,
    help="Whether the table, and draws beside which it is kept, go along [default: unless the study has [disclosure]].",
)
@click.option("--decided-by", callback=filled, metavar="NAME", help="Who decides that protected counts go along.")
@click.option("--because", callback=filled, metavar="TEXT", help="Why they do.")
@click.option("--study", metavar="STUDY", help="Where its study is, when it is no longer where it was.")
@language_option
@json_option
@debug_option
@click.pass_context
def bundle(
    ctx: click.Context,
    run: Path,
    out: Path | None,
    with_table: bool | None,
    decided_by: str | None,
    because: str | None,
    study: str | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Pack a run in one zip that a reviewer can check.

    In it are the files of the run, the study that went into it, metadata (RO-Crate), and a page README.html that says
    in Dutch and English what it is and how to check it with `darkfigure verify`. A run that is altered is not packed.
    Where the study protects small counts (a section [disclosure]) every file with counts is left out, unless somebody
    decides otherwise: --with-table, --decided-by and --because, which are recorded in the bundle. The same run gives
    the same bytes.

    Example:
      darkfigure bundle runs/my-study-2026
      darkfigure bundle runs/my-study-2026 --out review.zip --without-table
      darkfigure bundle runs/my-study-2026 --with-table --decided-by "A. Jansen" --because "For the review of ..."
    """
    if (decided_by is None) != (because is None) or (decided_by is not None and not with_table):
        raise click.UsageError("A decision has --with-table, a name (--decided-by) and a reason (--because). Give all.")
    from estimator.bundle.contents import Choice, contents_of
    from estimator.bundle.packing import refuse_bad_target, write_bundle
    from estimator.report.pages.bundle import readme_page
    from estimator.report.terminal.verification import bundle_text
    from estimator.runs.reading import read_run
    from estimator.runs.restoring import study_of_run
    from estimator.words.words import words_in

    read = read_run(run)
    target = out or run.resolve().parent / f"{run.resolve().name}.zip"
    refuse_bad_target(target)
    words = words_in(language or read.record.language or "en")
    ctx.ensure_object(Session).language = words.language
    choice = Choice(decided_by, because, f"{datetime.now(UTC):%Y-%m-%d}") if decided_by and because else None
    study_read = study_of_run(read, study)
    contents = contents_of(read, study_read, with_table, choice)
    digest = write_bundle(read, study_read, contents, target, lambda inside: readme_page(read, inside, words.language))
    if as_json:
        files = {
            "files": [file.name for file in contents.members],
            "left_out": [file.name for file in contents.left_out],
        }
        print_json({"file": str(target), "sha256": digest, "why_left_out": contents.why, **files})
    else:
        say(bundle_text(target, digest, contents, words))
