"""Text for a terminal: plain, without colours, so that it reads the same in a log or with a screen reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from estimator.errors import InputError
from estimator.report.terminal.layout import columns, paragraph, width
from estimator.userfiles import read_file
from estimator.words.catalogue import LANGUAGES

__all__ = ["columns", "paragraph", "print_json", "width"]


def print_json(value: Any) -> None:
    """Write a value to stdout as JSON.

    Parameters
    ----------
    value : object
        Mappings, lists, texts and numbers.
    """
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def language_of(run: Path) -> str:
    """Return the language in which a run was printed, where it says so."""
    try:
        found = json.loads(read_file(run / "estimate.json").decode("utf-8")).get("language")
    except (InputError, ValueError, AttributeError, RecursionError):  # said in a sentence when the run is read
        return "en"
    return found if found in LANGUAGES else "en"
