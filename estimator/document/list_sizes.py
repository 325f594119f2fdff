"""How many people each list saw, from the observed counts of a run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from estimator.document.content import Counted
from estimator.document.source import Source

Known = tuple[float, Counted]


def list_sizes(source: Source, counts: NDArray[np.float64]) -> Iterator[tuple[str, Known, Known]]:
    """Yield each list with how many people it saw and how many it alone did, and whom these numbers count.

    Parameters
    ----------
    counts : ndarray, shape (stratum, history)
        Not a number where a count is not exactly known: such people are left out.
    """
    lists = source.run.facts.lists
    everybody, totals = frozenset(range(counts.shape[0])), np.nansum(counts, axis=0)
    for number, name in enumerate(lists):
        bit = 1 << (len(lists) - 1 - number)
        on = frozenset(place for place in range(len(totals)) if place & bit)
        yield (
            name,
            (float(totals[sorted(on)].sum()), Counted(everybody, on)),
            (float(totals[bit]), Counted(everybody, frozenset({bit}))),
        )
