"""The estimate as tidy CSV: one row per prior set, period, group and quantity."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from estimator.methods.summary import Summary, summarise
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
    "lower_50",
    "upper_50",
    "lower_80",
    "upper_80",
    "lower_95",
    "upper_95",
)


def csv_of(estimate: Estimate) -> str:
    """Return an estimate, and those under other priors beside it, as CSV.

    Returns
    -------
    str
        With a header; `COLUMNS`. ``priors`` is the name of the prior set, the one of the estimate itself first.
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
            for quantity, summary, digits in (*group.quantities, *_bounds(group)):
                yield [
                    *head,
                    in_cell(period),
                    in_cell(name),
                    in_cell(group.label.en),
                    quantity,
                    *_numbers(summary, digits),
                ]


def _bounds(group: GroupEstimate) -> Iterator[tuple[str, Summary, int]]:
    """Yield the least and the most people who are registered, where the table does not give their number.

    They are known numbers, whose distribution is a point; there is no row for the most where nothing bounds it.
    """
    lower, upper = group.bounds or (math.inf, math.inf)
    for quantity, limit in (("registered_at_least", lower), ("registered_at_most", upper)):
        if math.isfinite(limit):
            yield quantity, summarise(np.full(2, limit)), 1


def _numbers(summary: Summary, digits: int) -> list[float | None]:
    """Return median, mean, standard deviation and limits, rounded; blanks where the number has no mean."""
    limits = [limit for pair in summary.intervals.values() for limit in pair]
    moments = [round(value, digits) if summary.has_mean else None for value in (summary.mean, summary.sd)]
    return [round(summary.median, digits), *moments, *(round(limit, digits) for limit in limits)]
