"""Residual dependence: the log of the true over the implied dark figure, drawn exactly and never from the data.

The expected number of people on no list is ``exp(xi)`` times what the log-linear model implies. Neither the expected
number in any cell that a list can see nor any other prior depends on xi, so that its posterior given everything else is
its prior given everything else, and one independent draw for each draw of the posterior is exact. To sample it along
with the rest would only put heavy tails in the sampler's way. One xi holds for all strata, the same lists missing them,
unless a prior states how far the levels of a covariate differ: then people move between strata, and their sum is what
it would be.

References
----------
Fienberg (1972), Biometrika 59:591, doi 10.1093/biomet/59.3.591; Bishop, Fienberg & Holland (1975), Discrete
Multivariate Analysis, chapter 6: the interaction of the highest order is taken to be zero, and that identifies N.
Aleshin-Guendel, Sadinle & Wakefield (2024), Biometrics 80, "The central role of the identifying assumption in
population size estimation": what is assumed in its place decides the answer, and no data speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.residualsection import standard_quantile

Floats = NDArray[np.float64]

LARGEST = 1e12
"""Expected people on no list, over all strata, beyond which xi adds nothing more.

A hundred times everybody on earth: heavy tails reach it in a few draws of many thousand, so that no quantile that is
printed is near it, and Poisson counts stay within 64-bit integers.
"""

POSTERIOR, PRIOR, TABLES = 0, 1, 2
"""Uses of random numbers: for the draws of the posterior, of the prior, and of the tables that a prior expects."""

_SMALLEST = 2.0**-54  # a uniform number may be 0, whose quantile is infinite


@dataclass(frozen=True)
class ResidualSettings:
    """Prior on the residual dependence xi, as numbers.

    ``xi = location + size t`` or, when `relative`, ``xi = tau (location + size t)``, with t standard normal or Student
    t and tau the learned scale of the log odds ratios in the same draw.

    Parameters
    ----------
    relative : bool
        Whether xi is in units of tau.
    location, size : float
        On the log scale; multiples of tau when `relative`.
    degrees_of_freedom : float or None
        None for the normal distribution.
    scale : (float, float) or None
        Mean and standard deviation of log tau before the counts are looked at, when `relative`: used where a design
        has no pairs of lists, so that nothing is learned of tau.
    between_strata : float
        Standard deviation of what is particular to a level of a covariate, or of the step from one level of an ordered
        covariate to the next, in the unit of `size`; 0 for none.
    """

    relative: bool
    location: float
    size: float
    degrees_of_freedom: float | None
    scale: tuple[float, float] | None = None
    between_strata: float = 0.0

    @property
    def has_mean(self) -> bool:
        """Whether exp(xi) has a mean: not with Student's t, nor with a scale that is itself log-normal."""
        return self.degrees_of_freedom is None and not self.relative


def residual_settings(priors: Priors) -> ResidualSettings | None:
    """Turn the section ``[residual]`` of a prior file into numbers.

    Returns
    -------
    ResidualSettings or None
        None for the form ``none``.
    """
    stated = priors.residual
    if stated is None or stated.form == "none":
        return None
    location, size = stated.location_and_scale
    relative, scale = stated.form == "relative", None
    if relative:
        assert priors.dependence.scale is not None, "a scale is learned; the prior file was checked"
        scale = priors.dependence.scale.mu, priors.dependence.scale.sigma
    between = stated.between_strata or 0.0
    return ResidualSettings(relative, location, size, stated.degrees_of_freedom, scale, between)


def residual_draws(
    settings: ResidualSettings,
    values: Mapping[str, Floats],
    seed: int,
    use: int = POSTERIOR,
    given: tuple[Floats, Floats] | None = None,
) -> Floats:
    """Draw the residual dependence, independently for each draw of the other parameters.

    Parameters
    ----------
    values : mapping of str to ndarray
        Named parameters from `estimator.methods.loglinear.parameters.read_vector`; of these only ``dependence_scale``
        matters, and the shape of ``log_ratio``.
    use : int
        `POSTERIOR`, `PRIOR` or `TABLES`.
    given : (ndarray, ndarray), optional
        Mean and standard deviation of a normal xi, where what is stated of all people on no list says something of it.

    Returns
    -------
    ndarray, shape of ``values["log_ratio"]``
        xi on the log scale, by the inverse distribution function of seeded uniform numbers. These come from a stream of
        their own, so that the same seed gives all other draws as it does without residual dependence.
    """
    shape = values["log_ratio"].shape
    rng = stream(seed, "residual", use)
    standard = standard_quantile(np.maximum(rng.random(shape), _SMALLEST), settings.degrees_of_freedom)
    if given is not None:
        return np.asarray(given[0] + given[1] * standard)
    xi = settings.location + settings.size * np.asarray(standard)
    if not settings.relative:
        return xi
    return np.asarray(_tau(settings, values, seed, use) * xi)


def _tau(settings: ResidualSettings, values: Mapping[str, Floats], seed: int, use: int) -> Floats:
    """Return the scale of the log odds ratios in each draw."""
    learned = values.get("dependence_scale")
    if learned is not None:
        return learned
    # no pairs of lists: nothing was learned of their scale
    assert settings.scale is not None, "relative settings have a scale"
    shape = values["log_ratio"].shape
    rng = stream(seed, "residual", use)
    rng.random(shape)  # those of xi
    return np.asarray(np.exp(settings.scale[0] + settings.scale[1] * rng.standard_normal(shape)))


def strata_draws(
    settings: ResidualSettings, values: Mapping[str, Floats], levels: Floats, seed: int, use: int = POSTERIOR
) -> Floats | None:
    """Draw what is particular to each stratum, independently for each draw of the other parameters.

    Parameters
    ----------
    values : mapping of str to ndarray
        As in `residual_draws`.
    levels : ndarray, shape (S, C)
        Contrasts of the levels of every covariate, of a design: a stratum differs by the levels that it has, so that
        how far a group differs does not depend on how finely the table is divided otherwise. Levels of a covariate are
        exchangeable, and those of an ordered one a random walk.
    use : int
        `POSTERIOR`, `PRIOR` or `TABLES`.

    Returns
    -------
    ndarray, shape (..., S), or None
        On the log scale; None where the prior says nothing of it, or there is but one stratum to move people in.
    """
    if settings.between_strata == 0.0 or levels.shape[1] == 0:
        return None
    tau = _tau(settings, values, seed, use) if settings.relative else np.ones(1)
    standard = stream(seed, "residual-of-strata", use).standard_normal((*values["log_ratio"].shape, levels.shape[1]))
    return np.asarray(settings.between_strata * tau[..., None] * (standard @ levels.T))


def residual_values(
    settings: ResidualSettings,
    values: Mapping[str, Floats],
    levels: Floats,
    seed: int,
    use: int = POSTERIOR,
    given: tuple[Floats, Floats] | None = None,
) -> dict[str, Floats]:
    """Return ``residual``, and where strata differ ``residual_of_strata``, that go with draws of the parameters.

    Parameters
    ----------
    levels : ndarray, shape (S, C)
        As in `strata_draws`.
    given : (ndarray, ndarray), optional
        As in `residual_draws`.
    """
    of_strata = strata_draws(settings, values, levels, seed, use)
    drawn = {"residual": residual_draws(settings, values, seed, use, given)}
    return drawn if of_strata is None else drawn | {"residual_of_strata": of_strata}


def moved_between(implied: Floats, strata: Floats) -> Floats:
    """Move people between strata, whose sum stays what it is.

    Parameters
    ----------
    implied : ndarray, shape (..., S)
        Expected people in each stratum.
    strata : ndarray, shape (..., S)
        From `strata_draws`.

    Returns
    -------
    ndarray, shape (..., S)
    """
    moved = implied * np.exp(strata - strata.max(axis=-1, keepdims=True))
    before, after = (people.sum(axis=-1, keepdims=True) for people in (implied, moved))
    return np.asarray(np.where(after > 0, moved * before / np.where(after > 0, after, 1.0), implied))


def factors_of_strata(implied: Floats, strata: Floats) -> Floats:
    """Return by what factor `moved_between` multiplies the people of each stratum; 1 where nobody is."""
    return np.divide(moved_between(implied, strata), implied, out=np.ones_like(implied), where=implied > 0)


def with_residual(implied: Floats, residual: Floats, strata: Floats | None = None) -> Floats:
    """Return the expected dark figure, given what the overlaps imply.

    Parameters
    ----------
    implied : ndarray, shape (..., S)
        Expected people on no list in each stratum, as the log-linear model has them.
    residual : ndarray, shape (...)
        xi, the same for all strata of a draw.
    strata : ndarray, shape (..., S), optional
        What is particular to each stratum: multiplies them, and leaves their sum as it is.

    Returns
    -------
    ndarray, shape (..., S)
        ``exp(xi)`` times `implied`; where the sum over strata would be more than `LARGEST`, every stratum is reduced
        alike, so that the shares of strata never move.
    """
    # e^xi sum_s n0[s] <= LARGEST: one limit for all strata, so that shares stay; nobody implied leaves infinite room
    with np.errstate(divide="ignore"):
        room = np.log(LARGEST) - np.log(implied.sum(axis=-1))
    if strata is not None:
        implied = moved_between(implied, strata)
    return np.asarray(implied * np.exp(np.minimum(residual, room))[..., None])
