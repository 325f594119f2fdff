"""Calibration at scale: thousands of fits to tables whose truth is known, done once each and kept in a folder.

`calibrate_sbc` asks whether the computation is right, `calibrate_grid` how good intervals are under each set of priors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

from estimator.calibration.grid import GridReport, fit_task
from estimator.calibration.sbc import RANKED_AMONG, SAMPLER, simulation_task
from estimator.calibration.sbc_report import SbcReport, SbcResult
from estimator.calibration.scenarios import Scenario
from estimator.calibration.shapes import shape_of
from estimator.methods.door import QUICK
from estimator.methods.registry import (
    DEFAULT_METHOD,
    cannot_refit,
    cannot_simulate,
    chosen_method,
    chosen_options,
    method_named,
    no_priors,
)
from estimator.population.beside import NO_PRIORS, distinct_names
from estimator.runs.provenance import versions
from estimator.seeds import seed_of
from estimator.study.priors import Priors, read_priors
from estimator.study.recorded_priors import without_words
from estimator.study.shipped import EVIDENCE, shipped_priors
from estimator.study.study import Study, read_study
from estimator.work.outcomes import FAILED, Task
from estimator.work.tasks import Result, run_tasks

SIMULATIONS = 500
"""Simulations of SBC unless another number is asked for."""

TABLES = 100
"""Tables of each scenario of the grid unless another number is asked for."""

_PRIORS = ("priors", "evidence")
"""Entries of a task's payload that are records of priors, or the name of some."""


@dataclass(frozen=True)
class Running:
    """How fits are done; nothing in it changes a result.

    Parameters
    ----------
    folder : Path or None
        Where results are kept and found again.
    workers : int
        Processes.
    cluster : str or None
        Address of a Dask scheduler, in place of processes.
    progress : callable or None
        Called with the numbers of fits done and of all.
    """

    folder: Path | None = None
    workers: int = 2
    cluster: str | None = None
    progress: Callable[[int, int], None] | None = None


def calibrate_sbc(
    study: Study | str | Path,
    priors: Sequence[Priors | str | Path] = (),
    *,
    method: str | None = None,
    options: Mapping[str, str] | None = None,
    simulations: int = SIMULATIONS,
    seed: int = 1,
    running: Running | None = None,
) -> SbcReport:
    """Check by simulation that posteriors of a study's model are computed rightly.

    Parameters
    ----------
    study : Study, str or Path
        Whose lists, covariates and terms are used; of its counts only how many people are registered.
    priors : sequence of Priors, str or Path
        One or more sets; by default those that the study names.
    method : str, optional
        Whose computation is checked; by default that of the study.
    options : mapping of str to str, optional
        Choices of the method, in place of those of the study.
    simulations : int
        Of each set. More of them later go on from those that are kept.

    Raises
    ------
    InputError
        When study or priors are at fault, the method simulates nothing, or results cannot be kept.
    """
    study = study if isinstance(study, Study) else read_study(study)
    way, _ = chosen_method(study.model, method, options)
    if not way.abilities.simulates:
        raise cannot_simulate(way)
    sets = named_priors(priors or [study.model.priors])
    for some_priors in sets.values():
        some_priors.check_against(study.declaration.lists, study.model)
    shape = shape_of(study)
    tasks = {
        name: [
            with_key(
                f"{name} {number}", simulation_task("new", shape, some_priors, _seed(seed, "sbc", number), way.name)
            )
            for number in range(simulations)
        ]
        for name, some_priors in sets.items()
    }
    settings = {"ranked_among": RANKED_AMONG, "draws": SAMPLER.draws, "warmup": SAMPLER.warmup}
    done = _run([task for of_set in tasks.values() for task in of_set], "sbc", settings, running)
    results = [SbcResult(name, _done(of_set, done), _failed(of_set, done)) for name, of_set in tasks.items()]
    return SbcReport(study.name, study.title, tuple(results))


def calibrate_grid(
    scenarios: Sequence[Scenario],
    priors: Sequence[Priors | str | Path] = (),
    *,
    method: str = DEFAULT_METHOD,
    options: Mapping[str, str] | None = None,
    tables: int = TABLES,
    seed: int = 1,
    running: Running | None = None,
) -> GridReport:
    """Hold the intervals of every set of priors against populations of known size.

    Parameters
    ----------
    priors : sequence of Priors, str or Path
        By default all that ship with the tool, and none for a method that takes none.
    options : mapping of str to str, optional
        Choices of the method; the others are its defaults.
    tables : int
        Of each scenario; every set of priors gets the same ones.

    Raises
    ------
    InputError
        When priors are at fault, the method cannot be tried so, or results cannot be kept.
    """
    way = method_named(method)
    choices = chosen_options(way, options or {})
    if not way.abilities.refits:
        raise cannot_refit(way)
    if not way.abilities.priors and priors:
        raise no_priors(way)
    sets = named_priors(priors or shipped_priors()) if way.abilities.priors else {NO_PRIORS: read_priors(EVIDENCE)}
    evidence = sets[EVIDENCE] if EVIDENCE in sets else read_priors(EVIDENCE)
    tasks: dict[tuple[str, str], list[Task]] = {}
    for case in scenarios:
        for name, some_priors in sets.items():
            fits = [
                fit_task("new", case, some_priors, _seed(seed, case.name, n), evidence, way.name, choices)
                for n in range(tables)
            ]
            tasks[case.name, name] = [with_key(f"{case.name}; {name}; {n}", fit) for n, fit in enumerate(fits)]
    # table by table, so that a run that breaks off has some tables of everything
    in_turn = [task for of_one_table in zip(*tasks.values(), strict=True) for task in of_one_table]
    settings = {"draws": QUICK.draws, "warmup": QUICK.warmup, "chains": QUICK.chains}
    done = _run(in_turn, "grid", settings, running)
    results = {which: _done(of_scenario, done) for which, of_scenario in tasks.items()}
    failed = {key: str(result[FAILED]) for key, result in done.items() if FAILED in result}
    return GridReport(tuple(scenarios), tuple(sets), results, failed)


def _done(tasks: Sequence[Task], results: Mapping[str, Result]) -> tuple[Any, ...]:
    """Return what came of the tasks that were done."""
    return tuple(results[task.key] for task in tasks if FAILED not in results[task.key])


def _failed(tasks: Sequence[Task], results: Mapping[str, Result]) -> tuple[str, ...]:
    """Return why the others were not."""
    return tuple(str(results[task.key][FAILED]) for task in tasks if FAILED in results[task.key])


def named_priors(references: Sequence[Priors | str | Path]) -> dict[str, Priors]:
    """Return sets of priors by names of their own, in the order given."""
    sets = [priors if isinstance(priors, Priors) else read_priors(priors) for priors in references]
    return dict(zip(distinct_names(sets), sets, strict=True))


def with_key(name: str, task: Task) -> Task:
    """Return a task with a key of its name and content: priors with other numbers make another task."""
    payload = {
        key: without_words(value) if key in _PRIORS and isinstance(value, Mapping) else value
        for key, value in task.payload.items()
    }
    content = json.dumps([task.function, payload], sort_keys=True)
    return Task(f"{name} [{sha256(content.encode()).hexdigest()[:16]}]", task.function, task.payload)


def _seed(seed: int, what: str, number: int) -> int:
    """Return the seed of one table, which follows from that of the run."""
    return seed_of(seed, crc32(what.encode()), number)


def _run(tasks: Sequence[Task], what: str, settings: Mapping[str, Any], running: Running | None) -> dict[str, Result]:
    """Do the tasks of one kind, kept in a folder of its own inside the run's."""
    running = running or Running()
    return run_tasks(
        tasks,
        folder=None if running.folder is None else running.folder / what,
        identity={"what": what, "settings": dict(settings), "versions": versions()},
        workers=running.workers,
        cluster=running.cluster,
        progress=running.progress,
    )
