"""Ours beside the programs of others (`peers.toml`): the same job on the same table, seconds, memory, answers, ratio.

Ours are seconds of the processor on one core, so that other work on the machine does not count: theirs were measured on
a quiet one, with one thread. The memory of ours is what is allocated at most while computing (`tracemalloc`,
which NumPy tells of its arrays), in a second pass, because watching takes time; theirs is of the whole process, and the
last lines have that of a whole command of ours too.
"""

from __future__ import annotations

import platform
import statistics
import time
import tomllib
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.commands import run
from estimator.methods.complete import complete_counts
from estimator.methods.convergence import Convergence, IndependentDraws, assess
from estimator.methods.decomposable.dark_figure import GraphModel, dark_figure
from estimator.methods.decomposable.graphs import decomposable_graphs
from estimator.methods.door import SamplerSettings
from estimator.methods.latent_class.chain import machine_code as class_code
from estimator.methods.latent_class.sampling import ClassDraws, sample
from estimator.methods.selection.bca import limits
from estimator.methods.selection.choosing import Rule, chosen_model, ranked_models
from estimator.methods.selection.machine import machine_code as selection_code
from estimator.population.estimate import estimate
from estimator.population.thresholds import convergence_limits
from estimator.study.study import read_study

REPEATS = 5
PEERS = tomllib.loads((Path(__file__).parent / "peers.toml").read_text("utf-8"))
_TAILS = np.array([0.025, 0.975])
_NAMES = {
    "decomposable": "decomposable graphs",
    "all": "all models by BIC",
    "downhill": "downhill by BIC",
    "stepwise": "stepwise, p = 0.02",
    "latent-class": "latent classes",
    "covariates": "lists and covariates",
}


@dataclass(frozen=True)
class Ours:
    """What a job of ours took and said.

    Parameters
    ----------
    seconds : float
        Of the processor.
    megabytes, rhat, effective : float or None
        Allocated at most; largest R-hat; independent draws (the fewer of bulk and tail) a second.
    """

    seconds: float
    says: str
    megabytes: float | None = None
    rhat: float | None = None
    effective: float | None = None


def _counts(study: str) -> np.ndarray:
    counts = complete_counts(read_study(study).table).sum(axis=0).astype(float)
    counts[0] = 0
    return counts


def _timed(once: Callable[[int], str], repeats: int = REPEATS) -> Ours:
    """Return the median over some runs, each with a seed of its own, after one that does not count."""
    once(0)
    times, says = [], ""
    for seed in range(1, repeats + 1):
        began = time.process_time()
        says = once(seed)
        times.append(time.process_time() - began)
    return Ours(statistics.median(times), says)


def _decomposable(study: str, replicates: int) -> Ours:
    """Find the graphs and add them up, everybody together."""
    counts = _counts(study).astype(np.int64)
    lists = read_study(study).table.n_lists

    def once(_seed: int) -> str:
        decomposable_graphs.cache_clear()
        figure = dark_figure(GraphModel(counts, decomposable_graphs(lists), 1 / len(counts)))
        middle, lower, upper = (figure.model.registered + figure.quantile(at) for at in (0.5, 0.025, 0.975))
        return f"{middle:,} ({lower:,}-{upper:,})"

    taken = _timed(once)
    tracemalloc.start()
    once(0)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return replace(taken, megabytes=peak)


def _chosen(search: str) -> Callable[[str, int], Ours]:
    """Return what chooses a model, and again for bootstrap tables."""

    def measure(study: str, replicates: int) -> Ours:
        selection_code()
        counts = _counts(study)
        n, rule = counts.sum(), Rule(search=search, replicates=max(replicates, 1))

        def once(seed: int) -> str:
            ranked = ranked_models(counts, rule)
            if not replicates:
                return f"{n + ranked.unseen[0]:,.0f}"
            made = chosen_model(counts, ranked, rule, np.random.default_rng(seed))
            lower, upper = n + limits(made.replicates, made.correction, _TAILS)
            return f"{n + ranked.unseen[0]:,.0f} ({lower:,.0f}-{upper:,.0f})"

        return _timed(once, 1 if replicates > 100 else REPEATS)

    return measure


def _latent_class(study: str, replicates: int) -> Ours:
    """Sample as an estimate does, with looking for modes and fitting leaps, until chains agree."""
    class_code()
    counts, judged = complete_counts(read_study(study).table)[0], list[Convergence]()

    def good_enough(draws: ClassDraws) -> bool:
        judged.append(assess({"": draws.log_odds}, IndependentDraws(draws.log_odds.shape), convergence_limits()))
        return judged[-1].passed

    began = time.process_time()
    draws = sample(counts, 10, SamplerSettings(cores=1), 0, good_enough)
    seconds, found = time.process_time() - began, judged[-1]
    lower, middle, upper = counts.sum() + np.quantile(draws.unseen, [0.025, 0.5, 0.975])
    says = f"{middle:,.0f} ({lower:,.0f}-{upper:,.0f})"
    return Ours(seconds, says, None, found.rhat_max, min(found.ess_bulk_min, found.ess_tail_min) / seconds)


def _covariates(study: str, replicates: int) -> Ours:
    """Estimate by the log-linear model, reading and loading left out."""
    began = time.process_time()
    made = estimate(study, beside=(), sampler=SamplerSettings(cores=1))
    seconds, total = time.process_time() - began, made.total.N
    says = f"{total.median:,.0f} ({total.lower:,.0f}-{total.upper:,.0f})"
    effective = min(made.convergence.ess_bulk_min, made.convergence.ess_tail_min) / seconds
    return Ours(seconds, says, None, made.convergence.rhat_max, effective)


_JOBS: dict[str, Callable[[str, int], Ours]] = {
    "decomposable": _decomposable,
    **{search: _chosen(search) for search in ("all", "downhill", "stepwise")},
    "latent-class": _latent_class,
    "covariates": _covariates,
}


@cache
def _ours(job: str, study: str, replicates: int) -> Ours:
    """Measure a job once, whoever is beside it."""
    return _JOBS[job](study, replicates)


def peer_lines() -> list[str]:
    """Measure every job that a program of others was measured at, and return lines of text."""
    machine = f"{platform.machine()}, Python {platform.python_version()}, {datetime.now(tz=UTC):%d %B %Y}"
    lines = [
        f"Theirs, quoted: {PEERS['machine']}, {PEERS['date']:%d %B %Y}. Ours: {machine}, seconds of one core.",
        f"{'what, and by whom':<54} {'theirs':>7} {'ours':>7} {'ratio':>6} {'MB':>11}  N (95 %)",
    ]
    for quoted in PEERS["quoted"]:
        ours = _ours(quoted["job"], quoted["study"], quoted.get("replicates", 0))
        lines += _row(quoted, ours)
    return [*lines, *_whole_command(), *(_verdict(target) for target in PEERS["targets"])]


def _row(quoted: dict[str, Any], ours: Ours) -> list[str]:
    """Return the line of a job, and one for how well chains agree where there are any."""
    replicates = quoted.get("replicates")
    what = f"{_NAMES[quoted['job']]}, {quoted['study']}" + (f", {replicates:,} tables" if replicates else "")
    theirs = quoted.get("seconds")
    ratio = f"{theirs / ours.seconds:.3g}" if theirs else ""
    memory = f"{quoted.get('megabytes', '-')} / {ours.megabytes:.0f}" if ours.megabytes is not None else ""
    lines = [f"{what:<54} {theirs or '':>7} {ours.seconds:>7.3f} {ratio:>6} {memory:>11}  {ours.says}"]
    if "tool" in quoted:
        lines.append(f"  {quoted['tool']}: {quoted['says']}")
    if ours.rhat is not None and ours.effective is not None:
        a_second = f"{quoted['effective']:g}" if "effective" in quoted else "-"
        lines.append(
            f"  R-hat {quoted['rhat']:g}, ours {ours.rhat:.4f}; "
            f"independent draws a second {a_second}, ours {ours.effective:,.0f}"
        )
    return lines


def _whole_command() -> list[str]:
    """Return what a whole command takes, the start of Python and its libraries included."""
    lines = []
    for study in ("uk-2013-5lists", "nl-2010-2015-5lists"):
        command = ["estimate", study, "--method", "decomposable", "--no-out", "--json"]
        seconds, megabytes, _ = run(command)
        lines.append(f"the whole command, {study}, decomposable: {seconds:.1f} s, {megabytes:.0f} MB")
    return lines


def _verdict(target: dict[str, Any]) -> str:
    """Return whether ours keeps to a target."""
    job, study, replicates = target["job"], target["study"], target.get("replicates", 0)
    ours = _ours(job, study, replicates)
    asked = [
        quoted
        for quoted in PEERS["quoted"]
        if (quoted["job"], quoted["study"], quoted.get("replicates", 0)) == (job, study, replicates)
    ]
    found = []
    if "times" in target:
        ratio = min(quoted["seconds"] for quoted in asked if "seconds" in quoted) / ours.seconds
        found.append((f"{ratio:.0f} times as fast (>= {target['times']})", ratio >= target["times"]))
    if "memory" in target and ours.megabytes:
        ratio = min(quoted["megabytes"] for quoted in asked) / ours.megabytes
        found.append((f"1/{ratio:.0f} of the memory (<= 1/{target['memory']})", ratio >= target["memory"]))
    if "seconds" in target:
        found.append((f"{ours.seconds:.1f} s (<= {target['seconds']})", ours.seconds <= target["seconds"]))
    if "rhat" in target and ours.rhat is not None:
        found.append((f"R-hat {ours.rhat:.4f} (<= {target['rhat']})", ours.rhat <= target["rhat"]))
    if "effective" in target and ours.effective is not None:
        enough = ours.effective >= target["effective"]
        found.append((f"{ours.effective:.0f} independent draws a second (>= {target['effective']})", enough))
    what = f"{_NAMES[job]}, {study}" + (f", {replicates:,} tables" if replicates else "")
    return f"target: {what}: " + "; ".join(f"{words}: {'met' if met else 'NOT MET'}" for words, met in found)
