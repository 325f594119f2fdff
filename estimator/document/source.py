"""What a report is made of, and what every part of it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from estimator.comparison.comparison import Comparison, compare_years
from estimator.document.cells import CellMaker
from estimator.document.strata import Strata
from estimator.report.terminal.estimate_tables import heading_of
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.group_records import GroupRecord
from estimator.runs.reading import Run
from estimator.study.questions import TOTAL
from estimator.words.words import Words


@dataclass(frozen=True)
class Source:
    """What a report is made of: a run, words, and a rounding."""

    run: Run
    make: CellMaker

    @property
    def record(self) -> EstimateRecord:
        """Content of estimate.json."""
        return self.run.record

    @property
    def words(self) -> Words:
        """Of the language of the report."""
        return self.make.words

    @cached_property
    def strata(self) -> Strata:
        """Of the table of the run."""
        return Strata(self.run)

    @property
    def total(self) -> GroupRecord:
        """Everybody over the headline period."""
        return self.record.groups[TOTAL]

    @cached_property
    def period(self) -> str:
        """What time the headline numbers are of: "Average per year, 2014 and 2015"."""
        years = self.record.period.years or []
        if len(years) > 1:
            return self.words.text("report.average-over", years=tuple(years), order=self.run.all_years)
        if years:
            return heading_of(self.record, self.words)
        pooled = self.record.period.pooled_years or 1
        return self.words.text("report.years-together", number=pooled) if pooled > 1 else ""

    @cached_property
    def comparison(self) -> Comparison | None:
        """The last year beside the one before; None where the table has no two years."""
        return compare_years(self.run) if len(self.run.all_years) > 1 else None

    def list_label(self, name: str) -> str:
        """Return what a list is called."""
        label = self.record.lists.get(name)
        return label.text(self.words.language) if label else name

    def covariate_label(self, name: str) -> str:
        """Return what a covariate is called."""
        covariate = self.record.covariates.get(name)
        return covariate.label.text(self.words.language) if covariate else name

    def level_label(self, covariate: str, level: str) -> str:
        """Return what a level of a covariate is called."""
        known = self.record.covariates.get(covariate)
        label = known.levels.get(level) if known else None
        return label.text(self.words.language) if label else level
