"""Whether a year stands on its own data, or leans on other years.

Effects of an ordered year are a random walk, so a year of which the lists saw little takes its coverage and its dark
figure from its neighbours. Effects of a year without an order are drawn to their common mean, so that it takes them
from all other years alike (`estimator.methods.loglinear.contrasts`). Which years lean is the same for both; on whom
they lean is for `estimator.population.cautions` to say. It is what makes a short new year usable, and a reader must be
told.
"""

from __future__ import annotations

from dataclasses import dataclass

from estimator.capture.tallies import Registered
from estimator.population.groups import study_years
from estimator.study.study import Study

FEW_OVERLAPS = 30
"""With fewer people on two or more lists than this a year leans on the others.

A count of 30 has a relative standard error of 1/sqrt(30) = 18 %, so that a year by itself would know its population no
better than by a factor of about 1.4 either way: as much as numbers of victims change from one year to the next.
"""

SHORT_YEAR = 0.5
"""A year with less than this part of the mean number of registered people of the other years leans on them."""


@dataclass(frozen=True)
class LeaningYear:
    """A year that leans on others: those beside it when years have an order, else all of them.

    Parameters
    ----------
    twice_or_more : Registered
        People on two or more lists.
    short_of : float or None
        Its registered people as a share of the mean of the other years, when that is below `SHORT_YEAR`.
    """

    year: str
    twice_or_more: Registered
    short_of: float | None


def leaning_years(study: Study) -> list[LeaningYear]:
    """Return the years of a study that lean on the others.

    Returns
    -------
    list of LeaningYear
        Those with fewer than `FEW_OVERLAPS` people who are certainly on two or more lists, and those that are short.
        None where there are fewer than two years: then there is nothing to lean on.
    """
    years = study_years(study)
    if len(years) < 2 or study.period is None or study.period.covariate is None:
        return []
    tables = {year: study.table.select({study.period.covariate: (year,)}) for year in years}
    seen = {year: table.registered.lower for year, table in tables.items()}
    leaning = []
    for year, table in tables.items():
        captured = table.captured()
        overlap = captured.twice + captured.more
        others = (sum(seen.values()) - seen[year]) / (len(years) - 1)
        short = seen[year] / others if others and seen[year] < SHORT_YEAR * others else None
        if overlap.lower < FEW_OVERLAPS or short is not None:
            leaning.append(LeaningYear(year, overlap, short))
    return leaning
