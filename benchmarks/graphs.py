"""Averaging over decomposable graphs beside the package dga: the sum alone, as dga was measured, and its memory.

Memory is what is allocated at the most while summing (`tracemalloc`, which NumPy tells of its arrays), in a second
pass, because watching takes time.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable

from estimator.methods.complete import complete_counts
from estimator.methods.decomposable.dark_figure import DarkFigure, GraphModel, dark_figure
from estimator.methods.decomposable.graphs import decomposable_graphs
from estimator.study.study import read_study

REPEATS = 5
# dga 2.0.2 on another day on a like machine (2 cores, R 4.2.2, 23 November 2026): seconds, MB of the process
DGA = {
    "spina-bifida-1969": (0.002, None),
    "kosovo-1999": (0.07, None),
    "uk-2013-5lists": (3.8, 395),
    "nl-2010-2015-5lists": (13.9, 1300),
    "uk-2013": (None, None),
}


def summed(study: str) -> Callable[[], DarkFigure]:
    """Return what is measured: finding the graphs and adding them up, everybody of a study together."""
    table = read_study(study).table
    counts = complete_counts(table).sum(axis=0)

    def once() -> DarkFigure:
        decomposable_graphs.cache_clear()
        return dark_figure(GraphModel(counts, decomposable_graphs(table.n_lists), 1 / len(counts)))

    return once


def graph_lines() -> list[str]:
    """Measure every table, and return what is found as lines of text."""
    lines = [
        f"{'decomposable graphs':<22} {'lists':>5} {'seconds':>8} {'MB':>5} {'N':>8}  dga, quoted: seconds, MB; ratio"
    ]
    for study, (seconds, megabytes) in DGA.items():
        once, times = summed(study), []
        for _ in range(REPEATS):
            began = time.perf_counter()
            figure = once()
            times.append(time.perf_counter() - began)
        ours = statistics.median(times)
        tracemalloc.start()
        once()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        n = figure.model.registered + figure.quantile(0.5)
        theirs = "at most 5 lists" if seconds is None else f"{seconds:g}, {megabytes or '-'}; {seconds / ours:.1f}"
        lines.append(f"{study:<22} {figure.model.n_lists:>5} {ours:>8.3f} {peak:>5.0f} {n:>8,}  {theirs}")
    return lines
