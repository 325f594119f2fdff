"""Averaging over decomposable graphs behind the door."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.methods.by_strata import Asked, Drawn, OfCompleteCounts
from estimator.methods.complete import complete_counts
from estimator.methods.decomposable.dark_figure import DarkFigure, GraphModel, dark_figure
from estimator.methods.decomposable.graphs import MOST_LISTS, Graphs, decomposable_graphs
from estimator.methods.decomposable.misfit import misfits
from estimator.methods.door import (
    Abilities,
    PopulationDraws,
    Posterior,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.pooling import EACH, POOLED
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Ints = NDArray[np.int64]

PER_CELL, HALF, ONE = "1/cells", "0.5", "1"
"""Values of delta: one person in all, half a person and one person in each cell of the complete table."""

INVERSE, FLAT = "1/N", "flat"
ALL, UNSATURATED = "all", "unsaturated"


@dataclass(frozen=True, eq=False)
class GraphDraws:
    """Beside each draw of people, the graph that it was drawn under.

    Parameters
    ----------
    edges : ndarray of int, shape (chain, draw, S)
        The pairs of lists that depend, as bits: bit e is pair e of (0, 1), (0, 2), ..., (L - 2, L - 1).
    fits_worse : ndarray of bool, shape (chain, draw)
        Whether a table simulated at the draw fits worse than the observed one.
    """

    edges: Ints
    fits_worse: NDArray[np.bool_]


class Decomposable(OfCompleteCounts):
    """Exact averaging over decomposable graphs; see `estimator.methods.decomposable.dark_figure`."""

    name = "decomposable"
    abilities = Abilities(
        priors=False,
        structural_zeros=False,
        borrows=False,
        refits=True,
        options={
            "strata": (EACH, POOLED),
            "delta": (PER_CELL, HALF, ONE),
            "prior": (INVERSE, FLAT),
            "graphs": (ALL, UNSATURATED),
        },
    )

    def refusals_of_lists(self, n_lists: int, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return whether there are too many lists."""
        if n_lists > MOST_LISTS:
            return (Reason("decomposable-takes-fewer-lists", most=MOST_LISTS, lists=n_lists),)
        return ()

    def refusals_of_counts(self, counts: Ints, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer: nobody in a stratum, or a posterior without a sum."""
        empty = int((counts.sum(axis=1) == 0).sum())
        if empty:
            return (Reason("decomposable-needs-people", strata=empty),)
        improper = sum(bool(model.tail_powers().max() >= -1) for model in _models(counts, options))
        return (Reason("decomposable-has-no-sum", strata=improper),) if improper else ()

    def doing(self, request: Request) -> Reason:
        """Return that graphs are summed over."""
        return Reason("doing-graphs")

    def drawn(self, asked: Asked) -> Drawn:
        """Sum over all graphs and dark figures, and draw from the result: independent draws."""
        return _drawn(asked)

    def completed(self, posterior: Posterior) -> Posterior:
        """Return a posterior with whether all pairs of lists might depend."""
        return replace(posterior, pairs_may_depend=posterior.options["graphs"] == ALL)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that some decomposable graph holds, and that people of a stratum are alike."""
        return Reason("decomposable-assumption", within_strata=study.table.n_strata > 1, delta=options["delta"])

    def own_total(self, study: Study, posterior: Posterior, level: float) -> dict[str, float]:
        """Return the exact median and limits of a table of one stratum; a sum of strata is known by draws only."""
        counts = complete_counts(study.table)
        if counts is None or len(counts) > 1:
            return {}
        figure = dark_figure(_models(counts, posterior.options)[0])
        at = {"estimate": 0.5, "lower": (1 - level) / 2, "upper": (1 + level) / 2}
        return {name: figure.model.registered + figure.quantile(place) for name, place in at.items()}

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return the graph of every draw, and whether a simulated table fits worse there."""
        import xarray as xr

        draws: GraphDraws = posterior.details
        return {
            "posterior": xr.Dataset({"graph": (("chain", "draw", "stratum"), draws.edges)}),
            "sample_stats": xr.Dataset({"fits_worse": (("chain", "draw"), draws.fits_worse.astype(np.int8))}),
        }

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> GraphDraws:
        """Return the graph of every draw from a file."""
        return GraphDraws(saved["posterior"]["graph"], saved["sample_stats"]["fits_worse"].astype(bool))


def _models(counts: Ints, options: Mapping[str, str]) -> list[GraphModel]:
    """Return what is believed of each stratum before its people are counted."""
    n_lists = counts.shape[1].bit_length() - 1
    graphs: Graphs = decomposable_graphs(n_lists)
    if options["graphs"] == UNSATURATED:
        graphs = graphs.without_saturated()
    delta = 1 / counts.shape[1] if options["delta"] == PER_CELL else float(options["delta"])
    return [GraphModel(row, graphs, delta, options["prior"] == INVERSE) for row in counts]


def _drawn(asked: Asked) -> Drawn:
    """Draw the people of every stratum, each with a graph."""
    counts, settings, shape = asked.counts, asked.settings, asked.shape
    rng = stream(settings.seed, "decomposable")
    figures = []
    for done, model in enumerate(_models(counts, asked.options)):
        figures.append(dark_figure(model, partial(asked.stratum_done, done)))
    drawn = [figure.draw(math.prod(shape), rng) for figure in figures]
    worse = _fits_worse(figures, drawn, stream(settings.seed, "decomposable", "predictive-p"))
    unseen = np.stack([people.reshape(shape) for people, _ in drawn], axis=-1)
    edges = [figure.model.graphs.edges[graph] for figure, (_, graph) in zip(figures, drawn, strict=True)]
    registered = np.broadcast_to(counts.sum(axis=1), unseen.shape)
    has_mean = all(figure.has_mean for figure in figures)
    population = PopulationDraws(registered, unseen, unseen.astype(np.float64), has_mean=has_mean)
    return Drawn(population, GraphDraws(np.stack([of.reshape(shape) for of in edges], axis=-1), worse.reshape(shape)))


def _fits_worse(
    figures: list[DarkFigure], drawn: list[tuple[Ints, Ints]], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return at which draws the simulated tables of all strata together fit worse than the observed ones."""
    observed = simulated = np.zeros(len(drawn[0][0]))
    for figure, (unseen, graph) in zip(figures, drawn, strict=True):
        of_observed, of_simulated = misfits(figure.model, unseen, graph, rng)
        observed, simulated = observed + of_observed, simulated + of_simulated
    return np.asarray(simulated >= observed)
