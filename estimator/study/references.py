"""From what a user types for a study to the study file that is meant."""

from __future__ import annotations

import json
import os
from pathlib import Path

from estimator.errors import Fault, InputError, did_you_mean
from estimator.shipped import folder
from estimator.study.shipped import looks_like_path, shipped_studies, whole_name
from estimator.userfiles import is_file, is_folder, is_there, nearby

STUDY_FILE = "study.toml"
ADVICE = (
    f"A study says what a table means. Put a file {STUDY_FILE} beside it with one section [lists.NAME] for each column "
    "of the table that is a list, and run the command on that file. At the least:"
)
EXAMPLE = """\
title = "What was counted, where and when"
source = "Who supplied the counts"
table = "{table}"

[lists.P]
label = "Police"

[lists.S]
label = "Shelters"
"""


def study_file(reference: str | Path) -> Path:
    """Find the study file that a reference means: a folder with one, its path, or the name of a shipped study.

    Raises
    ------
    InputError
        When there is none; says what is near, or how to write one.
    """
    path, text = Path(reference), str(reference)
    if is_folder(path) and os.path.lexists(path / STUDY_FILE):
        return path / STUDY_FILE
    if (name := whole_name(text)) in shipped_studies() and not is_file(path):
        return folder("data") / name / STUDY_FILE
    if is_file(path) and path.suffix == ".toml":
        return path
    table = _table_at(path)
    example = EXAMPLE.format(table=json.dumps(table)[1:-1]) if table else ""
    raise InputError(Fault(text, _why_not(path, text), example=example))


def _table_at(path: Path) -> str:
    """Return the name of the table that seems to be meant by a path that is no study; empty when there is none."""
    if is_folder(path):
        return next(iter(sorted(entry.name for entry in path.glob("*.csv"))), "table.csv")
    return path.name if is_file(path) else ""


def _why_not(path: Path, text: str) -> str:
    if is_folder(path):
        return f"This folder has no {STUDY_FILE}. {ADVICE}"
    if os.path.lexists(path) and not is_there(path):
        return "This is a link that leads nowhere. Make it again, or name the folder itself."
    if is_there(path) and not is_file(path):
        return "This is neither a file nor a folder. Name a study.toml or its folder."
    if is_file(path):
        what = "a table, not a study" if path.suffix.lower() in (".csv", ".tsv", ".txt") else "not a study file (.toml)"
        return f"This is {what}. {ADVICE}"
    if looks_like_path(text):
        return f"There is no such file or folder.{nearby(path)}"
    return (
        f"There is no study of this name, and no such file or folder.{did_you_mean(text, shipped_studies())} "
        "`darkfigure data list` shows the studies that ship with the tool."
    )
