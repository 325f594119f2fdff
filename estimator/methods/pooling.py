"""Everybody together: what a method does with a table that is divided into strata, when it is asked to add them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from estimator.capture.pooling import pooled
from estimator.capture.table import CaptureTable
from estimator.reasons import Reason
from estimator.study.questions import TOTAL
from estimator.study.study import Study

EACH, POOLED = "each", "pooled"
"""Values of the option ``strata``: stratum by stratum, and everybody together."""


def study_of_strata(study: Study, options: Mapping[str, str]) -> Study:
    """Return the study with one stratum, where the option says so."""
    return replace(study, table=pooled(study.table)) if options["strata"] == POOLED else study


def table_of_strata(table: CaptureTable, options: Mapping[str, str]) -> CaptureTable | None:
    """Return the table, of one stratum where the option says so; None where its strata cannot be added up."""
    if options["strata"] == EACH:
        return table
    return pooled(table) if table.running.all() else None


def refusals_of_questions(study: Study, options: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return why a study that asks for more than the total is not answered for everybody together."""
    if options["strata"] == EACH:
        return ()
    asked = tuple(name for name, group in study.groups.items() if name != TOTAL and group.where)
    by_year = study.period is not None and study.period.covariate is not None
    return (Reason("pooled-of-everybody-alone", groups=asked, by_year=by_year),) if asked or by_year else ()
