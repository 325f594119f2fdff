"""What one more list would bring: widths of intervals over populations that are believed possible now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from estimator.calibration.at_scale import Running
from estimator.errors import NotEstimableError
from estimator.fits.fewer_lists import study_without
from estimator.methods.door import AGREED, QUICK, RefitRequest
from estimator.methods.registry import cannot_refit, chosen_method
from estimator.methods.shape import counted
from estimator.planning.plan import Plan, survey_of
from estimator.planning.record import (
    CaseRecord,
    GroupPlanRecord,
    HalvingRecord,
    LossRecord,
    PlanRecord,
    WidthRecord,
)
from estimator.planning.simulating import (
    Bools,
    Floats,
    Ints,
    added_up,
    fit_of,
    on_new_list,
    people_in_cells,
    present_shape,
    shape_with,
)
from estimator.population.groups import headline_years
from estimator.population.sampling import refuse_if_not_estimable
from estimator.reasons import Reason
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

_PRESENT = "present"
_AGAIN = 1000


@dataclass(frozen=True, eq=False)
class _Simulated:
    """One population with the new list: how it was made, and its truth."""

    case: int
    key: str
    entries: int
    share: float
    truth: Mapping[str, int]


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

    def fit(self, key: str, people: Ints, shape: Any = None) -> Task:
        """Return one fit as a task; its key says what goes into it, so that results are found again."""
        seed = seed_of(self.seed, "plan-fit", _number(key))
        way = (self.method.name, self.options)
        payload = fit_of(shape or self.shape, people, self.record_of_priors, way, seed)
        known = payload | {"priors": without_words(payload["priors"])}
        digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
        return Task(f"{key} {digest}", "estimator.planning.simulating:fit_one", payload)

    def present(self) -> tuple[Ints, Ints]:
        """Return the registered people in cells, and the draws of the unseen, shape (draw, S), of the present table."""
        table = self.plan.study.only_table
        cells = added_up(people_in_cells(table, stream(self.seed, "plan-cells")), table, self.pool)
        settings = replace(QUICK, seed=seed_of(self.seed, "plan-fit", _number(_PRESENT)))
        request = RefitRequest(counted(self.shape.table, cells), self.shape.model, self.priors, self.options, settings)
        unseen = self.method.refit(request).population.unseen
        return cells, unseen.reshape(-1, unseen.shape[-1])

    def simulated(self, survey: SurveyRecord | None) -> tuple[list[Task], list[_Simulated]]:
        """Return the fits of all cases, a population of each in turn, and how each population was made."""
        file = self.plan.file
        cells, unseen = self.present()
        odds_ratios = np.array([file.dependence.get(name, 1.0) for name in self.shape.table.lists])
        false = file.false_positives.share if file.false_positives else 0.0
        tasks, made = [], []
        for number in range(self.simulations):
            rng = stream(self.seed, "plan", number)
            everybody = cells.copy()
            everybody[:, 0] = unseen[rng.integers(len(unseen))]
            truth = {name: int(everybody[at].sum()) for name, at in self.shape.groups.items()}
            shares = [*file.coverage.shares, *([self._share_of_survey(survey, rng)] if survey else [])]
            for case, share in enumerate(shares):
                people, entries = on_new_list(everybody, share, odds_ratios, self.covered, false, rng)
                task = self.fit(f"case {case}; {number}", people, self.wider)
                tasks.append(task)
                made.append(_Simulated(case, task.key, entries, share, truth))
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
    table = study.only_table
    cells = added_up(people_in_cells(table, stream(seed, "plan-cells")), table, planner.pool)
    now = planner.fit(_PRESENT, cells)
    less = {dropped: _without(planner, dropped, cells) for dropped in plan.file.drop}
    results = run_tasks(
        [now, *less.values(), *tasks],
        folder=None if running.folder is None else running.folder / "plan",
        identity={"draws": QUICK.draws, "warmup": QUICK.warmup, "chains": QUICK.chains, "versions": versions()},
        workers=running.workers,
        cluster=running.cluster,
        progress=running.progress,
    )
    if FAILED in results[now.key] or results[now.key]["quantiles"] is None:
        raise NotEstimableError([Reason("plan-no-present")])
    return _summed_up(planner, name, results, now, less, made, language)


def _without(planner: _Planner, dropped: str, cells: Ints) -> Task:
    """Return the fit of the present table without a list."""
    table = counted(planner.shape.table, cells)
    fewer = study_without(replace(planner.plan.study, table=table, model=planner.shape.model), dropped)
    shape = present_shape(fewer.only_table, planner.shape.groups, fewer.model, ())
    people = people_in_cells(fewer.only_table, stream(planner.seed, "plan-cells"))
    return planner.fit(f"without {dropped}", people, shape)


def _summed_up(
    planner: _Planner,
    priors: str,
    results: Mapping[str, Mapping[str, Any]],
    now: Task,
    less: Mapping[str, Task],
    made: Sequence[_Simulated],
    language: str | None,
) -> PlanRecord:
    plan, study = planner.plan, planner.plan.study
    quantiles = results[now.key]["quantiles"]
    present = {name: np.array(quantiles[name]) / planner.divisor for name in planner.shape.groups}
    widths = {name: float(found[2] - found[0]) for name, found in present.items()}
    n_cases = max(one.case for one in made) + 1
    fits = [[(one, results[one.key]) for one in made if one.case == case] for case in range(n_cases)]
    cases = [_case(of_case, widths, planner, case) for case, of_case in enumerate(fits)]
    stated = fits[: len(plan.file.coverage.shares)]
    groups = {
        name: GroupPlanRecord(
            label=LabelRecord(en=study.groups[name].label.en, nl=study.groups[name].label.nl),
            lower=float(found[0]),
            median=float(found[1]),
            upper=float(found[2]),
            halving=_halving(stated, name, widths[name], planner),
        )
        for name, found in present.items()
    }
    losses = {
        dropped: _loss(results[task.key], widths, planner.divisor)
        for dropped, task in less.items()
        if FAILED not in results[task.key] and results[task.key]["quantiles"] is not None
    }
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
        priors=priors,
        method=planner.method.name,
        pooled=list(planner.pool),
        years=planner.divisor,
        simulations=planner.simulations,
        seed=planner.seed,
        odds_ratios=dict(plan.file.dependence),
        false_positives=plan.file.false_positives.share if plan.file.false_positives else 0.0,
        groups=groups,
        cases=cases,
        losses=losses,
        failed=sum(FAILED in result for result in results.values()),
        notes=_notes(planner, cases),
    )


Fits = Sequence[tuple[_Simulated, Mapping[str, Any]]]


def _answered(fits: Fits) -> list[tuple[_Simulated, Mapping[str, Any]]]:
    return [(one, found) for one, found in fits if FAILED not in found and found["quantiles"] is not None]


def _width_of(fits: Fits, name: str, divisor: int) -> Floats:
    limits = np.array([found["quantiles"][name] for _, found in fits])
    widths: Floats = (limits[:, 2] - limits[:, 0]) / divisor
    return widths


def _case(fits: Fits, present: Mapping[str, float], planner: _Planner, case: int) -> CaseRecord:
    """Sum up the populations of one case."""
    answered = _answered(fits)
    groups = {}
    for name, now in present.items() if answered else ():
        widths = _width_of(answered, name, planner.divisor)
        error = float(widths.std(ddof=1) / np.sqrt(len(widths))) if len(widths) > 1 else 0.0
        held = sum(
            found["quantiles"][name][0] <= one.truth[name] <= found["quantiles"][name][2] for one, found in answered
        )
        mean = float(widths.mean())
        groups[name] = WidthRecord(
            width=mean,
            error=error,
            ratio=mean / now if now else 1.0,
            ratio_error=error / now if now else 0.0,
            held=held,
        )
    return CaseRecord(
        kind="share" if case < len(planner.plan.file.coverage.shares) else "survey",
        share=float(np.mean([one.share for one, _ in fits])),
        entries=float(np.mean([one.entries for one, _ in fits])),
        simulations=len(answered),
        doubtful=sum(found["rhat"] > AGREED for _, found in answered),
        groups=groups,
    )


def _halving(cases: Sequence[Fits], name: str, present: float, planner: _Planner) -> HalvingRecord:
    """Return how many entries halve an interval, on the line between cases, and its error."""
    points = [
        (np.array([one.entries for one, _ in fits], float), _width_of(fits, name, planner.divisor))
        for fits in map(_answered, cases)
        if fits
    ]
    found = _crossing([(entries.mean(), widths.mean()) for entries, widths in points], present)
    rng = stream(planner.seed, "plan-again")
    again = []
    for _ in range(_AGAIN):
        means = []
        for entries, widths in points:
            chosen = rng.integers(len(widths), size=len(widths))
            means.append((entries[chosen].mean(), widths[chosen].mean()))
        crossed = _crossing(means, present)
        again.append(np.inf if crossed is None else crossed)
    lower, upper = np.quantile(again, [0.05, 0.95], method="inverted_cdf")
    return HalvingRecord(
        entries=found,
        lower=float(lower) if np.isfinite(lower) else None,
        upper=float(upper) if np.isfinite(upper) else None,
    )


def _crossing(points: Sequence[tuple[float, float]], present: float) -> float | None:
    """Return where a line through (0, present) and the points first reaches half of `present`."""
    before = (0.0, present)
    for point in points:
        if point[1] <= present / 2:
            fall = (before[1] - present / 2) / (before[1] - point[1])
            return float(before[0] + fall * (point[0] - before[0]))
        before = (float(point[0]), float(point[1]))
    return None


def _loss(result: Mapping[str, Any], present: Mapping[str, float], divisor: int) -> LossRecord:
    quantiles = {name: np.array(found) / divisor for name, found in result["quantiles"].items()}
    with_width = {name: found for name, found in quantiles.items() if present[name]}
    return LossRecord(
        ratios={name: float((found[2] - found[0]) / present[name]) for name, found in with_width.items()},
        medians={name: float(found[1]) for name, found in quantiles.items()},
    )


def _notes(planner: _Planner, cases: Sequence[CaseRecord]) -> list[Reason]:
    """Return what a reader must know of how it was made."""
    study = planner.plan.study
    notes = [Reason("plan-as-believed-now", priors=study.model.priors)]
    if planner.pool:
        notes.append(Reason("plan-added-up", covariates=planner.pool))
    gone = tuple(name for name, group in study.groups.items() if {*group.where} & {*planner.pool})
    if gone:
        notes.append(Reason("plan-groups-gone", groups=gone))
    lengths = np.diff(study.only_table.cover_start)
    if (lengths > 1).any() or (study.only_table.lower != study.only_table.upper).any():
        notes.append(Reason("plan-placed"))
    missed = [case for case in cases for found in case.groups.values() if found.held < 0.8 * case.simulations]
    if missed and cases[0].simulations >= 10:
        notes.append(Reason("plan-intervals-miss"))
    return notes
