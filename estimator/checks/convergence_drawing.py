"""The picture of the chains: ranks, effective draws, energy, divergences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from estimator.fits.chains import named_parameters, ranks
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.population.thresholds import convergence_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#999999")
_LINES = ("-", "--", "-.", ":")
_BINS = 20
_MOST_POINTS = 3000


class Drawn(Protocol):
    """What is drawn of the chains; see `estimator.checks.convergence_page.Chains`."""

    @property
    def worst(self) -> Floats:
        """Shape (chain, draw)."""

    @property
    def worst_name(self) -> str:
        """Of what these are draws."""

    @property
    def shifts(self) -> tuple[tuple[str, float], ...]:
        """Where divergent draws lie."""

    @property
    def growth(self) -> tuple[tuple[int, float, float], ...]:
        """Draws, and effective draws of bulk and tail."""


def draw_convergence(figure: Figure, found: Drawn, posterior: LoglinearPosterior) -> None:
    """Draw ranks by chain, growth of effective draws, energy, and divergences.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty one.
    """
    axes = figure.subplots(2, 2)
    _draw_ranks(axes[0, 0], found)
    _draw_growth(axes[0, 1], found)
    _draw_energy(axes[1, 0], posterior)
    _draw_divergences(axes[1, 1], found, posterior)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=8)


def _style(chain: int) -> dict[str, Any]:
    return {"color": _COLOURS[chain % len(_COLOURS)], "linestyle": _LINES[chain % len(_LINES)]}


def _draw_ranks(ax: Axes, found: Drawn) -> None:
    edges = np.linspace(0, 1, _BINS + 1)
    n_draws = found.worst.shape[1]
    for chain, values in enumerate(ranks(found.worst)):
        ax.stairs(np.histogram(values, edges)[0] * _BINS / n_draws, edges, label=f"chain {chain + 1}", **_style(chain))
    ax.axhline(1.0, color="0.6", linewidth=0.8)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(f"rank among all chains of {found.worst_name}", fontsize=8)
    ax.set_title("Each chain should be level", fontsize=9, loc="left")
    ax.legend(fontsize=7, frameon=False, ncols=2)


def _draw_growth(ax: Axes, found: Drawn) -> None:
    draws = [step[0] for step in found.growth]
    ax.plot(draws, [step[1] for step in found.growth], "o-", color=_COLOURS[0], markersize=4, label="bulk")
    ax.plot(draws, [step[2] for step in found.growth], "s--", color=_COLOURS[1], markersize=4, label="tail")
    ax.axhline(convergence_limits().effective_draws, color="0.6", linewidth=0.8)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("draws", fontsize=8)
    ax.set_title("Effective draws should grow steadily", fontsize=9, loc="left")
    ax.legend(fontsize=7, frameon=False)


def _draw_energy(ax: Axes, posterior: LoglinearPosterior) -> None:
    energy = posterior.draws.statistics.get("energy")
    ax.set_title("Energy: a step should reach as far as the whole", fontsize=9, loc="left")
    if energy is None:
        ax.text(0.5, 0.5, "not kept by the sampler", transform=ax.transAxes, ha="center", fontsize=8)
        return
    centred, steps = (energy - energy.mean()).reshape(-1), np.diff(energy, axis=1).reshape(-1)
    reach = float(np.quantile(np.abs(np.concatenate([centred, steps])), 0.999))
    edges = np.linspace(-reach, reach, 41)
    ax.stairs(np.histogram(centred, edges, density=True)[0], edges, color=_COLOURS[0], label="energy")
    ax.stairs(np.histogram(steps, edges, density=True)[0], edges, color=_COLOURS[1], linestyle="--", label="its steps")
    ax.set_yticks([])
    ax.set_xlabel("energy, less its mean", fontsize=8)
    ax.legend(fontsize=7, frameon=False)


def _draw_divergences(ax: Axes, found: Drawn, posterior: LoglinearPosterior) -> None:
    ax.set_title("Where draws diverged", fontsize=9, loc="left")
    if len(found.shifts) < 2:
        ax.text(0.5, 0.5, "no draw diverged", transform=ax.transAxes, ha="center", fontsize=8)
        ax.set(xticks=[], yticks=[])
        return
    parameters = named_parameters(posterior)
    across, up = (parameters[name].reshape(-1) for name, _ in found.shifts[:2])
    diverging = posterior.draws.statistics["diverging"].reshape(-1).astype(bool)
    others = np.flatnonzero(~diverging)
    others = others[:: max(1, len(others) // _MOST_POINTS)]
    ax.plot(across[others], up[others], ".", color="0.7", markersize=2, rasterized=True, label="other draws")
    ax.plot(across[diverging], up[diverging], "X", color=_COLOURS[1], markersize=5, label="diverged")
    ax.set_xlabel(found.shifts[0][0], fontsize=8)
    ax.set_ylabel(found.shifts[1][0], fontsize=8)
    ax.legend(fontsize=7, frameon=False)
