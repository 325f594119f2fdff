"""The wheel, installed outside the checkout, works on its own: nothing of the checkout is needed but what is in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program with nothing of this process's Python settings, and return what it printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout. Built from a copy, so that the checkout stays as it is."""
    source = tmp_path_factory.mktemp("source") / "darkfigure"
    leave_out = shutil.ignore_patterns(".git", ".venv*", "dist", "build", ".*_cache", ".hypothesis")
    shutil.copytree(
        ROOT, source, ignore=lambda place, names: leave_out(place, names) | ({"runs"} if Path(place) == ROOT else set())
    )
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source, cwd=source)
    (found,) = target.glob("darkfigure-*.whl")
    return found


@pytest.fixture(scope="module")
def contents(wheel) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel alone; the libraries come from this environment, so that no network is needed."""
    place = tmp_path_factory.mktemp("elsewhere")
    venv.create(place / "env", with_pip=False, symlinks=os.name != "nt")
    python = place / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).strip())
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=place)
    libraries = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    # a plain line adds a folder without reading the .pth files in it, such as the one of an editable installation
    (packages / "libraries.pth").write_text("\n".join(libraries) + "\n", encoding="utf-8")
    return place


def darkfigure(elsewhere: Path, *arguments: str) -> str:
    program = elsewhere / "env" / ("Scripts" if os.name == "nt" else "bin") / "darkfigure"
    return run(program, *arguments, cwd=elsewhere)


@pytest.mark.parametrize("folder", ["data", "priors", "reports"])
def test_the_wheel_carries_every_shipped_file(contents, folder):
    shipped = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert shipped
    for path in shipped:
        assert f"estimator/_shipped/{path.relative_to(ROOT).as_posix()}" in contents


def test_the_wheel_carries_licence_and_types(contents):
    assert "estimator/py.typed" in contents
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in contents)


def test_the_wheel_carries_every_module_and_nothing_else(contents):
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "estimator").rglob("*.py")}
    assert modules <= set(contents)
    assert {name.split("/")[0].split("-")[0] for name in contents} == {"estimator", "darkfigure"}
    assert not [name for name in contents if "__pycache__" in name or "test" in name.lower().split("/")[-1]]


def test_it_runs_outside_the_checkout(elsewhere):
    code = "import estimator; print(estimator.__file__)"
    python = elsewhere / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    assert Path(run(python, "-c", code, cwd=elsewhere).strip()).is_relative_to(elsewhere)


def test_it_lists_the_shipped_studies(elsewhere):
    listed = darkfigure(elsewhere, "data", "list")
    for study in (ROOT / "data").glob("*/study.toml"):
        assert study.parent.name in listed


def test_it_checks_a_shipped_study(elsewhere):
    assert "8,234 persons on 6 lists" in darkfigure(elsewhere, "check", "nl-2010-2015")


def test_it_lists_the_shipped_priors(elsewhere):
    listed = darkfigure(elsewhere, "priors", "list")
    for priors in (ROOT / "priors").glob("*.toml"):
        assert priors.stem in listed
