"""What refits are made of: a study or a table of the same shape with other numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.study.questions import ModelSettings
from estimator.study.study import Study

Ints = NDArray[np.int64]


def with_counts(table: CaptureTable, lower: Ints, upper: Ints | None = None) -> CaptureTable:
    """Return a table of the same shape with other numbers.

    Parameters
    ----------
    lower : ndarray of int, shape (J,)
        Persons; one number for each that the table has.
    upper : ndarray of int, shape (J,), optional
        Upper bounds where numbers are not exact.
    """
    return replace(table, lower=lower, upper=lower if upper is None else upper)


def with_table(study: Study, table: CaptureTable, model: ModelSettings | None = None) -> Study:
    """Return a study with another table of the same strata, and perhaps other terms of its model."""
    return replace(study, table=table, model=model or study.model)
