"""A capture table as a piece of HTML, for notebooks."""

from __future__ import annotations

from estimator.capture.table import CaptureTable
from estimator.capture.tallies import Registered
from estimator.words.words import Words

MOST_LEVELS = 8
"""The levels of a covariate that are named."""


def table_html(table: CaptureTable, words: Words) -> str:
    """Return a short description of a table."""

    def number(registered: Registered) -> str:
        return words.text("check.number", lower=registered.lower, upper=registered.limit)

    seen = table.captured()
    return words.page(
        "capture_table.html",
        registered=number(table.registered),
        kind=table.kind,
        once=number(seen.once),
        twice=number(seen.twice),
        more=number(seen.more),
        sizes=[(name, number(size)) for name, size in table.list_sizes().items()],
        covariates=[
            (covariate.name, covariate.levels[:MOST_LEVELS], len(covariate.levels) > MOST_LEVELS)
            for covariate in table.covariates
        ],
    )
