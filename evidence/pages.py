"""Pieces of the pages of this folder, as Markdown: scores by family, tables of intervals, and the points of a rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from estimator.fits.scores import LEVELS, Judged, Score, score_of
from evidence.meta_analysis import ListOfTable, PublicTable

T = TypeVar("T")


def grouped(items: Iterable[T], name_of: Callable[[T], str]) -> dict[str, list[T]]:
    """Return items by name, names in the order in which they come."""
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(name_of(item), []).append(item)
    return groups


def basis_of(tables: Sequence[PublicTable], lists: Sequence[ListOfTable]) -> str:
    """Return the sentence on how much public tables a page rests on."""
    families = dict.fromkeys(table.family for table in tables)
    return (
        f"{len(tables)} tables of {len(families)} families, {len(lists)} lists held out; families weigh the same, "
        "± is the standard error over families."
    )


def judged_by_family(judged: Sequence[Judged], family: Mapping[str, str], chosen: set[str]) -> dict[str, list[Judged]]:
    """Return the estimates of some tables by their family.

    Parameters
    ----------
    family : mapping of str to str
        By table.
    chosen : set of str
        Tables.
    """
    return grouped((one for one in judged if one.table in chosen), lambda one: family[one.table])


def by_family(judged: Sequence[Judged], family: Mapping[str, str], chosen: set[str]) -> dict[str, Score]:
    """Return the score of each family.

    Parameters
    ----------
    family : mapping of str to str
        By table.
    chosen : set of str
        Tables.
    """
    return {name: score_of(group) for name, group in judged_by_family(judged, family, chosen).items()}


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean of values and its standard error."""
    array = np.asarray(values, float)
    return float(array.mean()), float(array.std(ddof=1) / math.sqrt(len(array)))


def by_how_much_more(first: Mapping[str, Score], second: Mapping[str, Score]) -> tuple[float, float]:
    """Return by how much the mean score of families is higher the second time, and the standard error of that."""
    return mean_and_error([second[name].interval_score - first[name].interval_score for name in first])


def _pm(values: Sequence[float]) -> str:
    mean, error = mean_and_error(values)
    return f"{mean:.2f} ± {error:.2f}"


def per_cent_pm(values: Sequence[float]) -> str:
    """Return the mean of shares and its standard error, in per cent."""
    mean, error = mean_and_error(values)
    return f"{100 * mean:.0f} ± {100 * error:.0f} %"


def held_out_table(
    title: str, what: str, compared: Mapping[str, Sequence[Judged]], than: str, of: tuple[Mapping[str, str], set[str]]
) -> str:
    """Return how lists held out fare, families weighing the same.

    Parameters
    ----------
    what : str
        Head of the first column.
    compared : mapping of str to sequence of Judged
        By name; the others are held against the first.
    than : str
        What the first is called in the head.
    of : (mapping of str to str, set of str)
        Families by table, and the tables that are taken.
    """
    scores = {name: by_family(judged, *of) for name, judged in compared.items()}
    first = next(iter(scores.values()))
    rows = []
    for name, by_name in scores.items():
        inside = " | ".join(per_cent_pm([score.held[level] for score in by_name.values()]) for level in LEVELS)
        more = "" if by_name is first else _pm([by_name[f].interval_score - first[f].interval_score for f in by_name])
        width = math.exp(np.mean([score.width for score in by_name.values()]))
        rows.append(
            f"| {name} | {inside} | {_pm([s.interval_score for s in by_name.values()])} | {more} | × {width:.1f} | "
            f"{_pm([s.bias for s in by_name.values()])} |"
        )
    return "\n".join([
        title,
        "",
        f"{len(first)} families. Bias: mean log of the median over the truth.",
        "",
        f"| {what} | 50 % | 80 % | 95 % | score | more than {than} | width | bias |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def interval_row(of: str, by: str, judged: Sequence[Judged]) -> str:
    """Return a row of a table of intervals: how many of each probability hold the truth, and how good they are."""
    score = score_of(judged)
    held = " | ".join(str(sum(one.holds(level) for one in judged)) for level in LEVELS)
    return f"| {of} | {by} | {held} of {score.cases} | {bias_and_width(score)} | {score.interval_score:.2f} |"


def interval_table(first: str, second: str, rows: Sequence[str]) -> list[str]:
    """Return a table of intervals with two columns of names, of rows from `interval_row`."""
    return [
        f"| {first} | {second} | 50 % | 80 % | 95 % | bias | width | score |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ]


def bias_and_width(score: Score, between: str = " | ") -> str:
    """Return by how much medians are off, and the factor between the limits of the 95 % interval."""
    return f"{100 * math.expm1(score.bias):+.0f} %{between}× {math.exp(score.width):.2f}"


def points_of_rule(points: Sequence[tuple[str, bool]]) -> list[str]:
    """Return the points of a rule, numbered, and whether each holds."""
    return [f"{number}. {text}: {'holds' if holds else 'fails'}." for number, (text, holds) in enumerate(points, 1)]
