"""A report in files: made of a run folder, written complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from estimator.report.document.building import document_of
from estimator.report.writers.registry import writer_named
from estimator.runs.reading import Run
from estimator.runs.writing import new_folder
from estimator.words.words import Words


def make_report(
    run: Run, words: Words, formats: Sequence[str], target: Path, stage: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write the report of a run into a new folder.

    Parameters
    ----------
    formats : sequence of str
        Names in `estimator.report.writers.registry.WRITERS`.
    target : Path
        Must not exist.
    stage : callable
        Hears which format is being made.

    Returns
    -------
    list of Path
        The files, in the order in which they were made.

    Raises
    ------
    InputError
        When there is no such format, its library is not installed, or the folder cannot be written; then nothing is.
    """
    writers = {name: writer_named(name) for name in formats}
    with new_folder(target, "report") as part:
        document = document_of(run, words)
        written: list[Path] = []
        for name, write in writers.items():
            stage(name)
            written += write(document, part)
    return [target / path.relative_to(part) for path in written]
