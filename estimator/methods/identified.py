"""Whether a total is identified at all in the simplest model that a method holds: asked before a number is given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from estimator.capture.existence import Total, existence
from estimator.capture.table import CaptureTable
from estimator.methods.complete import complete_counts
from estimator.methods.pooling import table_of_strata
from estimator.reasons import Reason

Ints = NDArray[np.int64]


def refusals_of_counts(table: CaptureTable, options: Mapping[str, str], method: str) -> tuple[Reason, ...]:
    """Return why a mixture of people to whom lists are independent has no answer for a table.

    With no pair of lists depending, the exact test of `estimator.capture.existence` says for each stratum whether its
    counts hold the total. Where they do not, no mixture of such people holds it either: the prior alone would speak.
    """
    together = table_of_strata(table, options)
    if together is None:
        return (Reason("pooled-needs-lists-everywhere"),)
    counts = complete_counts(together)
    if counts is None:
        return (Reason("method-needs-complete-counts", method=method),)
    empty = int((counts[:, 1:].sum(axis=1) == 0).sum())
    if empty:
        return (Reason("method-needs-people", method=method, strata=empty),)
    open_ended = sum(not holds_total(row) for row in counts)
    if open_ended:
        return (Reason("method-needs-overlap", method=method, strata=open_ended, of=len(counts)),)
    return ()


def holds_total(counts: Ints) -> bool:
    """Return whether the counts of one stratum hold the total when lists are independent.

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history.
    """
    observed = np.arange(len(counts)) > 0
    return existence(len(counts).bit_length() - 1, (), counts > 0, observed).total is Total.FINITE
