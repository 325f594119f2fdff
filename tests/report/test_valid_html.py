"""Pages are valid HTML, as the Nu validator of the W3C reads them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.programs import nu_validator, program
from tests.report.test_browser import pages

__all__ = ["pages"]

CALLED_BLOCKED = "Content Security Policy (meta tag)"
"""What the validator warns of wrongly: that pictures within the page, and a citation that is data and no script, are
blocked by the page's own policy. No browser blocks them (`tests.report.test_browser`)."""


def complaints(paths: list[Path]) -> list[str]:
    """Everything that the validator has against some pages, but for what it warns of wrongly."""
    java = [program("java"), "-Xss8m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(nu_validator())]
    command = [*java, "--format", "json", "--stdout", "--exit-zero-always", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = [f"{one['type']}, {one['url']}: {one['message']}" for one in json.loads(done.stdout)["messages"]]
    return [one for one in found if not (one.startswith("info") and CALLED_BLOCKED in one)]


def test_pages_are_valid(pages, tmp_path):
    paths = [tmp_path / f"{name}.html" for name in pages]
    for path, page in zip(paths, pages.values(), strict=True):
        path.write_text(page, encoding="utf-8")
    assert complaints(paths) == []


def test_reports_of_shipped_studies_are_valid(report):
    language, folder, *_ = report
    assert complaints([folder / f"report-{language}.html"]) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('<img src="data:,">', "alt"),
        ('<p id="a">a</p><p id="a">b</p>', "Duplicate ID"),
        ("<p><div>a</div></p>", "No “p” element"),
    ],
)
def test_a_bad_page_is_found_out(bad, said, tmp_path):
    """The test of the test."""
    path = tmp_path / "bad.html"
    path.write_text(f'<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>{bad}</body></html>', "utf-8")
    found = complaints([path])
    assert found and any(said in one for one in found)
