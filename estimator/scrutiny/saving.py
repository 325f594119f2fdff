"""The scrutiny of a run, written into its folder: complete or not at all, and with the manifest vouching for it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from estimator.errors import Fault, InputError
from estimator.population.advice import DECISION, SCRUTINY
from estimator.runs.manifest_digest import KEY, with_digest
from estimator.runs.provenance import versions
from estimator.runs.reading import ESTIMATE, MANIFEST, SavedRun, read_run
from estimator.runs.replacing import replace_together
from estimator.runs.scrutiny_record import ScrutinyRecord
from estimator.scrutiny.record import JSON, PAGE, estimate_with
from estimator.scrutiny.scrutinise import Scrutiny

MakePage = Callable[[ScrutinyRecord], str]
"""Makes the page of a scrutiny: HTML from its record alone."""

FITS = ".scrutiny-fits"
"""Folder in a run where refits are kept until its scrutiny is written."""


def folder_of_fits(run: Path, settings: Mapping[str, Any]) -> Path:
    """Return where the refits of a scrutiny are kept while it lasts, so that one that breaks off is taken up again.

    Parameters
    ----------
    run : Path
        Folder of the run.
    settings : mapping
        On which the refits depend besides the run: with other settings they are others, in another folder.

    Returns
    -------
    Path
        Removed when the scrutiny is written.
    """
    text = json.dumps({**settings, "versions": versions()}, sort_keys=True, default=str)
    return run / FITS / hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def save_scrutiny(scrutiny: Scrutiny, make_page: MakePage, command: Sequence[str] = ()) -> Path:
    """Write a scrutiny into the folder of its run.

    Parameters
    ----------
    make_page : callable
        Makes ``scrutiny.html``: `estimator.report.pages.scrutiny.scrutiny_page` in a language.
    command : sequence of str, optional
        The command line that made it, for the manifest.

    Returns
    -------
    Path
        The page, ``scrutiny.html``. Beside it ``scrutiny.json``; estimate.json and manifest.json are replaced.

    Raises
    ------
    InputError
        When the estimate has no run folder, or its files cannot be written or were changed meanwhile.
    """
    run = scrutiny.run
    if run is None:
        message = "This estimate has no run folder to write into. Save it, and scrutinise the folder."
        raise InputError(Fault("scrutiny", message))
    refuse_if_changed(run)
    about, record = scrutiny.about(), scrutiny.record()
    estimate = estimate_with(run.estimate, scrutiny.judgement, about, scrutiny.decision, scrutiny.fallen)
    files = {ESTIMATE: json_bytes(estimate), **files_of(record, make_page)}
    done = {"command": list(command), "versions": versions(), **about}
    replace_together(run.folder, files | {MANIFEST: manifest_bytes(run, files, estimate, done)})
    shutil.rmtree(run.folder / FITS, ignore_errors=True)
    return run.folder / PAGE


def files_of(record: ScrutinyRecord, make_page: MakePage) -> dict[str, bytes]:
    """Return the files of a scrutiny by name."""
    return {JSON: record.text().encode("utf-8"), PAGE: make_page(record).encode("utf-8")}


def refuse_if_changed(run: SavedRun) -> None:
    """Raise `InputError` when the files of a run are no longer those that were read."""
    if read_run(run.folder).manifest != run.manifest:
        message = "Another command has written into this run meanwhile. Scrutinise it again."
        raise InputError(Fault(str(run.folder), message))


def manifest_bytes(
    run: SavedRun, files: Mapping[str, bytes], estimate: Mapping[str, Any], done: Mapping[str, Any] | None = None
) -> bytes:
    """Return the manifest of a run some of whose files are replaced.

    Parameters
    ----------
    run : SavedRun
        As it was.
    files : mapping of str to bytes
        New content by name.
    estimate : mapping
        New content of estimate.json.
    done : mapping, optional
        By which command and versions, for ``scrutinised``; by default what stands there.

    Returns
    -------
    bytes
        With a digest of itself if it had one; one that had none does not get one, because nothing vouches for the rest
        of it.
    """
    manifest = dict(run.manifest)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest["outputs"] = dict(sorted({**manifest["outputs"], **digests}.items()))
    kept = {key: value for key, value in run.facts.items() if key not in (SCRUTINY, DECISION)}
    record = estimate[SCRUTINY]
    said = {key: record[key] for key in ("date", "verdict", "thresholds_sha256", "reasons", "not_done")}
    decided = {DECISION: estimate[DECISION]} if DECISION in estimate else {}
    manifest["facts"] = {**kept, SCRUTINY: said, **decided}
    if done is not None:
        manifest["scrutinised"] = dict(done)
    return json_bytes(with_digest(manifest) if KEY in run.manifest else manifest, ascii_only=True)


def json_bytes(value: Mapping[str, Any], *, ascii_only: bool = False) -> bytes:
    """Return JSON as the files of a run have it."""
    return (json.dumps(value, indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n").encode("utf-8")
