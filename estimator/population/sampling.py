"""What an estimate asks of a method, and whether a table can answer at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimator.capture.checking import check_table
from estimator.errors import NotEstimableError
from estimator.methods.door import SAMPLING, Listener, Method, PopulationDraws, Request, SamplerSettings
from estimator.methods.registry import refusals
from estimator.population.groups import headline_groups, yearly_groups
from estimator.population.thresholds import convergence_limits
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.study import Study


def refuse_if_not_estimable(
    study: Study, method: Method | None = None, options: Mapping[str, str] | None = None
) -> None:
    """Raise `NotEstimableError` when nothing can be estimated from a study's table, or not by a method."""
    for number in range(1, len(study.tables) + 1):
        table_study = study.with_table(number)
        why_not: tuple[Reason, ...] = ()
        if not table_study.table.has_overlap:
            why_not = tuple(check_table(table_study.table).fatal_reasons)
        elif method is not None:
            why_not = refusals(method, table_study, options or {})
        if why_not and study.imputed:
            name = study.table_name(number)
            raise NotEstimableError([Reason("of-table", table=name, why=why) for why in why_not])
        if why_not:
            raise NotEstimableError(why_not)


def asked(
    study: Study,
    priors: Priors,
    settings: SamplerSettings,
    options: Mapping[str, str],
    listener: Listener,
    doing: Reason = SAMPLING,
) -> Request:
    """Return what a method is asked about a study.

    Parameters
    ----------
    options : mapping of str to str
        One value for each option of the method.
    doing : Reason
        What the listener is told is going on.
    """
    return Request(
        study=study,
        priors=priors,
        settings=settings,
        options=options,
        reported=lambda population: reported_quantities(study, population),
        limits=convergence_limits(),
        listener=listener,
        doing=doing,
    )


def reported_quantities(study: Study, population: PopulationDraws) -> dict[Reason, Any]:
    """Return the draws by which convergence is judged: the implied dark figure of whatever is reported.

    Without residual dependence, which is drawn exactly, independently for each draw and with long tails: it has nothing
    to converge, and would drown what the chains disagree about.
    """
    quantities = {
        Reason("dark-figure-of", group=name): group.implied_unseen
        for name, group in headline_groups(study, population).items()
    }
    for year, groups in yearly_groups(study, population).items():
        quantities |= {
            Reason("dark-figure-in-year", group=name, year=year): group.implied_unseen for name, group in groups.items()
        }
    return quantities
