"""The main job: from a study to an estimate of everyone the lists miss."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.errors import Fault, InputError, NotEstimableError, did_you_mean
from estimator.inference.convergence import Convergence, assess
from estimator.inference.nuts import SamplerSettings
from estimator.inference.posterior import SAMPLERS, Posterior, attempts, posterior_of
from estimator.inference.provenance import versions
from estimator.model.design import Design
from estimator.model.parameters import prior_settings
from estimator.population.assumption import assumption
from estimator.population.fit import predictive_p
from estimator.population.fitness import Fitness, fitness
from estimator.population.groups import (
    GroupDraws,
    GroupEstimate,
    averaged_groups,
    estimate_of,
    headline_groups,
    headline_years,
    yearly_groups,
)
from estimator.population.probability import probability
from estimator.population.size import PopulationDraws, population_draws
from estimator.population.specification import design_for
from estimator.population.summary import LEVELS
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import TOTAL
from estimator.study.study import Study, read_study

if TYPE_CHECKING:
    import arviz
    from matplotlib.axes import Axes

SCHEMA_VERSION = 1
METHOD = "loglinear"


class Listener:
    """Hears how an estimate gets on; the command line shows it, anybody else may ignore it."""

    def stage(self, text: str) -> None:
        """Hear that a new stage begins."""

    def progress(self, done: int, total: int) -> None:
        """Hear how many draws have been made of how many."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate of everyone the lists miss.

    Parameters
    ----------
    study : Study
    priors : Priors
    posterior : Posterior
    population : PopulationDraws
    convergence : Convergence
    seconds : mapping of str to float
    attempt : int
        Which attempt converged, or was the last: a second and third have more draws than were asked for.
    """

    study: Study
    priors: Priors
    posterior: Posterior
    population: PopulationDraws
    convergence: Convergence
    seconds: Mapping[str, float] = field(default_factory=dict)
    attempt: int = 1

    @cached_property
    def group_draws(self) -> dict[str, GroupDraws]:
        """Draws of every group over the headline period."""
        return headline_groups(self.study, self.population)

    @cached_property
    def groups(self) -> dict[str, GroupEstimate]:
        """Every group over the headline period."""
        return {name: estimate_of(group) for name, group in self.group_draws.items()}

    @cached_property
    def by_year(self) -> dict[str, dict[str, GroupEstimate]]:
        """Every group in every year, where the study has years."""
        years = yearly_groups(self.study, self.population)
        return {year: {name: estimate_of(group) for name, group in groups.items()} for year, groups in years.items()}

    @cached_property
    def per_year(self) -> dict[str, GroupEstimate]:
        """Every group per year, where the table adds up several years."""
        return {name: estimate_of(group) for name, group in averaged_groups(self.study, self.population).items()}

    @property
    def total(self) -> GroupEstimate:
        """Everybody."""
        return self.groups[TOTAL]

    @property
    def period(self) -> dict[str, Any]:
        """What time `groups` are of: ``years`` (None for the whole table) and whether they are averages per year."""
        period = self.study.period
        if period is None or period.covariate is None:
            return {"years": None, "per_year": False}
        years = headline_years(self.study)
        return {"years": list(years), "per_year": len(years) > 1}

    @property
    def assumption(self) -> str:
        """The identifying assumption in words."""
        return assumption(
            self.priors,
            has_covariates=self.study.table.n_strata > 1,
            has_three_list=bool(self.study.model.three_list),
        )

    @cached_property
    def fitness(self) -> Fitness:
        """Whether the estimate may be published, and why not."""
        return fitness(self.study.table, self.posterior, self.group_draws[TOTAL], self.convergence, self.predictive_p)

    @cached_property
    def predictive_p(self) -> float:
        """How often a table simulated from the model fits it worse; see `estimator.population.fit`."""
        return predictive_p(self.posterior, self.posterior.draws.settings.seed)

    @property
    def inference_data(self) -> arviz.InferenceData:
        """The posterior as ArviZ InferenceData."""
        import arviz

        from estimator.population.run import data_groups

        return arviz.InferenceData(**data_groups(self))

    def probability(self, question: str) -> float:
        """Return the probability of a statement such as ``"total > 50000"``; see `estimator.population.probability`."""
        return probability(question, self.group_draws)

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as in estimate.json; see docs/estimate-json.md."""
        found = self.convergence
        return {
            "schema_version": SCHEMA_VERSION,
            "study": self.study.name,
            "title": self.study.title,
            "source": " ".join(self.study.source.split()),
            "method": METHOD,
            "priors": self.priors.title,
            "table_kind": self.study.table_kind,
            "publishable": self.fitness.publishable,
            "reasons": list(self.fitness.reasons),
            "cautions": list(self.fitness.cautions),
            "assumption": self.assumption,
            "level": max(LEVELS),
            "period": self.period,
            "groups": {name: group.to_dict() for name, group in self.groups.items()},
            **_if_any("per_year", {name: group.to_dict() for name, group in self.per_year.items()}),
            **_if_any(
                "by_year",
                {
                    year: {name: group.to_dict() for name, group in groups.items()}
                    for year, groups in self.by_year.items()
                },
            ),
            "diagnostics": {
                "rhat_max": _rounded(found.rhat_max, 5),
                "ess_bulk_min": _rounded(found.ess_bulk_min, 1),
                "ess_tail_min": _rounded(found.ess_tail_min, 1),
                "divergences": found.divergences,
                "draws": found.draws,
                "chains": found.chains,
                "posterior_predictive_p": round(self.predictive_p, 5),
            },
            "seconds": {name: round(value, 2) for name, value in self.seconds.items()},
            "seed": self.posterior.draws.settings.seed,
            "versions": versions(),
        }

    def save(self, folder: str | Path) -> Path:
        """Write the run folder; see `estimator.population.run.save_run`."""
        from estimator.population.run import save_run

        return save_run(self, Path(folder))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw every group's interval beside what was registered; see `estimator.population.drawing`."""
        from estimator.population.drawing import draw_groups

        return draw_groups(self.groups, ax, title=self.study.title)

    def __str__(self) -> str:
        from estimator.population.wording import text_of

        return text_of(self)

    def __repr__(self) -> str:
        total = self.total.N
        return f"Estimate({self.study.name}: N {total.median:,.0f}, 95 % {total.lower:,.0f} to {total.upper:,.0f})"

    def _repr_html_(self) -> str:
        from estimator.population.wording import html_of

        return html_of(self)


def _rounded(value: float, digits: int) -> float | None:
    """Return a number for JSON, which has no NaN."""
    return round(value, digits) if math.isfinite(value) else None


def _if_any(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with one entry, or none when its value is empty."""
    return {name: value} if value else {}


def estimate(
    study: Study | str | Path,
    priors: Priors | str | Path | None = None,
    *,
    overrides: Mapping[str, str] | None = None,
    sampler: SamplerSettings | None = None,
    engine: str = "nutpie",
    listener: Listener | None = None,
) -> Estimate:
    """Estimate the size of every population group of a study.

    Parameters
    ----------
    study : Study, str or Path
        A study, or what `read_study` takes.
    priors : Priors, str or Path, optional
        What `read_priors` takes; by default those that the study names.
    overrides : mapping of str to str, optional
        Changes of the prior file, such as ``{"dependence.odds_ratio.log_normal": "[0, 0.25]"}``.
    sampler : SamplerSettings, optional
    engine : {"nutpie", "pymc"}
        Which sampler draws.
    listener : Listener, optional

    Returns
    -------
    Estimate
        Look at its `fitness` before you use it: chains that disagree are reported there.

    Raises
    ------
    InputError
        When the study or the priors are at fault.
    NotEstimableError
        When the table cannot answer the question at all.
    """
    began = time.perf_counter()
    listener = listener or Listener()
    study = study if isinstance(study, Study) else read_study(study)
    priors = priors if isinstance(priors, Priors) else read_priors(priors or study.model.priors, overrides or {})
    priors.check_against(study.table.lists)
    refuse_if_not_estimable(study)
    design = design_for(study, priors)
    built = time.perf_counter()
    warm_up_engine(engine, listener)
    compiled = time.perf_counter()
    posterior, population, convergence, attempt = _sample_until_converged(
        study, design, priors, sampler or SamplerSettings(), engine, listener
    )
    seconds = {
        "build": built - began,
        "compile": compiled - built,
        "sample": posterior.draws.seconds,
        "total": time.perf_counter() - began,
    }
    return Estimate(study, priors, posterior, population, convergence, seconds, attempt)


def refuse_if_not_estimable(study: Study) -> None:
    """Raise `NotEstimableError` when nothing can be estimated from a study's table."""
    captured = study.table.captured()
    if captured.twice.upper + captured.more.upper == 0:
        from estimator.capture.checking import check_table

        raise NotEstimableError(check_table(study.table).fatal_reasons)


def warm_up_engine(engine: str, listener: Listener) -> None:
    """Compile what the sampler runs, or load it from the cache."""
    if engine not in SAMPLERS:
        raise InputError(Fault("sampler", f"There is no sampler '{engine}'.{did_you_mean(engine, SAMPLERS)}"))
    if engine == "nutpie":
        listener.stage("Loading the model (some ten seconds the first time on a machine)")
        from estimator.model.density import machine_code

        machine_code()


def _sample_until_converged(
    study: Study, design: Design, priors: Priors, sampler: SamplerSettings, engine: str, listener: Listener
) -> tuple[Posterior, PopulationDraws, Convergence, int]:
    """Sample; when the chains disagree, sample again with more draws and smaller steps, at most twice."""
    settings = prior_settings(priors, design)
    hear: Callable[[int, int], None] = listener.progress
    for number, attempt in enumerate(attempts(sampler)):
        again = "" if number == 0 else " again, with more draws and smaller steps, because the chains disagreed"
        listener.stage(f"Sampling{again}")
        posterior = posterior_of(design, settings, SAMPLERS[engine](design, settings, attempt, hear))
        population = population_draws(posterior, sampler.seed)
        convergence = assess(reported_quantities(study, population), posterior.draws)
        if convergence.passed:
            break
    posterior = replace(posterior, draws=replace(posterior.draws, settings=replace(attempt, seed=sampler.seed)))
    return posterior, population, convergence, number + 1


def reported_quantities(study: Study, population: PopulationDraws) -> dict[str, Any]:
    """Return the draws by which convergence is judged: the expected dark figure of whatever is reported."""
    quantities = {
        f"the dark figure of {name}": group.expected_unseen
        for name, group in headline_groups(study, population).items()
    }
    for year, groups in yearly_groups(study, population).items():
        quantities |= {f"the dark figure of {name} in {year}": g.expected_unseen for name, g in groups.items()}
    return quantities
