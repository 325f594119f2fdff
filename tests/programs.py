"""Programs that some tests need beside Python: a browser, an office suite, tools for PDF.

`.ci/run` installs them and sets ``DARKFIGURE_PROGRAMS=required``: there a missing one fails the run. Elsewhere the test
is skipped and says what is missing.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

AXE = "DARKFIGURE_AXE"
"""Where axe-core is: a folder in which npm installed it."""


def program(*names: str) -> str:
    """Return the first program that is there."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or missing(f"the program {' or '.join(names)}")


def axe_core() -> str:
    """Return the script that checks a page for accessibility."""
    folders = [os.environ.get(AXE, ""), str(Path(__file__).resolve().parents[1] / ".venv-axe")]
    places = [Path(folder) / "node_modules" / "axe-core" / "axe.min.js" for folder in folders if folder]
    found = next((place for place in places if place.is_file()), None)
    return found.read_text(encoding="utf-8") if found else missing("axe-core (npm)")


def missing(what: str) -> str:
    """Skip a test, or fail it where everything must be there."""
    if os.environ.get("DARKFIGURE_PROGRAMS") == "required":
        pytest.fail(f"{what} is not installed; .ci/run should have done it")
    pytest.skip(f"{what} is not installed; .ci/run installs it")
