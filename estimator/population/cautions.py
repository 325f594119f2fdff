"""What a reader must be told of an estimate though it does not forbid publishing, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from estimator.population.borrowing import LeaningYear, leaning_years
from estimator.population.lapsing import lapsed
from estimator.population.rates import years_without_rate
from estimator.population.thresholds import threshold
from estimator.study.priors import Priors
from estimator.study.shipped import DEFAULT_PRIORS
from estimator.study.study import Study
from estimator.study.trackrecord import track_record, track_records
from estimator.words.numbers import levels_in_words, listed, population, share

if TYPE_CHECKING:
    from estimator.population.estimate import Estimate

TOO_SELDOM = threshold("fitness.held_out")
"""Share of 95 % intervals that held lists whose size is known, from which down it is said."""


def cautions_of(estimate: Estimate) -> tuple[str, ...]:
    """Return what follows from the study's decisions and years, from its priors, and from estimates under others.

    Returns
    -------
    tuple of str
        Sentences.
    """
    return (
        *lapsed(estimate.study),
        *_of_years(estimate.study),
        *_of_track_record(estimate.priors),
        *_of_estimates_beside(estimate),
    )


def rate_notes(study: Study, years: Sequence[str]) -> tuple[str, ...]:
    """Return for which years no rate is given, and why.

    Parameters
    ----------
    years : sequence of str
        Those by which the table is divided.

    Returns
    -------
    tuple of str
        Sentences.
    """
    path = study.files.get("denominators")
    name = path.name if path else "the file of denominators"
    return tuple(
        f"No rate per 100,000 {population(asked)} for {levels_in_words(missing, years)}: {name} has no inhabitants for "
        f"{'that year' if len(missing) == 1 else 'those years'}."
        for asked, missing in years_without_rate(study, years).items()
    )


def _of_years(study: Study) -> Iterator[str]:
    """Yield which years lean on others: each by itself, or together when there are many."""
    found = leaning_years(study)
    ordered = study.period is not None and any(
        covariate.name == study.period.covariate and covariate.ordered for covariate in study.table.covariates
    )
    why = "year effects are a random walk" if ordered else "years are taken to resemble each other"
    if len(found) == 1:
        others = "the years beside it" if ordered else "the other years"
        yield f"{found[0].year} has {_few(found[0])}; its estimate leans on {others} ({why})."
    elif found:
        others = "the years beside them" if ordered else "each other and the other years"
        years = listed([f"{year.year} ({year.twice_or_more})" for year in found])
        yield (
            f"Few people are on two or more lists, or few are registered at all, in {years}; the estimates of these "
            f"years lean on {others} ({why})."
        )


def _few(year: LeaningYear) -> str:
    """Return how little is known of a year."""
    people = "person" if str(year.twice_or_more) == "1" else "people"
    text = f"{year.twice_or_more} {people} on two or more lists"
    if year.short_of is None:
        return text
    return f"{text} and {share(year.short_of)} of the registered people of an average other year"


def _of_track_record(priors: Priors) -> Iterator[str]:
    """Yield that intervals under these priors held lists whose size is known less often than they promise."""
    record, default = track_record(priors), track_records()[DEFAULT_PRIORS]
    if record is not None and record.inside[0.95] < TOO_SELDOM:
        held, instead = (f"{100 * one.inside[0.95]:.0f} %" for one in (record, default))
        yield (
            f"Under the priors {record.priors}, 95 % intervals held {held} of the lists of public tables whose size is "
            f"known ({record.lists} lists, every table weighing the same), under {default.priors} {instead}; intervals "
            f"with an even chance held {100 * record.inside[0.5]:.0f} and {100 * default.inside[0.5]:.0f} %. These "
            "intervals may be too narrow as well (docs/evidence.md)."
        )


def _of_estimates_beside(estimate: Estimate) -> Iterator[str]:
    """Yield which estimates under other priors are withheld, or are not fit to publish."""
    for other in estimate.beside:
        name, found = other.priors_name, other.fitness
        if not other.convergence.passed:
            yield f"Under the priors {name} nothing is shown: {other.convergence.reasons[0]}"
        elif found.unsound:
            yield f"Under the priors {name} the estimate is not fit to publish: {' '.join(found.unsound)}"
