"""Latent classes: the parts against formulas written here, and draws against sums over everything there is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from estimator.capture.declaration import Covariate, Declaration
from estimator.methods.complete import complete_counts
from estimator.methods.convergence import IndependentDraws, assess
from estimator.methods.door import SamplerSettings
from estimator.methods.latent_class import leaps, randomness
from estimator.methods.latent_class.ladder import cells_of, first_shares, spread_evenly, tables_between
from estimator.methods.latent_class.method import LatentClass
from estimator.methods.latent_class.misfit import cell_probabilities, people_by_class
from estimator.methods.latent_class.mixture import class_row, log_likelihood, log_prior_of_weights
from estimator.methods.latent_class.sampling import ClassDraws, coordinates_of, drawn_from_prior, sample
from estimator.methods.registry import chosen_options, refusals
from estimator.methods.student_mixtures import fitted
from estimator.population.estimate import estimate
from estimator.population.thresholds import convergence_limits
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.study.study import Study, read_study
from tests.capture.capture_examples import read

SMALL = SamplerSettings(draws=4000, warmup=600, chains=2, cores=2)
TABLE = np.array([0, 3, 2, 1, 4, 0, 1, 2])


def a_state(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 2**63, size=4, dtype=np.uint64)


# --- random numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "p"), [(12.0, 0.3), (300.0, 0.02), (300.0, 0.4), (5000.0, 0.97)])
def test_binomial_numbers_have_the_binomial_distribution(n, p):
    state = a_state()
    drawn = np.array([randomness.binomial(state, n, p) for _ in range(20_000)])
    assert_discrete(drawn, stats.binom(n, p))


@pytest.mark.parametrize("mean", [0.3, 7.0, 40.0, 900.0])
def test_poisson_numbers_have_the_poisson_distribution(mean):
    state = a_state()
    assert_discrete(np.array([randomness.poisson(state, mean) for _ in range(20_000)]), stats.poisson(mean))


@pytest.mark.parametrize("shape", [0.05, 0.8, 1.0, 30.0])
def test_log_gamma_numbers_have_the_gamma_distribution(shape):
    state = a_state()
    drawn = np.array([randomness.log_gamma(state, shape) for _ in range(20_000)])
    assert stats.kstest(drawn, stats.loggamma(shape).cdf).pvalue > 1e-4


def test_streams_of_different_states_differ_and_the_same_state_gives_the_same():
    first, again, other = a_state(), a_state(), a_state(2)
    numbers = [[randomness.uniform(state) for _ in range(1000)] for state in (first, again, other)]
    assert numbers[0] == numbers[1] != numbers[2]
    assert stats.kstest(numbers[0], "uniform").pvalue > 1e-4


def assert_discrete(drawn: np.ndarray, law) -> None:
    limits = np.unique(law.ppf(np.linspace(0, 1, 21)[1:-1]))
    found = np.bincount(np.searchsorted(limits, drawn), minlength=len(limits) + 1)
    expected = np.diff(np.concatenate([[0.0], law.cdf(limits), [1.0]])) * len(drawn)
    kept = expected > 1
    assert stats.chisquare(found[kept], expected[kept] * found[kept].sum() / expected[kept].sum()).pvalue > 1e-4


# --- density ----------------------------------------------------------------------------------------------------------


def test_the_prior_of_weights_is_that_of_broken_sticks_with_alpha_summed_over():
    rng = np.random.default_rng(3)
    a, b, found, expected = 0.25, 0.25, [], []
    for _ in range(20):
        sticks = rng.random(4)
        weight = np.log(np.append(sticks, 1) * np.concatenate([[1], np.cumprod(1 - sticks)]))
        nodes = np.exp(np.linspace(-60, 8, 40_001))
        # alpha^4 times the product of (1 - V)^(alpha - 1), times its gamma density, by the trapezoid rule in log alpha
        values = nodes ** (4 + a) * np.exp(nodes * (np.log1p(-sticks).sum() - b))
        density = np.trapezoid(values, np.log(nodes)) / np.prod(1 - sticks)
        expected.append(np.log(density * np.prod(sticks * (1 - sticks))))  # of logits
        found.append(log_prior_of_weights(weight + 3.0, a, b))  # known up to a factor
    np.testing.assert_allclose(np.diff(found), np.diff(expected), atol=1e-6)


def test_the_likelihood_is_that_of_cells_among_the_registered():
    rng = np.random.default_rng(4)
    weight, profile = rng.normal(size=3), rng.normal(size=(3, 3))
    cells = cells_of(TABLE)
    rows, log_cell = np.empty((3, len(cells.count) + 2)), np.empty(len(cells.count))
    for k in range(3):
        class_row(weight[k], profile[k], cells.start, cells.member, rows[k])
    share, on = np.exp(weight) / np.exp(weight).sum(), expit(profile)
    p = np.zeros(8)
    for h in range(8):
        for k in range(3):
            p[h] += share[k] * np.prod([on[k, i] if h >> (2 - i) & 1 else 1 - on[k, i] for i in range(3)])
    expected = sum(TABLE[h] * np.log(p[h] / (1 - p[0])) for h in range(1, 8) if TABLE[h])
    assert log_likelihood(rows, cells.count, log_cell) == pytest.approx(expected)
    np.testing.assert_allclose(cell_probabilities(weight[None], profile[None])[0], p)
    draws = ClassDraws(np.zeros((1, 1)), np.zeros((1, 1)), weight[None, None], profile[None, None])
    registered, unseen = people_by_class(draws)
    none = np.prod(1 - on, axis=1)
    np.testing.assert_allclose(registered[0, 0], share * (1 - none) / (share * (1 - none)).sum())
    np.testing.assert_allclose(unseen[0, 0], share * none / (share * none).sum())


# --- the ladder and leaps ---------------------------------------------------------------------------------------------


def test_every_table_of_the_ladder_is_part_of_the_next_and_the_last_is_the_whole():
    cells = cells_of(complete_counts(read_study("nl-2010-2015-5lists").table)[0])
    tables = tables_between(cells, first_shares(cells.registered))
    assert (np.diff(tables, axis=0) >= 0).all()
    assert (tables[-1] == cells.count).all()
    assert tables[0].sum() == pytest.approx(300, abs=len(cells.count))


def test_rungs_are_spread_so_that_each_step_is_as_hard():
    shares = spread_evenly(np.array([0.1, 0.2, 0.4, 1.0]), np.array([1.0 - 0.2, 1.0 - 0.2, 1.0 - 0.8]))
    # steps of 0.4 of a barrier of 1.2: the first two steps are one now, and the third is two
    np.testing.assert_allclose(shares, [0.1, 0.4, np.exp((np.log(0.4) + np.log(1.0)) / 2), 1.0])


def test_coordinates_go_back_to_the_probabilities_that_they_are_of():
    for x in (-25.0, -3.0, -0.2, 0.0, 1.0, 8.0):
        phi, slope = leaps.to_coordinate(x)
        p = expit(x)
        assert phi == pytest.approx(np.cbrt(p) - np.cbrt(1 - p), abs=1e-12)
        back, same = leaps.from_coordinate(phi)
        assert back == pytest.approx(x, rel=1e-6, abs=1e-9)
        assert same == pytest.approx(slope, abs=1e-5)
        step = 1e-5
        numeric = (leaps.to_coordinate(x + step)[0] - leaps.to_coordinate(x - step)[0]) / (2 * step)
        assert np.exp(slope) == pytest.approx(numeric, rel=1e-4)


def test_states_are_described_as_machine_code_describes_them():
    weight, profile = drawn_from_prior(30, 5, 4, np.random.default_rng(2))
    draws = [ClassDraws(np.zeros(30), np.zeros(30), weight, profile)]
    counts = np.arange(16)
    ours = coordinates_of(cells_of(counts), draws, 3)
    point, place = np.empty(2 + 12), np.empty(3, np.int64)
    for number in range(30):
        _, together, following = leaps.describe(weight[number], profile[number], place, point)
        np.testing.assert_allclose(ours[number], point, atol=1e-9)
        registered = weight[number] + np.log(-np.expm1(-np.logaddexp(0, profile[number]).sum(axis=1)))
        assert together == pytest.approx(np.logaddexp.reduce(np.sort(registered)[-3:]))
        assert following == pytest.approx(np.sort(registered)[-4])


def test_the_mixture_that_is_fitted_is_the_one_that_points_came_from():
    rng = np.random.default_rng(5)
    points = np.concatenate([rng.normal([0, 0], 0.1, (600, 2)), rng.normal([3, -3], 0.3, (200, 2))])
    made = fitted(points, rng)
    near = np.abs(made.middle - [3, -3]).max(axis=1) < 1.5
    assert np.exp(made.log_share[near]).sum() == pytest.approx(0.25, abs=0.05)
    work = np.empty(2)

    def density(point):
        return leaps.log_mixture(np.array(point), made.log_share, made.middle, made.root, work)

    assert density([0, 0]) > density([3, -3]) > density([1.5, -1.5])


# --- draws against everything there is --------------------------------------------------------------------------------


def from_the_prior(counts: np.ndarray, n_classes: int, draws: int, rng: np.random.Generator) -> tuple:
    """Return log odds of being unseen in draws from the prior, and how probable each makes the table."""
    n_lists = len(counts).bit_length() - 1
    alpha = rng.gamma(0.25, 1 / 0.25, draws)
    with np.errstate(all="ignore"):
        sticks = np.column_stack([rng.beta(1, alpha) for _ in range(n_classes - 1)] + [np.ones(draws)])
    left = np.column_stack([np.ones(draws), np.cumprod(1 - sticks[:, :-1], axis=1)])
    on = rng.random((draws, n_classes, n_lists))
    p = []
    for h in range(len(counts)):
        chosen = [on[:, :, i] if h >> (n_lists - 1 - i) & 1 else 1 - on[:, :, i] for i in range(n_lists)]
        p.append((sticks * left * np.prod(chosen, axis=0)).sum(axis=1))
    log_likelihood = sum(counts[h] * np.log(p[h] / (1 - p[0])) for h in range(1, len(counts)) if counts[h])
    return np.log(p[0] / (1 - p[0])), np.exp(log_likelihood - log_likelihood.max())


def quantiles(values: np.ndarray, weights: np.ndarray, at: list[float]) -> np.ndarray:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return values[order][np.searchsorted(reached, np.array(at) * reached[-1])]


AT = [0.025, 0.25, 0.5, 0.75, 0.975]


@pytest.mark.slow
@pytest.mark.parametrize(("counts", "n_classes"), [([0, 4, 3, 2], 2), (TABLE, 2), (TABLE, 4)])
def test_draws_are_those_of_the_prior_weighed_by_the_table(counts, n_classes):
    counts = np.array(counts)
    log_odds, weights = from_the_prior(counts, n_classes, 1_000_000, np.random.default_rng(7))
    drawn = sample(counts, n_classes, SMALL, 0, lambda draws: True)
    np.testing.assert_allclose(
        np.quantile(drawn.log_odds, AT), quantiles(log_odds, weights, AT), atol=0.12
    )  # 0.03 in the middle, 0.1 in the tails, is what 8,000 draws are worth
    middle = quantiles(log_odds, weights, [0.4, 0.6])
    assert middle[0] < np.median(drawn.log_odds) < middle[1]


@pytest.mark.slow
def test_two_lists_of_two_classes_by_quadrature():
    counts, nodes = np.array([0, 4, 3, 2]), 24
    x, w = np.polynomial.legendre.leggauss(nodes)
    u, w = (x + 1) / 2, w / 2
    # e = -log(1 - V) has the density a b^a / (b + e)^(a + 1) with alpha summed over: by its quantiles
    first = -np.expm1(-0.25 * ((1 - u) ** -4.0 - 1))[:, None, None, None, None]
    on = [np.moveaxis(u.reshape(-1, 1, 1, 1, 1), 0, place) for place in range(1, 5)]
    p = [
        first * (on[0] if h & 2 else 1 - on[0]) * (on[1] if h & 1 else 1 - on[1])
        + (1 - first) * (on[2] if h & 2 else 1 - on[2]) * (on[3] if h & 1 else 1 - on[3])
        for h in range(4)
    ]
    weights = np.ones(1)
    for place in range(5):
        weights = weights * np.moveaxis(w.reshape(-1, 1, 1, 1, 1), 0, place)
    weights = weights * np.prod([(p[h] / (1 - p[0])) ** counts[h] for h in (1, 2, 3)], axis=0)
    exact = {power: (weights * p[0] ** power).sum() / weights.sum() for power in (1, 2)}
    drawn = expit(sample(counts, 2, SMALL, 0, lambda draws: True).log_odds)
    for power, value in exact.items():
        assert (drawn**power).mean() == pytest.approx(value, abs=0.008)


@pytest.mark.slow
def test_ranks_of_truths_drawn_from_the_prior_are_uniform():
    # simulation-based calibration: 4 lists, 60 people, who knows how many classes
    rng, ranks = np.random.default_rng(11), []
    quick = SamplerSettings(draws=200, warmup=100, chains=2, cores=1)
    while len(ranks) < 80:
        weight, profile = drawn_from_prior(1, 5, 4, rng)
        p = cell_probabilities(weight, profile)[0]
        if not 1 - p[0] > 1e-9:
            continue
        counts = np.append(0, rng.multinomial(60, p[1:] / p[1:].sum()))
        drawn = sample(counts, 5, quick, len(ranks), lambda draws: True)
        ranks.append((drawn.log_odds < logit(p[0])).mean())
    assert stats.kstest(ranks, "uniform").pvalue > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "theirs"),
    [
        # LCMCR 0.4.14 with K = 10, where its chains agree (R-hat 1.005 and 1.007): ../shared/PEERS.md
        ("kosovo-1999", (10_469, 9_120, 14_264)),
        ("uk-2013-5lists", (22_043, 15_274, 34_235)),
    ],
)
def test_where_the_chains_of_lcmcr_agree_so_do_we(study, theirs):
    made = estimate(study, method="latent-class", options={"strata": "pooled"})
    assert made.convergence.passed
    found = [made.total.N.median, made.total.N.lower, made.total.N.upper]
    np.testing.assert_allclose(found, theirs, rtol=0.05)


@pytest.mark.slow
def test_chains_agree_on_the_dutch_table_where_those_of_lcmcr_do_not():
    counts = complete_counts(read_study("nl-2010-2015-5lists").table)[0]
    found = [
        sample(counts, 10, SamplerSettings(seed=seed), 0, lambda draws: agree(draws)).log_odds for seed in (1, 2, 3)
    ]
    assert all(agree(ClassDraws(values, values, values, values)) for values in found)
    shares = [(values < np.log(80_000 / 8_234 - 1)).mean() for values in found]
    assert max(shares) - min(shares) < 0.08
    assert 0.25 < np.mean(shares) < 0.5


def agree(draws: ClassDraws) -> bool:
    return assess({"": draws.log_odds}, IndependentDraws(draws.log_odds.shape), convergence_limits()).passed


# --- the method -------------------------------------------------------------------------------------------------------

TEXT = "A,B,C,sex,count\n" + "\n".join(
    f"{h >> 2 & 1},{h >> 1 & 1},{h & 1},{sex},{10 * h + 5}" for sex in "fm" for h in range(1, 8)
)


def a_study(text: str = TEXT) -> Study:
    return Study.of_table(read(text + "\n", Declaration(("A", "B", "C"), (Covariate("sex", ("f", "m")),))))


def refused(study: Study, **options: str) -> list[str]:
    method = LatentClass()
    return [reason.code for reason in refusals(method, study, chosen_options(method, options))]


def test_what_is_refused():
    assert refused(a_study()) == []
    assert refused(a_study(TEXT.replace("0,0,1,f,15", "0,0,1,f,11-19"))) == ["method-needs-complete-counts"]
    nobody = "\n".join(line for line in TEXT.splitlines() if ",m," not in line) + "\n0,0,1,m,0"
    assert refused(a_study(nobody)) == ["method-needs-people"]
    assert refused(a_study(nobody), strata="pooled") == []
    men_apart = "\n".join(line for line in TEXT.splitlines() if ",m," not in line) + "\n0,0,1,m,9\n1,0,0,m,4"
    assert refused(a_study(men_apart)) == ["method-needs-overlap"]
    two = Study.of_table(read("A,B,count\n1,0,5\n0,1,5\n1,1,2\n", Declaration(("A", "B"))))
    assert refused(two) == ["method-needs-more-lists"]


QUICK = SamplerSettings(draws=100, warmup=40, chains=2)


def test_a_run_gives_the_estimate_back(tmp_path):
    made = estimate("kosovo-1999", method="latent-class", options={"classes": "5"}, sampler=QUICK)
    assert (made.population.registered == 4400).all()
    again = estimate_of_run(read_run(made.save(tmp_path / "run")))
    assert again.predictive_p == made.predictive_p
    assert again.fitness == made.fitness
    assert again.assumption == made.assumption
    assert (again.posterior.details.kinds == made.posterior.details.kinds).all()


def test_strata_have_classes_of_their_own_and_a_seed_gives_the_same():
    made, again = (estimate(a_study(), method="latent-class", sampler=QUICK).population for _ in range(2))
    assert made.unseen.shape == (2, 100, 2)
    assert (made.registered == sum(10 * h + 5 for h in range(1, 8))).all()
    assert (made.unseen == again.unseen).all()
    # both strata have the same counts, and random numbers of their own
    assert (made.unseen[..., 0] != made.unseen[..., 1]).any()
