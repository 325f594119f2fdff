"""Judge a second prior by the rule in docs/evidence.md, and write docs/evidence-2.md and docs/differences.md.

    python -m evidence.make_second --tables FOLDER [--work FOLDER] [--workers N]

FOLDER as for `evidence.make_evidence`. `--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from estimator.calibration.held_out_fits import Source
from evidence.differences_text import differences_page
from evidence.judges import NUMBERS, SimulatedFit
from evidence.learning_fits import BASE
from evidence.make_evidence import ELSEWHERE, ROOT, SHIPPED
from evidence.meta_analysis import ListOfTable, PublicTable, lists_of, tables_in
from evidence.public_tables import found_tables
from evidence.running import Run, identity_of, options_of, runner
from evidence.second import Second, Stated, fits_under, judged_of, learn_second, residual_of_evidence
from evidence.second_text import AS_HELD_OUT, SECOND, Compared, report_of
from evidence.understated import Understated, fits_asked_for, populations, understated_by

REFERENCES = ("wide", "nl-2017")
FRONTIER = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of what held-out lists understate that are added; the rule judges the last, the others are the frontier."""

_FOLD_ROW = re.compile(
    r"\| without (?P<family>[^|]+) \| (?P<mean>-?[\d.]+) ± (?P<mean_sd>[\d.]+) \| "
    r"(?P<scale>-?[\d.]+) ± (?P<scale_sd>[\d.]+) \| (?P<size>[\d.]+) \|"
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, judge and write."""
    options = options_of(arguments, __doc__)
    tables = all_tables(options.tables)
    lists, _ = lists_of(tables)
    files = {table.name: table.file for table in tables}
    run = runner(options, identity_of("evidence-2", files, [BASE, *REFERENCES]))
    of_populations = run(fits_asked_for())
    (ROOT / "docs" / "differences.md").write_text(differences_page(of_populations), "utf-8")
    understated = understated_by(of_populations, populations())
    learned = learn_second(lists, run)
    compared = [
        *_under_first(lists, run),
        *_under_second(lists, run, learned, understated),
        *_under_references(lists, run),
    ]
    (ROOT / "docs" / "evidence-2.md").write_text(report_of(tables, lists, learned, understated, compared), "utf-8")


def all_tables(folder: Path) -> list[PublicTable]:
    """Return the tables that `evidence` was learned from, and those that were found later."""
    shipped = [PublicTable(name, family, Source(name, pooled=True)) for name, family in SHIPPED.items()]
    found = [PublicTable(t.name, t.family, Source(str(t.file), pooled=True)) for t in found_tables()]
    return [*shipped, *tables_in(folder, ELSEWHERE), *found]


def _under_first(lists: Sequence[ListOfTable], run: Run) -> list[Compared]:
    """Return how `evidence` does: as learned without the family where it was learned from it, as shipped elsewhere."""
    folds = folds_of_first()
    stated = {family: Stated(0.0, float(fold["size"])) for family, fold in folds.items()}
    as_shipped = residual_of_evidence()

    def overrides(family: str) -> dict[str, str]:
        return {key: value for key, value in folds.get(family, {}).items() if key != "size"}

    fits = fits_under(lists, run, BASE, BASE, overrides)
    judged = [judged_of(h, f, stated.get(h.table.family, as_shipped)) for h, f in zip(lists, fits, strict=True)]
    return [Compared(BASE, tuple(judged), _simulated(run, BASE, BASE, {}, as_shipped))]


def _under_second(
    lists: Sequence[ListOfTable], run: Run, learned: Mapping[str, Second], understated: Understated
) -> list[Compared]:
    """Return how the second prior does: for lists held out with and without what these understate by."""
    fits = fits_under(lists, run, "second", BASE, lambda family: learned[family].overrides)

    def compared(share: float) -> Compared:
        added, variance = share * understated.centre, share * understated.variance
        stated = {
            family: Stated(
                round(second.residual.centre + added, 2), round((second.residual.size**2 + variance) ** 0.5, 2)
            )
            for family, second in learned.items()
        }
        judged = [judged_of(h, f, stated[h.table.family]) for h, f in zip(lists, fits, strict=True)]
        simulated = _simulated(run, "second", BASE, learned[""].overrides, stated[""])
        return Compared(named.get(share, f"{SECOND}, {share:g} of it"), tuple(judged), simulated)

    named = {FRONTIER[0]: AS_HELD_OUT, FRONTIER[-1]: SECOND}
    return [compared(share) for share in FRONTIER]


def _under_references(lists: Sequence[ListOfTable], run: Run) -> list[Compared]:
    none = Stated(0.0, 0.0)
    return [
        Compared(
            name,
            tuple(
                judged_of(held, fit, none)
                for held, fit in zip(lists, fits_under(lists, run, name, name, lambda _: {}), strict=True)
            ),
            _simulated(run, name, name, {}, none),
        )
        for name in REFERENCES
    ]


def _simulated(
    run: Run, name: str, priors: str, overrides: Mapping[str, str], stated: Stated
) -> dict[str, list[tuple[Mapping[str, Any], Stated]]]:
    """Return the fits of all simulated tables under a prior, with the residual that it states."""
    done: dict[str, list[tuple[Mapping[str, Any], Stated]]] = {}
    for scenario, number in NUMBERS.items():
        tasks = [SimulatedFit(scenario, n, priors, overrides).task(f"{scenario} {n}, {name}") for n in range(number)]
        done[scenario] = [(fit, stated) for fit in run(tasks).values()]
    return done


def folds_of_first() -> dict[str, dict[str, str]]:
    """Return what `evidence` was without each family, from docs/evidence.md, which has it as it was used."""
    rows = _FOLD_ROW.finditer((ROOT / "docs" / "evidence.md").read_text(encoding="utf-8"))
    return {
        row["family"]: {
            "dependence.relative_mean.centre": row["mean"],
            "dependence.relative_mean.size": row["mean_sd"],
            "dependence.scale.log_normal": f"[{row['scale']}, {row['scale_sd']}]",
            "size": row["size"],
        }
        for row in rows
    }


def changes_of_fold(fold: Mapping[str, str]) -> dict[str, str]:
    """Return what `evidence` was without a family, as changes to the prior file."""
    return {("residual.size" if key == "size" else key): value for key, value in fold.items()}


if __name__ == "__main__":
    main()
