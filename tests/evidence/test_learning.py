"""What is learned of dependence from tables whose dependence is known."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from estimator.study.priors import read_priors
from evidence import learning_residual
from evidence.learning import ABSOLUTE, RELATIVE, learn_dependence, next_table, weights_of
from evidence.learning_fits import REFERENCE_MEAN, REFERENCE_SCALE
from evidence.learning_residual import learn_residual, log_likelihood, log_profile
from evidence.meta_analysis import Learned

N_CASES, N_DRAWS = 40, 500


def fits_of_known_tables(mean, log_scale, error, seed, relative=True):
    """What fits of single tables give when each measures its own values with a normal error, under the wide priors."""
    rng = np.random.default_rng(seed)

    def posterior(values, prior):
        seen = values + error * rng.standard_normal(len(values))
        precision = 1 / error**2 + 1 / prior[1] ** 2
        middle = (seen / error**2 + prior[0] / prior[1] ** 2) / precision
        return middle[:, None] + rng.standard_normal((len(values), N_DRAWS)) / math.sqrt(precision)

    log_scales = rng.normal(*log_scale, N_CASES)
    means = posterior(rng.normal(*mean, N_CASES) * (np.exp(log_scales) if relative else 1.0), REFERENCE_MEAN)
    scales = posterior(log_scales, REFERENCE_SCALE)
    return [{"common_mean": m.tolist(), "log_scale": s.tolist()} for m, s in zip(means, scales, strict=True)]


def test_the_distribution_of_tables_is_found_again():
    """The truth lies within what the posterior says, and the wide priors of single fits leave no trace."""
    found = learn_dependence(fits_of_known_tables((0.6, 0.4), (-0.4, 0.5), 0.2, seed=5), np.ones(N_CASES))
    for name, truth in (("m", 0.6), ("s", 0.4), ("a", -0.4), ("b", 0.5)):
        mean, sd = found.learned[name]
        assert abs(mean - truth) < 3 * sd, name
        assert sd < 0.2, name
    # the next table: spread between tables and what is not known of it
    assert found.relative_mean.sd == pytest.approx(math.hypot(0.4, found.learned["m"][1]), rel=0.25)
    assert found.relative_mean.sd > found.learned["s"][0]


def test_what_is_supposed_of_the_spread_of_scales_matters_where_few_tables_speak():
    fits = fits_of_known_tables((0.6, 0.4), (-0.4, 0.5), 0.3, seed=5)[:6]
    narrow, wide = (learn_dependence(fits, np.ones(6), b_before=before) for before in (0.2, 2.0))
    assert wide.learned["b"][0] > narrow.learned["b"][0]
    assert wide.log_scale.sd > 1.2 * narrow.log_scale.sd
    moments = learn_dependence(fits, np.ones(6), b_before=2.0, by_interval=False)
    assert moments.learned == wide.learned
    assert moments.log_scale.mean == pytest.approx(moments.learned["a"][0])
    assert moments.log_scale.sd != wide.log_scale.sd


def test_the_next_table_has_the_interval_of_the_mixture():
    """Against draws of the mixture, whose quantiles have a known error."""
    rng = np.random.default_rng(3)
    means, sds = rng.normal(0.5, 0.3, 400), np.exp(rng.normal(-0.5, 0.5, 400))
    found = next_table(means, sds)
    number = 400_000
    mixed = stats.norm(means, sds).rvs((number // 400, 400), random_state=rng).ravel()
    for probability, z in ((0.025, -1.96), (0.975, 1.96)):
        at = np.quantile(mixed, probability)
        density = stats.norm(means, sds).pdf(at).mean()
        error = math.sqrt(probability * (1 - probability) / number) / density
        assert found.mean + z * found.sd == pytest.approx(at, abs=4 * error)
    one = next_table(np.array([0.5]), np.array([2.0]))
    assert (one.mean, one.sd) == pytest.approx((0.5, 2.0))


def test_cases_that_weigh_less_say_less():
    fits = fits_of_known_tables((0.6, 0.4), (-0.4, 0.5), 0.3, seed=5)
    sure, unsure = (learn_dependence(fits, weight * np.ones(N_CASES)) for weight in (1.0, 0.1))
    assert unsure.learned["m"][1] > 2 * sure.learned["m"][1]
    assert unsure.relative_mean.sd > sure.relative_mean.sd


@pytest.mark.parametrize(("relative", "better"), [(True, RELATIVE), (False, ABSOLUTE)])
def test_the_form_by_which_tables_were_made_fits_them_better(relative, better):
    fits = fits_of_known_tables((0.8, 0.2), (-0.4, 0.6), 0.1, 3, relative)
    found = learn_dependence(fits, np.ones(N_CASES)).log_likelihood
    assert max(found, key=found.get) == better
    assert abs(found[RELATIVE] - found[ABSOLUTE]) > 5


def test_families_weigh_the_same_and_so_do_their_tables():
    weights = weights_of(["f", "f", "f", "g"], ["a", "a", "b", "c"])
    assert weights == pytest.approx([0.25, 0.25, 0.5, 1.0])


@pytest.mark.parametrize("degrees", [None, 4.0])
def test_the_likelihood_of_people_whom_all_other_lists_missed(degrees):
    """Against quadrature over xi, for one known dark figure and scale."""
    standard = stats.norm if degrees is None else stats.t(degrees)
    fit = {"log_implied": [math.log(80.0)] * 5, "scale": [0.7] * 5, "unseen": 130}

    def density(z):
        return stats.poisson.pmf(130, 80 * math.exp(0.7 * 0.5 * z)) * standard.pdf(z)

    exact = integrate.quad(density, -8, 8, limit=400)[0]
    found = log_likelihood(log_profile(fit, 1)[None], 0.0, np.array([0.5]), degrees)
    assert found == pytest.approx(math.log(exact), abs=2e-3)
    same = log_likelihood(log_profile({**fit, "scale": [1.9] * 5}, 0)[None], 0.0, np.array([0.35]), degrees)
    assert same == pytest.approx(math.log(exact), abs=2e-3)  # power 0: the scale does not matter


def test_the_likelihood_does_not_hang_on_the_number_of_draws():
    """Where many people are unseen, their Poisson distribution is far narrower than the gaps between draws.

    Against the exact answer for normal draws: the unseen are then normal on the log scale, but for Poisson noise.
    """
    rng = np.random.default_rng(11)
    unseen, middle, spread = 15_794, math.log(12_000), 0.5
    exact = stats.norm.logpdf(math.log(unseen), middle, math.hypot(spread, unseen**-0.5)) - math.log(unseen)
    for number in (100, 500):
        draws = middle + spread * rng.standard_normal(number)
        fit = {"log_implied": draws.tolist(), "scale": [0.7] * number, "unseen": unseen}
        at_nothing = log_profile(fit, 0)[learning_residual._NOTHING]
        bandwidth, density = 1.06 * spread * number**-0.2, stats.norm.pdf(math.log(unseen), middle, spread)
        error = math.sqrt(1 / (2 * math.sqrt(math.pi)) / (number * bandwidth * density))  # Silverman 1986, eq. 3.9
        assert at_nothing == pytest.approx(exact, abs=4 * error), number


@pytest.mark.parametrize("degrees", [None, 4.0])
@pytest.mark.parametrize(("centre", "size"), [(0.0, 0.15), (0.0, 0.8), (0.5, 0.4), (-0.4, 0.6)])
def test_the_residual_is_found_again(centre, size, degrees):
    rng = np.random.default_rng(7)
    fits = []
    for _ in range(60):
        scale = float(np.exp(rng.normal(-0.5, 0.4)))
        implied = float(rng.uniform(4, 7))
        standard = rng.standard_normal() if degrees is None else rng.standard_t(degrees)
        unseen = int(rng.poisson(math.exp(implied + scale * (centre + size * standard))))
        draws = implied + 0.1 * rng.standard_normal(N_DRAWS) + 0.1 * rng.standard_normal()
        fits.append({"log_implied": draws.tolist(), "scale": [scale] * N_DRAWS, "unseen": unseen})
    found = learn_residual(fits, np.ones(len(fits)), degrees)
    assert found.size_interval[0] < size < found.size_interval[1]
    assert found.size_interval[1] / found.size_interval[0] < 3.5
    assert abs(found.centre - centre) < 3 * found.centre_sd < 0.6
    if size > 0.2 or degrees:  # a smaller one without tails drowns in the noise of the draws
        assert found.log_likelihood["none"] < found.log_likelihood["as large as the table's pairs"] - 5
    assert found.stated_centre == (found.centre if centre else 0.0)  # a centre that the lists do not tell is not stated


@pytest.mark.parametrize("degrees", [None, 4.0])
def test_a_prior_file_gets_the_shape_of_the_residual(degrees):
    dependence = learn_dependence(fits_of_known_tables((0.6, 0.4), (-0.4, 0.5), 0.3, seed=5)[:6], np.ones(6))
    residual = learn_residual([{"log_implied": [4.0] * 20, "scale": [0.6] * 20, "unseen": 60}], np.ones(1), degrees)
    stated = Learned(dependence, residual, (), (), ()).overrides
    assert stated.get("residual.degrees_of_freedom") == (None if degrees is None else "4")
    priors = read_priors("evidence", stated)
    assert priors.residual.degrees_of_freedom == degrees
    assert priors.residual.size == pytest.approx(residual.size, abs=0.005)
    assert priors.dependence.scale.sigma == pytest.approx(dependence.log_scale.sd, abs=0.005)


def test_how_far_a_residual_reaches():
    """Known sizes against the quantiles of the distributions; unknown ones against what those leave in the tail."""
    one = np.ones(1)
    assert learning_residual._reach(0.4 * one, one, None) == pytest.approx(0.4 * stats.norm.ppf(0.975))
    assert learning_residual._reach(0.4 * one, one, 4.0) == pytest.approx(0.4 * stats.t(4).ppf(0.975))
    sizes, weights = np.array([0.1, 1.0]), np.array([0.75, 0.25])
    reach = learning_residual._reach(sizes, weights, None)
    assert weights @ stats.norm.sf(reach / sizes) == pytest.approx(0.025)
    assert 0.2 < reach < 1.96


def test_what_is_known_of_the_size_reaches_further_than_its_median():
    fits = [
        {"log_implied": [math.log(100.0)] * 20, "scale": [0.6] * 20, "unseen": unseen}
        for unseen in (60, 90, 110, 150, 220)
    ]
    found = learn_residual(fits, np.ones(5))
    assert found.reach == pytest.approx(1.96 * found.size, rel=1e-3)
    assert found.known_reach > found.reach
    assert 0 < found.size_above_one < 1
    assert pytest.approx(stats.norm.sf(math.log(2) / 0.7)) == learning_residual.SIZE_ABOVE_ONE_BEFORE
