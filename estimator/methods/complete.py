"""Tables in which every number is exact and counts one cell, for the methods that need such tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable


def complete_counts(table: CaptureTable) -> NDArray[np.int64] | None:
    """Return the persons of every stratum and history, shape (S, 2^L); None where some are not known so closely."""
    observed = table.observations
    counted = np.flatnonzero(table.upper > 0)
    cells = [observed.cells(number) for number in counted.tolist()]
    if (table.lower != table.upper).any() or any(len(cover) != 1 for cover in cells):
        return None
    counts = np.zeros(table.n_cells, dtype=np.int64)
    for cover, number in zip(cells, counted.tolist(), strict=True):
        counts[cover] += table.lower[number]
    return counts.reshape(table.shape)
