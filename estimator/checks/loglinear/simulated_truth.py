"""Whether the method gives back the truth in tables of this study's size: as it assumes them, and otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from estimator.checks.finding import CAUTION, FAILS, VERDICTS, Finding
from estimator.checks.loglinear.cases import Case, Fitted, fit_cases, seconds_of_refit
from estimator.checks.loglinear.simulated_scenario import (
    DEPENDENT,
    OWN,
    UNEQUAL,
    Scenario,
    numbers_of,
    reason_of_scenario,
    statements_of,
    verdict_of,
)
from estimator.checks.loglinear.simulated_tables import Simulated, dependent_cells, own_cells, simulated, unequal_cells
from estimator.errors import NotEstimableError
from estimator.fits.fewer_lists import why_not
from estimator.fits.refit import with_table
from estimator.fits.scores import Judged
from estimator.methods.door import QUICK, Listener
from estimator.population.estimate import Estimate
from estimator.population.groups import headline_groups
from estimator.reasons import Reason
from estimator.runs.provenance import versions
from estimator.seeds import STREAMS, seed_of
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import TOTAL
from estimator.study.shipped import EVIDENCE

NAME = "simulated-truth"

_SIMULATIONS = ((8, 40), (32, 20))
_FEWEST = 8
"""Most strata, and simulations of each kind up to them; beyond, the last number."""


def simulated_truth(
    estimate: Estimate,
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
    if estimate.study.model.has_errors:
        raise NotEstimableError((Reason("no-simulation-with-register-errors"),))
    number = simulations or default_simulations(estimate.study.table.n_strata)
    seed = estimate.posterior.seed if seed is None else seed
    tables = _tables(estimate, number, seed, evidence or read_priors(EVIDENCE))
    cases = _cases(estimate, tables, seed)
    if listener is not None:
        listener.stage(Reason("doing-simulated-tables", number=len(cases)))
    fits = fit_cases(
        cases,
        workers=workers,
        seconds=seconds_of_refit(estimate.posterior.settings, estimate.posterior.seconds),
        folder=folder,
        identity=_identity(estimate, seed, number),
        listener=listener,
    )
    return _finding([_scenario(estimate, name, some, fits) for name, some in tables.items()])


def default_simulations(n_strata: int) -> int:
    """Return how many tables of each kind are simulated, by the number of strata of a study."""
    return next((number for most, number in _SIMULATIONS if n_strata <= most), _FEWEST)


def _tables(estimate: Estimate, number: int, seed: int, evidence: Priors) -> dict[str, list[Simulated]]:
    """Return the simulated tables of every kind."""
    design, table = estimate.posterior.details.design, estimate.study.table
    base = own_cells(estimate.posterior.details, number, seed)
    kinds = {
        OWN: base,
        DEPENDENT: dependent_cells(base, estimate.study, evidence, seed),
        UNEQUAL: unequal_cells(base, design),
    }
    return {
        name: [
            simulated(table, design, cell, seed_of(seed, STREAMS["simulated-table"] + k, i))
            for i, cell in enumerate(cells)
        ]
        for k, (name, cells) in enumerate(kinds.items())
    }


def _key(name: str, i: int) -> str:
    return f"{name} {i}"


def _cases(estimate: Estimate, tables: Mapping[str, Sequence[Simulated]], seed: int) -> list[Case]:
    """Return the refits, of those tables from which anything can be estimated."""
    return [
        Case(
            _key(name, i),
            study,
            estimate.priors,
            replace(QUICK, seed=seed_of(seed, STREAMS["refit-of-simulated"] + k, i)),
        )
        for k, (name, some) in enumerate(tables.items())
        for i, made in enumerate(some)
        for study in [with_table(estimate.study, made.table)]
        if not why_not(study)
    ]


def _identity(estimate: Estimate, seed: int, number: int) -> dict[str, Any]:
    """Return what the results depend on."""
    table, position = estimate.study.table, estimate.posterior.details.draws.unconstrained
    arrays = (table.lower, table.upper, table.cover_start, table.cover_cell, table.possible, position)
    return {
        "method": NAME,
        "draws and table": sha256(b"".join(array.tobytes() for array in arrays)).hexdigest(),
        "priors": sha256(estimate.priors.model_dump_json().encode()).hexdigest(),
        "model": repr(estimate.study.model),
        "seed": seed,
        "simulations": number,
        "versions": versions(),
    }


def _scenario(estimate: Estimate, name: str, tables: Sequence[Simulated], fits: Mapping[str, Fitted | str]) -> Scenario:
    judged: dict[str, list[Judged]] = {group: [] for group in estimate.group_draws}
    failed = 0
    for i, made in enumerate(tables):
        result = fits.get(_key(name, i), "")
        if isinstance(result, str):
            failed += 1
            continue
        truth = headline_groups(with_table(estimate.study, made.table), made.truth)
        for group, draws in truth.items():
            persons, quantiles = float(draws.size[0, 0]), result.groups[group].size
            if persons > 0 and min(quantiles.values()) > 0:
                judged[group].append(Judged(str(i), persons, quantiles))
    return Scenario(name, {group: tuple(some) for group, some in judged.items()}, failed)


def _finding(scenarios: Sequence[Scenario]) -> Finding:
    done = [scenario for scenario in scenarios if scenario.judged[TOTAL]]
    if not done:
        return Finding(NAME, CAUTION, (Reason("no-simulated-table-fitted"),), done=False)
    return Finding(
        check=NAME,
        verdict=max((verdict_of(scenario) for scenario in done), key=VERDICTS.index),
        statements=statements_of(done, sum(scenario.failed for scenario in scenarios)),
        numbers={scenario.name: numbers_of(scenario) for scenario in scenarios},
        reasons=tuple(reason_of_scenario(scenario) for scenario in done if verdict_of(scenario) == FAILS),
    )
