"""A run done again from what it recorded, and its numbers beside the new ones.

On the same kind of machine with the same versions every draw must be the same. Elsewhere the last digits of a step
differ, chains part ways, and numbers agree as far as two samples of the same posterior do: within their Monte Carlo
error, which is worked out from the draws of both.

References
----------
Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), Bayesian Analysis 16:667, doi 10.1214/20-BA1221: Monte Carlo
standard error of quantiles.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import Listener, SamplerSettings
from estimator.methods.registry import method_named
from estimator.methods.summary import LEVELS, summarise
from estimator.population.estimate import Estimate
from estimator.population.estimate import estimate as estimate_study
from estimator.population.groups import GroupDraws, PeopleDraws
from estimator.runs.estimate_record import BesideRecord, EstimateRecord
from estimator.runs.group_records import GroupRecord, SummaryRecord
from estimator.runs.manifest import AssumptionsRecord
from estimator.runs.provenance import machine, versions
from estimator.runs.reading import Run
from estimator.runs.recording import record_of
from estimator.runs.restoring import study_of_run
from estimator.study.priors import Priors
from estimator.study.questions import TOTAL
from estimator.study.recorded_priors import recorded_priors

ERROR_RATE = 0.001
"""How often two samples of the same posterior may be called different, over all numbers of a run together."""

_USUAL_ACCEPTANCE = SamplerSettings().target_accept
Floats = NDArray[np.float64]
Outcome = Literal["identical", "within-error", "different"]


@dataclass(frozen=True)
class Number:
    """A number of a run beside the one that doing it again gave.

    Parameters
    ----------
    priors, year : str
        Under which priors, of which year; no year for the headline period.
    quantity : {"N", "registered"}
        Of a group.
    which : {"median", "lower", "upper"}
        Of the 95 % interval.
    error : float
        Standard error of the difference between two samples of the same posterior.
    """

    priors: str
    year: str
    group: str
    quantity: str
    which: str
    was: float
    now: float
    error: float

    def differs(self, limit: float) -> bool:
        """Tell whether more than `limit` standard errors lie between the two.

        One person is no difference: quantiles of whole numbers step by as much.
        """
        return not abs(self.was - self.now) <= 1 + limit * self.error

    def to_dict(self) -> dict[str, Any]:
        """Return the number for JSON."""
        place = {"priors": self.priors, "year": self.year or None, "group": self.group}
        error = round(self.error, 3) if math.isfinite(self.error) else None
        return {
            **place,
            "quantity": self.quantity,
            "which": self.which,
            "was": self.was,
            "now": self.now,
            "error": error,
        }


@dataclass(frozen=True)
class Rerun:
    """What came of doing a run again.

    Parameters
    ----------
    expected : {"identical", "within-error"}
        What it should come to here.
    elsewhere : tuple of str
        What is not as it was: ``"machine"``, and names of programs whose version is another.
    limit : float
        So many standard errors two numbers may be apart.
    """

    outcome: Outcome
    expected: Literal["identical", "within-error"]
    elsewhere: tuple[str, ...]
    limit: float
    numbers: tuple[Number, ...]

    @property
    def reproduced(self) -> bool:
        """Whether it came to what it should."""
        return self.outcome in ("identical", self.expected)

    @property
    def different(self) -> tuple[Number, ...]:
        """Numbers that are further apart than two samples of the same posterior, the furthest first."""
        differing = [number for number in self.numbers if number.differs(self.limit)]
        return tuple(sorted(differing, key=lambda number: -abs(number.was - number.now) / (1 + number.error)))

    @property
    def furthest(self) -> float:
        """How many standard errors the two numbers lie apart that lie furthest apart."""
        return max(
            (abs(number.was - number.now) / number.error for number in self.numbers if number.error > 0), default=0.0
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return {
            "outcome": self.outcome,
            "expected": self.expected,
            "reproduced": self.reproduced,
            "elsewhere": list(self.elsewhere),
            "limit": round(self.limit, 3),
            "furthest": round(self.furthest, 3),
            "compared": len(self.numbers),
            "different": [number.to_dict() for number in self.different],
        }


def rerun(run: Run, study: str | Path | None = None, cores: int = 1, listener: Listener | None = None) -> Rerun:
    """Do a run again from what it recorded, and compare.

    Parameters
    ----------
    study : str or Path, optional
        Where its study is, when it is no longer where it was.
    cores : int
        Chains at the same time; no number depends on it.

    Raises
    ------
    InputError
        When the study has gone or is not the one of the run.
    NotEstimableError
        When this version of darkfigure refuses to estimate it.
    """
    method = method_named(run.record.method)
    sets = [_priors(assumptions) for assumptions in (run.manifest, *run.manifest.beside.values())]
    takes_priors = method.abilities.priors
    again = estimate_study(
        study_of_run(run, study),
        sets[0] if takes_priors else None,
        method=method.name,
        options=run.record.method_options,
        beside=[priors_set for priors_set in sets[1:] if priors_set is not None] if takes_priors else (),
        sampler=replace(settings_asked_for(run), cores=cores),
        listener=listener,
    )
    return compared(run, again)


def compared(run: Run, again: Estimate) -> Rerun:
    """Return a run beside the estimate that doing it again gave."""
    numbers = tuple(_numbers(run, again))
    limit = limit_for(len(numbers))
    elsewhere = tuple(_elsewhere(run))
    outcome: Outcome = "identical"
    if not (_same_draws(run, again) and _same_record(run, again)):
        outcome = "different" if any(number.differs(limit) for number in numbers) else "within-error"
    return Rerun(outcome, "within-error" if elsewhere else "identical", elsewhere, limit, numbers)


def limit_for(n_numbers: int) -> float:
    """Return how many standard errors two numbers may be apart when many are compared (Bonferroni)."""
    from scipy.special import ndtri

    return float(ndtri(1 - ERROR_RATE / (2 * max(n_numbers, 1))))


def settings_asked_for(run: Run) -> SamplerSettings:
    """Return the settings of the first attempt, of which those in the manifest follow.

    A second attempt has twice the draws, a third four times; steps of the first are the usual ones.
    """
    used = run.manifest.sampler
    factor = 2 ** (used.attempt - 1)
    return SamplerSettings(
        draws=used.draws // factor,
        warmup=used.warmup // factor,
        chains=used.chains,
        seed=run.manifest.seed,
        target_accept=used.target_accept if used.attempt == 1 else _USUAL_ACCEPTANCE,
        sampler=_sampler_of(run.manifest.command),
    )


def _sampler_of(command: list[str]) -> str:
    """Return the sampler that a command line names; manifests keep it nowhere else."""
    pairs = [*zip(command, command[1:], strict=False), *(tuple(part.split("=", 1)) for part in command if "=" in part)]
    return next((value for name, value in pairs if name == "--sampler"), SamplerSettings().sampler)


def _priors(assumptions: AssumptionsRecord) -> Priors | None:
    return recorded_priors(assumptions.priors) if assumptions.priors else None


def _elsewhere(run: Run) -> Iterator[str]:
    """Yield what is not as it was when a run was made."""
    if run.manifest.machine.to_dict() != {name: value for name, value in machine().items() if value is not None}:
        yield "machine"
    here = versions()
    names = dict.fromkeys([*run.manifest.versions, *here])
    yield from (name for name in names if run.manifest.versions.get(name) != here.get(name))


def _pairs(run: Run, again: Estimate) -> Iterator[tuple[str, PeopleDraws, PeopleDraws]]:
    """Yield the draws of a run and the new ones under each set of priors, by its name."""
    yield run.priors_name, run.draws, again.draws
    for name, other in zip(run.manifest.beside, again.beside, strict=False):
        if name in run.beside:
            yield name, run.beside[name], other.draws


def _same_draws(run: Run, again: Estimate) -> bool:
    """Tell whether every draw of every group, year and stratum is the same."""
    if len(run.manifest.beside) != len(again.beside):
        return False
    return all(_equal(was, now) for _, was, now in _pairs(run, again))


def _equal(was: PeopleDraws, now: PeopleDraws) -> bool:
    periods = {"": (was.headline, now.headline)}
    periods |= {year: (was.by_year[year], now.by_year.get(year, {})) for year in was.by_year}
    groups = all(
        before.keys() == after.keys()
        and all(
            np.array_equal(before[name].registered, after[name].registered)
            and np.array_equal(before[name].unseen, after[name].unseen)
            for name in before
        )
        for before, after in periods.values()
    )
    if was.population is None or now.population is None:
        return groups and was.by_year.keys() == now.by_year.keys()
    return (
        groups
        and was.by_year.keys() == now.by_year.keys()
        and np.array_equal(was.population.registered, now.population.registered)
        and np.array_equal(was.population.unseen, now.population.unseen)
    )


def _same_record(run: Run, again: Estimate) -> bool:
    """Tell whether estimate.json has the numbers that these draws give, as far as both versions give them."""
    for was, now in zip(_written(run.record).values(), _written(record_of(again)).values(), strict=False):
        both = _levels(was) & _levels(now)
        if _as_estimated(was, both) != _as_estimated(now, both):
            return False
    return True


def _levels(record: EstimateRecord | BesideRecord) -> set[str]:
    """Return the probabilities of the intervals that stand in estimate.json; earlier versions wrote all."""
    return set(record.groups[TOTAL].N.intervals)


def _written(record: EstimateRecord) -> dict[str, EstimateRecord | BesideRecord]:
    """Return what estimate.json says under each set of priors, by its name."""
    return {record.priors_name: record, **(record.beside or {})}


def _as_estimated(record: EstimateRecord | BesideRecord, levels: Container[str]) -> list[dict[str, GroupRecord]]:
    """Return the groups of every period with some intervals, without what a scrutiny added to them."""
    periods = [record.groups, record.per_year or {}, *(record.by_year or {}).values()]
    return [{name: _of_levels(group, levels) for name, group in groups.items()} for groups in periods]


def _of_levels(group: GroupRecord, levels: Container[str]) -> GroupRecord:
    """Return a group with the intervals of some probabilities, and without what a scrutiny added to it."""
    quantities: dict[str, SummaryRecord] = {
        name: value
        for name in ("N", "dark_figure", "coverage", "per_100000")
        if (value := getattr(group, name)) is not None
    }
    kept = {
        name: value.changed(intervals={level: limits for level, limits in value.intervals.items() if level in levels})
        for name, value in quantities.items()
    }
    return group.changed(**kept, publishable_alone=None, not_alone_because=None)


def _numbers(run: Run, again: Estimate) -> Iterator[Number]:
    """Yield every number of estimate.json beside the new one."""
    records = _written(run.record)
    for name, was, now in _pairs(run, again):
        record = records[name]
        yield from _of_groups((name, ""), record.groups, was.headline, now.headline)
        for year, groups in (record.by_year or {}).items():
            yield from _of_groups((name, year), groups, was.by_year[year], now.by_year.get(year, {}))


def _of_groups(
    place: tuple[str, str],
    groups: Mapping[str, GroupRecord],
    was: Mapping[str, GroupDraws],
    now: Mapping[str, GroupDraws],
) -> Iterator[Number]:
    """Yield the numbers of groups: what stands in estimate.json, with the draws behind it, beside the new draws."""
    for group, record in groups.items():
        if group not in was or group not in now:
            yield Number(*place, group, "N", "median", record.N.median, math.nan, math.nan)
            continue
        interval = record.registered_interval or (record.registered, record.registered)
        stated = {
            "N": (record.N.median, record.N.lower, record.N.upper),
            "registered": (record.registered, *interval),
        }
        draws = {
            "N": (was[group].size, now[group].size),
            "registered": (was[group].registered, now[group].registered),
        }
        for quantity, (median, lower, upper) in stated.items():
            before, after = draws[quantity]
            new = summarise(after)
            errors = [math.hypot(*pair) for pair in zip(_errors(before), _errors(after), strict=True)]
            for which, value, other, error in zip(
                ("median", "lower", "upper"),
                (median, lower, upper),
                (new.median, new.lower, new.upper),
                errors,
                strict=True,
            ):
                yield Number(*place, group, quantity, which, value, round(other, 1), error)


def _errors(draws: Floats) -> tuple[float, float, float]:
    """Return Monte Carlo standard errors of the median and the limits of the widest interval."""
    if np.ptp(draws) == 0:
        return 0.0, 0.0, 0.0
    from arviz_stats.base import array_stats

    tail = (1 - max(LEVELS)) / 2
    return tuple(  # type: ignore[return-value]
        float(array_stats.mcse(draws, method="quantile", prob=prob, chain_axis=0, draw_axis=1))
        for prob in (0.5, tail, 1 - tail)
    )
