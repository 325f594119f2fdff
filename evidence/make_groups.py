"""Learn how far groups and years differ in what no list shows, judge it by the rule, and write docs/groups.md.

    python -m evidence.make_groups [--work FOLDER] [--workers N]

`--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from estimator.calibration.at_scale import with_key
from estimator.runs.provenance import sha256_of, versions
from estimator.study.priors import priors_path
from estimator.work.outcomes import FAILED, Task
from estimator.work.tasks import run_tasks
from evidence.groups_text import report_of
from evidence.judging_groups import PAIR_SCALE, SIMULATED, SimulatedGroups
from evidence.learning_groups import FORMS, USED, HeldByStratum, families_of, learn_from, profile
from evidence.make_evidence import ROOT
from evidence.public_tables import FOLDER
from evidence.second import Run
from evidence.strata import BASE, STRATA_FOLDER, StrataFit, files_read, fits_asked_for


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, help="folder that keeps the fits")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)

    def run(tasks: Sequence[Task]) -> dict[str, dict[str, Any]]:
        print(f"{len(tasks)} fits, {tasks[0].key} ...", file=sys.stderr, flush=True)
        named = [with_key(task.key, task) for task in tasks]
        done = run_tasks(named, folder=options.work, identity=_identity(), workers=options.workers)
        return {task.key: _done(done[name.key]) for task, name in zip(tasks, named, strict=True)}

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


def _identity() -> dict[str, Any]:
    files = {str(file.relative_to(FOLDER)): sha256_of(file)[:16] for file in files_read()}
    return {
        "what": "groups",
        "tables": files,
        "described": sha256_of(STRATA_FOLDER / "sources.toml")[:16],
        "priors": sha256_of(priors_path(BASE))[:16],
        "versions": versions(),
    }


def _done(result: Mapping[str, Any]) -> dict[str, Any]:
    if FAILED in result:
        raise RuntimeError(f"A fit could not be done: {result[FAILED]}")
    return dict(result)


if __name__ == "__main__":
    main()
