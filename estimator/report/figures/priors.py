"""A picture of what a prior says about the size of a population and the share that is registered."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.prior_view import PriorView
from estimator.report.figures.axes import ESTIMATED, REGISTERED, new_figure
from estimator.report.figures.files import save_picture
from estimator.words.numbers import number, people_between, percentage, roughly
from estimator.words.shown import on_one_line
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_N_BINS = 80
_MOST_TICKS = 6
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WIDEST_TITLE = 128
"""Characters on one line above a picture of this width."""


def save_prior_picture(view: PriorView, target: Path, words: Words) -> None:
    """Write a picture of a prior, complete or not at all; a file that exists is left as it is."""
    save_picture(lambda: draw_prior(view, words), target)


def draw_prior(view: PriorView, words: Words) -> Figure:
    """Draw what a prior says about the whole population.

    On the left the population size (log scale), with the registered number; on the right the share registered. Filled
    with a solid outline: by the prior on the dark figure; dashed: by all priors together. Told apart by line style as
    well as colour.
    """
    figure = new_figure(9, 3.8)
    size, coverage = figure.subplots(1, 2)
    _draw_size(size, view, words)
    _draw_coverage(coverage, view, words)
    title = "\n".join(
        line
        for text in (
            view.study.title_in(words.language),
            words.text("priors.figure.title", title=view.priors.title_in(words.language)),
        )
        for line in textwrap.wrap(on_one_line(text), _WIDEST_TITLE)
    )
    figure.suptitle(title, fontsize=9)
    handles, labels = size.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(handles), frameon=False, fontsize=9)
    return figure


def _draw_size(ax: Axes, view: PriorView, words: Words) -> None:
    """Draw the prior distribution of the population size, and the registered number."""
    draws = view.total.draws
    stated, expected = np.log10(np.maximum(draws["N"], 1)), np.log10(np.maximum(draws["expected_size"], 1))
    low, high = np.quantile(np.concatenate([stated, expected]), [0.002, 0.99])
    lower, upper = view.total.registered.observed
    _draw_both(ax, stated, expected, np.linspace(min(low, np.log10(max(lower, 1)) - 0.1), high, _N_BINS), words)
    top = lower if np.isinf(upper) else upper
    known = people_between((lower, None if np.isinf(upper) else upper), words.language)
    middle = np.log10(max((lower + top) / 2, 1))
    label = words.text("priors.figure.registered", number=known)
    ax.axvline(middle, color=REGISTERED, linewidth=2, linestyle=":", label=label)
    if top > lower:
        ax.axvspan(np.log10(max(lower, 1)), np.log10(top), color=REGISTERED, alpha=0.3, linewidth=0)
    first, last = ax.get_xlim()
    step = max(1, int(np.ceil((last - first) / _MOST_TICKS)))
    exponents = np.arange(np.ceil(first), np.floor(last) + 1, step)
    ax.set_xticks(exponents, [_ten_to(exponent, words) for exponent in exponents], fontsize=8)
    ax.set_xlabel(words.text("priors.figure.people"))


def _ten_to(exponent: float, words: Words) -> str:
    """Return a power of ten as people read it, or as a power where it has more digits than they count."""
    if exponent > 11:
        return "10" + f"{exponent:.0f}".translate(_RAISED)
    if exponent < 6:
        return number(10**exponent, language=words.language)
    return words.text("priors.figure.million", number=10 ** (exponent - 6))


def _draw_coverage(ax: Axes, view: PriorView, words: Words) -> None:
    """Draw the prior distribution of the share registered; above it, which population that share stands for."""
    draws, language = view.total.draws, words.language
    _draw_both(ax, draws["coverage"], draws["expected_coverage"], np.linspace(0, 1, _N_BINS // 2 + 1), words)
    ax.set_xlim(0, 1)
    ax.tick_params(axis="x", labelsize=8)
    ax.xaxis.set_major_formatter(lambda value, _: percentage(f"{100 * value:.0f}", language))
    ax.set_xlabel(words.text("priors.figure.share"))
    lower, upper = view.total.registered.observed
    registered = lower if np.isinf(upper) else (lower + upper) / 2
    above = ax.secondary_xaxis("top")
    shares = (0.1, 0.25, 0.5, 0.75, 1.0)
    above.set_xticks(shares, [roughly(registered / share, language) for share in shares], fontsize=8)
    above.set_xlabel(words.text("priors.figure.size-of-share", registered=registered), fontsize=8)


def _draw_both(ax: Axes, stated: NDArray[np.float64], expected: NDArray[np.float64], edges: Any, words: Words) -> None:
    """Draw two distributions in one panel: shares of the draws per bin."""
    both = (
        (stated, ESTIMATED, "-", words.text("priors.figure.stated")),
        (expected, "#000000", "--", words.text("priors.figure.expected")),
    )
    for values, colour, style, label in both:
        heights, _ = np.histogram(values, edges)
        ax.stairs(heights / len(values), edges, color=colour, linestyle=style, linewidth=1.5, label=label)
        if style == "-":
            ax.stairs(heights / len(values), edges, color=colour, alpha=0.25, fill=True)
    ax.set_yticks([])
    ax.set_ylabel(words.text("priors.figure.belief"))
    ax.spines[["top", "right", "left"]].set_visible(False)
