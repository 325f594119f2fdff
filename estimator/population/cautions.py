"""What a reader must be told of an estimate though it does not forbid publishing, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from estimator.capture.checking import seen_in_strata
from estimator.capture.information import hardly_informed
from estimator.capture.table import UNBOUNDED, CaptureTable
from estimator.methods.convergence import Convergence
from estimator.methods.door import Abilities, PopulationDraws, WiderCoverage
from estimator.population.borrowing import LeaningYear, leaning_years
from estimator.population.expired_decisions import expired_decisions
from estimator.population.rates import years_without_rate
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.shipped import DEFAULT_PRIORS
from estimator.study.study import Study
from estimator.study.trackrecord import track_record, track_records
from estimator.words.numbers import named_levels

TOO_SELDOM = threshold("fitness.held_out")
"""Share of 95 % intervals that held lists whose size is known, from which down it is said."""

WITHOUT_OVERLAP = threshold("fitness.without_overlap")
"""From this part of the dark figure in strata in which nobody is on two lists, it is said."""

COVERAGE_MOVES = threshold("fitness.coverage_moves")
"""From this part of the total by which a wider prior on coverage moves its median, it is said."""


def cautions_of(study: Study, priors: Priors, able: Abilities) -> tuple[Reason, ...]:
    """Return what follows from table, groups, decisions, years and priors, as far as the method has these."""
    groups = {name: group.where for name, group in study.groups.items()}
    return (
        *study.unlisted,
        *(hardly_informed(study.table, groups) if able.borrows else ()),
        *expired_decisions(study),
        *(_of_years(study) if able.borrows else ()),
        *(_of_track_record(priors) if able.priors else ()),
        *(_of_merged_lists(study, priors) if able.priors else ()),
    )


def _of_merged_lists(study: Study, priors: Priors) -> Iterator[Reason]:
    """Yield that the priors state something about a list that was merged into another."""
    merges = [
        {decision.list, decision.fed_by}
        for decision in study.decisions
        if decision.choice == "merge" and decision.fed_by is not None
    ]
    gone = set[str]().union(*merges)
    stated = [{item.list} for item in priors.coverage.lists]
    stated += [set(pair.lists) for pair in priors.dependence.pairs if set(pair.lists) not in merges]
    lists = tuple(sorted(gone & set().union(*stated)))
    if lists:
        yield Reason("priors-of-merged-lists", lists=lists)


def caution_of_strata(table: CaptureTable, population: PopulationDraws) -> Iterator[Reason]:
    """Yield that much of the dark figure lies in strata whose own counts say nothing of it: nobody is on two lists."""
    _, overlapping = seen_in_strata(table)
    there = table.estimated & table.running.any(axis=1) & ~overlapping
    if not there.any() or not overlapping.any():
        return
    unseen = population.unseen[..., table.estimated].sum(axis=-1)
    share = float(np.median(population.unseen[..., there].sum(axis=-1) / np.maximum(unseen, 1)))
    if share > WITHOUT_OVERLAP:
        names = tuple(name for name, chosen in zip(table.stratum_labels, there, strict=True) if chosen)
        yield Reason("dark-figure-without-overlap", share=share, strata=names, number=len(names))


def caution_of_coverage(median: float, wider: WiderCoverage | None, priors: Priors) -> Iterator[Reason]:
    """Yield that the total rests on the prior on coverage, or that this could not be worked out.

    Parameters
    ----------
    median : float
        Of the total.
    wider : WiderCoverage or None
        The total under a wider prior.
    """
    if wider is None:
        return
    odds = priors.coverage.odds
    said = {"priors_mean": odds.mu, "priors_sd": odds.sigma, "wider": wider.wider}
    if not wider.reliable:
        yield Reason("coverage-not-weighed", pareto_k=wider.pareto_k, **said)
    elif abs(wider.median - median) > COVERAGE_MOVES * median:
        yield Reason("coverage-moves-total", median=median, then=wider.median, **said)


def caution_beside(priors_name: str, convergence: Convergence, unsound: Sequence[Reason]) -> Iterator[Reason]:
    """Yield that an estimate under other priors is withheld, or is not fit to publish.

    Parameters
    ----------
    unsound : sequence of Reason
        Of its fitness.
    """
    if not convergence.passed:
        yield Reason("beside-withheld", priors=priors_name, because=convergence.reasons[0])
    elif unsound:
        yield Reason("beside-not-fit", priors=priors_name, because=tuple(unsound))


def rate_notes(study: Study, years: Sequence[str]) -> tuple[Reason, ...]:
    """Return for which years no rate is given, and why.

    Parameters
    ----------
    years : sequence of str
        Those by which the table is divided.
    """
    path, known = study.files.get("denominators"), study.denominators
    return tuple(
        Reason(
            "no-rate",
            population=population,
            population_nl=known.name_in_dutch(population) if known else None,
            years=named_levels(missing, years),
            one_year=len(missing) == 1,
            file=path.name if path else None,
        )
        for population, missing in years_without_rate(study, years).items()
    )


def _of_years(study: Study) -> Iterator[Reason]:
    """Yield which years lean on others: each by itself, or together when there are many."""
    leaning = leaning_years(study)
    ordered = study.period is not None and any(
        covariate.name == study.period.covariate and covariate.ordered for covariate in study.table.covariates
    )
    if len(leaning) == 1:
        (year,) = leaning
        yield Reason(
            "year-leans-on-others",
            year=year.year,
            ordered=ordered,
            twice_or_more=_people(year),
            short_of=year.short_of,
        )
    elif leaning:
        years = tuple(Reason("few-in-year", year=year.year, twice_or_more=_people(year)) for year in leaning)
        yield Reason("years-lean-on-others", ordered=ordered, years=years)


def _people(year: LeaningYear) -> tuple[int, int | None]:
    """Return bounds of the people of a year who are on two or more lists; None above where nothing bounds them."""
    counted = year.twice_or_more
    return counted.lower, None if counted.upper == UNBOUNDED else counted.upper


def _of_track_record(priors: Priors) -> Iterator[Reason]:
    """Yield that intervals under these priors held lists whose size is known less often than they promise."""
    record, default = track_record(priors), track_records()[DEFAULT_PRIORS]
    if record is not None and record.inside[0.95] < TOO_SELDOM:
        yield Reason(
            "intervals-held-too-seldom",
            priors=record.priors,
            held=record.inside[0.95],
            held_half=record.inside[0.5],
            lists=record.lists,
            instead=default.priors,
            instead_held=default.inside[0.95],
            instead_held_half=default.inside[0.5],
        )
