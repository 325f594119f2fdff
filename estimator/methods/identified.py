"""Whether a total is identified at all in the simplest model that a method holds: asked before a number is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.existence import Total, existence
from estimator.reasons import Reason

Ints = NDArray[np.int64]


def refusals_of_mixture(counts: Ints, method: str) -> tuple[Reason, ...]:
    """Return why a mixture of people to whom lists are independent has no answer for counts, shape (S, 2^L).

    With no pair of lists depending, the exact test of `estimator.capture.existence` says for each stratum whether its
    counts hold the total. Where they do not, no mixture of such people holds it either: the prior alone would speak.
    """
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
