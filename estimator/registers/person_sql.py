"""SQL that counts records: ``persons``, a row per person and period, and the histories, which are only counted."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.registers.plan import CovariatePlan, Plan
from estimator.registers.record_sql import OUT_OF_WINDOW, TAKEN, UNDATED, UNKNOWN

LOOKED_AT = f"fate IN ({TAKEN}, {OUT_OF_WINDOW}, {UNDATED})"
"""Records whose cells must be readable."""


def make_persons(plan: Plan) -> str:
    """Make the table of persons: a row for each person and period, with her lists and a code for each covariate."""
    periods = [f"v{index}" for index in plan.splitting]
    parts = [*periods, f"bit_or({_bit(plan)}) AS history", "count(*) AS n_records"]
    for index, covariate in enumerate(plan.covariates):
        if not covariate.splits:
            parts += _gathered(plan, covariate, index)
    group = ", ".join(["person", *periods])
    persons = f"SELECT person, {', '.join(parts)} FROM records WHERE fate = {TAKEN} GROUP BY {group}"
    constant = [index for index, covariate in enumerate(plan.covariates) if covariate.section.constant]
    if constant:
        persons = _with_constants(plan, persons, constant)
    columns = ["history", "n_records"]
    for index, covariate in enumerate(plan.covariates):
        columns += [f"v{index}"] if covariate.splits else _resolved(plan, covariate, index)
    return f"CREATE TABLE persons AS SELECT {', '.join(columns)} FROM ({persons})"


def _bit(plan: Plan) -> str:
    """Return the bit of a record's list in a history; list 0 is the most significant."""
    return f"CAST(1 << ({len(plan.lists) - 1} - list) AS INTEGER)"


def _trust(plan: Plan) -> str:
    """Return the bit of a record's list by trust: 1 for the most trusted."""
    cases = "".join(f" WHEN {index} THEN {1 << rank}" for index, rank in enumerate(plan.ranks))
    return f"CASE list{cases} END"


def _gathered(plan: Plan, covariate: CovariatePlan, index: int) -> list[str]:
    """Return what the records of a person say of a covariate: the lists that have each level."""
    if covariate.rule == "unknown":
        known = f"FILTER (v{index} >= 0)"
        return [f"min(v{index}) {known} AS least{index}", f"max(v{index}) {known} AS most{index}"]
    return [
        f"coalesce(bit_or({_trust(plan)}) FILTER (v{index} = {code}), 0) AS m{index}_{code}"
        for code in range(len(covariate.levels))
    ]


def _with_constants(plan: Plan, persons: str, constant: Sequence[int]) -> str:
    """Return persons whose constant covariates are gathered over all their periods."""
    gathered = []
    for index in constant:
        gathered += _gathered(plan, plan.covariates[index], index)
    names = [part.rsplit(" AS ", 1)[1] for part in gathered]
    whole = f"SELECT person, {', '.join(gathered)} FROM records WHERE fate = {TAKEN} GROUP BY person"
    taken = ", ".join(f"w.{name} AS {name}" for name in names)
    return f"SELECT p.* REPLACE ({taken}) FROM ({persons}) p JOIN ({whole}) w USING (person)"


def _resolved(plan: Plan, covariate: CovariatePlan, index: int) -> list[str]:
    """Return the one code of a covariate, and whether records contradicted each other (``x``)."""
    if covariate.rule == "unknown":
        differ = f"coalesce(least{index} <> most{index}, false)"
        code = f"CASE WHEN {differ} THEN {UNKNOWN} ELSE coalesce(least{index}, {UNKNOWN}) END"
        return [f"CAST({code} AS SMALLINT) AS v{index}", f"{differ} AS x{index}"]
    masks = [f"m{index}_{code}" for code in range(len(covariate.levels))]
    differ = f"{' + '.join(f'CAST({mask} <> 0 AS INTEGER)' for mask in masks)} > 1"
    if covariate.rule == "majority":
        votes = [f"bit_count({mask})" for mask in masks]
        best = f"greatest({', '.join(votes)}, 1)"
        wins = [f"{vote} = {best}" for vote in votes]
    else:
        union = " | ".join(masks)
        wins = [f"({mask} & ({union}) & -({union})) <> 0" for mask in masks]
    several = f"{' + '.join(f'CAST({win} AS INTEGER)' for win in wins)} > 1"
    cases = "".join(f" WHEN {win} THEN {code}" for code, win in enumerate(wins))
    return [
        f"CAST(CASE WHEN {several} THEN {UNKNOWN}{cases} ELSE {UNKNOWN} END AS SMALLINT) AS v{index}",
        f"({differ}) AS x{index}",
    ]


def histories(plan: Plan) -> str:
    """Ask for the number of persons by level of every covariate and by history."""
    codes = [f"v{index}" for index in range(len(plan.covariates))]
    return f"SELECT {', '.join([*codes, 'history', 'count(*)'])} FROM persons GROUP BY ALL"


def contradictions(plan: Plan) -> str | None:
    """Ask for each covariate how many persons have records that contradict each other, and how many stay unknown."""
    asked = [
        f"count(*) FILTER (x{index}), count(*) FILTER (x{index} AND v{index} = {UNKNOWN})"
        for index, covariate in enumerate(plan.covariates)
        if not covariate.splits
    ]
    return f"SELECT {', '.join(asked)} FROM persons" if asked else None


def fates() -> str:
    """Ask for the number of records by list and by what became of them."""
    return "SELECT list, fate, count(*) FROM records GROUP BY ALL"


def flaws() -> str:
    """Ask for what cannot be read in records that would count, by file."""
    return f"SELECT source, flaws, count(*) FROM records WHERE flaws <> 0 AND {LOOKED_AT} GROUP BY ALL"


def refused(condition: str) -> str:
    """Ask for the files with records of which something holds, and how many."""
    return f"SELECT source, count(*) FROM records WHERE {condition} GROUP BY source ORDER BY source"


def months() -> str:
    """Ask for the number of records by list and month."""
    dated = f"fate = {TAKEN} AND day IS NOT NULL"
    return f"SELECT list, year(day), month(day), count(*) FROM records WHERE {dated} GROUP BY ALL"


def of_lists(plan: Plan) -> str:
    """Ask for each list: records, persons, persons by period, first and last day, and of how many it knows what."""
    periods = ", ".join(["person", *(f"v{index}" for index in plan.splitting)])
    numbers = range(len(plan.covariates))
    says = "".join(f", bool_or(v{index} >= 0) AS says{index}" for index in numbers)
    known = "".join(f", count(*) FILTER (says{index})" for index in numbers)
    return f"""
        SELECT list, sum(records), count(DISTINCT person), count(*), min(first), max(last), max(records){known}
        FROM (SELECT list, {periods}, count(*) AS records, min(day) AS first, max(day) AS last{says}
              FROM records WHERE fate = {TAKEN} GROUP BY list, {periods})
        GROUP BY list ORDER BY list"""


def unknown_levels(plan: Plan) -> str | None:
    """Ask for each list how many of its records do not know each covariate."""
    if not plan.covariates:
        return None
    parts = [f"count(*) FILTER (v{index} = {UNKNOWN})" for index in range(len(plan.covariates))]
    return f"SELECT list, {', '.join(parts)} FROM records WHERE fate = {TAKEN} GROUP BY list"
