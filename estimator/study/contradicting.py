"""Decisions about one list that cannot both be carried out: to keep it and to drop it in the same place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from estimator.study.questions import Decision

Where = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Contradiction:
    """Two decisions that cannot both be carried out.

    Parameters
    ----------
    first, second : int
        Their positions, the earlier one first.
    where : mapping of str to tuple of str
        The strata that both are about; empty for all.
    """

    first: int
    second: int
    where: Where

    def message(self, decisions: Sequence[Decision]) -> str:
        """Return in a sentence what contradicts what, and what to do.

        Parameters
        ----------
        decisions : sequence of Decision
            Those that `contradictions` was given.

        Returns
        -------
        str
            Names both decisions, the list and the place.
        """
        first, second = decisions[self.first], decisions[self.second]
        return (
            f"The decision '{second.name}' is to {second.choice} list '{second.list}' and '{first.name}' to "
            f"{first.choice} it, both {_place(self.where)}. Give them 'where' without strata in common, or take one "
            "out."
        )


def contradictions(decisions: Sequence[Decision]) -> Iterator[Contradiction]:
    """Yield every two decisions that keep and drop one list in the same strata.

    Parameters
    ----------
    decisions : sequence of Decision
        In the order of the study file.

    Yields
    ------
    Contradiction
        Two decisions of the same choice are none, wherever they hold.
    """
    for later, second in enumerate(decisions):
        for earlier, first in enumerate(decisions[:later]):
            if first.list != second.list or {first.choice, second.choice} != {"keep", "drop"}:
                continue
            shared = _in_common(first.where, second.where)
            if shared is not None:
                yield Contradiction(earlier, later, shared)


def _in_common(first: Where, second: Where) -> Where | None:
    """Return the strata that two statements are both about; None when there are none."""
    shared = {}
    for covariate in {**first, **second}:
        levels = [where[covariate] for where in (first, second) if covariate in where]
        shared[covariate] = tuple(level for level in levels[0] if level in levels[-1])
    return shared if all(shared.values()) else None


def _place(where: Where) -> str:
    """Return strata in words: "in year 2014, 2015", "everywhere"."""
    parts = [f"{covariate} {', '.join(levels)}" for covariate, levels in where.items()]
    return f"in {' and '.join(parts)}" if parts else "everywhere"
