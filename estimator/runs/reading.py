"""A run folder, read again: what was estimated, on which data and assumptions, draw by draw.

A folder whose files are not those that the run wrote is refused: a comparison with altered numbers is worth nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.errors import Fault, InputError
from estimator.methods.door import PopulationDraws
from estimator.population.groups import GroupDraws, PeopleDraws
from estimator.runs.earlier import estimate_today, manifest_today
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.manifest import Facts, Manifest
from estimator.runs.manifest_digest import is_altered
from estimator.runs.provenance import sha256_of
from estimator.runs.records import of_content, refuse_newer
from estimator.runs.replacing import finish_replacing
from estimator.study.questions import TOTAL, Label
from estimator.userfiles import is_folder, nearby, read_file

if TYPE_CHECKING:
    import xarray as xr

MANIFEST, ESTIMATE, POSTERIOR = "manifest.json", "estimate.json", "posterior.nc"
_ALTERED = "This file is not the one that the run wrote: it was altered afterwards. Restore it, or estimate again."
_EARLIER = "This run was made by an earlier version of darkfigure, {why}. Estimate the study again."


@dataclass(frozen=True, eq=False)
class Run:
    """A run as its folder holds it, brought up to date where an earlier version wrote it.

    Parameters
    ----------
    draws : PeopleDraws
        Under the priors of the estimate.
    beside : mapping of str to PeopleDraws
        Under the sets of priors that are shown beside them, those whose chains agreed.
    """

    folder: Path
    record: EstimateRecord
    manifest: Manifest
    draws: PeopleDraws
    beside: Mapping[str, PeopleDraws] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name

    @property
    def facts(self) -> Facts:
        """What the run was about: lists, covariates, decisions, changes, model, groups, period."""
        return self.manifest.facts

    @property
    def title(self) -> str:
        """Title of the study."""
        return self.record.title

    @property
    def table_kind(self) -> str:
        """Whether the counts were observed, reconstructed from publications, or made up."""
        return self.record.table_kind

    @property
    def table_hash(self) -> str | None:
        """SHA-256 of the table; None when the run did not come from a file."""
        return self.manifest.hash_of("table")

    @property
    def years(self) -> tuple[str, ...]:
        """Years over which the headline numbers are averaged; none when the table is not divided by year."""
        return tuple(self.record.period.years or ())

    @property
    def all_years(self) -> tuple[str, ...]:
        """Years of the table in their order; none when it is not divided by year."""
        return tuple(self.draws.by_year)

    @property
    def pooled_years(self) -> int | None:
        """How many years the table adds up, where it is not divided by year and the study says so."""
        return self.record.period.pooled_years

    @property
    def vouched_for(self) -> bool:
        """Whether the manifest has a digest of itself, which was checked; earlier versions wrote none."""
        return self.manifest.content_sha256 is not None

    @property
    def converged(self) -> bool:
        """Whether the chains agreed."""
        return self.record.diagnostics.converged

    def priors(self, beside: str | None = None) -> Mapping[str, Any]:
        """Return the content of the priors that were used, or of a set that is shown beside them."""
        return (self.manifest if beside is None else self.manifest.beside[beside]).priors

    def levels(self, beside: str | None = None) -> tuple[float, ...]:
        """Return the probabilities of the intervals that it gives, under the priors of the estimate or others beside.

        Earlier versions gave all, whatever was known of the priors.
        """
        record = self.record if beside is None else (self.record.beside or {})[beside]
        return tuple(record.groups[TOTAL].N.summary.intervals)

    @property
    def priors_name(self) -> str:
        """Short name of the priors."""
        return self.manifest.priors_name

    def __repr__(self) -> str:
        years = f", {self.all_years[0]} to {self.all_years[-1]}" if self.all_years else ""
        return f"Run({self.name}: {self.record.study}{years}, {len(self.draws.headline)} groups)"


def read_run(folder: str | Path) -> Run:
    """Read a run folder and check that its files are those that the run wrote.

    Parameters
    ----------
    folder : str or Path
        As `darkfigure estimate` or `Estimate.save` wrote it.

    Raises
    ------
    InputError
        When it is no run folder, when a file was altered or has gone, or when an earlier version wrote it.
    """
    path = Path(folder)
    refuse_what_is_no_run(path)
    finish_replacing(path)
    content = content_of(path / MANIFEST)
    refuse_newer(content, path / MANIFEST)
    _refuse_altered(path, content)
    if "facts" not in content:
        why = "which did not record what a comparison needs to know"
        raise InputError(Fault(str(path / MANIFEST), _EARLIER.format(why=why)))
    manifest = of_content(Manifest, manifest_today(content), path / MANIFEST)
    content = content_of(path / ESTIMATE)
    refuse_newer(content, path / ESTIMATE)
    record = of_content(EstimateRecord, estimate_today(content, manifest), path / ESTIMATE)
    labels = {name: group.label.label for name, group in manifest.facts.groups.items()}
    draws = read_draws(path / POSTERIOR, labels)
    if record.by_year and not draws.by_year:
        raise InputError(Fault(str(path / POSTERIOR), _EARLIER.format(why="and has no draws of single years")))
    beside = {
        name: read_draws(path / f"posterior-{name}.nc", labels)
        for name, other in (record.beside or {}).items()
        if other.diagnostics.converged and (path / f"posterior-{name}.nc").is_file()
    }
    return Run(path, record, manifest, draws, beside)


def read_draws(path: Path, labels: Mapping[str, Label]) -> PeopleDraws:
    """Read the draws of every group from a run's NetCDF file.

    Parameters
    ----------
    path : Path
        With the group ``population``.
    """
    import xarray as xr

    try:
        with xr.open_dataset(path, group="population", engine="h5netcdf") as data:
            saved = data.load()
        has_mean = bool(saved.attrs.get("has_mean", 1))
        names = [str(name) for name in saved["group"].to_numpy()]

        def groups(suffix: str, at: Mapping[str, int]) -> dict[str, GroupDraws]:
            known, unseen = (
                saved[f"{name}{suffix}"].isel(at).transpose("group", "chain", "draw").to_numpy().astype(np.float64)
                for name in ("registered", "dark_figure")
            )
            return {
                name: GroupDraws(labels.get(name, Label(name)), known[i], unseen[i], has_mean=has_mean)
                for i, name in enumerate(names)
            }

        years = [str(year) for year in saved["year"].to_numpy()] if "registered_by_year" in saved else []
        by_year = {year: groups("_by_year", {"year": i}) for i, year in enumerate(years)}
        return PeopleDraws(groups("", {}), by_year, _population(saved, has_mean))
    except (OSError, KeyError, ValueError) as error:
        message = "This is not the file of draws that a run writes. Estimate the study again."
        raise InputError(Fault(str(path), message)) from error


def _population(saved: xr.Dataset, has_mean: bool) -> PopulationDraws | None:
    """Return the draws of the people of every stratum; None in a file of version 1."""
    names = ("registered_by_stratum", "dark_figure_by_stratum", "implied_by_stratum")
    if any(name not in saved for name in names):
        return None
    registered, unseen, implied = (saved[name].transpose("chain", "draw", "stratum").to_numpy() for name in names)
    return PopulationDraws(registered, unseen, implied, has_mean=has_mean)


def _mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def refuse_what_is_no_run(path: Path) -> None:
    """Raise `InputError` unless a path is a folder with a manifest."""
    if is_folder(path) and os.path.lexists(path / MANIFEST):
        return
    if is_folder(path) and os.path.lexists(path / "study.toml"):
        message = f"This is a study, not a run. Estimate it first: darkfigure estimate {path} --out NEW-FOLDER"
    elif is_folder(path):
        message = f"This folder has no {MANIFEST}, so it is not a run. Name a folder that `darkfigure estimate` wrote."
    elif os.path.lexists(path):
        message = f"This is a file. Name the folder of the run: {path.parent}"
    else:
        message = f"There is no such run folder.{nearby(path)}"
    raise InputError(Fault(str(path), message))


def content_of(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file of a run."""
    try:
        content = json.loads(read_file(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            Fault(str(path), "This file cannot be read as JSON. Restore it, or estimate again.")
        ) from error
    if not isinstance(content, dict):
        raise InputError(Fault(str(path), "This is not the file that a run writes. Restore it, or estimate again."))
    return content


def _refuse_altered(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raise `InputError` with every file that is not as the run wrote it."""
    outputs = {str(name): digest for name, digest in _mapping(manifest.get("outputs")).items()}
    faults = [Fault(str(folder / MANIFEST), _ALTERED)] if is_altered(manifest) or not outputs else []
    for name in sorted({ESTIMATE, POSTERIOR, *outputs}):
        path = folder / Path(name).name
        if not path.is_file():
            faults.append(Fault(str(path), "This file of the run has gone. Restore it, or estimate again."))
        elif outputs.get(name) != sha256_of(path):
            faults.append(Fault(str(path), _ALTERED))
    if faults:
        raise InputError(faults)
