"""The priors of a run, made again from what its manifest says of them: the prior file need not be there any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from estimator.study.priors import Priors
from estimator.study.sections import Section

_WORDS = ("title", "title_nl", "description", "description_nl", "reason", "reason_nl")


def recorded_priors(record: Mapping[str, Any]) -> Priors:
    """Return priors from their record in a manifest.

    Parameters
    ----------
    record : mapping
        ``Priors.model_dump(mode="json", exclude_none=True)``.

    Returns
    -------
    Priors
        The same as those that were recorded, without a file.

    Raises
    ------
    pydantic.ValidationError
        When it is no such record.

    Notes
    -----
    A record also has the values that nobody wrote, such as degrees of freedom of a form without any. As keys of a file
    they would be refused, so what equals its default is left out: it comes back by itself.
    """
    return Priors.model_validate(_without_defaults(record, Priors))


def without_words(record: Any) -> Any:
    """Return a record of priors, or a part of it, without titles, descriptions and reasons, on which no fit depends.

    Parameters
    ----------
    record : mapping, or a value in one
        As for `recorded_priors`. Of nothing else: a study may call a covariate ``reason``.
    """
    if isinstance(record, Mapping):
        return {key: without_words(value) for key, value in record.items() if key not in _WORDS}
    return [without_words(value) for value in record] if isinstance(record, list | tuple) else record


def _without_defaults(record: Mapping[str, Any], model: type[Section]) -> dict[str, Any]:
    """Return the entries of a section that are not their default, and so for the sections in it."""
    kept = {}
    for key, value in record.items():
        field = model.model_fields.get(key)
        if field is None:
            kept[key] = value
        elif not _is_default(value, field):
            inner = _section_in(field.annotation)
            kept[key] = value if inner is None or not isinstance(value, Mapping) else _without_defaults(value, inner)
    return kept


def _section_in(annotation: Any) -> type[Section] | None:
    """Return the section that a field holds, if it may hold one; None among its types does not matter."""
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    sections = [kind for kind in kinds if issubclass(kind, Section)]
    return sections[0] if sections else None


def _is_default(value: Any, field: FieldInfo) -> bool:
    """Tell whether a value for JSON is the default of its field."""
    if field.is_required():
        return False
    default = field.get_default(call_default_factory=True, validated_data={})
    return bool(value == TypeAdapter[Any](Any).dump_python(default, mode="json"))
