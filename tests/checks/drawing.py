"""Pictures of findings, drawn from their JSON as the page draws them."""

from __future__ import annotations

import json

from matplotlib.figure import Figure

from estimator.checks.finding import Finding
from estimator.report.figures.findings import figure_of
from estimator.report.labels import Labels
from estimator.words.words import words_in


def drawn(finding: Finding, language: str = "en") -> Figure:
    """The picture of a finding, from nothing but its JSON."""
    record = json.loads(json.dumps(finding.to_dict(), allow_nan=False))
    return figure_of(record["check"], record["numbers"], words_in(language), Labels())


def codes(finding: Finding) -> list[str]:
    """What a finding states."""
    return [statement.code for statement in finding.statements]
