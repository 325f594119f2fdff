"""A new year of a study: its folder, with everything that stays the same and a list of what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from estimator.capture.cells import TableKind
from estimator.capture.csvfile import read_csv
from estimator.errors import Fault, InputError
from estimator.study.copying import PRIVATE, copy_file, make_folder
from estimator.study.newyear import Comments, NewYear, study_text
from estimator.study.references import STUDY_FILE
from estimator.study.shipped import SHORT_NAMES
from estimator.study.study import Study, read_study
from estimator.words.catalogue import Language

DUTCH = SHORT_NAMES["nl"]
"""The study that a new one is made of when none is named."""


@dataclass(frozen=True)
class Started:
    """A study folder that was made for a new year.

    Parameters
    ----------
    source : str
        Name of the study that it was made of.
    table_kind : str
        Where the counts come from; as in the source.
    denominators : bool
        Whether the study gives rates, so that the new years need inhabitants.
    language : {"en", "nl"}
        In which language the source is printed.
    """

    folder: Path
    source: str
    new: NewYear
    table_kind: TableKind
    denominators: bool
    language: Language


def start_study(
    target: str | Path,
    source: str | Path = DUTCH,
    years: Sequence[str] = (),
    *,
    comments: Comments,
    empty: bool = False,
) -> Started:
    """Make the folder of a study for a new year, whole or not at all.

    Parameters
    ----------
    target : str or Path
        Folder to make; it must not exist yet.
    source : str or Path
        The study to make it of: a shipped name, a study file or its folder.
    years : sequence of str, optional
        The new years, in order; the year after the last one when left out.
    comments : callable
        Makes the comments of the study file: what is to be done, and examples.
    empty : bool, default False
        Leave the rows of earlier years out, and the years themselves.

    Raises
    ------
    InputError
        When the source has faults or no covariate that is the year, when a year is not new or leaves a gap, or when the
        folder exists or cannot be made.
    """
    study = read_study(source)
    if study.imputed:
        message = "It has several imputed tables, to which no year can be added. Name a study with one table."
        raise InputError(Fault(f"--from {study.name}", message))
    new = _new_year(study, years, empty)

    def fill(folder: Path) -> None:
        text, priors = study_text(study, new, Path(target), comments)
        _write(folder / STUDY_FILE, text)
        for key in ("denominators", "published"):
            if key in study.files:
                copy_file(study.files[key], folder / f"{key}.csv")
        for name, path in priors.items():
            copy_file(path, folder / name)
        if empty:
            _write(folder / "table.csv", ",".join(read_csv(study.files["table"]).header) + "\n")
        else:
            copy_file(study.files["table"], folder / "table.csv")

    folder = make_folder(target, fill)
    rates = any(group.per for group in study.groups.values())
    return Started(folder, study.name, new, study.table_kind, rates, study.language)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(PRIVATE)


def _new_year(study: Study, years: Sequence[str], empty: bool) -> NewYear:
    """Return what is new, or say why it cannot be."""
    name = study.period.covariate if study.period else None
    if name is None:
        message = (
            "This study is not divided by year, so that no year can be added to it. Name one that is: it has a section "
            '[period] with, for example, covariate = "year".'
        )
        raise InputError(Fault(f"--from {study.name}", message))
    levels = next(covariate.levels for covariate in study.declaration.covariates if covariate.name == name)
    wanted = tuple(years) or _next(levels, name)
    for before, year in zip((levels[-1], *wanted), wanted, strict=False):
        message = _why_not_next(year, before, study.name, levels, wanted)
        if not message and not (empty and before == levels[-1]):
            message = _gap(year, before, levels, empty)
        if message:
            raise InputError(Fault(f"--year {year}", message))
    return NewYear(name, levels, wanted, empty)


def _next(levels: tuple[str, ...], name: str) -> tuple[str, ...]:
    if not _is_number(levels[-1]):
        message = f"What comes after '{levels[-1]}' of '{name}' cannot be told. Name the new year: --year NAME."
        raise InputError(Fault("--year", message))
    return (str(int(levels[-1]) + 1),)


def _why_not_next(year: str, before: str, name: str, levels: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """Say why a year cannot come after the one before it; years that are not whole numbers come as they are given."""
    if _is_number(levels[-1]) and not _is_number(year):
        return f"This is not a year in digits, such as {int(levels[-1]) + 1}, and the years of {name} are."
    later = int(year) > int(before) if _is_number(before) else bool(year.strip()) and year != before
    if year in levels or not later:
        return f"The last year of {name} is {levels[-1]}. Name a later one{', in order' if wanted[1:] else ''}."
    return ""


def _gap(year: str, before: str, levels: tuple[str, ...], empty: bool) -> str:
    """Say which years would be missing between two, unless the years of the study are as far apart as that."""
    if not _is_number(before):
        return ""
    numbers = [int(level) for level in levels if _is_number(level)]
    usual = max((later - earlier for earlier, later in pairwise(numbers)), default=1)
    missing = range(int(before) + 1, int(year))
    if len(missing) < max(usual, 1):
        return ""
    named = f"{missing[0]}" if len(missing) == 1 else f"{missing[0]} to {missing[-1]}"
    options = [f"--year {new}" for new in missing[:3]] + ["..."] * (len(missing) > 3) + [f"--year {year}"]
    alone = "" if empty else f"; or begin a study of {year} alone with --empty"
    return (
        f"The year after {before} is {missing[0]}, and without {named} the study would have a gap that the model knows "
        f"nothing of. For several years repeat the option ({' '.join(options)}){alone}."
    )


def _is_number(year: str) -> bool:
    """Whether a year is written in digits."""
    return year.isascii() and year.isdigit()
