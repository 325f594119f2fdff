"""The estimate as tidy CSV: one row per prior set, period, group and quantity."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from estimator.methods.summary import LEVELS, Summary, summarise
from estimator.population.estimate import Estimate
from estimator.population.groups import GroupEstimate
from estimator.words.shown import in_cell

COLUMNS = (
    "study",
    "table_kind",
    "priors",
    "period",
    "group",
    "label",
    "quantity",
    "median",
    "mean",
    "sd",
    *(f"{side}_{100 * level:g}" for level in LEVELS for side in ("lower", "upper")),
)


def csv_of(estimate: Estimate) -> str:
    """Return an estimate, and those under other priors beside it, as CSV.

    Returns
    -------
    str
        With a header; `COLUMNS`, always all of them, so that files of several runs can be put together: limits of an
        interval that is not given are blank. ``priors`` is the name of the prior set, the one of the estimate itself
        first.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for under_priors in (estimate, *estimate.beside):
        writer.writerows(_rows(under_priors))
    return text.getvalue()


def _rows(estimate: Estimate) -> Iterator[list[Any]]:
    """Yield the rows under one set of priors."""
    periods: dict[str, Mapping[str, GroupEstimate]] = {"headline": estimate.groups}
    if estimate.per_year:
        periods["per year"] = estimate.per_year
    head = [in_cell(estimate.study.name), estimate.study.table_kind, in_cell(estimate.priors_name)]
    for period, groups in (periods | dict(estimate.by_year)).items():
        for name, group in groups.items():
            for quantity, summary, digits in (*group.quantities, *_bounds(group, estimate.levels)):
                yield [
                    *head,
                    in_cell(period),
                    in_cell(name),
                    in_cell(group.label.en),
                    quantity,
                    *_numbers(summary, digits),
                ]


def _bounds(group: GroupEstimate, levels: tuple[float, ...]) -> Iterator[tuple[str, Summary, int]]:
    """Yield the least and the most people who are registered, where the table does not give their number.

    They are known numbers, whose distribution is a point; there is no row for the most where nothing bounds it.
    """
    lower, upper = group.bounds or (math.inf, math.inf)
    for quantity, limit in (("registered_at_least", lower), ("registered_at_most", upper)):
        if math.isfinite(limit):
            yield quantity, summarise(np.full(2, limit), levels), 1


def _numbers(summary: Summary, digits: int) -> list[float | None]:
    """Return median, mean, standard deviation and limits, rounded; blanks for what is not given."""
    moments = [summary.mean, summary.sd] if summary.has_mean else [None, None]
    limits = [limit for level in LEVELS for limit in summary.intervals.get(level, (None, None))]
    return [None if value is None else round(value, digits) for value in (summary.median, *moments, *limits)]
