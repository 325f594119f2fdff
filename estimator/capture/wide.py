"""The header of the wide layout: one column per capture history, named by its lists."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.capture.csvfile import RawTable, of_another_file
from estimator.capture.declaration import COUNT_COLUMN, Declaration
from estimator.capture.histories import ANY_LABEL, JOINER, UNSEEN_LABEL
from estimator.capture.rows import UNKNOWN
from estimator.errors import Fault, brief, did_you_mean


def is_wide(header: Sequence[str]) -> bool:
    """Return whether a header has one column per history: no ``count``, and some name joined with ``&``."""
    return COUNT_COLUMN not in header and any(JOINER in name for name in header)


def wide_header(raw: RawTable, declaration: Declaration) -> tuple[dict[str, tuple[int, ...]], list[Fault]]:
    """Return the lists of each history column, and the faults of the header, of the wide layout."""
    covariates = [covariate.name for covariate in declaration.covariates]
    columns: dict[tuple[int, ...], str] = {}
    parts_of_all = [part.strip() for name in raw.header for part in name.split(JOINER)]
    if other := of_another_file(raw, parts_of_all, (*declaration.lists, *covariates)):
        return {}, other
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
        parts = [] if name in (UNSEEN_LABEL, ANY_LABEL) else [part.strip() for part in name.split(JOINER)]
        on = tuple(UNKNOWN if name == ANY_LABEL else int(known in parts) for known in declaration.lists)
        message = _wide_name_fault(parts, declaration, covariates)
        if name == ANY_LABEL and declaration.overlaps != "inclusive" and declaration.blanks != "totals":
            message = _ANY_OF_EXCLUSIVE
        if message is None and on in columns:
            message = f"This is the same history as column {brief(columns[on])}. Keep one of them."
        if message:
            faults.append(Fault(raw.file, message, raw.header_line, name))
        else:
            columns[on] = name
    return {name: on for on, name in columns.items()}, faults


_ANY_OF_EXCLUSIVE = (
    f"'{ANY_LABEL}' is the people on any list. Where counts are per combination of lists they are the sum of the row: "
    'delete this column, or write blanks = "totals" in [table_format], so that suppressed counts are worked out of it. '
    'If counts are of the people on at least these lists, write overlaps = "inclusive" at the top of the study.'
)
_IS_IT_ANY = (
    "'{0}' is no declared list or covariate. If it counts the people on any list, and the other counts are of the "
    f"people on at least these lists (overlaps = \"inclusive\"), call it '{ANY_LABEL}'; otherwise delete it."
)
_TOTALS = frozenset({"total", "totaal", "all", "alle", "alles", "registered", "geregistreerd"})


def _wide_name_fault(parts: list[str], declaration: Declaration, covariates: list[str]) -> str | None:
    """Return what is wrong with the name of a history column, given the lists that it joins."""
    unknown = [part for part in parts if part not in declaration.lists]
    if unknown:
        known = (*declaration.lists, *(covariates if len(parts) == 1 else ()))
        if len(parts) == 1 and unknown[0].casefold() in _TOTALS:
            return _IS_IT_ANY.format(brief(unknown[0]))
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
