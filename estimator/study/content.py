"""What has the right type in a file as it was read, and nothing else, so that all its faults are found in one go.

Names are checked before, and besides, the types: whatever has the wrong type has a fault already and is left out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def texts(value: Any) -> tuple[str, ...]:
    """Return the names in a value that should be a name or a list of names.

    Parameters
    ----------
    value : object
        From a study file.

    Returns
    -------
    tuple of str
        Whole numbers as text; anything else is left out.
    """
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(str(item) for item in values if isinstance(item, str | int) and not isinstance(item, bool))


def text(value: Any) -> str:
    """Return a name, or the empty text when it is none.

    Parameters
    ----------
    value : object
        From a study file.

    Returns
    -------
    str
        A whole number as text.
    """
    return "".join(texts(value)[:1]) if not isinstance(value, list | tuple) else ""


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a section, or an empty one when it is none.

    Parameters
    ----------
    value : object
        From a study file.

    Returns
    -------
    mapping
        Keys to values.
    """
    return value if isinstance(value, Mapping) else {}


def entries(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the sections of a key that stands in double brackets.

    Parameters
    ----------
    data : mapping
        Content of a study file.
    key : str
        Such as ``"structural_zeros"``.

    Returns
    -------
    list of mapping
        In the order of the file; empty ones for what is no section, so that positions stay.
    """
    value = data.get(key)
    return [mapping(entry) for entry in value] if isinstance(value, list | tuple) else []


def where_of(entry: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the strata that a section names under ``where``.

    Parameters
    ----------
    entry : mapping
        A section of a study file.

    Returns
    -------
    dict of str to tuple of str
        Levels by covariate; empty for all strata.
    """
    return {name: texts(levels) for name, levels in mapping(entry.get("where")).items()}
