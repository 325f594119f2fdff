"""What a prior says before it meets the data, against closed forms and against the sampler's own bookkeeping."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero
from estimator.capture.reading import read_table
from estimator.errors import InputError
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.prior_tables import overlapping_pairs, prior_tables, tally
from estimator.methods.loglinear.prior_view import view_prior
from estimator.reasons import Reason
from estimator.report.figures.files import refuse_bad_target
from estimator.report.figures.priors import draw_prior, save_prior_picture
from estimator.report.terminal.priors import prior_view_text, short_count
from estimator.study.priors import read_priors
from estimator.study.questions import Group, Label, ModelSettings, Period
from estimator.study.study import Study, read_study
from estimator.words.words import words_in
from tests.population.conftest import SERIES, write_series

QUANTILES = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
N_DRAWS = 20_000

ENGLISH = words_in("en")


def quantiles(summary):
    (a, f), (b, e), (c, d) = (summary.intervals[level] for level in (0.95, 0.8, 0.5))
    return np.array([a, b, c, summary.median, d, e, f])


@pytest.fixture
def table(tmp_path: Path):
    def make(text, declaration=None):
        path = tmp_path / "table.csv"
        path.write_text(text)
        return read_table(path, declaration)

    return make


@pytest.fixture
def two_lists(table):
    return Study.of_table(table("A,B,count\n1,0,6000\n0,1,3000\n1,1,1000\n"))


def test_the_dark_figure_is_what_its_prior_states():
    view = view_prior(read_study("nl-2010-2015"), read_priors("moderate"), N_DRAWS)
    ratio = quantiles(view.total.dark_figure) / 8234
    exact = np.exp(norm.ppf(QUANTILES) * np.log(50 / 0.2) / (2 * norm.ppf(0.975)) + np.log(50 * 0.2) / 2)
    np.testing.assert_allclose(exact[[0, -1]], [0.2, 50])
    np.testing.assert_allclose(ratio, exact, rtol=0.12)
    np.testing.assert_allclose(quantiles(view.total.N) / 8234, 1 + exact, rtol=0.1)
    np.testing.assert_allclose(quantiles(view.total.coverage), 1 / (1 + exact[::-1]), rtol=0.1)


def test_independent_lists_have_closed_forms(two_lists):
    """Under independence a list sees the share expit(alpha) of everybody, whatever the other list does."""
    changes = {"dark_figure.ratio_to_registered": "{ between = [100, 1000], probability = 0.95 }"}
    view = view_prior(two_lists, read_priors("independence", changes), N_DRAWS)
    exact = expit(-2 + 1.5 * norm.ppf(QUANTILES))
    for found in view.total.lists.values():
        np.testing.assert_allclose(quantiles(found.of_population), exact, rtol=0.08)
    draws = np.random.default_rng(5)
    a, b = expit(draws.normal(-2, 1.5, (2, 200_000)))
    np.testing.assert_allclose(
        quantiles(view.total.overlaps["A&B"].of_population), np.quantile(a * b, QUANTILES), rtol=0.15
    )
    seen = 1 - (1 - a) * (1 - b)
    np.testing.assert_allclose(quantiles(view.total.expected_coverage), np.quantile(seen, QUANTILES), rtol=0.1)


def test_observed_numbers_stand_beside(two_lists):
    total = view_prior(two_lists, read_priors("moderate"), 500).total
    assert total.registered.observed == (10_000, 10_000)
    assert total.two_or_more.observed == (1000, 1000)
    assert total.lists["A"].persons.observed == (7000, 7000)
    assert total.lists["A"].of_registered.observed == (0.7, 0.7)
    assert total.overlaps["A&B"].persons.observed == (1000, 1000)
    assert total.overlaps["A&B"].of_registered.observed == (0.1, 0.1)
    assert list(total.overlaps) == ["A&B"]


def test_what_lies_outside_is_named(two_lists):
    far = {"coverage.odds": "{ log_normal = [-6, 0.2] }"}
    view = view_prior(two_lists, read_priors("independence", far), 500)
    assert Reason("number-on-two-or-more") in view.surprising
    assert view.total.two_or_more.below > 0.99
    assert "1,000*" in prior_view_text(view, ENGLISH)
    assert "1.000*" in prior_view_text(view, words_in("nl"))


@pytest.mark.parametrize("name", ["scotland-pwid-2006", "spina-bifida-1969", "kosovo-1999"])
@pytest.mark.parametrize("priors", ["moderate", "horseshoe", "independence", "wide"])
def test_cells_are_those_of_the_posterior(name, priors):
    """The formula here, which needs no sampler, against the one by which estimates are made."""
    from estimator.methods.loglinear.posterior import LoglinearPosterior, expected_cells, parameters_of, read_vector

    study, prior = read_study(name), read_priors(priors)
    design = design_for(study.table, study.model, prior)
    settings = prior_settings(prior, design)
    positions = prior_positions(design, settings, 50, np.random.default_rng(2))
    parameters = parameters_of(design, settings)
    posterior = LoglinearPosterior(design, settings, parameters, read_vector(parameters, positions[None]), None)
    ours = np.exp(log_cells(design, settings, positions)) * design.observed.possible
    np.testing.assert_allclose(ours, np.concatenate(list(expected_cells(posterior))), rtol=1e-10)


def test_groups_add_up_and_years_are_averaged(table):
    text = "year,sex,A,B,count\n" + "".join(
        f"{year},{sex},{history},{10 * year % 97 + 5}\n"
        for year in (2014, 2015, 2016)
        for sex in ("f", "m")
        for history in ("1,0", "0,1", "1,1")
    )
    found = table(
        text,
        Declaration(
            ("A", "B"), (Covariate("year", ("2014", "2015", "2016"), ordered=True), Covariate("sex", ("f", "m")))
        ),
    )
    groups = [Group(sex, Label(sex), {"sex": (sex,)}) for sex in "fm"]
    groups.append(Group("early", Label("early"), {"year": ("2014",)}))
    period = Period(covariate="year", headline=("2015", "2016"))
    study = Study.of_table(found, groups=groups, period=period)
    view = view_prior(study, read_priors("moderate"), 300)
    assert list(view.groups) == ["total", "f", "m"]
    both = view.groups["f"].draws["expected_size"] + view.groups["m"].draws["expected_size"]
    np.testing.assert_allclose(both, view.total.draws["expected_size"])
    counts = found.select({"year": ("2015", "2016")}).registered
    assert view.total.registered.observed == (counts.lower / 2, counts.upper / 2)
    assert view.total.to_dict()["registered"]["lower"] == counts.lower / 2


def test_lists_that_did_not_run_are_not_counted(table):
    declaration = Declaration(
        ("A", "B", "C"),
        (Covariate("year", ("2014", "2015")),),
        not_operating=(NotOperating("C", {"year": ("2014",)}),),
        structural_zeros=(StructuralZero(("A", "B")),),
    )
    found = table("year,A,B,C,count\n2014,1,0,0,5\n2014,0,1,0,4\n2015,1,0,1,3\n2015,0,0,1,2\n", declaration)
    study = Study.of_table(found)
    priors = read_priors("independence")
    design = design_for(study.table, study.model, priors)
    settings = prior_settings(priors, design)
    rng = np.random.default_rng(3)
    positions = prior_positions(design, settings, 40, rng)
    people = np.concatenate(list(prior_tables(design, settings, positions, rng)))
    everywhere, in_2014 = tally(found, iter([people]), [np.array([True, True]), np.array([True, False])])
    assert overlapping_pairs(found) == [(0, 2), (1, 2)]
    assert (in_2014.lists[:, 2] == 0).all()
    assert (in_2014.two_or_more == 0).all()
    np.testing.assert_allclose(everywhere.everybody, people.sum(axis=(1, 2)))
    histories = found.history_labels
    np.testing.assert_allclose(
        in_2014.lists[:, 0], sum(people[:, 0, histories.index(name)] for name in histories if "A" in name)
    )


def test_the_same_seed_gives_the_same_numbers(two_lists):
    priors = read_priors("moderate")
    assert view_prior(two_lists, priors, 200, 7).to_dict() == view_prior(two_lists, priors, 200, 7).to_dict()
    assert view_prior(two_lists, priors, 200, 7).to_dict() != view_prior(two_lists, priors, 200, 8).to_dict()


def test_a_prior_without_bounds_gives_finite_json(two_lists):
    changes = {"dependence.odds_ratio.log_normal": "[0, 400]", "coverage.odds.log_normal": "[0, 300]"}
    view = view_prior(two_lists, read_priors("moderate", changes), 500)
    text = json.dumps(view.to_dict(), allow_nan=False)
    assert "two_or_more" in text
    assert ">1000M" in prior_view_text(view, ENGLISH)
    draw_prior(view, ENGLISH)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (9876, "9,880"), (999_499, "999,000"), (1.234e6, "1.23M"), (5e8, "500M"), (1e9, ">1000M")],
)
def test_short_counts(value, text):
    assert short_count(value) == text
    assert len(short_count(value)) <= 7


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("name", ["nl-2010-2015", "scotland-pwid-2006", "artificial-3"])
def test_text_fits_and_says_what_it_is(name, language):
    study, words = read_study(name), words_in(language)
    text = prior_view_text(view_prior(study, read_priors("wide"), 300), words)
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    assert words.text("priors.not-an-estimate") in flat
    assert read_priors("wide").title_in(language) in flat
    assert (words.text("estimate.kind.synthetic") in flat) == (study.table_kind == "synthetic")
    for group in study.groups.values():
        assert group.label.text(language) in flat


def test_long_names_fit(table):
    lists = ("Federal and provincial police together", "Shelters of all kinds everywhere")
    head = ",".join(lists)
    study = Study.of_table(table(f"{head},count\n1,0,123456\n0,1,<=999999\n1,1,..\n"), model=ModelSettings())
    text = prior_view_text(view_prior(study, read_priors("moderate"), 200), ENGLISH)
    assert max(map(len, text.splitlines())) <= 80


def test_priors_for_lists_that_are_not_there(two_lists, tmp_path):
    text = read_priors("moderate").path.read_text()
    text += '\n[[dependence.pairs]]\nlists = ["A", "C"]\nodds_ratio = { log_normal = [0, 1] }\nreason = "x"\n'
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(InputError, match="no list 'C'"):
        view_prior(two_lists, read_priors(tmp_path / "mine.toml"), 200)


@pytest.mark.parametrize(("ending", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_pictures(two_lists, tmp_path, ending, begins):
    view = view_prior(two_lists, read_priors("moderate"), 200)
    target = tmp_path / f"picture.{ending}"
    save_prior_picture(view, target, ENGLISH)
    content = target.read_bytes()
    assert content.startswith(begins)
    with pytest.raises(InputError, match="exists already"):
        save_prior_picture(view, target, ENGLISH)
    assert target.read_bytes() == content
    save_prior_picture(view, tmp_path / f"again.{ending}", ENGLISH)
    assert (tmp_path / f"again.{ending}").read_bytes() == content
    assert not list(tmp_path.glob(".*"))


def test_a_picture_that_fails_leaves_nothing(two_lists, tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    def full(*_args, **_settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(InputError, match="No space left"):
        save_prior_picture(view_prior(two_lists, read_priors("moderate"), 200), tmp_path / "a.svg", ENGLISH)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize(
    ("name", "message"), [("a.jpg", "written as .svg, .png, .pdf"), ("a", ".svg"), ("no/a.svg", "does not exist")]
)
def test_bad_targets(tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        refuse_bad_target(tmp_path / name)


def test_the_registered_number_is_marked(two_lists):
    figure = draw_prior(view_prior(two_lists, read_priors("moderate"), 200), ENGLISH)
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert labels == ["the dark figure's own prior", "all priors together", "registered: 10,000"]
    styles = {line.get_linestyle() for line in figure.axes[0].patches if line.get_label().strip("_")}
    assert len(styles) == 2


def test_a_break_in_coverage_and_joint_effects_are_in_the_prior(tmp_path):
    """Log odds of list H, as the model has them, with a jump in the year since which H is another list."""
    from estimator.methods.loglinear.parameters import coverage_of, parameters_of, read_vector

    text = SERIES.replace('priors = "independence"\n', 'priors = "independence"\nheterogeneity = [["year", "sex"]]\n')
    (Path(write_series(tmp_path / "s")) / "study.toml").write_text(text)
    study = read_study(tmp_path / "s")
    priors = read_priors("independence")
    design = design_for(study.table, study.model, priors)
    settings = prior_settings(priors, design)
    positions = prior_positions(design, settings, 200, np.random.default_rng(2))
    cells = log_cells(design, settings, positions)
    only_h = list(study.table.history_labels).index("H")
    odds = cells[:, :, only_h] - cells[:, :, 0]
    values = read_vector(parameters_of(design, settings), positions)
    np.testing.assert_allclose(odds, coverage_of(design, values)[:, :, 3], rtol=1e-9)
    without = {**values, "coverage_change": np.zeros_like(values["coverage_change"])}
    after = np.array([stratum["year"] == "2016" for stratum in study.table.strata])
    jump = odds - coverage_of(design, without)[:, :, 3]
    np.testing.assert_allclose(jump, np.where(after, values["coverage_change"], 0.0), atol=1e-9)
    assert jump[:, after].std() > 0.3
    assert view_prior(study, priors, 200).total.lists["H"].persons.prior.median > 0


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("priors", ["moderate", "wide", "evidence"])
def test_tick_labels_of_the_picture_stand_apart(language, priors):
    figure = draw_prior(view_prior(read_study("uk-2013"), read_priors(priors), 300), words_in(language))
    figure.draw_without_rendering()
    for axes in (*figure.axes, *(child for parent in figure.axes for child in parent.child_axes)):
        boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
        assert len(boxes) > 1
        assert all(left.x1 + 4 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
