"""Pictures of findings, drawn from their JSON as the page draws them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from matplotlib.figure import Figure

from estimator.checks import numbers
from estimator.checks.finding import Finding
from estimator.report.figures.findings import figure_of
from estimator.report.labels import Labels
from estimator.words.words import words_in

NUMBERS = {
    "convergence": numbers.ConvergenceNumbers,
    "identification": numbers.IdentificationNumbers,
    "leave-list-out": numbers.LeaveListOutNumbers,
    "leave-one-out": numbers.LeaveOneOutNumbers,
    "power-scaling": numbers.PowerScalingNumbers,
    "predictive-checks": numbers.PredictiveNumbers,
    "prior-posterior": numbers.PriorPosteriorNumbers,
    "simulated-truth": Mapping[str, numbers.ScenarioNumbers],
    "tipping-point": numbers.TippingNumbers,
    "unequal-chances": numbers.UnequalNumbers,
    "unknown-levels": numbers.UnknownLevelsNumbers,
}
"""What the numbers of a finding are declared to be."""


def drawn(finding: Finding, language: str = "en") -> Figure:
    """The picture of a finding, from nothing but its JSON, which is as it is declared to be."""
    record = json.loads(json.dumps(finding.to_dict(), allow_nan=False))
    assert fits(record["numbers"], NUMBERS[finding.check])
    return figure_of(record["check"], record["numbers"], words_in(language), Labels())


def fits(value: Any, declared: Any) -> bool:
    """Whether JSON is what is declared of it."""
    origin, parts = get_origin(declared), get_args(declared)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is list:
        return isinstance(value, list) and all(fits(entry, parts[0]) for entry in value)
    if parts:
        return isinstance(value, dict) and all(fits(entry, parts[1]) for entry in value.values())
    if is_typeddict(declared):
        return isinstance(value, dict) and has_the_keys(value, declared)
    return declared is object or type(value) in (declared, *([int] if declared is float else []))


def has_the_keys(value: dict[str, Any], declared: Any) -> bool:
    """Whether an object has the keys that are declared, none more, and what is declared of each."""
    hints = get_type_hints(declared)
    present = declared.__required_keys__ <= set(value) <= set(hints)
    return present and all(fits(entry, hints[key]) for key, entry in value.items())


def codes(finding: Finding) -> list[str]:
    """What a finding states."""
    return [statement.code for statement in finding.statements]
