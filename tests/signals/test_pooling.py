"""The shares of groups: against exact answers, an independent integral, and the same model in PyMC."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from estimator.signals.pooling import draw_shares
from estimator.signals.schema import SurveyModelSection
from estimator.signals.sums import Node

DRAWS = 8000


def counts(group: int, people: int, *allowed: int) -> Node:
    weight = np.zeros(people + 1)
    weight[list(allowed)] = 1
    return Node(weight, (), group)


def survey(*leaves: Node, total: tuple[int, ...] | None = None) -> Node:
    people = sum(leaf.people for leaf in leaves)
    weight = np.ones(people + 1) if total is None else np.isin(np.arange(people + 1), total).astype(float)
    return Node(weight, leaves)


def within(draws: np.ndarray, mean: float, errors: float = 4.5) -> bool:
    """Whether the mean of independent draws is a given one."""
    return bool(abs(draws.mean() - mean) < errors * draws.std() / np.sqrt(len(draws)))


class TestNoPooling:
    MODEL = SurveyModelSection(pooling="none")

    def test_a_known_number_gives_the_conjugate_beta(self):
        drawn = draw_shares(survey(counts(0, 18, 15), counts(1, 51, 37)), self.MODEL, DRAWS, np.random.default_rng(1))
        for group, exact in enumerate((stats.beta(16, 4), stats.beta(38, 15))):
            assert stats.kstest(drawn.shares[:, group], exact.cdf).pvalue > 0.001

    def test_a_number_between_limits_gives_the_mixture(self):
        """Under a uniform prior each possible number is equally likely."""
        drawn = draw_shares(survey(counts(0, 52, 24, 25)), self.MODEL, DRAWS, np.random.default_rng(2))

        def mixture(share):
            return (stats.beta.cdf(share, 25, 29) + stats.beta.cdf(share, 26, 28)) / 2

        assert stats.kstest(drawn.shares[:, 0], mixture).pvalue > 0.001

    def test_what_groups_add_up_to_bounds_them(self):
        """Two groups of 2 of whom 3 say yes: (1, 2) and (2, 1), each as likely."""
        root = survey(counts(0, 2, 0, 1, 2), counts(1, 2, 0, 1, 2), total=(3,))
        drawn = draw_shares(root, self.MODEL, DRAWS, np.random.default_rng(3))
        assert set(map(tuple, drawn.counts)) == {(1, 2), (2, 1)}
        assert within(drawn.shares[:, 0], (2 / 4 + 3 / 4) / 2)


def integrated(root: Node, model: SurveyModelSection) -> tuple[float, float]:
    """The posterior means of mu and tau, by Gauss-Legendre quadrature of a density written anew."""
    leaves = list(root.leaves())
    z, weight = np.polynomial.hermite_e.hermegauss(61)
    weight = weight / weight.sum()
    allowed = {
        index: root.weight[sum(index)] * np.prod([leaf.weight[k] for leaf, k in zip(leaves, index, strict=True)])
        for index in np.ndindex(*(leaf.people + 1 for leaf in leaves))
    }

    def density(mu: float, tau: float) -> float:
        share = expit(mu + tau * z)
        groups = [stats.binom.pmf(np.arange(leaf.people + 1)[:, None], leaf.people, share) @ weight for leaf in leaves]
        total = sum(
            found * np.prod([group[k] for group, k in zip(groups, index, strict=True)])
            for index, found in allowed.items()
            if found
        )
        return float(total * stats.norm.pdf(mu, 0, model.mean_sd) * stats.halfnorm.pdf(tau, 0, model.between_sd))

    x, w = np.polynomial.legendre.leggauss(40)
    mus, taus = 6 * x, 2.25 * (x + 1)
    heights = np.outer(w, w) * [[density(mu, tau) for tau in taus] for mu in mus]
    heights /= heights.sum()
    return float(heights.sum(1) @ mus), float(heights.sum(0) @ taus)


class TestPartialPooling:
    MODEL = SurveyModelSection()

    @pytest.mark.parametrize("total", [None, (7, 8)])
    def test_mean_and_spread_are_those_of_an_integral_written_anew(self, total):
        root = survey(counts(0, 4, 3), counts(1, 6, 1, 2, 3, 4), counts(2, 3, 1, 2), total=total)
        drawn = draw_shares(root, self.MODEL, DRAWS, np.random.default_rng(4))
        mean, spread = integrated(root, self.MODEL)
        assert within(drawn.mean, mean)
        assert within(drawn.spread, spread)

    def test_a_group_of_which_nothing_is_known_is_drawn_from_the_others(self):
        """Its share is expit(mu + tau z): its mean follows from those draws alone."""
        root = survey(counts(0, 40, 30), counts(1, 40, 28), counts(2, 10, *range(11)))
        drawn = draw_shares(root, self.MODEL, DRAWS, np.random.default_rng(5))
        z = np.random.default_rng(6).standard_normal(DRAWS)
        fresh = expit(drawn.mean + drawn.spread * z)
        difference = drawn.shares[:, 2].mean() - fresh.mean()
        assert abs(difference) < 4.5 * np.hypot(fresh.std(), drawn.shares[:, 2].std()) / np.sqrt(DRAWS)

    @pytest.mark.slow
    def test_intervals_hold_the_truth_as_often_as_they_say(self):
        """Truths from the prior: 80 % intervals of a group hold them in 80 % of 200 surveys, five errors aside."""
        rng, held, surveys = np.random.default_rng(7), 0, 200
        for _ in range(surveys):
            mu, tau = 1.5 * rng.standard_normal(), abs(rng.standard_normal())
            shares = expit(mu + tau * rng.standard_normal(3))
            people = (12, 25, 40)
            yes = rng.binomial(people, shares)
            leaves = [
                counts(0, 12, yes[0]),
                counts(1, 25, *range(max(yes[1] - 2, 0), min(yes[1] + 2, 25) + 1)),
                counts(2, 40, *range(41)),
            ]
            drawn = draw_shares(survey(*leaves, total=(int(yes.sum()),)), self.MODEL, 400, rng)
            lower, upper = np.quantile(drawn.shares[:, 1], [0.1, 0.9])
            held += lower <= shares[1] <= upper
        assert abs(held / surveys - 0.8) < 5 * np.sqrt(0.8 * 0.2 / surveys)


@pytest.mark.slow
def test_the_same_model_in_pymc_has_the_same_posterior():
    import pymc as pm

    yes, people = np.array([15, 37, 24, 76]), np.array([18, 51, 52, 194])
    with pm.Model():
        mean, spread = pm.Normal("mean", 0, 1.5), pm.HalfNormal("spread", 1.0)
        z = pm.Normal("z", 0, 1, shape=4)
        share = pm.Deterministic("share", pm.math.invlogit(mean + spread * z))
        pm.Binomial("yes", n=people, p=share, observed=yes)
        posterior = pm.sample(2000, tune=1000, chains=4, random_seed=1, target_accept=0.95, progressbar=False).posterior
    root = survey(*(counts(group, n, k) for group, (n, k) in enumerate(zip(people, yes, strict=True))))
    drawn = draw_shares(root, SurveyModelSection(), DRAWS, np.random.default_rng(8))
    for theirs, ours in ((posterior["share"].values.reshape(-1, 4), drawn.shares),):
        error = np.sqrt(theirs.var(0) / 1500 + ours.var(0) / DRAWS)  # chains are correlated: at least 1,500 effective
        assert np.all(np.abs(theirs.mean(0) - ours.mean(0)) < 4.5 * error)
        np.testing.assert_allclose(theirs.std(0), ours.std(0), rtol=0.1)
