"""The posterior as xarray data sets with named dims: what NetCDF files hold and ArviZ reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import history_labels
from estimator.methods.door import SamplerSettings, Saved
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.level_draws import drawn_residual
from estimator.methods.loglinear.nuts import Draws
from estimator.methods.loglinear.parameters import Parameter, coords_of, parameters_of, prior_settings, read_vector
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.residual import PRIOR
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]

SAMPLES = ("chain", "draw")

_OF_RESIDUAL: Mapping[str, tuple[str, ...]] = {"residual": (), "residual_of_strata": ("stratum",)}
"""Dims of what is drawn of the residual dependence, besides those of the draws."""


def groups_of(posterior: LoglinearPosterior) -> dict[str, xr.Dataset]:
    """Return the groups of ArviZ's InferenceData.

    Returns
    -------
    dict of str to Dataset
        ``posterior``: every parameter, with ``expected_unseen`` (persons per stratum with history 0, as the log-linear
        model implies them; where a list did not run, the dark figure also holds those whom it alone would have seen)
        and ``interaction`` (per term). Where the priors have residual dependence also ``residual``, the log of the
        true over the implied dark figure: the true one is exp(residual) times the implied one in every stratum, unless
        the priors state how far strata differ: then it is so in all together, and ``residual_of_strata`` moves people
        between strata (`estimator.methods.loglinear.residual.with_residual`).
        ``sample_stats``. ``observed_data``: exact counts per stratum and history (NaN where a count is not exactly
        known by itself).
    """
    return {
        "posterior": _posterior_dataset(posterior),
        "sample_stats": _dataset(
            {name: (SAMPLES, values) for name, values in posterior.draws.statistics.items()}, posterior
        ),
        "observed_data": _dataset({"count": (("stratum", "history"), _known_counts(posterior))}, posterior),
    }


def posterior_of_groups(
    study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
) -> LoglinearPosterior:
    """Return the posterior of which `groups_of` gave the groups.

    Raises
    ------
    KeyError, ValueError
        When they are not those of this study and these priors.
    """
    design = design_for(study.table, study.model, priors)
    prior = prior_settings(priors, design)
    parameters = tuple(parameters_of(design, prior))
    values = saved["posterior"]
    named = [parameter.name for parameter in parameters] + [name for name in _OF_RESIDUAL if name in values]
    unconstrained = np.concatenate([_sampled(parameter, values[parameter.name]) for parameter in parameters], axis=-1)
    draws = Draws(unconstrained, dict(saved["sample_stats"]), seconds, settings)
    return LoglinearPosterior(design, prior, parameters, {name: values[name] for name in named}, draws)


def _sampled(parameter: Parameter, values: Floats) -> Floats:
    """Return a named parameter as the sampler has it, shape (chain, draw, its size): `read_vector` backwards."""
    if values.shape[2:] != parameter.shape:
        raise ValueError(f"{parameter.name} has another shape")
    flat = values.reshape(*values.shape[:2], parameter.size)
    return np.log(flat) if parameter.logged else flat


def prior_dataset(posterior: LoglinearPosterior, draws: int = 1000) -> xr.Dataset:
    """Return draws of all parameters from the prior, in one chain.

    Returns
    -------
    Dataset
        The parameters of ``posterior``, and those of the residual dependence that it has.
    """
    seed = posterior.draws.settings.seed
    rng = stream(seed, "prior")
    values = read_vector(posterior.parameters, prior_positions(posterior.design, posterior.settings, draws, rng)[None])
    values |= drawn_residual(posterior.design, posterior.settings, values, seed, PRIOR)
    return _dataset(_parameter_variables(posterior, values), posterior, n_chains=1, n_draws=draws)


def _parameter_variables(posterior: LoglinearPosterior, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return dims and values of every parameter, and of the residual dependence where there is any."""
    named = {
        parameter.name: ((*SAMPLES, *parameter.dims), values[parameter.name]) for parameter in posterior.parameters
    }
    return named | {name: ((*SAMPLES, *dims), values[name]) for name, dims in _OF_RESIDUAL.items() if name in values}


def _posterior_dataset(posterior: LoglinearPosterior) -> xr.Dataset:
    """Return draws of all parameters and of what follows from them."""
    variables = _parameter_variables(posterior, posterior.values)
    variables["expected_unseen"] = ((*SAMPLES, "stratum"), np.exp(posterior.log_unseen))
    if posterior.design.terms:
        variables["interaction"] = ((*SAMPLES, "term"), posterior.terms)
    return _dataset(variables, posterior)


def _known_counts(posterior: LoglinearPosterior) -> np.ndarray[Any, Any]:
    """Return exact counts per stratum and history; NaN for the others."""
    observed = posterior.design.observed
    known = observed.exposure > 0
    known.reshape(-1)[observed.sum_cell] = False
    known.reshape(-1)[observed.range_cell] = False
    return np.where(known, observed.counts, np.nan)


def _dataset(
    variables: Mapping[str, Any], posterior: LoglinearPosterior, n_chains: int | None = None, n_draws: int | None = None
) -> xr.Dataset:
    """Return a data set with the coordinates of the dims that it uses."""
    import xarray as xr

    known: dict[str, Any] = dict(coords_of(posterior.design, posterior.settings))
    known["history"] = history_labels(posterior.design.lists)
    shape = posterior.values["log_ratio"].shape
    known |= {"chain": np.arange(n_chains or shape[0]), "draw": np.arange(n_draws or shape[1])}
    used = {dim for dims, _ in variables.values() for dim in dims}
    return xr.Dataset(dict(variables), {dim: known[dim] for dim in used if dim in known})
