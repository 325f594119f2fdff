"""The option --plot of commands that show an estimate."""

from __future__ import annotations

from pathlib import Path

from estimator.cli.output import tell
from estimator.report.figures.estimate import estimate_figure
from estimator.report.figures.files import save_picture
from estimator.runs.estimate_record import EstimateRecord
from estimator.words.words import Words


def write_picture(record: EstimateRecord, words: Words, target: Path) -> None:
    """Write the picture of an estimate, and say so; none of an estimate that is not shown."""
    if not record.diagnostics.converged:
        tell(words.text("figure.none"))
        return
    save_picture(lambda: estimate_figure(record, words), target)
    tell(words.text("figure.written", path=str(target)))
