"""The formats of a report by name, each loaded when it is asked for: their libraries are an extra.

A format is a module with ``write(document, folder)``, which writes into a folder that is there and returns the files.
To add one: the module, and one line in `WRITERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from estimator.errors import Fault, InputError, did_you_mean
from estimator.report.document.content import Document

Write = Callable[[Document, Path], list[Path]]

WRITERS = {
    "html": "estimator.report.writers.html",
    "figures": "estimator.report.writers.figures",
    "docx": "estimator.report.writers.docx",
    "xlsx": "estimator.report.writers.xlsx",
    "pdf": "estimator.report.writers.pdf",
}
"""Module of each format, in the order in which they are written."""


def writer_named(name: str) -> Write:
    """Return the function that writes a format.

    Raises
    ------
    InputError
        When there is no such format, or its library is not installed.
    """
    if name not in WRITERS:
        raise InputError(Fault("--formats", f"There is no format '{name}'.{did_you_mean(name, WRITERS)}"))
    try:
        module = import_module(WRITERS[name])
    except ModuleNotFoundError as error:
        message = f"The format {name} needs {error.name}. Install it: pip install 'darkfigure[report]'"
        raise InputError(Fault("--formats", message)) from error
    write: Write = module.write
    return write
