"""``darkfigure reproduce``: published figures beside our own."""

from __future__ import annotations

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option, language_option, priors_option
from estimator.cli.output import say


@click.command(cls=Command)
@click.argument("name", required=False)
@priors_option
@click.option("--draws", type=click.IntRange(100, 100_000), default=2000, show_default=True, help="Draws per chain.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@json_option
@language_option
@debug_option
def reproduce(name: str | None, priors: str | None, draws: int, seed: int, as_json: bool, language: str | None) -> None:
    """Put published figures beside our own, with a verdict each.

    Says of every figure whether it is consistent with ours and on what data that rests, by how much it differs, or why
    it cannot be reproduced from public data. Without NAME, lists what can be reproduced. A difference is a finding, not
    an error: the exit code is 0.

    Example:
      darkfigure reproduce
      darkfigure reproduce nl
      darkfigure reproduce nl --priors evidence --json
    """
    if name is None:
        _list(as_json, language or "en")
        return
    import os

    from estimator.cli.output import print_json
    from estimator.cli.progress import TerminalProgress
    from estimator.published.recipes import recipe_of

    recipe_of(name)
    from estimator.methods.door import SamplerSettings
    from estimator.published.reproduction import reproduce as run
    from estimator.report.terminal.published import reproduction_text
    from estimator.words.words import words_in

    cores = min(os.cpu_count() or 1, 4)
    sampler = SamplerSettings(draws=draws, warmup=max(1000, draws // 2), cores=cores, seed=seed)
    with TerminalProgress(language) as progress:
        reproduction = run(name, priors, sampler=sampler, listener=progress)
    if as_json:
        print_json(reproduction.to_dict())
    else:
        say(reproduction_text(reproduction, words_in(language or reproduction.study.language)))


def _list(as_json: bool, language: str) -> None:
    """Print what can be reproduced."""
    from estimator.cli.output import columns, print_json
    from estimator.published.recipes import RECIPES
    from estimator.words.words import words_in

    words = words_in(language)
    titles = {name: words.text(f"published.title.{name}") for name in RECIPES}
    if as_json:
        print_json([{"name": name, "title": title} for name, title in titles.items()])
    else:
        say(columns([(words.text("published.column.name"), words.text("published.column.whose")), *titles.items()]))
