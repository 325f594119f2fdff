"""The posterior: named draws of every parameter, and how they were made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import Progress, SamplerSettings
from estimator.methods.loglinear import nuts
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.cells import CELLS_AT_A_TIME, log_cells_of, log_cells_of_terms
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.level_draws import drawn_residual
from estimator.methods.loglinear.nuts import Draws, Enough
from estimator.methods.loglinear.parameters import (
    Parameter,
    PriorSettings,
    coverage_of,
    interactions,
    log_unseen_of,
    parameters_of,
    read_vector,
)
from estimator.methods.loglinear.start import starting_point
from estimator.seeds import seed_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LoglinearPosterior:
    """Draws from the posterior of the log-linear model.

    Parameters
    ----------
    values : mapping of str to ndarray
        Named parameters on their own scale, shape (chain, draw, ...). Where the priors have residual dependence also
        ``residual``, shape (chain, draw): drawn after sampling, so not among `parameters`; and where they say that
        strata differ ``residual_of_strata``, shape (chain, draw, S).
    draws : Draws
        As the sampler returned them.
    """

    design: Design
    settings: PriorSettings
    parameters: tuple[Parameter, ...]
    values: Mapping[str, Floats]
    draws: Draws

    @property
    def log_unseen(self) -> Floats:
        """Log of the number of people with history 0 that is implied in each stratum, shape (chain, draw, S).

        Expected of the log-linear model; the residual dependence, if any, comes on top.
        """
        return log_unseen_of(self.design, self.values)

    @property
    def stratum_coverage(self) -> Floats:
        """Log odds that somebody in a stratum on no other list is on list l, shape (chain, draw, S, L)."""
        return coverage_of(self.design, self.values)

    @property
    def terms(self) -> Floats:
        """Coefficients of the two-list and three-list terms (log odds ratios), shape (chain, draw, Q)."""
        return interactions(self.settings, self.values)

    @property
    def residual(self) -> Floats:
        """Log of the true over the implied dark figure, shape (chain, draw); 0 where the priors have none."""
        residual = self.values.get("residual")
        return np.zeros_like(self.values["log_ratio"]) if residual is None else residual


def expected_cells(posterior: LoglinearPosterior) -> Iterator[Floats]:
    """Yield the expected number of people in every cell, some draws at a time, chains one after the other.

    Yields
    ------
    ndarray, shape (some draws, S, H)
        Persons; 0 in structural zeros.
    """
    design = posterior.design
    n_strata, n_lists = len(design.strata), len(design.lists)
    log_unseen = posterior.log_unseen.reshape(-1, n_strata)
    alpha = posterior.stratum_coverage
    alpha = np.broadcast_to(alpha, (*alpha.shape[:2], n_strata, n_lists)).reshape(-1, n_strata, n_lists)
    joint = posterior.terms.reshape(len(log_unseen), -1) @ design.term_of_history.T
    step = max(1, CELLS_AT_A_TIME // design.observed.counts.size)
    for start in range(0, len(log_unseen), step):
        some = slice(start, start + step)
        yield np.exp(log_cells_of_terms(design, log_unseen[some], alpha[some], joint[some])) * design.observed.possible


def range_shares(posterior: LoglinearPosterior, place: int, number: int) -> Floats | None:
    """Return the share of the people of each number within bounds who came by its way, at some draws.

    Parameters
    ----------
    place, number : int
        From which draw on, chains one after the other, and how many.

    Returns
    -------
    ndarray, shape (number, number of ranges), or None
        None where all did.
    """
    unknown = posterior.design.unknown
    if not unknown.names:
        return None
    coefficients = posterior.values["unknown"].reshape(-1, len(unknown.names))[place : place + number]
    shares = np.exp(unknown.log_shares_of_ways(coefficients))
    ones = np.ones((len(shares), 1))
    return np.asarray(np.hstack([shares, ones])[:, unknown.way_of_range])


def cells_at(posterior: LoglinearPosterior, draw: int) -> Floats:
    """Return the expected number of people in every cell at one draw, chains one after the other, shape (S, H)."""
    values = {name: all_of.reshape(-1, *all_of.shape[2:])[[draw]] for name, all_of in posterior.values.items()}
    logs = log_cells_of(posterior.design, posterior.settings, values)
    return np.asarray(np.exp(logs[0]) * posterior.design.observed.possible)


Sampler = Callable[[Design, PriorSettings, SamplerSettings, Progress | None, Enough | None], Draws]


def sample_with_nutpie(
    design: Design,
    settings: PriorSettings,
    sampler: SamplerSettings,
    progress: Progress | None = None,
    enough: Enough | None = None,
) -> Draws:
    """Sample the compiled model with nutpie: the sampler of every estimate unless another is asked for."""
    start = starting_point(design, settings, parameters_of(design, settings))
    model = nuts.sampled_model(design, model_arrays(design, settings))
    return nuts.sample(model, start, sampler, progress, enough)


def sample_with_pymc(
    design: Design,
    settings: PriorSettings,
    sampler: SamplerSettings,
    progress: Progress | None = None,
    enough: Enough | None = None,
) -> Draws:
    """Sample the PyMC model with PyMC's own sampler: slow, always to the end, and another road to the same answer."""
    from estimator.methods.loglinear.pymc_nuts import sample

    return sample(design, settings, sampler)


SAMPLERS: Mapping[str, Sampler] = {"nutpie": sample_with_nutpie, "pymc": sample_with_pymc}


def posterior_of(design: Design, settings: PriorSettings, draws: Draws) -> LoglinearPosterior:
    """Return the posterior that a sampler's draws make up, with the residual dependence drawn beside them."""
    parameters = parameters_of(design, settings)
    values = read_vector(parameters, draws.unconstrained)
    values |= drawn_residual(design, settings, values, draws.settings.seed)
    return LoglinearPosterior(design, settings, parameters, values, draws)


def attempts(sampler: SamplerSettings) -> Iterator[SamplerSettings]:
    """Return settings to try one after the other until the chains agree.

    Parameters
    ----------
    sampler : SamplerSettings
        The first attempt.

    Yields
    ------
    SamplerSettings
        Then twice and four times the draws and the warm-up, with smaller steps. Each attempt starts afresh, with a
        seed of its own that follows from the first one.
    """
    yield sampler
    # divergences ask for smaller steps (a higher acceptance rate), too few effective draws for more of them
    for factor, target in ((2, 0.95), (4, 0.99)):
        yield replace(
            sampler,
            draws=sampler.draws * factor,
            warmup=sampler.warmup * factor,
            target_accept=max(target, sampler.target_accept),
            seed=seed_of(sampler.seed, factor),
        )


def statistics_of(draws: Draws) -> dict[str, Any]:
    """Return the sampler's statistics, shape (chain, draw)."""
    return dict(draws.statistics)
