"""Reading a capture table from a CSV file.

Two layouts. Long: one column per list with 1 (on the list), 0 (not) or blank (unknown), one column per covariate, and
``count``. Wide: one column per covariate, and one per capture history whose header joins the lists' names with ``&`` in
any order (``P``, ``K&P``). Histories that are left out are zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from estimator.capture.coarsening import coarsen
from estimator.capture.counts import Count, CountError, parse_count, suppressed_count
from estimator.capture.csvfile import MOST_FAULTS, RawTable, listed, read_csv
from estimator.capture.declaration import COUNT_COLUMN, Covariate, Declaration, declaration_faults
from estimator.capture.histories import JOINER, UNSEEN_LABEL
from estimator.capture.observations import UNBOUNDED, IntArray
from estimator.capture.rows import UNKNOWN, Rows
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, brief, did_you_mean

MEMBERSHIP = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "0,0": 0, "1,0": 1, "": UNKNOWN}
"""What a list's column may hold; spreadsheets and data frames write 1 as 1.0 too."""


def read_table(path: str | Path, declaration: Declaration | None = None, *, kind: str = "observed") -> CaptureTable:
    """Read a capture table.

    Parameters
    ----------
    path : str or Path
        A CSV file in the long or the wide layout.
    declaration : Declaration, optional
        The lists, covariates and exceptions. When left out, the lists are the columns that hold only 0, 1 or blanks
        (long) or that occur in a joined name (wide), the covariates are the other columns, and their levels are in
        order of appearance. A column with 0, 1 and something else (long) is a fault.
    kind : {"observed", "reconstructed", "synthetic"}, default "observed"
        Where the table comes from.

    Returns
    -------
    CaptureTable
        Immutable.

    Raises
    ------
    InputError
        With all faults of the file together, each with its line and column.
    """
    raw = read_csv(path)
    if declaration is None:
        declaration = infer_declaration(raw)
    faults = list(declaration_faults(declaration, raw.file))
    if faults:
        raise listed(raw.file, faults)
    rows, complaints = parse_rows(raw, declaration)
    if complaints.header:
        raise listed(raw.file, complaints.faults)
    return coarsen(rows, declaration, kind=kind, earlier=complaints.faults)


@dataclass
class Complaints:
    """What is found wrong while a file is parsed.

    Parameters
    ----------
    faults : list of Fault
        So far.
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
        """Add one fault for an entry that stands in some rows of a column, at the first line that has it."""
        more = len(rows) - 1
        also = "" if not more else f" The same stands on {more} more {'line' if more == 1 else 'lines'} of this column."
        self.faults.append(Fault(raw.file, message + also, raw.lines[rows[0]], name))
        self.rows.update(rows)

    def good_rows(self, n_rows: int) -> IntArray:
        """Return the positions of the rows without such a cell."""
        return np.array([row for row in range(n_rows) if row not in self.rows], np.int64)


def is_wide(header: Sequence[str]) -> bool:
    """Return whether a header has one column per history: no ``count``, and some name joined with ``&``."""
    return COUNT_COLUMN not in header and any(JOINER in name for name in header)


def infer_declaration(raw: RawTable) -> Declaration:
    """Return the lists and covariates that a file shows, as `read_table` describes.

    Parameters
    ----------
    raw : RawTable
        The cells of the file.

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
        others = [name for name in raw.header if JOINER not in name and name not in (*lists, UNSEEN_LABEL)]
    else:
        columns = [name for name in raw.header if name != COUNT_COLUMN]
        lists = [name for name in columns if set(_column(raw, name)) <= set(MEMBERSHIP)]
        others = [name for name in columns if name not in lists]
        _refuse_ambiguous(raw, others)
    covariates = tuple(
        Covariate(name, tuple(text for text in dict.fromkeys(_column(raw, name)) if text)) for name in others
    )
    return Declaration(lists=tuple(lists), covariates=covariates)


def _refuse_ambiguous(raw: RawTable, names: Sequence[str]) -> None:
    """Refuse columns with 0, 1 and something else, which would pass for covariates and move people to other strata."""
    complaints = Complaints()
    for name in names:
        column = _column(raw, name)
        if {"0", "1"} <= {str(MEMBERSHIP.get(text)) for text in column}:
            first = next(text for text in column if text not in MEMBERSHIP)
            message = (
                f"Found '{brief(first)}' in a column that holds 0 and 1 as well. If '{brief(name)}' is a list, write 1 "
                "(on it), 0 (not) or nothing (unknown); if it is a covariate, declare it in a study."
            )
            complaints.about_cells(raw, name, [row for row, text in enumerate(column) if text == first], message)
    if complaints.faults:
        raise listed(raw.file, complaints.faults)


def parse_rows(raw: RawTable, declaration: Declaration) -> tuple[Rows, Complaints]:
    """Turn the cells of a file into numbers, and collect what cannot be.

    Parameters
    ----------
    raw : RawTable
        The cells.
    declaration : Declaration
        The lists and covariates.

    Returns
    -------
    rows : Rows
        Those without a cell that could not be read.
    complaints : Complaints
        All faults.
    """
    complaints = Complaints(list(raw.faults))
    layout = _wide_rows if is_wide(raw.header) else _long_rows
    return layout(raw, declaration, complaints), complaints


def _long_rows(raw: RawTable, declaration: Declaration, complaints: Complaints) -> Rows:
    """Read the long layout."""
    complaints.about_header(_long_header_faults(raw, declaration))
    on = [_codes(raw, name, MEMBERSHIP, _membership_message, complaints) for name in declaration.lists]
    level = _levels(raw, declaration.covariates, complaints)
    lower, upper, known = _counts(raw, COUNT_COLUMN, declaration, complaints)
    good = complaints.good_rows(len(raw.rows))
    return Rows(
        raw.file,
        _columns(on, len(raw.rows))[good],
        level[good],
        lower[good],
        upper[good],
        known[good] == 1,
        np.array(raw.lines, np.int64)[good],
        (COUNT_COLUMN,) * len(good),
    )


def _long_header_faults(raw: RawTable, declaration: Declaration) -> list[Fault]:
    """Return the columns that are missing from, or unknown in, the long layout."""
    covariates = [covariate.name for covariate in declaration.covariates]
    wanted = [*declaration.lists, *covariates, COUNT_COLUMN]
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
    histories, faults = _wide_header(raw, declaration)
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


def _wide_header(raw: RawTable, declaration: Declaration) -> tuple[dict[str, tuple[int, ...]], list[Fault]]:
    """Return the lists of each history column, and the faults of the header, of the wide layout."""
    covariates = [covariate.name for covariate in declaration.covariates]
    columns: dict[tuple[int, ...], str] = {}
    faults = [
        Fault(
            raw.file,
            f"There is no column '{name}' for the covariate. Add it.{_near(name, raw.header)}",
            raw.header_line,
        )
        for name in covariates
        if name not in raw.header
    ]
    for name in raw.header:
        if name in covariates:
            continue
        parts = [] if name == UNSEEN_LABEL else [part.strip() for part in name.split(JOINER)]
        on = tuple(int(known in parts) for known in declaration.lists)
        message = _wide_name_fault(parts, declaration, covariates)
        if message is None and on in columns:
            message = f"This is the same history as column {brief(columns[on])}. Keep one of them."
        if message:
            faults.append(Fault(raw.file, message, raw.header_line, name))
        else:
            columns[on] = name
    return {name: on for on, name in columns.items()}, faults


def _wide_name_fault(parts: list[str], declaration: Declaration, covariates: list[str]) -> str | None:
    """Return what is wrong with the name of a history column, given the lists that it joins."""
    unknown = [part for part in parts if part not in declaration.lists]
    if unknown:
        known = (*declaration.lists, *(covariates if len(parts) == 1 else ()))
        return (
            f"'{unknown[0]}' is no declared {'list' if len(parts) > 1 else 'list or covariate'}. "
            f"Correct the header, or declare it.{did_you_mean(unknown[0], known)}"
        )
    if len(set(parts)) < len(parts):
        return "A list is named twice here. Name each list of the history once."
    return None


def _near(name: str, header: Sequence[str]) -> str:
    """Return a hint when a column of the file has nearly this name."""
    return did_you_mean(name, [other for other in header if JOINER not in other])


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
    texts = _column(raw, name)
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
    texts = _column(raw, name)
    parsed, wrong = _parsed(texts, suppressed)
    for text, rows in _positions(texts, wrong).items():
        complaints.about_cells(raw, name, rows, wrong[text])
    counts = [parsed[text] for text in texts]
    return (
        np.array([count.lower for count in counts], np.int64),
        np.array([UNBOUNDED if count.upper is None else count.upper for count in counts], np.int64),
        np.array([count.known for count in counts], np.int64),
    )


def _parsed(texts: list[str], suppressed: Count) -> tuple[dict[str, Count], dict[str, str]]:
    """Return what each entry of a column of counts says, and what is wrong with those that are no counts."""
    parsed: dict[str, Count] = {}
    wrong: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        try:
            parsed[text] = parse_count(text, suppressed)
        except CountError as error:
            parsed[text], wrong[text] = Count(0, 0), str(error)
    return parsed, wrong


def _column(raw: RawTable, name: str) -> list[str]:
    """Return the entries of a column, row by row."""
    index = raw.header.index(name)
    return [row[index] for row in raw.rows]


def _positions(texts: list[str], wanted: Container[str]) -> dict[str, list[int]]:
    """Return the positions of some entries in a column, by entry, in order of appearance."""
    found: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        if text in wanted:
            found.setdefault(text, []).append(row)
    return found


def _columns(columns: list[IntArray], n_rows: int) -> IntArray:
    """Return columns side by side, shape (n_rows, n_columns), also when there are none."""
    return np.stack(columns, axis=1) if columns else np.zeros((n_rows, 0), np.int64)
