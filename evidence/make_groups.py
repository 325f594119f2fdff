"""Learn how far groups and years differ in what no list shows, judge it by the rule, and write docs/groups.md.

    python -m evidence.make_groups [--work FOLDER] [--workers N]

`--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evidence.groups_text import report_of
from evidence.judging_groups import PAIR_SCALE, SIMULATED, SimulatedGroups
from evidence.learning_groups import FORMS, USED, HeldByStratum, families_of, learn_from, profile
from evidence.make_evidence import ROOT
from evidence.public_tables import FOLDER
from evidence.running import Run, identity_of, options_of, runner
from evidence.strata import BASE, STRATA_FOLDER, StrataFit, files_read, fits_asked_for


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, judge and write."""
    options = options_of(arguments, __doc__, tables=False)
    files = {str(file.relative_to(FOLDER)): file for file in [*files_read(), STRATA_FOLDER / "sources.toml"]}
    run = runner(options, identity_of("groups", files, [BASE]))
    fits = fits_asked_for()
    held = [HeldByStratum(fit.table, fit.list, result) for fit, result in zip(fits, run_all(run, fits), strict=True)]
    profiles = {form: [profile(one.fit, levels(one.table)) for one in held] for form, levels in FORMS.items()}
    learned = learn_from(held, profiles[USED])
    without = {family: learn_from(held, profiles[USED], without=family) for family in families_of(held)}
    simulated = {
        spread: run_all(run, [SimulatedGroups(number, spread) for number in range(SIMULATED)])
        for spread in (PAIR_SCALE * round(learned.median, 2), 0.0)
    }
    page = report_of(held, profiles, learned, without, simulated)
    (ROOT / "docs" / "groups.md").write_text(page, encoding="utf-8")


def run_all(run: Run, asked: Sequence[StrataFit | SimulatedGroups]) -> list[dict[str, Any]]:
    """Return the results of fits, in their order."""
    return list(run([fit.task() for fit in asked]).values())


if __name__ == "__main__":
    main()
