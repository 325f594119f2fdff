"""The parameters of the log-linear model: their names, dims and priors as numbers, and how to read a draw of them.

No PyMC here: what a prior file states becomes means and standard deviations on the log scale, and a sampled vector
becomes named arrays. The PyMC model (`estimator.methods.loglinear.definition`) and the simulation from the prior
(`estimator.methods.loglinear.prior_draws`) both read this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.design import TOGETHER, Design
from estimator.methods.loglinear.level_settings import LevelSettings, level_settings
from estimator.methods.loglinear.residual import ResidualSettings, residual_settings
from estimator.study.priors import Priors
from estimator.study.statements import Statement

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """A free parameter of the model.

    Parameters
    ----------
    shape : tuple of int
    logged : bool
        Whether the sampled value is the log of the parameter.
    """

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    logged: bool = False

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape, dtype=int))


@dataclass(frozen=True)
class PriorSettings:
    """A prior file, as numbers for one design.

    Parameters
    ----------
    dependence : str
        ``none``, ``normal``, ``learned`` or ``horseshoe``.
    common_mean : bool
        Whether the pairs share a mean that is learned.
    relative_mean : bool
        Whether they share one that is a multiple of their scale, which is what is learned.
    degrees_of_freedom : float
        Tails of the ``learned`` form.
    free : tuple of int
        Pairs without a statement of their own (all pairs under ``normal``, where a statement is only another mean).
    stated : tuple of int
        The other pairs.
    arrays : mapping of str to ndarray
        Means and standard deviations, ``<parameter>_mean`` and ``<parameter>_sd``, of the log or the sampled value;
        ``pair_position``, the place of each pair among the free ones followed by the stated ones.
    residual : ResidualSettings or None
        Of the residual dependence, which is not sampled; None when there is none.
    level : LevelSettings or None
        Of the common level of coverage where it follows from the dark figure; None where the odds of every list have a
        prior of their own. Then the numbers of ``log_ratio`` and ``coverage`` are priors of a ratio and of differences.
    """

    dependence: str
    common_mean: bool
    relative_mean: bool
    degrees_of_freedom: float
    free: tuple[int, ...]
    stated: tuple[int, ...]
    arrays: Mapping[str, Any] = field(repr=False)
    residual: ResidualSettings | None = None
    level: LevelSettings | None = None


def prior_settings(priors: Priors, design: Design) -> PriorSettings:
    """Turn the statements of a prior file into numbers for a design.

    Parameters
    ----------
    design : Design
        Made with ``dependence=False`` when ``priors.dependence.form`` is ``none``.
    """
    arrays: dict[str, Any] = {}
    _put(arrays, "log_ratio", priors.dark_figure.ratio_to_registered)
    by_list = {item.list: item.odds for item in priors.coverage.lists}
    _put_each(arrays, "coverage", [by_list.get(name, priors.coverage.odds) for name in design.lists])
    statements = {frozenset(item.lists): item.odds_ratio for item in priors.dependence.pairs}
    own = [statements.get(frozenset(name.split("&"))) for name in design.pairs]
    form = priors.dependence.form if design.n_pairs else "none"
    free = tuple(i for i, statement in enumerate(own) if statement is None)
    stated = tuple(i for i, statement in enumerate(own) if statement is not None)
    if form != "none":
        _put_dependence(arrays, priors, own, form)
    if len(design.terms) > design.n_pairs:
        _put_each(arrays, "three_list", [priors.three_list.odds_ratio] * (len(design.terms) - design.n_pairs))
    _put_scales(arrays, priors, design)
    if design.errors.names:
        arrays["register_error_mean"], arrays["register_error_sd"] = design.errors.mean, design.errors.sd
    if design.unknown.names:
        arrays["unknown_mean"], arrays["unknown_sd"] = design.unknown.mean, design.unknown.sd
    return PriorSettings(
        dependence=form,
        common_mean=form != "none" and priors.dependence.common_mean is not None,
        relative_mean=form == "learned" and priors.dependence.relative_mean is not None,
        degrees_of_freedom=float(priors.dependence.degrees_of_freedom),
        free=free,
        stated=stated,
        arrays=arrays,
        residual=residual_settings(priors),
        level=level_settings(priors, pairs=form != "none"),
    )


def _put(arrays: dict[str, Any], name: str, statement: Statement) -> None:
    """Add the mean and standard deviation of the log of one quantity."""
    arrays[f"{name}_mean"], arrays[f"{name}_sd"] = np.array(statement.mu), np.array(statement.sigma)


def _put_each(arrays: dict[str, Any], name: str, statements: list[Statement]) -> None:
    """Add the means and standard deviations of the logs of several quantities."""
    arrays[f"{name}_mean"] = np.array([statement.mu for statement in statements], dtype=np.float64)
    arrays[f"{name}_sd"] = np.array([statement.sigma for statement in statements], dtype=np.float64)


def _put_dependence(arrays: dict[str, Any], priors: Priors, own: list[Statement | None], form: str) -> None:
    """Add the numbers of the prior on two-list terms."""
    dependence = priors.dependence
    typical = dependence.odds_ratio
    if dependence.common_mean is not None:
        _put(arrays, "common_mean", dependence.common_mean)
    if dependence.relative_mean is not None:
        arrays["relative_mean_mean"] = np.array(dependence.relative_mean.centre)
        arrays["relative_mean_sd"] = np.array(dependence.relative_mean.size)
    centre = 0.0 if typical is None or dependence.common_mean is not None else typical.mu
    if form == "normal":
        assert typical is not None, "a normal prior states its odds ratio; the prior file was checked"
        arrays["dependence_mean"] = np.array([centre if s is None else s.mu for s in own])
        arrays["dependence_sd"] = np.array([typical.sigma if s is None else s.sigma for s in own])
        return
    assert dependence.scale is not None, "a hierarchical prior states its scale; the prior file was checked"
    _put(arrays, "dependence_scale", dependence.scale)
    arrays["dependence_centre"] = np.array(centre)
    stated = [s for s in own if s is not None]
    _put_each(arrays, "dependence_stated", stated)
    # free pairs come first in a sampled vector, then stated ones; argsort brings them back into the order of the pairs
    order = [i for i, s in enumerate(own) if s is None] + [i for i, s in enumerate(own) if s is not None]
    arrays["pair_position"] = np.argsort(order).astype(np.int64)
    if form == "horseshoe":
        assert typical is not None, "a horseshoe states how large its few large odds ratios are"
        arrays["slab_scale"] = np.array(typical.sigma)


def _put_scales(arrays: dict[str, Any], priors: Priors, design: Design) -> None:
    """Add the numbers of the priors on scales of strata's effects."""
    if design.composition.blocks:
        of_block = {"stratum": priors.composition.stratum}
        statements = [
            of_block.get(block, priors.composition.two_way if TOGETHER in block else priors.composition.main_effects)
            for block in design.composition.blocks
        ]
        _put_each(arrays, "composition_scale", statements)
    if design.heterogeneity.blocks:
        statements = [_heterogeneity_scale(priors, block) for block in design.heterogeneity.blocks]
        _put_each(arrays, "heterogeneity_scale", statements)
    if design.changes.names:
        assert priors.heterogeneity.change is not None, "a prior states how far coverage breaks; it was checked"
        _put_each(arrays, "coverage_change", [priors.heterogeneity.change] * len(design.changes.names))


def _heterogeneity_scale(priors: Priors, block: str) -> Statement:
    """Return what is stated of the effects of a covariate, or of several together, on coverage."""
    if TOGETHER not in block:
        return priors.heterogeneity.scale
    assert priors.heterogeneity.interactions is not None, "the prior file was checked against the study's terms"
    return priors.heterogeneity.interactions


def parameters_of(design: Design, settings: PriorSettings) -> tuple[Parameter, ...]:
    """Return the free parameters in the order in which they stand in a sampled vector."""
    parameters = [Parameter("log_ratio", (), ()), Parameter("coverage", ("list",), (len(design.lists),))]
    parameters += _dependence_parameters(design, settings)
    n_three = len(design.terms) - design.n_pairs
    if n_three:
        parameters.append(Parameter("three_list", ("three_list_term",), (n_three,)))
    for name, effects, wide in (
        ("composition", design.composition, False),
        ("heterogeneity", design.heterogeneity, True),
    ):
        if not effects.names:
            continue
        parameters.append(Parameter(f"{name}_scale", (f"{name}_block",), (len(effects.blocks),), logged=True))
        by_list, n_lists = (("list",), (len(design.lists),)) if wide else ((), ())
        parameters.append(Parameter(name, (f"{name}_effect", *by_list), (len(effects.names), *n_lists)))
    if design.changes.names:
        parameters.append(Parameter("coverage_change", ("coverage_break",), (len(design.changes.names),)))
    if design.errors.names:
        parameters.append(Parameter("register_error", ("declared_error",), (len(design.errors.names),)))
    if design.unknown.names:
        parameters.append(Parameter("unknown", ("unknown_effect",), (len(design.unknown.names),)))
    return tuple(parameters)


def _dependence_parameters(design: Design, settings: PriorSettings) -> list[Parameter]:
    """Return the parameters of the two-list terms."""
    if settings.dependence == "none":
        return []
    parameters = [Parameter("common_mean", (), ())] if settings.common_mean else []
    if settings.dependence == "normal":
        return [*parameters, Parameter("dependence", ("pair",), (design.n_pairs,))]
    parameters.append(Parameter("dependence_scale", (), (), logged=True))
    if settings.relative_mean:
        parameters.append(Parameter("relative_mean", (), ()))
    size = (len(settings.free),)
    if settings.dependence == "learned":
        parameters.append(Parameter("dependence_free", ("free_pair",), size))
    else:
        parameters.append(Parameter("local_scale", ("free_pair",), size, logged=True))
        parameters.append(Parameter("dependence_standard", ("free_pair",), size))
    if settings.stated:
        parameters.append(Parameter("dependence_stated", ("stated_pair",), (len(settings.stated),)))
    return parameters


def coords_of(design: Design, settings: PriorSettings) -> dict[str, list[str]]:
    """Return readable coordinates of every dim that parameters and summaries use."""
    return {
        "list": list(design.lists),
        "pair": list(design.pairs),
        "free_pair": [design.pairs[i] for i in settings.free],
        "stated_pair": [design.pairs[i] for i in settings.stated],
        "three_list_term": list(design.terms[design.n_pairs :]),
        "term": list(design.terms),
        "stratum": list(design.strata),
        "composition_block": list(design.composition.blocks),
        "composition_effect": list(design.composition.names),
        "heterogeneity_block": list(design.heterogeneity.blocks),
        "heterogeneity_effect": list(design.heterogeneity.names),
        "coverage_break": list(design.changes.names),
        "declared_error": list(design.errors.names),
        "unknown_effect": list(design.unknown.names),
    }


def sampled_names(design: Design, settings: PriorSettings) -> tuple[str, ...]:
    """Return readable names of the sampled values, in the order of a sampled vector."""
    coords = coords_of(design, settings)
    return tuple(
        f"{parameter.name}[{', '.join(place)}]" if place else parameter.name
        for parameter in parameters_of(design, settings)
        for place in product(*(coords[dim] for dim in parameter.dims))
    )


def read_vector(parameters: tuple[Parameter, ...], sampled: Floats) -> dict[str, Floats]:
    """Split sampled vectors into named parameters on their own scale.

    Parameters
    ----------
    sampled : ndarray, shape (..., D)
        Leading dims are kept.

    Returns
    -------
    dict
        Each array has the leading dims, then those of the parameter.
    """
    values, position = {}, 0
    for parameter in parameters:
        part = sampled[..., position : position + parameter.size]
        position += parameter.size
        value = part.reshape((*sampled.shape[:-1], *parameter.shape))
        values[parameter.name] = np.exp(value) if parameter.logged else value
    return values


def is_standardised(design: Design) -> NDArray[np.bool_]:
    """Return which effects on composition are sampled as multiples of their scale, shape (K,).

    Those of the strata: there are many, each with few counts, and their scale is small, so that sampling them as they
    are ("centred") would tie them to their scale. Covariates' effects are few and the counts say much of them.
    """
    blocks = np.array([block == "stratum" for block in design.composition.blocks], dtype=np.bool_)
    return blocks[design.composition.block] if len(blocks) else np.zeros(0, dtype=np.bool_)


def composition_effects_of(design: Design, values: Mapping[str, Floats]) -> Floats:
    """Return the effects on composition, from named parameters.

    Parameters
    ----------
    values : mapping
        From `read_vector`.

    Returns
    -------
    ndarray, shape (..., K)
    """
    if "composition" not in values:
        return np.zeros((*values["log_ratio"].shape, 0))
    scale = values["composition_scale"][..., design.composition.block]
    return np.where(is_standardised(design), scale, 1.0) * values["composition"]


def log_unseen_of(design: Design, values: Mapping[str, Floats]) -> Floats:
    """Return the log of the expected number of people with history 0 in each stratum, from named parameters.

    Parameters
    ----------
    values : mapping
        From `read_vector`.

    Returns
    -------
    ndarray, shape (..., S)
        ``log n0[s]``, with n0 spread over strata by the softmax of their effects.
    """
    shares = composition_effects_of(design, values) @ design.composition.matrix.T
    shares -= np.logaddexp.reduce(shares, axis=-1, keepdims=True)
    return np.asarray(np.log(design.registered) + values["log_ratio"][..., None] + shares)


def interactions(settings: PriorSettings, values: Mapping[str, Floats]) -> Floats:
    """Return the coefficients of all two-list and three-list terms, from named parameters.

    Parameters
    ----------
    values : mapping
        From `read_vector`.

    Returns
    -------
    ndarray, shape (..., Q)
    """
    lead = values["log_ratio"].shape
    parts = [np.zeros((*lead, 0))]
    if settings.dependence == "normal":
        parts.append(values["dependence"])
    elif settings.dependence != "none":
        free = values.get("dependence_free")
        if free is None:
            free = _horseshoe_terms(settings, values)
        stated = values.get("dependence_stated", np.zeros((*lead, 0)))
        parts.append(np.concatenate([free, stated], axis=-1)[..., settings.arrays["pair_position"]])
    if "three_list" in values:
        parts.append(values["three_list"])
    return np.concatenate(parts, axis=-1)


def coverage_of(design: Design, values: Mapping[str, Floats]) -> Floats:
    """Return the log odds that somebody in a stratum on no other list is on a list, from named parameters.

    Parameters
    ----------
    values : mapping
        From `read_vector`.

    Returns
    -------
    ndarray, shape (..., S, L)
        With one stratum (to be broadcast) when coverage is the same in all.
    """
    coverage = values["coverage"][..., None, :]
    if "heterogeneity" in values:
        coverage = coverage + design.heterogeneity.matrix @ values["heterogeneity"]
    if "coverage_change" in values:
        of_list = np.eye(len(design.lists))[design.changes.list_index]
        coverage = coverage + (values["coverage_change"][..., None, :] * design.changes.matrix) @ of_list
    return np.asarray(coverage)


def _horseshoe_terms(settings: PriorSettings, values: Mapping[str, Floats]) -> Floats:
    """Return the regularised horseshoe's log odds ratios (Piironen & Vehtari 2017, eq. 2.8)."""
    # theta = centre + z w c / sqrt(c^2 + w^2), w = tau lambda: like a horseshoe near 0, like a normal(0, c) far out
    wide = values["dependence_scale"][..., None] * values["local_scale"]
    slab = settings.arrays["slab_scale"]
    centre = settings.arrays["dependence_centre"] + values.get("common_mean", np.array(0.0))[..., None]
    return np.asarray(centre + values["dependence_standard"] * wide * slab / np.sqrt(slab**2 + wide**2))
