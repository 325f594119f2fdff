"""What the file of draws holds besides people: observed counts by capture history, and draws of the prior."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from estimator.runs.reading import POSTERIOR, Run

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class KeptDraws:
    """Parts of posterior.nc that a report shows.

    Parameters
    ----------
    counts : ndarray, shape (stratum, history), or None
        Observed people; not a number where a count is known only with others or within bounds.
    ratio_before : ndarray or None
        Draws of the prior: the dark figure of the whole table for each registered person. None for a method without
        such a prior.
    """

    counts: Floats | None
    ratio_before: Floats | None


def read_kept_draws(run: Run) -> KeptDraws:
    """Read them from the folder of a run."""
    import xarray as xr

    path: Path = run.folder / POSTERIOR
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        counts = tree["observed_data"]["count"] if "observed_data" in tree else None
        table = None if counts is None else counts.transpose("stratum", "history").to_numpy().astype(np.float64)
        before = tree["prior"].dataset if "prior" in tree else {}
        ratio = np.exp(before["log_ratio"].to_numpy().ravel()) if "log_ratio" in before else None
    return KeptDraws(table, ratio)
