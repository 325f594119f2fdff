"""The picture of posterior predictive checks."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from estimator.checks.numbers import PredictiveNumbers
from estimator.reasons import Reason
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, legend_above
from estimator.report.labels import Labels, with_labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 30
"""Most numbers in one picture: those that are furthest out."""


def size(numbers: PredictiveNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 9.0, 1.6 + 0.24 * min(len(numbers["checks"]), _SHOWN)


def draw(figure: Figure, numbers: PredictiveNumbers, words: Words, labels: Labels) -> None:
    """Draw what was observed on what is predicted, in about standard deviations.

    Notes
    -----
    Twice the difference of the square roots of two counts is in standard deviations of a Poisson count, whatever their
    size (Freeman & Tukey 1950, Annals of Mathematical Statistics 21:607).
    """
    ax = figure.subplots()
    shown = numbers["checks"][:_SHOWN]
    rows = range(len(shown))
    lower, upper, observed = (
        [_deviation(check[side], check["middle"]) for check in shown] for side in ("lower", "upper", "observed")
    )
    predicted = words.text("picture.predictive.predicted")
    ax.hlines(rows, lower, upper, color=ESTIMATED, linewidth=6, alpha=0.5, label=predicted)
    ax.plot(observed, rows, "o", color=REGISTERED, markersize=5, label=words.text("picture.predictive.observed"))
    ax.axvline(0.0, color=ESTIMATED, linewidth=0.8)
    names = [with_labels(Reason.of_dict(check["name"]), labels) for check in shown]
    labelled = [
        words.text("picture.predictive.row", what=name, observed=check["observed"])
        for name, check in zip(names, shown, strict=True)
    ]
    ax.set_yticks(rows, [textwrap.fill(label, 52) for label in labelled], fontsize=8)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    furthest = max(3.0, *(abs(value) for value in (*lower, *upper, *observed)))
    ax.set_xlim(-1.08 * furthest, 1.08 * furthest)
    ax.set_xlabel(words.text("picture.predictive.axis"), fontsize=9)
    legend_above(ax, 2)
    bare(ax)


def _deviation(value: float, middle: float) -> float:
    return float(2 * (np.sqrt(value) - np.sqrt(middle)))
