"""The pictures of an estimate: every group, and a group year by year; and that no picture reads text as mathematics."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from estimator.errors import InputError
from estimator.report.figures.axes import ESTIMATED, new_figure
from estimator.report.figures.estimate import draw_groups, estimate_figure
from estimator.report.figures.files import save_picture, svg_bytes
from estimator.report.figures.series import SETS, draw_series
from estimator.runs.recording import record_of
from estimator.words.words import words_in

ROOT = Path(__file__).resolve().parents[2]
YEARS = ["2013", "2014", "2015", "2016"]
ENGLISH, DUTCH = words_in("en"), words_in("nl")
MATHEMATICS = r"$a_b_c$ $\frac{$ a^b"
"""What fails, or looks otherwise, when it is read as mathematics."""


@pytest.fixture
def ax():
    return Figure(figsize=(9, 5), layout="constrained").subplots()


def marks(ax) -> dict[str, list]:
    """Marks by their label in the legend."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def lines(ax) -> set[tuple[float, ...]]:
    return {tuple(line.get_ydata()) for line in ax.lines}


def test_bars_are_the_registered_and_marks_the_medians(series, ax):
    series.plot_series(ax=ax)
    record = record_of(series)
    heights = [bar.get_height() for bar in ax.containers[0]]
    assert heights == [record.by_year[year]["total"].registered for year in YEARS]
    for one in (record, *record.beside.values()):
        for year in YEARS:
            people = one.by_year[year]["total"].N
            assert {(people.median,), *people.intervals.values()} <= lines(ax)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == YEARS


def test_any_group_alone_or_beside_the_others(series, ax):
    series.plot_series("women", ax=ax, beside=False)
    drawn = lines(ax)
    for year in YEARS:
        assert (series.by_year[year]["women"].N.median,) in drawn
        assert (series.beside[0].by_year[year]["women"].N.median,) not in drawn
    assert ax.get_ylabel() == "Women and girls\npeople a year"
    assert "published" not in marks(ax)


def test_what_did_not_converge_is_not_drawn(series, ax):
    record = record_of(series)
    (name, other) = next(iter(record.beside.items()))
    stuck = other.changed(diagnostics=other.diagnostics.changed(converged=False))
    draw_series(record.changed(beside={name: stuck}), ENGLISH, ax=ax)
    assert (other.by_year["2014"]["total"].N.median,) not in lines(ax)
    assert ENGLISH.text("figure.estimated", bound=False, priors="", levels=series.levels) in marks(ax)


def test_sets_differ_in_place_colour_and_shape(series, ax):
    series.plot_series(ax=ax)
    drawn = marks(ax)
    own, other = (
        drawn[ENGLISH.text("figure.estimated", bound=False, priors=made.priors_name, levels=made.levels)]
        for made in (series, *series.beside)
    )
    assert own.get_xdata()[0] < other.get_xdata()[0]
    assert own.get_marker() != other.get_marker()
    assert own.get_markeredgecolor() != other.get_markeredgecolor()
    assert len({shape for _, shape in SETS}) == len(SETS)


@pytest.mark.parametrize(
    ("words", "legend"), [(ENGLISH, "estimated (median; {} %)"), (DUTCH, "geschat (mediaan; {}%)")]
)
@pytest.mark.parametrize("levels", [(0.95,), (0.8, 0.95), (0.5, 0.8, 0.95)])
@pytest.mark.parametrize("draw", [draw_groups, draw_series])
def test_the_intervals_that_are_given_are_drawn_and_named(series, ax, draw, levels, words, legend):
    """As thick as ever, so that a line of 95 % is not taken for one of 50."""
    record = record_of(replace(series, beside=(), levels_of_run=levels))
    draw(record, words, ax=ax)
    assert legend.format(", ".join(f"{100 * level:.0f}" for level in levels)) in marks(ax)
    groups = record.groups.values() if draw is draw_groups else [of["total"] for of in record.by_year.values()]
    widths = {0.5: 7.0, 0.8: 4.0, 0.95: 1.5}
    drawn = {
        (tuple(line.get_xdata() if draw is draw_groups else line.get_ydata()), line.get_linewidth())
        for line in ax.lines
        if line.get_marker() == "None" and line.get_linestyle() == "-" and line.get_color() == ESTIMATED
    }
    assert drawn == {(group.N.summary.intervals[level], widths[level]) for group in groups for level in levels}


def test_published_figures_of_these_years_are_marked(series, ax):
    series.plot_series(ax=ax)
    drawn = marks(ax)
    one, average = (drawn[ENGLISH.text("figure.published", calibrated=calibrated)] for calibrated in (False, True))
    assert (one.get_ydata()[0], average.get_ydata()[0]) == (2500, 2600)
    assert 0 < one.get_xdata()[0] < 0.5, "beside the estimates of its year"
    assert average.get_xdata()[0] == 1.5, "between the two years"
    assert average.get_markerfacecolor() == "white"
    assert {(2000.0, 3300.0), (2600.0, 2600.0)} <= lines(ax), "its range; across its years"
    values = {value for line in ax.lines for value in np.atleast_1d(line.get_ydata())}
    assert 3000 not in values, "of a year that the table does not have"
    assert 237 not in values, "a rate is not a number of people"


@pytest.mark.parametrize("words", [ENGLISH, DUTCH])
@pytest.mark.parametrize("draw", [draw_groups, draw_series])
def test_a_table_that_holds_no_observed_people_says_so(series, draw, words):
    record = record_of(series)
    note = words.text("estimate.kind.synthetic")
    made_up, observed = record, record.changed(table_kind="observed")
    assert note in " ".join(draw(made_up, words).get_xlabel().split())
    assert note not in " ".join(draw(observed, words).get_xlabel().split())


def test_what_cannot_be_drawn_is_said(series, dutch):
    with pytest.raises(InputError, match="not divided by year"):
        dutch.plot_series()
    with pytest.raises(InputError, match="Did you mean 'women'"):
        series.plot_series("womn")


@pytest.mark.parametrize("words", [ENGLISH, DUTCH])
def test_the_picture_of_the_command_line(series, dutch, words):
    record = record_of(dutch)
    by_year, of_groups = (estimate_figure(one, words).axes[0] for one in (record_of(series), record))
    assert by_year.get_ylabel().endswith(words.text("figure.people-a-year"))
    assert [tick.get_text() for tick in of_groups.get_yticklabels()] == [
        record.groups["total"].label.text(words.language)
    ]
    assert words.text("figure.registered") in marks(of_groups)


def test_the_picture_of_groups_says_what_it_counts(series, dutch):
    several = series.plot(Figure().subplots()).get_xlabel()
    assert several.startswith(ENGLISH.text("figure.people", years=("2014", "2015"), pooled=1) + "\n")
    pooled = dutch.plot(Figure().subplots(), language="nl").get_xlabel()
    assert pooled == DUTCH.text("figure.people", years=(), pooled=6)


def with_mathematics(record):
    """The record of a study whose title and labels look like mathematics, in both languages."""
    label = record.groups["total"].label.changed(en=MATHEMATICS, nl=MATHEMATICS)
    groups = {name: group.changed(label=label) for name, group in record.groups.items()}
    beside = {MATHEMATICS: next(iter(record.beside.values()))} if record.beside else None
    return record.changed(title=MATHEMATICS, title_nl=MATHEMATICS, groups=groups, beside=beside)


@pytest.mark.parametrize("draw", [draw_groups, draw_series])
def test_a_users_text_is_shown_as_it_is_written(series, draw):
    record = with_mathematics(record_of(series))
    picture = svg_bytes(draw(record, DUTCH).figure).decode()
    assert picture.count("$a_b_c$") >= 2, "title and a label"
    mine = Figure().subplots()
    mine.figure.text(0, 0, "$x^2$")
    draw(record, ENGLISH, ax=mine)
    svg_bytes(mine.figure)
    assert [text.get_parse_math() for text in mine.figure.texts] == [True], "what else a user draws stays as it is"


def test_a_new_figure_reads_nothing_as_mathematics():
    figure = new_figure(4, 3)
    ax = figure.subplots()
    ax.plot([1, 2], label=MATHEMATICS)
    ax.set(title=MATHEMATICS, xlabel=MATHEMATICS, ylabel=MATHEMATICS)
    ax.set_xticks([0, 1], [MATHEMATICS, "b"])
    ax.secondary_xaxis("top").set_xlabel(MATHEMATICS)
    ax.annotate(MATHEMATICS, (0, 1))
    ax.inset_axes((0, 0, 0.2, 0.2)).set_yticks([0], [MATHEMATICS])
    figure.suptitle(MATHEMATICS)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", title=MATHEMATICS)
    shown = svg_bytes(figure).decode()
    assert shown.count("$a_b_c$") == 10
    assert not any(text.get_parse_math() for text in figure.findobj(Text))


def test_every_picture_begins_with_a_new_figure():
    for path in ROOT.glob("estimator/**/*.py"):
        source = path.read_text("utf-8")
        assert "pyplot" not in source, path
        makes_one = "matplotlib.figure" in source and re.search(r"(?<![\w.])Figure\(", source)
        assert not makes_one or path.name == "plain_figure.py", path
        makes_pictures = {"report", "document"} & set(path.parts) or path.name == "notebooks.py"
        assert "matplotlib" not in source or makes_pictures, path


SAVE = """
from pathlib import Path
from estimator.report.figures.axes import ESTIMATED, new_figure
from estimator.report.figures.files import save_picture
save_picture(lambda: new_figure(2, 2), Path("picture.ENDING"))
"""


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_backend_of_the_environment_is_not_asked(tmp_path, ending):
    environment = {**os.environ, "MPLBACKEND": "module://no_such_package.backend_inline", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SAVE.replace("ENDING", ending)]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert [path.name for path in tmp_path.iterdir()] == [f"picture.{ending}"]


def test_tick_labels_and_legend_stand_clear_of_each_other(series):
    record = record_of(series)
    for words in (ENGLISH, DUTCH):
        for ax in (draw_series(record, words), draw_groups(record, words)):
            ax.figure.draw_without_rendering()
            for labels in (ax.get_xticklabels(), ax.get_yticklabels(), ax.get_legend().get_texts()):
                boxes = [label.get_window_extent() for label in labels if label.get_text()]
                assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
            assert not ax.title.get_window_extent().overlaps(ax.get_legend().get_window_extent())


def test_the_same_picture_is_the_same_file(series, tmp_path):
    record = record_of(series)
    for name in ("a", "b"):
        save_picture(lambda: estimate_figure(record, ENGLISH), tmp_path / f"{name}.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
