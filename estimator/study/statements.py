"""A prior on a positive quantity, said as a person says it, and as the log-normal distribution that it means."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Annotated, Self

from pydantic import Field, model_validator

from estimator.reasons import Reason
from estimator.study.sections import Section, shown

SMALLEST, LARGEST = 1e-9, 1e9
"""Limits of a statement lie between these."""

LEAST_PROBABILITY, MOST_PROBABILITY = 0.01, 0.9999
MOST_MEAN, MOST_SD = 100, 1000
"""Of the logarithm."""

_STANDARD = NormalDist()
_LARGEST_LOG = 700.0  # the logarithm of a number that is still one
_FORMS = "Write {between = [0.5, 2], probability = 0.95} or {log_normal = [0, 1]}."


class Statement(Section):
    """What is believed of a positive quantity: a log-normal distribution, stated in one of two ways.

    With ``between = [a, b]`` and ``probability = p`` the quantity lies between a and b with probability p, and as
    probably below a as above b. Then log quantity ~ Normal(mu, sigma) with

        mu = (log a + log b) / 2,    sigma = (log b - log a) / (2 z),    z = the (1 + p) / 2 quantile of Normal(0, 1).

    With ``log_normal = [mu, sigma]`` the two are given as they are.

    Parameters
    ----------
    between : (float, float), optional
        Limits a < b, both above 0.
    probability : float, optional
        Between 0 and 1; goes with `between`.
    log_normal : (float, float), optional
        Mean and standard deviation of the logarithm.
    """

    between: Annotated[tuple[float, float] | None, Field(description="two numbers above 0, the smaller first")] = None
    probability: Annotated[float | None, Field(description="a number between 0 and 1, such as 0.95")] = None
    log_normal: Annotated[
        tuple[float, float] | None, Field(description="mean and standard deviation of the logarithm, such as [0, 1]")
    ] = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.between is None) == (self.log_normal is None):
            amount = "neither" if self.between is None else "both"
            raise ValueError(f"Found {amount} of 'between' and 'log_normal'; exactly one states the prior. {_FORMS}")
        if self.between is not None:
            self._check_interval(self.between)
        elif self.probability is not None:
            raise ValueError(
                "The key 'probability' goes with 'between', not with 'log_normal'. Take one of the two out."
            )
        if self.log_normal is not None and self.log_normal[1] <= 0:
            raise ValueError(
                f"Found log_normal = {shown(self.log_normal)}; the second number is a standard deviation and "
                "must be above 0."
            )
        if self.log_normal is not None and (abs(self.log_normal[0]) > MOST_MEAN or self.log_normal[1] > MOST_SD):
            raise ValueError(
                f"Found log_normal = {shown(self.log_normal)}; allowed are a mean from -{MOST_MEAN} to {MOST_MEAN} and "
                f"a standard deviation of at most {MOST_SD}."
            )
        return self

    def _check_interval(self, between: tuple[float, float]) -> None:
        lower, upper = between
        if not 0 < lower < upper:
            raise ValueError(
                f"Found between = {shown(between)}; the limits must be above 0 and the first below the second, because "
                "the statement is about a positive quantity on a ratio scale."
            )
        if lower < SMALLEST or upper > LARGEST:
            raise ValueError(f"Found between = {shown(between)}; allowed are limits from {SMALLEST:g} to {LARGEST:g}.")
        if self.probability is None:
            raise ValueError(
                "The key 'between' says nothing without 'probability': add, for example, probability = 0.95."
            )
        if not LEAST_PROBABILITY <= self.probability <= MOST_PROBABILITY:
            raise ValueError(
                f"Found probability = {shown(self.probability)}; allowed is a number above 0 and below 1, from "
                f"{LEAST_PROBABILITY} to {MOST_PROBABILITY} (95 % is written 0.95)."
            )

    @property
    def mu(self) -> float:
        """Mean of the logarithm of the quantity."""
        if self.log_normal is not None:
            return self.log_normal[0]
        lower, upper = self._limits()
        return (math.log(lower) + math.log(upper)) / 2

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm of the quantity."""
        if self.log_normal is not None:
            return self.log_normal[1]
        lower, upper = self._limits()
        z = _STANDARD.inv_cdf((1 + (self.probability or 0.0)) / 2)
        return (math.log(upper) - math.log(lower)) / (2 * z)

    @property
    def median(self) -> float:
        """The value that the quantity is as probably above as below."""
        return math.exp(self.mu)

    def quantile(self, probability: float) -> float:
        """Return the value below which the quantity lies with this probability; infinite when too large to write."""
        log_quantile = self.mu + self.sigma * _STANDARD.inv_cdf(probability)
        return math.exp(log_quantile) if log_quantile < _LARGEST_LOG else math.inf

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Return the limits between which the quantity lies with this probability, equally probable on both sides."""
        return self.quantile((1 - probability) / 2), self.quantile((1 + probability) / 2)

    def stated(self) -> Reason:
        """Return what is stated: the limits as they stand in the file, or else those of 95 % probability."""
        if self.between is None:
            lower, upper = self.interval(0.95)
            return Reason("prior-between", lower=lower, upper=upper)
        lower, upper = self.between
        return Reason("prior-stated-between", lower=lower, upper=upper, probability=self.probability)

    def _limits(self) -> tuple[float, float]:
        if self.between is None:
            raise ValueError("a statement without limits")
        return self.between
