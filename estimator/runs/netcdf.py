"""The draws of an estimate as one NetCDF file, for ArviZ and for comparing runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estimator.population.estimate import Estimate
from estimator.population.groups import GroupDraws
from estimator.runs.registered_numbers import REGISTERED, registered_dataset, registered_numbers

if TYPE_CHECKING:
    import xarray as xr

SAMPLES = ("chain", "draw")
POPULATION, IMPLIED = "population", "implied_by_stratum"
Floats = NDArray[np.float64]


def data_groups(estimate: Estimate) -> dict[str, xr.Dataset]:
    """Return all groups of the InferenceData.

    Returns
    -------
    dict of str to Dataset
        Those of the method; ``population``: `population_dataset`; and ``registered_numbers`` where the table does not
        give every number of registered people.
    """
    numbers = registered_numbers(estimate.study.tables)
    return {
        **estimate.method.datasets(estimate.posterior),
        POPULATION: population_dataset(estimate),
        **({} if numbers is None else {REGISTERED: registered_dataset(numbers)}),
    }


def population_dataset(estimate: Estimate) -> xr.Dataset:
    """Return the draws of every population group.

    Returns
    -------
    Dataset
        ``N``, ``dark_figure`` and ``registered`` with dims (chain, draw, group), persons over the headline period (per
        year where it is averaged). Where the study has years also ``N_by_year``, ``dark_figure_by_year`` and
        ``registered_by_year`` with dims (chain, draw, year, group). ``label``: what each group is called.
        ``registered_by_stratum``, ``dark_figure_by_stratum`` and, without residual dependence,
        ``implied_by_stratum`` with dims (chain, draw, stratum), of which every group is a sum. The attribute
        ``has_mean`` is 0 where residual dependence leaves the dark figure without a mean. Of several imputed tables
        the coordinate ``table``, with dim chain: the file of the table that a chain is of.
    """
    import xarray as xr

    draws, years = estimate.group_draws, estimate.group_draws_by_year
    variables: dict[str, Any] = {name: ((*SAMPLES, "group"), values) for name, values in _stacked(draws).items()}
    coords: dict[str, Any] = {"group": list(draws), "label": ("group", [group.label.en for group in draws.values()])}
    if years:
        parts = [_stacked(groups) for groups in years.values()]
        for name in parts[0]:
            by_year = np.stack([part[name] for part in parts], axis=2)
            variables[f"{name}_by_year"] = ((*SAMPLES, "year", "group"), by_year)
        coords["year"] = list(years)
    population = estimate.population
    for name, people in (
        ("registered", population.registered),
        ("dark_figure", population.unseen),
        ("implied", population.implied_unseen),
    ):
        variables[f"{name}_by_stratum"] = ((*SAMPLES, "stratum"), people)
    coords["stratum"] = list(estimate.study.table.stratum_labels)
    if estimate.study.imputed:
        coords["table"] = ("chain", _table_of_each_chain(estimate))
    return xr.Dataset(variables, coords, {"has_mean": int(population.has_mean)})


def _table_of_each_chain(estimate: Estimate) -> list[str]:
    """Return the name of the table of each chain: as many chains for each table, those of the first in front."""
    tables = len(estimate.study.tables)
    chains = len(estimate.population.unseen) // tables
    return [estimate.study.table_name(number) for number in range(1, tables + 1) for _ in range(chains)]


def _stacked(groups: Mapping[str, GroupDraws]) -> dict[str, Floats]:
    """Return the draws of several groups side by side, shape (chain, draw, group) each."""
    draws = list(groups.values())
    return {
        "N": np.stack([group.size for group in draws], axis=-1),
        "dark_figure": np.stack([group.unseen for group in draws], axis=-1),
        "registered": np.stack([group.registered for group in draws], axis=-1),
    }


def netcdf_of(groups: Mapping[str, xr.Dataset]) -> bytes | memoryview:
    """Return data sets as groups of one NetCDF file, made in memory, as `arviz.from_netcdf` reads them.

    HDF5 must not write to the disk itself: when that is full, it brings the whole process down (a segmentation fault),
    and then nobody is left to say so or to tidy up.
    """
    import xarray as xr

    # whole numbers of people are worth packing; other draws get 5 % smaller by it, and take most of the time
    packed = {
        variable: {"zlib": True, "complevel": 1}
        for variable, values in groups[POPULATION].items()
        if values.ndim > 1 and variable != IMPLIED
    }
    encoding = {f"/{POPULATION}": packed}
    tree = xr.DataTree.from_dict(dict(groups))
    content: bytes | memoryview = tree.to_netcdf(engine="h5netcdf", encoding=encoding)
    return content
