"""What one more list would bring: widths of intervals over populations that are believed possible now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cached_property

import numpy as np

from estimator.calibration.at_scale import Running
from estimator.fits.fewer_lists import study_without
from estimator.methods.door import QUICK, RefitRequest, Refitted
from estimator.methods.registry import cannot_refit, chosen_method
from estimator.methods.shape import Shape, counted
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
from estimator.planning.summing import Simulated, Summing
from estimator.population.groups import headline_years
from estimator.population.sampling import refuse_if_not_estimable
from estimator.runs.group_records import LabelRecord
from estimator.runs.provenance import versions
from estimator.runs.records import SCHEMA_VERSION
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
        model = study.model if not self.pool else ModelSettings.for_covariates(kept, priors=study.model.priors)
        self.shape = present_shape(table, self._groups(study, year), model, self.pool)
        self.covered: Bools = added_up(plan.covered[:, None].astype(np.int64), table, self.pool)[:, 0] > 0
        self.wider = shape_with(self.shape, file.list.name, self.covered)
        self.record_of_priors = priors.model_dump(mode="json", exclude_none=True)

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
        file = self.plan.file
        unseen = self.present.population.unseen
        unseen = unseen.reshape(-1, unseen.shape[-1])
        odds_ratios = np.array([file.dependence.get(name, 1.0) for name in self.shape.table.lists])
        false = file.false_positives.share if file.false_positives else 0.0
        tasks, made = [], []
        for number in range(self.simulations):
            rng = stream(self.seed, "plan", number)
            everybody = self.cells.copy()
            everybody[:, 0] = unseen[rng.integers(len(unseen))]
            truth = {name: int(everybody[at].sum()) for name, at in self.shape.groups.items()}
            shares = [*file.coverage.shares, *([self._share_of_survey(survey, rng)] if survey else [])]
            for case, share in enumerate(shares):
                people, entries = on_new_list(everybody, share, odds_ratios, self.covered, false, rng)
                task = self.fit(f"case {case}; {number}", people, self.wider)
                tasks.append(task)
                made.append(Simulated(case, task.key, entries, share, truth))
        return tasks, made

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


def _number(key: str) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)


def run_plan(
    plan: Plan,
    *,
    priors: str | None = None,
    simulations: int = SIMULATIONS,
    seed: int = 1,
    running: Running | None = None,
    language: str | None = None,
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
    summed = Summing(plan, planner.shape.groups, planner.divisor, seed)
    present = summed.per_year(quantiles_of(planner.present.population, planner.shape.groups))
    fits = [
        [(one, results[one.key]) for one in made if one.case == case] for case in sorted({one.case for one in made})
    ]
    cases = [summed.case(of_case, present) for of_case in fits]
    stated = fits[: len(plan.file.coverage.shares)]
    losses = {dropped: summed.loss(results[task.key], present) for dropped, task in less.items()}
    new = plan.file.list
    return PlanRecord(
        schema_version=SCHEMA_VERSION,
        darkfigure=versions()["darkfigure"],
        study=study.name,
        study_title=LabelRecord(en=study.title, nl=study.title_nl),
        kind=study.table_kind,
        title=LabelRecord(en=plan.file.title, nl=plan.file.title_nl),
        new_list=LabelRecord(en=new.label or new.name, nl=new.label_nl or new.label or new.name),
        language=language or study.language,
        priors=name,
        method=planner.method.name,
        pooled=list(planner.pool),
        years=planner.divisor,
        simulations=simulations,
        seed=seed,
        odds_ratios=dict(plan.file.dependence),
        false_positives=plan.file.false_positives.share if plan.file.false_positives else 0.0,
        groups=summed.groups(stated, present),
        cases=cases,
        losses={dropped: loss for dropped, loss in losses.items() if loss is not None},
        failed=sum(FAILED in result for result in results.values()),
        notes=summed.notes(cases),
    )
