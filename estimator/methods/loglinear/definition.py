"""The log-linear model in PyMC (method ``loglinear``, the default): the definition that everything else is held to.

Estimates are sampled from `estimator.methods.loglinear.density`, the same model as machine code. This one is there to
be read, to be drawn (`pymc.model_to_graphviz`), to be sampled with PyMC's own sampler as a check (``--sampler pymc``),
and to be changed by who wants another model. A test holds the two densities and their gradients against each other for
every form of prior and every kind of count. Counts and priors enter as ``pm.Data``.

References
----------
Fienberg (1972), Biometrika 59:591, doi 10.1093/biomet/59.3.591: log-linear models for incomplete contingency tables.
Sutherland, Schwarz & Rivest (2007), Biometrics 63:910, doi 10.1111/j.1541-0420.2007.00756.x: strata and lists that do
not cover all of them.
Bishop, Fienberg & Holland (1975), Discrete Multivariate Analysis, chapter 6: no interaction of the highest order.
Piironen & Vehtari (2017), Electronic Journal of Statistics 11:5018, doi 10.1214/17-EJS1337SI: regularised horseshoe.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from scipy.special import gammaln

from estimator.capture.table import UNBOUNDED
from estimator.methods.loglinear.design import Design, Effects, Observed
from estimator.methods.loglinear.parameters import PriorSettings, coords_of, is_standardised
from estimator.methods.loglinear.residual import ResidualSettings

Data = dict[str, Any]


def build(design: Design, settings: PriorSettings) -> pm.Model:
    """Return the PyMC model.

    Parameters
    ----------
    settings : PriorSettings
        Made for this design.

    Returns
    -------
    pymc.Model
        ``log_ratio`` is the log of the expected dark figure over the registered number, ``coverage`` the log odds per
        list, ``dependence…`` the log odds ratios, ``composition`` and ``heterogeneity`` the effects of strata,
        ``coverage_change`` by how much a list that was redefined covers more since then (log odds). The
        likelihood is a potential named ``likelihood``, up to the constant ``-sum log y!`` of the exact counts.
        Where the priors have residual dependence, ``residual`` is the log of the true over the implied dark figure; no
        potential touches it. ``log_unseen`` is the log of the expected number of people with history 0, per stratum,
        residual dependence included.
    """
    with pm.Model(coords=coords_of(design, settings)) as model:
        data = {name: pm.Data(name, value) for name, value in settings.arrays.items() if np.size(value)}
        if settings.level is None:
            log_ratio = pm.Normal("log_ratio", data["log_ratio_mean"], data["log_ratio_sd"])
            coverage = pm.Normal("coverage", data["coverage_mean"], data["coverage_sd"], dims="list")
        else:
            log_ratio, coverage = pm.Flat("log_ratio"), pm.Flat("coverage", dims="list")
        theta = _interactions(settings, data)
        composition = _composition(design, data)
        heterogeneity = _heterogeneity(design, data)
        log_n0 = np.log(design.registered) + log_ratio + pm.math.log_softmax(composition)
        alpha = coverage + heterogeneity + _changes(design, data)
        log_cells = log_n0[:, None] + pt.dot(alpha, design.member.T) + pt.dot(design.term_of_history, theta)
        ways = _log_way_shares(design, data) if design.unknown.names else None
        likelihood = _log_likelihood(log_cells, design, ways)
        if design.errors.names:
            likelihood = _log_likelihood_of_entries(log_cells, design, data, ways)
        pm.Potential("likelihood", likelihood)
        residual = _residual(settings, model)
        if settings.level is not None:
            pm.Potential("level", _log_prior_of_level(settings, design, model, data, log_cells))
        log_unseen = log_n0 + residual
        pm.Deterministic("log_unseen", log_unseen + _of_strata(design, settings, model, log_n0), dims="stratum")
    return model


def _residual(settings: PriorSettings, model: pm.Model) -> Any:
    """Return the log of the true over the implied dark figure: one for all strata, in no likelihood."""
    residual = settings.residual
    if residual is None:
        return 0.0
    location, size = pm.Data("residual_location", residual.location), pm.Data("residual_size", residual.size)
    if residual.relative:
        scale = pt.exp(_log_dependence_scale(residual, model))
        location, size = location * scale, size * scale
    if residual.degrees_of_freedom is None:
        return pm.Normal("residual", location, size)
    return pm.StudentT("residual", nu=residual.degrees_of_freedom, mu=location, sigma=size)


def _log_prior_of_level(settings: PriorSettings, design: Design, model: pm.Model, data: Data, log_cells: Any) -> Any:
    """Return the log prior density of the dark figure, of differences in coverage, and the Jacobian of their plane."""
    level, distance = settings.level, model["coverage"] - data["coverage_mean"]
    assert level is not None, "the level of coverage follows from the dark figure"
    inverse = data["coverage_sd"] ** -2.0
    differences = -0.5 * (pt.sum(inverse * distance**2) - pt.sum(inverse * distance) ** 2 / pt.sum(inverse))
    strata, histories = np.nonzero((design.observed.possible > 0) & ~design.observed.unseen)
    seen, lists = log_cells[strata, histories], design.member.sum(axis=1)[histories]
    ratio = np.log(design.registered) + model["log_ratio"] - _log_sum_exp(seen)
    mean, variance = level.mean, level.sd**2
    if "residual" in model.named_vars:  # the statement is about all people on no list
        ratio += model["residual"]
    else:
        unit = pt.exp(model["log_dependence_scale"]) if level.relative else 1.0
        mean, variance = mean - level.location * unit, variance + (level.size * unit) ** 2
    stated = -0.5 * ((ratio - mean) ** 2 / variance + pt.log(2 * np.pi * variance))
    return stated + differences + _log_sum_exp(seen + np.log(lists)) - _log_sum_exp(seen)


def _of_strata(design: Design, settings: PriorSettings, model: pm.Model, log_n0: Any) -> Any:
    """Return by how much the log of the dark figure of each stratum differs; the sum of all stays what it is."""
    residual = settings.residual
    if residual is None or residual.between_strata == 0.0 or design.levels.shape[1] == 0:
        return 0.0
    size = pm.Data("residual_between_strata", residual.between_strata)
    if residual.relative:
        size = size * pt.exp(_log_dependence_scale(residual, model))
    strata = pt.dot(design.levels, pm.Normal("residual_of_levels", 0.0, size, shape=design.levels.shape[1]))
    return strata + pm.math.logsumexp(log_n0) - pm.math.logsumexp(log_n0 + strata)


def _log_dependence_scale(residual: ResidualSettings, model: pm.Model) -> Any:
    """Return the log of the learned scale of the log odds ratios; its prior where there are no pairs of lists."""
    if "log_dependence_scale" in model.named_vars:
        return model["log_dependence_scale"]
    assert residual.scale is not None, "relative settings have a scale"
    return pm.Normal("log_dependence_scale", *residual.scale)


def _scales(name: str, effects: Effects, data: Data) -> Any:
    """Return the learned scale of every design column; columns of a block share one."""
    log_scale = pm.Normal(
        f"log_{name}_scale", data[f"{name}_scale_mean"], data[f"{name}_scale_sd"], dims=f"{name}_block"
    )
    return pt.exp(log_scale)[effects.block]


def _composition(design: Design, data: Data) -> Any:
    """Return the log share of each stratum in the dark figure, up to a constant, shape (S,).

    Covariates' effects are sampled as they are ("centred"): the counts say more of an effect than its scale does.
    Deviations of single strata are sampled as multiples of their scale: each has few counts.
    """
    effects = design.composition
    if not effects.names:
        return pt.zeros(len(effects.matrix))
    scale = _scales("composition", effects, data)
    standardised = is_standardised(design)
    sampled = pm.Normal("composition", 0.0, pt.where(standardised, 1.0, scale), dims="composition_effect")
    return pt.dot(effects.matrix, sampled * pt.where(standardised, scale, 1.0))


def _heterogeneity(design: Design, data: Data) -> Any:
    """Return by how much the log odds of being on each list differ in each stratum, shape (S, L)."""
    effects = design.heterogeneity
    if not effects.names:
        return pt.zeros((len(effects.matrix), 1))
    scale = _scales("heterogeneity", effects, data)
    sampled = pm.Normal("heterogeneity", 0.0, scale[:, None], dims=("heterogeneity_effect", "list"))
    return pt.dot(effects.matrix, sampled)


def _changes(design: Design, data: Data) -> Any:
    """Return by how much the log odds of being on a list that changed differ since then, shape (S, L)."""
    changes = design.changes
    if not changes.names:
        return 0.0
    of_list = np.eye(len(design.lists))[changes.list_index]
    change = pm.Normal(
        "coverage_change", data["coverage_change_mean"], data["coverage_change_sd"], dims="coverage_break"
    )
    return pt.dot(changes.matrix * change, of_list)


def _interactions(settings: PriorSettings, data: Data) -> Any:
    """Return the coefficients of all two-list and three-list terms."""
    parts = [pt.zeros(0)]
    if settings.dependence == "normal":
        parts.append(_normal_pairs(settings, data))
    elif settings.dependence != "none":
        parts.append(_hierarchical_pairs(settings, data))
    if "three_list_mean" in data:
        parts.append(pm.Normal("three_list", data["three_list_mean"], data["three_list_sd"], dims="three_list_term"))
    return pt.concatenate(parts)


def _common_mean(settings: PriorSettings, data: Data) -> Any:
    """Return the learned mean of the pairs, or zero."""
    return pm.Normal("common_mean", data["common_mean_mean"], data["common_mean_sd"]) if settings.common_mean else 0.0


def _normal_pairs(settings: PriorSettings, data: Data) -> Any:
    """Return log odds ratios that each have their own mean and standard deviation."""
    is_free = np.isin(np.arange(len(settings.free) + len(settings.stated)), settings.free)
    mean = data["dependence_mean"] + is_free * _common_mean(settings, data)
    return pm.Normal("dependence", mean, data["dependence_sd"], dims="pair")


def _hierarchical_pairs(settings: PriorSettings, data: Data) -> Any:
    """Return log odds ratios whose typical size is learned from all of them; stated pairs keep their statement.

    ``learned``: Student t, so that one strong dependence does not widen all others. ``horseshoe``: most are near zero
    and a few may be as large as the slab allows.
    """
    centre = data["dependence_centre"] + _common_mean(settings, data)
    scale = pt.exp(pm.Normal("log_dependence_scale", data["dependence_scale_mean"], data["dependence_scale_sd"]))
    if settings.relative_mean:
        centre = centre + scale * pm.Normal("relative_mean", data["relative_mean_mean"], data["relative_mean_sd"])
    if settings.dependence == "learned":
        free = pm.StudentT("dependence_free", nu=settings.degrees_of_freedom, mu=centre, sigma=scale, dims="free_pair")
    else:
        wide = scale * pm.HalfCauchy("local_scale", 1.0, dims="free_pair")
        size = wide * data["slab_scale"] / pt.sqrt(data["slab_scale"] ** 2 + wide**2)
        free = centre + pm.Normal("dependence_standard", 0.0, 1.0, dims="free_pair") * size
    if not settings.stated:
        return free
    stated = pm.Normal(
        "dependence_stated", data["dependence_stated_mean"], data["dependence_stated_sd"], dims="stated_pair"
    )
    return pt.concatenate([free, stated])[settings.arrays["pair_position"]]


def _log_way_shares(design: Design, data: Data) -> Any:
    """Return the log of the share of its group that each way has: how people of unknown level come to be so."""
    unknown = design.unknown
    sampled = pm.Normal("unknown", data["unknown_mean"], data["unknown_sd"], dims="unknown_effect")
    n_groups, n_columns = unknown.columns.shape
    effects = sampled.reshape((unknown.way_roads.shape[1] - 1, n_columns))
    eta = pt.concatenate([pt.zeros((n_groups, 1)), pt.dot(unknown.columns, effects.T)], axis=1)
    roads = pm.math.log_softmax(eta, axis=1)
    ways = zip(unknown.way_group.tolist(), unknown.way_roads, strict=True)
    return pt.stack([_log_sum_exp(roads[group][np.flatnonzero(taken)]) for group, taken in ways])


def _log_ranges(log_means: list[Any], design: Design, ways: Any) -> Any:
    """Return the log-likelihood of the numbers within bounds, given the logs of what is expected in their cells.

    Where roads matter, of those who came by the number's own, and of the numbers of known way; the exposure of exact
    counts is then that of all people of a cell, and those of a number within bounds are given back here.
    """
    observed, unknown = design.observed, design.unknown
    total = pt.zeros(()) if ways is None else pt.sum(pm.Data("way_people", unknown.way_people) * ways)
    for j, log_mean in enumerate(log_means):
        of_way = log_mean
        if ways is not None:
            if unknown.way_of_range[j] >= 0:
                of_way = log_mean + ways[int(unknown.way_of_range[j])]
            total += pt.exp(of_way)
        total += _log_range(of_way, int(observed.range_lower[j]), int(observed.range_upper[j]))
    return total


def _log_likelihood(log_cells: Any, design: Design, ways: Any) -> Any:
    """Return the log-likelihood of all observed numbers, given the log expected number in every cell."""
    observed = design.observed
    exposed = observed.exposure > 0
    counts, sum_count = pm.Data("counts", observed.counts), pm.Data("sum_count", observed.sum_count)
    cells = pt.exp(log_cells) * observed.possible
    total = pt.sum(counts[exposed] * log_cells[exposed]) - pt.sum(cells[exposed])
    for j in range(len(observed.sum_count)):
        total += sum_count[j] * _log_covered(log_cells, observed.sum_start, observed.sum_cell, j)
    ranges = [_log_covered(log_cells, observed.range_start, observed.range_cell, j) for j in _ranges(observed)]
    return total + _log_ranges(ranges, design, ways)


def _ranges(observed: Observed) -> range:
    return range(len(observed.range_lower))


def _log_likelihood_of_entries(log_cells: Any, design: Design, data: Data, ways: Any) -> Any:
    """Return the log-likelihood where registers make declared errors: counts are of entries, not of people."""
    observed = design.observed
    logs = pm.Normal("register_error", data["register_error_mean"], data["register_error_sd"], dims="declared_error")
    entries = _entries(pt.exp(log_cells) * observed.possible, design, pt.exp(logs)).ravel()
    exposed, counts = (observed.exposure > 0).ravel(), observed.counts.ravel()
    counted = np.flatnonzero(counts)
    total = pt.sum(counts[counted] * pt.log(entries[counted])) - pt.sum(entries[np.flatnonzero(exposed)])
    for j, count in enumerate(observed.sum_count):
        if count:
            total += count * pt.log(_covered(entries, observed.sum_start, observed.sum_cell, j))
    ranges = [pt.log(_covered(entries, observed.range_start, observed.range_cell, j)) for j in _ranges(observed)]
    return total + _log_ranges(ranges, design, ways)


def _covered(entries: Any, start: np.ndarray[Any, Any], cell: np.ndarray[Any, Any], j: int) -> Any:
    """Return the sum of the entries that observed number j covers."""
    return pt.sum(entries[cell[start[j] : start[j + 1]]])


def _entries(cells: Any, design: Design, odds: Any) -> Any:
    """Return what registers are expected to write down of people, shape (S, H): steps 1 to 3 of `recording`."""
    errors = design.errors
    n_strata, n_histories = design.observed.counts.shape
    people = [pt.zeros(n_strata) for _ in range(n_histories)]
    for h in range(n_histories):
        for g in range(1, n_histories):
            people[g] += pt.where(errors.recorded[:, h] == g, cells[:, h], 0.0)
    linked = _linked(people, design, _pairs(errors.missed_at, odds / (1 + odds)))
    right = _wrongly_linked(linked, design, _pairs(errors.wrong_at, odds))
    found = list(right)
    for j, (place, at) in enumerate(zip(errors.false_list.tolist(), errors.false_at.tolist(), strict=True)):
        own = 1 << (len(design.lists) - 1 - place)
        for g in range(1, n_histories):
            if g & own:
                found[own if errors.false_alone[j] else g] += errors.false_in[j] * odds[at] * right[g]
    return pt.stack(found, axis=1)


def _linked(people: list[Any], design: Design, missed: dict[tuple[int, int], Any]) -> list[Any]:
    """Return entries by history after links were missed."""
    on = [np.flatnonzero(row).tolist() for row in design.member]
    inside = [[g for g in range(1, len(on)) if g & h == g] for h in range(len(on))]
    together: dict[int, Any] = {}
    linked = [pt.zeros_like(people[0]) for _ in people]

    def apart(g: int, rest: int) -> Any:
        """Return the probability that no record of lists g is linked to one of the rest."""
        return pt.prod(pt.stack([pt.ones(()), *(missed[a, b] for a in on[g] for b in on[rest])]))

    for g in range(1, len(on)):
        parts = [part for part in inside[g] if part != g and part & (g & -g)]
        together[g] = 1 - sum((together[part] * apart(part, g ^ part) for part in parts), start=pt.zeros(()))
    for h in range(1, len(on)):
        for g in inside[h]:
            linked[g] += together[g] * apart(g, h ^ g) * people[h]
    return linked


def _wrongly_linked(linked: list[Any], design: Design, wrong: dict[tuple[int, int], Any]) -> list[Any]:
    """Return entries by history after wrong links were made."""
    right = list(linked)
    for g, row in enumerate(design.member):
        on = np.flatnonzero(row).tolist()
        for a in on if len(on) > 1 else ():
            own = 1 << (len(design.lists) - 1 - a)
            odds = sum((wrong[a, b] for b in on if b != a), start=pt.zeros(())) / (len(on) * (len(on) - 1))
            moved = odds * linked[g]
            right[g] += moved
            right[own] -= moved
            right[g ^ own] -= moved
    return right


def _pairs(at: np.ndarray[Any, Any], shares: Any) -> dict[tuple[int, int], Any]:
    """Return the share of each pair of lists; 0 where none is declared."""
    return {(a, b): shares[int(at[a, b])] if at[a, b] >= 0 else pt.zeros(()) for a, b in np.ndindex(*at.shape)}


def _log_covered(log_cells: Any, start: np.ndarray[Any, Any], cell: np.ndarray[Any, Any], j: int) -> Any:
    """Return the log of the sum of the cells that observed number j covers; none of them is a structural zero."""
    return _log_sum_exp(log_cells.ravel()[cell[start[j] : start[j + 1]]])


def _log_sum_exp(logs: Any) -> Any:
    """Return the log of a sum of exponentials, without underflow whatever PyTensor's rewrites do."""
    top = pt.max(logs)
    return top + pt.log(pt.sum(pt.exp(logs - top)))


def _log_range(log_mean: Any, lower: int, upper: int) -> Any:
    """Return the log probability that a Poisson count lies between two bounds, both included."""
    if upper != UNBOUNDED:
        return _log_sum_terms(log_mean, np.arange(lower, upper + 1))
    if not lower:
        return pt.zeros(())
    # gammainc underflows where the mean is far below the bound; there the first terms of the sum are all of it
    is_low = log_mean < np.log(lower)
    first = np.arange(lower, lower + int(12 * np.sqrt(lower)) + 50)
    low = _log_sum_terms(pt.switch(is_low, log_mean, 0.0), first)
    high = pt.log(pt.gammainc(lower, pt.exp(pt.switch(is_low, np.log(lower), log_mean))))
    return pt.switch(is_low, low, high)


def _log_sum_terms(log_mean: Any, counts: np.ndarray[Any, Any]) -> Any:
    """Return the log probability that a Poisson count is one of some counts."""
    return _log_sum_exp(counts * log_mean - pt.exp(log_mean) - gammaln(counts + 1.0))
