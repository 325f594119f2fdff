"""A run packed into one zip: its files, its inputs, metadata, and a page that says how to check it.

The same run gives the same bytes on every machine: files in a fixed order, with one fixed time, and not compressed,
because versions of the library that compresses differ.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from estimator.bundle.contents import Contents, Member
from estimator.bundle.crate import CRATE, README, crate_of, crate_text
from estimator.errors import Fault, InputError
from estimator.parts import part_beside
from estimator.runs.reading import Run
from estimator.study.study import Study
from estimator.userfiles import need_folder_of, opened

MakeReadme = Callable[[Contents], str]
"""Makes README.html of what a bundle holds."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_PRIVATE = 0o100600 << 16
_CHANGED = (
    "This file changed while the bundle was packed, so nothing was written. Pack it again when nobody works on it."
)


def write_bundle(run: Run, study: Study, contents: Contents, target: Path, make_readme: MakeReadme) -> str:
    """Write a bundle, complete or not at all, so that only the user can read it.

    Parameters
    ----------
    study : Study
        The one of the run, read again.
    target : Path
        Ends in ``.zip`` and does not exist.

    Returns
    -------
    str
        SHA-256 of the zip: by it others see that they have this bundle.

    Raises
    ------
    InputError
        When it cannot be written, or a file changed meanwhile.
    """
    refuse_bad_target(target)
    readme = make_readme(contents).encode("utf-8")
    crate = crate_of(run, contents, (len(readme), hashlib.sha256(readme).hexdigest()), study.licence)
    try:
        with part_beside(target) as folder:
            part = folder / "bundle.zip"
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
                    packed.writestr(_entry(README), readme)
                    packed.writestr(_entry(CRATE), crate_text(crate).encode("utf-8"))
                    for member in contents.members:
                        _add(packed, member)
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            refuse_bad_target(target)
            part.rename(target)
    except OSError as error:
        why = error.strerror or str(error)
        message = f"The bundle could not be written ({why}). Make room, or give another file with --out."
        raise InputError(Fault(str(target), message)) from error
    return digest


def refuse_bad_target(target: Path) -> None:
    """Raise `InputError` when a bundle cannot be written to a file, before any work is done."""
    if target.suffix != ".zip":
        raise InputError(Fault(str(target), "A bundle is a zip. Give a name that ends in .zip."))
    if os.path.lexists(target):
        raise InputError(Fault(str(target), "This exists already and is left as it is. Give another name with --out."))
    need_folder_of(target)


def _entry(name: str) -> zipfile.ZipInfo:
    """Return the entry of a file: it says nothing of the machine, the user or the time."""
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.create_system, entry.external_attr = 3, _PRIVATE
    return entry


def _add(packed: zipfile.ZipFile, member: Member) -> None:
    """Add a file after a check that the run recorded the same file."""
    entry, digest = _entry(member.name), hashlib.sha256()
    entry.file_size = member.source.stat().st_size
    with opened(member.source, None) as source, packed.open(entry, "w") as copy:
        while block := source.read(1 << 20):
            digest.update(block)
            copy.write(block)
    if digest.hexdigest() != member.sha256:
        raise InputError(Fault(str(member.source), _CHANGED))
