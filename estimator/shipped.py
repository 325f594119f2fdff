"""Where the files are that travel with the tool: in a checkout or in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder of shipped files of one kind.

    Returns
    -------
    Path
        Inside the package when it was installed from a wheel, else beside the package, in the checkout.
    """
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
