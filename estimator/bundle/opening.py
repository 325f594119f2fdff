"""A bundle opened: a zip from somebody else, of which nothing is believed before it is checked.

Everything is refused that could write outside its folder, fill the disk or mean one thing here and another elsewhere,
before a single byte is unpacked. The limits are far above any bundle that darkfigure writes.
"""

from __future__ import annotations

import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from estimator.bundle.names import folded, is_safe
from estimator.errors import Fault, InputError, brief
from estimator.study.tomlfile import read_toml
from estimator.userfiles import opened as opened_file

MOST_FILES = 1000
MOST_BYTES = 4 << 30
"""Of all files together, and of the zip itself."""

MOST_TIMES_SMALLER = 200
"""How much smaller the zip may be than what is in it; what darkfigure packs it does not compress at all."""

_FREE_TO_COMPRESS = 16 << 20
_DIRECTORY_BYTES = 1 << 20
_END = struct.Struct("<4s4H2LH")
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER = 30
_ASK = "Ask whoever sent it for a bundle that `darkfigure bundle` wrote."


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Unpack a bundle into a folder that only the user can read, and remove it afterwards.

    Parameters
    ----------
    path : Path
        A zip that `darkfigure bundle` wrote, or claims to be one.

    Raises
    ------
    InputError
        When it is no zip, is damaged, or holds what no bundle holds.
    """
    with tempfile.TemporaryDirectory(prefix="darkfigure-") as folder:
        target = Path(folder) / "bundle"
        target.mkdir(mode=0o700)
        try:
            with opened_file(path, None) as file:
                _unpack(file, path, target)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
            raise InputError(Fault(str(path), f"This zip is damaged. {_ASK}")) from error
        except OSError as error:
            why = error.strerror or str(error)
            message = f"This bundle cannot be unpacked ({why}). Check that you may read it and that there is room."
            raise InputError(Fault(str(path), message)) from error
        try:
            yield target
        except InputError as error:
            raise InputError([_renamed(fault, target, path) for fault in error.faults]) from error


def _renamed(fault: Fault, folder: Path, path: Path) -> Fault:
    """Return a fault of an unpacked file as one of the bundle."""
    inside = fault.file.removeprefix(f"{folder}/")
    return fault if inside == fault.file else replace(fault, file=f"{path}, {inside}")


def refuse_leading_outside(study: Path, folder: Path) -> None:
    """Raise `InputError` when a study file of a bundle names a file that is not in the bundle.

    Nothing of what it names has been read then: it might be a device that never ends, or somebody else's data.
    """
    data = read_toml(study).data
    sections = [_mapping(data.get(key)) for key in ("denominators", "published")]
    model = _mapping(data.get("model"))
    beside = model.get("beside")
    named = [data.get("table"), model.get("priors"), *(section.get("file") for section in sections)]
    for several in (beside, data.get("tables")):
        named += several if isinstance(several, list) else []
    for name in named:
        if isinstance(name, str) and not (study.parent / name).resolve().is_relative_to(folder.resolve()):
            message = f"It names '{brief(name)}', which is not in the bundle, and is not read. {_ASK}"
            raise InputError(Fault(str(study), message))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _unpack(file: BinaryIO, path: Path, target: Path) -> None:
    """Check a zip, then write its files."""
    _refuse(path, _wrong_at_its_end(file))
    with zipfile.ZipFile(file) as packed:
        entries = packed.infolist()
        _refuse(path, _wrong_with(entries))
        for entry in entries:
            if not entry.is_dir():
                _write(packed, entry, target / entry.filename)


def _write(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write one file, never more of it than was announced."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        packed.open(entry) as source,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy,
    ):
        while block := source.read(1 << 20):
            copy.write(block)


def _refuse(path: Path, wrong: str | None) -> None:
    if wrong is not None:
        raise InputError(Fault(str(path), f"This bundle is not opened: {wrong}. {_ASK}"))


def _wrong_at_its_end(file: BinaryIO) -> str | None:
    """Return what is wrong with the end of a zip, which says how much is in it; nothing else is read before."""
    size = file.seek(0, os.SEEK_END)
    if size > MOST_BYTES:
        return f"it is larger than {MOST_BYTES >> 30} GB"
    if size < _END.size:
        return "it is not a zip"
    file.seek(size - _END.size)
    mark, disk, _, here, entries, length, start, comment = _END.unpack(file.read(_END.size))
    file.seek(0)
    if file.read(4) != b"PK\x03\x04" or mark != b"PK\x05\x06" or comment:
        return "it is not a zip, or something stands before or after it"
    if entries > MOST_FILES or length > _DIRECTORY_BYTES:
        return f"it holds more than {MOST_FILES} files"
    if disk or here != entries or start + length + _END.size != size:
        return "its list of contents is not what a zip has"
    return None


def _wrong_with(entries: Sequence[zipfile.ZipInfo]) -> str | None:
    """Return what is wrong with the list of contents of a zip."""
    if len(entries) > MOST_FILES:
        return f"it holds more than {MOST_FILES} files"
    wrong = next(filter(None, (_wrong_with_entry(entry) for entry in entries)), None)
    return wrong or _clash(entries) or _bomb(entries)


def _wrong_with_entry(entry: zipfile.ZipInfo) -> str | None:
    shown = f"'{brief(entry.orig_filename)}' in it"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.orig_filename != entry.filename or not is_safe(entry.filename.removesuffix("/")):
        return f"{shown} could be written outside its folder, or is no name for a file on every system"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"{shown} is a link or a device, not a file"
    if entry.flag_bits & _ENCRYPTED:
        return f"{shown} is encrypted"
    if entry.compress_type not in _KINDS:
        return f"{shown} is compressed in a way that no bundle is"
    if entry.is_dir() and entry.file_size:
        return f"{shown} is a folder with something written in it"
    return None


def _clash(entries: Sequence[zipfile.ZipInfo]) -> str | None:
    """Return which name stands twice, for two files or for a file and a folder."""
    files, folders = set(), set()
    for entry in entries:
        name = folded(entry.filename.removesuffix("/"))
        parts = name.split("/")
        folders |= {"/".join(parts[:length]) for length in range(1, len(parts) + entry.is_dir())}
        if not entry.is_dir():
            if name in files:
                return f"'{brief(entry.filename)}' stands in it twice"
            files.add(name)
    both = sorted(files & folders)
    return f"'{brief(both[0])}' is a file and a folder in it" if both else None


def _bomb(entries: Sequence[zipfile.ZipInfo]) -> str | None:
    """Return whether the contents are far more than the zip, or share bytes of it."""
    packed, whole = (sum(getattr(entry, size) for entry in entries) for size in ("compress_size", "file_size"))
    if whole > MOST_BYTES:
        return f"its files would take more than {MOST_BYTES >> 30} GB"
    if whole > _FREE_TO_COMPRESS and whole > MOST_TIMES_SMALLER * packed:
        return f"its files would take more than {MOST_TIMES_SMALLER} times its own size"
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            return f"'{brief(entry.filename)}' shares its content with another file in it"
        end = entry.header_offset + _LOCAL_HEADER + len(entry.filename) + entry.compress_size
    return None
