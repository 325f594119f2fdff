"""What one more list or better linkage would bring: widths of intervals over populations believed possible now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from estimator.calibration.at_scale import Running
from estimator.fits.fewer_lists import study_without
from estimator.methods.door import QUICK, RefitRequest, Refitted
from estimator.methods.registry import cannot_refit, chosen_method
from estimator.methods.shape import Shape, counted
from estimator.methods.true_people import ErrorRates
from estimator.planning.linking import entries_of, linked_otherwise, with_new_list
from estimator.planning.plan import Plan, survey_of
from estimator.planning.record import PlanRecord
from estimator.planning.simulating import (
    Bools,
    Ints,
    added_up,
    fit_of,
    on_new_list,
    people_in_cells,
    present_shape,
    quantiles_of,
    shape_with,
)
from estimator.planning.summing import Simulated, Summing, called
from estimator.population.groups import headline_years
from estimator.population.sampling import refuse_if_not_estimable
from estimator.runs.group_records import LabelRecord
from estimator.runs.provenance import versions
from estimator.runs.records import SCHEMA_VERSION, Language
from estimator.seeds import seed_of, stream
from estimator.signals.record import SurveyRecord
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import ModelSettings
from estimator.study.recorded_priors import without_words
from estimator.study.study import Study
from estimator.work.outcomes import FAILED, Task
from estimator.work.tasks import run_tasks

SIMULATIONS = 40
"""Of each case unless another number is asked for."""


class _Planner:
    """Makes the fits of a plan and sums them up."""

    def __init__(self, plan: Plan, priors: Priors, simulations: int, seed: int) -> None:
        study, file = plan.study, plan.file
        self.plan, self.priors, self.simulations, self.seed = plan, priors, simulations, seed
        self.method, self.options = chosen_method(study.model)
        if not self.method.abilities.refits:
            raise cannot_refit(self.method)
        refuse_if_not_estimable(study, self.method, self.options)
        table = study.only_table
        self.pool = tuple(file.pool)
        self.years = headline_years(study)
        year = study.period.covariate if study.period else None
        self.by_year = year is not None and year not in self.pool
        kept = [covariate.name for covariate in table.covariates if covariate.name not in self.pool]
        model = study.model if not self.pool else _added_up_model(study.model, kept)
        self.shape = present_shape(table, self._groups(study, year), model, self.pool)
        self.covered: Bools = added_up(plan.covered[:, None].astype(np.int64), table, self.pool)[:, 0] > 0
        self.wider = self.shape if file.list is None else self._wider(file.list.name)
        self.record_of_priors = priors.model_dump(mode="json", exclude_none=True)

    def _wider(self, name: str) -> Shape:
        """Return the shape of the table with one more list."""
        model = with_new_list(self.shape.model, self.shape.table.lists, name)
        return replace(shape_with(self.shape, name, self.covered), model=model)

    @property
    def divisor(self) -> int:
        """By what numbers of persons are divided: years of the headline, where it is over several."""
        if self.years and not self.by_year:
            return max(len(self.plan.study.only_table.covariates[self._year_axis()].levels), 1)
        return max(len(self.years), 1)

    def _year_axis(self) -> int:
        year = self.plan.study.period.covariate if self.plan.study.period else None
        return [covariate.name for covariate in self.plan.study.only_table.covariates].index(str(year))

    def _groups(self, study: Study, year: str | None) -> dict[str, Bools]:
        """Return the strata of each group that is still one when the table is added up."""
        table = study.only_table
        within = np.ones(table.n_strata, bool)
        if self.by_year and year is not None:
            within = table.strata_where({year: self.years})
        return {
            name: added_up((group.strata(table) & within)[:, None].astype(np.int64), table, self.pool)[:, 0] > 0
            for name, group in study.groups.items()
            if not {*group.where} & {*self.pool}
        }

    def fit(self, key: str, people: Ints, shape: Shape) -> Task:
        """Return one fit as a task; its key says what goes into it, so that results are found again."""
        seed = seed_of(self.seed, "plan-fit", _number(key))
        way = (self.method.name, self.options)
        payload = fit_of(shape, people, self.record_of_priors, way, seed)
        known = payload | {"priors": without_words(payload["priors"])}
        digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
        return Task(f"{key} {digest}", "estimator.planning.simulating:fit_one", payload)

    @cached_property
    def cells(self) -> Ints:
        """The registered people in cells, added up."""
        table = self.plan.study.only_table
        return added_up(people_in_cells(table, stream(self.seed, "plan-cells")), table, self.pool)

    @cached_property
    def present(self) -> Refitted:
        """The present table as it is estimated, like every table with the new list."""
        settings = replace(QUICK, seed=seed_of(self.seed, "plan-fit", _number("present")))
        table = counted(self.shape.table, self.cells)
        return self.method.refit(RefitRequest(table, self.shape.model, self.priors, self.options, settings))

    def without(self, dropped: str) -> Task:
        """Return the fit of the present table without a list."""
        table = counted(self.shape.table, self.cells)
        fewer = study_without(replace(self.plan.study, table=table, model=self.shape.model), dropped)
        shape = present_shape(fewer.only_table, self.shape.groups, fewer.model, ())
        people = people_in_cells(fewer.only_table, stream(self.seed, "plan-cells"))
        return self.fit(f"without {dropped}", people, shape)

    def simulated(self, survey: SurveyRecord | None) -> tuple[list[Task], list[Simulated]]:
        """Return the fits of all cases, a population of each in turn, and how each population was made."""
        unseen = self.present.population.unseen
        unseen = unseen.reshape(-1, unseen.shape[-1])
        tasks, made = [], []
        for number in range(self.simulations):
            rng = stream(self.seed, "plan", number)
            draw = int(rng.integers(len(unseen)))
            everybody, rates = self._people_at(draw, number)
            everybody[:, 0] = unseen[draw]
            truth = {name: int(everybody[at].sum()) for name, at in self.shape.groups.items()}
            for one, task in chain(
                self._seen_by_new_list(everybody, rates, survey, number, rng),
                self._linked_otherwise(everybody, rates, number),
            ):
                tasks.append(task)
                made.append(replace(one, truth=truth))
        return tasks, made

    def _people_at(self, draw: int, number: int) -> tuple[Ints, ErrorRates]:
        """Return the people behind the entries at a draw of the present posterior, and how often registers erred."""
        if not self.shape.model.has_errors:
            return self.cells.copy(), ErrorRates()
        rng = stream(self.seed, "plan-people", number)
        behind = self.method.people_behind(self.present, self.shape.model, self.cells, draw, rng)
        return behind.people, behind.rates

    def _seen_by_new_list(
        self, everybody: Ints, rates: ErrorRates, survey: SurveyRecord | None, number: int, rng: np.random.Generator
    ) -> Iterator[tuple[Simulated, Task]]:
        """Yield a population as the lists see it with the new one, for each coverage."""
        file = self.plan.file
        if file.coverage is None:
            return
        odds_ratios = np.array([file.dependence.get(name, 1.0) for name in self.shape.table.lists])
        false = file.false_positives.share if file.false_positives else 0.0
        shares = [*file.coverage.shares, *([self._share_of_survey(survey, rng)] if survey else [])]
        for case, share in enumerate(shares):
            people, entries = on_new_list(everybody, share, odds_ratios, self.covered, false, rng)
            if self.shape.model.has_errors:
                again = stream(self.seed, "plan-entries", number, case)
                people = entries_of(people, self.wider.table, self.wider.model, rates, again)
            task = self.fit(f"case {case}; {number}", people, self.wider)
            yield Simulated(str(case), task.key, entries, share), task

    def _linked_otherwise(self, everybody: Ints, rates: ErrorRates, number: int) -> Iterator[tuple[Simulated, Task]]:
        """Yield a population as the present lists see it, linked in each other way."""
        for at, section in enumerate(self.plan.file.linkage):
            rng = stream(self.seed, "plan-linkage", number, at)
            model, changed = linked_otherwise(self.shape.model, rates, section, rng)
            shape = replace(self.shape, model=model)
            people = entries_of(everybody, shape.table, model, changed, rng)
            task = self.fit(f"linkage {section.name}; {number}", people, shape)
            yield Simulated(f"linkage {section.name}", task.key, int(people[:, 1:].sum()), 0.0), task

    def _share_of_survey(self, survey: SurveyRecord, rng: np.random.Generator) -> float:
        """Draw a coverage: who sees victims, times who would report, times victims who see such a person."""
        section = self.plan.file.from_survey
        assert section is not None, "there is a survey"
        answer = survey.questions[section.question].groups[section.group].share
        log_odds = [np.log(value / (1 - value)) for value in (answer.lower, answer.median, answer.upper)]
        side = rng.standard_normal()
        spread = (log_odds[2] - log_odds[1] if side > 0 else log_odds[1] - log_odds[0]) / 1.959964
        share = 1 / (1 + np.exp(-(log_odds[1] + side * spread)))
        return float(share * rng.uniform(*section.would_report) * rng.uniform(*section.victims_seen))


def _added_up_model(model: ModelSettings, kept: list[str]) -> ModelSettings:
    """Return the terms of a model of the table added up over covariates; what registers do wrong stays."""
    added_up = ModelSettings.for_covariates(kept, priors=model.priors)
    return replace(added_up, false_positives=model.false_positives, linkage_errors=model.linkage_errors)


def _number(key: str) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)


def run_plan(
    plan: Plan,
    *,
    priors: str | None = None,
    simulations: int = SIMULATIONS,
    seed: int = 1,
    running: Running | None = None,
    language: Language | None = None,
) -> PlanRecord:
    """Say what one more list would do to the intervals of a study.

    Parameters
    ----------
    priors : str, optional
        By default those of the study.
    simulations : int
        Populations of each case.
    running : Running, optional
        How fits are done: workers, cluster, and the folder in which they are kept.

    Raises
    ------
    InputError
        When the method answers no table quickly, the survey cannot be read, or results cannot be kept.
    NotEstimableError
        When nothing can be estimated now.
    """
    running = running or Running()
    study = plan.study
    name = priors or study.model.priors
    statements = read_priors(name)
    statements.check_against(study.declaration.lists, study.model)
    planner = _Planner(plan, statements, simulations, seed)
    tasks, made = planner.simulated(survey_of(plan))
    less = {dropped: planner.without(dropped) for dropped in plan.file.drop}
    results = run_tasks(
        [*less.values(), *tasks],
        folder=None if running.folder is None else running.folder / "plan",
        identity={"draws": QUICK.draws, "warmup": QUICK.warmup, "chains": QUICK.chains, "versions": versions()},
        workers=running.workers,
        cluster=running.cluster,
        progress=running.progress,
    )
    return _record_of(planner, name, made, {dropped: task.key for dropped, task in less.items()}, results, language)


def _record_of(
    planner: _Planner,
    priors: str,
    made: Sequence[Simulated],
    less: Mapping[str, str],
    results: Mapping[str, Any],
    language: Language | None,
) -> PlanRecord:
    """Sum up the fits of a plan.

    Parameters
    ----------
    less : mapping of str to str
        The key of the fit without each list that is dropped.
    results : mapping of str to anything
        What came of each fit, by its key.
    """
    plan, study = planner.plan, planner.plan.study
    summed = Summing(plan, planner.shape.groups, planner.divisor, planner.seed)
    present = summed.per_year(quantiles_of(planner.present.population, planner.shape.groups))
    by_case: dict[str, list[tuple[Simulated, Any]]] = {}
    for one in made:
        by_case.setdefault(one.case, []).append((one, results[one.key]))
    wanted = len(plan.file.coverage.shares) if plan.file.coverage else 0
    fits = [of_case for case, of_case in by_case.items() if not case.startswith("linkage ")]
    stated = fits[:wanted]
    cases = [
        summed.case(of_case, present, "share" if number < wanted else "survey") for number, of_case in enumerate(fits)
    ]
    linkages = {
        section.name: summed.linkage(section, by_case[f"linkage {section.name}"], stated, present)
        for section in plan.file.linkage
    }
    losses = {dropped: summed.loss(results[key], present) for dropped, key in less.items()}
    return PlanRecord(
        schema_version=SCHEMA_VERSION,
        darkfigure=versions()["darkfigure"],
        study=study.name,
        study_title=LabelRecord(en=study.title, nl=study.title_nl),
        kind=study.table_kind,
        title=LabelRecord(en=plan.file.title, nl=plan.file.title_nl),
        new_list=None if plan.file.list is None else called(plan.file.list),
        language=language or study.language,
        priors=priors,
        method=planner.method.name,
        pooled=list(planner.pool),
        years=planner.divisor,
        simulations=planner.simulations,
        seed=planner.seed,
        odds_ratios=dict(plan.file.dependence),
        false_positives=plan.file.false_positives.share if plan.file.false_positives else 0.0,
        groups=summed.groups(stated, present),
        cases=cases,
        linkages=linkages,
        losses={dropped: loss for dropped, loss in losses.items() if loss is not None},
        failed=sum(FAILED in result for result in results.values()),
        notes=summed.notes([*cases, *linkages.values()]),
    )
