"""A design and a prior as the flat arrays that the compiled log density reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.parameters import Parameter, PriorSettings, is_standardised, parameters_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Kinds of prior on a sampled value.
NORMAL, STUDENT_T, LOG_HALF_CAUCHY, STUDENT_T_IN_SCALES, FLAT = 0, 1, 2, 3, 4


class ModelArrays(NamedTuple):
    """Everything that the log density reads, in the order in which machine code finds it.

    Parameters
    ----------
    kind, mean, log_sd, degrees, mean_at, scale_at : ndarray, shape (D,)
        Priors, as in `estimator.methods.loglinear.positions.log_prior`.
    term_at, local_at : ndarray of int, shape (Q,)
        Interaction terms, as in `estimator.methods.loglinear.positions.interaction_terms`.
    composition_scale_at : ndarray of int, shape (K,)
        Where the log scale stands by which an effect on composition is multiplied; -1 where the sampled value is the
        effect itself.
    places : ndarray of int, shape (10,)
        Number of lists; where the effects on composition and those on coverage start; where the horseshoe's global
        scale and where its common mean stand (-1: none); where the breaks in coverage start; where the log odds of
        declared errors of registers start, and how many there are; the same of the coefficients of roads.
    change_list : ndarray of int, shape (J,)
        The list of each break in coverage; the columns of the breaks are the last J of the heterogeneity matrix.
    numbers : ndarray, shape (3,)
        Log of the registered number; centre and slab of the horseshoe.
    sum_cell, range_lower, range_upper, range_start, range_cell, missed_at to recorded, columns to way_of_range
        As in `estimator.methods.loglinear.likelihood.log_likelihood_and_gradient`.
    level : ndarray, shape (5,) or (0,)
        The numbers of `estimator.methods.loglinear.level_settings.LevelSettings`; none where there are no such.
    level_mean, level_precision : ndarray, shape (L,) or (0,)
        Of the log odds of the lists, whose differences are what is stated.
    level_seen : ndarray, shape (S, H) or (0, 0)
        1 for the cells of people whom a list sees.
    """

    kind: Ints
    mean: Floats
    log_sd: Floats
    degrees: Floats
    mean_at: Ints
    scale_at: Ints
    term_at: Ints
    local_at: Ints
    composition_scale_at: Ints
    places: Ints
    change_list: Ints
    numbers: Floats
    composition_matrix: Floats
    heterogeneity_matrix: Floats
    term_of_history: Floats
    counts: Floats
    exposure: Floats
    possible: Floats
    sum_count: Floats
    sum_start: Ints
    sum_cell: Ints
    range_lower: Ints
    range_upper: Ints
    range_start: Ints
    range_cell: Ints
    missed_at: Ints
    wrong_at: Ints
    false_list: Ints
    false_at: Ints
    false_alone: Ints
    false_in: Floats
    recorded: Ints
    columns: Floats
    way_group: Ints
    way_roads: Floats
    way_people: Floats
    way_of_range: Ints
    level: Floats
    level_mean: Floats
    level_precision: Floats
    level_seen: Floats


def model_arrays(design: Design, settings: PriorSettings) -> ModelArrays:
    """Return everything that the log density of a study reads.

    Parameters
    ----------
    settings : PriorSettings
        Made for this design.

    Returns
    -------
    ModelArrays
        C-contiguous float64 and int64.
    """
    parameters = parameters_of(design, settings)
    start = start_of(parameters)
    observed = design.observed
    term_at, local_at = _term_places(design, settings, start)
    return ModelArrays(
        **_prior_arrays(design, settings, parameters, start),
        term_at=term_at,
        local_at=local_at,
        composition_scale_at=_composition_scale_places(design, start),
        places=np.array(
            [
                len(design.lists),
                start.get("composition", 0),
                start.get("heterogeneity", 0),
                start.get("dependence_scale", -1),
                start.get("common_mean", -1),
                start.get("coverage_change", 0),
                start.get("register_error", 0),
                len(design.errors.names),
                start.get("unknown", 0),
                len(design.unknown.names),
            ]
        ),
        change_list=design.changes.list_index,
        numbers=np.array(
            [
                np.log(design.registered),
                settings.arrays.get("dependence_centre", 0.0),
                settings.arrays.get("slab_scale", 1.0),
            ]
        ),
        composition_matrix=np.ascontiguousarray(design.composition.matrix),
        heterogeneity_matrix=np.ascontiguousarray(
            np.concatenate([design.heterogeneity.matrix, design.changes.matrix], axis=1)
        ),
        term_of_history=np.ascontiguousarray(design.term_of_history),
        counts=observed.counts,
        exposure=observed.exposure,
        possible=observed.possible,
        sum_count=observed.sum_count,
        sum_start=observed.sum_start,
        sum_cell=observed.sum_cell,
        range_lower=observed.range_lower,
        range_upper=observed.range_upper,
        range_start=observed.range_start,
        range_cell=observed.range_cell,
        **_recording_arrays(design),
        **_level_arrays(design, settings),
    )


def _level_arrays(design: Design, settings: PriorSettings) -> dict[str, Any]:
    level = settings.level
    if level is None:
        return {"level": np.zeros(0), "level_mean": np.zeros(0), "level_precision": np.zeros(0)} | {
            "level_seen": np.zeros((0, 0))
        }
    seen = (design.observed.possible > 0) & ~design.observed.unseen
    return {
        "level": np.array([level.mean, level.sd, level.location, level.size, float(level.relative)]),
        "level_mean": settings.arrays["coverage_mean"],
        "level_precision": settings.arrays["coverage_sd"] ** -2.0,
        "level_seen": seen.astype(np.float64),
    }


def _recording_arrays(design: Design) -> dict[str, Any]:
    errors = ("missed_at", "wrong_at", "false_list", "false_at", "false_alone", "false_in", "recorded")
    roads = ("columns", "way_group", "way_roads", "way_people", "way_of_range")
    return dict(zip((*errors, *roads), (*design.errors.arrays, *design.unknown.arrays), strict=True))


def start_of(parameters: tuple[Parameter, ...]) -> dict[str, int]:
    """Return where each parameter starts in a position."""
    starts = np.concatenate([[0], np.cumsum([parameter.size for parameter in parameters])])
    return {parameter.name: int(at) for parameter, at in zip(parameters, starts, strict=False)}


def _term_places(design: Design, settings: PriorSettings, start: Mapping[str, int]) -> tuple[Ints, Ints]:
    """Return where the values and the own scales of the interaction terms stand in a position."""
    value = np.full(len(design.terms), -1)
    local = np.full(len(design.terms), -1)
    free, stated = list(settings.free), list(settings.stated)
    if settings.dependence == "normal":
        value[: design.n_pairs] = start["dependence"] + np.arange(design.n_pairs)
    elif settings.dependence != "none":
        of_free = "dependence_free" if settings.dependence == "learned" else "dependence_standard"
        value[free] = start[of_free] + np.arange(len(free))
        value[stated] = start.get("dependence_stated", 0) + np.arange(len(stated))
        if settings.dependence == "horseshoe":
            local[free] = start["local_scale"] + np.arange(len(free))
    if "three_list" in start:
        value[design.n_pairs :] = start["three_list"] + np.arange(len(design.terms) - design.n_pairs)
    return value.astype(np.int64), local.astype(np.int64)


def _composition_scale_places(design: Design, start: Mapping[str, int]) -> Ints:
    """Return where the scale of each standardised effect on composition stands, -1 for the others."""
    block = design.composition.block
    return np.where(is_standardised(design), start.get("composition_scale", 0) + block, -1).astype(np.int64)


def _prior_arrays(
    design: Design, settings: PriorSettings, parameters: tuple[Parameter, ...], start: Mapping[str, int]
) -> dict[str, Any]:
    """Return kind, mean, log standard deviation and so on of the prior of every sampled value."""
    size = sum(parameter.size for parameter in parameters)
    arrays: dict[str, Any] = {
        "kind": np.full(size, NORMAL, dtype=np.int64),
        "mean": np.zeros(size),
        "log_sd": np.zeros(size),
        "degrees": np.full(size, settings.degrees_of_freedom),
        "mean_at": np.full(size, -1, dtype=np.int64),
        "scale_at": np.full(size, -1, dtype=np.int64),
    }
    for parameter in parameters:
        here = slice(start[parameter.name], start[parameter.name] + parameter.size)
        if f"{parameter.name}_mean" in settings.arrays:
            arrays["mean"][here] = settings.arrays[f"{parameter.name}_mean"]
            arrays["log_sd"][here] = np.log(settings.arrays[f"{parameter.name}_sd"])
    if "composition" in start:
        here = slice(start["composition"], start["composition"] + len(design.composition.names))
        standardised = _composition_scale_places(design, start) >= 0
        arrays["scale_at"][here] = np.where(standardised, -1, start["composition_scale"] + design.composition.block)
    if "heterogeneity" in start:
        places = np.repeat(start["heterogeneity_scale"] + design.heterogeneity.block, len(design.lists))
        arrays["scale_at"][start["heterogeneity"] : start["heterogeneity"] + len(places)] = places
    _hierarchical_priors(arrays, settings, start)
    if settings.level is not None:  # their prior is one of all cells: `estimator.methods.loglinear.level_density`
        arrays["kind"][: 1 + len(design.lists)] = FLAT
    return arrays


def _hierarchical_priors(arrays: dict[str, Any], settings: PriorSettings, start: Mapping[str, int]) -> None:
    """Fill in the priors of two-list terms that refer to other parameters."""
    free = np.array(settings.free, dtype=np.int64)
    if settings.dependence == "normal" and settings.common_mean:
        arrays["mean_at"][start["dependence"] + free] = start["common_mean"]
    if settings.dependence == "learned":
        here = slice(start["dependence_free"], start["dependence_free"] + len(free))
        arrays["kind"][here] = STUDENT_T_IN_SCALES if settings.relative_mean else STUDENT_T
        arrays["mean"][here] = settings.arrays["dependence_centre"]
        arrays["mean_at"][here] = start["relative_mean"] if settings.relative_mean else start.get("common_mean", -1)
        arrays["scale_at"][here] = start["dependence_scale"]
    if settings.dependence == "horseshoe":
        arrays["kind"][start["local_scale"] : start["local_scale"] + len(free)] = LOG_HALF_CAUCHY
