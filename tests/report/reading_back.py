"""How a test reads the numbers of a report back from its page, and compares them with estimate.json."""

from __future__ import annotations

import math
import re

import pytest

NS = "{http://www.w3.org/1999/xhtml}"


def elements(tree, name):
    return list(tree.iter(f"{NS}{name}"))


def text_in(element) -> str:
    return "".join(element.itertext()).replace("\N{NO-BREAK SPACE}", " ").strip()


def table_of(tree, name) -> dict[str, list[str]]:
    """The cells of a table, by the head of their row."""
    (table,) = (table for table in elements(tree, "table") if table.get("id") == name)
    rows = [row for body in table.iter(f"{NS}tbody") for row in body.iter(f"{NS}tr")]
    return {text_in(next(row.iter(f"{NS}th"))): [text_in(cell) for cell in row.iter(f"{NS}td")] for row in rows}


def numbers_in(text: str, language: str) -> list[float]:
    """Every number in a text, as the language writes them."""
    found = re.findall(r"-?\d[\d.,]*\d|\d", text)
    thousands, point = (",", ".") if language == "en" else (".", ",")
    return [float(number.replace(thousands, "").replace(point, ".")) for number in found]


def unit_of(people: dict, rounding: float | None = None) -> float:
    """A hundredth of the size of the interval, or what the study rounds to where that is coarser and the number large.

    As docs/report.md says.
    """
    own = max(1.0, 10.0 ** (math.floor(math.log10(people["upper"] - people["lower"])) - 2))
    return own if rounding is None or people["median"] < 10 * rounding else max(own, rounding)


def registered_of(group: dict) -> list[float]:
    """The number of registered people of a group, or its bounds where the table gives these alone."""
    bounds = group.get("registered_bounds")
    if bounds is None:
        return [group["registered"]]
    return [limit for limit in (bounds["lower"], bounds.get("upper")) if limit is not None]


def assert_is(cells: list[str], group: dict, language: str, rounding: float | None = None) -> None:
    """The printed numbers of a group are those of estimate.json after rounding."""
    registered, (estimated,), limits = (numbers_in(cell, language) for cell in cells[:3])
    people, unit = group["N"], unit_of(group["N"], rounding)
    least = group.get("registered_interval", [group["registered"]])[0]
    assert registered == pytest.approx(registered_of(group), abs=0.5)
    assert estimated == max(round(people["median"] / unit) * unit, least)
    assert limits[0] == max(math.floor(people["lower"] / unit) * unit, math.ceil(least))
    assert limits[1] == math.ceil(people["upper"] / unit) * unit
    (seen,) = numbers_in(cells[3], language)
    assert abs(seen - 100 * group["coverage"]["median"]) <= 0.5
    if "per_100000" in group:
        (rate,), (lower, upper) = (numbers_in(cell, language) for cell in cells[4:6])
        width = group["per_100000"]["upper"] - group["per_100000"]["lower"]
        assert abs(rate - group["per_100000"]["median"]) <= width / 10
        assert lower <= group["per_100000"]["lower"] + 1e-9 and upper >= group["per_100000"]["upper"] - 1e-9
