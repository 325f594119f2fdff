"""Where the chains start: a rough guess from the sizes of the lists, so that warm-up is short and safe."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.parameters import Parameter, PriorSettings

Floats = NDArray[np.float64]


def starting_point(design: Design, settings: PriorSettings, parameters: tuple[Parameter, ...]) -> Floats:
    """Return a point in the bulk of the prior at which the lists have about their observed sizes.

    Returns
    -------
    ndarray, shape (D,)
        Everything at its prior mean, except that each list's coverage fits the number of people who are on it.
    """
    values: Mapping[str, Floats] = settings.arrays
    parts = []
    for parameter in parameters:
        part = np.zeros(parameter.size) + np.ravel(values.get(f"{parameter.name}_mean", 0.0))
        if parameter.name == "coverage":
            part = _coverage(design, float(values["log_ratio_mean"]))
        if parameter.name == "dependence_free":
            part = part + float(values["dependence_centre"])
        parts.append(part)
    return np.concatenate(parts)


def _coverage(design: Design, log_ratio: float) -> Floats:
    """Return each list's log odds under independence, were the dark figure at its prior median."""
    observed = design.observed
    # people on list l are about n0 e^alpha with n0 = registered e^log_ratio; half a person spares log 0
    on_list = (observed.counts.sum(axis=0) @ design.member) + 0.5
    return np.asarray(np.log(on_list) - np.log(design.registered) - log_ratio, dtype=np.float64)
