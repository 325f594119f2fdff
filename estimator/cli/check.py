"""``darkfigure check``: what a study's lists can tell, before anything is estimated."""

from __future__ import annotations

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option


@click.command(cls=Command)
@click.argument("study")
@json_option
@debug_option
@click.pass_context
def check(ctx: click.Context, study: str, as_json: bool) -> None:
    """Say what a study's lists can tell, and what they cannot.

    Shows the size of each list, how the lists overlap, how many persons were seen once, twice or more often, and for
    which models an estimate exists; and what is decided about lists or has happened to them. Needs no model and takes a
    second. Exit code 3 when nothing can be estimated.

    Example:
      darkfigure check nl-2010-2015
      darkfigure check my-study/study.toml --json
    """
    from estimator.capture.checking import check_table
    from estimator.cli.output import paragraph, print_json, width
    from estimator.population.lapsing import lapsed
    from estimator.population.study_wording import change_lines, decision_lines
    from estimator.runs.facts import change_records, decision_records
    from estimator.study.study import read_study

    found = read_study(study)
    report = check_table(found.table)
    if as_json:
        about = {"study": found.name, "title": found.title, "table_kind": found.table_kind}
        done = {"decisions": decision_records(found.decisions), "changes": change_records(found.changes)}
        print_json({**about, **done, "cautions": list(lapsed(found)), **report.to_dict()})
    else:
        click.echo(paragraph(found.title))
        click.echo()
        cautions = (f"CAUTION: {text}" for text in lapsed(found))
        for line in (*decision_lines(found), *change_lines(found), *cautions):
            click.echo(f"{paragraph(line)}\n")
        click.echo(report.text(width(), {name: label.en for name, label in found.labels.lists.items()}))
    if not report.estimable:
        ctx.exit(3)
