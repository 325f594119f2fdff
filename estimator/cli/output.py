"""What the command line writes: results to stdout, words to stderr; plain, and nothing that moves a terminal.

Everything that is printed comes through here, whoever wrote it: a label, a path, a reason.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from estimator.errors import InputError
from estimator.report.terminal.layout import columns, paragraph, width
from estimator.userfiles import read_file
from estimator.words.catalogue import LANGUAGES
from estimator.words.shown import is_harmless, shown

__all__ = ["columns", "paragraph", "print_json", "say", "tell", "width"]

_ANY = re.compile(r"[^\x20-\x7e\n]")


def say(text: str = "", *, nl: bool = True) -> None:
    """Write a result to stdout."""
    click.echo(shown(text), nl=nl)


def tell(text: str) -> None:
    """Write words to stderr; where nobody can hear them, work goes on."""
    with suppress(OSError, ValueError):
        click.echo(shown(text), err=True)


def print_json(value: Any) -> None:
    """Write a value to stdout as JSON; what would move a terminal, or has no letter there, is escaped.

    Parameters
    ----------
    value : object
        Mappings, lists, texts and numbers.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo(_ANY.sub(_escaped, text))


def _escaped(match: re.Match[str]) -> str:
    """Return a character as JSON escapes it, unless it can be shown."""
    letter = match[0]
    try:
        letter.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return json.dumps(letter)[1:-1]
    return letter if is_harmless(letter) else json.dumps(letter)[1:-1]


def language_of(run: Path) -> str:
    """Return the language in which a run was printed, where it says so."""
    try:
        language = json.loads(read_file(run / "estimate.json").decode("utf-8")).get("language")
    except (InputError, ValueError, AttributeError, RecursionError):  # said in a sentence when the run is read
        return "en"
    return language if language in LANGUAGES else "en"
