"""Latent classes beside the package LCMCR: seconds until chains agree, and independent draws a CPU second."""

from __future__ import annotations

import time

from estimator.methods.complete import complete_counts
from estimator.methods.convergence import Convergence, IndependentDraws, assess
from estimator.methods.door import SamplerSettings
from estimator.methods.latent_class.chain import machine_code
from estimator.methods.latent_class.sampling import ClassDraws, sample
from estimator.population.thresholds import convergence_limits
from estimator.study.study import read_study

# LCMCR 0.4.14, K = 10, on another day on a like machine (2 cores, R 4.2.2, 23 November 2026)
LCMCR = {
    "kosovo-1999": "R-hat 1.005 in 1.5 s, 114 a second",
    "uk-2013-5lists": "R-hat 1.29 in 1.3 s; 1.007 after 1.1 million iterations, 33 a second",
    "nl-2010-2015-5lists": "R-hat 4.7 in 1.4 s; 4.5 after 1.1 million iterations",
}


def class_lines() -> list[str]:
    """Sample every table as an estimate does, with looking for modes and fitting leaps, and return lines of text."""
    machine_code()
    lines = [
        f"{'latent classes':<22} {'seconds':>8} {'CPU':>5} {'R-hat':>6} {'ESS':>6} {'per CPU s':>9}  LCMCR, quoted"
    ]
    for study, theirs in LCMCR.items():
        counts = complete_counts(read_study(study).table)[0]
        judged: list[Convergence] = []

        def good_enough(draws: ClassDraws, judged: list[Convergence] = judged) -> bool:
            judged.append(assess({"": draws.log_odds}, IndependentDraws(draws.log_odds.shape), convergence_limits()))
            return judged[-1].passed

        began, cpu = time.perf_counter(), time.process_time()
        sample(counts, 10, SamplerSettings(), 0, good_enough)
        seconds, busy, found = time.perf_counter() - began, time.process_time() - cpu, judged[-1]
        effective = min(found.ess_bulk_min, found.ess_tail_min)
        ours = f"{seconds:>8.1f} {busy:>5.1f} {found.rhat_max:>6.3f} {effective:>6,.0f} {effective / busy:>9,.0f}"
        lines.append(f"{study:<22} {ours}  {theirs}")
    return lines
