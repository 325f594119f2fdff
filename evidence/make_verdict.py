"""Judge the verdict "fit to publish" as a classifier, on tables whose total is known, and write docs/verdict.md.

    python -m evidence.make_verdict --tables FOLDER [--work FOLDER] [--workers N]

FOLDER as for `evidence.make_evidence`. `--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from estimator.fits.scores import QUANTILES, Judged
from estimator.runs.provenance import sha256_of
from evidence.judges import DIFFERING, INDEPENDENT, NUMBERS, SimulatedFit
from evidence.learning_fits import BASE
from evidence.make_evidence import ROOT
from evidence.make_second import all_tables, changes_of_fold, folds_of_first
from evidence.meta_analysis import ListOfTable, lists_of
from evidence.running import identity_of, options_of, runner
from evidence.second import Stated, quantiles_of, residual_of_evidence
from evidence.verdict import TableOfKnownSize
from evidence.verdict_judged import HELD_OUT, Case
from evidence.verdict_second import Seen, second_part
from evidence.verdict_text import page

NEARLY = "nl-2017"
FRESH = 100  # the number of the first of them


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge and write."""
    options = options_of(arguments, __doc__)
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
    done = runner(options, identity_of("verdict", {}, [BASE]))(tasks)
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
    shipped = residual_of_evidence()
    return Stated(shipped.centre, float(overrides.get("residual.size", shipped.size)))


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
        stated = changes_of_fold(folds.get(held.table.family, {}))
        digest = sha256_of(held.table.file)[:8]
        known[f"{held.key} ({digest})"] = TableOfKnownSize(source=held.table.source, list=held.list, overrides=stated)
    return known


if __name__ == "__main__":
    main()
