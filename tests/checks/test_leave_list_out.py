from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding
from estimator.checks.leave_list_out import NAME, Alternative, _alternative, _finding, agreement_of, leave_list_out
from estimator.checks.loglinear.cases import Fitted, RefittedGroup
from estimator.fits.fewer_lists import held_by_priors, study_merged, study_without, why_not
from estimator.fits.scores import QUANTILES
from estimator.methods.summary import summarise
from estimator.reasons import Reason
from estimator.report.figures.findings import has_picture
from estimator.study.priors import read_priors
from estimator.study.questions import Break, ModelSettings
from tests.checks import estimates
from tests.checks.drawing import drawn


def test_a_total_that_stands():
    finding = leave_list_out(estimates.clean(), workers=1)
    assert finding.verdict == SOUND
    alternatives = finding.numbers["alternatives"]
    assert [one["lists"] for one in alternatives[:4]] == [["A"], ["B"], ["C"], ["D"]]
    assert len(alternatives) == 4 + 6
    # 3,000 people, and none of the ten tables is far from them
    assert all(one["lower"] < 3000 < one["upper"] for one in alternatives)
    assert len(drawn(finding).axes[0].get_yticklabels()) == 11


def test_a_list_with_three_people_in_ten_who_do_not_belong_is_named():
    finding = leave_list_out(estimates.polluted(), workers=1)
    assert finding.verdict in (CAUTION, FAILS)
    assert finding.headline["worst"]["which"] == Reason("without-list", list="D")
    assert Reason("list-may-hold-others", list="D") in finding.statements
    without = next(one for one in finding.numbers["alternatives"] if one["lists"] == ["D"])
    assert without["lower"] < 3000 < without["upper"], "without the list the truth comes back"
    assert finding.numbers["full"]["lower"] > 3000


def test_a_pair_with_odds_ratio_20_is_named_under_independence():
    finding = leave_list_out(estimates.dependent(), workers=1)
    assert finding.verdict == FAILS
    assert finding.reasons == (finding.headline,)
    assert finding.headline.code == "lists-contradict-total"
    found = {tuple(one["lists"]): one for one in finding.numbers["alternatives"]}
    for name in (("A",), ("B",), ("A", "B")):
        assert found[name]["agreement"] == "contradicts"
        assert found[name]["lower"] < 3000 < found[name]["upper"]
    others = [one for name, one in found.items() if len(name) == 2 and name != ("A", "B")]
    worst = found["A", "B"]["median"]
    full = finding.numbers["full"]["median"]
    assert all(abs(np.log(one["median"] / full)) < abs(np.log(worst / full)) for one in others)


def test_two_lists_cannot_be_played_off():
    finding = leave_list_out(estimates.two())
    assert finding.verdict == CAUTION
    assert not has_picture(finding.check, finding.numbers)


def test_tables_that_leave_the_total_open_are_said_and_do_not_count():
    finding = leave_list_out(estimates.by_sex(), workers=1)
    assert {one["agreement"] for one in finding.numbers["alternatives"]} == {"held by the priors"}
    assert finding.verdict == CAUTION
    held = finding.statements[1]
    assert held.code == "priors-alone-would-hold"
    assert held["which"][:2] == (Reason("without-list", list="A"), Reason("without-list", list="B"))


def test_what_is_not_estimable_is_said_and_not_failed():
    # only A and B share anybody
    counts = np.array([0, 50, 90, 0, 80, 0, 30, 0])
    finding = leave_list_out(estimates.estimated(estimates.table_of(counts), read_priors("independence")), workers=1)
    found = {tuple(one["lists"]): one for one in finding.numbers["alternatives"]}
    assert found["A",]["agreement"] == found["A", "B"]["agreement"] == "not estimable"
    assert found["C",]["median"] is not None
    assert found["C",]["why"] == []
    assert [why["code"] for why in found["A",]["why"]] == ["cannot-be-estimated"]
    assert finding.statements[-1].code == "nothing-to-estimate"
    assert finding.statements[-1]["which"][-1] == Reason("with-lists-as-one", lists=("A", "B"))
    assert len(drawn(finding).axes[0].texts) == 3


@pytest.mark.parametrize(
    "median, lower, upper, agreement",
    [
        (1000, 900, 1100, "agrees"),
        (1000, 500, 3000, "agrees"),
        (2500, 900, 9000, "moves"),  # its median is outside, though its interval holds ours
        (1050, 1010, 1100, "moves"),  # its interval does not hold our median
        (1300, 1201, 1500, "contradicts"),
        (500, 400, 799, "contradicts"),
    ],
)
def test_agreement(median, lower, upper, agreement):
    full = replace(summarise(np.array([1.0, 2.0])), median=1000.0, intervals={0.95: (800.0, 1200.0)})
    assert agreement_of(median, lower, upper, full) == agreement


def test_a_fit_that_failed_is_not_an_answer():
    full = summarise(np.arange(900.0, 1100.0))
    one = _alternative(("A",), "MemoryError: there was not enough", (), full, held=False)
    assert one == Alternative(
        ("A",), "not estimable", why=(Reason("refit-failed", error="MemoryError: there was not enough"),)
    )
    assert _finding(full, [one]).verdict == CAUTION


def test_intervals_come_from_the_quantiles_of_the_refit():
    full = summarise(np.arange(900.0, 1100.0))
    sizes = dict(zip(QUANTILES, (910.0, 920.0, 930.0, 1000.0, 1070.0, 1080.0, 1090.0), strict=True))
    found = Fitted(1.0, {"total": RefittedGroup(500.0, sizes, sizes)})
    one = _alternative(("A",), found, (), full, held=False)
    assert one.intervals == {0.5: (930.0, 1070.0), 0.8: (920.0, 1080.0), 0.95: (910.0, 1090.0)}
    fewer = _alternative(("A",), found, (), summarise(np.arange(900.0, 1100.0), (0.8, 0.95)), held=False)
    assert fewer == replace(one, intervals={0.8: (920.0, 1080.0), 0.95: (910.0, 1090.0)})


def test_only_intervals_that_the_estimate_gives_are_found_and_drawn():
    finding = leave_list_out(estimates.two())
    assert estimates.two().levels == (0.95,), "the priors of these tables were changed: nothing is known of them"
    assert list(finding.numbers["full"]["intervals"]) == ["0.95"]


@pytest.mark.parametrize(
    ("language", "levels", "axis"),
    [
        ("en", ("0.95",), "(median; 95 % interval; log scale)"),
        ("en", ("0.8", "0.95"), "(median; 80 and 95 % intervals; log scale)"),
        ("nl", ("0.95",), "(mediaan; 95%-interval; logaritmische schaal)"),
        ("nl", ("0.5", "0.8", "0.95"), "(mediaan; intervallen van 50, 80 en 95%; logaritmische schaal)"),
    ],
)
def test_its_picture_says_which_intervals_it_draws(language, levels, axis):
    limits = {"0.5": [930.0, 1070.0], "0.8": [920.0, 1080.0], "0.95": [910.0, 1090.0]}
    answer = {"median": 1000.0, "lower": 910.0, "upper": 1090.0, "intervals": {key: limits[key] for key in levels}}
    other = {**answer, "lists": ["A"], "agreement": "agrees", "why": []}
    numbers = {"full": answer, "alternatives": [other]}
    figure = drawn(Finding(NAME, SOUND, (Reason("two-lists-only"),), numbers), language)
    (ax,) = figure.axes
    assert axis in ax.get_xlabel()
    widths = [line.get_linewidth() for line in ax.lines if list(line.get_ydata()) == [1, 1]]
    assert widths == [{"0.5": 6.0, "0.8": 3.5, "0.95": 1.3}[key] for key in levels]


MODEL = ModelSettings(
    three_list=(("A", "B", "C"), ("B", "C", "D")),
    breaks=(Break("A", "year", "2015"), Break("B", "year", "2015"), Break("D", "year", "2016")),
)


def terms(study):
    return study.model.three_list, [(found.list, found.since) for found in study.model.breaks]


def test_terms_of_a_list_that_is_left_out_are_gone():
    study = replace(estimates.clean().study, model=MODEL)
    found = study_without(study, "A")
    assert found.table.lists == ("B", "C", "D")
    assert terms(found) == ((("B", "C", "D"),), [("B", "2015"), ("D", "2016")])


def test_terms_of_merged_lists_follow_their_new_name():
    study = replace(estimates.clean().study, model=MODEL)
    found = study_merged(study, "A", "B")
    assert found.table.lists == ("A+B", "C", "D")
    # A, B and C are two lists now, and the two breaks of 2015 are one
    assert terms(found) == ((("A+B", "C", "D"),), [("A+B", "2015"), ("D", "2016")])
    assert found.table.registered == study.table.registered


def test_what_holds_a_total():
    priors = estimates.normal_priors()
    assert held_by_priors(estimates.two().study, priors)
    assert not held_by_priors(estimates.clean().study, priors)
    assert not held_by_priors(estimates.two().study, read_priors("independence"))
    assert why_not(estimates.clean().study) == ()
    assert [why.code for why in why_not(estimates.study_of(estimates.table_of([0, 5, 7, 0])))] == [
        "cannot-be-estimated"
    ]
