"""What somebody sees in a notebook: text, pages and pictures, bound onto classes that know nothing of them.

`from estimator import estimate` comes through here, so that ``print(estimate(...))``, its table in a notebook and
``.plot()`` work. Rooms below import classes from where these are written, and make text with `estimator.report`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.calibration.held_out import HeldOutReport
from estimator.capture.check_report import CheckReport
from estimator.capture.labelled import dataset, overlap
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.comparison.comparison import Comparison
from estimator.errors import Fault, InputError
from estimator.population.estimate import Estimate, estimate
from estimator.published.figures import Reproduction
from estimator.report.figures.capture import draw_table
from estimator.report.figures.estimate import draw_groups
from estimator.report.figures.findings import figure_of, has_picture
from estimator.report.figures.held_out import draw_held_out
from estimator.report.figures.series import draw_series
from estimator.report.pages.capture import table_html
from estimator.report.pages.comparison import comparison_html
from estimator.report.pages.estimate import estimate_html
from estimator.report.pages.scrutiny import scrutiny_body, scrutiny_page
from estimator.report.terminal.check import check_text
from estimator.report.terminal.comparison import comparison_text
from estimator.report.terminal.estimate import estimate_text
from estimator.report.terminal.held_out import held_out_text
from estimator.report.terminal.published import reproduction_text
from estimator.report.terminal.scrutiny import labels_of, scrutiny_text
from estimator.runs.comparison_record import ComparisonRecord
from estimator.runs.netcdf import data_groups
from estimator.runs.recording import record_of
from estimator.runs.writing import save_run
from estimator.scrutiny.saving import save_scrutiny
from estimator.scrutiny.scrutinise import Scrutiny, scrutinise
from estimator.study.questions import TOTAL
from estimator.study.study import read_study
from estimator.words.words import Words, words_in

if TYPE_CHECKING:
    import arviz
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["CaptureTable", "Estimate", "Scrutiny", "estimate", "read_study", "read_table", "scrutinise"]


def _bind(known: type, **methods: Any) -> None:
    """Give a class methods by name."""
    for name, method in methods.items():
        setattr(known, name, method)


def _plot_table(
    table: CaptureTable, ax: Axes | None = None, labels: Mapping[str, str] | None = None, language: str = "en"
) -> Axes:
    """Draw how many persons each combination of lists saw; see `estimator.report.figures.capture.draw_table`."""
    return draw_table(table, words_in(language), labels or {}, ax)


def _plot_held_out(report: HeldOutReport, priors: Sequence[str] | None = None, language: str = "en") -> Figure:
    """Draw estimate against truth; see `estimator.report.figures.held_out.draw_held_out`."""
    return draw_held_out(report, words_in(language), priors)


def _estimate_text(estimate: Estimate, language: str | None = None, full: bool = False) -> str:
    """Return an estimate as text: the first screen, or all of it."""
    words = words_in(language or estimate.study.language)
    return estimate_text(record_of(estimate, words.language), words, full=full)


def _plot_estimate(estimate: Estimate, ax: Axes | None = None, language: str | None = None) -> Axes:
    """Draw every group's interval beside what was registered; see `estimator.report.figures.estimate.draw_groups`."""
    words = words_in(language or estimate.study.language)
    return draw_groups(record_of(estimate, words.language), words, ax)


def _plot_series(
    estimate: Estimate,
    group: str = TOTAL,
    ax: Axes | None = None,
    beside: bool = True,
    language: str | None = None,
) -> Axes:
    """Draw a group year by year, with what was registered and what was published of it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        By default a new figure's.
    beside : bool
        Whether to draw the estimates under other priors too.

    Raises
    ------
    InputError
        When the study has no years, or no such group.
    """
    words = words_in(language or estimate.study.language)
    return draw_series(record_of(estimate, words.language), words, group, ax, beside=beside)


def _inference_data(estimate: Estimate) -> arviz.InferenceData:
    """Return the posterior as ArviZ InferenceData."""
    import arviz

    return arviz.InferenceData(**data_groups(estimate))


def _bind_all() -> None:
    """Give every class of results the methods that a notebook calls."""
    _bind(
        CaptureTable,
        overlap=overlap,
        dataset=property(dataset),
        plot=_plot_table,
        _repr_html_=lambda table: table_html(table, words_in()),
    )
    _bind(CheckReport, __str__=lambda report: check_text(report, words_in()))
    _bind(
        Estimate,
        __str__=_estimate_text,
        text=_estimate_text,
        _repr_html_=lambda estimate: estimate_html(record_of(estimate), words_in(estimate.study.language)),
        plot=_plot_estimate,
        plot_series=_plot_series,
        to_dict=lambda estimate: record_of(estimate).to_dict(),
        save=lambda estimate, folder: save_run(estimate, Path(folder)),
        inference_data=property(_inference_data),
    )
    _bind(
        Comparison,
        __str__=lambda comparison: _compared(comparison, comparison_text),
        _repr_html_=lambda comparison: _compared(comparison, comparison_html),
    )
    _bind(HeldOutReport, __str__=lambda report: held_out_text(report, words_in()), plot=_plot_held_out)
    _bind(
        Reproduction,
        __str__=lambda reproduction: reproduction_text(reproduction, words_in(reproduction.study.language)),
    )
    _bind(
        Scrutiny,
        __str__=lambda scrutiny, language="en": scrutiny_text(scrutiny.record(), words_in(language)),
        _repr_html_=lambda scrutiny, language="en": scrutiny_body(scrutiny.record(), words_in(language)),
        plot=_plot_finding,
        save=_save_scrutiny,
    )


def _compared(comparison: Comparison, shown: Callable[[ComparisonRecord, Words], str]) -> str:
    """Return a comparison in the language in which the later run asks to be shown."""
    record: ComparisonRecord = comparison.record()
    return shown(record, words_in(record.language or "en"))


def _plot_finding(scrutiny: Scrutiny, check: str, language: str = "en") -> Figure:
    """Draw what a check found; see `Scrutiny.finding`."""
    finding = scrutiny.finding(check)
    if not has_picture(check, finding.numbers):
        raise InputError(Fault("check", f"The check '{check}' has no picture."))
    words = words_in(language)
    return figure_of(check, finding.numbers, words, labels_of(scrutiny.record(), words))


def _save_scrutiny(scrutiny: Scrutiny, command: Sequence[str] = (), language: str = "en") -> Path:
    """Write a scrutiny into the folder of its run; see `estimator.scrutiny.saving.save_scrutiny`."""
    return save_scrutiny(scrutiny, lambda record: scrutiny_page(record, words_in(language)), command)


_bind_all()
