"""How well two records agree, as splink estimates it of all records: Fellegi-Sunter weights, on DuckDB."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.errors import Fault, InputError
from estimator.registers.linkage.partitions import Agreement
from estimator.registers.private_database import missing_extra

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST = 0.002
"""A pair that is less probably one person than this, before others are looked at, is never linked."""

MOST_TOGETHER = 400
"""So many records may hang together by possible links; more say that too little is known to link by."""

FEWEST = 50
"""Records with fewer than this cannot tell how often people who are the same agree."""


@dataclass(frozen=True)
class Identifier:
    """What records are compared by.

    Parameters
    ----------
    kind : {"name", "date", "text"}
    """

    name: str
    kind: str


@dataclass(frozen=True)
class Records:
    """Records to be compared.

    Parameters
    ----------
    registers : sequence of int
        Of each record, as bits.
    values : sequence of tuple of (str or None)
        The identifiers of each, in one form.
    """

    registers: Sequence[int]
    values: Sequence[tuple[str | None, ...]]


def agreement(
    records: Records,
    identifiers: Sequence[Identifier],
    blocks: Sequence[Sequence[int]],
    connection: DuckDBPyConnection,
    *,
    one_each: bool,
    seed: int,
) -> Agreement:
    """Return how well records agree: the log Bayes factor of every pair that may be one person.

    Parameters
    ----------
    blocks : sequence of sequence of int
        Identifiers, by position, that two records must have in common to be compared: any one of these sets.
    connection : DuckDBPyConnection
        A database for this alone, of one thread: with several, sums come out in another order and weights in their
        last digits.

    Raises
    ------
    InputError
        When there is too little to link by.
    """
    if len(records.registers) < FEWEST:
        _refuse(f"There are {len(records.registers)} persons by key, and linkage needs {FEWEST} or more to learn from.")
    with _quiet():
        try:
            return _scored(records, identifiers, blocks, connection, one_each=one_each, seed=seed)
        except InputError:
            raise
        except ImportError:
            raise missing_extra("splink", "linkage") from None
        except Exception as error:  # an error of splink or of the database may quote what records hold
            names = ", ".join(identifier.name for identifier in identifiers)
            _refuse(
                f"The agreement of records cannot be estimated ({type(error).__name__}): too few records agree in too "
                f"little of {names}. Declare other identifiers or blocks, or leave [registers.linkage] out."
            )
    raise AssertionError("unreachable")


def _refuse(message: str) -> None:
    raise InputError(Fault("registers.linkage", message))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what splink says to itself: it may quote records."""
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _scored(
    records: Records,
    identifiers: Sequence[Identifier],
    blocks: Sequence[Sequence[int]],
    connection: DuckDBPyConnection,
    *,
    one_each: bool,
    seed: int,
) -> Agreement:
    """Compare records with splink: learn weights of all, find likely pairs, weigh every pair of what hangs together."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    n = len(records.registers)
    table = _table(records, list(range(n)), [0] * n)
    database = DuckDBAPI(connection)
    rules = [block_on(*(f"q{index}" for index in block)) for block in blocks]
    near = [block_on(*expressions) for expressions in _nearly_alike(identifiers)]
    prior = 1 / n
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(identifier, index) for index, identifier in enumerate(identifiers)],
        blocking_rules_to_generate_predictions=[*rules, *near],
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
    )
    linker = Linker(database.register(table), settings, log_level=logging.CRITICAL)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=seed, min_count_per_level=None)
    for rule in rules:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    likely = _pairs(linker.inference.predict(threshold_match_probability=LEAST))
    together = _hanging_together(n, [(one, other) for one, other, _ in likely])
    kept = [record for record in range(n) if together[record] >= 0]
    if not kept:
        return Agreement(records.registers, {}, one_each)
    part = database.register(_table(records, kept, [together[record] for record in kept]))
    every = linker.inference.predict_within(part, blocking_rules_to_generate_predictions=[block_on("together")])
    log_prior = math.log2(prior / (1 - prior))
    found = {(one, other): (weight - log_prior) * math.log(2) for one, other, weight in sorted(_pairs(every))}
    return Agreement(records.registers, found, one_each)


def _nearly_alike(identifiers: Sequence[Identifier]) -> list[tuple[str, str]]:
    """Return what brings together records with an error in each block: beginnings of two identifiers.

    Three letters of a name, the year of a date.
    """
    lengths = {"name": 3, "date": 4}
    starts = [
        f"substr(q{index}, 1, {lengths[identifier.kind]})"
        for index, identifier in enumerate(identifiers)
        if identifier.kind in lengths
    ]
    return list(combinations(starts, 2))


def _table(records: Records, rows: Sequence[int], together: Sequence[int]) -> Any:
    """Return some records as a table for splink, with the number of what each hangs together with."""
    import pyarrow as pa

    columns: dict[str, Any] = {"unique_id": pa.array(rows, pa.int64()), "together": pa.array(together, pa.int64())}
    width = len(records.values[0])
    for index in range(width):
        columns[f"q{index}"] = pa.array([records.values[row][index] for row in rows], pa.string())
    return pa.table(columns)


def _comparison(identifier: Identifier, index: int) -> Any:
    """Return how an identifier is compared: how much two names are alike, how two dates differ, or the same or not."""
    import splink.comparison_library as library

    column = f"q{index}"
    if identifier.kind == "name":
        return library.JaroWinklerAtThresholds(column, [0.92, 0.8]).configure(term_frequency_adjustments=True)
    if identifier.kind == "date":
        return _comparison_of_dates(column)
    return library.ExactMatch(column)


def _comparison_of_dates(column: str) -> Any:
    """Return how two dates are compared: the same, day and month exchanged, one or two digits other, else."""
    import splink.comparison_level_library as levels
    import splink.comparison_library as library

    left, right = f"{column}_l", f"{column}_r"
    exchanged = (
        f"substr({left}, 1, 4) = substr({right}, 1, 4) AND substr({left}, 6, 2) = substr({right}, 9, 2) "
        f"AND substr({left}, 9, 2) = substr({right}, 6, 2)"
    )
    return library.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column),
            levels.CustomLevel(exchanged, label_for_charts="day and month exchanged"),
            levels.DamerauLevenshteinLevel(column, 1),
            levels.DamerauLevenshteinLevel(column, 2),
            levels.ElseLevel(),
        ],
    )


def _pairs(predicted: Any) -> list[tuple[int, int, float]]:
    """Return pairs with their weights, the smaller record in front."""
    asked = "unique_id_l, unique_id_r, match_weight"
    rows = predicted.as_duckdbpyrelation().project(asked).fetchall()
    return [(min(first, second), max(first, second), weight) for first, second, weight in rows]


def _hanging_together(n: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return for each record with what others it hangs together by possible links, as a number; -1 for none."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    _, group = connected_components(links, directed=False)
    sizes = np.bincount(group)
    if sizes.max() > MOST_TOGETHER:
        _refuse(
            f"{sizes.max()} persons by key hang together by possible links: too little is known of people to tell them "
            "apart. Declare more identifiers, or narrower blocks (two identifiers in one)."
        )
    together: list[int] = np.where(sizes[group] > 1, group, -1).tolist()
    return together
