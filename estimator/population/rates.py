"""Rates: people of a group per 100,000 inhabitants of the same years.

A rate is given only where the study's file of denominators has inhabitants for every year that the number of people is
about. Another year's inhabitants are never put in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.study.study import Study

Floats = NDArray[np.float64]

PER = 100_000
"""The inhabitants for whom a rate gives the number of people."""


@dataclass(frozen=True)
class Inhabitants:
    """The inhabitants by whom a rate is given.

    Parameters
    ----------
    population : str
        Who they are, as in the file of denominators.
    inhabitants : float
        Persons; the mean over `years`.
    sources : tuple of str
        Where the numbers come from, each once.
    how : {"counted", "implied"}
        ``"implied"`` where it is backed out of a published rate for any of the years.
    population_nl : str or None
        Who they are in Dutch; None where the file does not say.
    sources_nl : tuple of str
        The sources in Dutch; empty where the file does not say.
    """

    population: str
    inhabitants: float
    years: tuple[str, ...]
    sources: tuple[str, ...]
    how: str
    population_nl: str | None = None
    sources_nl: tuple[str, ...] = ()

    def rate(self, people: Floats) -> Floats:
        """Return draws of a number of people per year as draws of a rate per 100,000."""
        return np.asarray(people / self.inhabitants * PER)

    def to_dict(self) -> dict[str, Any]:
        """Return the denominator for JSON."""
        return {
            "population": self.population,
            "inhabitants": round(self.inhabitants, 1),
            "years": list(self.years),
            "source": "; ".join(self.sources),
            "how": self.how,
            **({"population_nl": self.population_nl} if self.population_nl else {}),
            **({"source_nl": "; ".join(self.sources_nl)} if self.sources_nl else {}),
        }


def denominator_of(study: Study, group: str, years: Sequence[str]) -> Inhabitants | None:
    """Return the inhabitants for the rate of a group.

    Parameters
    ----------
    group : str
        Name of one of its groups.
    years : sequence of str
        The years that the number of people is about, or is averaged over.

    Returns
    -------
    Inhabitants or None
        None when the group has no rate, or when the inhabitants of any of the years are not known.
    """
    population, known = study.groups[group].per, study.denominators
    if population is None or known is None or not years or not known.has(population, years):
        return None
    return Inhabitants(
        population,
        known.inhabitants(population, years),
        tuple(years),
        known.sources(population, years),
        known.how(population, years),
        known.name_in_dutch(population),
        known.sources_in_dutch(population, years),
    )


def years_without_rate(study: Study, years: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the years for which no rate can be given.

    Parameters
    ----------
    years : sequence of str
        Those by which the table is divided.

    Returns
    -------
    dict of str to tuple of str
        By population, as far as groups ask for a rate by it; only those that miss any year.
    """
    known = study.denominators
    if known is None:
        return {}
    asked = dict.fromkeys(group.per for group in study.groups.values() if group.per is not None)
    missing = {name: known.missing(name, years) for name in asked}
    return {name: without for name, without in missing.items() if without}
