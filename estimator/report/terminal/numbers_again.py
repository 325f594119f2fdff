"""Published numbers computed again, as the terminal shows them, at most 80 characters wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import get_args

from estimator.published.numbers_again import ComputedAgain, NumbersAgain, Verdict
from estimator.words import numbers
from estimator.words.numbers import wrapped
from estimator.words.words import Words

_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def numbers_again_text(computed: NumbersAgain, words: Words, *, title: bool = True) -> str:
    """Return the numbers of a file beside ours.

    Parameters
    ----------
    title : bool
        Whether to begin with what the file calls itself; not where its study is shown above.
    """
    source = computed.source
    head = wrapped(words.either(source.title, source.title_nl)) if title else words.text("again.heading")
    parts = [head, "", wrapped(words.text("again.rules", seed=str(computed.seed)))]
    for figure in computed.figures:
        parts += ["", *_figure(figure, words)]
    return "\n".join([*parts, "", wrapped(tally_text(computed, words))])


def tally_text(computed: NumbersAgain, words: Words) -> str:
    """Return how many numbers got each verdict, and which of them should have been reproduced."""
    counted = Counter(figure.verdict for figure in computed.figures)
    kinds = tuple(f"{words.text(f'again.verdict.{kind}')} ({counted[kind]})" for kind in _VERDICTS if counted[kind])
    failed = tuple(
        words.either(number.figure.title, number.figure.title_nl) for number in computed.figures if number.failed
    )
    return words.text("again.tally", numbers=len(computed.figures), kinds=kinds, failed=failed)


def _figure(number: ComputedAgain, words: Words) -> Iterator[str]:
    """Yield one number: its name, both sides with the verdict, and remarks."""
    figure = number.figure
    by = f" ({figure.software})" if figure.software else ""
    yield wrapped(f"{words.either(figure.title, figure.title_nl)}{by}")
    said = {
        "published": number_text(figure.numbers, words) + ("" if figure.verified else " (?)"),
        "ours": number_text(number.ours.numbers, words) if number.ours else "",
        "verdict": words.text(f"again.verdict.{number.verdict}"),
        "level": None if figure.level == 0.95 else figure.level,
    }
    yield wrapped(words.text("again.figure", **said), "  ")
    more = reasons_text(number, words)
    if more:
        yield wrapped(more, "  ")
    source, where = words.either(figure.source, figure.source_nl), words.either(figure.where, figure.where_nl)
    yield wrapped(words.text("again.source", source=source, where=where), "  ")


def reasons_text(number: ComputedAgain, words: Words) -> str:
    """Return why a number differs or has no answer, and the noise that was allowed, where that mattered."""
    figure = number.figure
    parts = [*words.say_all(number.reasons)]
    if figure.why and number.verdict in ("differs", "not-public"):
        parts.append(words.either(figure.why, figure.why_nl))
    elif figure.noise and number.verdict == "consistent":
        parts.append(words.either(figure.noise_because, figure.noise_because_nl))
    return " ".join(" ".join(part.split()) for part in parts)


def number_text(said: Mapping[str, float], words: Words) -> str:
    """Return a number with its interval, to the person."""
    language = words.language
    middle = numbers.count(said["estimate"], language=language) if "estimate" in said else ""
    if "lower" not in said:
        return middle
    lower, upper = (numbers.count(said[name], language=language) for name in ("lower", "upper"))
    interval = numbers.span(lower, upper, language)
    return f"{middle} ({interval})" if middle else interval
