"""Layouts of a table that are brought into the long one: coded histories, and one row per person.

Also tables that hold something else than counts per combination of lists, which are refused with what is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from estimator.capture.counts import CountError, parse_count
from estimator.capture.csvfile import RawTable
from estimator.capture.declaration import COUNT_COLUMN, HISTORY_COLUMN, TIMES_SEEN, Declaration
from estimator.capture.histories import JOINER, UNSEEN_LABEL
from estimator.capture.rows import MEMBERSHIP
from estimator.capture.wide import is_wide
from estimator.errors import Fault, InputError, brief
from estimator.reasons import Reason

WANTED = (
    "Wanted are counts per combination of lists: a column for each list with 1 (on it) or 0 (not), and a column "
    f"'{COUNT_COLUMN}'; or one row per person, without '{COUNT_COLUMN}'."
)

_IDENTIFIER = re.compile(
    r"(.*[_ .-])?(id|nr|no|number|nummer|key|sleutel|code|pseudoni?ym)|person|personid|persoon|row|rij|case",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\w &()%-]{1,40}")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*")
_MOSTLY = 0.8
"""A column is taken to hold names of lists, or dates, when this share of its entries does."""


@dataclass(frozen=True)
class Arranged:
    """A table in the long or the wide layout.

    Parameters
    ----------
    persons : bool
        Whether each row is one person; the table has no counts then.
    readings : tuple of Reason
        How the file was read, where there was a choice.
    """

    raw: RawTable
    persons: bool
    readings: tuple[Reason, ...]


def arrange(raw: RawTable, declaration: Declaration | None) -> Arranged:
    """Return a table with one column per list, or per history.

    Parameters
    ----------
    declaration : Declaration, optional
        When left out, the lists of coded histories are called L1, L2, ...

    Raises
    ------
    InputError
        When the table holds no counts per combination of lists.
    """
    if is_wide(raw.header):
        return Arranged(raw, False, ())
    readings: list[Reason] = []
    if HISTORY_COLUMN in raw.header:
        lists = declaration.lists if declaration else _lists_of_codes(raw)
        raw = _decoded(raw, lists)
        readings.append(Reason("coded-histories", lists=lists))
    if declaration is not None and TIMES_SEEN in raw.header:
        raw = _of_one_register(raw, declaration)
    _refuse_other_tables(raw, declaration)
    identifiers = [name for name in raw.header if _IDENTIFIER.fullmatch(name) and name not in _known(declaration)]
    if not _one_row_per_person(raw, declaration, identifiers):
        return Arranged(raw, False, tuple(readings))
    raw = _without_columns(replace(raw, faults=(*raw.faults, *_persons_twice(raw, identifiers))), identifiers)
    readings.append(Reason("one-row-per-person", rows=len(raw.rows), ignored=identifiers))
    return Arranged(raw, True, tuple(readings))


def _known(declaration: Declaration | None) -> tuple[str, ...]:
    """Return the columns that a declaration names."""
    if declaration is None:
        return ()
    return (*declaration.lists, *(covariate.name for covariate in declaration.covariates), COUNT_COLUMN)


def _lists_of_codes(raw: RawTable) -> tuple[str, ...]:
    """Return a name for each digit of the longest code."""
    codes = [code for code in raw.column(HISTORY_COLUMN) if set(code) <= {"0", "1"}]
    return tuple(f"L{number}" for number in range(1, max(map(len, codes), default=0) + 1))


def _decoded(raw: RawTable, lists: tuple[str, ...]) -> RawTable:
    """Return a table with a column for each list in place of the one with histories."""
    at = raw.header.index(HISTORY_COLUMN)
    rows, lines, faults = [], [], list(raw.faults)
    for row, line in zip(raw.rows, raw.lines, strict=True):
        on = _digits(row[at], lists)
        if isinstance(on, str):
            faults.append(Fault(raw.file, on, line, HISTORY_COLUMN))
            continue
        rows.append((*on, *row[:at], *row[at + 1 :]))
        lines.append(line)
    header = (*lists, *raw.header[:at], *raw.header[at + 1 :])
    return replace(raw, header=header, rows=tuple(rows), lines=tuple(lines), faults=tuple(faults))


def _of_one_register(raw: RawTable, declaration: Declaration) -> RawTable:
    """Return a table of how often one register saw people with its two lists: seen, and seen again."""
    lists = declaration.lists
    declared = TIMES_SEEN in (covariate.name for covariate in declaration.covariates)
    if not declared or len(lists) != 2 or set(lists) & set(raw.header):
        return raw
    rows, lines, faults = [], [], list(raw.faults)
    for row, times, line in zip(raw.rows, raw.column(TIMES_SEEN), raw.lines, strict=True):
        if times.strip("0"):
            rows.append(("1", "0" if times == "1" else "1", *row))
            lines.append(line)
        else:
            message = (
                "Write 1 or more. Delete rows of people seen never: how many there are is what is estimated."
                if times
                else "Write how often these people were seen: a blank leaves them out of all that is learned."
            )
            faults.append(Fault(raw.file, message, line, TIMES_SEEN))
    return replace(raw, header=(*lists, *raw.header), rows=tuple(rows), lines=tuple(lines), faults=tuple(faults))


def _digits(code: str, lists: tuple[str, ...]) -> tuple[str, ...] | str:
    """Return 1 or 0 for each list, or what is wrong with the code of a history."""
    parts = [] if code == UNSEEN_LABEL else [part.strip() for part in code.split(JOINER)]
    if set(parts) <= set(lists):
        return tuple("1" if name in parts else "0" for name in lists)
    order = ", ".join(map(brief, lists[:12])) + (", …" if len(lists) > 12 else "")
    if not code or not set(code) <= {"0", "1"}:
        return (
            f"'{brief(code)}' is no history. Write 1 (on the list) or 0 (not) for each list, in the order of the study "
            f"({order}), as in {'1' * (len(lists) - 1)}0."
        )
    if len(code) == len(lists):
        return tuple(code)
    dropped = " Spreadsheets drop zeros in front: give the column the format Text." if len(code) < len(lists) else ""
    return (
        f"'{brief(code)}' has {len(code)} digit{'s' if len(code) > 1 else ''}, and there are {len(lists)} lists "
        f"({order}). Write one digit for each.{dropped}"
    )


def _one_row_per_person(raw: RawTable, declaration: Declaration | None, identifiers: Sequence[str]) -> bool:
    """Return whether the rows are persons: no counts, and rows that repeat or carry a number of their own."""
    if COUNT_COLUMN in raw.header:
        return False
    rest = [name for name in raw.header if name not in identifiers]
    lists = declaration.lists if declaration else [name for name in rest if set(raw.column(name)) <= set(MEMBERSHIP)]
    if len(lists) < 2 or not set(lists) <= set(rest):
        return False
    others = [name for name in rest if name not in (*lists, *_known(declaration))]
    if any(_are_counts(raw.column(name)) for name in others):
        return False
    columns = [raw.column(name) for name in rest]
    return bool(identifiers) or len(set(zip(*columns, strict=True))) < len(raw.rows)


def _are_counts(texts: Sequence[str]) -> bool:
    """Return whether a column without a declared name may be the one with the counts."""
    try:
        return any(parse_count(text).known for text in texts)
    except CountError:
        return False


def _persons_twice(raw: RawTable, identifiers: Sequence[str]) -> list[Fault]:
    """Return a fault for each person who has a row already."""
    faults = []
    for name in identifiers[:1]:
        first: dict[str, int] = {}
        for text, line in zip(raw.column(name), raw.lines, strict=True):
            earlier = first.setdefault(text, line)
            if text and earlier != line:
                message = (
                    f"This person has a row already, on line {earlier}. Give each person one row, with 1 for every "
                    "list that saw him or her."
                )
                faults.append(Fault(raw.file, message, line, name))
    return faults


def _without_columns(raw: RawTable, names: Sequence[str]) -> RawTable:
    """Return a table without some columns."""
    kept = [index for index, name in enumerate(raw.header) if name not in names]
    return replace(
        raw,
        header=tuple(raw.header[index] for index in kept),
        rows=tuple(tuple(row[index] for index in kept) for row in raw.rows),
    )


def _refuse_other_tables(raw: RawTable, declaration: Declaration | None) -> None:
    """Refuse tables of contacts, of single lists, and with combinations that are named in another way."""
    lists = declaration.lists if declaration else ()
    if set(lists) & set(raw.header):
        joined = next((name for name in raw.header if len(_named_in(name, lists)) > 1), None)
        if joined and COUNT_COLUMN not in raw.header:
            right = JOINER.join(_named_in(joined, lists))
            message = f"Join the lists of a combination with '{JOINER}': '{right}' instead of '{brief(joined)}'."
            raise InputError(Fault(raw.file, message, raw.header_line, joined))
        return
    names = {name.casefold() for name in lists}
    of_lists = _column_with(raw, lambda text: text.casefold() in names) if names else None
    if of_lists and COUNT_COLUMN in raw.header:
        looks = f"Each row counts the people of one list (column '{brief(of_lists)}'), which says nothing of overlaps."
    elif of_lists:
        looks = f"This looks like one row per contact: column '{brief(of_lists)}' names the list."
    elif COUNT_COLUMN not in raw.header and (dates := _column_with(raw, lambda text: bool(_DATE.fullmatch(text)))):
        if declaration is None and sum(set(raw.column(name)) <= set(MEMBERSHIP) for name in raw.header) > 1:
            return
        looks = f"This looks like one row per contact: column '{brief(dates)}' holds dates."
    elif lists and (frequencies := _frequencies(raw)):
        message = (
            f"This looks like how many people were seen once, twice and so on (columns '{brief(frequencies[0])}' and "
            f"'{brief(frequencies[1])}'), which does not say by which lists. If it is one register, "
            f"call the first '{TIMES_SEEN}' and the second '{COUNT_COLUMN}', and see docs/study-file.md. {WANTED}"
        )
        raise InputError(Fault(raw.file, message, raw.header_line))
    elif lists and not _may_hold_lists(raw, lists):
        columns = ", ".join(f"'{name}'" for name in raw.header[:12] if _NAME.fullmatch(name))
        there = f"; there are {columns}" if columns else ""  # what looks like no name may be a secret of another file
        message = f"No column is of a list of the study{there}. {WANTED}"
        raise InputError(Fault(raw.file, message, raw.header_line))
    else:
        return
    together = "" if COUNT_COLUMN in raw.header else " Bring the contacts of each person together first."
    raise InputError(Fault(raw.file, f"{looks} {WANTED}{together}", raw.header_line))


def _frequencies(raw: RawTable) -> tuple[str, str] | None:
    """Return the columns of a table that has how many people were seen how often: 1, 2, 3, ... and counts."""
    if len(raw.header) != 2 or len(raw.rows) < 2:
        return None
    times, counts = (raw.column(name) for name in raw.header)
    rising = list(times) == [str(number) for number in range(1, len(times) + 1)]
    return (raw.header[0], raw.header[1]) if rising and _are_counts(counts) else None


def _may_hold_lists(raw: RawTable, lists: Sequence[str]) -> bool:
    """Return whether columns may be of lists under another name: names that are alike, or columns of 1 and 0."""
    names = [name.casefold() for name in lists]
    if any(get_close_matches(name.casefold(), names) for name in raw.header):
        return True
    return sum(set(raw.column(name)) <= set(MEMBERSHIP) for name in raw.header) > 1


def _named_in(name: str, lists: Sequence[str]) -> list[str]:
    """Return the lists that the name of a column joins in another way than with ``&``: ``A and B``, ``A+B``."""
    if name in lists:
        return []
    parts = [part for part in re.split(r"\s+(?:and|en|x)\s+|\s*[+∩*|/;×]\s*", name) if part]
    return parts if set(parts) <= set(lists) and len(set(parts)) == len(parts) else []


def _column_with(raw: RawTable, holds: Callable[[str], bool]) -> str | None:
    """Return the first column of which something holds for most entries."""
    for name in raw.header:
        texts = raw.column(name)
        if sum(map(holds, texts)) >= _MOSTLY * len(texts):
            return name
    return None
