"""Lists held out by stratum: how many of their people all other lists missed, and how many lists and pairs imply.

The people on a list are a population whose size is known in every stratum. Its other lists are fitted with the
covariates, without residual, and what that implies in every stratum stands beside the people whom they missed.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.holding_out import held_out_lists, hold_out
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear.design import design_of, observed_numbers
from estimator.methods.loglinear.refit import refit
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.study.study import read_study
from estimator.work.outcomes import Task
from evidence.public_tables import FOLDER, found_tables

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRATA_FOLDER = FOLDER / "strata"
STUDIES = {"scotland-pwid-2006": "Scotland", "spina-bifida-1969": "Spina bifida"}
"""Studies that ship with covariates of observed people, by family."""

BRIGHTON = "drugs-brighton"
PETERSBURG = "homeless-petersburg"
_WINTER = "winter"
BASE = "evidence"
KEPT = 500
"""Draws of each fit that are kept."""

_SEED = 1


@dataclass(frozen=True)
class StratifiedTable:
    """A public table with covariates.

    Parameters
    ----------
    what : str
        How people are divided, and which are left out.
    """

    name: str
    family: str
    what: str


@dataclass(frozen=True)
class StrataFit:
    """A fit of the people on a held-out list, by stratum."""

    table: str
    list: str

    @property
    def key(self) -> str:
        """Name among all."""
        return f"{self.table}: {self.list}"

    def task(self) -> Task:
        """Return it as a task whose result is that of `fit_strata`."""
        return Task(self.key, "evidence.strata:fit_strata", asdict(self))


@cache
def described() -> Mapping[str, Mapping[str, Any]]:
    """Return what is said of the tables of the folder, by name."""
    said: dict[str, Any] = tomllib.loads((STRATA_FOLDER / "sources.toml").read_text(encoding="utf-8"))
    return said


@cache
def stratified_tables() -> tuple[StratifiedTable, ...]:
    """Return all public tables with covariates of which a list can be held out."""
    winters = [table for table in found_tables() if table.name.startswith(PETERSBURG)]
    return (
        StratifiedTable("scotland-pwid-2006", "Scotland", "region, gender, age"),
        StratifiedTable("spina-bifida-1969", "Spina bifida", "ethnicity"),
        StratifiedTable(BRIGHTON, "Brighton", "sex"),
        StratifiedTable(PETERSBURG, "Saint Petersburg", f"sex, age, {len(winters)} winters"),
        *(StratifiedTable(name, item["family"], item["what"]) for name, item in described().items()),
    )


def files_read() -> list[Path]:
    """Return the files of the folders of public tables that are read."""
    return sorted([*STRATA_FOLDER.glob("*.csv"), *FOLDER.glob(f"{PETERSBURG}-*.csv"), FOLDER / f"{BRIGHTON}.csv"])


@lru_cache(maxsize=64)
def table_with_strata(name: str) -> tuple[CaptureTable, ModelSettings]:
    """Return a table and the terms of its model: those of its study, or coverage that differs by every covariate."""
    if name in STUDIES:
        study = read_study(name)
        return study.only_table, study.model
    ordered: tuple[str, ...] = ()
    file = FOLDER / f"{name}.csv"
    if name == PETERSBURG:
        file, ordered = _winters_in_one_file(), ("age", _WINTER)
    elif name in described():
        file, ordered = STRATA_FOLDER / f"{name}.csv", tuple(described()[name]["ordered"])
    return _read(file, ordered)


def _read(file: Path, ordered: tuple[str, ...]) -> tuple[CaptureTable, ModelSettings]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    columns = [column for column in rows[0] if column != "count"]
    lists = tuple(column for column in columns if {row[column] for row in rows} <= {"0", "1"})
    covariates = tuple(
        Covariate(column, tuple(sorted({row[column] for row in rows})), ordered=column in ordered)
        for column in columns
        if column not in lists
    )
    model = ModelSettings.for_covariates([covariate.name for covariate in covariates])
    return read_table(file, Declaration(lists, covariates)), model


def _winters_in_one_file() -> Path:
    """Write the winters of Saint Petersburg as one table with the winter as a covariate, and return where."""
    import tempfile

    file = Path(tempfile.mkdtemp()) / f"{PETERSBURG}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = None
        for table in found_tables():
            if not table.name.startswith(PETERSBURG):
                continue
            with table.file.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    full = {_WINTER: table.name.removeprefix(f"{PETERSBURG}-"), **row}
                    if writer is None:
                        writer = csv.DictWriter(out, list(full), lineterminator="\n")
                        writer.writeheader()
                    writer.writerow(full)
    return file


def fits_asked_for() -> list[StrataFit]:
    """Return the fit of every list that can be held out."""
    return [
        StrataFit(table.name, held.list)
        for table in stratified_tables()
        for held in held_out_lists(table_with_strata(table.name)[0])[0]
    ]


def fit_strata(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit the people on a held-out list by stratum, without residual.

    Parameters
    ----------
    payload : mapping
        The fields of `StrataFit`.

    Returns
    -------
    dict
        By stratum ``registered`` (on another list as well) and ``unseen`` people, and draws of ``log_implied``, shape
        (draws, S); draws of ``scale``.
    """
    fit = StrataFit(**payload)
    table, model = table_with_strata(fit.table)
    held = hold_out(table, fit.list)
    alone = 1 << (table.n_lists - 1 - table.lists.index(fit.list))
    unseen = observed_numbers(table).counts[:, alone].astype(int)
    assert unseen.sum() == held.unseen, fit.key
    return fitted(held.table, model, unseen)


def fitted(table: CaptureTable, model: ModelSettings, unseen: Ints) -> dict[str, Any]:
    """Fit a table by stratum under `BASE`, without residual.

    Parameters
    ----------
    unseen : ndarray of int, shape (S,)
        The people whom its lists missed.

    Returns
    -------
    dict
        As `fit_strata`.
    """
    posterior = refit(table, model, read_priors(BASE, {"residual.form": "none"}), seed=_SEED)
    implied = posterior.log_unseen.reshape(-1, table.n_strata)
    place = np.linspace(0, len(implied) - 1, KEPT).astype(int)
    return {
        "unseen": unseen.tolist(),
        "registered": observed_numbers(table).counts.sum(axis=1).astype(int).tolist(),
        "log_implied": np.round(implied[place], 4).tolist(),
        "scale": np.round(posterior.values["dependence_scale"].reshape(-1)[place], 5).tolist(),
    }


@lru_cache(maxsize=64)
def levels_of(name: str, *, ordered: bool = True) -> Floats:
    """Return the contrasts of the levels of every covariate of a table, shape (S, C).

    Parameters
    ----------
    ordered : bool
        False for contrasts in which ordered levels are like others.
    """
    table = table_with_strata(name)[0]
    if ordered:
        return design_of(table).levels
    return design_of(replace(table, covariates=tuple(replace(c, ordered=False) for c in table.covariates))).levels
