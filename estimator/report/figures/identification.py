"""The picture of what the data alone bound: likelihood, prior and posterior over the number of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estimator.checks.numbers import IdentificationNumbers, ProfileNumbers
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, legend_above, people_on
from estimator.report.labels import Labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def size(_numbers: IdentificationNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 8.5, 4.6


def draw(figure: Figure, numbers: IdentificationNumbers, words: Words, _labels: Labels) -> None:
    """Draw the likelihood over N, and the densities of log N before and after the data.

    Notes
    -----
    Each curve has the height 1 at its top: they are compared by where they are, not by how high.
    """
    ax, picture, registered = figure.subplots(), numbers["picture"], numbers["registered"]
    people = np.geomspace(picture["from"], picture["to"], len(picture["before"]))
    ax.fill_between(people, picture["after"], color=ESTIMATED, alpha=0.3, linewidth=0)
    label = words.text("picture.data.both")
    ax.plot(people, picture["after"], color=ESTIMATED, linewidth=1.5, label=label)
    label = words.text("picture.data.prior")
    ax.plot(people, picture["before"], color="black", linestyle="--", linewidth=1.4, label=label)
    every = numbers["every_pair_may_depend"]
    label = words.text("picture.data.alone" if every is None else "picture.data.independent")
    _draw_likelihood(ax, numbers["own_model"], registered, "-", label)
    if every is not None:
        _draw_likelihood(ax, every, registered, "-.", words.text("picture.data.every-pair"))
    level = np.exp(-picture["deviance_at_limits"] / 2)
    ax.axhline(level, color="0.5", linewidth=0.8, linestyle=":")
    ax.annotate(
        words.text("picture.data.above-line"), (0.995, level), (0, 3), xycoords=("axes fraction", "data"),
        textcoords="offset points", ha="right", fontsize=8, color="0.3",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8},
    )  # fmt: skip
    ax.axvline(registered, color="0.4", linewidth=1, label=words.text("picture.data.registered", number=registered))
    ax.set_xscale("log")
    ax.set_xlim(picture["from"], picture["to"])
    ax.set_ylim(0, 1.05)
    ax.set_yticks([])
    people_on(ax.xaxis, words)
    ax.set_xlabel(words.text("picture.data.axis"))
    bare(ax, "left")
    legend_above(ax, 2)


def _draw_likelihood(ax: Axes, profile: ProfileNumbers, registered: float, style: str, label: str) -> None:
    """Draw the likelihood, 1 at its largest."""
    ends = profile["log_dark_figure"]
    logs = np.linspace(ends[0], ends[-1], 1000)
    likelihood = np.exp(-np.interp(logs, ends, profile["deviance"]) / 2)
    people = registered + np.exp(logs)
    ax.plot(people, likelihood, color=REGISTERED, linestyle=style, linewidth=2, label=label)
