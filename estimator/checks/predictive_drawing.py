"""The picture of posterior predictive checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from estimator.checks.predictive_statistics import Check
from estimator.population.drawing import ESTIMATED, REGISTERED
from estimator.words.numbers import count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 30
"""Most numbers in one picture: those that are furthest out."""


def draw_checks(figure: Figure, checks: Sequence[Check]) -> None:
    """Draw what was observed on what is predicted, in about standard deviations.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty one.
    checks : sequence of Check
        Those with the smallest probabilities first. Twice the difference of the square roots of two counts is in
        standard deviations of a Poisson count, whatever their size (Freeman & Tukey 1950, Annals of Mathematical
        Statistics 21:607).
    """
    ax = figure.subplots()
    shown = list(checks[:SHOWN])
    rows = range(len(shown))
    lower, upper, observed = (
        [_deviation(getattr(check, side), check.middle) for check in shown] for side in ("lower", "upper", "observed")
    )
    ax.hlines(rows, lower, upper, color=ESTIMATED, linewidth=6, alpha=0.5, label="predicted (95 %)")
    ax.plot(observed, rows, "o", color=REGISTERED, markersize=5, label="observed")
    ax.axvline(0.0, color=ESTIMATED, linewidth=0.8)
    ax.set_yticks(rows, [_row(check) for check in shown], fontsize=8)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    furthest = max(3.0, *(abs(value) for value in (*lower, *upper, *observed)))
    ax.set_xlim(-1.08 * furthest, 1.08 * furthest)
    ax.set_xlabel("fewer than predicted                    (in about standard deviations)                    more")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)


def _deviation(value: float, middle: float) -> float:
    return float(2 * (np.sqrt(value) - np.sqrt(middle)))


def _row(check: Check) -> str:
    return f"{check.name}: {count(check.observed)}"
