"""The picture of the chains: ranks, effective draws, energy, divergences."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from estimator.checks.numbers import ChainsPicture, ConvergenceNumbers, DivergentNumbers, EnergyNumbers
from estimator.reasons import Reason
from estimator.report.figures.axes import bare, people_on
from estimator.report.labels import Labels, with_labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#999999")
_LINES = ("-", "--", "-.", ":")


def size(_numbers: ConvergenceNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 9.0, 6.6


def draw(figure: Figure, numbers: ConvergenceNumbers, words: Words, labels: Labels) -> None:
    """Draw ranks by chain, growth of effective draws, energy, and divergences."""
    axes, picture = figure.subplots(2, 2), numbers["picture"]
    _draw_ranks(axes[0, 0], picture, words, labels)
    _draw_growth(axes[0, 1], numbers, words)
    _draw_energy(axes[1, 0], picture["energy"], words)
    _draw_divergences(axes[1, 1], picture["divergent"], words)
    for ax in axes.flat:
        bare(ax)
        ax.tick_params(labelsize=8)


def _draw_ranks(ax: Axes, picture: ChainsPicture, words: Words, labels: Labels) -> None:
    name = picture["ranks_of"]
    of = words.say(with_labels(Reason.of_dict(name), labels)) if not isinstance(name, str) else name
    edges = np.linspace(0, 1, len(picture["ranks"][0]) + 1)
    for chain, heights in enumerate(picture["ranks"]):
        label = words.text("picture.chains.chain", number=chain + 1)
        line = _LINES[chain % len(_LINES)]
        ax.stairs(heights, edges, label=label, color=_COLOURS[chain % len(_COLOURS)], linestyle=line)
    ax.axhline(1.0, color="0.6", linewidth=0.8)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(textwrap.fill(words.text("picture.chains.rank", of=of), 64), fontsize=8)
    ax.xaxis.set_major_formatter(lambda value, _: words.text("picture.per-cent", share=value))
    ax.yaxis.set_major_formatter(lambda value, _: words.text("picture.one-digit", value=value))
    ax.set_title(words.text("picture.chains.ranks"), fontsize=9, loc="left")
    ax.legend(fontsize=7, frameon=False, ncols=2)


def _draw_growth(ax: Axes, numbers: ConvergenceNumbers, words: Words) -> None:
    steps = numbers["growth"]
    draws = [step["draws"] for step in steps]
    bulk, tail = (words.text(code) for code in ("picture.chains.bulk", "picture.chains.tail"))
    ax.plot(draws, [step["ess_bulk"] for step in steps], "o-", color=_COLOURS[0], markersize=4, label=bulk)
    ax.plot(draws, [step["ess_tail"] for step in steps], "s--", color=_COLOURS[1], markersize=4, label=tail)
    ax.axhline(numbers["picture"]["effective_draws_wanted"], color="0.6", linewidth=0.8)
    ax.set_ylim(bottom=0)
    people_on(ax.xaxis, words, most=6)
    people_on(ax.yaxis, words)
    ax.set_xlabel(words.text("picture.chains.draws"), fontsize=8)
    ax.set_title(words.text("picture.chains.growth"), fontsize=9, loc="left")
    ax.legend(fontsize=7, frameon=False)


def _draw_energy(ax: Axes, energy: EnergyNumbers | None, words: Words) -> None:
    ax.set_title(words.text("picture.chains.energy-should"), fontsize=9, loc="left")
    if energy is None:
        _say(ax, words.text("picture.chains.energy-not-kept"))
        return
    edges = np.linspace(-energy["reach"], energy["reach"], len(energy["levels"]) + 1)
    ax.stairs(energy["levels"], edges, color=_COLOURS[0], label=words.text("picture.chains.energy"))
    steps = words.text("picture.chains.energy-steps")
    ax.stairs(energy["steps"], edges, color=_COLOURS[1], linestyle="--", label=steps)
    ax.set_yticks([])
    ax.set_xlabel(words.text("picture.chains.energy-less-mean"), fontsize=8)
    ax.legend(fontsize=7, frameon=False)


def _draw_divergences(ax: Axes, divergent: DivergentNumbers | None, words: Words) -> None:
    ax.set_title(words.text("picture.chains.divergences"), fontsize=9, loc="left")
    if divergent is None:
        _say(ax, words.text("picture.chains.no-divergences"))
        return
    others, diverged = (np.array(draws).reshape(-1, 2) for draws in (divergent["others"], divergent["diverged"]))
    label = words.text("picture.chains.other-draws")
    ax.plot(others[:, 0], others[:, 1], ".", color="0.7", markersize=2, rasterized=True, label=label)
    label = words.text("picture.chains.diverged")
    ax.plot(diverged[:, 0], diverged[:, 1], "X", color=_COLOURS[1], markersize=5, label=label)
    ax.set_xlabel(divergent["of"][0], fontsize=8)
    ax.set_ylabel(divergent["of"][1], fontsize=8)
    ax.legend(fontsize=7, frameon=False)


def _say(ax: Axes, text: str) -> None:
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", fontsize=8)
    ax.set(xticks=[], yticks=[])
