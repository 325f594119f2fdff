"""Published figures: what others have said of the same people, to be shown beside the estimates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from estimator.errors import brief
from estimator.study.csvrecords import ReadingError, Records, number_of, read_records, years_of

COLUMNS = (
    "id",
    "group",
    "years",
    "measure",
    "value",
    "lower",
    "upper",
    "said",
    "source",
    "verified",
    "calibrated",
)
OPTIONAL = ("said_nl", "source_nl")
_NEEDED = {"id": "a short name of its own", "measure": "what the value is, such as N", "source": "where it was said"}


@dataclass(frozen=True)
class PublishedFigure:
    """One figure that somebody published.

    Parameters
    ----------
    group : str or None
        The study's group that it is about; or a name for people whom no group of the study is; None when left blank.
    years : tuple of str
        The years that it is about, per year; empty when it names none.
    measure : str
        ``"N"`` (persons per year), ``"registered"``, ``"per_100000"``, ``"share_of_total"``, ``"coverage"``,
        ``"one_in"``, or another word for what the tool does not estimate.
    value : float or None
        As a number; None when only words or limits were published.
    lower, upper : float or None
        Limits that were published with it.
    said : str
        How it was worded: ``"almost 3,000"``.
    verified : bool
        Whether it was read in the source itself.
    calibrated : bool
        Whether the table was made to agree with it, so that getting it back is no evidence.
    said_nl : str or None
        How it is worded in Dutch; None where that is no different.
    source_nl : str or None
        Where, in Dutch; None where that is no different.
    """

    id: str
    group: str | None
    years: tuple[str, ...]
    measure: str
    value: float | None
    lower: float | None
    upper: float | None
    said: str
    source: str
    verified: bool
    calibrated: bool
    said_nl: str | None = None
    source_nl: str | None = None

    def worded(self, language: str = "en") -> str:
        """Return how the figure was worded, in a language."""
        return self.said_nl if language == "nl" and self.said_nl else self.said


def read_published(path: str | Path) -> tuple[PublishedFigure, ...]:
    """Read a CSV file of published figures, with the columns `COLUMNS`.

    Raises
    ------
    InputError
        With every fault of the file, each with its line and column.
    """
    records = read_records(Path(path), COLUMNS, "each figure that was published", OPTIONAL)
    figures = tuple(_figure(records, row) for row in range(len(records.rows)))
    _find_repeats(records)
    records.raise_faults()
    return figures


def _figure(records: Records, row: int) -> PublishedFigure:
    cells = records.rows[row]
    for column, what in _NEEDED.items():
        if not cells[column]:
            records.fault(row, column, f"Nothing is filled in. Give {what}.")
    value, lower, upper = (_number(records, row, column) for column in ("value", "lower", "upper"))
    if value is lower is upper is None and not cells["said"]:
        records.fault(row, "value", "There is neither a number nor a wording ('said'). Give at least one of them.")
    if lower is not None and upper is not None and lower > upper:
        records.fault(row, "lower", "The lower limit is above the upper one. Change the two round.")
    elif value is not None and not (lower or 0.0) <= value <= (math.inf if upper is None else upper):
        records.fault(row, "value", "The value is not within its own limits ('lower' and 'upper'). Look them up again.")
    return PublishedFigure(
        id=cells["id"],
        group=cells["group"] or None,
        years=_years(records, row),
        measure=cells["measure"],
        value=value,
        lower=lower,
        upper=upper,
        said=cells["said"],
        source=cells["source"],
        verified=_yes(records, row, "verified"),
        calibrated=_yes(records, row, "calibrated"),
        said_nl=cells["said_nl"] or None,
        source_nl=cells["source_nl"] or None,
    )


def _number(records: Records, row: int, column: str) -> float | None:
    text = records.rows[row][column]
    if not text:
        return None
    try:
        return number_of(text)
    except ReadingError as error:
        records.fault(row, column, str(error))
        return None


def _years(records: Records, row: int) -> tuple[str, ...]:
    try:
        return years_of(records.rows[row]["years"])
    except ReadingError as error:
        records.fault(row, "years", str(error))
        return ()


def _yes(records: Records, row: int, column: str) -> bool:
    text = records.rows[row][column]
    if text not in ("yes", "no"):
        records.fault(row, column, f"Found '{brief(text)}'. Write yes or no.")
    return text == "yes"


def _find_repeats(records: Records) -> None:
    first: dict[str, int] = {}
    for row, cells in enumerate(records.rows):
        if cells["id"] and cells["id"] in first:
            line = records.lines[first[cells["id"]]]
            records.fault(row, "id", f"'{brief(cells['id'])}' is on line {line} already. Give each figure its own id.")
        first.setdefault(cells["id"], row)
