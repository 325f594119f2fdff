"""The model of the shares of groups: partial pooling, integrated rather than sampled, so that draws are independent.

For groups g with respondents n_g of whom y_g say yes:

    y_g ~ Binomial(n_g, p_g),   logit p_g = mu + tau z_g,   z_g ~ Normal(0, 1),
    mu ~ Normal(0, mean_sd),    tau ~ HalfNormal(between_sd)        (partial pooling; Gelman & Hill 2007, chapter 12)
    p_g ~ Beta(1, 1)                                                (no pooling)

where what was published need not be y_g itself, but only which y_g are possible, and what some of them add up to
(`estimator.signals.sums`). Given mu and tau the groups are independent and each has one unknown; so the probability of
every count is an integral over one dimension, that of all that was published is a convolution, and what remains is a
sum over a grid of mu and tau. ``tests/signals/test_pooling.py`` states the same in PyMC, samples it, and compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, log_expit

from estimator.signals.schema import SurveyModelSection
from estimator.signals.sums import Floats, Ints, Node, draw_counts, likelihood, possible

_STEP = 0.025
"""Of the grid of logits, at most. The trapezoid rule is exact to many digits when a Gaussian's standard deviation is a
step or more (Trefethen & Weideman 2014, SIAM Review 56); a binomial of n people is at least 2 / sqrt(n) wide."""
_FARTHEST = 12.0
"""Logits beyond are shares below one in 160,000."""

_SMALLEST_SPREAD = 0.025
"""Of tau; what its prior has below stands there, where groups are as good as equal."""
_SPREADS, _MEANS = 30, 41
_NEGLIGIBLE = 25.0
"""In units of the log: what is less likely by so much than the likeliest is left out."""


@dataclass(frozen=True, eq=False)
class ShareDraws:
    """Independent draws of what was not published.

    Parameters
    ----------
    counts : ndarray of int, shape (draw, group)
        Who said yes, among those who answered.
    shares : ndarray, shape (draw, group)
        In the population from which those who answered come, if they are like it.
    mean, spread : ndarray, shape (draw,), or None
        mu and tau; None without pooling.
    """

    counts: Ints
    shares: Floats
    mean: Floats | None = None
    spread: Floats | None = None


def draw_shares(root: Node, model: SurveyModelSection, draws: int, rng: np.random.Generator) -> ShareDraws:
    """Draw the shares of groups, given what was published.

    Parameters
    ----------
    root : Node
        The groups and margins; its groups are numbered from 0.
    """
    respondents = [leaf.people for leaf in sorted(root.leaves(), key=lambda leaf: leaf.group)]
    if model.pooling == "none" or len(respondents) == 1:
        even = [np.full((people + 1, draws), 1 / (people + 1)) for people in respondents]
        counts = draw_counts(root, even, rng)
        return ShareDraws(counts, rng.beta(counts + 1, np.array(respondents) - counts + 1))
    step = min(_STEP, 2 / float(np.sqrt(max(respondents))))
    logits = np.arange(-_FARTHEST, _FARTHEST, step)
    tables = [_binomial(people, logits) for people in respondents]
    problem = _Problem(root, model, logits, tables, possible(root))
    mean, spread, weight = _grid(problem)
    chosen = rng.choice(len(weight), size=draws, p=weight)
    mean, spread = mean[chosen], spread[chosen]
    counts = draw_counts(root, problem.chances(mean, spread), rng)
    shares = np.empty(counts.shape)
    for group, table in enumerate(tables):
        shares[:, group] = _given_count(table[counts[:, group]], logits, mean, spread, rng)
    return ShareDraws(counts, shares, mean, spread)


def _binomial(people: int, logits: Floats) -> Floats:
    """Return the probability that each number of people say yes, shape (people + 1, logits)."""
    yes = np.arange(people + 1)[:, None]
    ways = gammaln(people + 1) - gammaln(yes + 1) - gammaln(people - yes + 1)
    table: Floats = np.exp(ways + yes * log_expit(logits) + (people - yes) * log_expit(-logits))
    return table


def _normal(logits: Floats, mean: Floats, spread: Floats) -> Floats:
    """Return the weight of every logit under each Normal(mean, spread), shape (logits, K); each column sums to 1."""
    weight = np.exp(-0.5 * ((logits[:, None] - mean) / spread) ** 2)
    normal: Floats = weight / weight.sum(0)
    return normal


@dataclass(frozen=True, eq=False)
class _Problem:
    """What the grid is made for: the groups, and for each the counts that are possible with their probabilities."""

    root: Node
    model: SurveyModelSection
    logits: Floats
    tables: Sequence[Floats]
    counts: Sequence[NDArray[np.bool_]]

    def chances(self, mean: Floats, spread: Floats) -> list[Floats]:
        """Return by group the probability of every count under each pair of mu and tau; 0 for those not possible."""
        normal = _normal(self.logits, mean, spread)
        rows = []
        for table, possible_counts in zip(self.tables, self.counts, strict=True):
            chance = np.zeros((len(table), len(mean)))
            chance[possible_counts] = table[possible_counts] @ normal
            rows.append(chance)
        return rows

    def log_weight(self, means: Floats, spreads: Floats) -> Floats:
        """Return the log of the prior of mu times the probability of what was published, shape (means, spreads)."""
        spread = np.broadcast_to(spreads, means.shape).ravel()
        weight = likelihood(self.root, self.chances(means.ravel(), spread)).reshape(means.shape)
        with np.errstate(divide="ignore"):
            log_weight: Floats = np.log(weight) - 0.5 * (means / self.model.mean_sd) ** 2
        return log_weight


def _grid(problem: _Problem) -> tuple[Floats, Floats, Floats]:
    """Return values of mu and tau, and how likely each pair is given what was published.

    Values of tau are evenly spaced in its logarithm. For each of them values of mu are chosen anew, three times, to lie
    where mu is likely given it: a fixed grid would miss the narrow end of the funnel.
    """
    model = problem.model
    top = 4.5 * model.between_sd
    spreads = np.geomspace(min(_SMALLEST_SPREAD, top / 2), top, _SPREADS)
    farthest = min(6.0 * model.mean_sd, _FARTHEST - 2)
    means = np.linspace(np.full(_SPREADS, -farthest), np.full(_SPREADS, farthest), _MEANS)
    for _ in range(3):
        means = _narrowed(means, problem.log_weight(means, spreads))
    log_weight = problem.log_weight(means, spreads)
    # the prior of tau, per unit of its logarithm; the first value stands for all below it as well
    prior = np.exp(-0.5 * (spreads / model.between_sd) ** 2) * spreads
    prior[0] += spreads[0] / np.log(spreads[1] / spreads[0])
    weight = np.exp(log_weight - log_weight.max()) * (means[1] - means[0]) * prior
    return means.ravel(), np.broadcast_to(spreads, means.shape).ravel(), (weight / weight.sum()).ravel()


def _narrowed(means: Floats, log_weight: Floats) -> Floats:
    """Return as many values of mu, for each tau, between those that are likely and one step beyond."""
    likely = log_weight > log_weight.max(0) - _NEGLIGIBLE
    step = means[1] - means[0]
    first, last = likely.argmax(0), len(means) - 1 - likely[::-1].argmax(0)
    columns = np.arange(means.shape[1])
    return np.linspace(means[first, columns] - step, means[last, columns] + step, len(means))


def _given_count(
    binomial: Floats, logits: Floats, mean: Floats, spread: Floats, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw a share for each draw of a count, mu and tau."""
    heights = np.cumsum(binomial * _normal(logits, mean, spread).T, axis=1)
    place = (heights < rng.random((len(heights), 1)) * heights[:, -1:]).sum(1).clip(max=len(logits) - 1)
    shares: Floats = expit(logits[place] + (logits[1] - logits[0]) * (rng.random(len(place)) - 0.5))
    return shares
