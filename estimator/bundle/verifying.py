"""Whether a run or its bundle is unaltered: every file beside the hash that was recorded for it.

Nothing of a run is believed here: a file that cannot be read as what it should be counts as changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from estimator.bundle.contents import RUN, STUDY
from estimator.bundle.crate import CRATE, Listed, listed_in
from estimator.errors import Fault, InputError
from estimator.runs.manifest_digest import KEY, is_altered
from estimator.runs.provenance import sha256_of
from estimator.runs.reading import MANIFEST, content_of
from estimator.runs.records import refuse_newer
from estimator.runs.replacing import finish_replacing
from estimator.shipped import folder as shipped_folder
from estimator.study.references import study_file
from estimator.study.shipped import looks_like_path

Part = Literal["output", "input", "bundle"]
State = Literal["same", "unvouched", "changed", "missing", "extra", "elsewhere", "another", "left-out"]
_WRONG: tuple[State, ...] = ("changed", "missing")
_KEPT_WHILE_SCRUTINISED = ".scrutiny-fits"


@dataclass(frozen=True)
class FileCheck:
    """What became of one file.

    Parameters
    ----------
    name : str
        Of an input without its folders.
    part : {"output", "input", "bundle"}
        Written by the run; gone into it; neither, but in its bundle.
    state : str
        ``same``; ``changed``, ``missing`` or ``extra``; ``unvouched`` for a manifest of an earlier version, which has
        no digest of itself; ``elsewhere`` for an input that is not where it was; ``another`` for a prior file that says
        something else now, which does not matter, because the manifest holds the priors in full; ``left-out`` of a
        bundle on purpose.
    """

    name: str
    part: Part
    state: State


@dataclass(frozen=True)
class Verification:
    """What became of the files of a run.

    Parameters
    ----------
    bundled : bool
        Whether it is a bundle, in which nothing may be extra.
    manifest_sha256 : str
        By which somebody else can see that it is the manifest that they were told of.
    """

    study: str
    bundled: bool
    manifest_sha256: str
    files: tuple[FileCheck, ...]

    def of(self, *states: State) -> tuple[FileCheck, ...]:
        """Return the files in some states."""
        return tuple(file for file in self.files if file.state in states)

    @property
    def wrong(self) -> tuple[FileCheck, ...]:
        """Files that are not as they were, or, in a bundle, do not belong there."""
        return self.of(*_WRONG, *(("extra",) if self.bundled else ()))

    @property
    def unaltered(self) -> bool:
        """Whether every file that is there is the one that was written."""
        return not self.wrong

    def to_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return {
            "study": self.study,
            "bundle": self.bundled,
            "unaltered": self.unaltered,
            "manifest_sha256": self.manifest_sha256,
            "files": [{"name": file.name, "part": file.part, "state": file.state} for file in self.files],
        }


@dataclass(frozen=True)
class Claims:
    """What a manifest says, as far as it can be read.

    Parameters
    ----------
    state : str
        Of the manifest itself.
    inputs : mapping of str to (str, str)
        Name and SHA-256 of each file, by what it is.
    outputs : mapping of str to str
        SHA-256 by name.
    """

    study: str
    state: State
    inputs: Mapping[str, tuple[str, str]]
    outputs: Mapping[str, str]
    study_at: str | None


def _claims(path: Path) -> Claims:
    """Return what a manifest says; raise `InputError` when it cannot be read, or a later version wrote it."""
    manifest = content_of(path)
    refuse_newer(manifest, path)
    vouched: State = "same" if KEY in manifest else "unvouched"
    inputs = {what: _texts(entry) for what, entry in _mapping(manifest.get("inputs")).items()}
    return Claims(
        str(manifest.get("study", "")),
        "changed" if is_altered(manifest) else vouched,
        {what: (entry.get("name", ""), entry.get("sha256", "")) for what, entry in inputs.items()},
        _texts(manifest.get("outputs")),
        _texts(manifest).get("study_at"),
    )


def verify_run(folder: Path, study: str | Path | None = None) -> Verification:
    """Compare the files of a run, and its inputs where they are found, with the hashes in its manifest.

    Parameters
    ----------
    study : str or Path, optional
        Where the study is, when it is no longer where it was.

    Raises
    ------
    InputError
        When it has no manifest that can be read, or a later version wrote it.
    """
    finish_replacing(folder)
    manifest = _claims(folder / MANIFEST)
    outputs = tuple(_outputs(folder, manifest))
    inputs = tuple(_inputs(manifest, _study_folder(folder, manifest, study)))
    return Verification(manifest.study, False, sha256_of(folder / MANIFEST), (*outputs, *inputs))


def verify_bundle(folder: Path) -> Verification:
    """Compare the files of an unpacked bundle with the hashes in its metadata and in its manifest.

    Raises
    ------
    InputError
        When it has no metadata or no manifest that can be read.
    """
    listed = listed_in(folder / CRATE)
    manifest = _claims(folder / RUN / MANIFEST)
    checks = {file.name: file for file in _listed(folder, listed)}
    for file in _outputs(folder / RUN, manifest):
        name = f"{RUN}/{file.name}"
        if file.state == "missing" and listed.get(name, Listed("")).left_out:
            continue
        if file.state != "extra" and checks.get(name, file).state in ("same", "extra"):
            checks[name] = FileCheck(name, "output", file.state)
    study = _study_in(folder, manifest, listed)
    inputs = [file for file in _inputs(manifest, study.parent if study else None) if file.state == "changed"]
    files = tuple(checks[name] for name in sorted(checks))
    return Verification(manifest.study, True, sha256_of(folder / RUN / MANIFEST), (*files, *inputs))


def _study_in(folder: Path, manifest: Claims, listed: Mapping[str, Listed]) -> Path | None:
    """Return the study file in an unpacked bundle, if it has one."""
    name, _ = manifest.inputs.get("study", ("", ""))
    packed = [PurePosixPath(path) for path in listed if path.startswith(f"{STUDY}/")]
    places = [folder / path for path in packed if path.name == name and ".." not in path.parts]
    return next((place for place in places if place.is_file()), None)


def refuse_without_counts(folder: Path, checked: Verification) -> None:
    """Raise `InputError` when a bundle goes without its draws or its table, without which nothing can be compared."""
    gone = [file.name for file in checked.of("left-out")]
    if gone:
        message = (
            f"This bundle goes without {', '.join(gone)}, so that it cannot be estimated again and compared. Ask the "
            "office that made it for one with them, or verify it without --rerun."
        )
        raise InputError(Fault(str(folder / CRATE), message))


def study_of_bundle(folder: Path) -> Path:
    """Return the study file in an unpacked bundle.

    Raises
    ------
    InputError
        When it has none.
    """
    place = _study_in(folder, _claims(folder / RUN / MANIFEST), listed_in(folder / CRATE))
    if place is None:
        raise InputError(Fault(str(folder / CRATE), "This bundle has no study in it. Name it with --study."))
    return place


def is_bundle(folder: Path) -> bool:
    """Tell whether a folder is an unpacked bundle."""
    return (folder / CRATE).is_file() and not (folder / MANIFEST).is_file()


def _outputs(folder: Path, manifest: Claims) -> Iterator[FileCheck]:
    """Yield the manifest, every file that it names, and every file that it does not name."""
    yield FileCheck(MANIFEST, "output", manifest.state)
    for name, digest in sorted(manifest.outputs.items()):
        yield FileCheck(name, "output", _state(folder, name, digest))
    known = {MANIFEST, *manifest.outputs}
    for name in _files_in(folder):
        if name not in known and not name.startswith(f"{_KEPT_WHILE_SCRUTINISED}/"):
            yield FileCheck(name, "output", "extra")


def _listed(folder: Path, listed: Mapping[str, Listed]) -> Iterator[FileCheck]:
    """Yield every file that the metadata name, and every file that they do not name."""
    for name, entry in listed.items():
        state = "left-out" if entry.left_out else _state(folder, name, entry.sha256)
        if entry.left_out and (folder / name).exists():
            state = "extra"
        yield FileCheck(name, "bundle", state)
    for name in _files_in(folder):
        if name != CRATE and name not in listed:
            yield FileCheck(name, "bundle", "extra")


def _state(folder: Path, name: str, digest: str) -> State:
    """Return what became of a file below a folder; of one that a name leads away from there, that it is missing."""
    path = PurePosixPath(name)
    place = folder / path
    if path.is_absolute() or ".." in path.parts or not place.is_file():
        return "missing"
    return "same" if sha256_of(place) == digest else "changed"


def _files_in(folder: Path) -> list[str]:
    """Return the names of all files below a folder, from there; links to folders are not followed."""
    names_found = []
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        names_found += [(Path(place) / name).relative_to(folder).as_posix() for name in [*files, *links]]
    return sorted(names_found)


def _inputs(manifest: Claims, study: Path | None) -> Iterator[FileCheck]:
    """Yield what went into a run, as far as it is found beside the study file or among the shipped priors."""
    for what, (name, digest) in sorted(manifest.inputs.items()):
        places = [study] if study else []
        if what.startswith("priors"):
            places.append(shipped_folder("priors"))
        places_with_it = [place for place in places if PurePosixPath(name).name == name and (place / name).is_file()]
        state = _state(places_with_it[0], name, digest) if places_with_it else "elsewhere"
        yield FileCheck(name, "input", "another" if state == "changed" and what.startswith("priors") else state)


def _study_folder(folder: Path, manifest: Claims, given: str | Path | None) -> Path | None:
    """Return the folder of the study of a run, where it is known and still there."""
    noted = manifest.study_at
    if given is None and noted is not None:
        given = folder.resolve() / noted if looks_like_path(noted) else noted
    try:
        place = study_file(given) if given is not None else None
    except InputError:
        return None
    return place.parent if place is not None and place.is_file() else None


def _texts(value: Any) -> dict[str, str]:
    """Return the entries of a mapping that are text."""
    return {str(key): entry for key, entry in _mapping(value).items() if isinstance(entry, str)}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
