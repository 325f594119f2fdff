"""The posterior of log N without one of the counts, by integrals; for tables without covariates."""

from __future__ import annotations

import numpy as np

from estimator.study.priors import Priors
from tests.methods import quadrature


class WithoutOne(quadrature.Problem):
    """A problem in which one history's count is not known; the number that priors refer to stays."""

    left_out = -1

    @property
    def columns(self) -> np.ndarray:
        return np.delete(super().columns, self.left_out, axis=0)

    @property
    def registered(self) -> int:
        return self.reference


def problem_of(counts: tuple[int, ...], n_lists: int, priors: Priors) -> quadrature.Problem:
    """Counts of the histories other than none, with the numbers of normal priors."""
    dark, odds, ratio = priors.dark_figure.ratio_to_registered, priors.coverage.odds, priors.dependence.odds_ratio
    n_pairs = n_lists * (n_lists - 1) // 2
    mean = (dark.mu, *[odds.mu] * n_lists, *[ratio.mu] * n_pairs)
    sd = (dark.sigma, *[odds.sigma] * n_lists, *[ratio.sigma] * n_pairs)
    return quadrature.Problem(n_lists, tuple(counts), mean, sd)


def problem_without(counts: tuple[int, ...], place: int, n_lists: int, priors: Priors) -> quadrature.Problem:
    """The problem when the count of one history is not known, though its people are registered."""
    whole = problem_of(counts, n_lists, priors)
    kept = tuple(np.delete(counts, place).tolist())
    found = WithoutOne(n_lists, kept, whole.mean, whole.sd)
    object.__setattr__(found, "left_out", place)
    object.__setattr__(found, "reference", int(sum(counts)))
    return found
