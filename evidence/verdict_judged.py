"""Verdicts as classifiers of intervals: which estimates each lets pass, and which of these hold the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.fits.rivals import ahead, weights_by_foretelling
from estimator.fits.scores import QUANTILES, Judged
from estimator.methods.weights import weighted_quantiles
from estimator.population.fitness import WIDTH_CODES
from evidence.pages import grouped
from evidence.verdict import LOGLINEAR, RIVALS

Floats = NDArray[np.float64]

HELD_OUT = "lists held out"
PROBABILITIES = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5)
BEHIND = (0.0, 2.0, 4.0, 8.0, math.inf)
ASKED_HELD, ASKED_REFUSED = 0.93, 0.25
"""Share held among tables let pass, at least, and share refused among tables whose interval holds, at the most."""


@dataclass(frozen=True, eq=False)
class Case:
    """A table whose total is known, and what was found of it.

    Parameters
    ----------
    scenario : str
        `HELD_OUT` for the people on a list.
    family : str
        Of the table from which a list was held out; "" of a simulated one.
    found : mapping
        From `evidence.verdict.fit_known`.
    """

    key: str
    scenario: str
    number: int
    family: str
    table: str
    found: Mapping[str, Any]

    @cached_property
    def judged(self) -> Judged:
        """The estimate beside the truth."""
        return self.judged_by(self.found["methods"][LOGLINEAR]["quantiles"])

    def judged_by(self, quantiles: Sequence[float]) -> Judged:
        """Return quantiles of the total beside the truth."""
        return Judged(self.table, float(self.found["size"]), dict(zip(QUANTILES, map(float, quantiles), strict=True)))

    @cached_property
    def holds(self) -> bool:
        """Whether the 95 % interval of the estimate holds the truth."""
        return self.judged.holds(0.95)

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """The log-linear method, and those that let people differ and have an answer."""
        return tuple(name for name in (LOGLINEAR, *RIVALS) if name in self.found["methods"])

    @cached_property
    def above(self) -> dict[str, float]:
        """Probability that the total lies above the upper limit of the estimate, by each method."""
        upper = self.judged.limits(0.95)[1]
        return {name: float(np.mean(self._draws(name) > upper)) for name in self.methods}

    @cached_property
    def ahead(self) -> dict[str, float]:
        """How far each method is ahead of the log-linear one in foretelling people's lists."""
        counts, first = np.array(self.found["counts"]), self._foretold(LOGLINEAR)
        return {name: ahead(self._foretold(name), first, counts).difference for name in self.methods}

    def weights(self, methods: Sequence[str]) -> Floats:
        """Return the weights of methods in a mixture."""
        return weights_by_foretelling([self._foretold(name) for name in methods], np.array(self.found["counts"]))

    @cached_property
    def mixed_above(self) -> float:
        """Probability that the total lies above the upper limit, by the mixture of all methods."""
        return float(self.weights(self.methods) @ [self.above[name] for name in self.methods])

    def mixture(self, rivals: Sequence[str]) -> Judged:
        """Return the estimate of a mixture of the log-linear method and others, as far as these have an answer."""
        there = [LOGLINEAR, *(name for name in rivals if name in self.methods)]
        if len(there) == 1:
            return self.judged
        draws = [self._draws(name) for name in there]
        each = np.concatenate([np.full(len(d), w / len(d)) for d, w in zip(draws, self.weights(there), strict=True)])
        return self.judged_by(weighted_quantiles(np.concatenate(draws), each, QUANTILES).tolist())

    def _draws(self, method: str) -> Floats:
        return np.array(self.found["methods"][method]["draws"])

    def _foretold(self, method: str) -> Floats:
        return np.array(self.found["methods"][method]["foretold"])

    def reasons(self, *, width: bool) -> tuple[str, ...]:
        """Return the codes for which the program as it is refuses the estimate, with or without that of width."""
        codes = tuple(reason["code"] for reason in self.found["reasons"])
        return codes if width else tuple(code for code in codes if code not in WIDTH_CODES)


@dataclass(frozen=True)
class Rule:
    """A rule that refuses estimates.

    Parameters
    ----------
    kind : str
        ``now``, ``no width`` (the same without that reason), ``each`` or ``mixed``.
    probability : float
        q of the rule.
    behind : float
        d of the rule.
    """

    kind: str
    probability: float = 1.0
    behind: float = math.inf

    def refuses(self, case: Case) -> bool:
        """Tell whether it refuses the estimate."""
        return bool(case.reasons(width=self.kind == "now")) or self.sees_people_differ(case)

    def sees_people_differ(self, case: Case) -> bool:
        """Tell whether methods that let people differ lie above the estimate."""
        if self.kind == "mixed":
            return len(case.methods) > 1 and case.mixed_above >= self.probability
        if self.kind != "each":
            return False
        return any(
            case.above[name] >= self.probability and case.ahead[name] >= -self.behind for name in case.methods[1:]
        )

    @property
    def name(self) -> str:
        """What it is called on the page."""
        if self.kind == "each":
            behind = "infinite" if math.isinf(self.behind) else f"{self.behind:g}"
            return f"each({self.probability:g}, {behind})"
        return f"mixed({self.probability:g})" if self.kind == "mixed" else self.kind


NOW, NO_WIDTH = Rule("now"), Rule("no width")
EACH = tuple(Rule("each", q, d) for q, d in product(PROBABILITIES, BEHIND))
MIXED = tuple(Rule("mixed", q) for q in PROBABILITIES)


@dataclass(frozen=True)
class Confusion:
    """How a rule does for some tables.

    Parameters
    ----------
    passed, held : int
        Tables let pass; tables whose 95 % interval holds the truth.
    passed_held : int
        Both.
    """

    tables: int
    passed: int
    held: int
    passed_held: int

    @property
    def held_among_passed(self) -> float:
        """Share of tables let pass whose interval holds; 1 where none passes."""
        return self.passed_held / self.passed if self.passed else 1.0

    @property
    def refused_among_held(self) -> float:
        """Share refused of tables whose interval holds; 0 where none does."""
        return 1 - self.passed_held / self.held if self.held else 0.0


def confusion(rule: Rule, cases: Sequence[Case]) -> Confusion:
    """Return how a rule does for some tables."""
    passed = [not rule.refuses(case) for case in cases]
    held = [case.holds for case in cases]
    both = sum(p and h for p, h in zip(passed, held, strict=True))
    return Confusion(len(cases), sum(passed), sum(held), both)


def by_scenario(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return tables by scenario, in the order in which they come."""
    return grouped(cases, lambda case: case.scenario)


def learning_half(cases: Sequence[Case]) -> list[Case]:
    """Return the simulated tables on which thresholds are chosen."""
    return [case for case in cases if case.scenario != HELD_OUT and case.number % 2 == 0]


def judging_half(cases: Sequence[Case]) -> list[Case]:
    """Return the simulated tables that thresholds were not chosen on, and all lists held out."""
    return [case for case in cases if case.scenario == HELD_OUT or case.number % 2]


def chosen(rules: Sequence[Rule], cases: Sequence[Case]) -> Rule:
    """Return the rule that is best on some tables, by the criterion of docs/verdict.md."""
    scenarios = by_scenario(cases)

    def rank(rule: Rule) -> tuple[bool, float, float, int]:
        """Return what is the larger the better a rule is."""
        found = [confusion(rule, tables) for tables in scenarios.values()]
        refused = max(of.refused_among_held for of in found)
        within = refused <= ASKED_REFUSED
        least = min(of.held_among_passed for of in found)
        return within, least if within else -refused, least, sum(of.passed for of in found)

    return max(rules, key=rank)
