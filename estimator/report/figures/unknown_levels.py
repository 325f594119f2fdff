"""The picture of each group by the estimate, without people of unknown level, and at the ends of what they may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from estimator.checks.numbers import AnswerNumbers, UnknownGroupNumbers, UnknownLevelsNumbers
from estimator.reasons import Reason
from estimator.report.figures.axes import (
    BETWEEN,
    CLOSE_THICKNESS,
    ESTIMATED,
    REGISTERED,
    bare,
    folded,
    people_on,
)
from estimator.report.labels import Labels, with_labels
from estimator.words.numbers import people_to, roughly
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHECK = "unknown-levels"
"""The check whose findings these are; its own module would bring the sampler's machine code into a report."""

_STYLES = {
    "model": ("s", "black"),
    "dropped": ("X", REGISTERED),
    "lowest": ("v", ESTIMATED),
    "highest": ("^", BETWEEN),
}
_SAID = {"level": "unknown-have-level", "in-group": "unknown-in-group", "not-in-group": "unknown-not-in-group"}
_LETTERS = 46
_LEAST = 1.0
"""Nobody has no place on a logarithmic axis, and stands where one person does."""


def lines_of(group: UnknownGroupNumbers) -> Iterator[tuple[str, AnswerNumbers, int | None]]:
    """Yield the lines of a group: the kind of each, its answer, and the place of its assumption if it has one."""
    yield "model", group["model"], None
    if group["dropped"]:
        yield "dropped", group["dropped"], None
    for kind, place in (("lowest", group["lowest"]), ("highest", group["highest"])):
        yield kind, group["under"][str(place)], place


def assumption_in_words(numbers: UnknownLevelsNumbers, place: int | None, words: Words, labels: Labels) -> str:
    """Return what people are taken to be of whom something is unknown; empty where that is the model's to say."""
    if place is None:
        return ""
    taken = numbers["assumptions"][place]
    about = {"covariate": taken["covariate"], "level": taken["level"], "group": taken["group"]}
    said = Reason(_SAID[taken["kind"]], **{what: name for what, name in about.items() if name})
    return words.say(with_labels(said, labels))


def unknown_levels_table(numbers: UnknownLevelsNumbers, words: Words, labels: Labels) -> tuple[tuple[str, ...], ...]:
    """Return the numbers of the picture as texts: a head, and a row for each line; empty where there are none."""
    rows = []
    for name, group in (numbers.get("groups") or {}).items():
        for kind, answer, place in lines_of(group):
            which = assumption_in_words(numbers, place, words, labels)
            line = words.text("picture.unknown-levels.row", kind=kind, which=which)
            limits = people_to(answer["lower"], answer["upper"], language=words.language)
            rows.append((labels.group(name), line, roughly(answer["median"], words.language), limits))
    head = tuple(words.text(f"picture.unknown-levels.{key}") for key in ("group", "assumption", "median", "interval"))
    return (head, *rows) if rows else ()


def size(numbers: UnknownLevelsNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 9.0, 1.1 + 0.34 * sum(len(list(lines_of(group))) + 1 for group in numbers["groups"].values())


def draw(figure: Figure, numbers: UnknownLevelsNumbers, words: Words, labels: Labels) -> None:
    """Draw the lines of each group below its name."""
    ax = figure.subplots()
    names: list[str] = []
    heads: list[int] = []
    for name, group in numbers["groups"].items():
        heads.append(len(names))
        names.append(folded(labels.group(name), _LETTERS))
        for kind, answer, place in lines_of(group):
            _line(ax, len(names), answer, *_STYLES[kind])
            which = assumption_in_words(numbers, place, words, labels)
            names.append(folded(words.text("picture.unknown-levels.row", kind=kind, which=which), _LETTERS))
    ax.set_yticks(range(len(names)), names, fontsize=8)
    for place in heads:
        ax.get_yticklabels()[place].set_fontweight("bold")
        ax.axhline(place - 0.5, color="0.85", linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xscale("log")
    people_on(ax.xaxis, words)
    given = next(iter(numbers["groups"].values()))["model"]["intervals"]
    ax.set_xlabel(words.text("picture.unknown-levels.axis", levels=tuple(map(float, given))))
    bare(ax)


def _line(ax: Axes, row: int, answer: AnswerNumbers, mark: str, colour: str) -> None:
    for level, (lower, upper) in answer["intervals"].items():
        limits = [max(limit, _LEAST) for limit in (lower, upper)]
        thickness = CLOSE_THICKNESS[float(level)]
        ax.plot(limits, [row, row], color=colour, linewidth=thickness, solid_capstyle="butt", zorder=3)
    ax.plot([max(answer["median"], _LEAST)], [row], mark, color="white", markeredgecolor=colour, markersize=6, zorder=4)
