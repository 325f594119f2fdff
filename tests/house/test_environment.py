"""What is installed is said once: environment.yml and constraints.txt follow pyproject.toml."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = [Requirement(text) for text in PROJECT["dependencies"]]
DEV = [Requirement(text) for text in PROJECT["optional-dependencies"]["dev"]]
NOT_PACKAGES_OF_THE_PROJECT = {"pip", "setuptools", "wheel", "uv"}
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("anaconda", "org"),
        ("anaconda", "com"),
        ("prefix", "dev"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    ]
]
"""Written in parts, so that this file does not contain what it looks for."""


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    stated = [line for line in lines if line and not line.startswith("#")]
    for line in stated:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.!+]+", line), f"not an exact version: {line}"
    pairs = [line.split("==") for line in stated]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def files_of_the_project() -> list[Path]:
    """What is or would be tracked; without git (an unpacked sdist) what lies where tracked files do."""
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode == 0:
        return [ROOT / name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()]
    patterns = ("*.*", "Makefile", "LICENSE", *(f"{name}/**/*.*" for name in ("estimator", "tests", "docs", "data")))
    return [path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()]


def test_conda_has_the_same_names_and_bounds():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    stated = [Requirement(entry) for entry in environment["dependencies"] if isinstance(entry, str)]
    python = Requirement(f"python{PROJECT['requires-python']}")
    expected = {item.name: item.specifier for item in [python, *CORE]}
    assert {item.name: item.specifier for item in stated if item.name != "pip"} == expected
    assert {"pip": ["."]} in environment["dependencies"], "darkfigure itself comes from this folder"


@pytest.mark.parametrize("requirement", [*CORE, *DEV], ids=str)
def test_constraints_satisfy_the_bounds(requirement):
    assert pins()[canonicalize_name(requirement.name)] in requirement.specifier


def test_constraints_need_nothing_but_a_package_index():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    stated = [line for line in text.splitlines() if not line.startswith("#")]
    assert not [line for line in stated if "@" in line or "/" in line or "http" in line or line.startswith("-")]
    assert not NOT_PACKAGES_OF_THE_PROJECT & set(pins())


def test_matplotlib_stays_below_the_release_that_breaks_pymc():
    bound = next(item.specifier for item in CORE if item.name == "matplotlib")
    assert Version("3.11") not in bound


def test_no_file_names_a_registry():
    needles = re.compile("|".join(rf"(?<![A-Za-z0-9-]){re.escape(host)}(?![A-Za-z0-9-])" for host in REGISTRY_HOSTS))
    naming = []
    for path in files_of_the_project():
        if needles.search(path.read_text(encoding="utf-8", errors="ignore")):
            naming.append(str(path.relative_to(ROOT)))
    assert not naming
