"""What a group's own counts say of how many people no list saw: its people on two or more lists, and its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from estimator.capture.cells import CountedCells
from estimator.capture.declaration import Where
from estimator.capture.rearranging import select
from estimator.capture.tallies import Registered
from estimator.reasons import Reason

FEW_OVERLAPS = 10
"""With fewer people on two or more lists than this, a group's own counts hardly inform its estimate.

A count of 10 has a relative standard error of 1/sqrt(10) = 32 %: from its own counts alone the limits of a 95 %
interval of the group's dark figure would be a factor of about 3.5 apart. The rest is taken from other strata and from
the priors.
"""


@dataclass(frozen=True)
class Information:
    """What the lists saw of a group of strata.

    Parameters
    ----------
    registered : Registered
        People on at least one list.
    twice_or_more : Registered
        People on two or more lists.
    running : int
        Lists that operated in at least one of the strata.
    saw_somebody : int
        Lists that have, or may have, people of the group.
    """

    registered: Registered
    twice_or_more: Registered
    running: int
    saw_somebody: int

    @property
    def enough(self) -> bool:
        """Whether the group's own counts say something of its dark figure."""
        return self.twice_or_more.lower >= FEW_OVERLAPS


def information(table: CountedCells, where: Where) -> Information:
    """Return what the lists saw of some strata; people of whom it is not known whether they belong are not in it."""
    part = select(table, where)
    seen = part.captured()
    return Information(
        registered=part.registered,
        twice_or_more=seen.twice + seen.more,
        running=int(part.running.any(axis=0).sum()),
        saw_somebody=sum(size.upper > 0 for size in part.list_sizes().values()),
    )


def hardly_informed(table: CountedCells, groups: Mapping[str, Where]) -> Iterator[Reason]:
    """Yield which groups take their estimate from other strata and from the priors, rather than from their own counts.

    Parameters
    ----------
    groups : mapping of str to mapping
        The strata of each group by its name; one that is everybody is passed over.
    """
    for name, where in groups.items():
        if not where:
            continue
        known = information(table, where)
        if not known.running:
            yield Reason("group-without-list", group=name)
        elif not known.enough:
            yield Reason(
                "group-hardly-informed",
                group=name,
                lower=known.twice_or_more.lower,
                upper=known.twice_or_more.limit,
                registered_lower=known.registered.lower,
                registered_upper=known.registered.limit,
                lists=known.saw_somebody,
            )
