"""Several files replaced together: all of them or none, wherever it stops."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest

from estimator.errors import InputError
from estimator.runs import replacing
from estimator.runs.replacing import DECIDED, finish_replacing, replace_together

OLD = {"a.json": b"old a", "b.json": b"old b"}
NEW = {"a.json": b"new a", "b.json": b"new b", "c.html": b"new c"}


class PowerCutError(BaseException):
    """The end of the process, as far as it can be had inside one."""


@pytest.fixture
def folder(tmp_path):
    for name, content in OLD.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def content(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_are_replaced_and_private(folder):
    replace_together(folder, NEW)
    assert content(folder) == NEW
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("step", range(1, 12))
def test_a_power_cut_anywhere_leaves_all_or_none(folder, monkeypatch, step):
    """Cut before each step on the disk in turn; the next reader finds everything old or everything new."""
    steps = iter(range(1, step + 1))

    def counted(function):
        def call(*arguments, **named):
            if next(steps, None) == step:
                raise PowerCutError
            return function(*arguments, **named)

        return call

    with monkeypatch.context() as patched:
        for owner, name in ((Path, "rename"), (Path, "replace"), (Path, "rmdir"), (replacing, "_write"), (os, "fsync")):
            patched.setattr(owner, name, counted(getattr(owner, name)))
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)
        try:
            replace_together(folder, NEW)
        except PowerCutError:
            cut = True
        else:
            cut = False
    finish_replacing(folder)
    left = {name: text for name, text in content_of_files(folder).items()}
    assert left in (OLD, NEW)
    assert cut or left == NEW
    replace_together(folder, NEW)
    assert content(folder) == NEW, "what was left is swept up"


def content_of_files(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_full_disk_changes_nothing(folder, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="Make room, and try again"):
        replace_together(folder, NEW)
    assert content(folder) == OLD


def test_what_was_decided_and_not_finished_is_finished_first(folder):
    (folder / DECIDED).mkdir()
    (folder / DECIDED / "a.json").write_bytes(b"decided a")
    replace_together(folder, {"b.json": b"new b"})
    assert content(folder) == {"a.json": b"decided a", "b.json": b"new b"}
