"""The documentation says what the program does: commands, keys, links and examples are those that exist."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from docs.generate import PAGE, commands_page, schema_files
from docs.make_readme import page as readme
from estimator.capture.counts import LARGEST_COUNT
from estimator.cli.main import COMMANDS
from estimator.study import priorsections, residualsection, schema
from estimator.study.priors import Priors, read_priors
from estimator.study.sections import Section
from estimator.study.statements import Statement
from estimator.study.study import read_study

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "data/**/*.md", "reports/**/*.md", "benchmarks/**/*.md")
    for path in ROOT.glob(pattern)
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a page that are marked with a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(name), flags=re.DOTALL | re.MULTILINE)


def sections_in(module) -> Iterator[type[Section]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Section) and value.__module__ == module.__name__:
            yield value


def keys(*models: type[Section]) -> list[str]:
    return sorted({key for model in models for key in model.model_fields})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert re.search(rf"darkfigure {command}\b|`{command}`", text_of("README.md"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_reference(command):
    assert f"## `darkfigure {command}`" in text_of("docs/commands.md")


@pytest.mark.parametrize("path", schema_files(), ids=lambda path: path.name)
def test_the_schema_of_a_file_is_that_of_its_model(path):
    assert path.read_text(encoding="utf-8") == schema_files()[path], "run `make docs`"


def test_the_reference_of_commands_is_current():
    assert PAGE.read_text(encoding="utf-8") == commands_page(), "run `make docs`"


@pytest.mark.parametrize("key", keys(*sections_in(schema)))
def test_every_key_of_a_study_file_is_explained(key):
    explained = re.findall(r"^\| (`[^|]*`) \|", text_of("docs/study-file.md"), flags=re.MULTILINE)
    headings = re.findall(r"^### `\[+(\w+)", text_of("docs/study-file.md"), flags=re.MULTILINE)
    assert any(f"`{key}`" in names for names in explained) or key in headings


def numbers_of(*models: type[Section]) -> Iterator[tuple[str, float]]:
    """The keys that take a number, each with the largest that is allowed; infinite where none is."""
    for model in models:
        for key, found in model.model_fields.items():
            if {int, float} & {found.annotation, *get_args(found.annotation)}:
                limits = [
                    getattr(limit, side) for limit in found.metadata for side in ("le", "lt") if hasattr(limit, side)
                ]
                yield key, min(limits, default=math.inf)


@pytest.mark.parametrize(("key", "largest"), sorted({*numbers_of(*sections_in(schema))}))
def test_the_range_of_every_number_of_a_study_file_is_in_its_row(key, largest):
    if key == "suppressed_below":  # limited together with the keys beside it
        largest = LARGEST_COUNT
    rows = [line for line in text_of("docs/study-file.md").splitlines() if re.match(rf"\| [^|]*`{key}`[^|]* \|", line)]
    assert any(re.search(rf"(to|below) ({largest:,}|{largest})\b", row) for row in rows)


@pytest.mark.parametrize("key", keys(Priors, Statement, *sections_in(priorsections), *sections_in(residualsection)))
def test_every_key_of_a_prior_file_is_explained(key):
    explained = re.findall(r"^\| (`[^|]*`) \|", text_of("docs/priors.md"), flags=re.MULTILINE)
    headings = re.findall(r"^## `\[(\w+)", text_of("docs/priors.md"), flags=re.MULTILINE)
    in_words = re.search(rf"with[^|]*`{key}`", text_of("docs/priors.md"))
    assert any(f"`{key}`" in names for names in explained) or key in headings or in_words


@pytest.mark.parametrize("page", ["README.md", "docs/study-file.md"])
def test_the_example_of_a_study_can_be_read(page, tmp_path):
    (tmp_path / "table.csv").write_text(blocks(page, "csv")[-1], encoding="utf-8")
    if page == "docs/study-file.md":
        for name, at in (("denominators", -3), ("published", -2)):
            (tmp_path / f"{name}.csv").write_text(blocks(page, "csv")[at], encoding="utf-8")
    (tmp_path / "study.toml").write_text(blocks(page, "toml")[-1], encoding="utf-8")
    assert read_study(tmp_path).groups.keys() == {"total", "women"}


@pytest.mark.parametrize("number", [0, 1])
def test_the_two_layouts_of_the_documentation_can_be_read(number, tmp_path):
    study = (
        'title = "t"\nsource = "s"\n[lists.P]\n[lists.K]\n[lists.Z]\n[covariates.sex]\nlevels = ["female", "male"]\n'
    )
    (tmp_path / "table.csv").write_text(blocks("docs/study-file.md", "csv")[number], encoding="utf-8")
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    assert read_study(tmp_path).table.lists == ("P", "K", "Z")


def test_the_example_of_a_study_file_uses_every_key():
    example = "\n".join(blocks("docs/study-file.md", "toml"))
    instead = {"years", "tables"}  # of two keys one stands in place of the other
    for key in set(keys(*sections_in(schema))) - instead:
        assert re.search(rf"^{key} = |^\[+{key}[.\]]", example, flags=re.MULTILINE), key


def test_the_example_of_a_prior_file_can_be_read(tmp_path):
    residual, whole = blocks("docs/priors.md", "toml")
    for text in (whole, f"{whole}\n{residual}"):
        (path := tmp_path / "priors.toml").write_text(text, encoding="utf-8")
        read_priors(path).check_against(read_study("nl-2010-2015").table.lists)


def test_the_python_of_the_readme_runs():
    (code,) = blocks("README.md", "python")
    assert len(code.splitlines()) == 5
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "95 %" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    links = re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL))
    for link in links:
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        aim = page if not target else page.parent / target
        assert aim.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(aim), f"{page.name} links to {link}"


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as hosts of Markdown make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), flags=re.MULTILINE))
    named = re.findall(r"`make ([a-z-]+)", page.read_text("utf-8"))
    named += re.findall(r"^make ([a-z-]+)", page.read_text("utf-8"), flags=re.MULTILINE)
    assert set(named) <= targets


def test_make_help_names_every_target():
    makefile = text_of("Makefile")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert set(phony.split()) - {"help"} == set(re.findall(r'@echo "make ([a-z-]+)', makefile))


def test_documented_commands_are_spelt_as_they_are():
    for page in PAGES:
        for name in re.findall(r"`darkfigure ([a-z]+)", page.read_text("utf-8")):
            assert name in COMMANDS, f"{page.name} names darkfigure {name}"


def test_the_changelog_has_this_version():
    version = re.search(r'^version = "(.*)"$', text_of("pyproject.toml"), flags=re.MULTILINE)[1]
    assert f"## [{version}]" in text_of("CHANGELOG.md")
    assert f"version: {version}" in text_of("CITATION.cff")


@pytest.mark.slow
def test_the_readme_shows_what_its_commands_print():
    assert readme() == text_of("README.md"), "run `python -m docs.make_readme`"
