"""Choosing log-linear models beside the R packages: fitting all of them, and intervals that make the choice again."""

from __future__ import annotations

import statistics
import time

import numpy as np

from estimator.methods.complete import complete_counts
from estimator.methods.selection.bca import limits
from estimator.methods.selection.choosing import Rule, chosen_model, ranked_models
from estimator.methods.selection.machine import machine_code
from estimator.study.study import read_study

REPEATS = 3
# On another day on a like machine (2 cores, one used, R 4.2.2, 23 November 2026): seconds of the computing call.
# MultipleSystemsEstimation 1.2.0, of SparseMSE 2.0.1 the last; replicates that were asked of it, 0 for the fits alone.
THEIRS = {
    "uk-2013-5lists": [
        ({}, 0, 2.6),
        ({}, 100, 17.0),
        ({"search": "downhill"}, 100, 10.9),
        ({"search": "stepwise"}, 100, 5.8),
    ],
    "nl-2010-2015": [({}, 0, 112.0), ({"search": "stepwise"}, 100, 18.0)],
}
MANY = 1000


def selection_lines() -> list[str]:
    """Measure, on one core and on two, and return what is found as lines of text."""
    machine_code()
    lines = [
        f"{'selection':<16} {'search':<9} {'replicates':>10} {'1 core':>7} {'2 cores':>8} {'N (95 %)':>26}"
        "  R, quoted: seconds; ratio"
    ]
    for study, jobs in THEIRS.items():
        table = read_study(study).table
        counts = complete_counts(table).sum(axis=0).astype(float)
        counts[0] = 0
        for how, replicates, theirs in jobs:
            for asked in (replicates, MANY) if replicates else (0,):
                one, said = _timed(counts, how, asked, 1)
                two, _ = _timed(counts, how, asked, 2)
                quoted = f"{theirs:g}; {theirs / one:.0f}" if asked == replicates else ""
                search = how.get("search", "all")
                lines.append(f"{study:<16} {search:<9} {asked:>10,} {one:>7.2f} {two:>8.2f} {said:>26}  {quoted}")
    return lines


def _timed(counts: np.ndarray, how: dict[str, str], replicates: int, cores: int) -> tuple[float, str]:
    """Return seconds, the median of some runs, and what is estimated."""
    times, said, n = [], "", counts.sum()
    rule = Rule(**how, replicates=max(replicates, 1), cores=cores)  # type: ignore[arg-type]
    for seed in range(REPEATS):
        began = time.perf_counter()
        ranked = ranked_models(counts, rule)
        if replicates:
            made = chosen_model(counts, ranked, rule, np.random.default_rng(seed))
        times.append(time.perf_counter() - began)
        said = f"{n + ranked.unseen[0]:,.0f}"
        if replicates:
            lower, upper = n + limits(made.replicates, made.correction, np.array([0.025, 0.975]))
            said = f"{said} ({lower:,.0f}-{upper:,.0f})"
    return statistics.median(times), said
