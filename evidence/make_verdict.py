"""Judge the verdict "fit to publish" as a classifier, on tables whose total is known, and write docs/verdict.md.

    python -m evidence.make_verdict --tables FOLDER [--work FOLDER] [--workers N]

FOLDER as for `evidence.make_evidence`. `--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from estimator.fits.scores import QUANTILES, Judged
from estimator.runs.provenance import sha256_of, versions
from estimator.study.priors import priors_path, read_priors
from estimator.work.outcomes import Task
from estimator.work.tasks import run_tasks
from evidence.judges import DIFFERING, INDEPENDENT, NUMBERS, SimulatedFit
from evidence.learning_fits import BASE
from evidence.make_evidence import ROOT, _file
from evidence.make_second import _all_done, all_tables, folds_of_first
from evidence.meta_analysis import ListOfTable, lists_of
from evidence.second import Stated, quantiles_of
from evidence.verdict import TableOfKnownSize
from evidence.verdict_judged import HELD_OUT, Case
from evidence.verdict_second import Seen, second_part
from evidence.verdict_text import page

NEARLY = "nl-2017"
FRESH = 100  # the number of the first of them


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, required=True, help="folder with the tables that do not ship")
    parser.add_argument("--work", type=Path, help="folder that keeps the fits")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    lists, _ = lists_of(all_tables(options.tables))
    simulated, held_out = simulated_tables(), held_out_tables(lists)
    tasks = [table.task(key) for key, table in {**simulated, **held_out}.items()]
    nearly = {
        f"{INDEPENDENT} {number}, {NEARLY}": SimulatedFit(INDEPENDENT, number, NEARLY)
        for number in range(NUMBERS[INDEPENDENT])
    }
    tasks += [fit.task(key) for key, fit in nearly.items()]
    again = {f"{key}, differences": table for key, table in {**simulated, **fresh_tables(), **held_out}.items()}
    tasks += [table.task(key, "fit_differences") for key, table in again.items()]
    done = fitted(tasks, options.work, options.workers)
    cases = [Case(key, table.scenario, table.number, "", key, done[key]) for key, table in simulated.items()]
    cases += [
        Case(key, HELD_OUT, 0, held.table.family, held.table.name, done[key])
        for key, held in zip(held_out, lists, strict=True)
    ]
    none = Stated(0.0, 0.0)
    as_nearly = [
        Judged(key, float(done[key]["size"]), dict(zip(QUANTILES, quantiles_of(done[key], none), strict=True)))
        for key in nearly
    ]
    seen = {
        "the tables that had been seen": _seen(simulated, done) + _seen_lists(held_out, lists, done),
        "fresh tables": _seen(fresh_tables(), done),
    }
    (ROOT / "docs" / "verdict.md").write_text(page(cases, as_nearly, second_part(seen, as_nearly)), "utf-8")


def _seen(tables: Mapping[str, TableOfKnownSize], done: Mapping[str, dict[str, Any]]) -> list[Seen]:
    """Return simulated tables with what they show of their people."""
    stated = _stated({})
    return [Seen(key, table.scenario, "", key, done[f"{key}, differences"], stated) for key, table in tables.items()]


def _seen_lists(
    tables: Mapping[str, TableOfKnownSize], lists: Sequence[ListOfTable], done: Mapping[str, dict[str, Any]]
) -> list[Seen]:
    """Return lists held out with what they show of their people."""
    return [
        Seen(key, HELD_OUT, held.table.family, held.table.name, done[f"{key}, differences"], _stated(table.overrides))
        for (key, table), held in zip(tables.items(), lists, strict=True)
    ]


def _stated(overrides: Mapping[str, str]) -> Stated:
    """Return the residual of the priors `evidence`, or of what is changed in them."""
    shipped = read_priors(BASE).residual
    assert shipped is not None and shipped.size is not None, "evidence has a residual with a size"
    return Stated(shipped.centre or 0.0, float(overrides.get("residual.size", shipped.size)))


def fitted(tasks: Sequence[Task], work: Path | None, workers: int) -> Mapping[str, dict[str, Any]]:
    """Return the results of all fits by key."""
    print(f"{len(tasks)} tables ...", file=sys.stderr, flush=True)

    def progress(done: int, total: int) -> None:
        """Tell how far it is."""
        if done % 10 == 0:
            print(f"  {done} of {total}", file=sys.stderr, flush=True)

    identity = {"what": "verdict", "priors": sha256_of(priors_path(BASE))[:16], "versions": versions()}
    return _all_done(run_tasks(tasks, folder=work, identity=identity, workers=workers, progress=progress))


def simulated_tables(first: int = 0) -> dict[str, TableOfKnownSize]:
    """Return the simulated tables by key, scenarios in turn, so that a part of them is a part of each."""
    numbers = {**NUMBERS, **DIFFERING}
    return {
        f"{scenario} {first + number}": TableOfKnownSize(scenario, first + number)
        for number in range(max(numbers.values()))
        for scenario, of_scenario in numbers.items()
        if number < of_scenario
    }


def fresh_tables() -> dict[str, TableOfKnownSize]:
    """Return as many simulated tables again, which nobody had seen when the second rule was written."""
    return simulated_tables(FRESH)


def held_out_tables(lists: Sequence[ListOfTable]) -> dict[str, TableOfKnownSize]:
    """Return the lists held out by key, each with the prior as it is learned without its family."""
    folds = folds_of_first()
    known = {}
    for held in lists:
        fold = folds.get(held.table.family, {})
        stated = {("residual.size" if key == "size" else key): value for key, value in fold.items()}
        digest = sha256_of(_file(held.table))[:8]
        known[f"{held.key} ({digest})"] = TableOfKnownSize(source=held.table.source, list=held.list, overrides=stated)
    return known


if __name__ == "__main__":
    main()
