"""The picture of tipping points: the total against dependence, with what public registers show below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from estimator.checks.loglinear.dependence_paths import ALL_PAIRS, RESIDUAL
from estimator.checks.numbers import PathNumbers, TippingNumbers
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, people_on, ratios_on
from estimator.report.labels import Labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)


def size(_numbers: TippingNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 10.0, 5.4


def draw(figure: Figure, numbers: TippingNumbers, words: Words, _labels: Labels) -> None:
    """Draw the total against the strength of dependence, one panel for each path."""
    picture = numbers["picture"]
    paths = {name: numbers["paths"][name] for name in picture["paths"]}
    reach, limits = tuple(picture["odds_ratios"]), (numbers["range"][0], numbers["range"][1])
    panels = figure.subplots(2, len(paths), sharex="col", sharey="row", squeeze=False, height_ratios=[3, 1])
    panels[0, 0].set_yscale("log")
    panels[0, 0].set_ylim(*_people(paths.values(), reach, limits))
    for column, (name, path) in enumerate(paths.items()):
        above, below = panels[:, column]
        _draw_total(above, path, limits, words)
        _draw_public(below, picture["public_residuals" if name == RESIDUAL else "public_pairs"], reach, path)
        below.set_xlim(*reach)
        ratios_on(below.xaxis, _TICKS, words)
        above.set_title(textwrap.fill(_title(name, words), 34), fontsize=10)
        axis = "picture.tipping.times-implied" if name == RESIDUAL else "picture.tipping.odds-ratio"
        below.set_xlabel(words.text(axis))
    people_on(panels[0, 0].yaxis, words)
    panels[0, 0].set_ylabel(words.text("picture.people-log"))
    panels[1, 0].set_ylabel(words.text("picture.tipping.public"))
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=4, frameon=False, fontsize=9)


def _title(name: str, words: Words) -> str:
    if name == RESIDUAL:
        return words.text("picture.tipping.out-of-sight")
    if name == ALL_PAIRS:
        return words.text("picture.tipping.all-pairs")
    return words.text("picture.tipping.pair", lists=tuple(name.split("&")))


def _people(paths: Iterable[PathNumbers], reach: tuple[float, ...], limits: tuple[float, float]) -> tuple[float, float]:
    """Return from how many to how many people are drawn: a little more than the range and the medians within reach."""
    medians = [
        total[1]
        for path in paths
        for ratio, total in zip(path["odds_ratio"], path["total"], strict=True)
        if reach[0] <= ratio <= reach[1]
    ]
    return max(min([*medians, limits[0]]), 1.0) / 1.3, min(max([*medians, limits[1]]), 6 * limits[1]) * 1.3


def _draw_total(ax: Axes, path: PathNumbers, limits: tuple[float, float], words: Words) -> None:
    """Draw the median and the 95 % band of N, and the range."""
    total = np.array(path["total"]).reshape(-1, 3)
    band, median, range_, run = (
        words.text(code)
        for code in ("picture.interval", "picture.median", "picture.tipping.range", "picture.tipping.in-the-run")
    )
    ax.fill_between(path["odds_ratio"], total[:, 0], total[:, 2], color=ESTIMATED, alpha=0.25, linewidth=0, label=band)
    ax.plot(path["odds_ratio"], total[:, 1], color=ESTIMATED, linewidth=2, label=median)
    for limit, label in zip(limits, (range_, None), strict=True):
        ax.axhline(limit, color=REGISTERED, linestyle="--", linewidth=1.5, label=label)
    lower, middle, upper = path["in_the_run"]
    ax.axvline(middle, color="black", linewidth=1, linestyle=":", label=run)
    if upper > lower:
        ax.axvspan(lower, upper, color="0.9", linewidth=0, zorder=0)
    ax.set_xscale("log")
    bare(ax)


def _draw_public(ax: Axes, shares: list[float], reach: tuple[float, ...], path: PathNumbers) -> None:
    """Draw how dependent public registers are: shares in even bins."""
    ax.stairs(shares, np.geomspace(reach[0], reach[1], len(shares) + 1), fill=True, color="0.55")
    ax.axvline(path["in_the_run"][1], color="black", linewidth=1, linestyle=":")
    ax.set_yticks([])
    bare(ax, "left")
