"""A reason: a code with the numbers and names that it is about. Sentences are made of it in `estimator.words` alone.

Whatever the program itself reasons about is a reason: why an estimate may not be published, what a reader must be told,
what a check found, what differs between two runs. Code compares codes and values; it never reads a sentence back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | float | bool | None | Reason | tuple[Value, ...]"
"""What a reason may hold. A float stands for a measurement, everything else for what the reason is about."""

_TRANSLATION = "_nl"
"""How the name of a value ends that is another one in Dutch."""


@dataclass(frozen=True, init=False)
class Reason:
    """A statement about data or results, without its words.

    Parameters
    ----------
    code : str
        What is said, in lower-case words with hyphens: ``"interval-too-wide"``. Every code has an entry in the
        catalogues of each language (``reports/locale``).
    **values : Value
        The numbers, names and lists of names that the statement is about. NumPy scalars become Python's, and what is
        not a finite number becomes None, as JSON has it. ``why_nl`` is ``why`` in Dutch: a translation, which is kept
        where there is one, and makes no other reason of it.

    Examples
    --------
    >>> reason = Reason("interval-too-wide", limit=10.0, lower=120, upper=1500)
    >>> reason["lower"], reason.to_dict()
    (120, {'code': 'interval-too-wide', 'limit': 10.0, 'lower': 120, 'upper': 1500})
    """

    code: str
    items: tuple[tuple[str, Value], ...]
    translations: tuple[tuple[str, Value], ...] = field(compare=False)

    def __init__(self, code: str, /, **values: Any) -> None:
        object.__setattr__(self, "code", code)
        plain = [(name, _plain(value)) for name, value in values.items()]
        translated = [(name, value) for name, value in plain if name.endswith(_TRANSLATION)]
        object.__setattr__(self, "items", tuple(item for item in plain if not item[0].endswith(_TRANSLATION)))
        object.__setattr__(self, "translations", tuple(item for item in translated if item[1] is not None))

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    @property
    def values(self) -> dict[str, Value]:
        """Values by name, translations last."""
        return dict((*self.items, *self.translations))

    @property
    def matter(self) -> tuple[Any, ...]:
        """What the reason is about, without what was measured.

        Two reasons with the same matter say the same thing, perhaps with other numbers: a check that fails at 24 of 40
        and later at 23 of 40 fails for one reason.
        """
        return (self.code, *((name, _matter(value)) for name, value in self.items if not _is_number(value)))

    def to_dict(self) -> dict[str, Any]:
        """Return the reason for JSON: ``code`` first, then its values."""
        return {"code": self.code, **{name: _for_json(value) for name, value in self.values.items()}}

    @classmethod
    def of_dict(cls, record: Mapping[str, Any]) -> Reason:
        """Return the reason that `to_dict` wrote.

        Raises
        ------
        KeyError
            When the record has no code.
        """
        return cls(str(record["code"]), **{name: value for name, value in record.items() if name != "code"})


def each_once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons in their order, each once."""
    return tuple(dict.fromkeys(reasons))


def new_matters(reasons: Iterable[Reason], known: Iterable[Reason]) -> Iterator[Reason]:
    """Yield the reasons that no known reason has the matter of."""
    before = {reason.matter for reason in known}
    return (reason for reason in reasons if reason.matter not in before)


def _plain(value: Any) -> Value:
    """Return a value in the form in which reasons hold it."""
    if isinstance(value, Mapping):
        return Reason.of_dict(value)
    if isinstance(value, Iterable) and not isinstance(value, str | Reason):
        return tuple(_plain(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str | bool | int | Reason) or value is None:
        return value
    if isinstance(value, float):
        return float(value)  # a float of NumPy is one, too
    if hasattr(value, "item"):  # a scalar of NumPy
        return _plain(value.item())
    raise TypeError(f"a reason holds names and numbers, not {type(value).__name__}")


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matter(value: Value) -> Any:
    if isinstance(value, Reason):
        return value.matter
    return tuple(_matter(item) for item in value if not _is_number(item)) if isinstance(value, tuple) else value


def _for_json(value: Value) -> Any:
    if isinstance(value, Reason):
        return value.to_dict()
    return [_for_json(item) for item in value] if isinstance(value, tuple) else value
