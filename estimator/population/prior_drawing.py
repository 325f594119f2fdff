"""A picture of what a prior says about the size of a population and the share that is registered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.prior_view import PriorView
from estimator.population.drawing import ESTIMATED, REGISTERED
from estimator.population.pictures import save_picture
from estimator.words.numbers import roughly

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STATED = "the dark figure's own prior"
_EXPECTED = "all priors together"
_N_BINS = 80


def save_prior_picture(view: PriorView, target: Path) -> None:
    """Write a picture of a prior, complete or not at all; a file that exists is left as it is.

    Parameters
    ----------
    target : Path
        Ends in one of `estimator.population.pictures.FORMATS`.
    """
    save_picture(lambda: draw_prior(view), target)


def draw_prior(view: PriorView) -> Figure:
    """Draw what a prior says about the whole population.

    Returns
    -------
    matplotlib.figure.Figure
        On the left the population size (log scale), with the registered number; on the right the share registered.
        Filled with a solid outline: by the prior on the dark figure; dashed: by all priors together. Told apart by
        line style as well as colour.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    size, coverage = figure.subplots(1, 2)
    _draw_size(size, view)
    _draw_coverage(coverage, view)
    figure.suptitle(f"{view.study.title}\nPriors: {view.priors.title}; before the overlaps are looked at", fontsize=9)
    handles, labels = size.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(handles), frameon=False, fontsize=9)
    return figure


def _draw_size(ax: Axes, view: PriorView) -> None:
    """Draw the prior distribution of the population size, and the registered number."""
    from matplotlib.ticker import MaxNLocator

    draws = view.total.draws
    stated, expected = np.log10(np.maximum(draws["N"], 1)), np.log10(np.maximum(draws["expected_size"], 1))
    low, high = np.quantile(np.concatenate([stated, expected]), [0.002, 0.99])
    lower, upper = view.total.registered.observed
    _draw_both(ax, stated, expected, np.linspace(min(low, np.log10(max(lower, 1)) - 0.1), high, _N_BINS))
    top = lower if np.isinf(upper) else upper
    words = f"{lower:,.0f}" if top == lower else f"{lower:,.0f} to {top:,.0f}"
    middle = np.log10(max((lower + top) / 2, 1))
    ax.axvline(middle, color=REGISTERED, linewidth=2, linestyle=":", label=f"registered: {words}")
    if top > lower:
        ax.axvspan(np.log10(max(lower, 1)), np.log10(top), color=REGISTERED, alpha=0.3, linewidth=0)
    ax.xaxis.set_major_formatter(lambda value, _: _ten_to(value))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("people (N), registered and not")


def _ten_to(exponent: float) -> str:
    """Return a power of ten as people read it."""
    return f"{10**exponent:,.0f}" if exponent < 6 else f"{10 ** (exponent - 6):,.0f} M"


def _draw_coverage(ax: Axes, view: PriorView) -> None:
    """Draw the prior distribution of the share registered; above it, which population that share stands for."""
    draws = view.total.draws
    _draw_both(ax, draws["coverage"], draws["expected_coverage"], np.linspace(0, 1, _N_BINS // 2 + 1))
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    ax.set_xlabel("share of all people that is registered")
    lower, upper = view.total.registered.observed
    registered = lower if np.isinf(upper) else (lower + upper) / 2
    above = ax.secondary_xaxis("top")
    shares = (0.1, 0.25, 0.5, 0.75, 1.0)
    above.set_xticks(shares, [roughly(registered / share) for share in shares], fontsize=8)
    above.set_xlabel(f"N, if {registered:,.0f} are that share", fontsize=8)


def _draw_both(ax: Axes, stated: NDArray[np.float64], expected: NDArray[np.float64], edges: Any) -> None:
    """Draw two distributions in one panel: shares of the draws per bin."""
    for values, colour, style, label in ((stated, ESTIMATED, "-", _STATED), (expected, "#000000", "--", _EXPECTED)):
        heights, _ = np.histogram(values, edges)
        ax.stairs(heights / len(values), edges, color=colour, linestyle=style, linewidth=1.5, label=label)
        if style == "-":
            ax.stairs(heights / len(values), edges, color=colour, alpha=0.25, fill=True)
    ax.set_yticks([])
    ax.set_ylabel("belief")
    ax.spines[["top", "right", "left"]].set_visible(False)
