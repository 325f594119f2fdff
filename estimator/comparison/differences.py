"""How much a population group differs between two times: difference, ratio, and the probability of a rise.

Draws of the same run belong together: whatever moves both years in a draw drops out of their difference. Draws of two
runs do not belong together, and are paired at random: pairing them in their own order would tie them to each other
where both were made from the same seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from estimator.methods.summary import LEVELS, Summary, summarise
from estimator.population.groups import GroupDraws
from estimator.runs.comparison_record import ComparedGroupRecord, DifferenceRecord, VerdictRecord
from estimator.runs.facts import label_record
from estimator.runs.group_records import SummaryRecord
from estimator.study.questions import Label

Floats = NDArray[np.float64]
Direction = Literal["more", "fewer", "unclear"]
Medians = Literal["both-inside", "one-inside", "none-inside"]
"""How many of two medians lie within the interval of the other, where nothing may be subtracted."""

_PAIRS = 40_000
"""Random pairs of draws of two runs: enough for the probability of a rise to be settled to half a per cent."""
_SEED = 20_211


@dataclass(frozen=True)
class Difference:
    """One quantity before and after.

    Parameters
    ----------
    difference : Summary or None
        After less before; None when the two may not be subtracted.
    ratio : Summary or None
        After over before; None also where nobody may have been there before.
    rise, fall : float or None
        Probability that the quantity rose, and that it fell.
    """

    before: Summary
    after: Summary
    difference: Summary | None = None
    ratio: Summary | None = None
    rise: float | None = None
    fall: float | None = None

    @property
    def direction(self) -> Direction:
        """More or fewer when the 95 % interval of the difference leaves out zero; otherwise unclear."""
        if self.difference is None or self.difference.lower <= 0 <= self.difference.upper:
            return "unclear"
        return "more" if self.difference.lower > 0 else "fewer"

    @property
    def of_medians(self) -> float | None:
        """Ratio of the medians, which says nothing of how sure it is; None when the first is zero."""
        return self.after.median / self.before.median if self.before.median > 0 else None

    def record(self, digits: int) -> DifferenceRecord:
        """Return the difference as files have it.

        Parameters
        ----------
        digits : int
            Decimals of the quantity; ratios have four.
        """
        ratio, of_medians = self.ratio, self.of_medians
        return DifferenceRecord(
            before=SummaryRecord.of(self.before, digits),
            after=SummaryRecord.of(self.after, digits),
            difference=SummaryRecord.of(self.difference, digits) if self.difference else None,
            ratio=SummaryRecord.of(ratio, 4) if ratio else None,
            ratio_of_medians=None if of_medians is None else round(of_medians, 4),
            probability_of_rise=None if self.rise is None else round(self.rise, 5),
            probability_of_fall=None if self.fall is None else round(self.fall, 5),
        )


@dataclass(frozen=True)
class Verdict:
    """What became of a group: what was registered and what is estimated are never mixed.

    A registered number is what lists saw, and falls as well when lists see less.

    Parameters
    ----------
    estimated : {"more", "fewer", "unclear"} or {"both-inside", "one-inside", "none-inside"}
        How the number of people moved; where nothing may be subtracted, how many of the two medians lie within the
        interval of the other.
    registered : {"more", "fewer", "same"}
        How the number of registered people moved.
    """

    estimated: Direction | Medians
    registered: Literal["more", "fewer", "same"]


@dataclass(frozen=True)
class GroupComparison:
    """One group before and after."""

    label: Label
    registered: Difference
    N: Difference
    dark_figure: Difference
    coverage: Difference

    @property
    def verdict(self) -> Verdict:
        """What became of the group."""
        estimated = self.N.direction if self.N.rise is not None else _medians(self.N)
        return Verdict(estimated, direction_registered(self.registered))

    def record(self) -> ComparedGroupRecord:
        """Return the comparison as files have it: persons with one decimal, shares with five."""
        return ComparedGroupRecord(
            verdict=VerdictRecord(**asdict(self.verdict)),
            label=label_record(self.label),
            registered=self.registered.record(1),
            N=self.N.record(1),
            dark_figure=self.dark_figure.record(1),
            coverage=self.coverage.record(5),
        )


def direction_registered(value: Difference) -> Literal["more", "fewer", "same"]:
    """Return whether more, fewer or as many were registered; as many when the change is less than half a per cent.

    A number of registered people is a count and has no margin, unless it is known only within bounds.
    """
    if value.difference is not None and value.difference.sd > 0:
        return value.direction if value.direction != "unclear" else "same"
    if value.before.sd > 0 or value.after.sd > 0:  # known within bounds, and nothing may be subtracted
        apart = value.after.lower > value.before.upper or value.after.upper < value.before.lower
        return "same" if not apart else "more" if value.after.median > value.before.median else "fewer"
    ratio = value.of_medians
    if ratio is None:
        return "more" if value.after.median > 0 else "same"
    return "same" if abs(ratio - 1) < 0.005 else "more" if ratio > 1 else "fewer"


def _medians(value: Difference) -> Medians:
    """Return how many of two medians lie within the interval of the other."""
    first, second = value.before, value.after
    inside = [second.lower <= first.median <= second.upper, first.lower <= second.median <= first.upper]
    return "both-inside" if all(inside) else "one-inside" if any(inside) else "none-inside"


@dataclass(frozen=True, eq=False)
class Pairing:
    """Which draw before belongs to which draw after.

    Parameters
    ----------
    before, after : ndarray of int, shape (pair,)
        Positions among the draws, all chains one after another.
    """

    before: NDArray[np.int_]
    after: NDArray[np.int_]


def joint(n_draws: int) -> Pairing:
    """Pair each draw with itself: two years of the same run.

    Parameters
    ----------
    n_draws : int
        Of all chains together.
    """
    positions = np.arange(n_draws)
    return Pairing(positions, positions)


def independent(n_before: int, n_after: int) -> Pairing:
    """Pair draws of two runs at random, the same pairs for every group, so that groups still add up.

    Parameters
    ----------
    n_before, n_after : int
        Number of draws, of all chains together.

    Returns
    -------
    Pairing
        Each draw of a run occurs equally often, give or take one; always the same pairs for the same numbers.
    """
    rng = np.random.default_rng(_SEED)
    n_pairs = max(_PAIRS, n_before, n_after)

    def shuffled(n: int) -> NDArray[np.int_]:
        return np.concatenate([rng.permutation(n) for _ in range(-(-n_pairs // n))])[:n_pairs]

    return Pairing(shuffled(n_before), shuffled(n_after))


def compare_groups(
    before: Mapping[str, GroupDraws],
    after: Mapping[str, GroupDraws],
    pairing: Pairing | None,
    levels: tuple[float, ...] = LEVELS,
) -> dict[str, GroupComparison]:
    """Compare every group that is on both sides.

    Parameters
    ----------
    pairing : Pairing or None
        None where the two must not be subtracted: then only what each side says is given.
    levels : tuple of float
        Probabilities of the intervals.

    Returns
    -------
    dict of str to GroupComparison
        In the order of `after`.
    """
    groups = {}
    for name, later in after.items():
        if (earlier := before.get(name)) is None:
            continue
        has_mean = earlier.has_mean and later.has_mean
        groups[name] = GroupComparison(
            later.label,
            difference_of(earlier.registered, later.registered, pairing or _known(earlier, later), levels=levels),
            difference_of(earlier.size, later.size, pairing, has_mean, levels=levels),
            difference_of(earlier.unseen, later.unseen, pairing, has_mean, levels=levels),
            difference_of(earlier.coverage, later.coverage, pairing, levels=levels),
        )
    return groups


def _known(before: GroupDraws, after: GroupDraws) -> Pairing | None:
    """Return a pairing of registered numbers that are known exactly on both sides: counts can always be subtracted."""
    exact = all(np.ptp(side.registered) == 0 for side in (before, after))
    return Pairing(np.zeros(1, dtype=np.int_), np.zeros(1, dtype=np.int_)) if exact else None


def difference_of(
    before: Floats,
    after: Floats,
    pairing: Pairing | None,
    has_mean: bool = True,
    *,
    levels: tuple[float, ...] = LEVELS,
) -> Difference:
    """Compare draws of one quantity.

    Parameters
    ----------
    before, after : ndarray
        Draws, of any shape.
    pairing : Pairing or None
        None where the two must not be subtracted.
    has_mean : bool
        Whether the quantity has a mean on both sides.
    levels : tuple of float
        Probabilities of the intervals.
    """

    def summed_up(values: Floats) -> Summary:
        # of a known number there is one draw
        return summarise(np.repeat(values, 2) if values.size == 1 else values, levels, has_mean=has_mean)

    earlier, later = np.ravel(before), np.ravel(after)
    if pairing is None:
        return Difference(summed_up(earlier), summed_up(later))
    first, second = earlier[pairing.before], later[pairing.after]
    step = second - first
    return Difference(
        summed_up(earlier),
        summed_up(later),
        summed_up(step),
        summed_up(second / first) if first.min() > 0 else None,
        float((step > 0).mean()),
        float((step < 0).mean()),
    )
