"""Text for a terminal: plain, without colours, so that it reads the same in a log or with a screen reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from estimator.report.terminal.layout import columns, paragraph, width
from estimator.runs.estimate_record import EstimateRecord
from estimator.words.words import Words

__all__ = ["columns", "paragraph", "print_json", "width", "write_picture"]


def print_json(value: Any) -> None:
    """Write a value to stdout as JSON.

    Parameters
    ----------
    value : object
        Mappings, lists, texts and numbers.
    """
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def write_picture(record: EstimateRecord, words: Words, target: Path) -> None:
    """Write the picture of an estimate, and say so; none of an estimate that is not shown."""
    from estimator.report.figures.estimate import estimate_figure
    from estimator.report.figures.files import save_picture

    if not record.diagnostics.converged:
        click.echo(words.text("figure.none"), err=True)
        return
    save_picture(lambda: estimate_figure(record, words), target)
    click.echo(words.text("figure.written", path=str(target)), err=True)
