"""The picture of what the data alone bound: likelihood, prior and posterior over the number of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.fits.distributions import densities
from estimator.fits.profile import DEVIANCE, Profile
from estimator.population.drawing import ESTIMATED, REGISTERED
from estimator.words.numbers import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

SIZE = (8.5, 4.6)


def draw_profile(figure: Figure, own: Profile, all_pairs: Profile | None, before: Floats, after: Floats) -> None:
    """Draw the likelihood over N, and the densities of log N before and after the data.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty.
    own : Profile
        Under the run's model.
    all_pairs : Profile or None
        When every pair of lists may depend, where that is not the run's model.
    before, after : ndarray, shape (n,) and (m,)
        Draws of N, prior and posterior.

    Notes
    -----
    Each curve has the height 1 at its top: they are compared by where they are, not by how high.
    """
    ax = figure.subplots()
    grid, first, second = densities(np.log(before), np.log(after))
    people = np.exp(grid)
    ax.fill_between(people, second / second.max(), color=ESTIMATED, alpha=0.3, linewidth=0)
    ax.plot(people, second / second.max(), color=ESTIMATED, linewidth=1.5, label="prior and data together")
    ax.plot(people, first / first.max(), color="black", linestyle="--", linewidth=1.4, label="prior alone")
    only = "data alone" if all_pairs is None else "data alone, lists independent"
    _draw_likelihood(ax, own, REGISTERED, "-", only)
    if all_pairs is not None:
        _draw_likelihood(ax, all_pairs, REGISTERED, "-.", "data alone, every pair may depend")
    ax.axhline(np.exp(-DEVIANCE / 2), color="0.5", linewidth=0.8, linestyle=":")
    ax.annotate(
        "data alone, 95 %: above this line", (0.995, np.exp(-DEVIANCE / 2)), (0, 3), xycoords=("axes fraction", "data"),
        textcoords="offset points", ha="right", fontsize=8, color="0.3",
    )  # fmt: skip
    ax.axvline(own.registered, color="0.4", linewidth=1, label=f"registered: {count(own.registered)}")
    ax.set_xscale("log")
    ax.set_xlim(own.registered * 0.93, float(np.exp(np.quantile(np.log(before), 0.995))))
    ax.set_ylim(0, 1.05)
    ax.set_yticks([])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel("people (N) of the whole table, log scale")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=9)


def _draw_likelihood(ax: Axes, profile: Profile, colour: str, style: str, label: str) -> None:
    """Draw the likelihood, 1 at its largest."""
    logs = np.linspace(profile.log_unseen[0], profile.log_unseen[-1], 1000)
    deviance = np.interp(logs, profile.log_unseen, profile.deviance)
    likelihood = np.exp(-deviance / 2)
    ax.plot(profile.registered + np.exp(logs), likelihood, color=colour, linestyle=style, linewidth=2, label=label)
