"""Write docs/reproduced.md anew: what `darkfigure reproduce --all` says of every published number.

    python -m docs.make_reproduced

Takes a minute or two.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from estimator.published.numbers_again import ComputedAgain, Computing, NumbersAgain, numbers_again
from estimator.published.registry import registered, registered_names
from estimator.report.terminal.numbers_again import number_text, reasons_text, tally_text
from estimator.words.words import words_in

PAGE = Path(__file__).parent / "reproduced.md"
WORDS = words_in("en")
HEAD = """# Published numbers computed again

Made by `python -m docs.make_reproduced` with the numbers of `darkfigure reproduce --all`. Rules, and the files behind
it: [reproduction.md](reproduction.md). Intervals are of 95 % unless something else is said; (?) marks what no text that
we saw says.
"""


def page(found: list[NumbersAgain]) -> str:
    """Return the page: a table for each file of published numbers."""
    return "\n".join([HEAD, *(line for one in found for line in _section(one))]).replace("\N{NO-BREAK SPACE}", " ")


def _section(found: NumbersAgain) -> Iterator[str]:
    """Yield the lines of one file."""
    yield f"## {found.source.title}"
    yield ""
    yield f"`darkfigure reproduce {found.source.name}`. {tally_text(found, WORDS)}"
    yield ""
    yield "| what, by which software | published | ours | verdict |"
    yield "| --- | ---: | ---: | --- |"
    for figure in found.figures:
        yield _row(figure)
    yield ""


def _row(found: ComputedAgain) -> str:
    """Return the row of one number."""
    figure = found.figure
    level = "" if figure.level == 0.95 else f", {100 * figure.level:g} % interval"
    what = f"{figure.title}{level}{f' ({figure.software})' if figure.software else ''}"
    published = number_text(figure.numbers, WORDS) + ("" if figure.verified else " (?)")
    ours = number_text(found.ours.numbers, WORDS) if found.ours else ""
    more = reasons_text(found, WORDS)
    verdict = f"**{WORDS.text(f'again.verdict.{found.verdict}')}**{f'. {more}' if more else ''}"
    return f"| {what} | {published} | {ours} | {verdict} |"


if __name__ == "__main__":
    computing = Computing()
    PAGE.write_text(page([numbers_again(registered(name), computing) for name in registered_names()]), "utf-8")
    print(f"Wrote {PAGE}")
