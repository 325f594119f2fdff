"""The log density of the PyMC model as a function of the same vector that the compiled one takes.

Without the residual dependence, and without a scale that only that has, which are not sampled: they are in no other
term of the density, so that leaving their own terms out leaves the marginal density of all the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt

from estimator.methods.loglinear.definition import build
from tests.methods.model_examples import Built


def pymc_density(found: Built) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return a function from a position to log density and gradient, of everything that is sampled."""
    settings = found.settings
    if settings.level is not None:  # there the residual is in the statement on the dark figure: build integrates it out
        settings = replace(settings, residual=None)
    model = build(found.design, settings)
    position, replaced, start = pt.dvector("position"), {}, 0
    for parameter in found.parameters:
        name = f"log_{parameter.name}" if f"log_{parameter.name}" in model.named_vars else parameter.name
        value = model.rvs_to_values[model[name]]
        assert parameter.logged == (name != parameter.name or value.name.endswith("_log__"))
        part = position[start : start + parameter.size].reshape(parameter.shape, ndim=len(parameter.shape))
        replaced[value] = pt.specify_shape(part, parameter.shape) if parameter.shape else part
        start += parameter.size
    names = {"residual", "residual_of_levels"} & set(model.named_vars) if settings.residual else set()
    if found.settings.dependence == "none" and names:
        names |= {"log_dependence_scale"} & set(model.named_vars)
    assert set(replaced) == set(model.value_vars) - {model.rvs_to_values[model[name]] for name in names}
    terms = [rv for rv in model.basic_RVs if rv.name not in names] + model.potentials
    log_density = pytensor.clone_replace(model.logp(vars=terms, jacobian=True), replaced, rebuild_strict=False)
    function = pytensor.function([position], [log_density, pt.grad(log_density, position)], mode="FAST_COMPILE")

    def evaluate(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = function(at)
        return float(value), gradient

    return evaluate
