"""Judge coverage that follows from the dark figure, by the rule in docs/evidence.md, and write docs/coverage-form.md.

    python -m evidence.make_coverage --tables FOLDER [--work FOLDER] [--workers N]

FOLDER as for `evidence.make_evidence`. `--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from estimator.calibration.held_out_fits import Source, held_out_of
from estimator.capture.table import CaptureTable
from estimator.fits.scores import QUANTILES, Judged
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.prior_view import view_prior
from estimator.methods.loglinear.refit import refit
from estimator.methods.shape import counted, plain_shape
from estimator.study.priors import read_priors
from estimator.study.questions import TOTAL, ModelSettings
from estimator.study.study import read_study
from estimator.work.outcomes import Task
from evidence.coverage_text import FORMS, Compared, SaidBefore, report_of
from evidence.judges import NUMBERS, people_by_history
from evidence.learning_fits import BASE
from evidence.make_evidence import ROOT
from evidence.make_second import all_tables, changes_of_fold, folds_of_first
from evidence.meta_analysis import ListOfTable, lists_of
from evidence.running import identity_of, options_of, runner

STUDY, STATEMENTS = "nl-2010-2015", ("[-2, 1.5]", "[-3, 3]")
_NARROW = "nl-2017"
_SEED = 1
_PRIOR_DRAWS = 100_000


@dataclass(frozen=True)
class CoverageFit:
    """A fit of a table whose people are known, residual dependence included.

    Parameters
    ----------
    source : Source or None
        A table of which a list is held out; None for a simulated one.
    what : str
        The list, or the scenario.
    number : int
        Of the simulated table.
    """

    source: Source | None
    what: str
    number: int
    priors: str
    overrides: Mapping[str, str] = field(default_factory=dict)

    def task(self, key: str) -> Task:
        """Return it as a task whose result is that of `fit_known`."""
        return Task(key, "evidence.make_coverage:fit_known", asdict(self))


def fit_known(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a table whose people are known.

    Parameters
    ----------
    payload : mapping
        The fields of `CoverageFit`.

    Returns
    -------
    dict
        ``size`` of the population, and ``quantiles`` of what is estimated of it.
    """
    source = payload["source"]
    fit = CoverageFit(**{**payload, "source": None if source is None else Source(**source)})
    table, model, size = _known(fit)
    posterior = refit(table, model, read_priors(fit.priors, dict(fit.overrides)), seed=_SEED)
    people = population_draws(posterior, _SEED).size.sum(axis=-1)
    return {"size": size, "quantiles": [float(value) for value in np.quantile(people, QUANTILES)]}


def judged_fit(table: str, fit: Mapping[str, Any]) -> Judged:
    """Return the result of `fit_known` as an estimate for a table beside its size."""
    return Judged(table, float(fit["size"]), dict(zip(QUANTILES, fit["quantiles"], strict=True)))


def _known(fit: CoverageFit) -> tuple[CaptureTable, ModelSettings, int]:
    """Return the table, the terms of its model, and how many people there are."""
    if fit.source is not None:
        held, model = held_out_of(fit.source, fit.what)
        return held.table, model, held.size
    people = people_by_history(fit.what, fit.number)
    shape = plain_shape(int(np.log2(len(people))))
    return counted(shape.table, people[None]), shape.model, int(people.sum())


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge and write."""
    options = options_of(arguments, __doc__)
    tables = all_tables(options.tables)
    lists, _ = lists_of(tables)
    tasks = [*_held_out(lists), *_simulated()]
    files = {table.name: table.file for table in tables}
    results = runner(options, identity_of("coverage-form", files, [BASE, _NARROW]))(tasks)
    compared = [_compared(form, lists, results) for form in (*FORMS, _NARROW)]
    report = report_of(tables, lists, compared, said_before(), medians_of_study())
    (ROOT / "docs" / "coverage-form.md").write_text(report, "utf-8")


def _of(form: str) -> tuple[str, dict[str, str]]:
    """Return the prior file of a form of coverage, and its changes."""
    return (form, {}) if form == _NARROW else (BASE, {"coverage.form": f'"{form}"'})


def _held_out(lists: Sequence[ListOfTable]) -> list[Task]:
    """Return the fits of held-out lists, learned without their family where `evidence` was learned from it."""
    folds = {family: changes_of_fold(fold) for family, fold in folds_of_first().items()}
    return [
        CoverageFit(held.table.source, held.list, 0, BASE, folds.get(held.table.family, {}) | _of(form)[1]).task(
            f"{form}, {held.key}"
        )
        for form in FORMS
        for held in lists
    ]


def _simulated() -> list[Task]:
    """Return the fits of simulated populations."""
    return [
        CoverageFit(None, scenario, number, *_of(form)).task(f"{form}, {scenario} {number}")
        for form in (*FORMS, _NARROW)
        for scenario, tables in NUMBERS.items()
        for number in range(tables)
    ]


def _compared(form: str, lists: Sequence[ListOfTable], results: Mapping[str, Mapping[str, Any]]) -> Compared:
    held_out = (
        [] if form == _NARROW else [judged_fit(held.table.name, results[f"{form}, {held.key}"]) for held in lists]
    )
    simulated = {
        scenario: tuple(judged_fit(str(number), results[f"{form}, {scenario} {number}"]) for number in range(tables))
        for scenario, tables in NUMBERS.items()
    }
    return Compared(form, tuple(held_out), simulated)


def said_before() -> list[SaidBefore]:
    """Return what is stated of the dark figure, and what all priors together say of it, before the overlaps."""
    study, found = read_study(STUDY), []
    for name in (BASE, "moderate"):
        for form in FORMS:
            priors = read_priors(name, {"coverage.form": f'"{form}"'})
            stated = priors.dark_figure.ratio_to_registered
            draws = view_prior(study, priors, _PRIOR_DRAWS, _SEED).groups[TOTAL].draws
            coverage = draws["expected_coverage"]
            ratio = (1 - coverage) / np.maximum(coverage, 1e-300)
            found.append(SaidBefore(name, form, stated.mu, stated.sigma, tuple(np.quantile(ratio, QUANTILES).tolist())))
    return found


def medians_of_study() -> dict[str, dict[str, float]]:
    """Return medians of a study under two statements on odds, by form of coverage."""
    study = read_study(STUDY)
    return {
        form: {
            odds: float(
                np.median(
                    population_draws(
                        refit(
                            study.table,
                            study.model,
                            read_priors("moderate", {"coverage.form": f'"{form}"', "coverage.odds.log_normal": odds}),
                            seed=_SEED,
                        ),
                        _SEED,
                    ).size.sum(axis=-1)
                )
            )
            for odds in STATEMENTS
        }
        for form in FORMS
    }


if __name__ == "__main__":
    main()
