"""The picture of a group year by year."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib.figure import Figure

from estimator.errors import InputError
from estimator.methods.summary import summarise
from estimator.population.pictures import estimate_picture
from estimator.population.series_drawing import SETS, Series, draw_series, series_of

YEARS = ("2013", "2014", "2015", "2016")


@pytest.fixture
def ax():
    return Figure(figsize=(9, 5), layout="constrained").subplots()


def marks(ax) -> dict[str, list]:
    """Marks by their label in the legend."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def test_a_series_has_the_numbers_of_the_estimate(series):
    found = series_of(series, "women")
    assert found.years == YEARS
    assert found.label == "Women and girls"
    assert list(found.estimated) == ["independence", "moderate"]
    for place, year in enumerate(YEARS):
        assert found.estimated["independence"][place] == series.by_year[year]["women"].N
        assert found.estimated["moderate"][place] == series.beside[0].by_year[year]["women"].N
        assert found.registered[place] == series.by_year[year]["women"].registered.median
    assert [figure.id for figure in series_of(series).published] == ["n-2013", "n-2014-2015", "n-2018", "rate"]
    assert found.published == ()


def test_beside_can_be_left_out_and_what_failed_is(series):
    assert list(series_of(series, beside=False).estimated) == ["independence"]
    (other,) = series.beside
    failed = replace(
        other,
        posterior=replace(other.posterior, convergence=replace(other.convergence, reasons=("The chains disagree.",))),
    )
    assert list(series_of(replace(series, beside=(failed,))).estimated) == ["independence"]


def test_bars_are_the_registered_and_marks_the_medians(series, ax):
    series.plot_series(ax=ax)
    heights = [bar.get_height() for bar in ax.containers[0]]
    assert heights == [series.by_year[year]["total"].registered.median for year in YEARS]
    for one in (series, *series.beside):
        medians = [one.by_year[year]["total"].N.median for year in YEARS]
        drawn = {tuple(line.get_ydata()) for line in ax.lines}
        assert all((median,) in drawn for median in medians)
        for year in YEARS:
            for limits in one.by_year[year]["total"].N.intervals.values():
                assert tuple(limits) in drawn
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list(YEARS)


def test_sets_differ_in_place_colour_and_shape(series, ax):
    series.plot_series(ax=ax)
    found = marks(ax)
    own, other = (found[f"estimated (median; 50, 80, 95 %): {name}"] for name in ("independence", "moderate"))
    assert own.get_xdata()[0] < other.get_xdata()[0]
    assert own.get_marker() != other.get_marker()
    assert own.get_markeredgecolor() != other.get_markeredgecolor()
    assert len({shape for _, shape in SETS}) == len(SETS)


def test_published_figures_of_these_years_are_marked(series, ax):
    series.plot_series(ax=ax)
    found = marks(ax)
    one, average = found["published"], found["published (the table was calibrated to it)"]
    assert (one.get_ydata()[0], average.get_ydata()[0]) == (2500, 2600)
    assert 0 < one.get_xdata()[0] < 0.5, "beside the estimates of its year"
    assert average.get_xdata()[0] == 1.5, "between the two years"
    assert average.get_markerfacecolor() == "white"
    drawn = {tuple(line.get_ydata()) for line in ax.lines}
    assert (2000.0, 3300.0) in drawn, "its range"
    assert (2600.0, 2600.0) in drawn, "across its years"
    values = {value for line in ax.lines for value in np.atleast_1d(line.get_ydata())}
    assert 3000 not in values, "of a year that the table does not have"
    assert 237 not in values, "a rate is not a number of people"


def test_a_table_that_holds_no_observed_people_says_so(series, ax):
    series.plot_series(ax=ax)
    assert "SYNTHETIC TABLE" in ax.get_xlabel()
    other = Figure().subplots()
    series.plot(other)
    assert "SYNTHETIC TABLE" in other.get_xlabel()
    observed = Series("t", "All", ("2013",), {"a": [summarise(np.arange(100.0))]}, (3.0,))
    assert draw_series(observed, Figure().subplots()).get_xlabel() == ""


def test_what_cannot_be_drawn_is_said(series, dutch):
    with pytest.raises(InputError, match="not divided by year"):
        dutch.plot_series()
    with pytest.raises(InputError, match="Did you mean 'women'"):
        series.plot_series("womn")


def test_the_picture_of_the_command_line(series, dutch):
    assert "people a year" in estimate_picture(series).axes[0].get_ylabel()
    assert [tick.get_text() for tick in estimate_picture(dutch).axes[0].get_yticklabels()] == ["All presumed victims"]


def test_the_picture_of_groups_says_what_it_counts(series, dutch):
    series.plot(ax := Figure().subplots())
    assert ax.get_xlabel().startswith("people a year, mean of 2014 and 2015\n")
    dutch.plot(ax := Figure().subplots())
    assert ax.get_xlabel() == "people"
