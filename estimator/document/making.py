"""A report in files: made of a run folder, written complete or not at all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from estimator.document.building import Beside, document_of
from estimator.document.cells import Rounding
from estimator.document.counted import Observed
from estimator.document.disclosing import Disclosed, LogEntry, disclosed, rules_of
from estimator.document.discreet import discreet
from estimator.document.kept_draws import read_kept_draws
from estimator.document.writers.registry import WRITERS, writer_named
from estimator.errors import Fault, InputError, did_you_mean
from estimator.runs.folders import new_folder
from estimator.runs.reading import Run
from estimator.words.shown import in_cell
from estimator.words.words import Words


def make_report(
    run: Run,
    words: Words,
    formats: Sequence[str],
    target: Path,
    stage: Callable[[str], None] = lambda _: None,
    beside: Beside | None = None,
) -> list[Path]:
    """Write the report of a run into a new folder.

    Parameters
    ----------
    formats : sequence of str
        Names in `estimator.document.writers.registry.WRITERS`.
    target : Path
        Must not exist.
    stage : callable
        Hears which format is being made.
    beside : Beside, optional
        A survey of people who may see victims, and a multiverse: each gets a section of its own.

    Returns
    -------
    list of Path
        The files, in the order in which they were made.

    Raises
    ------
    InputError
        When there is no such format, its library is not installed, or the folder cannot be written; then nothing is.
    """
    if not formats:
        raise InputError(Fault("--formats", f"No format is named.{did_you_mean('', WRITERS)}"))
    writers = {name: writer_named(name) for name in formats}
    with new_folder(target, "report") as part:
        controlled = _controlled(run, words, beside)
        document = controlled.document
        written: list[Path] = []
        for name, write in writers.items():
            stage(name)
            written += write(document, part)
        if controlled.log:
            written.append(_logged(controlled.log, part))
    return [target / path.relative_to(part) for path in written]


def _controlled(run: Run, words: Words, beside: Beside | None) -> Disclosed:
    """Return the report of a run as its rules of disclosure allow it."""
    rules = rules_of(run.facts)
    if rules is None:
        return disclosed(document_of(run, words, Rounding(run.facts.round_to), beside), words, None, Observed())
    people, kept = run.draws.population, read_kept_draws(run)
    seen = None if people is None else people.registered.reshape(-1, people.registered.shape[-1]).astype(float)
    finest = float(max(rules.minimum, rules.rounding)) if rules.rounding > 1 else 1.0
    rounding = Rounding(
        run.facts.round_to, rules.rounding, bounds=False, finest=finest, zeros=rules.zeros != "withheld"
    )
    document = document_of(discreet(run), words, rounding, beside)
    return disclosed(document, words, rules, Observed(seen, kept.counts))


def _logged(log: Sequence[LogEntry], folder: Path) -> Path:
    """Write what is withheld as CSV."""
    path = folder / "withheld.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(LogEntry)])
        for entry in log:
            writer.writerow(in_cell(value) if isinstance(value, str) else value for value in astuple(entry))
    return path
