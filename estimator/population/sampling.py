"""Sampling a study's model until the chains agree; what is common to every estimate, whatever its priors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from estimator.errors import Fault, InputError, NotEstimableError, did_you_mean
from estimator.methods.convergence import Convergence, assess
from estimator.methods.door import Listener, PopulationDraws, SamplerSettings
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.posterior import SAMPLERS, LoglinearPosterior, attempts, posterior_of
from estimator.methods.loglinear.specification import design_for
from estimator.population.groups import headline_groups, yearly_groups
from estimator.population.size import population_draws
from estimator.population.thresholds import convergence_limits
from estimator.study.priors import Priors
from estimator.study.study import Study


@dataclass(frozen=True, eq=False)
class Sampled:
    """What sampling gave.

    Parameters
    ----------
    attempt : int
        Which attempt converged, or was the last: a second and third have more draws than were asked for.
    """

    posterior: LoglinearPosterior
    population: PopulationDraws
    convergence: Convergence
    attempt: int


def refuse_if_not_estimable(study: Study) -> None:
    """Raise `NotEstimableError` when nothing can be estimated from a study's table."""
    captured = study.table.captured()
    if captured.twice.upper + captured.more.upper == 0:
        from estimator.capture.checking import check_table

        raise NotEstimableError(check_table(study.table).fatal_reasons)


def warm_up_sampler(sampler: str, listener: Listener) -> None:
    """Compile what the sampler runs, or load it from the cache."""
    if sampler not in SAMPLERS:
        raise InputError(Fault("sampler", f"There is no sampler '{sampler}'.{did_you_mean(sampler, SAMPLERS)}"))
    if sampler == "nutpie":
        listener.stage("Loading the model (some ten seconds the first time on a machine)")
        from estimator.methods.loglinear.density import machine_code

        machine_code()


def sample_until_converged(
    study: Study, priors: Priors, sampler: SamplerSettings, listener: Listener, doing: str = "Sampling"
) -> Sampled:
    """Sample; when the chains disagree, sample again with more draws and smaller steps, at most twice.

    Parameters
    ----------
    doing : str
        What the listener is told is going on.

    Returns
    -------
    Sampled
        The last attempt, whether its chains agree or not.
    """
    design = design_for(study, priors)
    settings = prior_settings(priors, design)
    hear: Callable[[int, int], None] = listener.progress
    for number, attempt in enumerate(attempts(sampler)):
        again = "" if number == 0 else " again, with more draws and smaller steps, because the chains disagreed"
        listener.stage(f"{doing}{again}")
        posterior = posterior_of(design, settings, SAMPLERS[sampler.sampler](design, settings, attempt, hear))
        population = population_draws(posterior, sampler.seed)
        convergence = assess(reported_quantities(study, population), posterior.draws, convergence_limits())
        if convergence.passed:
            break
    posterior = replace(posterior, draws=replace(posterior.draws, settings=replace(attempt, seed=sampler.seed)))
    return Sampled(posterior, population, convergence, number + 1)


def reported_quantities(study: Study, population: PopulationDraws) -> dict[str, Any]:
    """Return the draws by which convergence is judged: the implied dark figure of whatever is reported.

    Without residual dependence, which is drawn exactly, independently for each draw and with long tails: it has nothing
    to converge, and would drown what the chains disagree about.
    """
    quantities = {
        f"the dark figure of {name}": group.implied_unseen for name, group in headline_groups(study, population).items()
    }
    for year, groups in yearly_groups(study, population).items():
        quantities |= {f"the dark figure of {name} in {year}": g.implied_unseen for name, g in groups.items()}
    return quantities
