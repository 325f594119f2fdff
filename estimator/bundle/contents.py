"""What goes into a bundle of a run, and what is left out of it: counts that a study protects do not go by accident."""

from __future__ import annotations

from dataclasses import dataclass
from os.path import commonpath
from pathlib import Path
from typing import Literal

from estimator.bundle.names import is_safe
from estimator.errors import Fault, InputError
from estimator.runs.provenance import sha256_of
from estimator.runs.reading import MANIFEST, Run
from estimator.study.priors import priors_path
from estimator.study.shipped import looks_like_path
from estimator.study.study import Study

RUN, STUDY = "run", "study"
_HIGHEST = 2
"""How many folders above the study file the table may lie, for the two to be packed as they lie."""

Role = Literal["manifest", "output", "study", "table", "input"]
Why = Literal["disclosure", "asked"]


@dataclass(frozen=True)
class Member:
    """A file of a bundle.

    Parameters
    ----------
    sha256 : str
        As the run recorded it.
    """

    name: str
    source: Path
    sha256: str
    role: Role


@dataclass(frozen=True)
class Choice:
    """The decision of an office that a table goes with the bundle though the study protects it."""

    decided_by: str
    reason: str
    date: str


@dataclass(frozen=True)
class Contents:
    """What a bundle holds.

    Parameters
    ----------
    left_out : tuple of Member
        What would belong to it.
    why : {"disclosure", "asked"}, optional
        Why that is left out: the study says so, or whoever packed it.
    """

    members: tuple[Member, ...]
    left_out: tuple[Member, ...]
    why: Why | None
    choice: Choice | None


def contents_of(run: Run, study: Study, with_table: bool | None = None, choice: Choice | None = None) -> Contents:
    """Return what a bundle of a run holds.

    Parameters
    ----------
    study : Study
        The one of the run, read again.
    with_table : bool, optional
        By default True, unless the study has a section ``[disclosure]``.
    choice : Choice, optional
        Needed for the table of a study with such a section.

    Raises
    ------
    InputError
        When the choice is missing, or files of the study lie too far apart.
    """
    protected = is_protected(run)
    whole = not protected if with_table is None else with_table
    if whole and protected and choice is None:
        message = (
            "This study has a section [disclosure], so its counts leave the office only by a decision. Give who "
            "decides (--decided-by) and why (--because), or leave --with-table out."
        )
        raise InputError(Fault("--with-table", message))
    files = [*_run_files(run), *_study_files(run, study)]
    gone = [] if whole else [file for file in files if _has_counts(file, protected)]
    why: Why = "disclosure" if protected else "asked"
    kept = tuple(file for file in files if file not in gone)
    return Contents(kept, tuple(gone), why if gone else None, choice if protected and whole else None)


def is_protected(run: Run) -> bool:
    """Tell whether a study protects small counts: its file has a section ``[disclosure]``."""
    return run.facts.disclosure is not None


def _has_counts(file: Member, protected: bool) -> bool:
    """Tell whether a file holds the counts of the table: the table, and draws, beside which the table is kept.

    Of a protected study also the rest of the run, which has registered people by group; the manifest has no more than
    their total.
    """
    return file.role == "table" or file.name.endswith(".nc") or (protected and file.role == "output")


def _run_files(run: Run) -> list[Member]:
    """Return the files of a run, its manifest first."""
    manifest = Member(f"{RUN}/{MANIFEST}", run.folder / MANIFEST, sha256_of(run.folder / MANIFEST), "manifest")
    outputs = sorted(run.manifest.outputs.items())
    return [manifest, *(Member(f"{RUN}/{name}", run.folder / name, digest, "output") for name, digest in outputs)]


def _study_files(run: Run, study: Study) -> list[Member]:
    """Return the files of a study, which lie to each other as they did."""
    if study.path is None:
        return []
    files = {what: path.resolve() for what, path in study.files.items()}
    own = [priors_path(name).resolve() for name in (study.model.priors, *study.model.beside) if looks_like_path(name)]
    files |= {f"priors {place}": path for place, path in enumerate(dict.fromkeys(own))}
    top = _common_folder(study.path.resolve().parent, list(files.values()))
    within = f"{STUDY}/{run.manifest.study}" if is_safe(run.manifest.study) else STUDY
    if top != files["study"].parent:
        within = STUDY
    return [
        Member(f"{within}/{path.relative_to(top).as_posix()}", path, sha256_of(path), _role(what))
        for what, path in sorted(files.items())
    ]


def _role(what: str) -> Role:
    """Return what a file of a study is to a bundle; each of several imputed tables is a table."""
    if what == "study":
        return "study"
    return "table" if what.split()[0] == "table" else "input"


def _common_folder(folder: Path, files: list[Path]) -> Path:
    """Return the folder in which all files of a study lie.

    Raises
    ------
    InputError
        When that is far above the study file.
    """
    try:
        top = Path(commonpath([folder, *(path.parent for path in files)]))
    except ValueError:  # other drives, on some systems
        top = Path(folder.anchor)
    if top not in (folder, *list(folder.parents)[:_HIGHEST]) or top == Path(top.anchor):
        message = "The files of this study lie too far apart to be packed together. Put them into the study's folder."
        raise InputError(Fault(str(folder), message))
    return top
