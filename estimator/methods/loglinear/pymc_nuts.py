"""Drawing from the posterior with PyMC's own sampler, as a check on the compiled model and on nutpie."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pymc as pm

from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.definition import build
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.nuts import Draws
from estimator.methods.loglinear.parameters import PriorSettings, parameters_of

_STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "lp": "lp",
    "tree_depth": "tree_depth",
}


def sample(design: Design, settings: PriorSettings, sampler: SamplerSettings) -> Draws:
    """Sample the PyMC model.

    Returns
    -------
    Draws
        Positions in the order of `estimator.methods.loglinear.parameters.parameters_of`.
    """
    began = time.perf_counter()
    with build(design, replace(settings, residual=None)):  # drawn afterwards; see estimator.methods.loglinear.residual
        trace = pm.sample(
            draws=sampler.draws,
            tune=sampler.warmup,
            chains=sampler.chains,
            cores=sampler.cores,
            random_seed=sampler.seed,
            target_accept=sampler.target_accept,
            nuts_sampler="pymc",
            progressbar=False,
            compute_convergence_checks=False,
        )
    parts = []
    for parameter in parameters_of(design, settings):
        name = f"log_{parameter.name}" if f"log_{parameter.name}" in trace.posterior else parameter.name
        values = trace.posterior[name].to_numpy()
        if parameter.logged and name == parameter.name:
            values = np.log(values)
        parts.append(values.reshape(*values.shape[:2], -1))
    statistics = {ours: trace.sample_stats[name].to_numpy() for name, ours in _STATISTICS.items()}
    return Draws(np.concatenate(parts, axis=-1), statistics, time.perf_counter() - began, sampler)
