"""Does a table fit decomposable models? Tables simulated from the posterior, beside the observed one."""

from __future__ import annotations

import numpy as np

from estimator.methods.decomposable.dark_figure import Floats, GraphModel, Ints


def misfits(model: GraphModel, unseen: Ints, graph: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return by how much the observed table, and one simulated at each draw, miss what is expected of them.

    Parameters
    ----------
    unseen, graph : ndarray of int, shape (K,)
        Draws of the dark figure, and of the graph by its position.

    Returns
    -------
    observed, simulated : ndarray, shape (K,)
        Freeman-Tukey sums of ``(sqrt(count) - sqrt(expected))**2`` over the histories of registered people, at the same
        probabilities of cells for both. How often the second is the larger is the posterior predictive probability
        (Gelman, Meng & Stern 1996, Statistica Sinica 6:733).
    """
    observed, simulated = np.empty(len(unseen)), np.empty(len(unseen))
    counts = np.sqrt(model.counts[1:])
    for which in np.unique(graph):
        mine = np.flatnonzero(graph == which)
        cells = cell_probabilities(model, unseen[mine], int(which), rng)
        people = model.registered + unseen[mine]
        expected = np.sqrt(people[:, None] * cells[:, 1:])
        table = np.sqrt(rng.multinomial(people, cells)[:, 1:])
        observed[mine] = ((counts - expected) ** 2).sum(axis=1)
        simulated[mine] = ((table - expected) ** 2).sum(axis=1)
    return observed, simulated


def cell_probabilities(model: GraphModel, unseen: Ints, graph: int, rng: np.random.Generator) -> Floats:
    """Draw the probabilities of all histories under one graph, given the completed table.

    Returns
    -------
    ndarray, shape (K, 2^L)
        Along the perfect elimination order, backwards, the odds of each list given the lists R_v are drawn from their
        beta distribution, one for each way of being on the lists of R_v (hyper-Dirichlet law; Dawid & Lauritzen 1993,
        Annals of Statistics 21:1272).
    """
    margins, prior = model.margins(), model.cell_prior()
    histories = np.arange(len(model.counts))
    probability = np.ones((len(unseen), len(histories)))
    for closed, rest in zip(model.graphs.closed[graph].tolist(), model.graphs.rest[graph].tolist(), strict=True):
        own = closed & ~rest
        around = np.unique(histories & rest)
        on = prior[closed] + margins[closed][around | own]
        off = prior[closed] + margins[closed][around] + np.where(around == 0, unseen[:, None], 0)
        given = np.zeros_like(probability)
        given[:, around] = rng.beta(np.broadcast_to(on, off.shape), off)
        chance = given[:, histories & rest]
        probability *= np.where(histories & own, chance, 1 - chance)
    return probability
