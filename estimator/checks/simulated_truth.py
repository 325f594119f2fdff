"""Whether the method gives back the truth in tables of this study's size: as it assumes them, and otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from estimator.checks.cases import Case, Fitted, fit_cases, seconds_of_refit
from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding
from estimator.checks.simulated_drawing import draw_simulated
from estimator.checks.simulated_scenario import DEPENDENT, OWN, UNEQUAL, Scenario, verdict_of
from estimator.checks.simulated_tables import Simulated, dependent_cells, own_cells, simulated, unequal_cells
from estimator.checks.simulated_wording import reason_of, sentences_of
from estimator.checks.subject import Subject
from estimator.fits.fewer_lists import why_not
from estimator.fits.refit import QUICK, with_table
from estimator.fits.scores import LEVELS, Judged, score_of
from estimator.methods.door import Listener
from estimator.population.groups import headline_groups
from estimator.runs.provenance import versions
from estimator.seeds import STREAMS, seed_of
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import TOTAL
from estimator.study.shipped import EVIDENCE
from estimator.words.numbers import count

NAME = "simulated-truth"
TITLE = "Does the method give back a truth that is known?"

_SIMULATIONS = ((8, 40), (32, 20))
_FEWEST = 8
"""So many simulations of each kind up to so many strata; beyond, the last number."""


def simulated_truth(
    subject: Subject,
    *,
    simulations: int | None = None,
    seed: int | None = None,
    workers: int = 2,
    folder: Path | None = None,
    evidence: Priors | None = None,
    listener: Listener | None = None,
) -> Finding:
    """Fit the study's own model and priors to tables of its size whose truth is known.

    Parameters
    ----------
    simulations : int, optional
        Of each kind; by default 40 for a table of few strata, fewer for larger ones.
    seed : int, optional
        By default that of the estimate.
    folder : Path, optional
        Where fits are kept, so that a check that breaks off is taken up again.
    evidence : Priors, optional
        From which dependence is drawn; by default the shipped priors of that name.

    Returns
    -------
    Finding
        Parameters are draws of the estimate, so that tables look like the study's. In the second kind of tables log
        odds ratios and residual dependence come from the evidence prior instead, and in the third people differ in
        capturability; in both, population and list sizes stay those of the draw.
    """
    number = simulations or default_simulations(subject.study.table.n_strata)
    seed = subject.seed if seed is None else seed
    tables = _tables(subject, number, seed, evidence or read_priors(EVIDENCE))
    cases = _cases(subject, tables, seed)
    if listener is not None:
        listener.stage(f"Fitting {count(len(cases))} simulated tables")
    found = fit_cases(
        cases,
        workers=workers,
        seconds=seconds_of_refit(subject.posterior),
        folder=folder,
        identity=_identity(subject, seed, number),
        listener=listener,
    )
    return _finding([_scenario(subject, name, some, found) for name, some in tables.items()])


def default_simulations(n_strata: int) -> int:
    """Return how many tables of each kind are simulated for a study of so many strata."""
    return next((number for most, number in _SIMULATIONS if n_strata <= most), _FEWEST)


def _tables(subject: Subject, number: int, seed: int, evidence: Priors) -> dict[str, list[Simulated]]:
    """Return the simulated tables of every kind."""
    design, table = subject.posterior.design, subject.study.table
    base = own_cells(subject.posterior, number, seed)
    kinds = {
        OWN: base,
        DEPENDENT: dependent_cells(base, subject.study, evidence, seed),
        UNEQUAL: unequal_cells(base, design),
    }
    return {
        name: [
            simulated(table, design, one, seed_of(seed, STREAMS["simulated-table"] + k, i))
            for i, one in enumerate(cells)
        ]
        for k, (name, cells) in enumerate(kinds.items())
    }


def _key(name: str, i: int) -> str:
    return f"{name} {i}"


def _cases(subject: Subject, tables: Mapping[str, Sequence[Simulated]], seed: int) -> list[Case]:
    """Return the refits, of those tables from which anything can be estimated."""
    return [
        Case(
            _key(name, i),
            study,
            subject.priors,
            replace(QUICK, seed=seed_of(seed, STREAMS["refit-of-simulated"] + k, i)),
        )
        for k, (name, some) in enumerate(tables.items())
        for i, one in enumerate(some)
        for study in [with_table(subject.study, one.table)]
        if not why_not(study)
    ]


def _identity(subject: Subject, seed: int, number: int) -> dict[str, Any]:
    """Return what the results depend on."""
    table, position = subject.study.table, subject.posterior.draws.unconstrained
    arrays = (table.lower, table.upper, table.cover_start, table.cover_cell, table.possible, position)
    return {
        "method": NAME,
        "draws and table": sha256(b"".join(array.tobytes() for array in arrays)).hexdigest(),
        "priors": sha256(subject.priors.model_dump_json().encode()).hexdigest(),
        "model": repr(subject.study.model),
        "seed": seed,
        "simulations": number,
        "versions": versions(),
    }


def _scenario(subject: Subject, name: str, tables: Sequence[Simulated], found: Mapping[str, Fitted | str]) -> Scenario:
    judged: dict[str, list[Judged]] = {group: [] for group in subject.groups}
    failed = 0
    for i, one in enumerate(tables):
        result = found.get(_key(name, i), "")
        if isinstance(result, str):
            failed += 1
            continue
        truth = headline_groups(with_table(subject.study, one.table), one.truth)
        for group, draws in truth.items():
            persons, quantiles = float(draws.size[0, 0]), result.groups[group].size
            if persons > 0 and min(quantiles.values()) > 0:
                judged[group].append(Judged(str(i), persons, quantiles))
    return Scenario(name, {group: tuple(some) for group, some in judged.items()}, failed)


def _finding(scenarios: Sequence[Scenario]) -> Finding:
    done = [scenario for scenario in scenarios if scenario.judged[TOTAL]]
    if not done:
        message = ("No simulated table could be fitted: nothing can be said of how the method does on such tables.",)
        return Finding(NAME, TITLE, CAUTION, message, done=False)
    verdict = max((verdict_of(scenario) for scenario in done), key=(SOUND, CAUTION, FAILS).index)
    return Finding(
        check=NAME,
        title=TITLE,
        verdict=verdict,
        sentences=sentences_of(done, sum(scenario.failed for scenario in scenarios)),
        numbers={scenario.name: _numbers(scenario) for scenario in scenarios},
        reasons=tuple(reason_of(scenario) for scenario in done if verdict_of(scenario) == FAILS),
        draw=partial(draw_simulated, scenarios=[(one.name, one.judged[TOTAL]) for one in done]),
        alternative="95 % intervals of the total over the truth, one for each simulated table, by kind of table.",
    )


def _numbers(scenario: Scenario) -> dict[str, Any]:
    return {
        "failed": scenario.failed,
        "groups": {group: _group_numbers(scenario, group) for group, judged in scenario.judged.items() if judged},
    }


def _group_numbers(scenario: Scenario, group: str) -> dict[str, Any]:
    score = score_of(scenario.judged[group])
    return {
        "coverage": {f"{level:g}": _coverage(scenario, level, group) for level in LEVELS},
        "width_of_log": score.width,
        "bias_of_log_median": score.bias,
        "error_of_log_median": score.error,
        "interval_score": score.interval_score,
        "simulations": [
            {"truth": one.truth, "median": one.quantiles[0.5], "interval": list(one.limits(0.95))}
            for one in scenario.judged[group]
        ]
        if group == TOTAL
        else [],
    }


def _coverage(scenario: Scenario, level: float, group: str) -> dict[str, Any]:
    inside, number = scenario.inside(level, group)
    lower, upper = scenario.limits(level, group)
    return {"inside": inside, "of": number, "lower": lower, "upper": upper}
