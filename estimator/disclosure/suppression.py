"""Which printed sums are withheld: the small ones, and those from which a small one could be worked out.

Small sums are withheld first. Then, as long as one can be worked out to within the minimum, the sums that cost least
are withheld with it: those that must be free for two tables, as far apart as the minimum asks, to agree with the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from estimator.disclosure.margins import Counts, Floats, Limits, Margin, Printed, worked_out
from estimator.study.questions import DisclosureRules


@dataclass(frozen=True)
class Withheld:
    """What is withheld, and how well it is hidden.

    Parameters
    ----------
    small : frozenset of Margin
        Sums below the minimum.
    dominated : frozenset of Margin
        Sums of people of whom one list saw nearly all.
    with_them : frozenset of Margin
        Sums by which those could be worked out.
    estimates : frozenset of Margin
        Withheld sums of which the estimate is withheld as well, since it would say too much of the sum.
    limits : mapping of Margin to (float, float)
        What can be worked out of every small or dominated sum, and of small sums that are a difference of printed ones.
    """

    small: frozenset[Margin] = frozenset()
    dominated: frozenset[Margin] = frozenset()
    with_them: frozenset[Margin] = frozenset()
    estimates: frozenset[Margin] = frozenset()
    limits: Mapping[Margin, tuple[float, float]] = field(default_factory=dict)

    @property
    def all(self) -> frozenset[Margin]:
        """Every sum that is not printed."""
        return self.small | self.dominated | self.with_them


def withheld(
    printed: Sequence[Printed],
    rules: DisclosureRules,
    *,
    histories: frozenset[int] = frozenset(),
    seen_most_by_one: Mapping[Margin, float] | None = None,
) -> Withheld:
    """Return which of several sums are not printed.

    Parameters
    ----------
    printed : sequence of Printed
        Every sum that would be printed anywhere, each margin once.
    histories : frozenset of int
        The combinations of lists that may have people.
    seen_most_by_one : mapping of Margin to float, optional
        Of how many people of a sum the list knows that saw most of them; for the rule of dominance.
    """
    small = frozenset(entry.margin for entry in printed if is_small(entry.value, rules))
    most = seen_most_by_one or {}
    dominated = frozenset(
        entry.margin
        for entry in printed
        if rules.dominance is not None and most.get(entry.margin, 0.0) > rules.dominance * entry.value > 0
    )
    search = _Search(printed, rules, histories, set(small | dominated))
    for entry in printed:
        if entry.margin in small | dominated:
            search.hide(entry.margin, _room(entry.value, most.get(entry.margin), rules))
    for margin in search.differences:
        search.hide(margin, rules.minimum)
    for margin in search.counts.atoms:
        if search.gives_away(margin):
            search.hide(margin, rules.minimum)
    search.judge_estimates(dominated)
    with_them = frozenset(search.gone) - small - dominated
    return Withheld(small, dominated - small, with_them, frozenset(search.estimates), search.limits)


def is_small(value: float, rules: DisclosureRules) -> bool:
    """Tell whether a number of registered people is below the minimum."""
    return (value > 0 or rules.zeros == "withheld") and value < rules.minimum


def _room(value: float, most: float | None, rules: DisclosureRules) -> int:
    """Return how wide the limits of a withheld sum must be.

    For a dominated one as far as the upper protection level of the (1, k) rule: so far that, at the upper limit, the
    list would have no more than its share.
    """
    level = most / rules.dominance - value if rules.dominance and most is not None else 0.0
    return max(rules.minimum, math.ceil(level))


class _Search:
    """The sums that are withheld so far, and what a reader knows without them."""

    def __init__(
        self, printed: Sequence[Printed], rules: DisclosureRules, histories: frozenset[int], gone: set[Margin]
    ) -> None:
        self.printed, self.rules, self.gone = printed, rules, gone
        self.counts = Counts([entry.margin for entry in printed], histories)
        self.rows = {entry.margin: self.counts.row(entry.margin) for entry in printed}
        self.largest = max((entry.upper for entry in printed), default=0.0)
        self.most = self.largest + 10 * rules.minimum
        self.limits: dict[Margin, tuple[float, float]] = {}
        self.rooms: dict[Margin, int] = {}
        self.estimates = set(self.rows)
        """Sums whose estimates a reader is thought not to see."""

    @property
    def differences(self) -> list[Margin]:
        """Small sums that are one printed sum less another."""
        return [
            Margin(whole.margin.strata - part.margin.strata, whole.margin.histories)
            for whole in self.printed
            for part in self.printed
            if whole.margin.histories == part.margin.histories
            and part.margin.strata < whole.margin.strata
            and 0 < whole.value - part.value < self.rules.minimum
        ]

    def known(self) -> Limits:
        """Return what a reader knows: the printed sums, and that a zero which may be shown is never withheld."""
        least = 1.0 if self.rules.zeros == "shown" else 0.0
        bounds = [
            (entry.lower, entry.upper)
            if entry.margin not in self.gone
            else (least, np.inf if entry.margin in self.estimates else entry.most)
            for entry in self.printed
        ]
        link = self.counts.link
        return Limits(
            np.vstack([*(self.rows[entry.margin] for entry in self.printed), link.of]),
            np.append([lower for lower, _ in bounds], link.lower),
            np.append([upper for _, upper in bounds], link.upper),
        )

    def gives_away(self, margin: Margin) -> bool:
        """Tell whether a sum that nobody prints can be worked out to be small."""
        lower, upper = worked_out(self.counts.row(margin), self.known(), self.most)
        return lower >= 1 and upper < self.rules.minimum

    def hide(self, margin: Margin, room: int) -> None:
        """Withhold as few sums as possible, until the limits that can be worked out for this one are wide enough."""
        row = self.counts.row(margin)
        for wider in _steps(room):
            lower, upper = worked_out(row, self.known(), self.most)
            if upper - lower >= room:
                break
            self.gone |= self._to_withhold(row, wider)
        else:
            self.gone |= {entry.margin for entry in self.printed if self.rows[entry.margin] @ row > 0}
            lower, upper = worked_out(row, self.known(), self.most)
        self.limits[margin], self.rooms[margin] = (lower, upper), room

    def judge_estimates(self, dominated: frozenset[Margin]) -> None:
        """Show the estimates of withheld sums, but for those that say more than that a small number is small.

        An estimate counts registered people too, so that its lower limit bounds them. That they are fewer than the
        minimum may be said, as it is of the estimate itself; which of these numbers it is may not.
        """
        self.estimates = set()
        bounded = sorted((entry for entry in self.printed if entry.margin in self.gone), key=lambda entry: entry.most)
        for margin, room in self.rooms.items():
            row, enough = self.counts.row(margin), room if margin in dominated else self.rules.minimum - 2
            telling = [
                entry.margin for entry in bounded if self.rows[entry.margin] @ row > 0 and math.isfinite(entry.most)
            ]
            while True:
                self.limits[margin] = lower, upper = worked_out(row, self.known(), self.most)
                if upper - lower >= enough or not telling:
                    break
                self.estimates.add(telling.pop(0))

    def _to_withhold(self, row: Floats, room: int) -> set[Margin]:
        """Return the cheapest sums that differ between two tables in which a sum differs by so much.

        Unknown are the counts of both tables, and by how much each printed sum may leave its bounds, of which a unit
        costs more the larger the sum is.
        """
        from scipy.optimize import linprog

        known, n = self.known(), len(row)
        free = [
            at
            for at, entry in enumerate(self.printed)
            if entry.margin not in self.gone and not _is_fixed(entry, self.rules)
        ]
        slack = np.zeros((len(known.of), len(free)))
        slack[free, range(len(free))] = 1.0
        none, no_counts = np.zeros_like(slack), np.zeros_like(known.of)
        above = np.hstack([known.of, no_counts, -slack, none]), np.hstack([no_counts, known.of, none, -slack])
        below = np.hstack([-known.of, no_counts, -slack, none]), np.hstack([no_counts, -known.of, none, -slack])
        apart = np.concatenate([-row, row, np.zeros(2 * len(free))])
        limits = np.concatenate([known.upper, known.upper, -known.lower, -known.lower, [-room]])
        left = np.vstack([*above, *below, apart])
        kept = np.isfinite(limits)
        cost = np.array([1 + 4 * self.printed[at].value / max(self.largest, 1.0) for at in free])
        solution = linprog(
            np.concatenate([np.zeros(2 * n), cost, cost]),
            A_ub=left[kept],
            b_ub=limits[kept],
            bounds=[(0, self.most)] * (2 * n) + [(0, None)] * (2 * len(free)),
            method="highs",
        )
        if solution.x is None:
            return {self.printed[at].margin for at in free if self.rows[self.printed[at].margin] @ row > 0}
        moved = solution.x[2 * n :].reshape(2, -1).max(axis=0) > 1e-6
        return {self.printed[at].margin for at, leaves in zip(free, moved, strict=True) if leaves}


def _steps(room: int) -> Iterator[int]:
    """Yield how far apart two tables are sought: further, where whole numbers need more room than fractions."""
    return (room + extra for extra in (0, 1, 2, 4, 8, 16))


def _is_fixed(entry: Printed, rules: DisclosureRules) -> bool:
    """Tell whether a sum is a zero that is always printed."""
    return entry.value == 0 and rules.zeros == "shown"
