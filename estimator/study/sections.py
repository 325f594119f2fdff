"""The parts that study files and prior files are made of: sections, and what is wrong with them in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from estimator.errors import Fault, did_you_mean
from estimator.study.tomlfile import Location

FaultAt = Callable[[Location, str], Fault]
"""Makes a fault of a location and a message: it knows file and line."""


class Section(BaseModel):
    """A table of a study file or prior file: immutable, without unknown keys, with no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _lists_as_tuples(cls, data: Any) -> Any:
        return _as_tuple(data)


SectionType = TypeVar("SectionType", bound=Section)


def _as_tuple(value: Any) -> Any:
    """Turn lists into tuples, at any depth."""
    if isinstance(value, Mapping):
        return {key: _as_tuple(item) for key, item in value.items()}
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value


def read_section(
    model: type[SectionType], data: Mapping[str, Any], fault_at: FaultAt
) -> tuple[SectionType | None, list[tuple[Location, Fault]]]:
    """Validate `data` as a section, and collect everything wrong with it.

    Parameters
    ----------
    model : type of Section
        What the data should be.
    data : mapping
        Content of a TOML file.
    fault_at : callable
        Makes a fault of a location and a message.

    Returns
    -------
    section : Section or None
        None when there are faults.
    faults : list of (Location, Fault)
        In the order in which they were found.
    """
    try:
        return model.model_validate(dict(data)), []
    except ValidationError as error:
        return None, [_located_fault(model, detail, fault_at) for detail in error.errors()]


def _located_fault(model: type[Section], detail: ErrorDetails, fault_at: FaultAt) -> tuple[Location, Fault]:
    location: Location = tuple(detail["loc"])
    if detail["type"] == "missing" and location and isinstance(location[-1], int):
        location = location[:-1]
        return location, fault_at(location, f"Too few values.{_wanted(model, location)}")
    message = _MESSAGES.get(detail["type"], _other)(model, location, detail)
    return location, fault_at(location, message)


def _unknown_key(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    section = _model_at(model, location[:-1])
    known = list(section.model_fields) if section else []
    key = str(location[-1])
    homes = [name for name in known if key in getattr(_model_at(model, (*location[:-1], name)), "model_fields", ())]
    if homes:
        return (
            f"There is no key of this name here. It belongs under [{'.'.join(map(str, (*location[:-1], homes[0])))}]."
        )
    return f"There is no key of this name.{did_you_mean(key, known)}"


def _missing(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    return f"This key is missing.{_wanted(model, location)}"


def _not_a_choice(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    allowed = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
    found = detail["input"]
    near = did_you_mean(found, allowed) if isinstance(found, str) else ""
    choices = ", ".join(f'"{choice}"' for choice in allowed)
    return f"Found {shown(found)}; allowed are {choices}.{near if 'mean' in near else ''}"


def _our_own(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    return str(detail["ctx"]["error"])


def _empty(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    return f"Nothing is filled in.{_wanted(model, location)}"


def _not_a_section(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    section = _model_at(model, location)
    keys = ", ".join(section.model_fields) if section else ""
    return f"Found {shown(detail['input'])}, but a section is needed, with the keys {keys}."


def _other(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    rule = re.sub(r"^Input ", "it ", detail["msg"])
    for technical, plain in _PLAIN_TYPES.items():
        rule = rule.replace(technical, plain)
    return f"Found {shown(detail['input'])}, but {rule[:1].lower()}{rule[1:]}.{_wanted(model, location)}"


_PLAIN_TYPES = {
    "a valid string": 'text in "quotes"',
    "a valid number": "a number",
    "a valid integer": "a whole number",
    "a valid boolean": "true or false",
    "a valid tuple": "a list in [square brackets]",
    "a valid dictionary": "a section (or {key = value})",
    "a finite number": "a number, not inf or nan",
}

_MESSAGES: dict[str, Callable[[type[Section], Location, ErrorDetails], str]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "literal_error": _not_a_choice,
    "value_error": _our_own,
    "string_too_short": _empty,
    "too_short": _empty,
    "model_type": _not_a_section,
}


def _wanted(model: type[Section], location: Location) -> str:
    """Say what belongs at a location, from the description of its field or of the field that holds it."""
    keys = tuple(part for part in location if isinstance(part, str))
    for end in range(len(keys), max(len(keys) - 2, 0), -1):
        section = _model_at(model, _up_to(location, end - 1))
        field = section.model_fields.get(keys[end - 1]) if section else None
        if field and field.description:
            return f" Give {field.description}."
    return ""


def _up_to(location: Location, n_keys: int) -> Location:
    """Return the beginning of a location with so many keys, and the position that follows the last of them."""
    keys = [index for index, part in enumerate(location) if isinstance(part, str)]
    return location[: keys[n_keys]] if n_keys < len(keys) else location


def _model_at(model: type[Section], location: Location) -> type[BaseModel] | None:
    annotation: Any = model
    for part in location:
        annotation = _step(annotation, part)
    return _as_model(annotation)


def _step(annotation: Any, part: str | int) -> Any:
    model = _as_model(annotation)
    if model is not None:
        field = model.model_fields.get(str(part))
        return field.annotation if field else None
    inner = [item for item in get_args(annotation) if item not in (type(None), ...)]
    if get_origin(annotation) in (Union, UnionType):
        return _step(inner[0], part)
    return inner[-1] if get_origin(annotation) in (dict, tuple, Mapping) and inner else None


def _as_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType):
        return next((found for item in get_args(annotation) if (found := _as_model(item))), None)
    return None


def shown(value: Any) -> str:
    """Write a value as it would stand in a TOML file.

    Parameters
    ----------
    value : object
        From a TOML file.

    Returns
    -------
    str
        At most 60 characters.
    """
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, tuple | list):
        text = f"[{', '.join(shown(item) for item in value)}]"
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key} = {shown(item)}" for key, item in value.items()) + "}"
    else:
        text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
