"""The files of several imputed tables that a study names: what was not known of records, filled in several times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from estimator.errors import brief
from estimator.userfiles import is_there

MOST_TABLES = 200
"""A study that names more is refused: each is fitted."""


def imputed_files(folder: Path, patterns: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return the files that a study names in ``tables``, in the order of their numbers, and what is wrong with them.

    Parameters
    ----------
    folder : Path
        Of the study file, from which paths are.
    patterns : sequence of str
        Paths, in which ``*``, ``?`` and ``[...]`` stand for any characters.
    """
    paths: list[Path] = []
    wrong = []
    for pattern in patterns:
        files = list(_named(folder, pattern))
        if not files:
            wrong.append(f"No file is called '{brief(pattern)}'. Mend the name, or put the imputed tables there.")
        paths += files
    once = list(dict.fromkeys(paths))
    twice = [file.name for place, file in enumerate(paths) if file in paths[:place]]
    if twice:
        wrong.append(f"'{twice[0]}' is named twice. Name each table once.")
    elif not wrong and len(once) == 1:
        wrong.append(f"'{once[0].name}' is the only table of 'tables', and one is not several. Name it in 'table'.")
    elif len(once) > MOST_TABLES:
        wrong.append(f"{len(once)} tables are named, and at most {MOST_TABLES} are fitted. Name fewer.")
    return once, wrong


def _named(folder: Path, pattern: str) -> Iterator[Path]:
    """Yield the files of a name, or of a pattern in the order in which people number them."""
    path = folder / pattern
    if is_there(path):
        yield path
    elif set("*?[") & set(pattern) and "**" not in pattern:
        with suppress(OSError, ValueError):  # a folder that may not be read, a pattern that is none
            start = Path(path.anchor) if Path(pattern).is_absolute() else folder
            yield from sorted(start.glob(str(path.relative_to(start))), key=_in_order)


def _in_order(path: Path) -> list[tuple[int, str]]:
    """Return by what a name is sorted: 2 stands before 10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", str(path))]
