"""What a prior says before it meets the data: draws of every parameter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.arrays import FLAT, LOG_HALF_CAUCHY, NORMAL, STUDENT_T_IN_SCALES, model_arrays
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.level_draws import levelled
from estimator.methods.loglinear.parameters import PriorSettings

Floats = NDArray[np.float64]


def prior_positions(
    design: Design, settings: PriorSettings, size: int, rng: np.random.Generator, reach: float = 0.0
) -> Floats:
    """Draw sampled values from the prior.

    Parameters
    ----------
    reach : float
        Where the level of coverage follows from the dark figure, the expected registered number has no prior: its log
        lies evenly within this of that of the study.

    Returns
    -------
    ndarray, shape (size, D)
        As `estimator.methods.loglinear.parameters.read_vector` takes them. A value whose mean or scale is itself a
        parameter stands after it, so one pass in order draws everything.
    """
    arrays = model_arrays(design, settings)
    positions = np.empty((size, len(arrays.kind)))
    for d, kind in enumerate(arrays.kind):
        if kind == LOG_HALF_CAUCHY:
            positions[:, d] = np.log(np.abs(rng.standard_cauchy(size)))
            continue
        mean = arrays.mean[d] + (positions[:, arrays.mean_at[d]] if arrays.mean_at[d] >= 0 else 0.0)
        log_sd = arrays.log_sd[d] + (positions[:, arrays.scale_at[d]] if arrays.scale_at[d] >= 0 else 0.0)
        standard = rng.standard_normal(size) if kind in (NORMAL, FLAT) else rng.standard_t(arrays.degrees[d], size)
        if kind == STUDENT_T_IN_SCALES:
            positions[:, d] = np.exp(log_sd) * (mean + standard)
        else:
            positions[:, d] = mean + np.exp(log_sd) * standard
    return levelled(design, settings, positions, rng, reach)
