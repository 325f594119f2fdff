"""How likely each dark figure is under independent lists, whatever the lists catch: the profile likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership

Floats = NDArray[np.float64]

_POINTS = 400
_REACH = 6.0  # standard deviations to either side
_NOBODY = 1e-4  # expected people: a dark figure of none
_STEPS = 200


@dataclass(frozen=True, eq=False)
class Profile:
    """Signed roots of twice the fall of the log-likelihood, by dark figure.

    Parameters
    ----------
    unseen : ndarray, shape (P,)
        Expected people on no list, rising.
    root : ndarray, shape (P,)
        Rising; 0 at the estimate. Over large samples standard normal at the true dark figure.
    """

    unseen: Floats
    root: Floats
    estimate: float

    def at(self, root: Floats) -> Floats:
        """Return the dark figure at some roots; none where even nobody unseen is likelier than that."""
        from scipy.interpolate import PchipInterpolator

        unseen = np.exp(PchipInterpolator(self.root, np.log(self.unseen))(np.clip(root, self.root[0], self.root[-1])))
        return np.asarray(np.where(root < self.root[0], 0.0, unseen))


def profile_of(counts: Floats, estimate: float) -> Profile:
    """Return the profile likelihood of the dark figure of one stratum.

    Parameters
    ----------
    counts : ndarray, shape (2^L,)
        People by history.
    estimate : float
        Expected people on no list where the likelihood is highest.
    """
    best = float(_highest(counts, np.log([estimate]))[0])
    low = high = np.log(estimate)
    reach, step = 0.5 * _REACH**2, 0.1
    while best - _highest(counts, np.array([low]))[0] < reach and np.exp(low) > _NOBODY:
        low, step = low - step, 1.5 * step
    step = 0.1
    while best - _highest(counts, np.array([high]))[0] < reach:
        high, step = high + step, 1.5 * step
    # close together near the estimate, where most draws are
    side = np.linspace(-1, 1, _POINTS) ** 3
    log_unseen = np.log(estimate) + np.where(
        side < 0, (np.log(estimate) - low) * side, (high - np.log(estimate)) * side
    )
    fall = 2 * np.maximum(best - _highest(counts, log_unseen), 0.0)
    root = np.sqrt(fall) * np.sign(side)
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(root)) > 1e-9])
    return Profile(np.exp(log_unseen[rising]), root[rising], estimate)


def _highest(counts: Floats, log_unseen: Floats) -> Floats:
    """Return the highest log-likelihood of independent lists at some dark figures, shape (P,).

    History h has the expected number ``unseen * product of odds`` of its lists; the odds are found by Newton's method.
    """
    on = membership(len(counts).bit_length() - 1)[1:].astype(np.float64)
    seen, on_list = counts[1:], counts[1:] @ on
    people = seen.sum() + np.exp(log_unseen)
    # with the dark figure known the lists' shares of everybody are a good beginning
    odds = on_list / np.maximum(people[:, None] - on_list, 0.5)
    effects = np.log(odds)
    for _ in range(_STEPS):
        expected = np.exp(log_unseen[:, None] + effects @ on.T)
        slope = on_list - expected @ on
        curvature = np.einsum("pc,cl,ck->plk", expected, on, on)
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        effects = effects + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    expected = np.exp(log_unseen[:, None] + effects @ on.T)
    return np.asarray(seen.sum() * log_unseen + effects @ on_list - expected.sum(axis=1))
