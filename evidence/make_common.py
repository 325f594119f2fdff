"""Judge residual dependence in units of what all pairs share, by the rule in docs/evidence.md.

    python -m evidence.make_common --tables FOLDER [--work FOLDER] [--workers N]

Writes docs/evidence-common.md. FOLDER as for `evidence.make_evidence`. `--work` keeps the fits, so that a run that
broke off goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evidence.common import Common, CommonFit, common_of, judged_of
from evidence.common_text import COMMON, OF_PEOPLE_ON_A_LIST, Derived, report_of
from evidence.coverage_text import Compared
from evidence.judges import NUMBERS
from evidence.learning_fits import BASE
from evidence.make_coverage import CoverageFit, judged_fit
from evidence.make_evidence import ROOT
from evidence.make_second import all_tables, folds_of_first
from evidence.meta_analysis import ListOfTable, lists_of
from evidence.running import Run, identity_of, options_of, runner
from evidence.second import residual_of_evidence
from evidence.understated import ALL_PEOPLE, FAMILIES, key_of, populations

NARROW = "nl-2017"


def main(arguments: Sequence[str] | None = None) -> None:
    """Derive, judge and write."""
    options = options_of(arguments, __doc__)
    tables = all_tables(options.tables)
    lists, _ = lists_of(tables)
    run = runner(options, identity_of("evidence-common", {table.name: table.file for table in tables}, [BASE, NARROW]))
    size = residual_of_evidence().size
    derived = _derived(run, size)
    held_out, simulated = _fits_of(lists, run)
    named = {BASE: Common(0.0, 0.0), OF_PEOPLE_ON_A_LIST: derived.held_out, COMMON: derived.everybody}
    sizes = {family: float(fold["size"]) for family, fold in folds_of_first().items()}
    compared = [
        Compared(
            name,
            tuple(
                judged_of(held.table.name, fit, common, sizes.get(held.table.family, size))
                for held, fit in zip(lists, held_out, strict=True)
            ),
            {
                scenario: tuple(judged_of(str(number), fit, common, size) for number, fit in enumerate(fits))
                for scenario, fits in simulated.items()
            },
        )
        for name, common in named.items()
    ]
    report = report_of(tables, lists, derived, [*compared, _narrow(run)])
    (ROOT / "docs" / "evidence-common.md").write_text(report, "utf-8")


def _derived(run: Run, size: float) -> Derived:
    """Return what the populations of the grid call for: all people, and people on one list; families weigh the same."""
    chosen = [(one, held) for one in populations() for held in (ALL_PEOPLE, *range(one.lists))]
    tasks = [CommonFit(population=asdict(one) | {"held": held}).task(key_of(one, held)) for one, held in chosen]
    fits = list(run(tasks).values())

    def common(of_all: bool, family: str = "") -> Common:
        places = [
            place
            for place, (one, held) in enumerate(chosen)
            if (held == ALL_PEOPLE) == of_all and family in ("", one.family)
        ]
        of = [chosen[place][0].family for place in places]
        each = [1 if of_all else chosen[place][0].lists for place in places]
        weights = np.array([1 / number / of.count(name) for name, number in zip(of, each, strict=True)])
        return common_of([fits[place] for place in places], weights, size)

    return Derived(
        everybody=common(True),
        held_out=common(False),
        by_family={family: (common(True, family), common(False, family)) for family in FAMILIES},
    )


def _fits_of(lists: Sequence[ListOfTable], run: Run) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    """Return the fits of lists held out, and of simulations; pairs are of `evidence` without the family."""
    folds = {
        family: {key: value for key, value in fold.items() if key != "size"}
        for family, fold in folds_of_first().items()
    }
    tasks = [
        CommonFit(source=held.table.source, what=held.list, overrides=folds.get(held.table.family, {})).task(held.key)
        for held in lists
    ]
    held_out = list(run(tasks).values())
    simulated = {
        scenario: list(
            run([CommonFit(what=scenario, number=n).task(f"{scenario} {n}") for n in range(tables)]).values()
        )
        for scenario, tables in NUMBERS.items()
    }
    return held_out, simulated


def _narrow(run: Run) -> Compared:
    """Return how `nl-2017` does for simulated populations: the width of its intervals is the measure."""
    simulated = {}
    for scenario, tables in NUMBERS.items():
        fits = run([CoverageFit(None, scenario, n, NARROW).task(f"{NARROW}, {scenario} {n}") for n in range(tables)])
        simulated[scenario] = tuple(judged_fit(str(n), fit) for n, fit in enumerate(fits.values()))
    return Compared(NARROW, (), simulated)


if __name__ == "__main__":
    main()
