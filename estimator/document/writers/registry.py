"""The formats of a report by name, each loaded when it is asked for: their libraries are an extra.

A format is a module with ``write(document, folder)``, which writes into a folder that is there and returns the files.
To add one: the module, and one line in `WRITERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from estimator.document.content import Document
from estimator.errors import Fault, InputError, did_you_mean

Write = Callable[[Document, Path], list[Path]]

WRITERS = {
    "html": "estimator.document.writers.html",
    "figures": "estimator.document.writers.figures",
    "docx": "estimator.document.writers.docx",
    "xlsx": "estimator.document.writers.xlsx",
    "pdf": "estimator.document.writers.pdf",
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
