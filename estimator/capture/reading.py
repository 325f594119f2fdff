"""Reading a capture table from a CSV file.

Long layout: one column per list with 1 (on the list), 0 (not) or blank (unknown), one column per covariate, and
``count``. Wide: one column per covariate, and one per capture history whose header joins the lists' names with ``&`` in
any order (``P``, ``K&P``). Histories that are left out are zeros. `estimator.capture.layouts` brings tables with one
row per person, and with coded histories, into the long layout.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from estimator.capture.cells import TableKind
from estimator.capture.coarsening import coarsen
from estimator.capture.counts import Count, CountError, Rounding, parse_count, suppressed_count
from estimator.capture.csvfile import MOST_FAULTS, RawTable, listed, of_another_file, read_csv
from estimator.capture.declaration import COUNT_COLUMN, Covariate, Declaration, declaration_faults
from estimator.capture.histories import ANY_LABEL, JOINER, UNSEEN_LABEL
from estimator.capture.inclusive import exclusive, may_be_inclusive
from estimator.capture.layouts import Arranged, arrange
from estimator.capture.observations import UNBOUNDED, BoolArray, IntArray
from estimator.capture.rows import MEMBERSHIP, UNKNOWN, Rows, added_up
from estimator.capture.table import CaptureTable
from estimator.capture.totals import without_totals
from estimator.capture.wide import is_wide, wide_header
from estimator.errors import Fault, brief, did_you_mean
from estimator.reasons import Reason


def read_table(
    path: str | Path, declaration: Declaration | None = None, *, kind: TableKind = "observed"
) -> CaptureTable:
    """Read a capture table.

    Parameters
    ----------
    path : str or Path
        A CSV file in the long or the wide layout.
    declaration : Declaration, optional
        The lists, covariates and exceptions. When left out, the lists are the columns that hold only 0, 1 or blanks
        (long) or that occur in a joined name (wide), the covariates are the other columns, and their levels are in
        order of appearance. A column with 0, 1 and something else (long) is a fault.

    Raises
    ------
    InputError
        With all faults of the file together, each with its line and column.
    """
    arranged = arrange(read_csv(path), declaration)
    raw = arranged.raw
    if declaration is None:
        declaration = infer_declaration(raw)
    faults = list(declaration_faults(declaration, raw.file))
    if faults:
        raise listed(raw.file, faults)
    rows, complaints = parse_rows(arranged, declaration)
    if complaints.header:
        raise listed(raw.file, complaints.faults)
    rows, readings = _counted(rows, arranged, declaration, complaints)
    table = coarsen(rows, declaration, kind=kind, earlier=complaints.faults)
    return replace(table, readings=(*arranged.readings, *readings))


def _counted(
    rows: Rows, arranged: Arranged, declaration: Declaration, complaints: Complaints
) -> tuple[Rows, tuple[Reason, ...]]:
    """Return rows with the people on exactly their lists, and how the counts were read."""
    if arranged.persons:
        if declaration.rounding is not None:
            complaints.faults.append(Fault(rows.file, _PERSONS_ROUNDED))
        nowhere = (rows.on == 0).all(axis=1)
        complaints.faults += _people_on_no_list(rows, nowhere)
        return added_up(rows.take(np.flatnonzero(~nowhere).tolist())), ()
    read = () if declaration.rounding is None else (_rounded(declaration.rounding),)
    if declaration.blanks == "totals":
        rows, faults, of_totals = without_totals(rows, declaration)
        complaints.faults += faults
        read = (*read, *of_totals)
    if declaration.overlaps == "inclusive":
        rows, faults = exclusive(rows, declaration)
        complaints.faults += faults
        return rows, (*read, Reason("overlaps-made-exclusive"))
    if declaration.overlaps is None and is_wide(arranged.raw.header) and may_be_inclusive(rows):
        return rows, (*read, Reason("overlaps-taken-as-exclusive"))
    return rows, read


_PERSONS_ROUNDED = (
    "There is a row for each person, and the study says that counts were rounded (round in [table_format]). Take that "
    "out of the study, or give counts."
)


def _rounded(rounding: Rounding) -> Reason:
    """Return how rounded counts were read, with an example."""
    zero, example = rounding.of(0), rounding.of(2 * rounding.base)
    return Reason(
        "table-rounded",
        base=rounding.base,
        rule=rounding.rule,
        most_of_zero=zero.upper,
        example=2 * rounding.base,
        lower=example.lower,
        upper=example.upper,
    )


def _people_on_no_list(rows: Rows, nowhere: BoolArray) -> list[Fault]:
    """Return the fault of rows of persons whom no list saw."""
    lines = rows.line[nowhere].tolist()
    if not lines:
        return []
    more = f" The same is wrong on {len(lines) - 1} more {'line' if len(lines) == 2 else 'lines'}." if lines[1:] else ""
    message = (
        "This person is on no list. Delete the rows of people whom no list saw: how many there are is what is "
        f"estimated.{more}"
    )
    return [Fault(rows.file, message, lines[0])]


@dataclass
class Complaints:
    """What is found wrong while a file is parsed.

    Parameters
    ----------
    rows : set of int
        Positions of the file's rows with a cell that could not be read.
    header : bool
        Whether columns are missing or not known, so that the rows cannot be judged.
    """

    faults: list[Fault] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    header: bool = False

    def about_header(self, faults: Sequence[Fault]) -> None:
        """Add faults of the header."""
        self.faults += faults
        self.header |= bool(faults)

    def about_cells(self, raw: RawTable, name: str, rows: Sequence[int], message: str) -> None:
        """Add one fault for a wrong entry of a column, at the first line that has it."""
        more = len(rows) - 1
        also = "" if not more else f" The same stands on {more} more {'line' if more == 1 else 'lines'} of this column."
        self.faults.append(Fault(raw.file, message + also, raw.lines[rows[0]], name))
        self.rows.update(rows)

    def good_rows(self, n_rows: int) -> IntArray:
        """Return the positions of the rows without such a cell."""
        return np.array([row for row in range(n_rows) if row not in self.rows], np.int64)


def infer_declaration(raw: RawTable) -> Declaration:
    """Return the lists and covariates that a file shows, as `read_table` describes.

    Returns
    -------
    Declaration
        Without exceptions. Fewer than two lists are possible, and are a fault for `declaration_faults`.

    Raises
    ------
    InputError
        When a column of the long layout may be a list with a slip of the pen in it, or a covariate.
    """
    if is_wide(raw.header):
        joined = [part.strip() for name in raw.header if JOINER in name for part in name.split(JOINER)]
        lists = [name for name in raw.header if name in joined]
        lists += [name for name in dict.fromkeys(joined) if name and name not in lists]
        others = [name for name in raw.header if JOINER not in name and name not in (*lists, UNSEEN_LABEL, ANY_LABEL)]
    else:
        columns = [name for name in raw.header if name != COUNT_COLUMN]
        lists = [name for name in columns if set(raw.column(name)) <= set(MEMBERSHIP)]
        others = [name for name in columns if name not in lists]
        _refuse_ambiguous(raw, others)
    covariates = tuple(
        Covariate(name, tuple(text for text in dict.fromkeys(raw.column(name)) if text)) for name in others
    )
    return Declaration(lists=tuple(lists), covariates=covariates)


def _refuse_ambiguous(raw: RawTable, names: Sequence[str]) -> None:
    """Refuse columns with 0, 1 and something else, which would pass for covariates and move people to other strata."""
    complaints = Complaints()
    for name in names:
        column = raw.column(name)
        if {"0", "1"} <= {str(MEMBERSHIP.get(text)) for text in column}:
            first = next(text for text in column if text not in MEMBERSHIP)
            message = (
                f"Found '{brief(first)}' in a column that holds 0 and 1 as well. If '{brief(name)}' is a list, write 1 "
                "(on it), 0 (not) or nothing (unknown); if it is a covariate, declare it in a study."
            )
            complaints.about_cells(raw, name, [row for row, text in enumerate(column) if text == first], message)
    if complaints.faults:
        raise listed(raw.file, complaints.faults)


def parse_rows(arranged: Arranged, declaration: Declaration) -> tuple[Rows, Complaints]:
    """Turn the cells of a file into numbers, and collect what cannot be.

    Parameters
    ----------
    arranged : Arranged
        The cells, in the long or the wide layout.

    Returns
    -------
    rows : Rows
        Those without a cell that could not be read.
    """
    raw = arranged.raw
    complaints = Complaints(list(raw.faults))
    if is_wide(raw.header):
        return _wide_rows(raw, declaration, complaints), complaints
    return _long_rows(raw, declaration, complaints, arranged.persons), complaints


def _long_rows(raw: RawTable, declaration: Declaration, complaints: Complaints, persons: bool) -> Rows:
    """Read the long layout, or one row per person."""
    complaints.about_header(_long_header_faults(raw, declaration, persons))
    on = [_codes(raw, name, MEMBERSHIP, _membership_message, complaints) for name in declaration.lists]
    level = _levels(raw, declaration.covariates, complaints)
    ones = np.ones(len(raw.rows), np.int64)
    lower, upper, known = (ones, ones, ones) if persons else _counts(raw, COUNT_COLUMN, declaration, complaints)
    good = complaints.good_rows(len(raw.rows))
    return Rows(
        raw.file,
        _columns(on, len(raw.rows))[good],
        level[good],
        lower[good],
        upper[good],
        known[good] == 1,
        np.array(raw.lines, np.int64)[good],
        ("" if persons else COUNT_COLUMN,) * len(good),
    )


def _long_header_faults(raw: RawTable, declaration: Declaration, persons: bool) -> list[Fault]:
    """Return the columns that are missing from, or unknown in, the long layout."""
    covariates = [covariate.name for covariate in declaration.covariates]
    wanted = [*declaration.lists, *covariates, *(() if persons else (COUNT_COLUMN,))]
    if other := of_another_file(raw, raw.header, wanted):
        return other
    missing = [name for name in wanted if name not in raw.header]
    faults = []
    for name in missing:
        what = "the counts" if name == COUNT_COLUMN else f"the {'list' if name in declaration.lists else 'covariate'}"
        near = did_you_mean(name, [other for other in raw.header if other not in wanted])
        message = f"There is no column '{name}' for {what}. Add it, or rename the column that holds it.{near}"
        faults.append(Fault(raw.file, message, raw.header_line))
    unknown = [name for name in raw.header if name not in wanted]
    for number, name in enumerate(unknown):
        near = did_you_mean(name, missing or wanted) if number < MOST_FAULTS else ""
        message = f"This column is no declared list or covariate. Declare it in the study, or delete it.{near}"
        faults.append(Fault(raw.file, message, raw.header_line, name))
    return faults


def _wide_rows(raw: RawTable, declaration: Declaration, complaints: Complaints) -> Rows:
    """Read the wide layout: one row of the result for each row of the file and each history in the header."""
    histories, faults = wide_header(raw, declaration)
    complaints.about_header(faults)
    level = _levels(raw, declaration.covariates, complaints)
    counts = [_counts(raw, name, declaration, complaints) for name in histories]
    good = complaints.good_rows(len(raw.rows))
    n_columns = len(histories)
    stacked = np.array(counts, np.int64).reshape(n_columns, 3, len(raw.rows))[:, :, good]
    lower, upper, known = stacked.transpose(1, 2, 0).reshape(3, -1)
    on = np.array(list(histories.values()), np.int64).reshape(n_columns, len(declaration.lists))
    return Rows(
        raw.file,
        np.tile(on, (len(good), 1)),
        np.repeat(level[good], n_columns, axis=0),
        lower,
        upper,
        known == 1,
        np.repeat(np.array(raw.lines, np.int64)[good], n_columns),
        tuple(histories) * len(good),
    )


def _levels(raw: RawTable, covariates: Sequence[Covariate], complaints: Complaints) -> IntArray:
    """Return the level of each covariate in each row, shape (R, n_covariates)."""
    columns = []
    for covariate in covariates:
        codes = {level: index for index, level in enumerate(covariate.levels)}

        def message(text: str, covariate: Covariate = covariate) -> str:
            near = did_you_mean(text, covariate.levels)
            return f"'{brief(text)}' is no declared level. Correct it, or leave the cell blank if it is unknown.{near}"

        columns.append(_codes(raw, covariate.name, {**codes, "": UNKNOWN}, message, complaints))
    return _columns(columns, len(raw.rows))


def _membership_message(text: str) -> str:
    """Say what a list's column may hold."""
    return (
        f"'{brief(text)}' does not say whether the list saw these persons. "
        "Write 1 (yes), 0 (no), or nothing if unknown."
    )


def _codes(
    raw: RawTable, name: str, known: dict[str, int], message: Callable[[str], str], complaints: Complaints
) -> IntArray:
    """Return the codes of a column's entries, shape (R,), and add one fault for each entry that has none."""
    if name not in raw.header:
        return np.full(len(raw.rows), UNKNOWN, np.int64)
    texts = raw.column(name)
    unknown = set(texts) - set(known)
    for number, (text, rows) in enumerate(_positions(texts, unknown).items()):
        complaints.about_cells(raw, name, rows, message(text) if number < MOST_FAULTS else "")
    return np.array([known.get(text, UNKNOWN) for text in texts], np.int64)


def _counts(
    raw: RawTable, name: str, declaration: Declaration, complaints: Complaints
) -> tuple[IntArray, IntArray, IntArray]:
    """Return lower bound, upper bound and whether it is known (0 or 1) of a column of counts, each of shape (R,)."""
    if name not in raw.header:
        return (np.zeros(len(raw.rows), np.int64),) * 3
    suppressed = suppressed_count(declaration.suppressed_below, declaration.suppressed_includes_zero)
    texts = raw.column(name)
    parsed, wrong = _parsed(texts, suppressed, declaration.rounding)
    for text, rows in _positions(texts, wrong).items():
        complaints.about_cells(raw, name, rows, wrong[text])
    counts = [parsed[text] for text in texts]
    return (
        np.array([count.lower for count in counts], np.int64),
        np.array([UNBOUNDED if count.upper is None else count.upper for count in counts], np.int64),
        np.array([count.known for count in counts], np.int64),
    )


def _parsed(texts: list[str], suppressed: Count, rounding: Rounding | None) -> tuple[dict[str, Count], dict[str, str]]:
    """Return the count in each entry of a column, and the faults of entries that are no counts."""
    parsed: dict[str, Count] = {}
    wrong: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        try:
            parsed[text] = parse_count(text, suppressed, rounding)
        except CountError as error:
            parsed[text], wrong[text] = Count(0, 0), str(error)
    return parsed, wrong


def _positions(texts: list[str], wanted: Container[str]) -> dict[str, list[int]]:
    """Return the positions of some entries in a column, by entry, in order of appearance."""
    places: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        if text in wanted:
            places.setdefault(text, []).append(row)
    return places


def _columns(columns: list[IntArray], n_rows: int) -> IntArray:
    """Return columns side by side, shape (n_rows, n_columns), also when there are none."""
    return np.stack(columns, axis=1) if columns else np.zeros((n_rows, 0), np.int64)
