"""Strata in which no list ran: nothing was counted there, and nothing is estimated, unless a study decides otherwise.

The likelihood holds nothing about such a stratum: whatever number it got would be the prior on how the unseen people
are divided, and the total would have no limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from estimator.capture.declaration import Covariate, Where
from estimator.capture.observations import BoolArray, IntArray
from estimator.capture.strata import stratum_levels
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError
from estimator.reasons import Reason
from estimator.study.questions import Group, Period


@dataclass(frozen=True)
class Extrapolation:
    """A decision to estimate people where no list ran, from the other strata and the priors alone.

    Parameters
    ----------
    where : mapping of str to tuple of str
        The strata; empty for all in which no list ran.
    reason : str
        Why others say enough of them.
    reason_nl : str or None
        The same in Dutch; None where the study does not say.
    """

    where: Where
    reason: str
    reason_nl: str | None = None


@dataclass(frozen=True, eq=False)
class Listed:
    """What is left of a study's questions where lists ran.

    Parameters
    ----------
    statements : tuple of Reason
        What is not estimated, and what is extrapolated.
    """

    table: CaptureTable
    groups: tuple[Group, ...]
    period: Period | None
    statements: tuple[Reason, ...]


def listed_part(
    table: CaptureTable,
    groups: Iterable[Group],
    period: Period | None,
    extrapolations: Sequence[Extrapolation],
    source: str,
) -> Listed:
    """Return the part of a study in which lists ran, or which is extrapolated.

    Levels in which no list ran at all are taken out of the table; single strata stay in it, and belong to no group.

    Raises
    ------
    InputError
        When no list ran in any headline year, or anywhere.
    """
    groups, extrapolated = tuple(groups), np.zeros(table.n_strata, bool)
    unlisted = ~table.running.any(axis=1)
    if not unlisted.any():
        return Listed(table, groups, period, ())
    statements = []
    for decision in extrapolations:
        there = table.strata_where(decision.where) & unlisted
        extrapolated |= there
        if there.any():
            strata = _labels(table, there)
            why = {"reason": decision.reason, "reason_nl": decision.reason_nl}
            statements.append(Reason("strata-extrapolated", strata=strata, number=len(strata), **why))
    table = replace(table, extrapolated=extrapolated)
    if not table.estimated.any():
        message = "No list ran anywhere. Take out what 'not_operating' and 'changes' say too much."
        raise InputError(Fault(source, message))
    if not table.estimated.all():
        strata = _labels(table, ~table.estimated)
        statements.insert(0, Reason("strata-not-estimated", strata=strata, number=len(strata)))
    gone = _levels_without_list(table)
    kept = {
        covariate.name: tuple(level for level in covariate.levels if level not in gone[covariate.name])
        for covariate in table.covariates
        if covariate.name in gone
    }
    asked = tuple(part for group in groups if (part := _within(group, kept)) is not None)
    return Listed(table.select(kept) if kept else table, asked, _headline(period, kept, source), tuple(statements))


def _labels(table: CaptureTable, chosen: BoolArray) -> tuple[str, ...]:
    labels = table.stratum_labels
    return tuple(labels[index] for index in np.flatnonzero(chosen).tolist())


def _levels_without_list(table: CaptureTable) -> dict[str, set[str]]:
    """Return the levels none of whose strata is estimated, by covariate."""
    level = stratum_levels(table.covariates)[table.estimated]
    gone = {
        covariate.name: {
            name for name, times in zip(covariate.levels, _times(level[:, index], covariate), strict=True) if not times
        }
        for index, covariate in enumerate(table.covariates)
    }
    return {name: levels for name, levels in gone.items() if levels}


def _times(level: IntArray, covariate: Covariate) -> list[int]:
    """Return how often each level of a covariate stands in a column of levels."""
    return [int(times) for times in np.bincount(level, minlength=len(covariate.levels))]


def _within(group: Group, kept: Mapping[str, tuple[str, ...]]) -> Group | None:
    """Return a group without the levels that are gone; None when nothing is left of it."""
    where = {
        name: tuple(level for level in levels if level in kept.get(name, levels))
        for name, levels in group.where.items()
    }
    return replace(group, where=where) if all(where.values()) else None


def _headline(period: Period | None, kept: Mapping[str, tuple[str, ...]], source: str) -> Period | None:
    """Return a period without headline years that are gone."""
    if period is None or period.headline is None or period.covariate is None or period.covariate not in kept:
        return period
    headline = tuple(year for year in period.headline if year in kept[period.covariate])
    if not headline:
        message = "No list ran in any of the headline years. Choose other ones in [period]."
        raise InputError(Fault(source, message, key="period.headline"))
    return replace(period, headline=headline)
