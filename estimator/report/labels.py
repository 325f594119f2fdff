"""What groups, covariates and levels of a study are called, and reasons in which they stand by these names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from estimator.reasons import Reason, Value


@dataclass(frozen=True)
class Labels:
    """What the names in reasons are called, in one language.

    Parameters
    ----------
    groups, covariates : mapping of str to str
        By name.
    levels : mapping of str to mapping of str to str
        By covariate, in the order of the strata, and level.
    """

    groups: Mapping[str, str] = field(default_factory=dict)
    covariates: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def group(self, name: str) -> str:
        """Return what a group is called."""
        return self.groups.get(name, name)

    def level(self, covariate: str, name: str) -> str:
        """Return what a level is called."""
        return self.levels.get(covariate, {}).get(name, name)


def with_labels(reason: Reason, labels: Labels) -> Reason:
    """Return a reason in which names stand by their labels.

    Groups are its values ``group`` and ``groups``; a level is ``level`` beside its ``covariate``, and ``stratum`` has
    the level of each covariate.
    """
    values: dict[str, Any] = {name: _labelled(name, value, labels) for name, value in reason.items}
    covariate = reason.values.get("covariate")
    if isinstance(covariate, str) and "level" in values:
        values |= {
            "covariate": labels.covariates.get(covariate, covariate),
            "level": labels.level(covariate, str(values["level"])),
        }
    stratum = reason.values.get("stratum")
    if isinstance(stratum, tuple) and len(stratum) == len(labels.levels):
        pairs = zip(labels.levels, stratum, strict=True)
        values["stratum"] = tuple(labels.level(name, str(level)) for name, level in pairs)
    return Reason(reason.code, **values)


def _labelled(name: str, value: Value, labels: Labels) -> Value:
    if isinstance(value, Reason):
        return with_labels(value, labels)
    if isinstance(value, tuple):
        return tuple(_labelled(name, item, labels) for item in value)
    return labels.group(value) if name in ("group", "groups") and isinstance(value, str) else value
