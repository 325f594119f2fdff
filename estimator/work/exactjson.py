"""Results as JSON text that gives back exactly what went in.

JSON has no numbers for nan and infinity, and Python's writer turns keys that are not text into text without a word.
Here a number that is not finite is written as ``{"$float": "nan"}``, and what JSON cannot hold is refused.
"""

from __future__ import annotations

import json
import math
from typing import Any

_MARK = "$float"


def text_of(value: Any, what: str = "result") -> str:
    """Return a value as one line of JSON, in ASCII.

    Parameters
    ----------
    value : dict, list, tuple, str, float, int, bool or None
        Nested to any depth; keys are text. Floats come back to the last bit, tuples as lists.
    what : str, optional
        What it is called in the message of an error.

    Raises
    ------
    TypeError
        When something in it is of another type (a NumPy integer or array, say), naming its place.
    """
    return json.dumps(_written(value, what), allow_nan=False, separators=(",", ":"))


def value_of(text: str) -> Any:
    """Return the value that `text_of` has written.

    Raises
    ------
    ValueError
        When the text is not JSON.
    """
    return json.loads(text, object_hook=_read)


def _written(value: Any, place: str) -> Any:
    """Return a value with a mark in place of every number that is not finite."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {_MARK: repr(float(value))}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_written(item, f"{place}[{number}]") for number, item in enumerate(value)]
    if isinstance(value, dict):
        return {_key(key, place): _written(item, f"{place}.{key}") for key, item in value.items()}
    raise TypeError(f"{place} is of type {type(value).__name__}; only plain Python values can be kept")


def _key(key: Any, place: str) -> str:
    if isinstance(key, str) and key != _MARK:
        return key
    raise TypeError(f"{place} has a key {key!r}; keys must be text, and not '{_MARK}'")


def _read(item: dict[str, Any]) -> Any:
    return float(item[_MARK]) if item.keys() == {_MARK} else item
