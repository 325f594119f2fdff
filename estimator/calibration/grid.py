"""How good intervals are under each set of priors, where the truth is known and made to differ in known ways.

Every table of a scenario is fitted under every set of priors (the same tables, so that sets are compared pair by pair)
as an estimate would fit it, with fewer draws. What counts is the 50, 80 and 95 % interval of N beside the truth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

import numpy as np

from estimator.calibration.scenarios import Scenario, simulated_table
from estimator.fits.plain import plain
from estimator.fits.scores import LEVELS, QUANTILES, Judged, log_interval_score
from estimator.methods.door import AGREED, QUICK, RefitRequest
from estimator.methods.registry import method_named, refusals_of_table
from estimator.reasons import Reason
from estimator.seeds import seed_of
from estimator.study.priors import Priors
from estimator.study.questions import ModelSettings
from estimator.study.recorded_priors import recorded_priors
from estimator.study.shipped import EVIDENCE
from estimator.work.outcomes import Task

WIDTH_TARGET = 1.6
"""How many times as wide an honest interval may be, under independence, as one that assumes it."""

HELD_TARGET = (0.93, 0.97)
"""Where dependence is as in the evidence, the share of 95 % intervals that should hold the truth."""

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """A share of n tries, with what chance leaves open."""

    value: float
    n: int

    @property
    def limits(self) -> tuple[float, float]:
        """95 % interval (Wilson 1927, Journal of the American Statistical Association 22:209)."""
        if not self.n:
            return 0.0, 1.0
        z = _Z95**2 / self.n
        middle = (self.value + z / 2) / (1 + z)
        half = math.sqrt(self.value * (1 - self.value) * z + z * z / 4) / (1 + z)
        return max(0.0, middle - half), min(1.0, middle + half)

    def to_dict(self) -> dict[str, Any]:
        """Return share and interval for JSON."""
        return {"value": self.value, "interval": list(self.limits)}


@dataclass(frozen=True)
class Tables:
    """The fits of some tables under one set of priors, summed up.

    Parameters
    ----------
    n : int
        Tables with an estimate.
    held : mapping of float to Share
        Intervals that hold the truth, by their probability.
    log_width, log_bias, log_rmse, interval_score : float
        Mean width of the 95 % interval of log N; mean and root mean square of log median over truth; mean score
        (`estimator.fits.scores.interval_score`). NaN without estimates.
    too_low, too_high : float
        Share of 95 % intervals that lie altogether below, and above, the truth.
    refused : int
        Tables of which nothing can be estimated: nobody is on two lists.
    doubtful : int
        Fits whose chains did not quite agree after a second attempt; they count all the same.
    """

    n: int
    held: Mapping[float, Share]
    log_width: float
    log_bias: float
    log_rmse: float
    interval_score: float
    too_low: float
    too_high: float
    refused: int
    doubtful: int

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON; shares with their 95 % intervals. `coverage` is the public name of `held`."""
        return {
            "tables": self.n,
            "coverage": {f"{level:g}": share.to_dict() for level, share in self.held.items()},
            "log_width": self.log_width,
            "log_bias": self.log_bias,
            "log_rmse": self.log_rmse,
            "interval_score": self.interval_score,
            "too_low": self.too_low,
            "too_high": self.too_high,
            "not_estimable": self.refused,
            "chains_did_not_agree": self.doubtful,
        }


class Fit(TypedDict):
    """One table under one set of priors: the truth, and quantiles of N at `scores.QUANTILES`; None for no answer."""

    people: int
    registered: int
    quantiles: list[float] | None
    rhat: float
    divergences: int


@dataclass(frozen=True)
class GridReport:
    """Every scenario under every set of priors.

    Parameters
    ----------
    results : mapping of (str, str) to tuple of Fit
        By names of scenario and priors: the fits that were done.
    failed : mapping of str to str
        Fits that could not be done, and why.
    """

    scenarios: tuple[Scenario, ...]
    priors: tuple[str, ...]
    results: Mapping[tuple[str, str], tuple[Fit, ...]] = field(repr=False)
    failed: Mapping[str, str] = field(default_factory=dict)

    def tables(self, scenarios: Sequence[Scenario], priors: str) -> Tables:
        """Sum up the fits of some scenarios, every table with the same weight."""
        return _summed([fit for case in scenarios for fit in self.results[case.name, priors]])

    def of(self, **wanted: Any) -> list[Scenario]:
        """Return the scenarios with some properties, such as ``dependence="none"``."""
        return [case for case in self.scenarios if all(getattr(case, key) == value for key, value in wanted.items())]

    def width_ratio(self, case: Scenario, priors: str, other: str) -> float:
        """Return how many times as wide 95 % intervals of log N are under one set of priors as under another."""
        return self.tables([case], priors).log_width / self.tables([case], other).log_width

    def mean_width_ratio(self, priors: str, other: str) -> float:
        """Return the mean of `width_ratio` over the scenarios of independence without capturability."""
        cases = self.of(dependence="none", capturability=0.0)
        return float(np.mean([self.width_ratio(case, priors, other) for case in cases])) if cases else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "scenarios": [
                case.record()
                | {"name": case.name}
                | {"priors": {name: plain(self.tables([case], name).to_dict()) for name in self.priors}}
                for case in self.scenarios
            ],
            "by_dependence": {
                kind: {
                    name: plain(self.tables(self.of(dependence=kind, capturability=0.0), name).to_dict())
                    for name in self.priors
                }
                for kind in dict.fromkeys(case.dependence for case in self.scenarios)
            },
            "width_ratios_under_independence": {
                f"{name} / {other}": plain(self.mean_width_ratio(name, other)) for name, other in compared(self.priors)
            },
            "targets": [reason.to_dict() for reason in self.targets()],
            "failed": dict(self.failed),
        }

    def targets(self) -> list[Reason]:
        """Return what the evidence priors cost and what they bring, beside what was aimed at."""
        return [*self._widths(), *self._shares_held()]

    def _widths(self) -> Iterator[Reason]:
        """Yield how wide intervals are where lists are independent, under one set of priors beside another."""
        cases = self.of(dependence="none", capturability=0.0)
        for name, other in compared(self.priors):
            ratio = self.mean_width_ratio(name, other)
            if not math.isnan(ratio):
                ratios = [self.width_ratio(case, name, other) for case in cases]
                values = {"priors": name, "other": other, "ratio": ratio, "least": min(ratios), "most": max(ratios)}
                if ratio <= WIDTH_TARGET:
                    yield Reason("width-within-target", target=WIDTH_TARGET, **values)
                else:
                    yield Reason("width-beyond-target", target=WIDTH_TARGET, **values)

    def _shares_held(self) -> Iterator[Reason]:
        """Yield how many 95 % intervals hold the truth where dependence is as in the evidence."""
        cases = self.of(dependence="evidence", capturability=0.0)
        for name in self.priors if cases else ():
            share = self.tables(cases, name).held[0.95]
            lower, upper = share.limits
            values = {"priors": name, "held": share.value, "lower": lower, "upper": upper}
            least, most = HELD_TARGET
            if name != EVIDENCE:
                yield Reason("intervals-held", **values)
            elif least <= share.value <= most:
                yield Reason("held-within-target", least=least, most=most, **values)
            elif lower <= most and upper >= least:
                yield Reason("held-outside-target-by-chance", least=least, most=most, **values)
            else:
                yield Reason("held-outside-target", least=least, most=most, **values)


def compared(priors: Sequence[str]) -> list[tuple[str, str]]:
    """Return which sets of priors are compared in width: evidence with nl-2017 and with moderate, as far as given."""
    return [(EVIDENCE, other) for other in ("nl-2017", "moderate") if {EVIDENCE, other} <= set(priors)]


def fit_task(
    key: str,
    case: Scenario,
    priors: Priors,
    seed: int,
    evidence: Priors | None,
    method: str = "loglinear",
    options: Mapping[str, str] | None = None,
) -> Task:
    """Return the fit of one table as a task for `fit_one`.

    Parameters
    ----------
    priors : Priors
        Under which the table is fitted.
    seed : int
        Of the table; the same table for every set of priors.
    evidence : Priors or None
        From which dependence is drawn where the scenario says so.
    options : mapping of str to str, optional
        One value for each option of the method.
    """
    payload = {
        "scenario": case.record(),
        "priors": _record(priors),
        "evidence": _record(evidence) if evidence is not None and case.dependence == "evidence" else None,
        "seed": seed,
        "method": method,
        "options": dict(options or {}),
    }
    return Task(key, "estimator.calibration.grid:fit_one", payload)


def _record(priors: Priors) -> dict[str, Any]:
    """Return priors as plain values, without what they state of lists by name: the lists here have other names."""
    unnamed = priors.model_copy(
        update={
            "coverage": priors.coverage.model_copy(update={"lists": ()}),
            "dependence": priors.dependence.model_copy(update={"pairs": ()}),
        }
    )
    return unnamed.model_dump(mode="json", exclude_none=True)


def fit_one(payload: Mapping[str, Any]) -> Fit:
    """Simulate a table of a scenario and fit it under one set of priors.

    Parameters
    ----------
    payload : mapping
        ``scenario``, ``priors``, ``evidence`` (None unless dependence is drawn from it), ``seed``, ``method``,
        ``options``.

    Returns
    -------
    Fit
        Without an answer when nobody is on two lists, or the method has none for the table.
    """
    case, seed = Scenario.of_record(payload["scenario"]), int(payload["seed"])
    evidence = None if payload["evidence"] is None else recorded_priors(payload["evidence"])
    table = simulated_table(case, seed, evidence)
    people, registered = case.people, table.registered.lower
    captured, method, options = table.captured(), method_named(payload["method"]), payload["options"]
    if captured.twice.upper + captured.more.upper == 0 or refusals_of_table(method, table, options):
        return Fit(people=people, registered=registered, quantiles=None, rhat=1.0, divergences=0)
    priors = recorded_priors(payload["priors"])
    settings = replace(QUICK, seed=seed_of(seed, 1))
    model = ModelSettings.for_covariates([])
    fit = method.refit(RefitRequest(table, model, priors, options, settings, people_seed=seed_of(seed, 2)))
    size = fit.population.size.sum(axis=-1)
    return Fit(
        people=people,
        registered=registered,
        quantiles=np.quantile(size, QUANTILES).tolist(),
        rhat=fit.rhat,
        divergences=fit.divergences,
    )


def _summed(results: Sequence[Fit]) -> Tables:
    """Sum up the fits of some tables."""
    judged = [
        Judged("", float(fit["people"]), dict(zip(QUANTILES, fit["quantiles"], strict=True)))
        for fit in results
        if fit["quantiles"] is not None
    ]

    def mean(values: Sequence[float] | Sequence[bool]) -> float:
        return float(np.mean(values)) if len(values) else math.nan

    errors = [estimate.log_error for estimate in judged]
    return Tables(
        n=len(judged),
        held={level: Share(mean([estimate.holds(level) for estimate in judged]), len(judged)) for level in LEVELS},
        log_width=mean([estimate.log_width for estimate in judged]),
        log_bias=mean(errors),
        log_rmse=math.sqrt(mean([error**2 for error in errors])) if errors else math.nan,
        interval_score=mean([log_interval_score(estimate) for estimate in judged]),
        too_low=mean([estimate.limits(0.95)[1] < estimate.truth for estimate in judged]),
        too_high=mean([estimate.limits(0.95)[0] > estimate.truth for estimate in judged]),
        refused=sum(fit["quantiles"] is None for fit in results),
        doubtful=sum(fit["rhat"] > AGREED for fit in results),
    )
