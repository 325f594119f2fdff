"""What the data alone say of the dark figure: the profile of the likelihood over it.

At each size of the dark figure everything else (coverage, dependence, the spread over strata) takes the values under
which the table is likeliest. No prior takes part.

References
----------
Cormack (1992), Biometrics 48:567, doi 10.2307/2532311: profile likelihood intervals for log-linear models of capture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.checks.loglinear.log_density import Density, density_of, likelihood_alone
from estimator.checks.numbers import ProfileNumbers
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.parameters import PriorSettings, parameters_of
from estimator.methods.loglinear.start import starting_point

Floats = NDArray[np.float64]

DEVIANCE = 3.841458820694124
"""Twice the log-likelihood lost at the limits of a 95 % interval: the quantile of chi-squared with 1 degree."""

_LARGEST = 30.0  # of a coefficient: further out the likelihood does not change any more
_FEWEST = 0.05  # expected people on no list: fewer are nobody
_FLAT = 0.02  # deviance below which a side counts as exactly flat


@dataclass(frozen=True, eq=False)
class Profile:
    """The profile of the likelihood over the dark figure.

    Parameters
    ----------
    log_unseen : ndarray, shape (G,)
        Log of the expected number of people on no list, in increasing order.
    deviance : ndarray, shape (G,)
        Twice the log-likelihood that is lost beside the best size: at least 0.
    registered : float
        People on any list.
    """

    log_unseen: Floats
    deviance: Floats
    registered: float

    @property
    def likeliest(self) -> float:
        """The dark figure at which the table is likeliest; meaningless where the profile is flat."""
        return float(np.exp(self.log_unseen[self.deviance.argmin()]))

    @property
    def lower(self) -> float | None:
        """Lower limit of the 95 % likelihood-ratio interval of the dark figure; None where nothing bounds it."""
        return self._limit(-1)

    @property
    def upper(self) -> float | None:
        """Upper limit of the 95 % likelihood-ratio interval of the dark figure; None where nothing bounds it."""
        return self._limit(1)

    def _limit(self, side: int) -> float | None:
        """Return where the deviance rises above its limit, from the likeliest size to one side."""
        at = int(self.deviance.argmin())
        places = range(at, len(self.deviance)) if side > 0 else range(at, -1, -1)
        for place in places:
            if self.deviance[place] > DEVIANCE:
                ends = [place - side, place]
                return float(np.exp(np.interp(DEVIANCE, self.deviance[ends], self.log_unseen[ends])))
        return None

    @property
    def flat_above(self) -> bool:
        """Whether the table is as likely however many unseen people there are."""
        return bool(self.deviance[-1] < _FLAT)

    @property
    def flat_below(self) -> bool:
        """Whether the table is as likely however few unseen people there are."""
        return bool(self.deviance[0] < _FLAT)

    def to_dict(self) -> ProfileNumbers:
        """Return everything for JSON; None stands for a limit that the data do not set."""
        limits = [None if limit is None else round(limit, 1) for limit in (self.lower, self.upper)]
        return {
            "likeliest_dark_figure": None if self.flat_above and self.flat_below else round(self.likeliest, 1),
            "dark_figure_interval": limits,
            "flat_above": self.flat_above,
            "flat_below": self.flat_below,
            "log_dark_figure": [round(float(value), 4) for value in self.log_unseen],
            "deviance": [round(float(value), 4) for value in self.deviance],
        }


def profile_of(design: Design, settings: PriorSettings, *, n_points: int = 29, reach: float = 7.0) -> Profile:
    """Compute the profile of the likelihood over the dark figure.

    Parameters
    ----------
    settings : PriorSettings
        Made for this design; only where the search starts depends on it.
    reach : float
        From how small to how large a dark figure, as the log of its ratio to the registered number: 7 is from a
        thousandth to a thousand times.

    Notes
    -----
    Maximised by L-BFGS with the exact gradient, from the likeliest size outward, each point from its neighbour; then
    back again, so that a point which a neighbour improves is improved. Coefficients stay within 30 of 0, which is where
    they run to when a cell is empty.
    """
    search = _Search(design, settings)
    profile = _profile_on(search, design, settings, np.linspace(-reach, reach, n_points))
    lowest, least = -reach, float(np.log(_FEWEST / design.registered))
    if profile.deviance[0] > DEVIANCE or lowest <= least:
        return profile
    # nearly everybody is registered: look as far down as nobody unseen, in steps of the same length
    step = 2 * reach / (n_points - 1)
    below = lowest - step * np.arange(int(np.ceil((lowest - least) / step)), 0, -1)
    return _profile_on(search, design, settings, np.concatenate([below, np.linspace(-reach, reach, n_points)]))


def _profile_on(search: _Search, design: Design, settings: PriorSettings, grid: Floats) -> Profile:
    """Compute the profile on a grid of log ratios of the dark figure to the registered number, and between its points.

    Parameters
    ----------
    grid : ndarray, shape (G,)
        In increasing order.
    """
    n_points = len(grid)
    values, at = np.full(n_points, -np.inf), [search.start] * n_points
    # outward from the prior median, each point from its neighbour: the surface is smooth, the optimum moves little
    middle = int(np.abs(grid - float(settings.arrays["log_ratio_mean"])).argmin())
    for sweep in (range(middle, n_points), range(middle, -1, -1)):
        last = at[sweep[0]]
        for place in sweep:
            values[place], last = search.best(grid[place], last)
            at[place] = last
    _improve(search, grid, values, at)
    coarse = Profile(grid + np.log(design.registered), 2 * (values.max() - values), design.registered)
    return _refined(search, coarse, at)


def _improve(search: _Search, grid: Floats, values: Floats, at: list[Floats]) -> None:
    """Search once more from both neighbours where the deviance is of interest; change values and places."""
    for sweep in (range(1, len(grid)), range(len(grid) - 2, -1, -1)):
        for place in sweep:
            if 2 * (values.max() - values[place]) > 10 * DEVIANCE:  # far outside any interval
                continue
            likelihood, where = search.best(grid[place], at[place - 1 if sweep.step > 0 else place + 1])
            if likelihood > values[place]:
                values[place], at[place] = likelihood, where


def _refined(search: _Search, coarse: Profile, at: list[Floats]) -> Profile:
    """Add points between the neighbours of the likeliest one and where the limits are crossed."""
    grid = coarse.log_unseen - np.log(coarse.registered)
    # where the deviance passes 3.84 lie the limits of the 95 % interval
    crossed = np.flatnonzero(np.diff(np.sign(coarse.deviance - DEVIANCE)))
    best = int(coarse.deviance.argmin())
    gaps = sorted({*crossed.tolist(), max(best - 1, 0), min(best, len(grid) - 2)})
    values, new = dict(zip(grid.tolist(), (-coarse.deviance / 2).tolist(), strict=True)), {}
    level = search.best(grid[best], at[best])[0]
    for gap in gaps:
        start = at[gap]
        for place in np.linspace(grid[gap], grid[gap + 1], 10)[1:-1]:
            likelihood, start = search.best(float(place), start)
            new[float(place)] = likelihood - level
    values |= new
    places = np.array(sorted(values))
    logs = np.array([values[place] for place in places])
    return Profile(places + np.log(coarse.registered), 2 * (logs.max() - logs), coarse.registered)


class _Search:
    """Looks for the values under which a table is likeliest, given the dark figure."""

    def __init__(self, design: Design, settings: PriorSettings) -> None:
        parameters = parameters_of(design, settings)
        arrays, self._constant = likelihood_alone(model_arrays(design, settings))
        self._density: Density = density_of(arrays)
        self._lists = slice(0, len(design.lists))  # coverage stands right after the dark figure
        self.start: Floats = starting_point(design, settings, parameters)

    def best(self, log_ratio: float, start: Floats) -> tuple[float, Floats]:
        """Return the largest log-likelihood at a dark figure, and where it is.

        Parameters
        ----------
        log_ratio : float
            Log of the dark figure over the registered number.
        start : ndarray, shape (D,)

        Returns
        -------
        log_likelihood : float
        position : ndarray, shape (D,)
        """
        from scipy.optimize import minimize

        def loss(free: Floats) -> tuple[float, Floats]:
            value, gradient = self._density(np.concatenate([[log_ratio], free]))
            # a value that is no number is infinitely unlikely; a finite one keeps the line search going
            return (self._constant - value, -gradient[1:]) if np.isfinite(value) else (1e300, np.zeros(len(free)))

        # were all lists' coverage to stay, a dark figure twice as large would be twice the registered people too
        moved = start[1:].copy()
        moved[self._lists] -= log_ratio - start[0]
        bounds = [(-_LARGEST, _LARGEST)] * len(moved)
        options = {"maxiter": 2000, "maxfun": 4000, "maxcor": 30, "ftol": 1e-13, "gtol": 1e-7}
        fit = minimize(loss, moved, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return -float(fit.fun), np.concatenate([[log_ratio], fit.x])
