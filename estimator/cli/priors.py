"""``darkfigure priors``: the assumptions that go into an estimate, in words."""

from __future__ import annotations

from pathlib import Path

import click

from estimator.cli.help import Group
from estimator.cli.options import debug_option, filled, json_option, language_option, set_option
from estimator.cli.output import say, tell
from estimator.study.shipped import DEFAULT_PRIORS


@click.group(cls=Group)
@debug_option
def priors() -> None:
    """List, show or draw prior assumptions.

    An estimate of people whom nobody has seen rests on assumptions. They are in files that can be read and changed.

    Example:
      darkfigure priors show default
    """


@priors.command("list")
@language_option
@json_option
@debug_option
def list_priors(language: str | None, as_json: bool) -> None:
    """List the prior files that ship with the tool.

    Example:
      darkfigure priors list
    """
    from estimator.cli.output import columns, print_json
    from estimator.study.priors import read_priors
    from estimator.study.shipped import shipped_priors

    shipped = {name: read_priors(name) for name in shipped_priors()}
    if as_json:
        print_json([{"name": name, "title": item.title, "file": str(item.path)} for name, item in shipped.items()])
    else:
        say(columns((name, item.title_in(language or "en")) for name, item in shipped.items()))


@priors.command("show")
@click.argument("priors", default=DEFAULT_PRIORS, callback=filled)
@set_option
@click.option("--toml", "as_toml", is_flag=True, help="Print the file itself, as a start for your own.")
@language_option
@json_option
@debug_option
def show_priors(priors: str, overrides: dict[str, str], as_toml: bool, language: str | None, as_json: bool) -> None:
    """Show prior assumptions in words, each with its reason.

    PRIORS is the name of a shipped file (by default `evidence`) or the path of one of your own.

    Example:
      darkfigure priors show wide
      darkfigure priors show moderate --set dependence.odds_ratio.log_normal=[0,0.25]
      darkfigure priors show evidence --toml > my-priors.toml
    """
    from estimator.cli.output import print_json
    from estimator.report.terminal.priors import priors_text
    from estimator.study.priors import read_priors
    from estimator.study.tomlfile import read_text
    from estimator.words.words import words_in

    if as_toml and (overrides or as_json):
        raise click.UsageError("--toml prints the file as it is; leave out --set and --json.")
    stated = read_priors(priors, overrides)
    if as_toml and stated.path is not None:
        say(read_text(stated.path), nl=False)
    elif as_json:
        print_json(
            {
                "title": stated.title,
                "file": str(stated.path),
                "changed": stated.overrides,
                "priors": stated.model_dump(mode="json", exclude_none=True),
                "sentences": [prior.to_dict() for prior in stated.stated()],
            }
        )
    else:
        say(priors_text(stated, words_in(language or "en")))


@priors.command("draw")
@click.argument("priors", required=False, callback=filled)
@click.option("--study", required=True, help="The study for which they are meant; as for `darkfigure check`.")
@click.option("--draws", type=click.IntRange(100, 1_000_000), default=4000, show_default=True, help="Number of draws.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@set_option
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Picture to write: .svg, .png or .pdf.")
@language_option
@json_option
@debug_option
def draw_priors(
    priors: str | None,
    study: str,
    draws: int,
    seed: int,
    overrides: dict[str, str],
    plot: Path | None,
    language: str | None,
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
    from estimator.methods.registry import prior_view
    from estimator.report.terminal.priors import prior_view_text
    from estimator.study.priors import read_priors
    from estimator.study.study import read_study
    from estimator.words.words import words_in

    if plot is not None:
        from estimator.report.figures.files import refuse_bad_target

        refuse_bad_target(plot)
    about = read_study(study)
    words = words_in(language or about.language)
    view = prior_view(about, read_priors(priors or about.model.priors, overrides), draws, seed)
    if plot is not None:
        from estimator.report.figures.priors import save_prior_picture

        save_prior_picture(view, plot, words)
        tell(words.text("figure.written", path=str(plot)))
    if as_json:
        print_json(view.to_dict())
    else:
        say(prior_view_text(view, words))
