"""People of unknown level beside counts within bounds: against the sum over all tables of people that there can be."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, gammaln, softmax

from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.reading import read_table
from estimator.checks.loglinear.pointwise import blocks_of, log_likelihoods
from estimator.methods.loglinear.allocation import place_people
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.unknown import NO_UNKNOWN, unknown_of
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.study.shipped import shipped_studies
from estimator.study.study import read_study
from tests.methods.model_examples import BLANK_AND_BOUNDED, BLANK_SEX, SEX, WITH_SEX, built, log_density, read

MOST = 16
"""People in a cell in the enumeration: more have a probability that no double shows at the numbers used here."""

TWO_LISTS = "sex,A,B,count\nf,1,0,3\nm,1,0,{}\n,1,0,{}\nf,0,1,2\nm,0,1,2\nf,1,1,{}\nm,1,1,1\n,1,1,1\n"
BY_SEX = Declaration(("A", "B"), (SEX,))


def poisson(mean):
    return stats.poisson.pmf(np.arange(MOST + 1), mean)


def probability_by_enumeration(cells, share, rows):
    """The probability of what a table says, by adding up every table of people, and every way to lose their sex.

    Parameters: expected people {(sex, history)}; the share of unknown sex {history}; and of each history the bounds of
    the number of women, men and people of unknown sex.
    """
    total = 1.0
    for history, bounds in rows.items():
        of_history = 0.0
        for women, men in product(range(MOST + 1), repeat=2):
            people = poisson(cells["f", history])[women] * poisson(cells["m", history])[men]
            if people < 1e-22:
                continue
            for lost_women, lost_men in product(range(women + 1), range(men + 1)):
                seen = (women - lost_women, men - lost_men, lost_women + lost_men)
                if all(low <= number <= high for number, (low, high) in zip(seen, bounds, strict=True)):
                    ways = comb(women, lost_women) * comb(men, lost_men)
                    lost = lost_women + lost_men
                    chance = share[history] ** lost * (1 - share[history]) ** (women + men - lost)
                    of_history += people * ways * chance
        total *= of_history
    return total


CASES = {
    "1-4": (("1-4", "2", "1"), {"A": ((3, 3), (1, 4), (2, 2)), "A&B": ((1, 1), (1, 1), (1, 1))}),
    "two at once": (("<3", "1-4", ">1"), {"A": ((3, 3), (0, 2), (1, 4)), "A&B": ((2, MOST), (1, 1), (1, 1))}),
    "suppressed": (("..", "2", "1"), {"A": ((3, 3), (0, MOST), (2, 2)), "A&B": ((1, 1), (1, 1), (1, 1))}),
    "unknown alone uncertain": (("2", "<4", "1"), {"A": ((3, 3), (2, 2), (0, 3)), "A&B": ((1, 1), (1, 1), (1, 1))}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_likelihood_is_that_of_all_tables_of_people(name):
    counts, rows = CASES[name]
    rows = {**rows, "B": ((2, 2), (2, 2), (0, 0))}
    case = built(read(TWO_LISTS.format(*counts), BY_SEX), read_priors("moderate"))
    assert case.design.unknown.names == tuple(f"unknown sex: {column}" for column in ("constant", "on A", "on B"))
    differences = []
    for seed in range(4):
        at = case.points(1, shrink=0.3, seed=seed)[0]
        at[0], at[1:3] = -1.6, np.array([-0.8, -0.6]) + 0.1 * seed
        expected = np.exp(log_cells(case.design, case.settings, at[None])[0])
        cells = {
            (sex, name): expected[s, h] for s, sex in enumerate("fm") for h, name in ((1, "B"), (2, "A"), (3, "A&B"))
        }
        assert max(cells.values()) < 2, "so that nobody is left out of the enumeration"
        constant, on_a, on_b = at[-3:]
        share = {"A": expit(constant + on_a), "B": expit(constant + on_b), "A&B": expit(constant + on_a + on_b)}
        exact = np.log(probability_by_enumeration(cells, share, rows))
        differences.append(exact - (log_density(case.arrays, at) - prior(case, at)))
    assert np.ptp(differences) < 1e-9
    exact_counts = [bounds[0] for row in rows.values() for bounds in row if bounds[0] == bounds[1]]
    assert differences[0] == pytest.approx(-gammaln(np.array(exact_counts) + 1.0).sum(), abs=1e-9)


def prior(case, at):
    from estimator.checks.loglinear.log_density import log_priors

    return float(log_priors(case.arrays, at[None]).sum())


def test_two_things_unknown():
    """A list and the sex unknown: against the same sum over people, each of whom took one of the roads."""
    region = Covariate("region", ("n", "s"))
    rows = (
        "sex,region,A,B,count\nf,n,1,0,1-3\nm,n,1,0,2\n,n,1,0,1\nf,s,1,0,2\nf,,1,0,1\n,,1,0,2\nm,s,1,1,2\nf,n,0,1,1\n"
    )
    case = built(read(rows, Declaration(("A", "B"), (SEX, region))), read_priors("independence"))
    n_roads, columns = 4, ["constant", "on A", "on B"]
    assert len(case.design.unknown.names) == (n_roads - 1) * len(columns)
    at = case.points(1, shrink=0.2, seed=1)[0]
    at[0], at[1:3] = 0.1, -0.7
    other = at.copy()
    other[-9:] += np.linspace(-0.4, 0.6, 9)
    found = [log_density(case.arrays, point) - prior(case, point) for point in (at, other)]
    expected = np.exp(log_cells(case.design, case.settings, at[None])[0])
    strata = {"fn": 0, "fs": 1, "mn": 2, "ms": 3}

    def by_hand(point):
        effects = point[-9:].reshape(3, 3)
        names = [name.split(":")[0] for name in case.design.unknown.names[::3]]
        total = 0.0
        for history, (h, x) in {"A": (2, (1, 1, 0)), "B": (1, (1, 0, 1)), "A&B": (3, (1, 1, 1))}.items():
            rho = dict(zip(["known", *names], softmax([0.0, *(effects @ x)]), strict=True))
            means = {name: rho["known"] * expected[s, h] for name, s in strata.items()}
            for region_name in "ns":
                means["?" + region_name] = rho["unknown sex"] * sum(expected[strata[s + region_name], h] for s in "fm")
            for sex in "fm":
                means[sex + "?"] = rho["unknown region"] * sum(expected[strata[sex + r], h] for r in "ns")
            means["??"] = rho["unknown sex and region"] * expected[:, h].sum()
            seen = {
                "A": {"mn": 2, "?n": 1, "fs": 2, "f?": 1, "??": 2},
                "A&B": {"ms": 2},
                "B": {"fn": 1},
            }[history]
            for name, mean in means.items():
                if (history, name) == ("A", "fn"):
                    total += np.log(stats.poisson.cdf(3, mean) - stats.poisson.cdf(0, mean))
                else:
                    total += stats.poisson.logpmf(seen.get(name, 0), mean) + gammaln(seen.get(name, 0) + 1)
        return total

    assert found[0] == pytest.approx(by_hand(at), abs=1e-9)
    assert found[1] == pytest.approx(by_hand(other), abs=1e-9)


def test_where_no_bounds_are_shared_the_roads_factorise():
    """With exact counts the density with roads is that without them, plus a function of the roads alone."""
    exact, bounded = read(BLANK_SEX, WITH_SEX), read(BLANK_SEX.replace("f,1,0,0,70", "f,1,0,0,65-75"), WITH_SEX)
    assert exact.roads is None
    assert bounded.roads is not None
    plain = built(exact, read_priors("moderate"))
    design = replace(plain.design, unknown=unknown_of(exact, ModelSettings(), whole=bounded))
    assert design.unknown.names
    from tests.methods.model_examples import Built, model_arrays, parameters_of, prior_settings

    settings = prior_settings(plain.priors, design)
    roads = Built(
        exact, plain.priors, design, settings, parameters_of(design, settings), model_arrays(design, settings)
    )
    rng = np.random.default_rng(0)
    coefficients = rng.normal(size=(3, len(design.unknown.names)))
    ats = plain.points(4, shrink=0.3)
    found = np.array(
        [
            [log_density(roads.arrays, [*at, *some]) - log_density(plain.arrays, at) for at in ats]
            for some in coefficients
        ]
    )
    assert np.ptp(found, axis=1).max() < 1e-9
    assert np.ptp(found[:, 0]) > 1


def test_no_shipped_study_has_roads():
    for name in shipped_studies():
        study = read_study(name)
        assert all(table.roads is None for table in study.tables)
        assert unknown_of(study.table, study.model) is NO_UNKNOWN


def test_people_are_placed_as_they_are_distributed_given_the_table():
    """Women on A and B, of whom 1-4 are known to be women and 1 more may be: their number by Bayes' rule."""
    table = read(TWO_LISTS.format("2", "1", "1-4"), BY_SEX)
    design = design_for(table, ModelSettings(), read_priors("independence"))
    expected, share = np.array([[9.0, 4.0, 3.0, 2.5], [9.0, 3.0, 2.0, 1.5]]), 0.3
    shares = np.full((40_000, 1), 1 - share)
    women = np.zeros((40_000, 2), dtype=np.int64)
    cells = np.tile(expected.reshape(-1), (40_000, 1))
    place_people(women, design.observed, cells, np.repeat([0, 1], 4), np.random.default_rng(1), shares)
    # the one of unknown sex on A&B is a woman with odds 2.5 : 1.5, that on A with odds 3 : 2
    known = stats.poisson.pmf(np.arange(1, 5), 2.5 * (1 - share))
    known /= known.sum()
    a, both = 3.0 / 5.0, 2.5 / 4.0
    of_unknown = np.convolve([1 - a, a], [1 - both, both])
    exact = np.convolve(np.concatenate([[0.0], known]), of_unknown)
    observed = np.bincount(women[:, 0], minlength=len(exact)) / len(women)
    assert stats.chisquare(40_000 * observed[exact > 0], 40_000 * exact[exact > 0]).pvalue > 1e-3


def test_numbers_left_out_are_what_the_likelihood_loses():
    """The blocks of leave-one-out add up to the likelihood, up to the constant of exact counts."""
    from estimator.methods.door import SamplerSettings
    from estimator.methods.loglinear.posterior import Draws, posterior_of

    case = built(read(BLANK_AND_BOUNDED, WITH_SEX), read_priors("moderate"))
    positions = case.points(5, shrink=0.3)[None]
    draws = Draws(positions, {}, 0.0, SamplerSettings())
    posterior = posterior_of(case.design, case.settings, draws)
    blocks = blocks_of(case.table)
    found = log_likelihoods(case.table, posterior, blocks).sum(axis=1)
    exact = case.table.lower[case.table.lower == case.table.upper]
    wanted = [log_density(case.arrays, at) - prior(case, at) - gammaln(exact + 1.0).sum() for at in positions[0]]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_a_stated_share_is_the_prior(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TWO_LISTS.format("1-4", "2", "1"))
    table = read_table(path, BY_SEX)
    model = replace(ModelSettings(), unknown_share=(0.1, 0.2))
    unknown = unknown_of(table, model)
    limits = expit(unknown.mean[0] + np.array([-1, 1]) * stats.norm.ppf(0.975) * unknown.sd[0])
    np.testing.assert_allclose(limits, [0.1, 0.2])
    assert (unknown.mean[1:] == 0).all()
    assert (unknown.sd[1:] == 1).all()
