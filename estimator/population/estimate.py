"""The main job: from a study to an estimate of everyone the lists miss."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from estimator.methods.convergence import Chains, Convergence
from estimator.methods.door import SAMPLING, Listener, Method, PopulationDraws, Posterior, SamplerSettings
from estimator.methods.registry import chosen_method, method_named, no_priors
from estimator.methods.several_tables import over_tables
from estimator.population.beside import NO_PRIORS, distinct_names, name_of, priors_beside
from estimator.population.cautions import (
    caution_beside,
    caution_of_coverage,
    caution_of_strata,
    cautions_of,
    rate_notes,
)
from estimator.population.fitness import Fitness, fitness
from estimator.population.given_levels import given_levels, levels_not_given
from estimator.population.groups import (
    GroupDraws,
    GroupEstimate,
    PeopleDraws,
    averaged_groups,
    estimate_of,
    headline_groups,
    headline_years,
    study_years,
    yearly_groups,
)
from estimator.population.imputation import Spread, fitness_over_tables, spread_of
from estimator.population.modes import caution_of_modes
from estimator.population.probability import probability
from estimator.population.rates import denominator_of
from estimator.population.sampling import asked, refuse_if_not_estimable
from estimator.reasons import Reason
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import TOTAL
from estimator.study.study import Study, read_study

__all__ = ["Estimate", "Listener", "estimate"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate of everyone the lists miss.

    Parameters
    ----------
    posterior : Posterior
        What the method believes; of all that stands in it, only `estimator.methods.door` is known here.
    beside : tuple of Estimate
        The same study with the same seed under other priors.
    priors : Priors
        Of no meaning where the method takes none.
    priors_name : str
        What the priors are called where several sets stand side by side; the name of their file unless given, and
        ``none`` where the method takes none.
    levels_of_run : tuple of float, optional
        Probabilities of the intervals that a run gives of which this is the estimate.
    """

    study: Study
    priors: Priors
    posterior: Posterior
    seconds: Mapping[str, float] = field(default_factory=dict)
    beside: tuple[Estimate, ...] = ()
    priors_name: str = ""
    levels_of_run: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not self.priors_name:
            name = name_of(self.priors) if self.method.abilities.priors else NO_PRIORS
            object.__setattr__(self, "priors_name", name)

    @property
    def method(self) -> Method:
        """How it was made."""
        return over_tables(method_named(self.posterior.method), self.study)

    @cached_property
    def levels(self) -> tuple[float, ...]:
        """Probabilities of the intervals that are given."""
        return self.levels_of_run or given_levels(self.priors, self.method.abilities)

    @cached_property
    def of_tables(self) -> tuple[Estimate, ...]:
        """The estimate of each table alone, where the study has several imputed ones."""
        if not self.study.imputed:
            return ()
        return tuple(
            replace(self, study=self.study.with_table(number), posterior=part, seconds={}, beside=())
            for number, part in enumerate(self.posterior.details.parts, 1)
        )

    @cached_property
    def spread(self) -> Spread | None:
        """What the spread between imputed tables adds to the total; None for one table."""
        return spread_of(self.group_draws[TOTAL], len(self.study.tables)) if self.study.imputed else None

    @property
    def population(self) -> PopulationDraws:
        """Draws of the people of every stratum."""
        return self.posterior.population

    @property
    def convergence(self) -> Convergence:
        """Whether the chains agree about what is reported."""
        return self.posterior.convergence

    @property
    def chains(self) -> Chains:
        """What the sampler did."""
        shape = self.population.unseen.shape
        return self.method.chains(self.posterior.details, (shape[0], shape[1]))

    @cached_property
    def group_draws(self) -> dict[str, GroupDraws]:
        """Draws of every group over the headline period."""
        return headline_groups(self.study, self.population)

    @cached_property
    def group_draws_by_year(self) -> dict[str, dict[str, GroupDraws]]:
        """Draws of every group in every year, where the study has years: the same draws, so that years compare."""
        return yearly_groups(self.study, self.population)

    @property
    def draws(self) -> PeopleDraws:
        """Draws of everybody, as a run keeps them."""
        return PeopleDraws(self.group_draws, self.group_draws_by_year, self.population)

    @cached_property
    def groups(self) -> dict[str, GroupEstimate]:
        """Every group over the headline period."""
        return self._estimates(self.group_draws, headline_years(self.study))

    @cached_property
    def by_year(self) -> dict[str, dict[str, GroupEstimate]]:
        """Every group in every year, where the study has years."""
        return {year: self._estimates(groups, (year,)) for year, groups in self.group_draws_by_year.items()}

    @cached_property
    def per_year(self) -> dict[str, GroupEstimate]:
        """Every group per year, where the table adds up several years."""
        return self._estimates(averaged_groups(self.study, self.population), ())

    def _estimates(self, draws: Mapping[str, GroupDraws], years: tuple[str, ...]) -> dict[str, GroupEstimate]:
        """Sum up the draws of groups, with a rate where the inhabitants of those years are known."""
        return {
            name: estimate_of(group, denominator_of(self.study, name, years), self.levels)
            for name, group in draws.items()
        }

    @property
    def total(self) -> GroupEstimate:
        """Everybody."""
        return self.groups[TOTAL]

    @property
    def assumption(self) -> Reason:
        """The identifying assumption, which no table of lists can test."""
        return self.method.assumption(self.study, self.priors, self.posterior.options)

    @cached_property
    def fitness(self) -> Fitness:
        """Whether the estimate may be published, and why not."""
        judged = self._fitness_of_one if self.spread is None else self._fitness_of_tables(self.spread)
        beside = [
            caution
            for other in self.beside
            for caution in caution_beside(other.priors_name, other.convergence, other.fitness.unsound)
        ]
        return replace(judged, cautions=(*judged.cautions, *beside))

    def _fitness_of_tables(self, spread: Spread) -> Fitness:
        """Return what speaks against any of several tables, and against all together."""
        names = [self.study.table_name(number) for number in range(1, len(self.study.tables) + 1)]
        judged = [made.fitness for made in self.of_tables]
        return fitness_over_tables(judged, names, self.group_draws[TOTAL], spread, self.study.precision)

    @property
    def _fitness_of_one(self) -> Fitness:
        """Return what speaks against the estimate of one table, whatever stands beside it."""
        table, total = self.study.table, self.group_draws[TOTAL]
        objections, precision = self.method.objections(self.posterior), self.study.precision
        judged = fitness(table, self.posterior, total, self.predictive_p, objections, precision)
        wider = self.method.wider_coverage(self.posterior, total.size)
        borrows = self.method.abilities.borrows
        of_strata = caution_of_strata(table, self.population) if borrows else ()
        of_coverage = caution_of_coverage(float(np.median(total.size)), wider, self.priors)
        of_study = cautions_of(self.study, self.priors, self.method.abilities)
        of_method = self.method.cautions(self.posterior)
        of_modes = caution_of_modes(total.size) if self.convergence.passed else ()
        return replace(judged, cautions=(*judged.cautions, *of_modes, *of_study, *of_strata, *of_coverage, *of_method))

    @cached_property
    def predictive_p(self) -> float | None:
        """How often a table simulated from the model fits it worse; None where the method makes no such check.

        Of several imputed tables the mean: the probability when what was imputed is averaged over as well.
        """
        if not self.of_tables:
            return self.method.predictive_p(self.posterior)
        known = [made.predictive_p for made in self.of_tables if made.predictive_p is not None]
        return float(np.mean(known)) if known else None

    @property
    def notes(self) -> tuple[Reason, ...]:
        """How the table was read where there was a choice; what is left out and why; what the method chose."""
        readings = (reading for reading in self.study.table.readings if reading not in self.fitness.unsound)
        of_method = [note for made in self.of_tables or (self,) for note in made.method.notes(made.posterior)]
        of_levels = [
            note
            for made in (self, *self.beside)
            for note in levels_not_given(made.priors, made.priors_name, made.method.abilities, made.levels)
        ]
        return (*readings, *rate_notes(self.study, study_years(self.study)), *of_method, *of_levels)

    def probability(self, question: str) -> float:
        """Return the probability of a statement such as ``"total > 50000"``; see `estimator.population.probability`."""
        return probability(question, self.group_draws)

    def __repr__(self) -> str:
        total = self.total.N
        return f"Estimate({self.study.name}: N {total.median:,.0f}, 95 % {total.lower:,.0f} to {total.upper:,.0f})"


Meanwhile = Callable[[int, Estimate], None]
"""Is given each estimate with its number, 0 for the first, under the priors that were asked for."""


def estimate(
    study: Study | str | Path,
    priors: Priors | str | Path | None = None,
    *,
    method: str | None = None,
    options: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
    beside: Sequence[Priors | str | Path] | None = None,
    sampler: SamplerSettings | None = None,
    listener: Listener | None = None,
    meanwhile: Meanwhile | None = None,
) -> Estimate:
    """Estimate the size of every population group of a study.

    Parameters
    ----------
    study : Study, str or Path
        A study, or what `read_study` takes.
    priors : Priors, str or Path, optional
        What `read_priors` takes; by default those that the study names.
    method : str, optional
        Name of a method (`estimator.methods.registry`); by default that of the study.
    options : mapping of str to str, optional
        Choices of the method, in place of those of the study.
    overrides : mapping of str to str, optional
        Changes of the prior file, such as ``{"dependence.odds_ratio.log_normal": "[0, 0.25]"}``.
    beside : sequence of Priors, str or Path, optional
        Other priors under which the same is estimated, to stand beside it. By default those that the study wants side
        by side; ``()`` for none.
    meanwhile : callable, optional
        What is to be done with each estimate while the next one is sampled; the last has nothing to wait for.

    Returns
    -------
    Estimate
        Look at its `fitness` before you use it: chains that disagree are reported there.

    Raises
    ------
    InputError
        When the study or the priors are at fault.
    NotEstimableError
        When the table cannot answer the question at all, or not by this method.
    """
    began = time.perf_counter()
    listener = listener or Listener()
    study = study if isinstance(study, Study) else read_study(study)
    way, choices = chosen_method(study.model, method, options)
    if not way.abilities.priors and (priors is not None or overrides):
        raise no_priors(way)
    if not isinstance(priors, Priors):
        priors = read_priors(study.model.priors if priors is None else priors, overrides or {})
    priors.check_against(study.declaration.lists, study.model)
    sets = [priors, *priors_beside(study, priors, beside)] if way.abilities.priors else [priors]
    refuse_if_not_estimable(study, way, choices)
    way = over_tables(way, study)
    study = way.study_for(study, choices)
    built = time.perf_counter()
    sampler = sampler or SamplerSettings()
    way.load(sampler, listener)
    compiled = time.perf_counter()
    estimates = _under_each(study, way, choices, sets, sampler, listener, meanwhile)
    seconds = {
        "build": built - began,
        "compile": compiled - built,
        "sample": sum(made.posterior.seconds for made in estimates),
        "total": time.perf_counter() - began,
    }
    return _still_known(estimates[0], replace(estimates[0], seconds=seconds, beside=tuple(estimates[1:])))


_KNOWN_ALONE = ("group_draws", "group_draws_by_year", "predictive_p", "of_tables")
"""What follows from an estimate and no other, and takes a while."""


def _still_known(made: Estimate, completed: Estimate) -> Estimate:
    """Return an estimate that was completed, with what is known of it already."""
    vars(completed).update({name: value for name, value in vars(made).items() if name in _KNOWN_ALONE})
    return completed


def _aside(number: int, made: Estimate, meanwhile: Meanwhile | None) -> None:
    """Find out what will be asked of an estimate anyway, and do what is to be done with it."""
    for name in _KNOWN_ALONE:
        getattr(made, name)
    if meanwhile is not None:
        meanwhile(number, made)


def _under_each(
    study: Study,
    method: Method,
    options: Mapping[str, str],
    sets: Sequence[Priors],
    sampler: SamplerSettings,
    listener: Listener,
    meanwhile: Meanwhile | None,
) -> list[Estimate]:
    """Estimate the same study, with the same seed, under several sets of priors.

    Chains run outside Python: while those of one set do, a thread has time for the estimate before it.
    """
    names, estimates = distinct_names(sets) if method.abilities.priors else [NO_PRIORS], []
    with ThreadPoolExecutor(max_workers=1) as thread:
        tasks = []
        for name, priors in zip(names, sets, strict=True):
            doing = Reason("doing-sampling-under", priors=name) if len(sets) > 1 else SAMPLING
            posterior = method.fit(asked(study, priors, sampler, options, listener, doing))
            estimates.append(Estimate(study, priors, posterior, priors_name=name))
            if len(estimates) < len(sets):
                tasks.append(thread.submit(_aside, len(estimates) - 1, estimates[-1], meanwhile))
        for task in tasks:
            task.result()
    return estimates
