"""Run folders with draws that are known, written as the tool writes them but without an estimate."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from estimator.methods.summary import summarise
from estimator.runs.manifest_digest import with_digest

N_CHAINS, N_DRAWS = 4, 1000
GROUPS = {"total": {}, "girls": {"sex": ["f"]}, "boys": {"sex": ["m"]}}
LABELS = {"total": "Total", "girls": "Girls", "boys": "Boys"}
PARENTS = {"total": None, "girls": "total", "boys": "total"}
DIGEST = "0" * 64

FACTS: dict[str, Any] = {
    "lists": ["P", "S", "H"],
    "covariates": {
        "year": {"levels": ["2020", "2021", "2022"], "ordered": True},
        "sex": {"levels": ["f", "m"], "ordered": False},
    },
    "decisions": [],
    "changes": [],
    "not_operating": [],
    "model": {"heterogeneity": [["year"], ["sex"]], "composition": [["year", "sex"]], "three_list": [], "breaks": []},
    "groups": {name: {"label": LABELS[name], "where": where, "per": None} for name, where in GROUPS.items()},
    "period": {"covariate": "year", "headline": ["2022"], "years": None},
    "table_kind": "synthetic",
    "registered": {"lower": 900, "upper": 900},
}
SAMPLER = {"draws": N_DRAWS, "warmup": 1000, "chains": N_CHAINS, "target_accept": 0.9, "attempt": 1}
PRIORS = {"title": "Made up", "dependence": {"form": "normal", "reason": "r", "odds_ratio": {"log_normal": [0.0, 1.0]}}}
ESTIMATE: dict[str, Any] = {
    "schema_version": 2,
    "study": "made-up",
    "title": "A made-up study",
    "title_nl": None,
    "source": "tests/runs/saved_run_examples.py",
    "language": None,
    "method": "loglinear",
    "method_options": {},
    "bound": False,
    "priors": "Made up",
    "priors_name": "made-up",
    "prior_changes": {},
    "table_kind": "synthetic",
    "publishable": False,
    "reasons": [],
    "cautions": [],
    "assumption": "Assumes what it assumes.",
    "residual": {"form": "none", "median": 1.0, "lower": 1.0, "upper": 1.0},
    "decisions": [],
    "changes": [],
    "notes": [],
    "lists": {name: {"en": name, "nl": None} for name in ("P", "S", "H")},
    "covariates": {},
    "caveats": [],
    "published": [],
    "level": 0.95,
    "width_factor": 1.5,
    "diagnostics": {
        "rhat_max": 1.001,
        "ess_bulk_min": 2000.0,
        "ess_tail_min": 2000.0,
        "divergences": 0,
        "draws": N_DRAWS,
        "chains": N_CHAINS,
        "posterior_predictive_p": 0.5,
        "converged": True,
    },
    "seconds": {"build": 0.0, "compile": 0.0, "sample": 0.0, "total": 0.0},
    "seed": 1,
    "thresholds_sha256": DIGEST,
    "versions": {"darkfigure": "0.1.0"},
}

Numbers = Mapping[str, tuple[float, np.ndarray]]
"""Of each group: registered people, and draws of the unseen, shape (chain, draw)."""


def around(middle: float, sd: float, seed: int) -> np.ndarray:
    """Draws around a number."""
    return np.random.default_rng(seed).normal(middle, sd, size=(N_CHAINS, N_DRAWS)).round().clip(0)


def people(girls: float, boys: float, unseen_girls: np.ndarray, unseen_boys: np.ndarray) -> Numbers:
    """The numbers of the two groups, and of everybody."""
    return {
        "total": (girls + boys, unseen_girls + unseen_boys),
        "girls": (girls, unseen_girls),
        "boys": (boys, unseen_boys),
    }


def changed(base: Mapping[str, Any], **entries: Any) -> dict[str, Any]:
    """A copy in which some entries have another value."""
    return {**copy.deepcopy(dict(base)), **entries}


def write_folder(
    folder: Path,
    headline: Numbers,
    by_year: Mapping[str, Numbers] | None = None,
    *,
    facts: Mapping[str, Any] = FACTS,
    estimate: Mapping[str, Any] = ESTIMATE,
    years: tuple[str, ...] | None = None,
    table: str = "one table",
    beside: Mapping[str, Mapping[str, Numbers]] | None = None,
    **manifest: Any,
) -> Path:
    """A run folder; `table` stands for the content of the table."""
    folder.mkdir(parents=True)
    period = {"years": None if years is None else list(years), "per_year": False, "pooled_years": None}
    if facts["period"] is not None:
        period["pooled_years"] = facts["period"]["years"]
    whole = changed(estimate, period=period, table_kind=facts["table_kind"], groups=groups_of(headline))
    if by_year:
        whole["by_year"] = {year: groups_of(numbers) for year, numbers in by_year.items()}
    write_draws(folder / "posterior.nc", headline, by_year or {})
    for name, numbers in (beside or {}).items():
        write_draws(folder / f"posterior-{name}.nc", next(reversed(numbers.values())), numbers)
        same = ("priors", "assumption", "residual", "publishable", "reasons", "width_factor", "groups", "diagnostics")
        whole.setdefault("beside", {})[name] = {key: whole[key] for key in same}
    (folder / "estimate.json").write_text(json.dumps(whole))
    record = {
        "schema_version": 2,
        "study": "made-up",
        "made": f"2026-11-27, {folder.name}",
        "command": [],
        "inputs": {"table": {"name": "table.csv", "sha256": hashlib.sha256(table.encode()).hexdigest()}},
        "facts": complete_facts(facts),
        "priors_name": "made-up",
        "priors": PRIORS,
        "prior_changes": {},
        "beside": {
            name: {"priors_name": name, "priors": PRIORS, "prior_changes": {}, "sampler": SAMPLER}
            for name in beside or {}
        },
        "seed": 1,
        "sampler": SAMPLER,
        "versions": {"darkfigure": "0.1.0", "numpy": "2.1"},
        "machine": {"system": "Linux", "machine": "x86_64", "cores": 2},
        "outputs": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())},
        **manifest,
    }
    (folder / "manifest.json").write_text(json.dumps(with_digest(record)))
    return folder


def complete_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts in which what a test does not care about has a value."""
    groups = {name: {"label": LABELS[name], "per": None, **group} for name, group in facts["groups"].items()}
    return {
        **facts,
        "decisions": [{"for_this_run": False, **decision} for decision in facts["decisions"]],
        "groups": {name: {**group, "label": {"en": group["label"], "nl": None}} for name, group in groups.items()},
    }


def groups_of(numbers: Numbers) -> dict[str, Any]:
    """The groups of estimate.json."""

    def summary(draws: Any) -> dict[str, Any]:
        return summarise(np.asarray(draws, dtype=float)).to_dict(5)

    return {
        name: {
            "label": {"en": LABELS[name], "nl": None},
            "parent": PARENTS[name],
            "registered": float(np.median(known)),
            "N": summary(known + unseen),
            "dark_figure": summary(unseen),
            "coverage": summary(known / np.maximum(known + unseen, 1)),
        }
        for name, (known, unseen) in numbers.items()
    }


def rewrite_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a manifest, with a digest that fits what it then says."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(with_digest(manifest)))


def write_draws(path: Path, headline: Numbers, by_year: Mapping[str, Numbers]) -> None:
    """The file of draws, with the group that a comparison reads."""
    import xarray as xr

    samples, variables = ("chain", "draw"), {}
    for which, take in (("registered", lambda known, hidden: np.full_like(hidden, known)), ("dark_figure", second)):
        variables[which] = ((*samples, "group"), np.stack([take(*headline[name]) for name in headline], axis=-1))
        if by_year:
            years = [np.stack([take(*numbers[name]) for name in headline], axis=-1) for numbers in by_year.values()]
            variables[f"{which}_by_year"] = ((*samples, "year", "group"), np.stack(years, axis=2))
    coords = {"group": list(headline), "label": ("group", [LABELS[name] for name in headline])}
    data = xr.Dataset(variables, coords | ({"year": list(by_year)} if by_year else {}))
    path.write_bytes(xr.DataTree.from_dict({"population": data}).to_netcdf(engine="h5netcdf"))


def second(_first: Any, value: Any) -> Any:
    return value


def three_years(folder: Path, **settings: Any) -> Path:
    """A run of three years: in 2022 fewer are registered, and the number of girls rises by some 20 % in every draw."""
    common = around(0, 150, 7)
    years = {
        "2020": people(300, 300, around(1200, 100, 1) + common, around(1200, 100, 2) + common),
        "2021": people(330, 300, around(1300, 100, 3) + common, around(1200, 100, 4) + common),
        "2022": people(220, 240, around(1800, 100, 5) + common, around(1260, 100, 6) + common),
    }
    return write_folder(folder, years["2022"], years, years=("2022",), **settings)
