"""Machine code that is kept: taken as it was, compiled anew when damaged, not used where others can write."""

from __future__ import annotations

import inspect
import os
import pickle
import re
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from numba import types
from numba.core import config
from numba.core.dispatcher import Dispatcher

from estimator.methods import kept_code
from estimator.methods.kept_code import compiled, is_safe
from estimator.methods.latent_class import chain
from estimator.methods.loglinear import density, large
from estimator.methods.selection import machine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")

SIGNATURE = types.int64(types.int64)


def plus_two(number):
    return number + 2


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where numba keeps what it makes; and a folder of the user's own beside it."""
    folder = tmp_path / "numba"
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(config, "CACHE_DIR", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    return folder


def made(place: Path):
    """Compile or load; return how many times it was loaded."""
    found = compiled(SIGNATURE, plus_two)
    assert found.ctypes(40) == 42
    assert str(place) == config.CACHE_DIR
    return found.cache_hits


def kept(place: Path, suffix: str) -> Path:
    (path,) = place.rglob(f"*{suffix}")
    return path


def test_a_second_run_takes_what_the_first_kept(place):
    assert [made(place), made(place)] == [0, 1]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o022 for path in place.rglob("*")} == {0}


class Bomb:
    """What would run when it is unpickled."""

    def __reduce__(self):
        return (os.mkdir, (str(Path("exploded").absolute()),))


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


DAMAGE = {
    "empty": lambda _content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "garbage": lambda content: b"\x00garbage" * 100,
    "one bit early": lambda content: flipped(content, 5),
    "one bit in the middle": lambda content: flipped(content, len(content) // 2),
    "one bit late": lambda content: flipped(content, len(content) - 5),
    "a program": lambda _content: pickle.dumps(Bomb()),
}


@pytest.mark.parametrize("suffix", [".nbi", ".nbc", ".sha256"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_compiled_anew(place, tmp_path, monkeypatch, suffix, damage):
    monkeypatch.chdir(tmp_path)
    made(place)
    path = kept(place, suffix)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert made(place) == 0
    assert not Path("exploded").exists()
    assert made(place) == 1


@pytest.mark.parametrize("suffix", [".nbi", ".nbc", ".sha256"])
def test_what_is_gone_is_compiled_anew(place, suffix):
    made(place)
    kept(place, suffix).unlink()
    assert [made(place), made(place)] == [0, 1]


@pytest.mark.parametrize("suffix", [".nbi", ".nbc", ".sha256"])
def test_a_folder_in_the_place_of_a_file_stops_nothing(place, suffix):
    made(place)
    path = kept(place, suffix)
    path.unlink()
    path.mkdir()
    made(place)


def test_a_folder_that_others_can_write_is_not_used(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made(place)
    for path in place.rglob("*.nb?"):
        path.write_bytes(pickle.dumps(Bomb()))
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
    place.chmod(0o777)
    assert [made(place), made(place)] == [0, 1]  # from the folder of the user's own
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before
    assert not Path("exploded").exists()
    assert len(list((tmp_path / "own" / "darkfigure").rglob("*.nbc"))) == 1


def test_without_any_safe_folder_nothing_is_kept(place, tmp_path, monkeypatch):
    place.chmod(0o777)
    (tmp_path / "own").write_text("a file")
    assert [made(place), made(place)] == [0, 0]
    assert list(place.rglob("*.nb?")) == []
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert made(place) == 0


@pytest.mark.parametrize("mode", [0o770, 0o757, 0o1777])
def test_safe_means_that_nobody_else_can_write(tmp_path, mode):
    (tmp_path / "a" / "b").mkdir(parents=True, mode=0o755)
    assert is_safe(tmp_path / "a" / "b")
    (tmp_path / "a" / "b").chmod(mode)
    assert not is_safe(tmp_path / "a" / "b")


def test_nor_any_folder_around_it_unless_what_is_there_stays(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a").chmod(0o777)
    assert not is_safe(inner)
    (tmp_path / "a").chmod(0o1777)
    assert is_safe(inner)


def test_a_file_that_others_can_write_is_not_used_either(tmp_path):
    (tmp_path / "x.nbi").touch(mode=0o600)
    assert is_safe(tmp_path)
    (tmp_path / "x.nbi").chmod(0o666)
    assert not is_safe(tmp_path)


def test_the_mask_of_new_files_stays_what_it_was(place):
    before = os.umask(0)
    try:
        made(place)
        assert os.umask(0) == 0
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) & 0o022 for path in place.rglob("*")} == {0}


@pytest.mark.parametrize(
    ("module", "number"), [("loglinear/density.py", 3), ("loglinear/large.py", 1), ("selection/machine.py", 2)]
)
def test_all_machine_code_is_kept_this_way(module, number):
    source = (Path(kept_code.__file__).parent / module).read_text(encoding="utf-8")
    assert "cache=True" not in source
    assert len(re.findall(r"\bcompiled\(_?[A-Z]", source)) == number


def modules_behind(function) -> set[str]:
    """Return the modules of all compiled functions that a function calls, directly or through others, and its own."""
    found, left = {}, [function]
    while left:
        one = left.pop()
        found[one] = one.__module__
        called = [inspect.unwrap(one).__globals__.get(name) for name in one.__code__.co_names]
        left += [other.py_func for other in called if isinstance(other, Dispatcher) and other.py_func not in found]
    return set(found.values())


@pytest.mark.parametrize(
    ("module", "make"),
    [
        (density, "machine_code"),
        (density, "prior_code"),
        (large, "machine_code_of_large"),
        (chain, "machine_code"),
        (machine, "machine_code"),
    ],
)
def test_machine_code_is_compiled_anew_when_a_module_that_it_is_made_of_changes(module, make, monkeypatch):
    digested, closures = set(), []
    monkeypatch.setattr(module, "digest_of", lambda *modules: digested.update(one.__name__ for one in modules) or "")

    def kept(_signature, closure):
        closures.append(closure)
        return SimpleNamespace(ctypes=None)

    monkeypatch.setattr(module, "compiled", kept)
    getattr(module, make).__wrapped__()
    for closure in closures:
        assert modules_behind(closure) - {module.__name__} <= digested
        assert "made_with" in closure.__code__.co_varnames or closure.__name__ == "expand"
