"""Registers without a common key for persons: several tables, for each of which persons are drawn again.

Exact keys first: records of one key are one person, whatever else they say. Persons by key are then compared by
declared identifiers (`scoring`), and who of them is one person is drawn again and again (`partitions`); each draw is
counted as if it were the truth. What the estimates of these tables differ by is the uncertainty of the linkage
(`estimator.population.imputation`).
"""

from __future__ import annotations

import datetime
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from estimator.registers import person_sql
from estimator.registers.linkage.partitions import Agreement, draw_partition
from estimator.registers.linkage.scoring import Identifier, Records, agreement
from estimator.registers.plan import Plan
from estimator.registers.private_database import MEMORY, Database, connected, opened_database
from estimator.registers.record_sql import TAKEN
from estimator.registers.tabulating import Tabulated, counted, load_records
from estimator.seeds import stream
from estimator.study.registernames import blocks_of
from estimator.study.registersections import LinkageSection


@dataclass(frozen=True)
class Linked:
    """Tables of linked registers; nothing in it is about one person.

    Parameters
    ----------
    tables : tuple of Tabulated
        One for each draw of who is one person with whom.
    by_key : int
        Persons when only keys say who is one person.
    persons : tuple of int
        In each table, over all periods.
    unknown : dict of str to int
        Persons by key of whom an identifier is not known, or no date that can be read.
    """

    tables: tuple[Tabulated, ...]
    by_key: int
    persons: tuple[int, ...]
    unknown: dict[str, int]


def tabulate_linked(
    plan: Plan,
    linkage: LinkageSection,
    beside: Path,
    *,
    memory: str = MEMORY,
    threads: int | None = None,
    today: datetime.date | None = None,
) -> Linked:
    """Read all files of a plan, link persons, and count histories in each draw of who they are.

    Parameters
    ----------
    beside, memory, today
        As for `estimator.registers.tabulating.tabulate`.

    Raises
    ------
    InputError
        With what is wrong in all files, at once; or when there is too little to link by.
    """
    with opened_database(beside, memory, threads) as database:
        load_records(plan, database, today or datetime.date.today())
        database.run(_persons_by_key(plan, len(linkage.identifiers)))
        found, unknown = _compared(database, linkage)
        database.run("ALTER TABLE records RENAME TO read_records")
        tables, persons = [], []
        for number in range(linkage.tables):
            firsts = draw_partition(found, stream(linkage.seed, "linkage", number))
            _set_persons(database, firsts)
            database.run("DROP TABLE IF EXISTS persons")
            database.run(person_sql.make_persons(plan))
            tables.append(counted(plan, database))
            persons.append(len(set(firsts)))
        return Linked(tuple(tables), len(found.registers), tuple(persons), unknown)


def _persons_by_key(plan: Plan, identifiers: int) -> str:
    """Make the table of persons by key, with a number for each: the same whatever the random text of keys is."""
    forms = [f"q{index}" for index in range(identifiers)]
    codes = [f"v{index}" for index in range(len(plan.covariates))]
    known = ", ".join([*(f"min({form}) AS {form}" for form in forms), *(f"min({code}) AS {code}" for code in codes)])
    order = ", ".join(["registers", *forms, *codes, "n_records", "first", "person"])
    return f"""
        CREATE TABLE by_key AS
        SELECT row_number() OVER (ORDER BY {order}) - 1 AS number, *
        FROM (SELECT person, bit_or(CAST(1 << list AS BIGINT)) AS registers, {known}, count(*) AS n_records,
                     min(day) AS first
              FROM records WHERE fate = {TAKEN} GROUP BY person)"""


def _compared(database: Database, linkage: LinkageSection) -> tuple[Agreement, dict[str, int]]:
    """Return how well persons by key agree, and how many have no value of each identifier."""
    names = list(linkage.identifiers)
    forms = ", ".join(f"q{index}" for index in range(len(names)))
    rows = database.rows(f"SELECT registers, {forms} FROM by_key ORDER BY number")
    records = Records([row[0] for row in rows], [row[1:] for row in rows])
    identifiers = [Identifier(name, found.kind) for name, found in linkage.identifiers.items()]
    blocks = [[names.index(name) for name in block] for block in blocks_of(linkage)]
    with closing(connected(database.folder, database.memory, 1)) as connection:
        found = agreement(records, identifiers, blocks, connection, one_each=not linkage.within, seed=linkage.seed)
    unknown = {name: sum(row[index] is None for row in records.values) for index, name in enumerate(names)}
    return found, unknown


def _set_persons(database: Database, firsts: list[int]) -> None:
    """Let records be of the persons that were drawn."""
    import pyarrow as pa

    joined = [(number, first) for number, first in enumerate(firsts) if number != first]
    table = pa.table(
        {
            "number": pa.array([number for number, _ in joined], pa.int64()),
            "first": pa.array([first for _, first in joined], pa.int64()),
        }
    )
    database.add_table("drawn", table)
    database.run("""
        CREATE OR REPLACE TABLE links AS
        SELECT k.person AS person, f.person AS same_as
        FROM drawn d JOIN by_key k ON k.number = d.number JOIN by_key f ON f.number = d.first""")
    database.run("""
        CREATE OR REPLACE VIEW records AS
        SELECT coalesce(l.same_as, r.person) AS person, r.* EXCLUDE (person)
        FROM read_records r LEFT JOIN links l ON l.person = r.person""")
