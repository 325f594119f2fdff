"""The likelihood against its definition, and the identities that it must satisfy."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from estimator.capture.declaration import Declaration
from estimator.checks.loglinear.log_density import log_priors
from estimator.methods.loglinear.design import design_of
from estimator.methods.loglinear.parameters import (
    composition_effects_of,
    coverage_of,
    interactions,
    prior_settings,
    read_vector,
)
from estimator.methods.loglinear.positions import log_prior
from estimator.study.priors import read_priors
from tests.methods import by_hand
from tests.methods.model_examples import (
    BLANK_SEX,
    BY_SEX,
    BY_YEAR,
    CASES,
    FOUR_LISTS,
    INTERVALS,
    SEX,
    THREE_LISTS,
    WITH_SEX,
    Built,
    built,
    built_case,
    by_year,
    log_density,
    matched,
    named_values,
    read,
)


def log_likelihood(case: Built, position: np.ndarray) -> float:
    """The log density without the prior."""
    arrays, gradient = case.arrays, np.zeros(len(position))
    prior = log_prior.py_func(
        position,
        arrays.kind,
        arrays.mean,
        arrays.log_sd,
        arrays.degrees,
        arrays.mean_at,
        arrays.scale_at,
        gradient,
    )
    if case.settings.level is not None:  # beside priors of single values there is one of all cells
        prior = float(log_priors(arrays, position[None]).sum())
    return log_density(arrays, position) - prior


def by_definition(case: Built, position: np.ndarray) -> float:
    """The log-likelihood from the named parameters, by plain loops."""
    design, values = case.design, read_vector(case.parameters, position)
    effects = composition_effects_of(design, values)
    log_share = by_hand.log_softmax((design.composition.matrix @ effects).tolist())
    coverage = np.tile(values["coverage"], (len(design.strata), 1))
    if "heterogeneity" in values:
        coverage = coverage + design.heterogeneity.matrix @ values["heterogeneity"]
    for j, name in enumerate(design.changes.names):
        changed, since = name.split(" from ")
        for s, stratum in enumerate(case.table.strata):
            if stratum["year"] >= since:
                coverage[s, case.table.lists.index(changed)] += values["coverage_change"][j]
    terms = {
        tuple(name.split("&")): value
        for name, value in zip(design.terms, interactions(case.settings, values), strict=True)
    }
    log_n0 = math.log(design.registered) + float(values["log_ratio"])
    cells = by_hand.expected_cells(case.table, log_n0, log_share, coverage.tolist(), terms)
    return by_hand.log_likelihood(case.table, cells)


@pytest.mark.parametrize("name", CASES)
def test_likelihood_is_its_definition(name):
    case = built_case(name)
    if case.design.unknown.names:
        pytest.skip("roads of unknown levels are held to the sum over every table of people in test_unknown.py")
    for at in case.points(4, shrink=0.3, seed=11):
        wanted = by_definition(case, at)
        assert log_likelihood(case, at) == pytest.approx(wanted, rel=1e-10, abs=1e-8)


def test_reference_of_the_prior_is_the_registered_number():
    assert built_case("three lists, default").design.registered == 275
    # <=80, 40-60, >=3, <5 and 1-4 enter by the middle of their bounds; >=3 by 3
    assert built_case("interval counts").design.registered == 120 + 40 + 50 + 14 + 3 + 2 + 2.5


def test_people_of_unknown_sex_have_the_likelihood_of_missing_data():
    """Against the sum over everything that the blanks may hide, for one history.

    Women and men on list A are Poisson; each one's sex is missing with the same probability, whoever it is. Summing
    over the sexes of those without one gives a likelihood that differs from ours by what does not depend on the model.
    """
    women, men, blank, missing = 7, 4, 5, 0.3
    table = read(f"sex,A,B,count\nf,1,0,{women}\nm,1,0,{men}\n,1,0,{blank}\nf,1,1,3\n", Declaration(("A", "B"), (SEX,)))

    def missing_data(cell_f: float, cell_m: float) -> float:
        total = 0.0
        for k in range(blank + 1):
            parts = by_hand.log_poisson(women + k, cell_f) + by_hand.log_poisson(men + blank - k, cell_m)
            chances = math.comb(women + k, k) * math.comb(men + blank - k, blank - k)
            total += math.exp(parts) * chances * missing**blank * (1 - missing) ** (women + men)
        return math.log(total)

    case = built(table, read_priors("independence"))
    points = case.points(6, shrink=0.4, seed=3)
    differences = []
    for at in points:
        values = read_vector(case.parameters, at)
        share = by_hand.log_softmax(
            (case.design.composition.matrix @ composition_effects_of(case.design, values)).tolist()
        )
        coverage = values["coverage"] + case.design.heterogeneity.matrix @ values["heterogeneity"]
        n0 = [math.exp(math.log(case.design.registered) + float(values["log_ratio"]) + one) for one in share]
        on_a = [n0[s] * math.exp(coverage[s, 0]) for s in range(2)]
        on_b = [n0[s] * math.exp(coverage[s, 1]) for s in range(2)]
        on_both = [n0[s] * math.exp(coverage[s].sum()) for s in range(2)]
        others = 3 * math.log(on_both[0]) - sum(on_b) - sum(on_both)
        differences.append(log_likelihood(case, at) - missing_data(*on_a) - others)
    np.testing.assert_allclose(differences, differences[0], rtol=0, atol=1e-9)


def test_coverage_of_the_posterior_is_that_of_the_likelihood():
    """The cells that people are drawn from are those that the counts were held against."""
    case = built_case("lists redefined")
    for at in case.points(3, shrink=0.3, seed=4):
        values = read_vector(case.parameters, at)
        coverage = coverage_of(case.design, values)
        moved = {name: values["coverage_change"][j] for j, name in enumerate(case.design.changes.names)}
        plain = values["coverage"] + case.design.heterogeneity.matrix @ values["heterogeneity"]
        for s, stratum in enumerate(case.table.strata):
            late = moved["B from 2015"] * (stratum["year"] >= "2015") + moved["B from 2016"] * (
                stratum["year"] == "2016"
            )
            assert coverage[s] - plain[s] == pytest.approx(
                [0, late, moved["C from 2016"] * (stratum["year"] == "2016")]
            )


def test_an_interval_of_one_number_is_that_number():
    for number in ("14-14", "14"):
        table = read(THREE_LISTS.replace("1,1,0,14", f"1,1,0,{number}"))
        assert table.lower.tolist() == table.upper.tolist()
    one = built(read(THREE_LISTS), read_priors("moderate"))
    other = built(read(THREE_LISTS.replace("1,1,0,14", "1,1,0,14-14")), read_priors("moderate"))
    for at in one.points(3):
        assert log_density(one.arrays, at) == log_density(other.arrays, at)


def test_an_interval_of_one_number_treated_as_an_interval_is_that_number():
    """The two roads through the likelihood, the exact one and that of bounds, meet."""
    case = built(read(THREE_LISTS), read_priors("moderate"))
    observed = case.design.observed
    cell = 6  # A and B
    count = int(observed.counts[0, cell])
    counts, exposure = observed.counts.copy(), observed.exposure.copy()
    counts[0, cell] = exposure[0, cell] = 0
    number = np.array([count])
    arrays = case.arrays._replace(
        counts=counts,
        exposure=exposure,
        range_lower=number,
        range_upper=number,
        range_start=np.array([0, 1]),
        range_cell=np.array([cell]),
    )
    for at in case.points(5, shrink=0.5):
        wanted = log_density(case.arrays, at) - math.lgamma(count + 1)
        assert log_density(arrays, at) == pytest.approx(wanted, rel=1e-11, abs=1e-9)


@pytest.mark.parametrize("text", [THREE_LISTS, BLANK_SEX])
def test_splitting_a_number_into_parts_with_the_same_cover_changes_nothing(text):
    declaration = WITH_SEX if text is BLANK_SEX else None
    table = read(text, declaration)
    covers = by_hand.covers_of(table)
    lower = [n - n // 3 for n in table.lower.tolist()] + [n // 3 for n in table.lower.tolist()]
    start = np.concatenate([[0], np.cumsum([len(cover) for cover in covers + covers])])
    parts = replace(
        table,
        lower=np.array(lower),
        upper=np.array(lower),
        cover_start=start,
        cover_cell=np.concatenate([table.cover_cell, table.cover_cell]),
        line=np.concatenate([table.line, table.line]),
    )
    whole, split = built(table, read_priors("wide")), built(parts, read_priors("wide"))
    for at in whole.points(5, shrink=0.5):
        assert log_density(split.arrays, at) == pytest.approx(log_density(whole.arrays, at), rel=1e-12)


def test_a_sum_over_the_sexes_and_its_parts_say_the_same_of_everybody():
    """Without effects of sex, those of unknown sex and those of a known one say the same: only the sums matter."""
    known = built(read(BY_SEX, WITH_SEX), read_priors("moderate"), heterogeneity=())
    text = BY_SEX.replace("f,1,0,0,70", "f,1,0,0,30").replace("m,1,0,0,50", "m,1,0,0,20") + ",1,0,0,70\n"
    partly = built(read(text, WITH_SEX), read_priors("moderate"), heterogeneity=())
    differences = []
    for at in known.points(6, shrink=0.5, seed=5):
        at[-1] = 0.0  # the effect of sex on composition
        differences.append(log_density(known.arrays, at) - log_density(partly.arrays, at))
    np.testing.assert_allclose(differences, differences[0], atol=1e-9)


@pytest.mark.parametrize("priors", ["moderate", "wide", "horseshoe"])
@pytest.mark.parametrize("text", [FOUR_LISTS, INTERVALS])
def test_relabelling_the_lists_permutes_and_changes_nothing(priors, text):
    header = text.splitlines()[0].split(",")[:-1]
    one = built(read(text, Declaration(tuple(header))), read_priors(priors))
    other = built(read(text, Declaration(tuple(reversed(header)))), read_priors(priors))
    for at in one.points(4, shrink=0.5):
        moved = matched(other, named_values(one, at))
        assert sorted(moved) == sorted(at)
        assert log_density(other.arrays, moved) == pytest.approx(log_density(one.arrays, at), rel=1e-12)


def test_relabelling_levels_permutes_and_changes_nothing():
    """The contrasts differ, the model does not: the effects of levels are the same numbers in another order."""
    swapped = Declaration(("A", "B", "C"), (replace(SEX, levels=("m", "f")),))
    one = built(read(BLANK_SEX, WITH_SEX), read_priors("moderate"))
    other = built(read(BLANK_SEX, swapped), read_priors("moderate"))
    for at in one.points(4, shrink=0.5):
        mirrored = at.copy()
        names = [name for name, *_ in named_values(one, at)]
        mirrored[[name in ("composition", "heterogeneity") for name in names]] *= -1
        assert log_density(other.arrays, mirrored) == pytest.approx(log_density(one.arrays, at), rel=1e-12)


def test_the_order_of_rows_changes_nothing():
    text = by_year()
    header, *rows = text.splitlines()
    shuffled = "\n".join([header, *np.random.default_rng(1).permutation(rows)]) + "\n"
    one, other = built(read(text, BY_YEAR), read_priors("wide")), built(read(shuffled, BY_YEAR), read_priors("wide"))
    for ours, theirs in zip(one.arrays, other.arrays, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_splitting_a_table_by_a_covariate_without_effect_on_coverage_factorises():
    """Strata × histories, when histories do not depend on strata: pooled likelihood times that of the strata.

    So the posterior of the total is that of the pooled table whatever the prior on composition; exactly.
    """
    pooled = read(THREE_LISTS)
    rng = np.random.default_rng(8)
    rows = ["sex,A,B,C,count"]
    for line in THREE_LISTS.splitlines()[1:]:
        *on, number = line.split(",")
        women = int(rng.binomial(int(number), 0.6))
        rows += [",".join(["f", *on, str(women)]), ",".join(["m", *on, str(int(number) - women)])]
    split = built(read("\n".join(rows) + "\n", WITH_SEX), read_priors("moderate"), heterogeneity=())
    whole = built(pooled, read_priors("moderate"))
    n_common = len(whole.points(1)[0])
    assert [p.name for p in split.parameters[: len(whole.parameters)]] == [p.name for p in whole.parameters]
    points = split.points(5, shrink=0.4, seed=9)
    for composition in points[:, n_common:]:
        differences = []
        for common in points[:, :n_common]:
            at = np.concatenate([common, composition])
            differences.append(log_likelihood(split, at) - log_likelihood(whole, common))
        np.testing.assert_allclose(differences, differences[0], rtol=0, atol=1e-8)


def test_terms_of_lists_that_cannot_overlap_are_no_parameters():
    design = built_case("lists that cannot overlap").design
    assert design.pairs == ("A&B", "B&C")
    assert design.observed.possible.tolist() == [[1, 1, 1, 1, 1, 0, 1, 0]]


def test_independence_has_no_terms():
    design = design_of(read(THREE_LISTS), dependence=False)
    assert design.terms == ()
    assert prior_settings(read_priors("independence"), design).dependence == "none"
