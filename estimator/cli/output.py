"""Text for a terminal: plain, without colours, so that it reads the same in a log or with a screen reader."""

from __future__ import annotations

import json
from typing import Any

import click

from estimator.report.terminal.layout import columns, paragraph, width

__all__ = ["columns", "paragraph", "print_json", "width"]


def print_json(value: Any) -> None:
    """Write a value to stdout as JSON.

    Parameters
    ----------
    value : object
        Mappings, lists, texts and numbers.
    """
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
