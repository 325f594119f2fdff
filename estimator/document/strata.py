"""Whom a number of a run counts: groups, and any combination of levels, as strata of its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from estimator.document.content import Counted
from estimator.methods.door import PopulationDraws
from estimator.population.groups import GroupDraws
from estimator.runs.group_records import BoundsRecord
from estimator.runs.reading import POSTERIOR, Run
from estimator.runs.recording import outward
from estimator.runs.registered_numbers import RegisteredNumbers, read_registered_numbers
from estimator.study.questions import Label


@dataclass(frozen=True)
class Strata:
    """The strata of a run, in the order of its table: the levels of every covariate, the last one fastest."""

    run: Run

    @cached_property
    def levels(self) -> Mapping[str, Sequence[str]]:
        """Levels by covariate."""
        return {name: covariate.levels for name, covariate in self.run.facts.covariates.items()}

    @cached_property
    def all(self) -> tuple[dict[str, str], ...]:
        """Of each stratum, its level of every covariate."""
        return tuple(dict(zip(self.levels, chosen, strict=True)) for chosen in product(*self.levels.values()))

    @property
    def year(self) -> str | None:
        """The covariate that is the year."""
        period = self.run.facts.period
        return period.covariate if period else None

    @property
    def draws(self) -> PopulationDraws | None:
        """People by stratum; None where the run does not have them."""
        return self.run.draws.population

    def places(self, where: Mapping[str, Sequence[str]]) -> frozenset[int]:
        """Return the places of the strata that have one of the given levels of each covariate."""
        chosen = (
            place
            for place, stratum in enumerate(self.all)
            if all(stratum[name] in levels for name, levels in where.items())
        )
        return frozenset(chosen)

    def within(self, where: Mapping[str, Sequence[str]], years: Sequence[str]) -> Counted:
        """Return whom an average over some years counts; without years, everybody of the table."""
        covariate = self.year
        if covariate is None or not years:
            return Counted(self.places(where))
        chosen = [year for year in years if covariate not in where or year in where[covariate]]
        return Counted(self.places({**where, covariate: chosen}), years=len(years))

    def group(self, name: str, years: Sequence[str]) -> Counted:
        """Return whom the number of a group counts."""
        return self.within(self.run.facts.groups[name].where, years)

    @cached_property
    def _numbers(self) -> RegisteredNumbers | None:
        return read_registered_numbers(self.run.folder / POSTERIOR)

    def bounds(self, counted: Counted) -> BoundsRecord | None:
        """Return between which the registered people lie by the table; None where it gives their number."""
        bounds = self._numbers.bounds(counted.strata, counted.years) if self._numbers else None
        return outward(bounds) if bounds else None

    def people(self, counted: Counted) -> GroupDraws:
        """Return the draws of the people in some strata, per year where several are averaged.

        Raises
        ------
        ValueError
            When the run has no people by stratum.
        """
        if self.draws is None:
            raise ValueError("this run has no people by stratum")
        registered, unseen = (_summed(people, counted) for people in (self.draws.registered, self.draws.unseen))
        return GroupDraws(Label(""), registered, unseen, has_mean=self.draws.has_mean)


def _summed(people: NDArray[np.int64], counted: Counted) -> NDArray[np.float64]:
    """Return draws of the people in some strata together, per year."""
    return np.asarray(people[..., sorted(counted.strata)].sum(axis=-1) / counted.years, dtype=np.float64)
