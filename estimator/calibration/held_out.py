"""How far may intervals be trusted? Lists held out of public tables, whose true sizes are known.

References
----------
Binette & Steorts (2022), Journal of the Royal Statistical Society A 185:640, doi 10.1111/rssa.12803.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from estimator.calibration.at_scale import Running
from estimator.calibration.held_out_fits import HeldOutFit, Source, held_out_of, table_of
from estimator.calibration.public_evidence import counts_digest, counts_learned_from
from estimator.capture.holding_out import held_out_lists
from estimator.errors import Fault, InputError, NotEstimableError
from estimator.fits.scores import LEVELS, QUANTILES, Judged, Score, log_interval_score, score_of
from estimator.methods.door import AGREED, Method
from estimator.methods.registry import (
    DEFAULT_METHOD,
    cannot_refit,
    chosen_method,
    method_named,
    no_priors,
    refusals_of_table,
)
from estimator.population.beside import NO_PRIORS, distinct_names
from estimator.reasons import Reason
from estimator.runs.provenance import versions
from estimator.study.priors import Priors, read_priors
from estimator.study.shipped import DEFAULT_PRIORS, EVIDENCE, shipped_priors
from estimator.work.outcomes import FAILED
from estimator.work.tasks import Result, run_tasks

PriorSets = dict[str, tuple[str, Priors]]
"""Reference and content of each set of priors, by its name."""


@dataclass(frozen=True)
class Case:
    """One list held out of one table, and its estimate under one set of priors.

    Parameters
    ----------
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
            "inside_95": self.judged.holds(0.95),
            "interval_score": log_interval_score(self.judged),
            "converged": self.converged,
        }


@dataclass(frozen=True)
class HeldOutReport:
    """Held-out lists of several tables under several sets of priors.

    Parameters
    ----------
    left_out : mapping of (str, str) to Reason
        Why some lists were not held out, by table and list.
    failed : mapping of str to str
        Fits that could not be done, by ``"table: list, priors"``.
    learned_from : tuple of str
        Tables from which the priors `evidence` were learned, when these are among the sets.
    pooled : bool
        Whether the strata of tables were added up.
    method : str
        Whose intervals were held against the lists.
    """

    cases: tuple[Case, ...]
    left_out: Mapping[tuple[str, str], Reason] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    learned_from: tuple[str, ...] = ()
    pooled: bool = False
    method: str = "loglinear"

    @property
    def bound(self) -> bool:
        """Whether the method gives a bound, which need not hold the truth but must not lie above it."""
        return method_named(self.method).abilities.bound

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

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "kind": "held-out lists",
            "method": self.method,
            "bound": self.bound,
            "scores": {
                name: {
                    "all": self.score(name).to_dict(),
                    "by_table": {table: self.score(name, table).to_dict() for table in self.tables},
                }
                for name in self.priors
            },
            "cases": [case.to_dict() for case in self.cases],
            "left_out": {f"{table}: {name}": why.to_dict() for (table, name), why in self.left_out.items()},
            "failed": dict(self.failed),
            "learned_from": list(self.learned_from),
            "pooled": self.pooled,
        }


def held_out(
    studies: Sequence[str],
    priors: Sequence[str] = (),
    *,
    method: str | None = None,
    options: Mapping[str, str] | None = None,
    pooled: bool = False,
    overrides: Mapping[str, str] | None = None,
    seed: int = 1,
    draws: int = 1000,
    running: Running | None = None,
) -> HeldOutReport:
    """Hold every list out of every table in turn, estimate its people from the other lists, and compare.

    Parameters
    ----------
    studies : sequence of str
        Names, folders or files of studies, or table.csv files.
    priors : sequence of str
        Names or files; by default all that ship with the tool, and none for a method that takes none.
    method : str, optional
        Whose intervals are tried; by default that of the studies.
    options : mapping of str to str, optional
        Choices of the method, in place of those of the studies.
    pooled : bool
        Whether to add up the strata of studies with covariates; else their own model is fitted.
    overrides : mapping of str to str, optional
        Changes to every set of priors.
    seed, draws : int
        Draws per chain, of two chains.
    running : Running, optional
        How the fits are done, and where they are kept.

    Raises
    ------
    InputError
        When a study or prior file cannot be read, or the method cannot be tried so.
    NotEstimableError
        When no list can be held out.
    """
    sources = [Source(study, pooled) for study in studies]
    way, choices = _method_of(sources, method, options or {})
    changes = dict(overrides or {})
    sets = _sets_for(way, priors, changes)
    lists, left_out = _what_to_hold_out(sources, way, choices)
    _refuse_copies(sources)
    if not lists:
        raise NotEstimableError([Reason("no-list-can-be-held-out"), *not_held_out(left_out)])
    asked = [
        _Asked(label, called, HeldOutFit(source, name, reference, changes, seed, draws, way.name, choices[source]))
        for label, source, name in lists
        for called, (reference, _) in sets.items()
    ]
    results = _done(asked, sets, running or Running())
    return HeldOutReport(
        tuple(case_of(case.table, case.fit, result, case.priors) for case, result in results if FAILED not in result),
        left_out,
        {case.name: str(result[FAILED]) for case, result in results if FAILED in result},
        _learned_from({label: source for label, source, _ in lists}, sets) if way.abilities.priors else (),
        pooled,
        way.name,
    )


@dataclass(frozen=True)
class _Asked:
    """A fit that is asked for, with what its table and its priors are called."""

    table: str
    priors: str
    fit: HeldOutFit

    @property
    def name(self) -> str:
        """Names of table, list and priors."""
        return f"{self.table}: {self.fit.list}, {self.priors}"


def _done(asked: Sequence[_Asked], sets: PriorSets, running: Running) -> list[tuple[_Asked, Result]]:
    """Return the result of every fit that is asked for."""
    tasks = [wanted.fit.task(f"{wanted.name} [{_content(wanted.fit, sets[wanted.priors][1])}]") for wanted in asked]
    done = run_tasks(
        tasks,
        identity={"what": "held-out lists", "versions": versions()},
        folder=None if running.folder is None else running.folder / "held-out",
        workers=running.workers,
        cluster=running.cluster,
        progress=running.progress,
    )
    return [(wanted, done[task.key]) for wanted, task in zip(asked, tasks, strict=True)]


def not_held_out(left_out: Mapping[tuple[str, str], Reason]) -> list[Reason]:
    """Return why lists were not held out: one reason for all lists of a table that share it."""
    lists: dict[tuple[str, Reason], list[str]] = {}
    for (table, name), why in left_out.items():
        lists.setdefault((table, why), []).append(name)
    return [Reason("lists-not-held-out", table=table, lists=names, why=why) for (table, why), names in lists.items()]


def _method_of(
    sources: Sequence[Source], name: str | None, options: Mapping[str, str]
) -> tuple[Method, dict[Source, dict[str, str]]]:
    """Return the method whose intervals are tried, with its options for each table."""
    chosen = {source: chosen_method(table_of(source)[1], name, options) for source in sources}
    ways = {way.name: way for way, _ in chosen.values()}
    if len(ways) > 1:
        raise InputError(Fault("method", f"These studies are for {' and '.join(ways)}. Say which one: --method."))
    way = next(iter(ways.values()), method_named(name or DEFAULT_METHOD))
    if not way.abilities.refits:
        raise cannot_refit(way)
    return way, {source: choices for source, (_, choices) in chosen.items()}


def _sets_for(way: Method, priors: Sequence[str], overrides: Mapping[str, str]) -> PriorSets:
    """Return the sets of priors under which a method is tried; of one that takes none, a set at which it never looks.

    Raises
    ------
    InputError
        When priors are given for a method that takes none.
    """
    if way.abilities.priors:
        return _sets(priors or shipped_priors(), overrides)
    if priors or overrides:
        raise no_priors(way)
    return {NO_PRIORS: (DEFAULT_PRIORS, read_priors(DEFAULT_PRIORS))}


def _sets(priors: Sequence[str], overrides: Mapping[str, str]) -> PriorSets:
    """Return reference and content of each set of priors, by names of their own."""
    sets = [read_priors(reference, dict(overrides)) for reference in priors]
    if len({repr(some_priors) for some_priors in sets}) < len(sets):
        raise InputError(Fault(str(priors[-1]), "Two of these sets of priors say the same. Name each once."))
    return dict(zip(distinct_names(sets), zip(map(str, priors), sets, strict=True), strict=True))


def _refuse_copies(sources: Sequence[Source]) -> None:
    """Refuse a table that is there twice, under another name: it would weigh twice.

    The same people divided over strata are another table, with a model of its own.
    """
    seen: dict[str, Source] = {}
    for source in sources:
        first = seen.setdefault(f"{_digest(source)} {table_of(source)[0].shape}", source)
        if first is not source:
            raise InputError(
                Fault(
                    source.reference, f"This table counts the same people as {first.reference}. Name each table once."
                )
            )


def _learned_from(sources: Mapping[str, Source], sets: PriorSets) -> tuple[str, ...]:
    """Return the tables from which one of the sets of priors was learned: their lists are no test of it."""
    learned = read_priors(EVIDENCE)
    form = learned.dependence, learned.residual
    if not any((some_priors.dependence, some_priors.residual) == form for _, some_priors in sets.values()):
        return ()
    known = counts_learned_from()
    return tuple(label for label, source in sources.items() if _digest(source) in known)


def _digest(source: Source) -> str:
    """Return `counts_digest` of a table, or one of its counts as they are where strata cannot be added up."""
    table = table_of(source)[0]
    try:
        return counts_digest(table)
    except InputError:
        return sha256(table.lower.tobytes() + table.cover_cell.tobytes()).hexdigest()


def _what_to_hold_out(
    sources: Sequence[Source], method: Method, options: Mapping[Source, Mapping[str, str]]
) -> tuple[list[tuple[str, Source, str]], dict[tuple[str, str], Reason]]:
    """Return (name of the table, source, list) of all that can be held out, and why others cannot."""
    lists: list[tuple[str, Source, str]] = []
    left_out: dict[tuple[str, str], Reason] = {}
    labels = labels_of([source.reference for source in sources])
    for label, source in zip(labels, sources, strict=True):
        held_lists, why_not = held_out_lists(table_of(source)[0])
        for held in held_lists:
            refused = refusals_of_table(method, held_out_of(source, held.list)[0].table, options[source])
            if refused:
                why_not = {**why_not, held.list: refused[0]}
            else:
                lists.append((label, source, held.list))
        left_out |= {(label, name): why for name, why in why_not.items()}
    return lists, left_out


def labels_of(references: Sequence[str]) -> list[str]:
    """Return a short name for each table; the whole path where two would be called the same."""
    if len(set(references)) < len(references):
        twice = next(name for name in references if list(references).count(name) > 1)
        raise InputError(Fault(twice, "This study is named twice. Name each once."))
    short = [_short(reference) for reference in references]
    return [name if short.count(name) == 1 else full for name, full in zip(short, references, strict=True)]


def _short(reference: str) -> str:
    path = Path(reference)
    if path.name in ("study.toml", "table.csv"):
        return path.resolve().parent.name
    return path.stem if path.suffix else path.name


def _content(fit: HeldOutFit, priors: Priors) -> str:
    """Return a digest of all that a fit depends on: another table or prior file is another fit."""
    table, model = table_of(fit.source)
    counts = [array.tobytes() for array in (table.lower, table.upper, table.cover_start, table.cover_cell)]
    asked = (
        fit.list,
        fit.method,
        sorted(fit.options.items()),
        fit.seed,
        fit.draws,
        model,
        table.lists,
        counts,
        priors.model_dump_json(),
    )
    return sha256(repr(asked).encode()).hexdigest()[:16]


def case_of(label: str, fit: HeldOutFit, result: Mapping[str, Any], priors: str = "") -> Case:
    """Return what came of a fit.

    Parameters
    ----------
    result : mapping
        From `estimator.calibration.held_out_fits.fit_held_out`.
    priors : str
        What the priors are called; as in the fit when left out.
    """
    quantiles = dict(zip(QUANTILES, result["quantiles"], strict=True))
    return Case(
        table=label,
        list=fit.list,
        priors=priors or fit.priors,
        judged=Judged(label, float(result["size"]), quantiles),
        registered=int(result["registered"]),
        lists=int(result["lists"]),
        converged=float(result["rhat"]) <= AGREED,
    )
