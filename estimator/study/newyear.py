"""The study file of a new year: that of the year before, with the year added and its comments kept."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimator.study.study import Study
from estimator.study.tomlfile import read_text

_RULE = "# " + "-" * 76
_OPENING, _ENDING = "A new year", "Examples for a new year"
_BLOCK = re.compile(rf"^{_RULE}\n# (?:{_OPENING}|{_ENDING})\b.*?\n{_RULE}\n+", re.DOTALL | re.MULTILINE)
_WITH_STRATA = ("decisions", "structural_zeros", "not_operating", "unobserved")
_KIND_NOTES = {
    "reconstructed": "pieced together from published figures",
    "synthetic": "made up",
}


@dataclass(frozen=True)
class NewYear:
    """What is new in a study.

    Parameters
    ----------
    covariate : str
        The covariate that is the year.
    levels : tuple of str
        Its levels so far.
    years : tuple of str
        The new ones.
    empty : bool
        Whether the new study has the new years only.
    """

    covariate: str
    levels: tuple[str, ...]
    years: tuple[str, ...]
    empty: bool

    @property
    def words(self) -> str:
        """The new years in a sentence: ``"2016 and 2017"``."""
        return " and ".join(filter(None, (", ".join(self.years[:-1]), self.years[-1])))

    @property
    def written(self) -> list[int | str]:
        """The new years as they stand in a study file."""
        return [int(year) if year.isdigit() else year for year in self.years]


def study_text(study: Study, new: NewYear, target: Path) -> tuple[str, dict[str, Path]]:
    """Return the study file of a new year.

    Parameters
    ----------
    study : Study
        The study that it is made of, read from a file.
    new : NewYear
        What is new.
    target : Path
        The folder that it is for, as the commands in its comments name it.

    Returns
    -------
    text : str
        Of the study file.
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
    stopped = _without_earlier_years(document, new) if new.empty else []
    body = tomlkit.dumps(document).strip("\n")
    return f"{_steps(study, new, target, stopped)}\n{body}\n\n{_examples(study, new)}", priors


def _retitled(title: str, new: NewYear, word: str) -> str:
    """Return a title with the new years in it: in its range of years when it has one, else at its end."""
    first, last = re.escape(new.levels[0]), re.escape(new.levels[-1])
    span = re.compile(rf"(?<!\d){first}(\s*[-\u2013]\s*){last}(?!\d)")
    found = span.search(title)
    if not found:
        return f"{title}, {word} {', '.join(new.years)}"
    begin = new.years[0] if new.empty else new.levels[0]
    period = begin if begin == new.years[-1] else f"{begin}{found[1]}{new.years[-1]}"
    return title[: found.start()] + period + title[found.end() :]


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
    found: dict[str, Path] = {}

    def renamed(reference: object) -> str:
        path = folder / str(reference)
        if not path.is_file():
            return str(reference)
        found[path.name] = path
        return path.name

    if "priors" in model and (folder / str(model["priors"])).is_file():
        model["priors"] = renamed(model["priors"])
    for index, reference in enumerate(model.get("beside", [])):
        if (folder / str(reference)).is_file():
            model["beside"][index] = renamed(reference)
    return found


def _without_earlier_years(document: Any, new: NewYear) -> list[str]:
    """Take out what is about earlier years only, and return the lists that had stopped by then."""
    stopped = [str(change["list"]) for change in document.get("changes", []) if change["kind"] == "stopped"]
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
    return stopped


def _steps(study: Study, new: NewYear, target: Path, stopped: list[str]) -> str:
    """Return the comment at the top: what to do, in order."""
    it = "it" if len(new.years) == 1 else "them"
    steps = [
        f"Add the rows of {new.words} to table.csv, in the columns that it has: one row for each combination of lists "
        "and characteristics that somebody has, and under 'count' the number of persons. Leave a cell blank where a "
        "characteristic is unknown.",
        f"Add the inhabitants of {new.words} to denominators.csv, with their source; without them there is no rate."
        if study.denominators
        else f"No inhabitants are needed: this study gives no rates. (With [denominators] it can give {it} too.)",
        "Declare every list that stopped, or that counts otherwise than before, in [[changes]] (examples at the end). "
        "Not declared, it would be read as a fall or a rise in the number of victims."
        + "".join(f" List {name} stopped earlier: take [lists.{name}] and its column out." for name in stopped),
        "Make 'title', 'source' and 'caveats' below true for the new counts, and go through [[decisions]]."
        + "".join(_earlier_only(study, new)),
        f"darkfigure check {shlex.quote(str(target))}",
        f"darkfigure estimate {shlex.quote(str(target))}",
        "darkfigure compare RUN: the new year against the one before it; RUN is the folder that step 6 names.",
    ]
    lines = [f"{_OPENING}, {new.words}, made of {study.name}. What is to be done:", ""]
    for number, step in enumerate(steps, start=1):
        width = 74 if step.endswith(".") else len(step) + 4  # a command stays on one line
        lines += textwrap.wrap(step, width, initial_indent=f"{number}. ", subsequent_indent="   ")
    if study.table_kind in _KIND_NOTES:
        note = (
            f'table_kind = "{study.table_kind}" below says that counts were {_KIND_NOTES[study.table_kind]}. Keep it '
            'as long as any row of the table is; write table_kind = "observed" only when all rows are your own.'
        )
        lines += ["", *textwrap.wrap(note, 74)]
    return _comment(lines)


def _earlier_only(study: Study, new: NewYear) -> Iterator[str]:
    """Yield a sentence for each decision that holds for the last year of the source and not for the new one."""
    levels = next(found.levels for found in study.declaration.covariates if found.name == new.covariate)
    for decision in study.decisions:
        years = decision.where.get(new.covariate, ())
        if levels[-1] in years and not set(new.years) <= set(years):
            yield (
                f" The decision '{decision.name}' on list {decision.list} holds for {', '.join(years)} and not for "
                f"{new.words}: add {new.words} to its 'where', or say why not."
            )


def _examples(study: Study, new: NewYear) -> str:
    """Return the comment at the end: sections to uncomment and change."""
    year = new.years[0] if new.years[0].isdigit() else f'"{new.years[0]}"'
    name = study.declaration.lists[-1]
    lines = [f"{_ENDING}: take away the marks, and write what is the case.", ""]
    if not new.empty:
        lines += [
            "[[changes]]                # it no longer ran",
            f'list = "{name}"',
            'kind = "stopped"',
            f"since = {year}",
            'reason = "Why, and who says so."',
            "",
            "[[changes]]                # it went on, but counts other people than before",
            f'list = "{study.declaration.lists[-2]}"',
            'kind = "redefined"',
            f"since = {year}",
            'reason = "What changed, and who says so."',
            "",
        ]
    lines += [
        "[[decisions]]              # keep a list, or leave it out somewhere",
        f'name = "{name.lower()}-{new.years[0]}"',
        f'list = "{name}"',
        f"where = {{ {new.covariate} = {year} }}",
        'choice = "drop"            # or "keep"',
        'reason = "Why; it is printed with every estimate."',
    ]
    return _comment(lines)


def _comment(lines: list[str]) -> str:
    return "\n".join([_RULE, *(f"# {line}".rstrip() for line in lines), _RULE]) + "\n"
