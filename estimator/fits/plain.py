"""Numbers of checks as plain JSON: NumPy's types become Python's, and what is not a finite number becomes null."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from estimator.reasons import Reason


def plain(value: Any) -> Any:
    """Return a value as JSON holds it.

    Parameters
    ----------
    value : object
        Mappings, sequences, arrays, numbers, texts, reasons, None.

    Returns
    -------
    object
        Dicts with text keys, lists, Python's numbers, texts, None. JSON has no infinity and no NaN: they become None.

    Raises
    ------
    TypeError
        For anything else, which is a fault of the check that made it.
    """
    if isinstance(value, Reason):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence | set | frozenset):
        return [plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"{type(value).__name__} has no place in JSON")
