"""Programs that some tests need beside Python: a browser, an office suite, tools for PDF, validators.

`.ci/run` installs them and sets ``DARKFIGURE_PROGRAMS=required``: there a missing one fails the run. Elsewhere the test
is skipped and says what is missing.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

NPM, CRATES = "DARKFIGURE_NPM", "DARKFIGURE_CRATES"
"""Where axe-core and the Nu validator are: a folder in which npm installed them. Where rocrate-validator is: a folder
with an environment of Python of its own, since it asks for other versions of what the project uses."""


def program(*names: str) -> str:
    """Return the first program that is there."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or missing(f"the program {' or '.join(names)}")


def axe_core() -> str:
    """Return the script that checks a page for accessibility."""
    return _installed(NPM, ".venv-npm", "node_modules/axe-core/axe.min.js", "axe-core (npm)").read_text("utf-8")


def nu_validator() -> Path:
    """Return the program for Java that checks HTML."""
    return _installed(NPM, ".venv-npm", "node_modules/vnu-jar/build/dist/vnu.jar", "the Nu validator (npm: vnu-jar)")


def crate_python() -> Path:
    """Return the Python in whose environment rocrate-validator is."""
    validator = _installed(CRATES, ".venv-crates", "bin/rocrate-validator", "rocrate-validator (PyPI: roc-validator)")
    return validator.with_name("python")


def _installed(variable: str, folder: str, path: str, what: str) -> Path:
    """Return a file of what was installed: in the folder that a variable names, or in one of the project."""
    folders = [os.environ.get(variable, ""), str(Path(__file__).resolve().parents[1] / folder)]
    places = [Path(place) / path for place in folders if place]
    return next(filter(Path.is_file, places), None) or missing(what)


def missing(what: str) -> NoReturn:
    """Skip a test, or fail it where everything must be there."""
    if os.environ.get("DARKFIGURE_PROGRAMS") == "required":
        pytest.fail(f"{what} is not installed; .ci/run should have done it")
    pytest.skip(f"{what} is not installed; .ci/run installs it")
