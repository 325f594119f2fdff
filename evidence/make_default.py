"""Judge the default prior learned anew, by the rule in docs/evidence.md, and write docs/evidence-default.md.

    python -m evidence.make_default --tables FOLDER [--work FOLDER] [--workers N]

FOLDER as for `evidence.make_evidence`. `--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimator.fits.scores import QUANTILES, Judged
from evidence.coverage_text import Compared
from evidence.default_text import ANEW, FORM, report_of
from evidence.judges import NUMBERS
from evidence.learning import weights_of
from evidence.learning_fits import BASE
from evidence.learning_residual import Residual, learn_residual
from evidence.make_coverage import CoverageFit
from evidence.make_evidence import ROOT
from evidence.make_second import all_tables, changes_of_fold, folds_of_first
from evidence.meta_analysis import ListOfTable, lists_of
from evidence.public_tables import found_tables
from evidence.running import Run, identity_of, options_of, runner
from evidence.second import ImpliedFit, Second, learn_second

COVERAGE = {"coverage.form": '"differences"'}
REFERENCES = ("wide", "nl-2017")
_EVERY_FOURTH = slice(None, None, 4)


@dataclass(frozen=True)
class Candidate:
    """Priors that are judged.

    Parameters
    ----------
    priors : str
        Name of a prior file.
    changes : mapping of str to mapping of str to str
        To the file, by the family that was left out; under "" those for all other families, and simulated tables.
    """

    name: str
    priors: str
    changes: Mapping[str, Mapping[str, str]]

    def changes_for(self, family: str) -> Mapping[str, str]:
        """Return its changes for lists of a family."""
        return self.changes.get(family, self.changes.get("", {}))


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, judge and write."""
    options = options_of(arguments, __doc__)
    tables = all_tables(options.tables)
    lists, _ = lists_of(tables)
    files = {table.name: table.file for table in tables}
    run = runner(options, identity_of("evidence-default", files, [BASE, *REFERENCES]))
    new = {table.name for table in found_tables()}
    of_form = _residual_under_form([held for held in lists if held.table.name not in new], run)
    learned = learn_second(lists, run, COVERAGE, centre_as_learned=True)
    candidates = [
        Candidate(BASE, BASE, {family: changes_of_fold(fold) for family, fold in folds_of_first().items()}),
        Candidate(FORM, BASE, {"": COVERAGE | residual_changes(of_form)}),
        Candidate(ANEW, BASE, {family: COVERAGE | changes_of(second) for family, second in learned.items()}),
        *(Candidate(name, name, {}) for name in REFERENCES),
    ]
    compared = [_compared(candidate, lists, run) for candidate in candidates]
    report = report_of(tables, lists, (of_form, learned), compared)
    (ROOT / "docs" / "evidence-default.md").write_text(report, "utf-8")


def _residual_under_form(lists: Sequence[ListOfTable], run: Run) -> Residual:
    """Return the residual that the first families teach with the pairs of `evidence`, under the form of coverage."""
    fits = [ImpliedFit(held.table.source, held.list, BASE, COVERAGE) for held in lists]
    done = run([fit.task(f"form, {held.key}") for fit, held in zip(fits, lists, strict=True)])
    thinned = [
        {**fit, "log_implied": fit["log_implied"][_EVERY_FOURTH], "scale": fit["scale"][_EVERY_FOURTH]}
        for fit in done.values()
    ]
    weights = weights_of([held.table.family for held in lists], [held.table.name for held in lists])
    return learn_residual(thinned, weights, centre_as_learned=True)


def residual_changes(residual: Residual) -> dict[str, str]:
    """Return a learned residual as changes to a prior file, rounded as it is printed there."""
    return {"residual.centre": f"{residual.stated_centre:.2f}", "residual.size": f"{residual.size:.2f}"}


def changes_of(second: Second) -> dict[str, str]:
    """Return what was learned as changes to a prior file."""
    return second.overrides | residual_changes(second.residual)


def _compared(candidate: Candidate, lists: Sequence[ListOfTable], run: Run) -> Compared:
    """Return how priors do for lists held out and for simulated populations, residual dependence included."""
    name, priors = candidate.name, candidate.priors
    of_lists = [
        CoverageFit(held.table.source, held.list, 0, priors, candidate.changes_for(held.table.family)).task(
            f"{name}, {held.key}"
        )
        for held in lists
    ]
    of_populations = {
        (scenario, number): CoverageFit(None, scenario, number, priors, candidate.changes_for("")).task(
            f"{name}, {scenario} {number}"
        )
        for scenario, tables in NUMBERS.items()
        for number in range(tables)
    }
    done = run([*of_lists, *of_populations.values()])

    def judged(table: str, key: str) -> Judged:
        return Judged(table, float(done[key]["size"]), dict(zip(QUANTILES, done[key]["quantiles"], strict=True)))

    simulated = {
        scenario: tuple(judged(str(number), of_populations[scenario, number].key) for number in range(tables))
        for scenario, tables in NUMBERS.items()
    }
    held_out = tuple(judged(held.table.name, task.key) for held, task in zip(lists, of_lists, strict=True))
    return Compared(name, held_out, simulated)


if __name__ == "__main__":
    main()
