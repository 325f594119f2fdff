"""The mixture of list profiles in machine code: its density, and the moves that leave its posterior as it is.

A person is of class k with probability pi_k, by breaking sticks: pi_k = V_k (1 - V_1) ... (1 - V_{k-1}), V_k ~ Beta(1,
alpha), the last V is 1, alpha ~ Gamma(a, b). Somebody of class k is on list l with probability lambda_kl ~
Uniform(0, 1), independently of the other lists. N has the prior 1/N. Summed over N, the numbers m_h of people by
history have the probability

    product over h of (p_h / (1 - p_0))^m_h,    p_h = sum over k of pi_k product over l of lambda_kl or 1 - lambda_kl,

and given everything else the dark figure is negative binomial. So N is never a state of the chain, and alpha is summed
over wherever the density is needed:

    log p(V) = sum over k < K of log V_k - (K - 1 + a) log(b - log pi_K) + constant

as a density of the logits of V, or, what is the same, of log pi_k - log pi_K.

A state is ``weight``, shape (K,), log pi up to a constant, and ``logit``, shape (K, L), of lambda. Numbers of people
come as cells: ``start``, shape (C + 1,), and ``member``, the lists of cell c in ``member[start[c]:start[c + 1]]``, with
``count``, shape (C,), float64.

References
----------
Manrique-Vallier (2016), Biometrics 72:1246, doi 10.1111/biom.12502. Papaspiliopoulos & Roberts (2008), Biometrika
95:169, doi 10.1093/biomet/asm086: classes that change places.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.latent_class.randomness import binomial, log_gamma, normal, poisson, uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
State = NDArray[np.uint64]

_LEAST_STEP, _MOST_STEP = math.log(0.02), math.log(3.0)  # steps of moves, on the log scale: of scarce and rich classes
_LATER = 0.7  # a class later in the order is moved so many times as often as the one before
_STEPS_OF_ALPHA = 3


@numba.njit(nogil=True, error_model="numpy")
def class_row(weight: float, logit: Floats, start: Ints, member: Ints, row: Floats) -> None:
    """Fill in the probability of every cell together with one class.

    Parameters
    ----------
    row : ndarray, shape (C + 2,)
        Out: each cell, being on some list, being on none.
    """
    n_cells = len(start) - 1
    log_none = 0.0
    for i in range(len(logit)):
        log_none -= max(logit[i], 0.0) + math.log1p(math.exp(-abs(logit[i])))
    share = math.exp(weight)
    none = share * math.exp(log_none)
    for c in range(n_cells):
        total = log_none
        for j in range(start[c], start[c + 1]):
            total += logit[member[j]]
        row[c] = total
    for c in range(n_cells):
        row[c] = share * math.exp(row[c])
    row[n_cells], row[n_cells + 1] = -share * math.expm1(log_none), none


@numba.njit(nogil=True, error_model="numpy")
def log_likelihood(rows: Floats, count: Floats, log_cell: Floats) -> float:
    """Return the log likelihood, N summed over, and fill in the log probability of every cell among the registered.

    Parameters
    ----------
    rows : ndarray, shape (K, C + 2)
        As `class_row` makes them.
    log_cell : ndarray, shape (C,)
        Out.
    """
    n_cells = len(count)
    log_registered = math.log(rows[:, n_cells].sum())
    value = 0.0
    for c in range(n_cells):
        total = 0.0
        for k in range(rows.shape[0]):
            total += rows[k, c]
        log_cell[c] = math.log(total) - log_registered
        if count[c] > 0.0:
            value += count[c] * log_cell[c]
    return value


@numba.njit(nogil=True, error_model="numpy")
def log_prior_of_weights(weight: Floats, a: float, b: float) -> float:
    """Return the log prior density of the weights, up to a constant, alpha summed over."""
    n_classes = len(weight)
    rest, value = weight[n_classes - 1], 0.0
    for k in range(n_classes - 2, -1, -1):
        if weight[k] > rest:
            beside = math.log1p(math.exp(rest - weight[k]))
            value -= beside
            rest = weight[k] + beside
        else:
            beside = math.log1p(math.exp(weight[k] - rest))
            value += weight[k] - rest - beside
            rest += beside
    # `rest` is now the log of all weights together
    return float(value - (n_classes - 1 + a) * math.log(b + rest - weight[n_classes - 1]))


@numba.njit(nogil=True, error_model="numpy")
def _log_alpha_density(log_alpha: float, sizes: Floats, a: float, b: float) -> float:
    """Return the log density of log alpha given the sizes of classes, sticks summed over."""
    n_classes, alpha = len(sizes), math.exp(log_alpha)
    value, later = a * log_alpha - b * alpha, 0.0
    for k in range(n_classes - 1, -1, -1):
        # without anybody in it or after it a stick says nothing of alpha
        if k < n_classes - 1 and sizes[k] + later > 0.0:
            value += log_alpha + math.lgamma(alpha + later) - math.lgamma(1.0 + alpha + sizes[k] + later)
        later += sizes[k]
    return value


@numba.njit(nogil=True, error_model="numpy")
def gibbs(
    weight: Floats,
    logit: Floats,
    rows: Floats,
    start: Ints,
    member: Ints,
    count: Floats,
    a: float,
    b: float,
    log_alpha: float,
    sizes: Floats,
    on_list: Floats,
    state: State,
) -> float:
    """Draw the unseen people, everybody's class, alpha, the weights and the profiles, each given the others.

    Parameters
    ----------
    rows : ndarray, shape (K, C + 2)
        Of weights and profiles as they are.
    log_alpha : float
        As last drawn.
    sizes, on_list : ndarray, shapes (K,) and (K, L)
        Work space.

    Returns
    -------
    float
        Log alpha.
    """
    n_classes, n_lists = logit.shape
    n_cells, people = len(count), count.sum()
    odds = rows[:, n_cells + 1].sum() / rows[:, n_cells].sum()
    unseen = poisson(state, math.exp(log_gamma(state, people)) * odds)
    sizes[:], on_list[:] = 0.0, 0.0
    for c in range(n_cells + 1):
        column = c if c < n_cells else n_cells + 1
        left, share = (count[c] if c < n_cells else unseen), rows[:, column].sum()
        for k in range(n_classes):
            if left <= 0.0:
                break
            taken = binomial(state, left, rows[k, column] / share) if k < n_classes - 1 else left
            share -= rows[k, column]
            left -= taken
            sizes[k] += taken
            if c < n_cells and taken > 0.0:
                for j in range(start[c], start[c + 1]):
                    on_list[k, member[j]] += taken
    here = _log_alpha_density(log_alpha, sizes, a, b)
    for _ in range(_STEPS_OF_ALPHA):
        there = log_alpha + 1.5 * normal(state)
        value = _log_alpha_density(there, sizes, a, b)
        if math.log(uniform(state)) < value - here:
            log_alpha, here = there, value
    alpha, later, left = math.exp(log_alpha), sizes.sum(), 0.0
    for k in range(n_classes):
        later -= sizes[k]
        stays, goes = log_gamma(state, 1.0 + sizes[k]), log_gamma(state, alpha + max(later, 0.0))
        both = max(stays, goes) + math.log1p(math.exp(-abs(stays - goes)))
        weight[k] = left + stays - both if k < n_classes - 1 else left
        left += goes - both
        for i in range(n_lists):
            logit[k, i] = log_gamma(state, 1.0 + on_list[k, i]) - log_gamma(state, 1.0 + sizes[k] - on_list[k, i])
    return log_alpha


@numba.njit(nogil=True, error_model="numpy")
def move_classes(
    weight: Floats,
    logit: Floats,
    rows: Floats,
    start: Ints,
    member: Ints,
    count: Floats,
    a: float,
    b: float,
    moves: int,
    log_cell: Floats,
    proposed: Floats,
    row: Floats,
    state: State,
) -> None:
    """Propose changes of single classes, N and alpha summed over, and accept them by Metropolis and Hastings.

    A class changes its weight, or its odds to be on one list, or on all lists together by one factor; with the latter
    two it may keep its share of the registered people, so that only its unseen people change, which is what the data
    say least of.

    Parameters
    ----------
    rows : ndarray, shape (K, C + 2)
        Of weights and profiles as they are; kept so.
    log_cell, proposed, row : ndarray, shapes (C,), (L,) and (C + 2,)
        Work space; `log_cell` is right afterwards.
    """
    n_classes, n_lists = logit.shape
    n_cells = len(count)
    likelihood = log_likelihood(rows, count, log_cell)
    prior = log_prior_of_weights(weight, a, b)
    trial = np.empty(n_cells)
    for _ in range(moves):
        k = min(int(math.log(uniform(state)) / math.log(_LATER)), n_classes - 1)
        step = normal(state) * math.exp(_LEAST_STEP + (_MOST_STEP - _LEAST_STEP) * uniform(state))
        kind = int(5.0 * uniform(state))
        proposed[:] = logit[k]
        new_weight, gain = weight[k], 0.0
        if kind == 0:
            new_weight += step
        else:
            first, after = 0, n_lists
            if kind <= 2:
                first = int(n_lists * uniform(state))
                after = first + 1
            for i in range(first, after):
                proposed[i] += step
                gain += log_logistic(proposed[i]) - log_logistic(logit[k, i])
        class_row(new_weight, proposed, start, member, row)
        if kind % 2 == 1 and row[n_cells] > 0.0 and rows[k, n_cells] > 0.0:  # keep the share of the registered
            new_weight += math.log(rows[k, n_cells]) - math.log(row[n_cells])
            class_row(new_weight, proposed, start, member, row)
        old_weight = weight[k]
        weight[k] = new_weight
        for c in range(n_cells + 2):  # the old row waits in `row`
            rows[k, c], row[c] = row[c], rows[k, c]
        new_prior = prior if new_weight == old_weight else log_prior_of_weights(weight, a, b)
        value = log_likelihood(rows, count, trial)
        if math.log(uniform(state)) < value - likelihood + new_prior - prior + gain:
            logit[k] = proposed
            likelihood, prior = value, new_prior
            log_cell[:] = trial
        else:
            weight[k] = old_weight
            rows[k] = row


@numba.njit(nogil=True, error_model="numpy")
def log_logistic(x: float) -> float:
    """Return the log density of the logit of a uniform probability."""
    return float(-abs(x) - 2.0 * math.log1p(math.exp(-abs(x))))


@numba.njit(nogil=True, error_model="numpy")
def change_places(weight: Floats, logit: Floats, rows: Floats, a: float, b: float, state: State) -> None:
    """Propose that two classes change places in the order in which sticks are broken: every two neighbours, and two."""
    n_classes = len(weight)
    prior = log_prior_of_weights(weight, a, b)
    for turn in range(n_classes):
        first, second = turn, turn + 1
        if turn == n_classes - 1:
            first, second = int(n_classes * uniform(state)), int(n_classes * uniform(state))
        weight[first], weight[second] = weight[second], weight[first]
        value = log_prior_of_weights(weight, a, b)
        if math.log(uniform(state)) < value - prior:
            prior = value
            for i in range(logit.shape[1]):
                logit[first, i], logit[second, i] = logit[second, i], logit[first, i]
            for c in range(rows.shape[1]):
                rows[first, c], rows[second, c] = rows[second, c], rows[first, c]
        else:
            weight[first], weight[second] = weight[second], weight[first]
