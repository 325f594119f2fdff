"""Options that several commands share, so that they mean the same everywhere.

Each function adds one to a function or command of click, and returns it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from estimator.words.catalogue import LANGUAGES

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Session:
    """What holds for one run of the command line.

    Parameters
    ----------
    debug : bool, default False
        Whether to show a traceback with an error.
    language : str, default "en"
        What was asked for, or the language of the study once it is read.
    """

    debug: bool = False
    language: str = "en"


def _debug(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    session = ctx.find_object(Session)
    if value and session is not None:
        session.debug = True


def debug_option(command: Command) -> Command:
    """Add ``--debug``, which shows where in the program an error came from."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_debug,
        help="Show a traceback with an error.",
    )(command)


def json_option(command: Command) -> Command:
    """Add ``--json``, as the argument `as_json`: the result as JSON and nothing else on stdout."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")(command)


def _as_mapping(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    wrong = [key for key, sign, _ in pairs if not sign or not key.strip()]
    if wrong:
        raise click.BadParameter(
            f"'{wrong[0]}' must be KEY=VALUE, for example dependence.odds_ratio.log_normal=[0,0.25]."
        )
    keys = [key.strip() for key, _, _ in pairs]
    if twice := [key for key in dict.fromkeys(keys) if keys.count(key) > 1]:
        raise click.BadParameter(f"'{twice[0]}' is set twice. Give it once.")
    return {key: value.strip() for key, (_, _, value) in zip(keys, pairs, strict=True)}


def filled(_ctx: click.Context, _param: click.Parameter, value: Any) -> Any:
    """Refuse an empty text, such as an unset variable of the shell gives; it would mean what leaving it out means."""
    for text in (value,) if isinstance(value, str) else value or ():
        if not str(text).strip():
            raise click.BadParameter("Nothing is given (an unset variable?). Give a name or file, or leave it out.")
    return value


def set_option(command: Command) -> Command:
    """Add ``--set KEY=VALUE``, any number of times, as the argument `overrides`: changes of the prior file."""
    return click.option(
        "--set",
        "overrides",
        metavar="KEY=VALUE",
        multiple=True,
        callback=_as_mapping,
        help="Change one prior, e.g. dependence.odds_ratio.log_normal=[0,0.25]; may be repeated.",
    )(command)


def method_options(command: Command) -> Command:
    """Add ``--method`` and ``--option``, as the arguments `method` (None: that of the study) and `options`."""
    choice = click.option(
        "--option",
        "options",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_as_mapping,
        help="A choice of the method, e.g. strata=pooled; may be repeated.",
    )(command)
    return click.option(
        "--method",
        metavar="NAME",
        help="How to estimate: loglinear, decomposable, selection, threshold, independence, latent-class, "
        "heterogeneity, lower-bound, doubly-robust, repeat-counts; else as the study says.",
    )(choice)


def _language(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    session = ctx.find_object(Session)
    if value and session is not None:
        session.language = value
    return value


def priors_option(command: Command) -> Command:
    """Add ``--priors NAME|FILE``, as the argument `priors`: None when the study says which."""
    return click.option(
        "--priors",
        metavar="NAME|FILE",
        callback=filled,
        help="Prior assumptions; by default those that the study names.",
    )(command)


def language_option(command: Command) -> Command:
    """Add ``--language``, as the argument `language`: None when the study or the run says which."""
    return click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        callback=_language,
        help="Language of what is printed [default: that of the study].",
    )(command)


def plot_option(command: Command) -> Command:
    """Add ``--plot``, which writes the picture of an estimate; a file that cannot be written is refused at once."""
    return click.option(
        "--plot",
        type=click.Path(path_type=Path),
        metavar="FILE",
        callback=_plot,
        help="Picture to write (.svg, .png or .pdf): year by year, or by group when there are no years.",
    )(command)


def _plot(_ctx: click.Context, _param: click.Parameter, target: Path | None) -> Path | None:
    if target is not None:
        from estimator.report.figures.files import refuse_bad_target

        refuse_bad_target(target)
    return target


def sections_options(command: Command) -> Command:
    """Add ``--full``, and a flag for each part of an estimate, as the arguments `full` and `sections`.

    Parameters
    ----------
    command : callable
        A function or command of click.
    """
    for name, what in reversed(_SECTIONS.items()):
        command = click.option(f"--{name}", "sections", flag_value=name, multiple=True, help=what)(command)
    return click.option("--full", is_flag=True, help="Show everything that there is to say.")(command)


_SECTIONS = {
    "by-year": "Show every year.",
    "beside": "Show the same under the other priors.",
    "rates": "Show rates per 100,000 inhabitants.",
    "sources": "Show what it rests on: assumption, decisions, priors, sampling, counts.",
}
