"""The prior of a model in parts that a person recognises, each with its log density at every draw.

Only what a prior file states itself is scaled: where it states how large effects are and the effects follow from that
(learned odds ratios, differences between strata), the statement about their size is the prior, and the effects are part
of the model. That is the advice of Kallioinen, Paananen, Buerkner & Vehtari (2023), Statistics and Computing 34:57, doi
10.1007/s11222-023-10366-5, for hierarchical models: scale the hyperpriors at the top alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.checks.loglinear.log_density import log_priors
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.level_draws import log_implied_ratio
from estimator.methods.loglinear.posterior import LoglinearPosterior

Floats = NDArray[np.float64]

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "dark figure": ("log_ratio",),
    "coverage": ("coverage",),
    "dependence": ("common_mean", "dependence", "dependence_scale", "relative_mean", "dependence_stated"),
    "three-list dependence": ("three_list",),
    "heterogeneity": ("heterogeneity_scale", "coverage_change"),
    "composition": ("composition_scale",),
}
"""Parameters at the top of the prior, by the section of a prior file that states them."""

RESIDUAL = "residual dependence"


def log_prior_components(posterior: LoglinearPosterior) -> dict[str, Floats]:
    """Return the log prior density of every part of a prior at every draw.

    Returns
    -------
    dict of str to ndarray, shape (chain, draw)
        By the names of `COMPONENTS`, and `RESIDUAL` where the prior has residual dependence; parts that the model does
        not have are left out. Where no list ran in some strata, the effects on composition are part of its prior: the
        data say nothing of them there. On the scale on which values are sampled: logs of odds, of ratios and of scales.
    """
    parts = prior_of_parameters(posterior)
    unlisted = not posterior.design.observed.on_a_list.any(axis=1).all()
    components = dict(COMPONENTS) | ({"composition": (*COMPONENTS["composition"], "composition")} if unlisted else {})
    by_component = {
        component: np.sum([parts[name] for name in names if name in parts], axis=0)
        for component, names in components.items()
        if any(name in parts for name in names)
    }
    if posterior.settings.level is not None:
        by_component["dark figure"] = _log_dark_figure(posterior)
    residual = _log_residual(posterior)
    return by_component if residual is None else by_component | {RESIDUAL: residual}


def prior_of_parameters(posterior: LoglinearPosterior) -> dict[str, Floats]:
    """Return the log prior density of every parameter, given those above it, shape (chain, draw) each."""
    arrays = model_arrays(posterior.design, posterior.settings)
    position = posterior.draws.unconstrained
    by_value = log_priors(arrays, position.reshape(-1, position.shape[-1])).reshape(position.shape)
    by_parameter, start = {}, 0
    for parameter in posterior.parameters:
        by_parameter[parameter.name] = by_value[..., start : start + parameter.size].sum(axis=-1)
        start += parameter.size
    return by_parameter


def standard_residual(posterior: LoglinearPosterior) -> Floats | None:
    """Return the residual dependence as its prior has it, free of location and size; None where there is none.

    Returns
    -------
    ndarray, shape (chain, draw), or None
        Standard normal or Student t. Where the residual is stated as a multiple of the learned size of two-list
        dependence, that size is taken out, so that to scale this part does not scale that size along with it.
    """
    settings: Any = getattr(posterior.settings, "residual", None)
    residual = posterior.values.get("residual")
    if settings is None or residual is None:
        return None
    if not settings.relative:
        return np.asarray((residual - settings.location) / settings.size)
    tau = posterior.values.get("dependence_scale")
    return None if tau is None else np.asarray((residual / tau - settings.location) / settings.size)


def _log_dark_figure(posterior: LoglinearPosterior) -> Floats:
    """Return the log prior density of all people on no list, up to a constant, where it is stated of them all."""
    level = posterior.settings.level
    assert level is not None, "the level of coverage follows from the dark figure"
    ratio = log_implied_ratio(posterior.design, posterior.settings, posterior.values) + posterior.residual
    return np.asarray(-0.5 * np.square((ratio - level.mean) / level.sd))


def _log_residual(posterior: LoglinearPosterior) -> Floats | None:
    """Return the log prior density of the standardised residual dependence, up to a constant."""
    from scipy.stats import t

    standard = standard_residual(posterior)
    if standard is None:
        return None
    degrees = posterior.settings.residual.degrees_of_freedom  # type: ignore[union-attr]
    return np.asarray(t.logpdf(standard, degrees) if degrees else -0.5 * np.square(standard))
