"""A multiverse of 500 pooled specifications on two processes, and how far its quick sampling is from full sampling."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from estimator.calibration.at_scale import Running
from estimator.methods.door import SamplerSettings
from estimator.multiverse.choices import choices_of
from estimator.multiverse.multiverse import DRAWS, run_multiverse
from estimator.multiverse.record import MultiverseRecord
from estimator.multiverse.specifications import grid_of
from estimator.population.estimate import estimate
from estimator.shipped import folder
from estimator.study.study import read_declared, read_study

SPECIFICATIONS = 500
CHECKED = 12
TARGET = 300.0  # seconds on two cores

_SECTION = """
[multiverse]
vary = ["lists", "methods", "priors"]
"""
_PRIORS = ("nl-2017", "independence", "evidence", "wide", "horseshoe")
_WAYS = (
    ("decomposable", ""),
    ("decomposable", 'prior = "flat"'),
    ("decomposable", 'delta = "1"'),
    ("selection", ""),
    ("selection", 'criterion = "aic"'),
    ("selection", 'search = "downhill"'),
    ("selection", 'search = "stepwise"'),
    ("selection", 'search = "forward"'),
    ("threshold", ""),
    ("threshold", 'threshold = "3"'),
    ("threshold", 'prior = "normal"'),
    ("independence", ""),
    ("heterogeneity", ""),
    ("heterogeneity", 'spread = "0.5"'),
    ("heterogeneity", 'spread = "2"'),
    ("latent-class", ""),
    ("latent-class", 'classes = "5"'),
)


def write_study(target: Path) -> Path:
    """Write the six British lists with methods and options that make more than 500 specifications."""
    source = folder("data") / "uk-2013"
    target.mkdir()
    (target / "table.csv").write_bytes((source / "table.csv").read_bytes())
    priors = "".join(f'[[multiverse.priors]]\npriors = "{name}"\nreason = "Measured"\n' for name in _PRIORS)
    ways = "".join(
        f'[[multiverse.methods]]\nmethod = "{method}"\noptions = {{ {options} }}\nreason = "Measured"\n'
        for method, options in _WAYS
    )
    (target / "study.toml").write_text((source / "study.toml").read_text("utf-8") + _SECTION + priors + ways, "utf-8")
    return target


def multiverse_lines() -> list[str]:
    """Measure, and return what is measured as lines of text."""
    with tempfile.TemporaryDirectory() as place:
        study = write_study(Path(place) / "study")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        record = run_multiverse(study, most=SPECIFICATIONS, running=Running(None, 2))
        seconds = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        worst, checked = _off_full_sampling(study, record)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        f"multiverse: {len(record.specifications)} of {record.possible} specifications of six lists",
        f"  {seconds:.0f} s on two processes ({processor:.0f} s of processor time, {os.cpu_count()} cores), "
        f"target <= {TARGET:.0f}; {len(record.passed)} pass",
        f"  {DRAWS} draws against 2,000 of each of four chains, {checked} specifications: median at most "
        f"{worst[0]:.1%} off, limits {worst[1]:.1%}, as a part of the interval's width",
    ]


def _off_full_sampling(study: Path, record: MultiverseRecord) -> tuple[tuple[float, float], int]:
    """Return how far median and limits of some specifications are off at most, in widths of their intervals."""
    file, content = read_declared(study)
    read = read_study(study)
    grid = grid_of(read, file, choices_of(read, file, content.multiverse), SPECIFICATIONS, record.seed)
    pairs = [
        (one, found)
        for one, found in zip(grid.specifications, record.specifications, strict=True)
        if found.status == "passes"
    ]
    off = []
    for one, found in pairs[:: max(1, len(pairs) // CHECKED)][:CHECKED]:
        way = {"method": one.method.value, "options": one.method.options, "beside": ()}
        full = estimate(one.variation.study, one.priors.priors, sampler=SamplerSettings(), **way).total.N
        width = full.upper - full.lower
        limits = max(abs(full.lower - (found.lower or 0.0)), abs(full.upper - (found.upper or 0.0)))
        off.append((abs(full.median - (found.median or 0.0)) / width, limits / width))
    worst = np.array(off).max(axis=0)
    return (float(worst[0]), float(worst[1])), len(off)
