"""Between which the registered people of any strata lie, where a table gives bounds: kept beside the draws of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.capture.cells import CountedCells
from estimator.capture.observations import UNBOUNDED
from estimator.population.groups import Bounds

if TYPE_CHECKING:
    import xarray as xr

REGISTERED = "registered_numbers"
"""The group of posterior.nc that holds them."""


@dataclass(frozen=True, eq=False)
class RegisteredNumbers:
    """What tables say of registered people, in numbers that may be of several strata together.

    Parameters
    ----------
    lower, upper : ndarray, shape (number,)
        Bounds of each number; infinite where there is none above.
    covers : ndarray of bool, shape (number, stratum)
        To which strata the people of a number may belong.
    table : ndarray of int, shape (number,)
        Of which imputed table, from 0.
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    covers: NDArray[np.bool_]
    table: NDArray[np.int64]

    def bounds(self, strata: Iterable[int], years: int = 1) -> Bounds | None:
        """Return bounds of the people in some strata, per year of several; None where each table gives a number."""
        inside = np.zeros(self.covers.shape[1], bool)
        inside[list(strata)] = True
        certain, possible = ~self.covers[:, ~inside].any(axis=1), self.covers[:, inside].any(axis=1)
        known = []
        for table in np.unique(self.table):
            own = self.table == table
            known.append((self.lower[own & certain].sum() / years, self.upper[own & possible].sum() / years))
        if all(lower == upper for lower, upper in known):
            return None
        return float(min(lower for lower, _ in known)), float(max(upper for _, upper in known))


def registered_numbers(tables: Sequence[CountedCells]) -> RegisteredNumbers | None:
    """Return what tables say of registered people; None where each gives every number."""
    parts = [_of_table(table, place) for place, table in enumerate(tables)]
    if all((part.lower == part.upper).all() and (part.covers.sum(axis=1) == 1).all() for part in parts):
        return None
    return RegisteredNumbers(
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
        np.concatenate([part.covers for part in parts]),
        np.concatenate([part.table for part in parts]),
    )


def _of_table(table: CountedCells, place: int) -> RegisteredNumbers:
    """Return the numbers of one table: those of the same strata added up, whatever lists saw the people."""
    seen = table.tallied
    covers = np.zeros((len(seen), table.n_strata), bool)
    covers[seen.owner, seen.cell // table.n_histories] = True
    same, which = np.unique(covers, axis=0, return_inverse=True)
    lower, upper = np.zeros(len(same)), np.zeros(len(same))
    np.add.at(lower, which.ravel(), seen.lower)
    np.add.at(upper, which.ravel(), np.where(seen.upper == UNBOUNDED, math.inf, seen.upper.astype(float)))
    return RegisteredNumbers(lower, upper, same, np.full(len(same), place))


def registered_dataset(numbers: RegisteredNumbers) -> xr.Dataset:
    """Return the numbers as they are kept."""
    import xarray as xr

    return xr.Dataset(
        {
            "lower": ("number", numbers.lower),
            "upper": ("number", numbers.upper),
            "covers": (("number", "stratum"), numbers.covers.astype(np.int8)),
            "table": ("number", numbers.table),
        },
        attrs={"long_name": "registered persons as the table gives them, by the strata to which they may belong"},
    )


def read_registered_numbers(path: Path) -> RegisteredNumbers | None:
    """Return what a file of draws keeps; None where all was exactly known, and of runs made before it was kept."""
    import xarray as xr

    with xr.open_datatree(path, engine="h5netcdf") as tree:
        if REGISTERED not in tree.children:
            return None
        kept = tree[REGISTERED].to_dataset()
        lower, upper, covers, table = (kept[name].to_numpy() for name in ("lower", "upper", "covers", "table"))
    return RegisteredNumbers(lower, upper, covers.astype(bool), table)
