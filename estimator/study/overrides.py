"""Change single values of a prior file without editing it: ``--set dependence.odds_ratio.log_normal=[0,0.25]``."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from estimator.errors import Fault, brief
from estimator.study.tomlfile import Location, TomlFile

_BARE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MOST_POINTS = 10
_KEY = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
Tidy = Callable[[dict[str, Any], set[Location]], None]


@dataclass(frozen=True)
class Overrides:
    """Values that replace those of a file, by dotted key, written as in TOML; a word may go without quotes."""

    given: Mapping[str, str] = field(default_factory=dict)

    def applied_to(self, data: Mapping[str, Any], tidy: Tidy) -> tuple[dict[str, Any], list[Fault]]:
        """Return a changed copy of `data`, and the faults of keys and values that cannot be read.

        `tidy` is called with the changed data and the changed locations, to drop what a change made idle.
        """
        changed, faults = copy.deepcopy(dict(data)), []
        for key, text in self.given.items():
            try:
                _put(changed, _location(key), _value(text))
            except ValueError as error:
                faults.append(Fault(_option(key, text), str(error)))
        tidy(changed, self._locations())
        return changed, faults

    def fault(self, location: Location, message: str, file: TomlFile) -> Fault:
        """Return a fault of a value: of the override that set it, or else of the file that was overridden."""
        setters = [key for key in self.given if _starts(location, tuple(key.split(".")))]
        if setters:
            return Fault(_option(setters[-1], self.given[setters[-1]]), message)
        inside = [key for key in self.given if _starts(tuple(key.split(".")), location)] if location else []
        if not inside:
            return file.fault(location, message)
        option = _option(inside[-1], self.given[inside[-1]])
        if location not in file.lines:
            return Fault(option, message)
        return replace(file.fault(location, message), part=f"with {option}")

    def touch(self, key: str) -> bool:
        """Tell whether an override is at, above or below a dotted key: ``"coverage.odds"``."""
        location = tuple(key.split("."))
        return any(_starts(other, location) or _starts(location, other) for other in self._locations())

    def _locations(self) -> set[Location]:
        return {tuple(key.split(".")) for key in self.given}


def _option(key: str, text: str) -> str:
    """Return an override as it was given, for a message."""
    return f"--set {brief(key)}={brief(text)}"


def _starts(location: Location, beginning: Location) -> bool:
    return location[: len(beginning)] == beginning


def _location(key: str) -> tuple[str, ...]:
    if not _KEY.fullmatch(key) or key.count(".") > _MOST_POINTS:
        raise ValueError(
            "The key must be words joined by points, as in dependence.odds_ratio.log_normal "
            "(section, key, and so on; `darkfigure priors show` lists them)."
        )
    return tuple(key.split("."))


def _value(text: str) -> Any:
    if _BARE_WORD.fullmatch(text) and text not in ("true", "false", "inf", "nan"):
        return text
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # no TOML, a number of thousands of digits, or brackets without end
        parsed = {}
    if set(parsed) != {"value"}:
        raise ValueError(
            "The value must be written as in a TOML file: a number, a list such as [0, 0.25], "
            'or text in "quotes" (in a shell, put single quotes around the whole).'
        )
    return parsed["value"]


def _put(data: dict[str, Any], location: tuple[str, ...], value: Any) -> None:
    section: Any = data
    for depth, key in enumerate(location[:-1], start=1):
        section = section.setdefault(key, {})
        if not isinstance(section, dict):
            raise ValueError(f"'{'.'.join(location[:depth])}' is a single value; there is no key inside it.")
    section[location[-1]] = value
    if location[-1] == "log_normal":
        section.pop("between", None)
        section.pop("probability", None)
    elif location[-1] == "between":
        section.pop("log_normal", None)
        section.setdefault("probability", 0.95)
