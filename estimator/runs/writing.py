"""The run folder: everything about one estimate, written complete or not at all.

The folder is private (mode 0700): small counts of victims are in it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from estimator.population.estimate import Estimate
from estimator.runs.folders import new_folder
from estimator.runs.manifest_digest import manifest_text
from estimator.runs.netcdf import data_groups, netcdf_of
from estimator.runs.recording import manifest_of, record_of
from estimator.runs.records import Language
from estimator.runs.tidy_csv import csv_of


def save_run(estimate: Estimate, target: Path, command: Sequence[str] = ()) -> Path:
    """Write an estimate into a new folder.

    Parameters
    ----------
    target : Path
        Must not exist.
    command : sequence of str, optional
        The command line that made it, for the manifest.

    Returns
    -------
    Path
        The folder, with ``posterior.nc``, ``estimate.json``, ``estimate.csv`` and ``manifest.json``; and
        ``posterior-NAME.nc`` for every other set of priors under which the estimate was made beside it.
    """
    with new_folder(target) as part:
        write_run(estimate, part, command)
    return target


def write_run(estimate: Estimate, folder: Path, command: Sequence[str] = (), language: Language | None = None) -> None:
    """Write the files of a run into a folder that is empty, or has draws by `write_draws`.

    Parameters
    ----------
    language : {"en", "nl"}, optional
        In which it is printed; by default that of the study.
    """
    for number, made in enumerate((estimate, *estimate.beside)):
        if not _draws_path(made, folder, number).exists():
            write_draws(made, folder, number)
    write_text(folder / "estimate.json", record_of(estimate, language).text())
    write_text(folder / "estimate.csv", csv_of(estimate))
    write_text(folder / "manifest.json", manifest_text(manifest_of(estimate, folder, command)))


def write_draws(estimate: Estimate, folder: Path, number: int) -> None:
    """Write the draws of an estimate, whole or not at all.

    Parameters
    ----------
    number : int
        0 for the estimate itself, into posterior.nc; from 1 for those beside it, into files with the names of priors.
    """
    path = _draws_path(estimate, folder, number)
    content = netcdf_of(data_groups(estimate))
    try:
        _write(path, content)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _draws_path(estimate: Estimate, folder: Path, number: int) -> Path:
    return folder / (f"posterior-{estimate.priors_name}.nc" if number else "posterior.nc")


def write_text(path: Path, text: str) -> None:
    """Write text into a file that only the user can read."""
    _write(path, text.encode("utf-8"))


def _write(path: Path, content: bytes | memoryview) -> None:
    """Write a file that only the user can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
