"""The run folder: everything about one estimate, written complete or not at all.

The folder is private (mode 0700): small counts of victims are in it.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.errors import Fault, InputError
from estimator.inference.provenance import hashes, machine, sha256_of, versions

if TYPE_CHECKING:
    import xarray as xr

    from estimator.population.estimate import Estimate
    from estimator.population.groups import GroupEstimate

COLUMNS = (
    "study",
    "table_kind",
    "period",
    "group",
    "label",
    "quantity",
    "median",
    "mean",
    "sd",
    "lower_50",
    "upper_50",
    "lower_80",
    "upper_80",
    "lower_95",
    "upper_95",
)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write into, which becomes `target` when all went well and vanishes when not.

    Parameters
    ----------
    target : Path
        Must not exist.

    Yields
    ------
    Path
        A folder beside it.

    Raises
    ------
    InputError
        When `target` exists, or its parent cannot be written.
    """
    made: list[Path] = []
    try:
        if os.path.lexists(target) or target.name in ("", ".."):
            message = "This exists already, and a run is never overwritten. Give another --out."
            raise InputError(Fault(str(target), message))
        made = [parent for parent in (target.parent, *target.parent.parents) if not parent.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent))
    except OSError as error:
        _remove_if_empty(made)
        raise _unwritable(target, error) from error
    try:
        yield part
        part.rename(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        if part.exists():
            shutil.rmtree(part, ignore_errors=True)
            _remove_if_empty(made)


def _remove_if_empty(folders: Sequence[Path]) -> None:
    """Remove the parents that were made for a run that was not written."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _unwritable(target: Path, error: OSError) -> InputError:
    """Return the error for a run that cannot be written."""
    why = error.strerror or str(error)
    if isinstance(error, FileExistsError | NotADirectoryError):
        why = "a part of this path is a file, not a folder"
    advice = "Make room" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "Mend that"
    return InputError(
        Fault(str(target), f"The run could not be written ({why}). {advice}, or give another folder with --out.")
    )


def save_run(estimate: Estimate, target: Path, command: Sequence[str] = ()) -> Path:
    """Write an estimate into a new folder.

    Parameters
    ----------
    estimate : Estimate
    target : Path
        Must not exist.
    command : sequence of str, optional
        The command line that made it, for the manifest.

    Returns
    -------
    Path
        The folder, with ``posterior.nc``, ``estimate.json``, ``estimate.csv`` and ``manifest.json``.
    """
    with new_folder(target) as part:
        write_run(estimate, part, command)
    return target


def write_run(estimate: Estimate, folder: Path, command: Sequence[str] = ()) -> None:
    """Write the files of a run into an empty folder."""
    write_netcdf(data_groups(estimate), folder / "posterior.nc")
    _write_text(folder / "estimate.json", json.dumps(estimate.to_dict(), indent=2, ensure_ascii=False) + "\n")
    _write_text(folder / "estimate.csv", csv_of(estimate))
    _write_text(folder / "manifest.json", json.dumps(manifest(estimate, folder, command), indent=2) + "\n")


def _write_text(path: Path, text: str) -> None:
    """Write text into a file that only the user can read."""
    _write(path, text.encode("utf-8"))


def _write(path: Path, content: bytes | memoryview) -> None:
    """Write a file that only the user can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def data_groups(estimate: Estimate) -> dict[str, xr.Dataset]:
    """Return all groups of the InferenceData: those of the posterior, the prior, and the population groups."""
    import numpy as np
    import xarray as xr

    from estimator.inference.labelled import groups_of, prior_dataset

    draws = estimate.group_draws
    dims = ("group", "chain", "draw")
    population = xr.Dataset(
        {
            "N": (dims, np.stack([group.size for group in draws.values()])),
            "dark_figure": (dims, np.stack([group.unseen for group in draws.values()])),
            "registered": (dims, np.stack([group.registered for group in draws.values()])),
        },
        {"group": list(draws), "label": ("group", [group.label.en for group in draws.values()])},
    )
    return {
        **groups_of(estimate.posterior),
        "prior": prior_dataset(estimate.posterior),
        "population": population.transpose("chain", "draw", "group"),
    }


def write_netcdf(groups: Mapping[str, xr.Dataset], path: Path) -> None:
    """Write data sets as groups of one NetCDF file, as `arviz.from_netcdf` reads them."""
    _write(path, netcdf_of(groups))


def netcdf_of(groups: Mapping[str, xr.Dataset]) -> bytes | memoryview:
    """Return data sets as groups of one NetCDF file, made in memory.

    HDF5 must not write to the disk itself: when that is full, it brings the whole process down (a segmentation fault),
    and then nobody is left to say so or to tidy up.
    """
    import xarray as xr

    packed = {"zlib": True, "complevel": 1}
    encoding = {
        f"/{name}": {variable: packed for variable in dataset if dataset[variable].ndim > 1}
        for name, dataset in groups.items()
    }
    tree = xr.DataTree.from_dict(dict(groups))
    content: bytes | memoryview = tree.to_netcdf(engine="h5netcdf", encoding=encoding)
    return content


def csv_of(estimate: Estimate) -> str:
    """Return the estimate as tidy CSV: one row per period, group and quantity.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    str
        With a header; `COLUMNS`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    periods: dict[str, Mapping[str, GroupEstimate]] = {"headline": estimate.groups}
    if estimate.per_year:
        periods["per year"] = estimate.per_year
    for period, groups in (periods | dict(estimate.by_year)).items():
        for name, group in groups.items():
            for quantity in ("registered", "N", "dark_figure", "coverage"):
                found, digits = getattr(group, quantity), 5 if quantity == "coverage" else 1
                limits = [limit for pair in found.intervals.values() for limit in pair]
                numbers = [round(value, digits) for value in (found.median, found.mean, found.sd, *limits)]
                head = [estimate.study.name, estimate.study.table_kind, period, name, group.label.en, quantity]
                writer.writerow([*head, *numbers])
    return text.getvalue()


def manifest(estimate: Estimate, folder: Path, command: Sequence[str]) -> dict[str, Any]:
    """Return what went in and what came out: enough to make the run again and to see that it is unaltered.

    Parameters
    ----------
    estimate : Estimate
    folder : Path
        With the outputs.
    command : sequence of str

    Returns
    -------
    dict
        Hashes of inputs and outputs, seed, settings of the sampler, versions, machine, command and time.
    """
    inputs = dict(estimate.study.files)
    if estimate.priors.path is not None:
        inputs["priors"] = estimate.priors.path
    used = estimate.posterior.draws.settings
    return {
        "study": estimate.study.name,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command),
        "inputs": hashes(inputs),
        "priors": estimate.priors.model_dump(mode="json", exclude_none=True),
        "prior_changes": estimate.priors.overrides,
        "outputs": {path.name: sha256_of(path) for path in sorted(folder.iterdir())},
        "seed": used.seed,
        "sampler": {
            "draws": used.draws,
            "warmup": used.warmup,
            "chains": used.chains,
            "target_accept": used.target_accept,
            # a second or third attempt has more draws, and smaller steps, than the command asked for
            "attempt": estimate.attempt,
        },
        "versions": versions(),
        "machine": machine(),
    }
