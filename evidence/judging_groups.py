"""How groups, shares and ratios of years fare: lists held out by stratum, and simulated tables, with and without b."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate
from estimator.fits.scores import LEVELS, QUANTILES, Judged
from estimator.methods.loglinear.contrasts import covariate_contrasts
from estimator.methods.loglinear.residual import ResidualSettings, moved_between, residual_values, with_residual
from estimator.methods.shape import counted, template
from estimator.study.questions import ModelSettings
from estimator.work.outcomes import Task
from evidence.second import residual_of_evidence
from evidence.strata import fitted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIZE, SHARE, RATIO = "size of a group", "share of a group in the total", "ratio of a year to the year before"
KINDS = (SIZE, SHARE, RATIO)

TIMES = ("year", "winter", "quarter")
"""Ordered covariates that are time."""

SIMULATED = 30
"""Simulated tables of either kind."""
PAIR_SCALE = 0.4
"""Scale of the log odds ratios of pairs in them."""

_REPEATS = 8  # values of the residual for each draw of a fit
_SEED = 18
_YEARS, _SEXES, _LISTS = 5, 2, 4


@dataclass(frozen=True)
class JudgedQuantity:
    """One interval of a group, a share or a ratio, beside the truth.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    log_odds_width : float
        Of the 95 % interval of a share, on the log odds scale; of others, on the log scale.
    """

    kind: str
    judged: Judged
    log_odds_width: float


def settings_for(between: float) -> ResidualSettings:
    """Return the residual of the prior `evidence` with b; 0 for none."""
    stated = residual_of_evidence()
    return ResidualSettings(True, stated.centre, stated.size, None, None, between)


def people_drawn(fit: Mapping[str, Any], levels: Floats, between: float) -> Ints:
    """Return draws of the people of every stratum, shape (draws, S).

    Parameters
    ----------
    fit : mapping
        Result of `evidence.strata.fit_strata`.
    levels : ndarray, shape (S, C)
    between : float
        b.
    """
    settings = settings_for(between)
    implied = np.exp(np.repeat(np.asarray(fit["log_implied"], float), _REPEATS, axis=0))
    scale = np.repeat(np.asarray(fit["scale"], float), _REPEATS)
    values = {"log_ratio": np.zeros(len(scale)), "dependence_scale": scale}
    drawn = residual_values(settings, values, levels, _SEED)
    expected = with_residual(implied, drawn["residual"], drawn.get("residual_of_strata"))
    return np.asarray(np.random.default_rng(_SEED).poisson(expected) + np.asarray(fit["registered"], int))


def quantities(covariates: Sequence[Covariate], people: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield kind and value of every group, its share, and the ratio of each year to the one before.

    Parameters
    ----------
    people : ndarray, shape (..., S)
    """
    grid = people.reshape(*people.shape[:-1], *(len(covariate.levels) for covariate in covariates))
    total = people.sum(axis=-1)
    for place, covariate in enumerate(covariates, people.ndim - 1):
        others = tuple(axis for axis in range(people.ndim - 1, grid.ndim) if axis != place)
        of_levels = grid.sum(axis=others)
        for level in range(of_levels.shape[-1]):
            yield SIZE, of_levels[..., level]
            yield SHARE, of_levels[..., level] / total
        if covariate.ordered and covariate.name in TIMES:
            for before, after in pairwise(range(of_levels.shape[-1])):
                yield RATIO, of_levels[..., after] / np.maximum(of_levels[..., before], 1e-9)


def judged(
    name: str, covariates: Sequence[Covariate], fit: Mapping[str, Any], levels: Floats, between: float
) -> list[JudgedQuantity]:
    """Return every group, share and ratio of a fit beside its truth, those with nobody left out."""
    truth = np.asarray(fit["unseen"], float) + np.asarray(fit["registered"], float)
    drawn = people_drawn(fit, levels, between).astype(float)
    found = []
    for (kind, true), (_, values) in zip(quantities(covariates, truth), quantities(covariates, drawn), strict=True):
        quantiles = np.quantile(values, QUANTILES)
        if not 0 < true < np.inf or quantiles[0] <= 0:
            continue
        logs = np.log(quantiles) - (np.log1p(-np.minimum(quantiles, 1 - 1e-12)) if kind == SHARE else 0.0)
        estimate = Judged(name, float(true), dict(zip(QUANTILES, map(float, quantiles), strict=True)))
        found.append(JudgedQuantity(kind, estimate, float(logs[-1] - logs[0])))
    return found


def held_of(found: Sequence[JudgedQuantity], kind: str) -> dict[float, float]:
    """Return the share of intervals of one kind that hold the truth, by their probability."""
    of_kind = [one.judged for one in found if one.kind == kind]
    return {level: float(np.mean([one.holds(level) for one in of_kind])) for level in LEVELS} if of_kind else {}


def width_of(found: Sequence[JudgedQuantity], kind: str) -> float:
    """Return the mean width of 95 % intervals of one kind, on the log (of shares the log odds) scale."""
    return float(np.mean([one.log_odds_width for one in found if one.kind == kind]))


@dataclass(frozen=True)
class SimulatedGroups:
    """A fit of a simulated table of two sexes and five years on four lists.

    Parameters
    ----------
    spread : float
        By how much levels differ in what no list shows, on the log scale; 0 for not at all.
    """

    number: int
    spread: float

    def task(self) -> Task:
        """Return it as a task whose result is that of `fit_simulated`."""
        return Task(
            f"simulated {self.number}, {self.spread:.4g}", "evidence.judging_groups:fit_simulated", asdict(self)
        )


def simulated_covariates() -> tuple[Covariate, ...]:
    """Return what people of simulated tables are divided by."""
    years = tuple(str(year) for year in range(2021, 2021 + _YEARS))
    return Covariate("sex", ("f", "m")), Covariate("year", years, ordered=True)


def simulated_levels() -> Floats:
    """Return the contrasts of both covariates of simulated tables, shape (S, C)."""
    sex, year = (covariate_contrasts(len(c.levels), ordered=c.ordered) for c in simulated_covariates())
    return np.hstack([np.repeat(sex, _YEARS, axis=0), np.tile(year, (_SEXES, 1))])


def simulated_people(number: int, spread: float) -> Ints:
    """Return the people of every stratum and history in a simulated population, that of nobody first.

    Returns
    -------
    ndarray, shape (S, H)
        Lists depend (log odds ratios Normal(0.25, `PAIR_SCALE`)); coverage differs between sexes and years; the
        people on no list are exp(xi) times what pairs of lists imply, moved between strata by `spread`.
    """
    rng = np.random.default_rng([_SEED, number])
    on = np.array([[history >> place & 1 for place in reversed(range(_LISTS))] for history in range(2**_LISTS)], float)
    pairs = [(a, b) for a in range(_LISTS) for b in range(a + 1, _LISTS)]
    together = np.sum([rng.normal(0.25, PAIR_SCALE) * on[:, a] * on[:, b] for a, b in pairs], axis=0)
    coverage = rng.normal(-2.0, 0.3, _LISTS)
    of_sex, of_year = rng.normal(0, 0.25, (_SEXES, _LISTS)), rng.normal(0, 0.15, (_YEARS, _LISTS))
    log_odds = (coverage + of_sex[:, None] + of_year[None]).reshape(-1, _LISTS)
    implied = rng.uniform(250, 700, _SEXES * _YEARS)
    cells = implied[:, None] * np.exp(log_odds @ on.T + together)
    xi = PAIR_SCALE * settings_for(0.0).size * rng.standard_normal()
    omega = spread * simulated_levels() @ rng.standard_normal(simulated_levels().shape[1])
    cells[:, 0] = np.exp(xi) * moved_between(implied, omega)
    return np.asarray(rng.poisson(cells), np.int64)


def fit_simulated(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a simulated table, without residual; the result is as that of `evidence.strata.fit_strata`."""
    asked = SimulatedGroups(**payload)
    people = simulated_people(asked.number, asked.spread)
    every = np.ones(people.shape, bool)
    on_a_list = every & (np.arange(people.shape[1]) > 0)
    running = np.ones((len(people), _LISTS), bool)
    table = counted(template(("A", "B", "C", "D"), simulated_covariates(), every, running, on_a_list), people)
    return fitted(table, ModelSettings.for_covariates(["sex", "year"]), people[:, 0])
