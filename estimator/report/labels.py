"""Names of groups in reasons, replaced by what the groups are called."""

from __future__ import annotations

from collections.abc import Mapping

from estimator.reasons import Reason, Value


def with_labels(reason: Reason, labels: Mapping[str, str]) -> Reason:
    """Return a reason in which groups (its values ``group`` and ``groups``) stand by their labels."""

    def labelled(name: str, value: Value) -> Value:
        if isinstance(value, Reason):
            return with_labels(value, labels)
        if isinstance(value, tuple):
            return tuple(labelled(name, item) for item in value)
        return labels.get(value, value) if name in ("group", "groups") and isinstance(value, str) else value

    return Reason(reason.code, **{name: labelled(name, value) for name, value in reason.items})
