"""Errors of registers in the model: against people drawn one by one, graphs counted out, and the PyMC definition."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from scipy.special import gammaln, logit, logsumexp
from scipy.stats import norm

from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.entries import entries_of, people_behind
from estimator.methods.loglinear.parameters import parameters_of, prior_settings
from estimator.methods.loglinear.recording import entry_chances, written_down
from estimator.methods.registry import method_named, refusals
from estimator.study.priors import read_priors
from estimator.study.questions import FalsePositives, LinkageErrors, ModelSettings
from estimator.study.study import Study
from tests.methods.model_examples import BY_YEAR, INTERVALS, THREE_LISTS, Built, by_year, density, log_density, read
from tests.methods.pymc_density import pymc_density
from tests.methods.test_density import assert_agree, sixth_order_difference

EVERYTHING = {
    "false_positives": (FalsePositives("B", (0.1, 0.3)), FalsePositives("A", (0.02, 0.05), "any")),
    "linkage_errors": (
        LinkageErrors(("A", "B"), (0.02, 0.08), (0.005, 0.02)),
        LinkageErrors(("A", "C"), (0.05, 0.2), (0.01, 0.03)),
    ),
}
IN_YEARS = {
    "false_positives": (FalsePositives("C", (0.1, 0.3), where={"year": ("2013", "2014")}),),
    "linkage_errors": (LinkageErrors((), (0.02, 0.08), (0.005, 0.02)),),
}


def built(text, declaration=None, **errors):
    table, priors = read(text, declaration), read_priors("moderate")
    model = replace(ModelSettings.for_covariates([found.name for found in table.covariates]), **errors)
    design = design_for(table, model, priors)
    settings = prior_settings(priors, design)
    return Built(table, priors, design, settings, parameters_of(design, settings), model_arrays(design, settings))


@pytest.mark.parametrize(
    ("text", "declaration", "errors"),
    [(INTERVALS, None, EVERYTHING), (by_year(), BY_YEAR, IN_YEARS)],
    ids=["bounds", "years"],
)
def test_density_and_gradient_are_those_of_the_pymc_model(text, declaration, errors):
    case = built(text, declaration, **errors)
    points = case.points(3, shrink=0.3, seed=1)
    assert_agree(lambda at: density(case.arrays, at), pymc_density(case), points, points[0])


def test_gradient_is_the_slope():
    case = built(THREE_LISTS, **EVERYTHING)
    for at in case.points(3, shrink=0.3, seed=3):
        _, gradient = density(case.arrays, at)
        slope = sixth_order_difference(lambda x: log_density(case.arrays, x), at, 0.01)
        np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-8 * np.abs(gradient).max())


def entries_by_graph(n_lists: int, missed: np.ndarray) -> np.ndarray:
    """Expected entries g of a person on lists h, over all sets of links that are made."""
    chances = np.zeros((2**n_lists, 2**n_lists))
    for h in range(1, 2**n_lists):
        on = [a for a in range(n_lists) if h >> (n_lists - 1 - a) & 1]
        pairs = list(combinations(on, 2))
        for made in product((False, True), repeat=len(pairs)):
            weight, part = 1.0, {a: 1 << (n_lists - 1 - a) for a in on}
            for (a, b), linked in zip(pairs, made, strict=True):
                weight *= 1 - missed[a, b] if linked else missed[a, b]
                if linked:
                    joined = part[a] | part[b]
                    part = {c: joined if old & joined else old for c, old in part.items()}
            for entry in set(part.values()):
                chances[entry, h] += weight
    return chances


def test_missed_links_are_those_of_all_graphs():
    shares = np.array([0.05, 0.2, 0.4, 0.1, 0.3, 0.15])
    at = np.full((4, 4), -1)
    for e, (a, b) in enumerate(combinations(range(4), 2)):
        at[a, b] = at[b, a] = e
    found = entry_chances(shares / (1 - shares), at.reshape(-1), 4)
    missed = np.where(at >= 0, shares[at], 0.0)
    np.testing.assert_allclose(found, entries_by_graph(4, missed), rtol=1e-12, atol=1e-14)


def test_nobody_comes_or_goes_but_false_positives():
    """Missed and wrong links leave every list as large as it was; false positives are their share of their list."""
    case = built(THREE_LISTS, **EVERYTHING)
    odds = np.exp(case.design.errors.mean)
    cells = np.random.default_rng(3).uniform(5, 90, (1, 8))
    _, people, _, right, entries = written_down(cells, odds, *case.design.errors.arrays, 3)
    member = case.design.member
    np.testing.assert_allclose(right @ member, people @ member, rtol=1e-12)
    grown = (entries - right) @ member
    assert grown[0, 1] >= odds[0] * (right @ member)[0, 1]
    alone = built(THREE_LISTS, false_positives=(FalsePositives("B", (0.1, 0.3)),))
    _, _, _, right, entries = written_down(cells, np.array([0.25]), *alone.design.errors.arrays, 3)
    added = entries - right
    assert added[0, 2] == pytest.approx(0.25 * (right @ member)[0, 1])
    assert np.count_nonzero(added) == 1


def test_registered_people_are_as_many_as_there_were():
    """Counts that are as expected go back to the people who were expected, in the mean."""
    case = built(THREE_LISTS, **EVERYTHING)
    cells = np.random.default_rng(4).uniform(2000, 9000, (1, 8))
    made = entries_of(
        case.design, np.repeat(cells[None], 400, axis=0), np.repeat(case.design.errors.mean[None], 400, 0)
    )
    people = people_behind(np.rint(made[0]).astype(np.int64), made, np.random.default_rng(5)).sum(axis=(1, 2))
    assert people.mean() == pytest.approx(cells[0, 1:].sum(), rel=5e-4)


def test_without_declarations_the_arrays_and_the_density_are_as_they_were():
    plain, emptied = built(THREE_LISTS), built(THREE_LISTS, false_positives=(), linkage_errors=())
    assert plain.arrays.places[-1] == 0
    assert not plain.arrays.recorded.size
    for at in plain.points(3):
        value, gradient = density(plain.arrays, at)
        assert value == density(emptied.arrays, at)[0]
        assert len(gradient) == sum(parameter.size for parameter in plain.parameters)
    assert "register_error" not in {parameter.name for parameter in plain.parameters}


def exact_two_lists(counts, means, missed):
    """Log-likelihoods of two lists with missed links: one over all numbers of people who fell apart, one by means.

    Parameters
    ----------
    counts : (int, int, int)
        Entries on A alone, on B alone, on both.
    means : (float, float, float)
        Expected people.
    """
    n_a, n_b, n_ab = counts
    a, b, ab = means

    def poisson(k, mean):
        return k * np.log(mean) - mean - gammaln(k + 1)

    apart = np.arange(min(n_a, n_b) + 1)
    exact = logsumexp(poisson(apart, ab * missed) + poisson(n_a - apart, a) + poisson(n_b - apart, b))
    by_means = poisson(n_a, a + ab * missed) + poisson(n_b, b + ab * missed)
    both = poisson(n_ab, ab * (1 - missed))
    return exact + both, by_means + both


def test_what_is_lost_by_means_is_small_beside_the_interval():
    """The exact posterior of the total of two lists, over a grid of people, beside that by means."""
    counts, missed, n0_of = (180, 140, 30), 0.08, lambda a, b, ab: a * b / ab
    grid_a, grid_b, grid_ab = np.linspace(110, 250, 41), np.linspace(80, 210, 41), np.linspace(8, 75, 68)
    totals, weights = [], ([], [])
    for a, b, ab in product(grid_a, grid_b, grid_ab):
        totals.append(a + b + ab + n0_of(a, b, ab))
        for kept, value in zip(weights, exact_two_lists(counts, (a, b, ab), missed), strict=True):
            kept.append(value)
    order = np.argsort(totals)
    limits = []
    for logs in weights:
        share = np.exp(np.array(logs) - np.max(logs))[order]
        cumulated = share.cumsum() / share.sum()
        limits.append(np.array(totals)[order][np.searchsorted(cumulated, (0.025, 0.5, 0.975))])
    exact, means = limits
    width = exact[2] - exact[0]
    assert np.abs(exact - means).max() < 0.02 * width


def test_other_methods_refuse():
    table = read(THREE_LISTS)
    study = Study.of_table(table, model=replace(ModelSettings.for_covariates([]), **EVERYTHING))
    for name in ("decomposable", "lower-bound"):
        codes = [reason.code for reason in refusals(method_named(name), study, {"strata": "each"})]
        assert codes == ["method-takes-no-register-errors"]
    assert not refusals(method_named("loglinear"), study, {})


def test_limits_of_a_share_are_its_95_percent_interval():
    errors = built(THREE_LISTS, **EVERYTHING).design.errors
    limits = [(0.1, 0.3), (0.02, 0.05), (0.02, 0.08), (0.005, 0.02), (0.05, 0.2), (0.01, 0.03)]
    for side, place in ((-1, 0), (1, 1)):
        np.testing.assert_allclose(
            norm(errors.mean, errors.sd).cdf([logit(limit[place]) for limit in limits]), norm.cdf(1.959964 * side), 1e-6
        )


def test_a_declared_share_is_that_of_entries_and_of_links():
    """Of the entries of A 30 % are no victims; of people on B and C the records of 20 % fall apart."""
    case = built(THREE_LISTS, false_positives=(FalsePositives("A", (0.2, 0.4), "any"),))
    cells = np.random.default_rng(6).uniform(5, 90, (1, 1, 8))
    entries, false, *_ = entries_of(case.design, cells, np.array([[logit(0.3)]]))
    np.testing.assert_allclose(false[0, 0], [0, 0, 0, 0, 0.3, 0.3, 0.3, 0.3], rtol=1e-12)
    np.testing.assert_allclose(entries[0, 0, 4:], cells[0, 0, 4:] / 0.7, rtol=1e-12)
    case = built(THREE_LISTS, linkage_errors=(LinkageErrors(("B", "C"), (0.1, 0.3)),))
    both = np.array([[[9.0, 0, 0, 100, 0, 0, 0, 0]]])
    entries, *_ = entries_of(case.design, both, np.array([[logit(0.2)]]))
    np.testing.assert_allclose(entries[0, 0], [0, 20, 20, 80, 0, 0, 0, 0], rtol=1e-12)
