"""``darkfigure priors``: the assumptions that go into an estimate, in words."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Group
from estimator.cli.options import debug_option, json_option, set_option
from estimator.study.shipped import DEFAULT_PRIORS

if TYPE_CHECKING:
    from estimator.study.priors import Priors


@click.group(cls=Group)
@debug_option
def priors() -> None:
    """List, show or draw prior assumptions.

    An estimate of people whom nobody has seen rests on assumptions. They are in files that can be read and changed.

    Example:
      darkfigure priors show default
    """


@priors.command("list")
@json_option
@debug_option
def list_priors(as_json: bool) -> None:
    """List the prior files that ship with the tool.

    Example:
      darkfigure priors list
    """
    from estimator.cli.output import columns, print_json
    from estimator.study.priors import read_priors
    from estimator.study.shipped import shipped_priors

    found = {name: read_priors(name) for name in shipped_priors()}
    if as_json:
        print_json([{"name": name, "title": item.title, "file": str(item.path)} for name, item in found.items()])
    else:
        click.echo(columns((name, item.title) for name, item in found.items()))


@priors.command("show")
@click.argument("priors", default=DEFAULT_PRIORS)
@set_option
@click.option("--toml", "as_toml", is_flag=True, help="Print the file itself, as a start for your own.")
@json_option
@debug_option
def show_priors(priors: str, overrides: dict[str, str], as_toml: bool, as_json: bool) -> None:
    """Show prior assumptions in words, each with its reason.

    PRIORS is the name of a shipped file (by default `evidence`) or the path of one of your own.

    Example:
      darkfigure priors show wide
      darkfigure priors show moderate --set dependence.odds_ratio.log_normal=[0,0.25]
      darkfigure priors show evidence --toml > my-priors.toml
    """
    from estimator.cli.output import print_json
    from estimator.study.priors import read_priors

    if as_toml and (overrides or as_json):
        raise click.UsageError("--toml prints the file as it is; leave out --set and --json.")
    found = read_priors(priors, overrides)
    if as_toml and found.path is not None:
        click.echo(found.path.read_text(encoding="utf-8"), nl=False)
    elif as_json:
        print_json(
            {
                "title": found.title,
                "file": str(found.path),
                "changed": found.overrides,
                "priors": found.model_dump(mode="json", exclude_none=True),
                "sentences": [asdict(sentence) for sentence in found.sentences()],
            }
        )
    else:
        click.echo(_page(found))


@priors.command("draw")
@click.argument("priors", required=False)
@click.option("--study", required=True, help="The study for which they are meant; as for `darkfigure check`.")
@click.option("--draws", type=click.IntRange(100, 1_000_000), default=4000, show_default=True, help="Number of draws.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@set_option
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Picture to write: .svg, .png or .pdf.")
@json_option
@debug_option
def draw_priors(
    priors: str | None,
    study: str,
    draws: int,
    seed: int,
    overrides: dict[str, str],
    plot: Path | None,
    as_json: bool,
) -> None:
    """Draw what priors say about a study before its overlaps are looked at.

    Population size, dark figure and share registered of every group, and the tables that the priors expect (list sizes
    and overlaps) beside the one that was observed. PRIORS is a name or a file; by default those that the study names.

    Example:
      darkfigure priors draw --study nl-2010-2015
      darkfigure priors draw wide --study nl-2010-2015 --json
      darkfigure priors draw my-priors.toml --study my-study --plot my-priors.svg
    """
    from estimator.cli.output import print_json
    from estimator.methods.loglinear.prior_view import view_prior
    from estimator.population.prior_wording import prior_text
    from estimator.study.priors import read_priors
    from estimator.study.study import read_study

    if plot is not None:
        from estimator.population.pictures import refuse_bad_target

        refuse_bad_target(plot)
    found = read_study(study)
    view = view_prior(found, read_priors(priors or found.model.priors, overrides), draws, seed)
    if plot is not None:
        from estimator.population.prior_drawing import save_prior_picture

        save_prior_picture(view, plot)
        click.echo(f"Picture written to {plot}", err=True)
    if as_json:
        print_json(view.to_dict())
    else:
        click.echo(prior_text(view))


def _page(found: Priors) -> str:
    from estimator.cli.output import paragraph

    parts = [paragraph(found.title)]
    if found.description:
        parts.append(paragraph(found.description))
    reason = ""
    for sentence in found.sentences():
        text = paragraph(f"{sentence.what}: {sentence.statement}", "  ", "")
        if sentence.reason != reason:
            text += "\n" + paragraph(sentence.reason, "    ")
        reason = sentence.reason
        parts.append(text)
    parts.append(f"File: {found.path}")
    return "\n\n".join(parts)
