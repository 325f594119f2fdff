"""Refits as tasks: a study with another table, other terms, or without some of its numbers, and what comes of it."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from estimator.capture.observations import take
from estimator.capture.table import CaptureTable
from estimator.checks.loglinear.pointwise import Block, log_likelihoods
from estimator.fits.scores import QUANTILES
from estimator.methods.door import QUICK, Listener, RefitRequest, Refitted, SamplerSettings
from estimator.methods.registry import method_named
from estimator.population.estimate import Estimate
from estimator.population.groups import headline_groups
from estimator.study.priors import Priors
from estimator.study.study import Study
from estimator.work.outcomes import FAILED
from estimator.work.tasks import Task, run_tasks

_FUNCTION = "estimator.checks.loglinear.cases:fit_packed"

_WORTH_PROCESSES = 10.0
"""Seconds of sampling from which it pays to start other processes, which take some seconds to begin."""


@dataclass(frozen=True, eq=False)
class Case:
    """One refit.

    Parameters
    ----------
    study : Study
        With the table and the terms to fit.
    left_out : tuple of int
        Numbers of the table that are not used. Their people remain registered: only what is inferred from them is
        forgotten. For the log-linear method alone.
    options : mapping of str to str
        One value for each option of the method.
    """

    key: str
    study: Study
    priors: Priors
    sampler: SamplerSettings = QUICK
    left_out: tuple[int, ...] = ()
    method: str = "loglinear"
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RefittedGroup:
    """What is believed of a group after a refit.

    Parameters
    ----------
    registered : float
        Median, persons.
    size, unseen : mapping of float to float
        Quantiles of the population size and of the dark figure, persons, at `estimator.fits.scores.QUANTILES`.
    """

    registered: float
    size: Mapping[float, float]
    unseen: Mapping[float, float]

    def limits(self, level: float = 0.95) -> tuple[float, float]:
        """Return the limits of a central interval of the population size."""
        return self.size[_nearest((1 - level) / 2)], self.size[_nearest((1 + level) / 2)]

    @property
    def median(self) -> float:
        """Median of the population size."""
        return self.size[0.5]


@dataclass(frozen=True)
class Fitted:
    """What came of a refit.

    Parameters
    ----------
    rhat : float
        Of the log dark figure.
    groups : mapping of str to RefittedGroup
        Every group over the headline period.
    log_p_left_out : float or None
        Log probability of the numbers that were left out, predicted from the others; None when there are none.
    """

    rhat: float
    groups: Mapping[str, RefittedGroup]
    log_p_left_out: float | None = None


def refit_of(estimate: Estimate, key: str, study: Study, seed: int) -> Case:
    """Return the refit of another study as an estimate was made: its method, with the same options and priors."""
    made = estimate.posterior
    return Case(key, study, estimate.priors, replace(QUICK, seed=seed), method=made.method, options=made.options)


def fit_cases(
    cases: Sequence[Case],
    *,
    workers: int,
    seconds: float = 0.0,
    folder: Path | None = None,
    identity: Mapping[str, Any] | None = None,
    listener: Listener | None = None,
) -> dict[str, Fitted | str]:
    """Do refits, side by side when they are long.

    Parameters
    ----------
    workers : int
        Processes at most.
    seconds : float
        What one refit takes, about; short ones are done in this process.
    folder : Path, optional
        Where results are kept; see `estimator.work.tasks.run_tasks`.

    Returns
    -------
    dict of str to Fitted, or str
        By key; a text says why there is no result.
    """
    tasks = [Task(case.key, _FUNCTION, packed_case(case)) for case in cases]
    worth = workers if len(cases) * seconds > _WORTH_PROCESSES else 1
    progress = None if listener is None else listener.progress
    outcomes = run_tasks(tasks, folder=folder, identity=identity or {}, workers=worth, progress=progress)
    return {key: _read(result) for key, result in outcomes.items()}


def _read(result: Mapping[str, Any]) -> Fitted | str:
    if FAILED in result:
        return str(result[FAILED])
    groups = {
        name: RefittedGroup(
            float(group["registered"]),
            dict(zip(QUANTILES, group["size"], strict=True)),
            dict(zip(QUANTILES, group["unseen"], strict=True)),
        )
        for name, group in result["groups"].items()
    }
    return Fitted(float(result["rhat"]), groups, result["log_p_left_out"])


def packed_case(case: Case) -> bytes:
    """Return a case as few bytes, for another process: a table is mostly zeros."""
    study = replace(
        case.study, path=None, files={}, denominators=None, published=(), decisions=(), changes=(), caveats=()
    )
    return zlib.compress(pickle.dumps(replace(case, study=study)))


def fit_packed(payload: bytes) -> dict[str, Any]:
    """Do a refit that `packed_case` has packed; see `fit_case`."""
    case: Case = pickle.loads(zlib.decompress(payload))
    return fit_case(case)


def fit_case(case: Case) -> dict[str, Any]:
    """Do a refit.

    Returns
    -------
    dict
        What `Fitted` holds, as plain numbers; quantiles as lists.
    """
    fit = _refit(case)
    groups = headline_groups(replace(case.study, table=_table_of(case)), fit.population)
    return {
        "rhat": fit.rhat,
        "log_p_left_out": _log_p_left_out(case, fit) if case.left_out else None,
        "groups": {
            name: {
                "registered": float(np.median(group.registered)),
                "size": np.quantile(group.size, QUANTILES).tolist(),
                "unseen": np.quantile(group.unseen, QUANTILES).tolist(),
            }
            for name, group in groups.items()
        },
    }


def _log_p_left_out(case: Case, fit: Refitted) -> float:
    """Return the log of the mean, over draws made without some numbers, of the probability of these numbers."""
    table = case.study.table
    cells = np.unique(np.concatenate([table.observations.cells(j) for j in case.left_out]))
    values = log_likelihoods(table, fit.details, [Block(case.left_out, cells)])[:, 0]
    return float(np.logaddexp.reduce(values) - np.log(len(values)))


def _refit(case: Case) -> Refitted:
    """Return the draws of a refit.

    The prior on the dark figure is stated relative to the registered number of the whole table, of which people whose
    number is left out are part.
    """
    method = method_named(case.method)
    study = method.study_for(replace(case.study, table=_table_of(case)), case.options)
    whole = case.study.table if case.left_out else None
    return method.refit(RefitRequest(study.table, study.model, case.priors, case.options, case.sampler, whole=whole))


def _table_of(case: Case) -> CaptureTable:
    return without_numbers(case.study.table, case.left_out)


def without_numbers(table: CaptureTable, left_out: Sequence[int]) -> CaptureTable:
    """Return a table in which some of its numbers are not known any more.

    Parameters
    ----------
    left_out : sequence of int
        Positions of observed numbers, which share no cell with numbers that stay.
    """
    if not left_out:
        return table
    stays = np.ones(len(table.lower), dtype=bool)
    stays[list(left_out)] = False
    kept = take(table.observations, stays)
    return replace(
        table,
        lower=kept.lower,
        upper=kept.upper,
        cover_start=kept.start,
        cover_cell=kept.cell,
        line=kept.line,
    )


def seconds_of_refit(used: SamplerSettings, seconds: float, sampler: SamplerSettings = QUICK) -> float:
    """Return about how long a refit takes, from how the estimate was sampled and how many seconds that took."""
    share = (sampler.draws + sampler.warmup) * sampler.chains / ((used.draws + used.warmup) * used.chains)
    return seconds * share * min(used.cores, used.chains)


def _nearest(probability: float) -> float:
    return min(QUANTILES, key=lambda known: abs(known - probability))
