"""Leaps: all large classes of a state are proposed anew at once, from a mixture that was fitted beforehand.

Posteriors of latent classes have modes that no small step leaves. A mixture of Student t distributions, fitted to
states that tempered chains have found (`estimator.methods.student_mixtures`), is a proposal that knows them all,
whatever the state: what is proposed and not accepted is told by Metropolis and Hastings, so that the fit decides how
often a leap succeeds, and never what is found.

The r classes with most registered people are written as ``coordinates``, shape (r - 1 + r L,): asinh(s / 4), with s the
log of how many registered people each has beside the first, largest first, and then for each list

    phi(lambda) = lambda^(1/3) - (1 - lambda)^(1/3),    between -1 and 1,

because the cube root of a gamma number is nearly Normal (Wilson & Hilferty 1931), that of a list on which nobody of
the class was seen too. Other classes stay as they are, and so do the registered people of the r classes together.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.latent_class.mixture import class_row, log_likelihood, log_logistic, log_prior_of_weights
from estimator.methods.latent_class.randomness import State, log_gamma, normal, uniform
from estimator.methods.student_mixtures import DEGREES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPREAD = 4.0
"""Log ratios of registered people beyond this are written closer together: those of empty classes are huge."""

_FAR = 30.0  # a logit so far out is its own exponential
_STEPS = 4  # one proposal in so many is a step from where the chain is
_STEP = 0.5  # length of a step, in standard deviations of a part of the mixture


@numba.njit(nogil=True, error_model="numpy")
def _log_third(x: float) -> float:
    """Return a third of the log of a probability with logit x."""
    return float((x if x < -_FAR else -math.log1p(math.exp(-x))) / 3.0)


@numba.njit(nogil=True, error_model="numpy")
def to_coordinate(logit: float) -> tuple[float, float]:
    """Return phi of a probability, and the log of its derivative by the logit."""
    on, off = math.exp(_log_third(logit)), math.exp(_log_third(-logit))
    return on - off, math.log(on * off * (on * on + off * off) / 3.0)


@numba.njit(nogil=True, error_model="numpy")
def from_coordinate(phi: float) -> tuple[float, float]:
    """Return the logit of the probability that phi belongs to, and the log of the derivative of phi by it.

    With y half the sum of the two cube roots, y^3 + (3 / 4) phi^2 y = 1 / 2, which Cardano's formula solves.
    """
    quarter = 0.25 * phi * phi
    root = (0.25 + math.sqrt(0.0625 + quarter * quarter * quarter)) ** (1.0 / 3.0)
    middle = root - quarter / root
    on, off = middle + 0.5 * phi, middle - 0.5 * phi
    if on <= 0.0 or off <= 0.0:
        return math.nan, 0.0
    return 3.0 * (math.log(on) - math.log(off)), math.log(on * off * (on * on + off * off) / 3.0)


@numba.njit(nogil=True, error_model="numpy")
def _log_on_some(logit: Floats) -> float:
    """Return the log probability of being on some list."""
    log_none = 0.0
    for x in logit:
        log_none -= max(x, 0.0) + math.log1p(math.exp(-abs(x)))
    return math.log(-math.expm1(log_none))


@numba.njit(nogil=True, error_model="numpy")
def describe(weight: Floats, logit: Floats, place: Ints, coordinates: Floats) -> tuple[float, float, float]:
    """Write the largest classes of a state as coordinates.

    Parameters
    ----------
    place : ndarray of int, shape (r,)
        Out: the classes with most registered people, largest first.
    coordinates : ndarray, shape (r - 1 + r L,)
        Out.

    Returns
    -------
    log_derivative : float
        Of all coordinates by the logs of registered people and by logits.
    together : float
        Log of the registered people of the r classes.
    following : float
        Log of those of the largest class that is left.
    """
    n_classes, n_lists = logit.shape
    r = len(place)
    registered = np.empty(n_classes)
    for k in range(n_classes):
        registered[k] = weight[k] + _log_on_some(logit[k])
    left = np.ones(n_classes, np.bool_)
    log_derivative, first, together, following = 0.0, 0.0, 0.0, -np.inf
    for j in range(min(r + 1, n_classes)):
        best = -1
        for k in range(n_classes):
            if left[k] and (best < 0 or registered[k] > registered[best]):
                best = k
        if j == r:
            following = registered[best]
            break
        left[best], place[j] = False, best
        if j == 0:
            first = registered[best]
        else:
            beside = registered[best] - first
            together += math.exp(beside)
            coordinates[j - 1] = math.asinh(beside / SPREAD)
            log_derivative -= 0.5 * math.log(SPREAD * SPREAD + beside * beside)
        for i in range(n_lists):
            coordinates[r - 1 + j * n_lists + i], slope = to_coordinate(logit[best, i])
            log_derivative += slope
    return log_derivative, first + math.log1p(together), following


@numba.njit(nogil=True, error_model="numpy")
def log_mixture(point: Floats, log_share: Floats, middle: Floats, root: Floats, work: Floats) -> float:
    """Return the log density of a mixture of Student t distributions, up to a constant.

    Parameters
    ----------
    point : ndarray, shape (d,)
    log_share : ndarray, shape (J,)
        Of each part.
    middle, root : ndarray, shapes (J, d) and (J, d, d)
        Where each part is, and the lower root of its scale matrix.
    work : ndarray, shape (d,)
    """
    d = len(point)
    largest, total = -np.inf, 0.0
    for j in range(len(log_share)):
        distance, value = 0.0, log_share[j]
        for i in range(d):
            x = point[i] - middle[j, i]
            for m in range(i):
                x -= root[j, i, m] * work[m]
            work[i] = x / root[j, i, i]
            distance += work[i] * work[i]
            value -= math.log(root[j, i, i])
        value -= 0.5 * (DEGREES + d) * math.log1p(distance / DEGREES)
        if value > largest:
            total = total * math.exp(largest - value) + 1.0
            largest = value
        else:
            total += math.exp(value - largest)
    return largest + math.log(total)


@numba.njit(nogil=True, error_model="numpy")
def draw_mixture(
    point: Floats, log_share: Floats, middle: Floats, root: Floats, r: int, work: Floats, state: State
) -> bool:
    """Draw from the mixture; return whether the point is a state at all, largest class first and phi within bounds.

    Parameters
    ----------
    point, work : ndarray, shape (d,)
        Out, and work space.
    """
    part = _part(log_share, state)
    scale = math.sqrt(0.5 * DEGREES) * math.exp(-0.5 * log_gamma(state, 0.5 * DEGREES))
    point[:] = middle[part]
    _add_normal(point, root[part], scale, work, state)
    return bool(_is_state(point, r))


@numba.njit(nogil=True, error_model="numpy")
def _part(log_share: Floats, state: State) -> int:
    """Draw a part of the mixture."""
    left, part = uniform(state), 0
    while part < len(log_share) - 1 and left > math.exp(log_share[part]):
        left -= math.exp(log_share[part])
        part += 1
    return part


@numba.njit(nogil=True, error_model="numpy")
def _add_normal(point: Floats, root: Floats, scale: float, work: Floats, state: State) -> None:
    """Add Normal numbers, whose covariance has this lower root but for the scale."""
    for i in range(len(point)):
        work[i] = scale * normal(state)
        for m in range(i + 1):
            point[i] += root[i, m] * work[m]


@numba.njit(nogil=True, error_model="numpy")
def _is_state(point: Floats, r: int) -> bool:
    """Return whether coordinates are those of a state: largest class first, and phi within bounds."""
    for i in range(len(point)):
        beyond = abs(point[i]) >= 1.0 if i >= r - 1 else point[i] > (point[i - 1] if i > 0 else 0.0)
        if beyond:
            return False
    return True


@numba.njit(nogil=True, error_model="numpy")
def _classes_at(
    point: Floats,
    together: float,
    following: float,
    start: Ints,
    member: Ints,
    weights: Floats,
    logits: Floats,
    new_rows: Floats,
) -> tuple[float, float]:
    """Make the classes that coordinates describe: `describe`, the other way round.

    Parameters
    ----------
    together, following : float
        Logs of the registered people of these classes together, and of the largest that stays.
    weights, logits, new_rows : ndarray, shapes (r,), (r, L) and (r, C + 2)
        Out.

    Returns
    -------
    log_derivative : float
        Of the coordinates by the logs of registered people and by logits.
    profile : float
        Log prior density of the logits; minus infinity where the last of these classes is not larger than what follows.
    """
    r, n_lists = logits.shape
    slope, beside, profile = 0.0, 0.0, 0.0
    weights[0] = 0.0
    for j in range(1, r):
        weights[j] = SPREAD * math.sinh(point[j - 1])
        slope -= 0.5 * math.log(SPREAD * SPREAD + weights[j] * weights[j])
        beside += math.exp(weights[j])
    first = together - math.log1p(beside)
    if first + weights[r - 1] < following:
        return 0.0, -np.inf
    for j in range(r):
        for i in range(n_lists):
            logits[j, i], derivative = from_coordinate(point[r - 1 + j * n_lists + i])
            slope += derivative
            profile += log_logistic(logits[j, i])
        weights[j] += first - _log_on_some(logits[j])
        class_row(weights[j], logits[j], start, member, new_rows[j])
    return slope, profile


@numba.njit(nogil=True, error_model="numpy")
def leap(
    weight: Floats,
    logit: Floats,
    rows: Floats,
    start: Ints,
    member: Ints,
    count: Floats,
    a: float,
    b: float,
    leaps: int,
    r: int,
    log_share: Floats,
    middle: Floats,
    root: Floats,
    log_cell: Floats,
    state: State,
) -> int:
    """Propose the r largest classes anew, some times; return how often that was accepted.

    One proposal in four is a step from where the chain is, as long and as wide as the mixture's parts say: where the
    mixture is thinner than the posterior, no leap leaves a state for long, and steps do.

    Parameters
    ----------
    weight, logit, rows, start, member, count, log_cell
        As in `estimator.methods.latent_class.mixture.move_classes`.
    """
    n_lists, n_cells, d = logit.shape[1], len(count), middle.shape[1]
    place, at, point, work = np.empty(r, np.int64), np.empty(d), np.empty(d), np.empty(d)
    logits, weights, new_rows, trial = (
        np.empty((r, n_lists)),
        np.empty(r),
        np.empty((r, n_cells + 2)),
        np.empty(n_cells),
    )
    slope, together, following = describe(weight, logit, place, at)
    proposed_here = log_mixture(at, log_share, middle, root, work)
    profile = 0.0
    for j in range(r):
        for i in range(n_lists):
            profile += log_logistic(logit[place[j], i])
    # the density of coordinates, up to a constant
    target = log_likelihood(rows, count, log_cell) + log_prior_of_weights(weight, a, b) + profile - slope
    if not np.isfinite(proposed_here + target):
        return 0
    accepted = 0
    for turn in range(leaps):
        step = turn % _STEPS == _STEPS - 1
        if step:
            point[:] = at
            _add_normal(point, root[_part(log_share, state)], _STEP, work, state)
        if not (_is_state(point, r) if step else draw_mixture(point, log_share, middle, root, r, work, state)):
            continue
        slope, profile = _classes_at(point, together, following, start, member, weights, logits, new_rows)
        if not np.isfinite(profile + slope):
            continue
        _exchange(weight, rows, place, weights, new_rows)
        value = log_likelihood(rows, count, trial) + log_prior_of_weights(weight, a, b) + profile - slope
        proposed_there = log_mixture(point, log_share, middle, root, work)
        # steps are as likely back as forth
        gain = value - target + (0.0 if step else proposed_here - proposed_there)
        if math.log(uniform(state)) < gain:
            target, proposed_here = value, proposed_there
            at[:] = point
            for j in range(r):
                logit[place[j]] = logits[j]
            log_cell[:] = trial
            accepted += 1
        else:
            _exchange(weight, rows, place, weights, new_rows)
    return accepted


@numba.njit(nogil=True, error_model="numpy")
def _exchange(weight: Floats, rows: Floats, place: Ints, weights: Floats, new_rows: Floats) -> None:
    """Let some classes change places with those that wait."""
    for j in range(len(place)):
        k = place[j]
        weight[k], weights[j] = weights[j], weight[k]
        for c in range(rows.shape[1]):
            rows[k, c], new_rows[j, c] = new_rows[j, c], rows[k, c]
