"""Tables, priors and densities for the tests of the model, and for those of the rooms after it."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero, Unobserved
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear.addresses import address_block
from estimator.methods.loglinear.arrays import ModelArrays, model_arrays
from estimator.methods.loglinear.density import machine_code
from estimator.methods.loglinear.design import Design, design_of, with_recording
from estimator.methods.loglinear.parameters import Parameter, PriorSettings, parameters_of, prior_settings
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import Break, ModelSettings

SEX = Covariate("sex", ("f", "m"))
YEAR = Covariate("year", ("2013", "2014", "2015", "2016"), ordered=True)
REGION = Covariate("region", ("north", "south", "west"))

THREE_LISTS = "A,B,C,count\n1,0,0,120\n0,1,0,75\n0,0,1,48\n1,1,0,14\n1,0,1,9\n0,1,1,6\n1,1,1,3\n"
TWO_LISTS = "A,B,count\n1,0,210\n0,1,130\n1,1,26\n"
FOUR_LISTS = (
    "A,B,C,D,count\n1,0,0,0,90\n0,1,0,0,61\n0,0,1,0,40\n0,0,0,1,33\n1,1,0,0,11\n1,0,1,0,8\n0,1,1,0,4\n"
    "1,0,0,1,6\n0,0,1,1,2\n1,1,1,0,3\n0,1,1,1,1\n"
)
BY_SEX = (
    "sex,A,B,C,count\nf,1,0,0,70\nf,0,1,0,41\nf,0,0,1,30\nf,1,1,0,9\nf,1,0,1,6\nf,0,1,1,2\n"
    "m,1,0,0,50\nm,0,1,0,34\nm,0,0,1,18\nm,1,1,0,5\nm,1,0,1,3\nm,0,1,1,4\nm,1,1,1,3\n"
)
BLANK_SEX = BY_SEX + ",1,0,0,12\n,0,1,0,7\n,1,1,0,2\n"
BLANK_AND_BOUNDED = (
    BLANK_SEX.replace("f,0,1,1,2", "f,0,1,1,1-4")
    .replace("m,1,0,1,3", "m,1,0,1,<5")
    .replace("m,0,0,1,18", "m,0,0,1,>10")
    + ",0,1,1,<5\nf,,1,0,3\n,,1,1,2\n,1,,1,..\n"
)
INTERVALS = (
    "A,B,C,count\n1,0,0,120\n0,1,0,<=80\n0,0,1,40-60\n1,1,0,14\n1,0,1,>=3\n0,1,1,<5\n1,1,1,1-4\n"
    # one more: a number that is exact although it is written as an interval
).replace("1,1,0,14", "1,1,0,14-14")


def read(text: str, declaration: Declaration | None = None, **options: str) -> CaptureTable:
    """Read a table from the text of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(path, declaration, **options)


def by_year() -> str:
    """Four years by two sexes by three lists; list C began in 2014, and men of 2015 cannot be on A and C at once."""
    rng = np.random.default_rng(5)
    rows = ["sex,year,A,B,C,count"]
    for sex in SEX.levels:
        for year in YEAR.levels:
            for a, b, c in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1)):
                if (c and year == "2013") or (a and c and year == "2015" and sex == "m"):
                    continue
                if (a + b, sex, year) == (2, "m", "2013"):
                    continue  # a zero that the file implies
                people = rng.poisson(40 / (a + b + c) ** 2)
                counted = (sex, year, a, b, c) != ("f", "2016", 0, 1, 0)
                rows.append(f"{sex},{year},{a},{b},{c},{people if counted else ''}")
    rows += ["f,,1,0,0,9", ",2014,0,1,0,4", ",,1,0,0,3"]
    return "\n".join(rows) + "\n"


def bounded(text: str) -> str:
    """Write the count of every row of list A alone as the five numbers around it."""
    header, *rows = text.split("\n")
    parts = [row.split(",") for row in rows]
    for part in parts:
        if part[2:5] == ["1", "0", "0"]:
            part[5] = f"{max(int(part[5]) - 2, 0)}-{int(part[5]) + 2}"
    return "\n".join([header, *map(",".join, parts)])


BY_YEAR = Declaration(
    ("A", "B", "C"),
    (SEX, YEAR),
    structural_zeros=(StructuralZero(("A", "C"), {"sex": ("m",), "year": ("2015",)}),),
    not_operating=(NotOperating("C", {"year": ("2013",)}),),
    unobserved=(Unobserved(("B",), {"sex": ("f",), "year": ("2016",)}),),
)


@dataclass(frozen=True)
class Case:
    """A table, the terms of its model, and changes of a shipped prior file."""

    text: str
    declaration: Declaration | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    priors: str = "moderate"
    changes: Mapping[str, str] = field(default_factory=dict)


STATED = {
    "dependence.pairs": '[{lists=["A","B"], odds_ratio={between=[1,4], probability=0.95}, reason="refer"},'
    '{lists=["C","B"], odds_ratio={log_normal=[-0.5,0.3]}, reason="divide the work"}]',
    "coverage.lists": '[{list="B", odds={log_normal=[-1,0.7]}, reason="large"}]',
}
RESIDUAL = {"residual.form": "stated", "residual.ratio.between": "[0.4, 3]", "residual.degrees_of_freedom": "4"}
RELATIVE = {"residual.form": "relative", "residual.size": "0.6", "residual.centre": "0.5"}
IN_SCALES = {"dependence.relative_mean.centre": "0.6", "dependence.relative_mean.size": "0.5"}
COMMON = {"dependence.common_mean": "{log_normal=[0.1,0.4]}"}
DIFFERENCES = {"coverage.form": "'differences'"}
NORMAL_RESIDUAL = {"residual.form": "stated", "residual.ratio.between": "[0.8, 3]"}
REDEFINED = (Break("B", "year", "2015"), Break("C", "year", "2016"), Break("B", "year", "2016"))
WITH_SEX = Declaration(("A", "B", "C"), (SEX,))
APART = Declaration(("A", "B", "C"), structural_zeros=(StructuralZero(("A", "C")),))

CASES: dict[str, Case] = {
    "two lists, default": Case(TWO_LISTS),
    "three lists, default": Case(THREE_LISTS),
    "three lists, independence": Case(THREE_LISTS, priors="independence"),
    "three lists, wide": Case(THREE_LISTS, priors="wide"),
    "three lists, horseshoe": Case(THREE_LISTS, priors="horseshoe"),
    "moderate, stated pairs and common mean": Case(THREE_LISTS, changes=STATED | COMMON),
    "wide, stated pairs": Case(THREE_LISTS, priors="wide", changes=STATED),
    "wide, common mean in scales": Case(FOUR_LISTS, priors="wide", changes=IN_SCALES),
    "wide, common mean in scales, stated pairs": Case(THREE_LISTS, priors="wide", changes=IN_SCALES | STATED),
    "horseshoe, stated pairs and common mean": Case(THREE_LISTS, priors="horseshoe", changes=STATED | COMMON),
    "four lists, three-list terms": Case(FOUR_LISTS, terms={"three_list": [("A", "B", "C"), ("B", "D", "C")]}),
    "three-list term without pairs": Case(THREE_LISTS, priors="independence", terms={"three_list": [("A", "B", "C")]}),
    "lists that cannot overlap": Case(THREE_LISTS.replace("1,0,1,9\n", "").replace("1,1,1,3\n", ""), APART),
    "residual dependence as stated": Case(THREE_LISTS, changes=RESIDUAL),
    "residual dependence that differs between strata": Case(
        BLANK_SEX, WITH_SEX, priors="wide", changes=RELATIVE | STATED | {"residual.between_strata": "0.4"}
    ),
    "residual dependence relative to pairs": Case(BLANK_SEX, WITH_SEX, priors="wide", changes=RELATIVE | STATED),
    "residual dependence relative to pairs that there are not": Case(
        TWO_LISTS.replace("1,1,26\n", ""),
        Declaration(("A", "B"), structural_zeros=(StructuralZero(("A", "B")),)),
        priors="horseshoe",
        changes=RELATIVE,
    ),
    "interval counts": Case(INTERVALS, priors="wide"),
    "one covariate": Case(BY_SEX, WITH_SEX),
    "unknown sex, horseshoe": Case(BLANK_SEX, WITH_SEX, priors="horseshoe"),
    "unknown sex and list, and counts within bounds": Case(BLANK_AND_BOUNDED, WITH_SEX, priors="wide"),
    "no heterogeneity": Case(BY_SEX, WITH_SEX, terms={"heterogeneity": ()}, priors="wide"),
    "years, everything at once": Case(by_year(), BY_YEAR, priors="wide", changes=STATED),
    "years, everything at once, counts within bounds": Case(bounded(by_year()), BY_YEAR),
    "years, without two-way terms": Case(by_year(), BY_YEAR, terms={"composition": (), "heterogeneity": ("year",)}),
    "years and sex together": Case(by_year(), BY_YEAR, terms={"heterogeneity": ("year", ("year", "sex"), "sex")}),
    "lists redefined": Case(by_year(), BY_YEAR, terms={"breaks": REDEFINED}),
    "a list redefined, coverage otherwise the same": Case(
        by_year(), BY_YEAR, terms={"breaks": REDEFINED[:1], "heterogeneity": ()}, priors="horseshoe"
    ),
    "differences in coverage": Case(THREE_LISTS, changes=DIFFERENCES | NORMAL_RESIDUAL),
    "differences in coverage, independence": Case(TWO_LISTS, priors="independence", changes=DIFFERENCES),
    "differences in coverage, three-list terms, horseshoe": Case(
        FOUR_LISTS, terms={"three_list": [("A", "B", "C")]}, priors="horseshoe", changes=DIFFERENCES
    ),
    "differences in coverage, residual dependence relative to pairs": Case(
        BLANK_SEX, WITH_SEX, priors="wide", changes=DIFFERENCES | RELATIVE | STATED
    ),
    "differences in coverage of lists that cannot overlap": Case(
        TWO_LISTS.replace("1,1,26\n", ""),
        Declaration(("A", "B"), structural_zeros=(StructuralZero(("A", "B")),)),
        priors="horseshoe",
        changes=DIFFERENCES | RELATIVE,
    ),
    "differences in coverage, years, everything at once": Case(
        by_year(), BY_YEAR, terms={"breaks": REDEFINED}, priors="wide", changes=STATED | DIFFERENCES
    ),
}


@dataclass(frozen=True)
class Built:
    """A case made ready."""

    table: CaptureTable
    priors: Priors
    design: Design
    settings: PriorSettings
    parameters: tuple[Parameter, ...]
    arrays: ModelArrays

    def points(self, number: int, *, shrink: float = 1.0, seed: int = 0) -> np.ndarray:
        """Draws from the prior, drawn towards the origin."""
        return shrink * prior_positions(self.design, self.settings, number, np.random.default_rng(seed))


def built(table: CaptureTable, priors: Priors, **terms: Any) -> Built:
    """Return everything that is made of a table and priors."""
    design = design_of(table, dependence=priors.dependence.form != "none", **terms)
    design = with_recording(design, table, ModelSettings())
    settings = prior_settings(priors, design)
    return Built(table, priors, design, settings, parameters_of(design, settings), model_arrays(design, settings))


@cache
def built_case(name: str) -> Built:
    """Return a case of `CASES`, made ready."""
    case = CASES[name]
    return built(read(case.text, case.declaration), read_priors(case.priors, case.changes), **case.terms)


def density(arrays: ModelArrays, position: Sequence[float] | np.ndarray) -> tuple[float, np.ndarray]:
    """Return log density and gradient as the sampler gets them: from the compiled function at its address."""
    call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)(machine_code().log_density.address)
    at = np.ascontiguousarray(position, dtype=np.float64)
    gradient, value, block = np.full(len(at), np.nan), np.full(1, np.nan), address_block(arrays)
    call(len(at), at.ctypes.data, gradient.ctypes.data, value.ctypes.data, block.ctypes.data)
    return float(value[0]), gradient


def log_density(arrays: ModelArrays, position: Sequence[float] | np.ndarray) -> float:
    """Return the log density alone."""
    return density(arrays, position)[0]


def named_values(found: Built, position: np.ndarray) -> dict[tuple[str, ...], float]:
    """Return sampled values by the names of what they belong to, so that two orders can be matched."""
    from estimator.methods.loglinear.parameters import coords_of

    coords, names = coords_of(found.design, found.settings), []
    for parameter in found.parameters:
        labels = [[tuple(sorted(label.split("&"))) for label in coords[dim]] for dim in parameter.dims]
        grid: list[tuple[Any, ...]] = [()]
        for level in labels:
            grid = [(*start, label) for start in grid for label in level]
        names += [(parameter.name, *entry) for entry in grid]
    return dict(zip(names, position, strict=True))  # type: ignore[arg-type]


def matched(found: Built, values: Mapping[tuple[str, ...], float]) -> np.ndarray:
    """Return the position at which a case has the named values of another."""
    order = list(named_values(found, np.zeros(sum(parameter.size for parameter in found.parameters))))
    return np.array([values[name] for name in order])
