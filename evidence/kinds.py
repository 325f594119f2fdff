"""Whether pairs of lists of one kind (two hospitals) depend otherwise than pairs of two kinds (police and a shelter)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evidence.meta_analysis import ListOfTable
from evidence.pages import grouped, mean_and_error
from evidence.public_tables import kinds_of_lists, pairs_of_kinds


@dataclass(frozen=True)
class PairsOfFamily:
    """Log odds ratios of the pairs of lists in a family of tables, among the people on a third list.

    Parameters
    ----------
    same, other : tuple of float
        Posterior means, of pairs of one kind and of two kinds.
    """

    family: str
    same: tuple[float, ...]
    other: tuple[float, ...]

    @property
    def difference(self) -> float | None:
        """By how much the mean of pairs of one kind is higher; None where the family has not both."""
        return float(np.mean(self.same) - np.mean(self.other)) if self.same and self.other else None


def pairs_by_kind(lists: Sequence[ListOfTable], completed: Sequence[Mapping[str, Any]]) -> list[PairsOfFamily]:
    """Return the pairs of every family whose lists' kinds are known, by whether both lists are of one kind.

    Parameters
    ----------
    completed : sequence of mapping
        Results of `learning_fits.fit_completed`, of each list in turn.
    """
    pairs: list[tuple[str, bool, float]] = []
    for held, fit in zip(lists, completed, strict=True):
        if held.table.name not in kinds_of_lists():
            continue
        kinds = {frozenset(pair.split()): of for pair, of in pairs_of_kinds(held.table.name).items()}
        for pair, (mean, _) in fit["pairs"].items():
            first, second = kinds[frozenset(pair.split("&"))]
            pairs.append((held.table.family, first == second, float(mean)))
    return [
        PairsOfFamily(
            family,
            tuple(mean for _, is_same, mean in of if is_same),
            tuple(mean for _, is_same, mean in of if not is_same),
        )
        for family, of in grouped(pairs, lambda pair: pair[0]).items()
    ]


def kinds_section(families: Sequence[PairsOfFamily]) -> str:
    """Return what was found as a section of a page, as Markdown."""
    both = {one.family: one.difference for one in families if one.difference is not None}
    mean, error = mean_and_error(list(both.values()))
    rows = [
        f"| {one.family} | {len(one.same)} | {np.mean(one.same):+.2f} | {len(one.other)} | {np.mean(one.other):+.2f} | {one.difference:+.2f} |"
        for one in families
        if one.difference is not None
    ]
    ends = "does not tell them apart" if abs(mean) <= 2 * error else "tells them apart"
    return "\n".join([
        "## Pairs of lists of one kind, and of two",
        "",
        f"Log odds ratios of pairs among the people on a third list, in the {len(both)} of {len(families)} families whose lists are described that have pairs of one kind (two of the police, two hospitals) and of "
        "two kinds (police and a shelter); kinds are in `evidence/tables/sources.toml`.",
        "",
        "| family | pairs of one kind | mean | of two kinds | mean | difference |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
        f"Families weighing the same, pairs of one kind are {mean:+.2f} ± {error:.2f} higher: the evidence {ends}, and the prior has one distribution for all pairs.",
        "",
    ])  # fmt: skip
