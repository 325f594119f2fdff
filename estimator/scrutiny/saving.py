"""The scrutiny of a run, written into its folder: complete or not at all, and with the manifest vouching for it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.manifest import ScrutinisedRecord, ScrutinyFacts
from estimator.runs.manifest_digest import manifest_text
from estimator.runs.provenance import versions, without_folders
from estimator.runs.reading import ESTIMATE, MANIFEST, Run, read_run
from estimator.runs.replacing import replace_together
from estimator.runs.scrutiny_record import ScrutinyRecord
from estimator.scrutiny.record import JSON, PAGE, estimate_with
from estimator.scrutiny.scrutinise import Scrutiny

MakePage = Callable[[ScrutinyRecord], str]
"""Makes the page of a scrutiny: HTML from its record alone."""

FITS = ".scrutiny-fits"
"""Folder in a run where refits are kept until its scrutiny is written."""


def folder_of_fits(run: Path, *, simulations: int | None, seed: int | None) -> Path:
    """Return where the refits of a scrutiny are kept while it runs: one that breaks off goes on from there.

    Returns
    -------
    Path
        Another one for other settings, on which the refits depend; removed when the scrutiny is written.
    """
    settings = {"simulations": simulations, "seed": seed, "versions": versions()}
    text = json.dumps(settings, sort_keys=True, default=str)
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
    record = scrutiny.record()
    estimate = estimate_with(run.record, scrutiny.judgement, record)
    done = ScrutinisedRecord(
        command=without_folders(command),
        versions=record.versions,
        date=record.date,
        thresholds_sha256=record.thresholds_sha256,
        range=record.range,
        simulations=record.simulations,
        seed=record.seed,
    )
    replace_files(run, estimate, files_of(record, make_page), done)
    shutil.rmtree(run.folder / FITS, ignore_errors=True)
    return run.folder / PAGE


def files_of(record: ScrutinyRecord, make_page: MakePage) -> dict[str, bytes]:
    """Return the files of a scrutiny by name."""
    return {JSON: record.text().encode("utf-8"), PAGE: make_page(record).encode("utf-8")}


def refuse_if_changed(run: Run) -> None:
    """Raise `InputError` when the files of a run are no longer those that were read."""
    if read_run(run.folder).manifest != run.manifest:
        message = "Another command has written into this run meanwhile. Scrutinise it again."
        raise InputError(Fault(str(run.folder), message))


def replace_files(
    run: Run, estimate: EstimateRecord, files: Mapping[str, bytes], done: ScrutinisedRecord | None = None
) -> None:
    """Replace estimate.json and other files of a run, and let its manifest vouch for them.

    Parameters
    ----------
    files : mapping of str to bytes
        Content of the other files by name.
    done : ScrutinisedRecord, optional
        By which command and versions; by default what stands there.
    """
    files = {ESTIMATE: estimate.text().encode("utf-8"), **files}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    summary = estimate.scrutiny
    said = None if summary is None else {key: getattr(summary, key) for key in ScrutinyFacts.model_fields}
    manifest = run.manifest.changed(
        outputs=dict(sorted({**run.manifest.outputs, **digests}.items())),
        facts=run.facts.changed(scrutiny=said, published_against_advice=estimate.published_against_advice),
        scrutinised=done or run.manifest.scrutinised,
    )
    text = manifest_text(manifest, vouched_for=run.vouched_for)
    replace_together(run.folder, {**files, MANIFEST: text.encode("ascii")})
