"""The check report in words and tables that fit a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import shorten, wrap
from typing import TYPE_CHECKING

from estimator.capture.tallies import Registered

if TYPE_CHECKING:
    from estimator.capture.check_report import CheckReport

HEADINGS = {"fatal": "CANNOT BE ESTIMATED", "warning": "WARNING", "note": "NOTE"}
TOTALS = {
    "no upper limit": "nothing limits the number of unseen people from above",
    "no lower limit": "the number of unseen people runs to zero",
    "undetermined": "the data do not determine the number of unseen people",
    "finite": "a dependence runs to minus infinity, though the number of unseen people is finite",
}
"""What it means for the total that no maximum-likelihood estimate exists."""


def report_text(report: CheckReport, width: int, labels: Mapping[str, str]) -> str:
    """Return a check report as text.

    Parameters
    ----------
    report : CheckReport
        What was found.
    width : int
        No line is longer.
    labels : mapping of str to str
        What the lists are called; lists that are not in it have their name only.

    Returns
    -------
    str
        Sections divided by empty lines.
    """
    sections = [
        _lists(report, width, labels),
        _captured(report),
        _overlaps(report, width),
        _findings(report, width),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in section) for section in sections if section)


def _lists(report: CheckReport, width: int, labels: Mapping[str, str]) -> list[str]:
    """Return the table of list sizes."""
    strata = f", {report.n_strata:,} strata" if report.n_strata > 1 else ""
    head = f"Registered: {report.registered} persons on {len(report.lists)} lists{strata} ({report.kind} table)"
    sizes = [str(size) for size in report.list_sizes]
    right = max(len("persons"), *map(len, sizes))
    name_width = min(max(map(len, report.lists)), width // 3)
    left = width - right - 12
    lines = [*wrap(head, width), "", f"{'List':<{left}}  {'persons':>{right}}    share"]
    for name, size, bounds in zip(report.lists, sizes, report.list_sizes, strict=True):
        label = f"  {_cut(name, name_width):<{name_width}}  {_cut(labels.get(name, ''), left - name_width - 4)}"
        share = _share(bounds, report.registered)
        lines.append(f"{label:<{left}}  {size:>{right}}  {share:>7}")
    return lines


def _captured(report: CheckReport) -> list[str]:
    """Return the table of how often persons were seen."""
    seen = report.captured
    rows = {"one list": seen.once, "two lists": seen.twice, "three or more lists": seen.more}
    right = max(len("persons"), *(len(str(number)) for number in rows.values()))
    lines = [f"{'Seen by':<23}  {'persons':>{right}}    share"]
    for name, number in rows.items():
        lines.append(f"  {name:<21}  {number!s:>{right}}  {_share(number, report.registered):>7}")
    return lines


def _share(number: Registered, whole: Registered) -> str:
    """Return a percentage, or nothing where it is not exactly known."""
    if not (number.exact and whole.exact and whole.lower):
        return ""
    return f"{100 * number.lower / whole.lower:.1f} %"


def _overlaps(report: CheckReport, width: int) -> list[str]:
    """Return the matrix of overlaps, in blocks of columns when it is too wide."""
    lists = report.lists
    impossible = {frozenset(pair.lists) for pair in report.empty_overlaps if pair.kind == "structural"}
    never = {frozenset(pair.lists) for pair in report.empty_overlaps if pair.kind == "never together"}
    texts = [
        [_overlap(report, row, column, impossible, never) for column in range(len(lists))] for row in range(len(lists))
    ]
    left = 2 + min(max(map(len, lists)), 16)
    right = min(max(5, *(len(text) for row in texts for text in row), *(min(len(name), 12) for name in lists)), 20)
    block = max(1, (width - left) // (right + 2))
    lines = ["Persons on both of two lists"]
    for start in range(0, len(lists), block):
        columns = range(start, min(start + block, len(lists)))
        lines.append(" " * left + "".join(f"  {_cut(lists[column], right):>{right}}" for column in columns))
        for row, name in enumerate(lists):
            cells = "".join(f"  {_cut(texts[row][column], right):>{right}}" for column in columns)
            lines.append(f"{'  ' + _cut(name, left - 2):<{left}}{cells}")
    if impossible:
        lines.append("  x  declared impossible")
    if never:
        lines.append("  /  never operated in the same stratum")
    return lines


def _overlap(
    report: CheckReport, row: int, column: int, impossible: set[frozenset[str]], never: set[frozenset[str]]
) -> str:
    """Return one entry of the matrix."""
    pair = frozenset((report.lists[row], report.lists[column]))
    if row == column:
        return "-"
    if pair in impossible:
        return "x"
    return "/" if pair in never else _compact(report.overlap[row][column])


def _compact(number: Registered) -> str:
    """Return a number or its bounds in few characters: ``12``, ``3-12``, ``3+``."""
    if number.exact:
        return f"{number.lower:,}"
    text = str(number)
    return text.replace(" to ", "-").replace(" or more", "+")


def _findings(report: CheckReport, width: int) -> list[str]:
    """Return the findings, worst first, each with what to do."""
    lines: list[str] = []
    for finding in report.findings:
        lines += ["", *_finding(HEADINGS[finding.severity], finding.text, finding.remedy, width)]
    if not report.findings:
        return ["Nothing stands in the way of an estimate."]
    return lines[1:]


def _finding(heading: str, text: str, remedy: str, width: int) -> Iterator[str]:
    """Yield the lines of one finding."""
    yield from wrap(f"{heading}: {text}", width, subsequent_indent="  ")
    yield from wrap(f"What to do: {remedy}", width, initial_indent="  ", subsequent_indent="  ")


def _cut(text: str, width: int) -> str:
    """Return a text cut to a width."""
    return (
        text
        if len(text) <= width
        else shorten(text, width, placeholder="…")
        if " " in text
        else text[: width - 1] + "…"
    )
