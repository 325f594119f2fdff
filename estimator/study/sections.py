"""The parts that study files and prior files are made of: sections, and what is wrong with them in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Self, TypeVar, Union, cast, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from estimator.capture.declaration import Finding
from estimator.errors import Fault, brief, did_you_mean
from estimator.study.tomlfile import Location, Table, TomlFile, dotted

FaultAt = Callable[[Location, str], Fault]
"""Makes a fault of a location and a message: it knows file and line."""


class Section(BaseModel):
    """A table of a study file or prior file: immutable, without unknown keys, with no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _lists_as_tuples(cls, data: Any) -> Any:
        return _as_tuple(data)


class PlacedSection(Section):
    """A section that knows its place in the file, and is read as far as possible.

    What is wrong with it goes to the list of findings that is the context of the reading. What could not be read has
    its default, or nothing in it, so that names can be checked in the same go as types.
    """

    _at: Location = PrivateAttr(default=())

    def at(self, *keys: str | int) -> Location:
        """Return the location of a key, or of the section itself."""
        return (*self._at, *keys)

    def contradiction(self) -> str | None:
        """Return what is wrong with keys that are each right, if anything."""
        return None

    @model_validator(mode="wrap")
    @classmethod
    def _placed(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if not isinstance(data, Table):  # written in Python; or no section at all, which whatever is around it reports
            return handler(data)
        findings: Any = info.context  # a list of findings, which grows
        section: Any
        try:
            section = handler(data)
        except ValidationError as error:
            details = error.errors()
            findings += [
                ((*data.location, *at), message) for at, message in (_finding(cls, detail) for detail in details)
            ]
            section = cls.model_construct(**_readable(cls, data, [detail["loc"] for detail in details]))
        else:
            if message := section.contradiction():
                findings.append((data.location, message))
        section._at = data.location
        return cast(Self, section)


def _with_something_in_it(text: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise PydanticCustomError("blank", "blank")
    return text


Entries = TypeVar("Entries", tuple[str, ...], tuple[tuple[str, ...], ...])


def _each_once(entries: Entries) -> Entries:
    """Refuse names, or combinations of names, of which one stands there twice."""
    seen: set[object] = set()
    for entry in entries:
        kept = entry if isinstance(entry, str) else frozenset(entry)
        if kept in seen:
            if isinstance(entry, str):
                raise ValueError(f"Found the same name twice, '{entry}'. Name each once.")
            raise ValueError(f"Found {list(entry)} twice; name it once.")
        seen.add(kept)
    return entries


Filled = Annotated[str, AfterValidator(_with_something_in_it)]
"""Text in which something can be read."""

Text = Annotated[Filled, Field(description='text in "quotes"')]
EachOnce = AfterValidator(_each_once)

SectionType = TypeVar("SectionType", bound=Section)
PlacedType = TypeVar("PlacedType", bound=PlacedSection)


def _as_tuple(value: Any) -> Any:
    """Turn lists into tuples, at any depth."""
    if isinstance(value, Mapping) and not isinstance(value, Table):
        return {key: _as_tuple(item) for key, item in value.items()}
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value


def read_section(
    model: type[SectionType], data: Mapping[str, Any], fault_at: FaultAt
) -> tuple[SectionType | None, list[Fault]]:
    """Return data as a section, or None and everything that is wrong with it."""
    try:
        return model.model_validate(dict(data)), []
    except ValidationError as error:
        return None, [fault_at(*_finding(model, detail)) for detail in error.errors()]


def read_placed(model: type[PlacedType], file: TomlFile) -> tuple[PlacedType, list[Finding]]:
    """Return a file as a section, as far as it can be read, and everything that is wrong with it."""
    findings: list[Finding] = []
    return model.model_validate(file.table, context=findings), findings


def _readable(model: type[BaseModel], data: Table, wrong: Collection[tuple[str | int, ...]]) -> dict[str, Any]:
    """Return the values of a section that can be read, without entries that cannot; needed ones are empty then."""
    values = {}
    for name, field in model.model_fields.items():
        bad = {location[1:2] for location in wrong if location[:1] == (name,)}
        if name in data and () not in bad:
            try:
                kept = _without(data[name], {key for (key,) in bad})
                values[name] = _reader(model, name).validate_python(kept, strict=True, context=[])
            except ValidationError:  # too few are left
                pass
        if name not in values and field.is_required():
            values[name] = _EMPTY.get(get_origin(field.annotation), "")
    return values


_EMPTY: dict[Any, Any] = {dict: {}, tuple: ()}


def _without(value: Any, keys: Collection[str | int]) -> Any:
    if isinstance(value, Table):
        return Table({key: item for key, item in value.items() if key not in keys}, value.location)
    return tuple(item for at, item in enumerate(value) if at not in keys) if isinstance(value, tuple) else value


@cache
def _reader(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    """Return what reads one key of a section."""
    field = model.model_fields[name]
    kind: Any = Annotated[field.annotation, field]
    return TypeAdapter(kind)


def _finding(model: type[Section], detail: ErrorDetails) -> Finding:
    """Return where in a section something is wrong, and what."""
    location: Location = tuple(detail["loc"])
    if detail["type"] == "missing" and location and isinstance(location[-1], int):
        return location[:-1], f"Too few values.{_wanted(model, location[:-1])}"
    return location, _MESSAGES.get(detail["type"], _other)(model, location, detail)


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
    given = detail["input"]
    near = did_you_mean(given, allowed) if isinstance(given, str) else ""
    choices = ", ".join(f'"{choice}"' for choice in allowed)
    return f"Found {shown(given)}; allowed are {choices}.{near if 'mean' in near else ''}"


def _our_own(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    return str(detail["ctx"]["error"])


def _empty(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    return f"Nothing is filled in.{_wanted(model, location)}"


def _not_a_section(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    section = _model_at(model, location)
    keys = ", ".join(section.model_fields) if section else ""
    given = shown(detail["input"])
    if isinstance(detail["input"], tuple) and detail["input"] and isinstance(detail["input"][0], Mapping):
        given = f"[[{dotted(location)}]] in double brackets"
    return f"Found {given}, but a section is needed: [{dotted(location)}], with the keys {keys}."


def _not_a_list(model: type[Section], location: Location, detail: ErrorDetails) -> str:
    if isinstance(detail["input"], Mapping) and _model_at(model, (*location, 0)):
        return (
            f"Found [{dotted(location)}], in single brackets. There can be several: write [[{dotted(location)}]], in "
            "double brackets, above each of them."
        )
    return _other(model, location, detail)


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
    "blank": _empty,
    "tuple_type": _not_a_list,
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
    """Return the first keys of a location, and the position that follows the last of them."""
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
        return next((model for item in get_args(annotation) if (model := _as_model(item))), None)
    return None


def shown(value: Any) -> str:
    """Write a value as it would stand in a TOML file, cut as `brief` does."""
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
    return brief(text)
