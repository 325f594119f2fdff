"""``darkfigure reproduce``: published figures beside our own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option, language_option, priors_option
from estimator.cli.output import say

if TYPE_CHECKING:
    from estimator.published.numbers_again import Computing
    from estimator.published.registry import Registered


@click.command(cls=Command)
@click.argument("names", metavar="[NAME|FILE]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything that ships with the tool.")
@priors_option
@click.option("--draws", type=click.IntRange(100, 100_000), default=2000, show_default=True, help="Draws per chain.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Seed of all randomness.")
@json_option
@language_option
@debug_option
@click.pass_context
def reproduce(ctx: click.Context, /, names: tuple[str, ...], everything: bool, as_json: bool, **given: Any) -> None:
    """Put published figures beside our own, with a verdict each.

    Computes published numbers again, from the same table by the same method, and says of each whether it is reproduced,
    consistent within Monte Carlo error, different and why, or not reproducible from public data. Without NAME, lists
    what can be reproduced; FILE is a file of your own, as docs/reproduction.md describes. For NAME nl, also runs the
    whole Dutch study and puts every published figure beside it; what differs there is a finding, not an error.

    Exit code 3 when a number that should be reproduced is not.

    Example:
      darkfigure reproduce
      darkfigure reproduce uk kosovo
      darkfigure reproduce nl --priors evidence --json
      darkfigure reproduce my-study/published-number.toml
    """
    if everything and names:
        raise click.UsageError("--all is everything that ships with the tool. Give names, or --all.")
    if not names and not everything:
        _list(as_json, given["language"] or "en")
        return
    from estimator.published.registry import registered, registered_names

    sources = [registered(name) for name in dict.fromkeys(names or registered_names())]
    if given["priors"] is not None and not any(source.again for source in sources):
        raise click.UsageError("--priors is for a study that is run again as a whole, such as nl. Leave it out.")
    results = _computed(sources, **given)
    if as_json:
        from estimator.cli.output import print_json

        records = [record for record, _, _ in results]
        print_json(records[0] if len(names) == 1 else records)
    else:
        say("\n\n".join(text for _, text, _ in results))
    if any(failed for _, _, failed in results):
        ctx.exit(3)


Result = tuple[dict[str, Any], str, bool]
"""The numbers of one file for JSON and as text, and whether one failed that should be reproduced."""


def _computed(
    sources: Iterable[Registered], *, draws: int, seed: int, priors: str | None, language: str | None
) -> list[Result]:
    """Return the numbers of each file."""
    import os

    from estimator.cli.progress import TerminalProgress
    from estimator.methods.door import SamplerSettings
    from estimator.published.numbers_again import Computing

    cores = min(os.cpu_count() or 1, 4)
    sampler = SamplerSettings(draws=draws, warmup=max(1000, draws // 2), cores=cores, seed=seed)
    with TerminalProgress(language) as progress:
        computing = Computing(sampler, progress)
        return [_of_file(source, computing, priors, language) for source in sources]


def _of_file(source: Registered, computing: Computing, priors: str | None, language: str | None) -> Result:
    """Return the numbers of one file."""
    from estimator.published import reproduction
    from estimator.published.numbers_again import numbers_again
    from estimator.report.terminal import published
    from estimator.report.terminal.numbers_again import numbers_again_text
    from estimator.words.words import words_in

    record: dict[str, Any] = {}
    texts = []
    if source.again is not None:
        whole = reproduction.reproduce(
            source, priors, sampler=computing.sampler, listener=computing.listener, computing=computing
        )
        record, language = whole.to_dict(), language or whole.study.language
        texts.append(published.reproduction_text(whole, words_in(language)))
    computed = numbers_again(source, computing)
    record = {**computed.to_dict(), **record}
    if computed.figures:
        texts.append(numbers_again_text(computed, words_in(language or "en"), title=not texts))
    return record, "\n\n".join(texts), computed.failed


def _list(as_json: bool, language: str) -> None:
    """Print what can be reproduced."""
    from estimator.cli.output import columns, print_json
    from estimator.published.registry import registered_titles
    from estimator.words.words import words_in

    words = words_in(language)
    titles = {name: words.either(*title) for name, title in registered_titles().items()}
    if as_json:
        print_json([{"name": name, "title": title} for name, title in titles.items()])
    else:
        say(columns([(words.text("published.column.name"), words.text("published.column.whose")), *titles.items()]))
