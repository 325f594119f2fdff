"""Judge the default prior learned anew, by the rule in docs/evidence.md, and how shipped priors do on all families.

    python -m evidence.make_default --tables FOLDER [--work FOLDER] [--workers N]

Writes docs/evidence-default.md, and priors/evidence/scores.csv: how often intervals under the shipped priors hold lists
of known size. FOLDER as for `evidence.make_evidence`. `--work` keeps the fits, so that a run that broke off goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from estimator.fits.scores import LEVELS, Judged
from estimator.study.shipped import shipped_priors
from estimator.study.trackrecord import SCORES
from evidence.coverage_text import Compared
from evidence.default_text import ANEW, FORM, report_of
from evidence.judges import NUMBERS
from evidence.kinds import pairs_by_kind
from evidence.learning_fits import BASE, CompletedFit
from evidence.learning_residual import Residual, learn_residual
from evidence.make_coverage import CoverageFit, judged_fit
from evidence.make_evidence import ROOT, write_rows
from evidence.make_second import all_tables, changes_of_fold, folds_of_first
from evidence.meta_analysis import ListOfTable, lists_of
from evidence.pages import by_family
from evidence.public_tables import found_tables
from evidence.running import Run, identity_of, options_of, runner
from evidence.second import ImpliedFit, Second, learn_second, thinned_fit, weights_by_family

COVERAGE = {"coverage.form": '"differences"'}
REFERENCES = ("wide", "nl-2017")


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
    run = runner(options, identity_of("evidence-default", files, shipped_priors()))
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
    completed = [CompletedFit(held.table.source, held.list).task(f"completed {held.key}") for held in lists]
    kinds = pairs_by_kind(lists, list(run(completed).values()))
    report = report_of(tables, lists, (of_form, learned, kinds), compared)
    (ROOT / "docs" / "evidence-default.md").write_text(report, "utf-8")
    rest = [name for name in shipped_priors() if name not in (BASE, *REFERENCES)]
    as_shipped = {one.name: one.held_out for one in compared if one.name in (BASE, *REFERENCES)}
    as_shipped |= {name: _held_out(Candidate(name, name, {}), lists, run) for name in rest}
    _write_scores(as_shipped, {table.name: table.family for table in tables})


def _residual_under_form(lists: Sequence[ListOfTable], run: Run) -> Residual:
    """Return the residual that the first families teach with the pairs of `evidence`, under the form of coverage."""
    fits = [ImpliedFit(held.table.source, held.list, BASE, COVERAGE) for held in lists]
    done = run([fit.task(f"form, {held.key}") for fit, held in zip(fits, lists, strict=True)])
    thinned = [thinned_fit(fit) for fit in done.values()]
    return learn_residual(thinned, weights_by_family(lists), centre_as_learned=True)


def residual_changes(residual: Residual) -> dict[str, str]:
    """Return a learned residual as changes to a prior file, rounded as it is printed there."""
    return {"residual.centre": f"{residual.stated_centre:.2f}", "residual.size": f"{residual.size:.2f}"}


def changes_of(second: Second) -> dict[str, str]:
    """Return what was learned as changes to a prior file."""
    return second.overrides | residual_changes(second.residual)


def _held_out(candidate: Candidate, lists: Sequence[ListOfTable], run: Run) -> tuple[Judged, ...]:
    """Return how priors do for lists held out, residual dependence included."""
    name, priors = candidate.name, candidate.priors
    fits = [
        CoverageFit(held.table.source, held.list, 0, priors, candidate.changes_for(held.table.family)) for held in lists
    ]
    done = run([fit.task(f"{name}, {held.key}") for fit, held in zip(fits, lists, strict=True)])
    return tuple(judged_fit(held.table.name, fit) for held, fit in zip(lists, done.values(), strict=True))


def _compared(candidate: Candidate, lists: Sequence[ListOfTable], run: Run) -> Compared:
    """Return how priors do for lists held out and for simulated populations."""
    name, priors, changes = candidate.name, candidate.priors, candidate.changes_for("")
    simulated: dict[str, tuple[Judged, ...]] = {}
    for scenario, tables in NUMBERS.items():
        fits = [CoverageFit(None, scenario, number, priors, changes) for number in range(tables)]
        done = run([fit.task(f"{name}, {scenario} {fit.number}") for fit in fits])
        simulated[scenario] = tuple(judged_fit(str(number), fit) for number, fit in enumerate(done.values()))
    return Compared(name, _held_out(candidate, lists, run), simulated)


def _write_scores(held_out: Mapping[str, Sequence[Judged]], family: Mapping[str, str]) -> None:
    """Write how often intervals held lists of known size, families weighing the same; the best score first."""
    scores = {name: by_family(judged, family, set(family)).values() for name, judged in held_out.items()}
    rows = []
    for name, of_families in sorted(scores.items(), key=lambda item: _mean(s.interval_score for s in item[1])):
        shares = [f"{_mean(score.held[level] for score in of_families):.4f}" for level in LEVELS]
        numbers = (
            f"{_mean(getattr(score, what) for score in of_families):.4f}" for what in ("interval_score", "width")
        )
        rows.append((name, len(held_out[name]), len(family), len(of_families), *shares, *numbers))
    names = [f"inside_{100 * level:.0f}" for level in LEVELS]
    write_rows(SCORES, ("priors", "lists", "tables", "families", *names, "score", "log_width"), rows)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


if __name__ == "__main__":
    main()
