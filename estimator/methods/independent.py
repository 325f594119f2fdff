"""The answer of a method whose draws no chain links."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from estimator.methods.convergence import IndependentDraws, assess
from estimator.methods.door import PopulationDraws, Posterior, Request


def independent_posterior(
    method: str, request: Request, population: PopulationDraws, details: Any, began: float
) -> Posterior:
    """Return draws of people as an answer, judged by what is reported; there was no warm-up.

    Parameters
    ----------
    began : float
        When drawing began, on `time.perf_counter`.
    """
    draws = IndependentDraws((request.settings.chains, request.settings.draws))
    return Posterior(
        method,
        population,
        assess(request.reported(population), draws, request.limits),
        replace(request.settings, warmup=0),
        seconds=time.perf_counter() - began,
        options=request.options,
        details=details,
    )
