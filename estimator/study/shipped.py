"""Where the data sets and prior files are that travel with the tool: in a checkout or in an installed wheel."""

from __future__ import annotations

import csv
from pathlib import Path

from estimator.shipped import folder

EVIDENCE = "evidence"
"""The shipped priors that were learned from public tables, and the folder with what they were learned from."""

DEFAULT_PRIORS = EVIDENCE
"""The priors of a study that names none, also called `default`; how they were chosen: docs/priors.md."""


SHORT_NAMES = {"nl": "nl-2010-2015-reconstructed"}
"""Names of shipped studies that are quicker to type. In results a study has its whole name."""


def whole_name(name: str) -> str:
    """Return the name of a shipped study for its short name, and any other name as it is."""
    return SHORT_NAMES.get(name, name)


def short_name(name: str) -> str | None:
    """Return the short name of a shipped study, if it has one."""
    return next((short for short, whole in SHORT_NAMES.items() if whole == name), None)


def shipped_studies() -> list[str]:
    """Return the names of the studies that ship with the tool, in alphabetical order."""
    return sorted(path.parent.name for path in folder("data").glob("*/study.toml"))


def shipped_priors() -> list[str]:
    """Return the names of the prior files that ship with the tool, the default first."""
    names = sorted(path.stem for path in folder("priors").glob("*.toml"))
    return sorted(names, key=lambda name: name != DEFAULT_PRIORS)


def evidence_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table behind the priors `evidence`, such as ``"scores.csv"``."""
    with (folder("priors") / EVIDENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def looks_like_path(reference: str | Path) -> bool:
    """Tell whether a reference is meant as a path rather than as the name of something shipped.

    So it is when it is a `Path`, or text with a slash or the ending of a file.
    """
    text = str(reference)
    return isinstance(reference, Path) or any(mark in text for mark in "/\\") or text.endswith((".toml", ".csv", "."))
