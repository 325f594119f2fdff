"""Estimates for the tests of checks: made once, kept small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product

import numpy as np

from estimator.capture.declaration import Covariate
from estimator.capture.table import CaptureTable
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import Estimate, estimate
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import Group, Label
from estimator.study.study import Study

FAST = SamplerSettings(draws=1000, warmup=500, chains=4, cores=2, seed=11)
WIDE = {"dependence.odds_ratio.log_normal": "[0, 1]"}
"""Makes of the priors nl-2017 some under which pairs of lists may depend on each other."""


def normal_priors() -> Priors:
    """Normal priors without residual dependence, whatever priors ship as the default."""
    return read_priors("nl-2017", WIDE)


def table_of(counts: np.ndarray, lists: Sequence[str] = "ABCDEF", covariates: Sequence[Covariate] = ()) -> CaptureTable:
    """A complete table of counts, shape (S, 2**L); the first column (nobody's list) is not read."""
    counts = np.atleast_2d(np.asarray(counts, dtype=np.int64))
    n_strata, n_histories = counts.shape
    cells = (np.arange(n_strata)[:, None] * n_histories + np.arange(1, n_histories)).reshape(-1)
    numbers = counts.reshape(-1)[cells]
    return CaptureTable(
        lists=tuple(lists[: int(np.log2(n_histories))]),
        covariates=tuple(covariates),
        kind="observed",
        possible=np.ones((n_strata, n_histories), dtype=bool),
        lower=numbers,
        upper=numbers,
        cover_start=np.arange(len(cells) + 1),
        cover_cell=cells,
        line=np.zeros(len(cells), dtype=np.int64),
    )


def expected_counts(
    people: float, chances: Sequence[float], odds_ratios: Mapping[tuple[int, int], float] | None = None
) -> np.ndarray:
    """Rounded expected counts: lists that each find a share of the people, and some pairs that depend.

    The odds ratio of a pair multiplies the cells of both lists; shares refer to people on no other list.
    """
    histories = list(product((0, 1), repeat=len(chances)))
    weight = np.array(
        [
            np.prod([p / (1 - p) if on else 1.0 for p, on in zip(chances, history, strict=True)])
            * np.prod([ratio for (a, b), ratio in (odds_ratios or {}).items() if history[a] and history[b]])
            for history in histories
        ]
    )
    return np.round(people * weight / weight.sum()).astype(np.int64)


def study_of(table: CaptureTable, groups: Sequence[Group] = ()) -> Study:
    return Study.of_table(table, name="made-up", groups=groups)


def estimated(
    table: CaptureTable, priors: Priors | None = None, groups: Sequence[Group] = (), sampler: SamplerSettings = FAST
) -> Estimate:
    study = study_of(table, groups)
    return estimate(study, normal_priors() if priors is None else priors, beside=(), sampler=sampler)


CLEAN = expected_counts(3000, (0.3, 0.2, 0.25, 0.15))
SEX = Covariate("sex", ("f", "m"))


@cache
def clean() -> Estimate:
    """Four independent lists of 3,000 people."""
    return estimated(table_of(CLEAN))


@cache
def by_sex() -> Estimate:
    """Three lists, two sexes, one group."""
    rng = np.random.default_rng(3)
    cells = np.array([expected_counts(1200, (0.3, 0.2, 0.25)), expected_counts(800, (0.2, 0.3, 0.25))])
    table = table_of(rng.poisson(cells), covariates=(SEX,))
    return estimated(table, groups=[Group("women", Label("Women"), {"sex": ("f",)})])


@cache
def two() -> Estimate:
    """Two lists: nothing but the priors holds their total."""
    return estimated(table_of([0, 130, 210, 26]))


@cache
def dependent() -> Estimate:
    """Four lists of 3,000 people, of which two have an odds ratio of 20, under priors that do not know of it."""
    counts = expected_counts(3000, (0.3, 0.2, 0.25, 0.15), {(0, 1): 20.0})
    return estimated(table_of(counts), read_priors("independence"))


@cache
def polluted() -> Estimate:
    """Four lists of 3,000 people; three in ten people on list D do not belong to them, and are on no other list."""
    counts = CLEAN.copy()
    on_d = int(counts[np.arange(16) % 2 == 1].sum())
    counts[1] += round(on_d * 0.3 / 0.7)
    return estimated(table_of(counts))
