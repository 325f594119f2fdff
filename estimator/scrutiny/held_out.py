"""How far may intervals be trusted? Lists held out of public tables, whose true sizes are known.

References
----------
Binette & Steorts (2022), Journal of the Royal Statistical Society A 185:640, doi 10.1111/rssa.12803.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.capture.holding_out import held_out_lists
from estimator.errors import Fault, InputError, NotEstimableError
from estimator.scrutiny.held_out_fits import HeldOutFit, Source, table_of
from estimator.scrutiny.outcomes import FAILED
from estimator.scrutiny.scores import LEVELS, QUANTILES, Judged, Score, log_interval_score, score_of
from estimator.scrutiny.tasks import run_tasks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTHING = "No list of these studies can be held out. A list is held out when two others saw the same one of its people."


@dataclass(frozen=True)
class Case:
    """One list held out of one table, and its estimate under one set of priors.

    Parameters
    ----------
    table, list, priors : str
    judged : Judged
    registered, lists : int
        People of the list whom the others saw, and number of those others.
    converged : bool
        Whether the chains of the (quick) fit agreed.
    """

    table: str
    list: str
    priors: str
    judged: Judged
    registered: int
    lists: int
    converged: bool

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; numbers are persons."""
        return {
            "table": self.table,
            "list": self.list,
            "priors": self.priors,
            "truth": int(self.judged.truth),
            "seen_by_others": self.registered,
            "other_lists": self.lists,
            "median": self.judged.quantiles[0.5],
            "intervals": {f"{level:g}": list(self.judged.limits(level)) for level in LEVELS},
            "inside_95": self.judged.covers(0.95),
            "interval_score": log_interval_score(self.judged),
            "converged": self.converged,
        }


@dataclass(frozen=True)
class HeldOutReport:
    """Held-out lists of several tables under several sets of priors.

    Parameters
    ----------
    cases : tuple of Case
    left_out : mapping of str to str
        Why some lists, or whole tables, were not held out: by ``"table: list"``.
    failed : mapping of str to str
        Fits that could not be done, by ``"table: list, priors"``.
    """

    cases: tuple[Case, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def priors(self) -> tuple[str, ...]:
        """Names of the sets of priors, in the order asked for."""
        return tuple(dict.fromkeys(case.priors for case in self.cases))

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables of which a list was held out."""
        return tuple(dict.fromkeys(case.table for case in self.cases))

    def of(self, priors: str, table: str | None = None) -> list[Case]:
        """Return the cases under one set of priors, of one table or of all."""
        return [case for case in self.cases if case.priors == priors and table in (None, case.table)]

    def score(self, priors: str, table: str | None = None) -> Score:
        """Return averages under one set of priors, of one table or of all with equal weights."""
        return score_of([case.judged for case in self.of(priors, table)])

    def plot(self, priors: Sequence[str] | None = None) -> Figure:
        """Draw estimate against truth, all sets of priors or some; see `estimator.scrutiny.held_out_drawing.draw`."""
        from estimator.scrutiny.held_out_drawing import draw

        return draw(self, self.priors if priors is None else priors)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        from estimator.scrutiny.held_out_wording import score_record

        return {
            "kind": "held-out lists",
            "scores": {
                name: {
                    "all": score_record(self.score(name)),
                    "by_table": {table: score_record(self.score(name, table)) for table in self.tables},
                }
                for name in self.priors
            },
            "cases": [case.to_dict() for case in self.cases],
            "left_out": dict(self.left_out),
            "failed": dict(self.failed),
        }


def held_out(
    studies: Sequence[str],
    priors: Sequence[str],
    *,
    pooled: bool = False,
    overrides: Mapping[str, str] | None = None,
    seed: int = 1,
    draws: int = 1000,
    folder: Path | None = None,
    workers: int = 2,
    cluster: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> HeldOutReport:
    """Hold every list out of every table in turn, estimate its people from the other lists, and compare.

    Parameters
    ----------
    studies : sequence of str
        Names, folders or files of studies, or table.csv files.
    priors : sequence of str
        Names or files.
    pooled : bool
        Whether to add up the strata of studies with covariates; else their own model is fitted.
    overrides : mapping of str to str, optional
        Changes to every set of priors.
    seed, draws : int
        Draws per chain, of two chains.
    folder, workers, cluster, progress
        As for `estimator.scrutiny.tasks.run_tasks`.

    Returns
    -------
    HeldOutReport

    Raises
    ------
    InputError
        When a study or prior file cannot be read.
    NotEstimableError
        When no list can be held out.
    """
    from estimator.study.priors import read_priors

    sets = {name: read_priors(name, dict(overrides or {})) for name in priors}
    lists, left_out = _what_to_hold_out([Source(study, pooled) for study in studies])
    if not lists:
        raise NotEstimableError([NOTHING, *(f"{where}: {why}" for where, why in left_out.items())])
    asked = {
        f"{label}: {name}, {one}": HeldOutFit(source, name, one, dict(overrides or {}), seed, draws)
        for label, source, name in lists
        for one in priors
    }
    found = run_tasks(
        [fit.task(key) for key, fit in asked.items()],
        folder=folder,
        identity=_identity([source for _, source, _ in lists], sets, seed, draws),
        workers=workers,
        cluster=cluster,
        progress=progress,
    )
    labels = {(source, name): label for label, source, name in lists}
    done = {key: result for key, result in found.items() if FAILED not in result}
    cases = [case_of(labels[fit.source, fit.list], fit, done[key]) for key, fit in asked.items() if key in done]
    return HeldOutReport(tuple(cases), left_out, {k: str(r[FAILED]) for k, r in found.items() if FAILED in r})


def _what_to_hold_out(sources: Sequence[Source]) -> tuple[list[tuple[str, Source, str]], dict[str, str]]:
    """Return (name of the table, source, list) of all that can be held out, and why others cannot."""
    lists: list[tuple[str, Source, str]] = []
    left_out: dict[str, str] = {}
    labels = _labels([source.reference for source in sources])
    for label, source in zip(labels, sources, strict=True):
        found, why_not = held_out_lists(table_of(source)[0])
        lists += [(label, source, held.list) for held in found]
        left_out |= {f"{label}: {name}": why for name, why in why_not.items()}
    return lists, left_out


def _labels(references: Sequence[str]) -> list[str]:
    """Return a short name for each table; the whole path where two would be called the same."""
    if len(set(references)) < len(references):
        twice = next(one for one in references if list(references).count(one) > 1)
        raise InputError(Fault(twice, "This study is named twice. Name each once."))
    short = [_short(reference) for reference in references]
    return [name if short.count(name) == 1 else full for name, full in zip(short, references, strict=True)]


def _short(reference: str) -> str:
    path = Path(reference)
    if path.name in ("study.toml", "table.csv"):
        return path.resolve().parent.name
    return path.stem if path.suffix else path.name


def _identity(sources: Sequence[Source], sets: Mapping[str, Any], seed: int, draws: int) -> dict[str, Any]:
    """Return what results depend on, for the folder that keeps them."""
    from hashlib import sha256

    from estimator.inference.provenance import versions

    def digest(value: object) -> str:
        return sha256(repr(value).encode()).hexdigest()[:16]

    tables = {source: table_of(source)[0] for source in dict.fromkeys(sources)}
    return {
        "what": "held-out lists",
        "tables": {
            f"{source.reference}{' (pooled)' if source.pooled else ''}": digest(
                [array.tobytes() for array in (table.lower, table.upper, table.cover_start, table.cover_cell)]
            )
            for source, table in tables.items()
        },
        "priors": {name: digest(one.model_dump_json()) for name, one in sets.items()},
        "seed": seed,
        "draws": draws,
        "versions": versions(),
    }


def case_of(label: str, fit: HeldOutFit, result: Mapping[str, Any]) -> Case:
    """Return what came of a fit.

    Parameters
    ----------
    label : str
        Name of the table.
    fit : HeldOutFit
    result : mapping
        From `held_out_fits.fit_held_out`.

    Returns
    -------
    Case
    """
    from estimator.scrutiny.refit import AGREED

    quantiles = dict(zip(QUANTILES, result["quantiles"], strict=True))
    return Case(
        table=label,
        list=fit.list,
        priors=fit.priors,
        judged=Judged(label, float(result["size"]), quantiles),
        registered=int(result["registered"]),
        lists=int(result["lists"]),
        converged=float(result["rhat"]) <= AGREED,
    )
