"""Refits a second: simulate a table, fit it, rank the truth, as simulation-based calibration does by the thousand."""

from __future__ import annotations

import time

from estimator.calibration.sbc import simulation_task
from estimator.calibration.shapes import shape_of
from estimator.study.priors import read_priors
from estimator.study.study import read_study
from estimator.work.tasks import run_tasks

REFITS = 60
_BEFORE = 6  # done before the clock starts: every process has loaded the compiled model by then
STUDIES = {"pooled, five lists": "nl-2010-2015-5lists", "8 strata x 4 lists": "scotland-pwid-2006"}
TARGET = 2.0  # a second, pooled, after one compilation


def refits_per_second(study: str, processes: int) -> float:
    """Return how many refits of tables in the shape of a study are done a second, loading left out.

    Parameters
    ----------
    study : str
        Name of a shipped study.
    processes : int

    Returns
    -------
    float
    """
    shape, priors = shape_of(read_study(study)), read_priors("moderate")
    tasks = [simulation_task(f"refit {seed}", shape, priors, seed) for seed in range(REFITS + _BEFORE)]
    began = [0.0]

    def watch(done: int, total: int) -> None:
        if done == _BEFORE:
            began[0] = time.perf_counter()

    run_tasks(tasks, folder=None, identity={}, workers=processes, progress=watch)
    return REFITS / (time.perf_counter() - began[0])


def refit_lines() -> list[str]:
    """Measure with one process and with two, and return what is found as lines of text."""
    lines = [f"{'refits a second':<30} {'one process':>12} {'two':>8}  target (pooled): >= {TARGET:g}"]
    for words, study in STUDIES.items():
        one, two = (refits_per_second(study, processes) for processes in (1, 2))
        lines.append(f"{words:<30} {one:>12.1f} {two:>8.1f}")
    return lines
