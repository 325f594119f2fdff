"""The study file of a new year: that of the year before, with the year added and its comments kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from estimator.study.study import Study
from estimator.study.tomlfile import read_text

RULE = "# " + "-" * 76
_BEGINNINGS = ("A new year", "Examples for a new year", "Een nieuw jaar", "Voorbeelden voor een nieuw jaar")
"""What the comments of the year before begin with: they make way for those of the new year."""

_BLOCK = re.compile(rf"^{RULE}\n# (?:{'|'.join(_BEGINNINGS)})\b.*?\n{RULE}\n+", re.DOTALL | re.MULTILINE)
_WITH_STRATA = ("decisions", "structural_zeros", "not_operating", "unobserved")


@dataclass(frozen=True)
class NewYear:
    """What is new in a study.

    Parameters
    ----------
    covariate : str
        The covariate that is the year.
    levels : tuple of str
        Its levels so far.
    empty : bool
        Whether the new study has the new years only.
    """

    covariate: str
    levels: tuple[str, ...]
    years: tuple[str, ...]
    empty: bool

    @property
    def written(self) -> list[int | str]:
        """The new years as they stand in a study file."""
        return [int(year) if year.isdigit() else year for year in self.years]


Comments: TypeAlias = Callable[[Study, NewYear, Path], tuple[str, str]]
"""Makes the comments at the top and at the end of a study file: what is to be done in which folder, and examples."""


def study_text(study: Study, new: NewYear, target: Path, comments: Comments) -> tuple[str, dict[str, Path]]:
    """Return the study file of a new year.

    Parameters
    ----------
    study : Study
        The study that it is made of, read from a file.
    target : Path
        The folder that it is for, as the commands in its comments name it.

    Returns
    -------
    priors : dict of str to Path
        Prior files of the study's own: names in the new folder, and what to copy there.
    """
    import tomlkit

    document: Any = tomlkit.parse(_BLOCK.sub("", read_text(study.files["study"])))
    for key in ("title", "title_nl"):
        if key in document:
            document[key] = _retitled(str(document[key]), new, "with" if key == "title" else "met")
    _add_years(document, new)
    if "table" in document:
        document["table"] = "table.csv"
    for key in ("denominators", "published"):
        if key in document:
            document[key]["file"] = f"{key}.csv"
    priors = _own_priors(document.get("model", {}), study.files["study"].parent)
    if new.empty:
        _drop_earlier_years(document, new)
    top, end = comments(study, new, target)
    body = tomlkit.dumps(document).strip("\n")
    return f"{top}\n{body}\n\n{end}", priors


def _retitled(title: str, new: NewYear, word: str) -> str:
    """Return a title with the new years in it: in its range of years when it has one, else at its end."""
    first, last = re.escape(new.levels[0]), re.escape(new.levels[-1])
    span = re.compile(rf"(?<!\d){first}(\s*[-\u2013]\s*){last}(?!\d)")
    years = span.search(title)
    if not years:
        return f"{title}, {word} {', '.join(new.years)}"
    begin = new.years[0] if new.empty else new.levels[0]
    period = begin if begin == new.years[-1] else f"{begin}{years[1]}{new.years[-1]}"
    return title[: years.start()] + period + title[years.end() :]


def _add_years(document: Any, new: NewYear) -> None:
    levels = document["covariates"][new.covariate]["levels"]
    as_text = all(isinstance(level, str) for level in levels)
    years = list(new.years) if as_text else new.written
    if new.empty:
        levels.clear()
    levels.extend(years)
    if "headline" in document["period"] and isinstance(document["period"]["headline"], list):
        document["period"]["headline"].clear()
        document["period"]["headline"].extend(years)
    else:
        document["period"]["headline"] = years


def _own_priors(model: Any, folder: Path) -> dict[str, Path]:
    """Let the model name copies of the study's own prior files, and return what to copy."""
    files: dict[str, Path] = {}

    def renamed(reference: object) -> str:
        path = folder / str(reference)
        if not path.is_file():
            return str(reference)
        files[path.name] = path
        return path.name

    if "priors" in model and (folder / str(model["priors"])).is_file():
        model["priors"] = renamed(model["priors"])
    for index, reference in enumerate(model.get("beside", [])):
        if (folder / str(reference)).is_file():
            model["beside"][index] = renamed(reference)
    return files


def _drop_earlier_years(document: Any, new: NewYear) -> None:
    """Take out what is about earlier years only."""
    document.pop("changes", None)
    for key in _WITH_STRATA:
        sections = document.get(key, [])
        for index in reversed(range(len(sections))):
            if new.covariate in sections[index].get("where", {}):
                del sections[index]
        if key in document and not len(sections):
            document.pop(key)
    groups = document.get("groups", {})
    for name in [name for name in groups if new.covariate in groups[name].get("where", {})]:
        groups.pop(name)
    for key in ("labels", "labels_nl"):
        document["covariates"][new.covariate].pop(key, None)
