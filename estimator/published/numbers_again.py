"""Published numbers computed again, each with its verdict: the rules, in one place.

1. Every printed number of a figure (estimate, lower and upper limit) that ours meets to within its rounding, usually
   half a person: **reproduced**.
2. Ours is off by no more than rounding, the noise that the published number is known to have, and three Monte Carlo
   standard errors of our own: **consistent within Monte Carlo error**.
3. Otherwise it **differs**, and that is a fault where the file expects it to be reproduced; where it expects a
   difference, the reason stands in the file.
4. No public table can answer it, as the file says: **not reproducible from public data**.

A figure gets the worst verdict of its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from estimator.errors import NotEstimableError
from estimator.methods.door import Listener, SamplerSettings
from estimator.methods.summary import LEVELS, summarise
from estimator.population.estimate import Estimate, estimate
from estimator.published.pooled import Analysis
from estimator.published.registry import Published, Registered
from estimator.reasons import Reason
from estimator.runs.provenance import versions
from estimator.study.questions import TOTAL
from estimator.study.study import Study, read_study

Verdict = Literal["reproduced", "consistent", "differs", "not-public"]

_ERRORS = 3
"""Monte Carlo standard errors that ours may be off: chance alone does more once in 370 times."""

_PLACES = ("estimate", "lower", "upper")


@dataclass(frozen=True)
class Ours:
    """A number of ours with its interval, in persons.

    Parameters
    ----------
    numbers : mapping of str to float
        ``"estimate"``, ``"lower"`` and ``"upper"``.
    errors : mapping of str to float
        Monte Carlo standard error of each.
    """

    numbers: Mapping[str, float]
    errors: Mapping[str, float]


@dataclass(frozen=True)
class Answer:
    """What a method says of a table, or why it says nothing.

    Parameters
    ----------
    by_level : mapping of float to Ours
        By probability of the interval; empty where there is no answer.
    analysis : Analysis or None
        The same as one analysis of the public table.
    """

    by_level: Mapping[float, Ours] = field(default_factory=dict)
    refused: tuple[Reason, ...] = ()
    analysis: Analysis | None = None


class Computing:
    """Answers to figures, each combination of table, method and options computed once."""

    def __init__(self, sampler: SamplerSettings | None = None, listener: Listener | None = None) -> None:
        self.sampler, self.listener = sampler or SamplerSettings(), listener
        self._known: dict[tuple[object, ...], Answer] = {}

    def answer(self, figure: Published) -> Answer:
        """Return what the method of a figure says of its table."""
        key = (figure.study, figure.method, figure.priors, *sorted(figure.options.items()))
        if key not in self._known:
            self._known[key] = self._computed(figure)
        return self._known[key]

    def _computed(self, figure: Published) -> Answer:
        try:
            made = estimate(
                everybody(read_study(figure.study)),
                figure.priors,
                method=figure.method,
                options=figure.options,
                beside=(),
                sampler=self.sampler,
                listener=self.listener,
            )
        except NotEstimableError as error:
            return Answer(refused=tuple(error.reasons))
        analysis = Analysis.of_estimate(made, made.priors_name)
        if not made.convergence.passed:
            return Answer(refused=(Reason("answer-withheld"),), analysis=analysis)
        return Answer({level: _ours(made, level) for level in LEVELS}, (), analysis)


def everybody(study: Study) -> Study:
    """Return a study that asks for everybody of its table, and nothing else."""
    years = study.period if study.period and study.period.covariate is None else None
    return replace(study, groups={TOTAL: study.groups[TOTAL]}, period=years)


def _ours(made: Estimate, level: float) -> Ours:
    """Return our number and its limits: as the method computes them, others of its draws with their errors."""
    from arviz_stats.base import array_stats

    own = made.method.own_total(made.study, made.posterior, level)
    size = made.group_draws[TOTAL].size.astype(np.float64)
    total = summarise(size)  # a published interval of 80 % is computed again whatever an estimate would give
    of_draws = dict(zip(_PLACES, (total.median, *total.intervals[level]), strict=True))
    errors = dict.fromkeys(own, 0.0)
    for name, at in zip(_PLACES, (0.5, (1 - level) / 2, (1 + level) / 2), strict=True):
        if name not in own:
            error = float(array_stats.mcse(size, method="quantile", prob=at, chain_axis=0, draw_axis=1))
            # draws that are all alike have no error, of which the library makes a missing number
            errors[name] = error if np.isfinite(error) else 0.0
    return Ours({**of_draws, **own}, errors)


@dataclass(frozen=True)
class ComputedAgain:
    """A published number beside ours, with its verdict.

    Parameters
    ----------
    ours : Ours or None
        None where there is no answer.
    verdict : {"reproduced", "consistent", "differs", "not-public"}
        See the rules above.
    reasons : tuple of Reason
        Which numbers are off by how much, or why there is no answer.
    """

    figure: Published
    ours: Ours | None
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether a figure that should reproduce does not."""
        return self.figure.expect == "reproduces" and self.verdict == "differs"

    def to_dict(self) -> dict[str, Any]:
        """Return the figure for JSON; numbers are persons."""
        figure, ours = self.figure, self.ours
        return {
            "name": figure.name,
            "title": figure.title,
            "study": figure.study or None,
            "method": figure.method or None,
            "priors": figure.priors,
            "options": dict(figure.options),
            "level": figure.level,
            "published": {
                **dict.fromkeys(_PLACES),
                **figure.numbers,
                "source": figure.source,
                "where": figure.where,
                "software": figure.software,
                "verified": figure.verified,
            },
            "tolerance": {"rounding": figure.rounding, "noise": dict(figure.noise), "because": figure.noise_because},
            "ours": None if ours is None else {name: round(value, 1) for name, value in ours.numbers.items()},
            "monte_carlo_error": None if ours is None else {key: round(by, 1) for key, by in ours.errors.items()},
            "verdict": self.verdict,
            "expected": figure.expect,
            "failed": self.failed,
            "why": figure.why or None,
            "reasons": [reason.to_dict() for reason in self.reasons],
        }


def compared(figure: Published, answer: Answer) -> ComputedAgain:
    """Put a published number beside an answer; see the rules above."""
    if not answer.by_level:
        return ComputedAgain(figure, None, "differs", answer.refused)
    ours = answer.by_level[figure.level]
    worst: Verdict = "reproduced"
    off = []
    for name, published in figure.numbers.items():
        by = ours.numbers[name] - published
        allowed = figure.rounding + figure.noise.get(name, 0.0) + _ERRORS * ours.errors[name]
        if abs(by) > allowed:
            off.append(Reason("number-is-off", what=name, by=by, allowed=allowed))
        elif abs(by) > figure.rounding:
            worst = "consistent"
    return ComputedAgain(figure, ours, "differs" if off else worst, tuple(off))


def computed_again(figure: Published, computing: Computing) -> ComputedAgain:
    """Compute a published number again, unless no public table can answer it."""
    if figure.expect == "not-public":
        return ComputedAgain(figure, None, "not-public")
    return compared(figure, computing.answer(figure))


@dataclass(frozen=True)
class NumbersAgain:
    """All numbers of one file, computed again."""

    source: Registered
    figures: tuple[ComputedAgain, ...]
    seed: int

    @property
    def failed(self) -> bool:
        """Whether any figure that should reproduce does not."""
        return any(figure.failed for figure in self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers for JSON, the same for the same seed."""
        return {
            "schema_version": 1,
            "name": self.source.name,
            "title": self.source.title,
            "failed": self.failed,
            "numbers": [figure.to_dict() for figure in self.figures],
            "seed": self.seed,
            "versions": versions(),
        }


def numbers_again(source: Registered, computing: Computing) -> NumbersAgain:
    """Compute every number of a file again."""
    figures = tuple(computed_again(figure, computing) for figure in source.figures)
    return NumbersAgain(source, figures, computing.sampler.seed)
