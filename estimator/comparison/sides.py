"""The two sides of a comparison: a run, its years, and the draws of every group over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from estimator.errors import Fault, InputError, brief, did_you_mean
from estimator.population.groups import GroupDraws, PeopleDraws
from estimator.runs.reading import Run


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two that are compared.

    Parameters
    ----------
    years : tuple of str
        Over which the numbers are averaged; empty when the table is not divided by year.
    levels : tuple of float
        Probabilities of the intervals that the run gives under these priors.
    per_year : bool
        Whether the numbers are per year, where the table adds up several years.
    """

    run: Run
    years: tuple[str, ...]
    draws: Mapping[str, GroupDraws]
    levels: tuple[float, ...]
    per_year: bool = False

    @property
    def n_draws(self) -> int:
        """Number of draws, of all chains together."""
        return next(iter(self.draws.values())).unseen.size


def sides_of(first: Run, second: Run, years: tuple[str, ...] = ()) -> tuple[Side, Side]:
    """Return the two sides of a comparison of runs, in the same unit.

    Parameters
    ----------
    years : tuple of str, optional
        One year for each run, or one for both; by default the headline period of each.

    Raises
    ------
    InputError
        When a run has no such year, or one run is per year and the other of an unknown time.
    """
    if years:
        return side_of(first, years[:1]), side_of(second, years[-1:])
    dated = [bool(run.years) or run.pooled_years is not None for run in (first, second)]
    if dated[0] != dated[1]:
        undated = second if dated[0] else first
        message = (
            "This study does not say how many years its table adds up, and the other run is per year. Add [period] "
            "with years = ... to its study.toml, and estimate again."
        )
        raise InputError(Fault(str(undated.folder), message))
    same = not first.years and not second.years and first.pooled_years == second.pooled_years
    return side_of(first, per_year=not same), side_of(second, per_year=not same)


def levels_of_both(before: Side, after: Side) -> tuple[float, ...]:
    """Return the probabilities of the intervals that both sides give: a difference is no better known than they are."""
    return tuple(level for level in before.levels if level in after.levels)


_YEAR = re.compile(r"(\d{4})(?!\d)")


def refuse_backwards(before: Side, after: Side, where: str, remedy: str) -> None:
    """Raise `InputError` when the first side is of a later time than the second: a rise would be told as a fall.

    Parameters
    ----------
    where, remedy : str
        What to blame, and what to do instead.
    """
    same = before.run is after.run
    first, second = _time_of(before, before.years[:1], same), _time_of(after, after.years[-1:], same)
    if first is not None and second is not None and first > second:
        message = f"{before.years[0]} comes after {after.years[-1]}, and changes are told from earlier to later."
        raise InputError(Fault(where, f"{message} {remedy}"))


def _time_of(side: Side, years: tuple[str, ...], within_run: bool) -> int | None:
    """Return a year as a number, its place in its run or its name; None when there is none, or it is no year."""
    year = "".join(years)
    if within_run and year in side.run.all_years:
        return side.run.all_years.index(year)
    called = _YEAR.match(year)
    return int(called[1]) if called else None


def side_of(run: Run, years: tuple[str, ...] = (), *, per_year: bool = False, beside: str | None = None) -> Side:
    """Return one side of a comparison.

    Parameters
    ----------
    years : tuple of str, optional
        One year; by default the headline period.
    per_year : bool, default False
        Whether to divide a table that adds up several years by their number.
    beside : str, optional
        A set of priors shown beside the main one; by default that of the estimate.

    Raises
    ------
    InputError
        When the run has no such year.
    """
    draws, levels = run.draws if beside is None else run.beside[beside], run.levels(beside)
    if years:
        return Side(run, years, _of_year(run, draws, years[0]), levels)
    pooled = run.pooled_years
    if not per_year or run.years or pooled is None or pooled < 2:
        return Side(run, run.years, draws.headline, levels)
    return Side(run, (), {name: group / pooled for name, group in draws.headline.items()}, levels, per_year=True)


def _of_year(run: Run, draws: PeopleDraws, year: str) -> Mapping[str, GroupDraws]:
    """Return every group in a year."""
    if year in draws.by_year:
        return draws.by_year[year]
    if not run.all_years:
        message = f"This study is not divided by year ([period] covariate), so there is no {year} in it."
    else:
        message = f"There is no year '{brief(year)}' in this run.{did_you_mean(year, run.all_years)}"
    raise InputError(Fault(str(run.folder), message))
