"""What every file of a run has in common: a model that writes and reads it, and from which its JSON Schema is made.

A file of an earlier version is brought up to date before it is read; one of a later version is refused, and so is one
that somebody changed into something that no run writes. Both are said in a sentence with the file and the key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from estimator.capture.cells import TableKind as TableKind
from estimator.errors import Fault, InputError, brief
from estimator.reasons import Reason
from estimator.words.catalogue import Language as Language

SCHEMA_VERSION: Literal[2] = 2
"""Of every file of a run. Raised when a key changes its meaning or goes; version 1 had sentences for reasons."""


def _reason(value: Any) -> Any:
    """Return a reason from a file; a sentence of version 1 becomes a reason with this sentence as its words."""
    if isinstance(value, str):
        return Reason("as-written", sentence=value)
    if isinstance(value, Reason):
        return value
    try:
        return Reason.of_dict(value)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a reason has a code") from error


class _OfReason:
    """How pydantic reads and writes a reason."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(Reason.to_dict)
        return core_schema.no_info_plain_validator_function(_reason, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: Any) -> JsonSchemaValue:
        code = {
            "type": "string",
            "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
            "description": "What is said; its words are in the catalogues, its values beside it.",
        }
        return {"type": "object", "required": ["code"], "properties": {"code": code}}


Statement = Annotated[Reason, _OfReason]
"""A reason as a field of a file: a code with its numbers and names, whose words are in reports/locale."""

Verdict = Literal["sound", "caution", "fails"]
Limits = tuple[float, float]
Where = dict[str, list[str]]
"""Levels by covariate; empty for all strata."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _is_none(value: Any) -> bool:
    return value is None


def absent(description: str = "") -> Any:
    """Return a field that is left out of the file where it has no value."""
    return Field(None, exclude_if=_is_none, description=description)


class Record(BaseModel):
    """A part of a file of a run."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the record for JSON."""
        return self.model_dump(mode="json", by_alias=True)

    def text(self, *, ascii_only: bool = False) -> str:
        """Return the content of the file."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n"

    def changed(self, **values: Any) -> Self:
        """Return the record with other values of some keys, checked as those of a file are."""
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**kept, **values})


R = TypeVar("R", bound=Record)


def of_content(model: type[R], content: Mapping[str, Any], path: Path) -> R:
    """Return the record that a file holds.

    Parameters
    ----------
    content : mapping
        Of the file as JSON, of this version.

    Raises
    ------
    InputError
        With every key that is not what a run writes.
    """
    try:
        return model.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise InputError(_faults(error, path)) from error
    except RecursionError as error:
        raise InputError(Fault(str(path), f"This is nested without end, as no run writes it. {_RESTORE}")) from error


def refuse_newer(content: Mapping[str, Any], path: Path) -> None:
    """Raise `InputError` when a later version of the tool wrote a file."""
    version = content.get("schema_version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        message = f"'schema_version' is not what a run writes: it is a number from 1 to {SCHEMA_VERSION}. {_RESTORE}"
        raise InputError(Fault(str(path), message))
    if version > SCHEMA_VERSION:
        message = (
            f"A later version of darkfigure wrote this file (schema_version {version}; this one reads up to "
            f"{SCHEMA_VERSION}). Install that version."
        )
        raise InputError(Fault(str(path), message))


_RESTORE = "Restore the file, or estimate again."
_MOST_FAULTS = 5


def _faults(error: ValidationError, path: Path) -> list[Fault]:
    """Return a fault for each key that is not what a run writes; of many the first few."""
    places = dict.fromkeys(_place(fault["loc"]) for fault in error.errors(include_url=False, include_input=False))
    named = [f"'{brief(place)}'" if place else "This" for place in places][:_MOST_FAULTS]
    return [Fault(str(path), f"{what} is not what a run writes. {_RESTORE}") for what in named]


def _place(location: tuple[int | str, ...]) -> str:
    """Return a key within keys as a reader writes it, without the names of types that pydantic adds."""
    return ".".join(str(part) for part in location if not str(part).startswith(("function-", "tuple[", "list[")))


class _Schema(GenerateJsonSchema):
    """JSON Schema without a title on every key: the key says it."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def schema_of(model: type[Record], name: str, title: str) -> dict[str, Any]:
    """Return the JSON Schema of a file.

    Parameters
    ----------
    name : str
        Of the file of the schema.
    """
    made = model.model_json_schema(schema_generator=_Schema, mode="serialization")
    said = {f"#/$defs/{kind}": part["description"] for kind, part in made.get("$defs", {}).items()}
    for part in (made, *made.get("$defs", {}).values()):
        del part["title"]
        part["properties"] = {key: _without_null(entry) for key, entry in part["properties"].items()}
        for entry in part["properties"].values():  # pydantic leaves out what the part itself says in the same words
            entry.setdefault("description", said.get(entry.get("$ref", ""), ""))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": name, "title": title, **made}


def _without_null(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a key; one that may be left out is never null."""
    if "default" not in entry:
        return entry
    kept = [kind for kind in entry["anyOf"] if kind != {"type": "null"}]
    rest = {key: value for key, value in entry.items() if key not in ("default", "anyOf")}
    return rest | (kept[0] if len(kept) == 1 else {"anyOf": kept})
