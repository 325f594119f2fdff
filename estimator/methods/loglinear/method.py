"""The log-linear method behind the door: Bayesian, with dependence between lists and differences between strata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from estimator.errors import Fault, InputError, did_you_mean
from estimator.methods.convergence import Chains, Convergence, are_enough, assess
from estimator.methods.door import (
    Abilities,
    Floats,
    Ints,
    Listener,
    Method,
    PopulationDraws,
    Posterior,
    RefitRequest,
    Refitted,
    Request,
    Residual,
    SamplerSettings,
    Saved,
    SimulatedFit,
    SimulationRequest,
    WiderCoverage,
)
from estimator.methods.loglinear.assumption import assumption, residual_of, unknown_at_random
from estimator.methods.loglinear.behind import people_behind_entries
from estimator.methods.loglinear.density import machine_code
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.fit_check import fit_can_be_checked, predictive_p
from estimator.methods.loglinear.fitting import fit_until
from estimator.methods.loglinear.labelled import groups_of, posterior_of_groups, prior_dataset
from estimator.methods.loglinear.large_arrays import pace_of
from estimator.methods.loglinear.parameters import parameters_of, prior_settings, sampled_names
from estimator.methods.loglinear.people import implied_alone, population_draws
from estimator.methods.loglinear.posterior import SAMPLERS, LoglinearPosterior, attempts
from estimator.methods.loglinear.ranked import simulated_fit
from estimator.methods.loglinear.refit import refitted
from estimator.methods.loglinear.simulation import dependence_drawn
from estimator.methods.loglinear.wider_coverage import wider_coverage
from estimator.methods.memory import fits, needed, refuse_too_many
from estimator.methods.true_people import PeopleBehind
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.questions import ModelSettings
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr


class Loglinear(Method):
    """Log-linear models of overlapping lists; see `estimator.methods.loglinear.definition`."""

    name = "loglinear"
    abilities = Abilities(refits=True, simulates=True, register_errors=True)

    def load(self, settings: SamplerSettings, listener: Listener) -> None:
        """Compile what the sampler runs, or load it from the cache."""
        if settings.sampler not in SAMPLERS:
            message = f"There is no sampler '{settings.sampler}'.{did_you_mean(settings.sampler, SAMPLERS)}"
            raise InputError(Fault("sampler", message))
        if settings.sampler == "nutpie":
            listener.stage(Reason("doing-loading"))
            machine_code()

    def fit(self, request: Request) -> Posterior:
        """Sample; when the chains disagree, sample again with more draws and smaller steps, at most twice.

        Of a table with many strata no more is drawn than is needed; see `large_arrays.pace_of`.
        """
        design = design_for(request.study.table, request.study.model, request.priors)
        judged: list[tuple[PopulationDraws, Convergence]] = []

        def converged(posterior: LoglinearPosterior) -> bool:
            """Return whether the chains agree on everything that is reported."""
            people = population_draws(posterior, request.settings.seed)
            judged.append((people, assess(request.reported(people), posterior.draws, request.limits)))
            return judged[-1][1].passed

        def agreed(posterior: LoglinearPosterior) -> bool:
            """Return whether the draws so far would pass."""
            assert pace is not None, "nobody looks where all draws are made"
            draws, limits = posterior.draws, pace[1]
            if draws.statistics["diverging"].size < limits.effective_draws:
                return False  # fewer draws than effective ones are asked for
            return are_enough(request.reported(implied_alone(posterior)), draws, limits)

        settings = prior_settings(request.priors, design)
        n_parameters = sum(parameter.size for parameter in parameters_of(design, settings))
        pace = pace_of(design, request.limits)
        if pace is not None:
            warmup = min(request.settings.warmup, pace[0])
            request = replace(request, settings=replace(request.settings, warmup=warmup))
        refuse_too_many(request.settings, n_parameters, request.study.table.n_strata)
        attempts_made = _announced(request, n_parameters)
        enough = agreed if pace is not None and request.may_stop else None
        fitted, attempt = fit_until(converged, design, settings, attempts_made, request.listener.progress, enough)
        # the draws belong to the seed of the estimate, whichever attempt made them
        used = replace(fitted.draws.settings, seed=request.settings.seed)
        details = replace(fitted, draws=replace(fitted.draws, settings=used))
        population, convergence = judged[-1]
        posterior = Posterior(
            method=self.name,
            population=population,
            convergence=convergence,
            settings=used,
            attempt=attempt,
            seconds=fitted.draws.seconds,
            options=request.options,
            details=details,
        )
        return self.completed(posterior)

    def refit(self, request: RefitRequest) -> Refitted:
        """Answer quickly; see `refit.refitted`."""
        return refitted(request)

    def people_behind(
        self, fit: Refitted, model: ModelSettings, entries: Ints, draw: int, rng: np.random.Generator
    ) -> PeopleBehind:
        """Draw who may stand behind entries; see `behind.people_behind_entries`."""
        return people_behind_entries(fit.details, model, entries, draw, rng)

    def simulate(self, request: SimulationRequest) -> SimulatedFit:
        """Draw a truth and a table from the priors and fit it; see `ranked.simulated_fit`."""
        return simulated_fit(request)

    def dependence_drawn(self, lists: int, priors: Priors, seed: int) -> tuple[Floats, float]:
        """Return dependence between lists drawn from priors; see `simulation.dependence_drawn`."""
        return dependence_drawn(lists, priors, seed)

    def chains(self, details: LoglinearPosterior, shape: tuple[int, int]) -> Chains:
        """Return what the sampler did, with readable names of the sampled values."""
        return Chains(details.draws, sampled_names(details.design, details.settings))

    def completed(self, posterior: Posterior) -> Posterior:
        """Return a posterior with how wide it is beside its prior, and whether pairs of lists may depend."""
        details: LoglinearPosterior = posterior.details
        may_depend = details.settings.dependence != "none"
        return replace(posterior, prior_share=prior_share(details), pairs_may_depend=may_depend)

    def predictive_p(self, posterior: Posterior) -> float | None:
        """Return how often a table simulated from the model fits it worse; see `fit_check.predictive_p`."""
        return predictive_p(posterior.details, posterior.seed)

    def wider_coverage(self, posterior: Posterior, size: Floats) -> WiderCoverage:
        """Return what a population size would be were less said of coverage; see `wider_coverage.wider_coverage`."""
        return wider_coverage(posterior.details, size)

    def objections(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return that no number could tell whether the model describes the table, where that is so."""
        return () if fit_can_be_checked(posterior.details.design.observed) else (Reason("fit-not-checked"),)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return what the priors take for granted of lists; see `assumption.assumption`."""
        return assumption(
            priors,
            has_covariates=study.table.n_strata > 1,
            ordered=[covariate.name for covariate in study.table.covariates if covariate.ordered],
            has_three_list=bool(study.model.three_list),
            breaks=study.model.breaks,
            unknown=unknown_at_random(study.table, study.model),
        )

    def residual(self, posterior: Posterior, priors: Priors) -> Residual:
        """Return the true over the implied dark figure; see `assumption.residual_of`."""
        return self.residual_of_several([posterior], priors)

    def residual_of_several(self, posteriors: Sequence[Posterior], priors: Priors) -> Residual:
        """Return the same over the draws of several posteriors together."""
        return residual_of(priors, [posterior.details for posterior in posteriors])

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return every parameter, before and after the data, the sampler's statistics and the exact counts."""
        return {**groups_of(posterior.details), "prior": prior_dataset(posterior.details)}

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> LoglinearPosterior:
        """Return the draws of every parameter, and the sampler's statistics."""
        return posterior_of_groups(study, priors, settings, saved, seconds)

    def people_again(self, details: LoglinearPosterior, seed: int) -> PopulationDraws:
        """Draw the people of every stratum again; the same as before under the same version of NumPy."""
        return population_draws(details, seed)


def _announced(request: Request, n_parameters: int) -> Iterator[SamplerSettings]:
    """Yield the settings of one attempt after the other, as far as memory goes, and tell the listener."""
    for number, settings in enumerate(attempts(request.settings)):
        if number and not fits(needed(settings, n_parameters, request.study.table.n_strata)):
            return
        request.listener.stage(Reason("doing-again", what=request.doing) if number else request.doing)
        yield settings


def prior_share(posterior: LoglinearPosterior) -> float:
    """Return how wide the log dark figure still is beside its prior: 0 the data say all, 1 they say nothing."""
    prior_sd = float(posterior.settings.arrays["log_ratio_sd"])
    return float(np.std(posterior.values["log_ratio"]) / prior_sd)
