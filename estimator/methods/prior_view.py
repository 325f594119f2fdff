"""What a method's prior says of a study before it meets the data, beside what was observed.

Two things are said of every group. First the dark figure as its own prior states it (times residual dependence, where
any is stated), the number of registered people being what it is. Then the tables that all priors together expect: how
many registered, how many on each list, how many on two. A statement that looks modest list by list can be a strong one
about their sum; only the second view shows that. Neither looks at the overlaps of the study's table, which stand beside
the numbers for comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.summary import Summary
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.questions import TOTAL, Label
from estimator.study.study import Study
from estimator.words.numbers import listed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """A number that the prior expects in a table, beside the observed number.

    Parameters
    ----------
    prior : Summary
        Of the prior's own tables.
    observed : tuple of float
        Bounds of the observed number or share; the second is infinite when nothing bounds it.
    below : float
        Share of the prior's tables with a smaller number than the middle of `observed`; equal ones count half.
    """

    prior: Summary
    observed: tuple[float, float]
    below: float

    @property
    def surprising(self) -> bool:
        """Whether the whole of what was observed lies outside the prior's widest interval."""
        return self.observed[1] < self.prior.lower or self.observed[0] > self.prior.upper

    def to_dict(self, digits: int) -> dict[str, Any]:
        """Return the number for JSON, rounded to a number of decimals."""
        lower, upper = self.observed
        return {
            "prior": limits_of(self.prior, digits),
            "observed": {
                "lower": round(lower, digits),
                "upper": None if np.isinf(upper) else round(upper, digits),
            },
            "prior_probability_below": round(self.below, 4),
        }


@dataclass(frozen=True)
class Overlap:
    """People on one list, or on both of two.

    Parameters
    ----------
    of_registered : Expected
        As a share of the registered people.
    of_population : Summary
        As a share of everybody.
    """

    labels: tuple[Label, ...]
    persons: Expected
    of_registered: Expected
    of_population: Summary

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers for JSON."""
        return {
            "label": listed([label.en for label in self.labels]),
            "persons": self.persons.to_dict(1),
            "share_of_registered": self.of_registered.to_dict(5),
            "share_of_population": limits_of(self.of_population, 5),
        }


@dataclass(frozen=True, eq=False)
class GroupView:
    """What a prior says of one population group; per year where the study's period is averaged.

    Parameters
    ----------
    N, dark_figure, coverage : Summary
        By the prior on the dark figure alone, the registered number being as observed.
    registered, two_or_more : Expected
        By all priors together: people on a list, and on two or more.
    expected_size, expected_coverage : Summary
        By all priors together: everybody, and the share that is registered.
    lists, overlaps : mapping of str to Overlap
        By list, and by pair of lists that can overlap.
    draws : mapping of str to ndarray
        ``N`` and ``coverage``, ``expected_size`` and ``expected_coverage``, shape (draw,).
    """

    label: Label
    N: Summary
    dark_figure: Summary
    coverage: Summary
    registered: Expected
    two_or_more: Expected
    expected_size: Summary
    expected_coverage: Summary
    lists: Mapping[str, Overlap]
    overlaps: Mapping[str, Overlap]
    draws: Mapping[str, Floats]

    @cached_property
    def compared(self) -> dict[Reason, Expected]:
        """Everything that has an observed number, by what it is."""
        lists = {Reason("number-on-list", list=name): seen.of_registered for name, seen in self.lists.items()}
        pairs = {Reason("number-on-both", lists=name): seen.of_registered for name, seen in self.overlaps.items()}
        return {
            Reason("number-registered"): self.registered,
            Reason("number-on-two-or-more"): self.two_or_more,
            **lists,
            **pairs,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON: persons with one decimal, shares with five."""
        return {
            "label": self.label.en,
            "registered": self.registered.to_dict(1)["observed"],
            "stated": {
                "N": limits_of(self.N, 1),
                "dark_figure": limits_of(self.dark_figure, 1),
                "coverage": limits_of(self.coverage, 5),
            },
            "expected": {
                "N": limits_of(self.expected_size, 1),
                "coverage": limits_of(self.expected_coverage, 5),
                "registered": self.registered.to_dict(1),
                "two_or_more": self.two_or_more.to_dict(1),
                "lists": {name: summary.to_dict() for name, summary in self.lists.items()},
                "overlaps": {name: summary.to_dict() for name, summary in self.overlaps.items()},
            },
        }


@dataclass(frozen=True, eq=False)
class PriorView:
    """What a prior says of a study before its overlaps are looked at.

    Parameters
    ----------
    groups : mapping of str to GroupView
        ``"total"`` first.
    """

    study: Study
    priors: Priors
    groups: Mapping[str, GroupView]
    n_draws: int
    seed: int

    @property
    def total(self) -> GroupView:
        """Everybody."""
        return self.groups[TOTAL]

    @property
    def surprising(self) -> list[Reason]:
        """Which observed numbers of the whole table lie outside the 95 % interval of what the prior expects."""
        return [what for what, expected in self.total.compared.items() if expected.surprising]

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "study": self.study.name,
            "title": self.study.title,
            "table_kind": self.study.table_kind,
            "priors": self.priors.title,
            "changed": self.priors.overrides,
            "draws": self.n_draws,
            "seed": self.seed,
            "surprising": [what.to_dict() for what in self.surprising],
            "groups": {name: group.to_dict() for name, group in self.groups.items()},
        }


def limits_of(summary: Summary, digits: int) -> dict[str, Any]:
    """Return median and intervals for JSON; not mean and sd, which a prior with long tails need not have."""
    kept = summary.to_dict(digits)
    return {name: kept[name] for name in ("median", "lower", "upper", "intervals")}
