"""What pairs of lists miss of differences between people, exactly: for all people, and for the people on one list.

Let people differ by theta, which adds to their log odds of every list, and let nothing else make lists dependent. With
``K(s) = log E[exp(s theta) prod (1 + exp(alpha_l + theta))^-1]`` the people with a history h, of s lists, number
``N exp(sum alpha_l h_l + K(s))``. A log-linear model of three lists with all pairs fits them exactly, with log odds
ratios

    delta = K(3) - 2 K(2) + K(1),

those among the people on the third list. Among the people on no list they are ``K(2) - 2 K(1) + K(0)``, so that the log
of the true over the implied dark figure is what the first falls short of the second:

    xi = -(K(3) - 3 K(2) + 3 K(1) - K(0)).

Being on list A multiplies the density of theta among those on no list by ``exp(theta)``: for the people on A, K(s)
becomes ``K(s + 1) - K(1)``. A list held out shows delta and xi one step further on, where xi is as a rule less. With
more than three lists pairs do not fit exactly; here they are fitted by maximum likelihood to expected numbers.

References
----------
Darroch, Fienberg, Glonek & Junker (1993), Journal of the American Statistical Association 88:1137: quasi-symmetry.
Rivest & Baillargeon (2007), Biometrics 63:999: K is the log of a moment generating function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_QUADRATURE = 161
_REACH = 8.0
_NEWTON = 60
_DEGREES_OF_PRECISION = 1e-11


@dataclass(frozen=True, eq=False)
class People:
    """A population whose members differ.

    Parameters
    ----------
    theta : ndarray, shape (n,)
        What adds to the log odds of every list.
    weight : ndarray, shape (n,)
        Share of people there; sums to 1.
    """

    theta: Floats
    weight: Floats


def normal_people(sd: float) -> People:
    """Return people whose log odds are normal, at points of a trapezoidal rule.

    Parameters
    ----------
    sd : float
        Of the log odds.
    """
    points = np.linspace(-_REACH, _REACH, _QUADRATURE)
    weight = np.exp(-0.5 * points**2)
    return People(sd * points, weight / weight.sum())


def beta_people(sd: float) -> People:
    """Return people whose odds are those of a symmetric beta distribution.

    Parameters
    ----------
    sd : float
        Of the log odds.
    """
    from scipy.optimize import brentq
    from scipy.special import log_expit, polygamma

    shape = float(brentq(lambda a: 2 * polygamma(1, a) - sd**2, 1e-2, 1e4))
    points = np.linspace(-12 * max(sd, 1), 12 * max(sd, 1), 4 * _QUADRATURE)
    logs = shape * (log_expit(points) + log_expit(-points))  # density of the log odds
    weight = np.exp(logs - logs.max())
    return People(points, weight / weight.sum())


def classes_of_people(sd: float, number: int, rng: np.random.Generator) -> People:
    """Return people of a few classes, of random shares and places.

    Parameters
    ----------
    sd : float
        Of the log odds.
    number : int
        Of classes.
    """
    share, place = rng.dirichlet(np.ones(number)), rng.standard_normal(number)
    place -= share @ place
    return People(sd * place / math.sqrt(share @ place**2), share)


def cumulants(people: People, alpha: Floats, order: int) -> Floats:
    """Return K(0), ..., K(order), less K(0).

    Parameters
    ----------
    alpha : ndarray, shape (L,)
        Log odds of each list at theta = 0.
    """
    from scipy.special import logsumexp

    unseen = np.log(people.weight) - np.logaddexp(0.0, alpha + people.theta[:, None]).sum(axis=1)
    steps: Floats = np.array([logsumexp(unseen + s * people.theta) for s in range(order + 1)], np.float64)
    return np.asarray(steps - steps[0])


def histories(n_lists: int) -> Floats:
    """Return all histories, that of nobody first, shape (2^L, L)."""
    return np.array(
        [[(code >> (n_lists - 1 - place)) & 1 for place in range(n_lists)] for code in range(2**n_lists)], float
    )


def shares_of_histories(people: People, alpha: Floats) -> Floats:
    """Return the share of people with each history, shape (2^L,).

    Parameters
    ----------
    alpha : ndarray, shape (L,)
        Or (n, L), where the log odds at each theta are given as they are.
    """
    odds = alpha + people.theta[:, None] if alpha.ndim == 1 else alpha
    on = histories(odds.shape[1])
    logs = odds @ on.T - np.logaddexp(0.0, odds).sum(axis=1)[:, None]
    return np.asarray(people.weight @ np.exp(logs))


@dataclass(frozen=True)
class Missed:
    """What a log-linear model with all pairs of lists misses.

    Parameters
    ----------
    delta : float
        Mean log odds ratio of pairs of lists, as fitted.
    xi : float
        Log of the true over the implied dark figure.
    coverage : float
        Share of people on at least one list.
    """

    delta: float
    xi: float
    coverage: float


def missed_by_pairs(shares: Floats) -> Missed:
    """Return what pairs of lists miss in a population.

    Parameters
    ----------
    shares : ndarray, shape (2^L,)
        Of each history; that of nobody first.
    """
    n_lists = int(math.log2(len(shares)))
    on = histories(n_lists)[1:]
    pairs = np.array([on[:, a] * on[:, b] for a in range(n_lists) for b in range(a + 1, n_lists)]).T
    design = np.column_stack([np.ones(len(on)), on, pairs])
    seen = shares[1:] / shares[1:].sum()
    coefficients = np.linalg.lstsq(design * np.sqrt(seen)[:, None], np.log(seen) * np.sqrt(seen), rcond=None)[0]
    for _ in range(_NEWTON):
        fitted = np.exp(design @ coefficients)
        step = np.linalg.solve(design.T @ (design * fitted[:, None]), design.T @ (seen - fitted))
        coefficients += step * min(1.0, 2.0 / max(1e-300, float(np.abs(step).max())))
        if np.abs(step).max() < _DEGREES_OF_PRECISION:
            break
    xi = math.log(shares[0] / shares[1:].sum()) - float(coefficients[0])
    return Missed(float(coefficients[1 + n_lists :].mean()), xi, float(shares[1:].sum()))


def on_one_list(shares: Floats, place: int) -> Floats:
    """Return the shares of histories among the people on one list, of the other lists.

    Parameters
    ----------
    shares : ndarray, shape (2^L,)
    place : int
        Of the list that is held out.
    """
    n_lists = int(math.log2(len(shares)))
    kept = np.moveaxis(shares.reshape((2,) * n_lists), place, 0)[1].reshape(-1)
    return np.asarray(kept / kept.sum())
