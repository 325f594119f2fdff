"""The statements at the end follow from the verdicts: change those, and the statements change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estimator.published.closing import (
    closing,
    evidence,
    rates_note,
    rounding_note,
    scaling_note,
    tally,
    under_other_priors,
    unexplained,
)
from estimator.published.figures import Reproduced, Reproduction, UnderOtherPriors
from estimator.published.pooled import spread_of
from estimator.published.verdicts import impossible, judge
from estimator.reasons import Reason
from estimator.study.questions import Label
from tests.published.published_examples import figure, small_study, summary
from tests.published.test_pooled import analysis

BOTH = ("2020", "2021")


def reproduced(ours=None, basis="calibrated", **said):
    asked = figure(**said)
    verdict = judge(asked, ours) if ours else impossible(Reason("discarded-reports-not-public"))
    return Reproduced(asked, Label("Everybody here"), ours, verdict, basis)


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path / "small")


def reproduction(study, *figures, beside=(), analyses=(), pooled=()):
    spread = spread_of(analyses, [one.figure for one in pooled])
    return Reproduction("nl", study, "mine", (), figures, tuple(beside), pooled, tuple(analyses), spread, 1)


def statement(found, code):
    (reason,) = [reason for reason in closing(found) if reason.code == code]
    return reason


def test_the_tally_counts_every_kind(study):
    good, bad = reproduced(summary(100, 90, 110)), reproduced(summary(300, 290, 310))
    public = reproduced(summary(100), basis="public")
    assert tally(reproduction(study, good, good, bad, reproduced(), pooled=(public,))) == Reason(
        "figures-counted",
        figures=5,
        consistent=3,
        differs=1,
        without=1,
        methods=0,
        rests=[
            Reason("figures-rest-on", number=2, basis="calibrated"),
            Reason("figures-rest-on", number=1, basis="public"),
        ],
    )
    method = reproduced(measure="pooled_N")
    assert tally(reproduction(study, reproduced(), pooled=(method,)))["methods"] == 1


def test_consistency_with_data_made_to_agree_is_called_no_evidence(study):
    made = reproduced(summary(100, 90, 110))
    share = reproduced(summary(0.5, 0.4, 0.6), measure="share_of_total", value=0.5)
    other = reproduced(summary(100, 90, 110), basis="reconstructed", group="men")
    count = reproduced(summary(100), measure="registered")
    code = "consistent-because-put-in"
    assert evidence(reproduction(study, made, share, count)) == Reason(code, made=2, consistent=2, groups=1)
    assert evidence(reproduction(study, made, share, other)) == Reason(code, made=2, consistent=3, groups=1)
    assert evidence(reproduction(study, made, other)) == Reason(code, made=1, consistent=2, groups=None)
    assert evidence(reproduction(study, other, count)) is None


def test_the_weakness_of_the_verdict_is_measured(study):
    found = reproduction(study, reproduced(summary(100, 50, 150)), reproduced(summary(100, 80, 160)))
    assert statement(found, "consistent-is-weak") == Reason("consistent-is-weak", least=2.0, most=3.0)


def test_other_assumptions_are_held_beside(study):
    here = reproduced(summary(100, 90, 110), years=BOTH)
    there = reproduced(summary(300, 200, 400), years=BOTH)
    said = under_other_priors(reproduction(study, here), UnderOtherPriors("theirs", (there,)))
    assert (said["here"], said["priors"]) == ("mine", "theirs")
    assert (said["total"]["median"], said["total_here"]["upper"]) == (300, 110)
    assert (said["consistent"], said["estimates"], said["consistent_here"]) == (0, 1, 1)
    assert (said["lost"], said["gained"]) == (("one",), ())
    turned = under_other_priors(reproduction(study, there), UnderOtherPriors("theirs", (here,)))
    assert (turned["lost"], turned["gained"]) == ((), ("one",))
    withheld = UnderOtherPriors("theirs", (reproduced(years=BOTH),))
    assert under_other_priors(reproduction(study, here), withheld) == Reason("other-priors-withheld", priors="theirs")
    assert under_other_priors(reproduction(study), withheld) is None, "there is no published total"


@pytest.mark.parametrize(("upper", "pinned"), [(130, True), (400, False)])
def test_whether_the_public_table_pins_the_total_down_is_computed(study, upper, pinned):
    total = reproduced(summary(100, 90, 110), years=BOTH, lower=80.0, upper=140.0)
    found = reproduction(study, total, analyses=[analysis("a", 100, 90, upper)])
    said = statement(found, "public-table-alone")
    assert said["pinned"] is pinned
    assert (said["total"], said["reach"]) == ((80.0, 140.0), (90, upper))


def yearly(year, published, ours):
    return reproduced(summary(ours), years=(year,), measure="registered", value=published)


def test_scaled_registrations_are_explained_only_when_they_were_scaled(study):
    # the table has 150 and 150 people
    scaled = reproduction(study, yearly("2020", 125.0, 150), yearly("2021", 125.0, 150))
    assert scaling_note(scaled) == Reason("registered-scaled", published=250.0, registered=300, factor=1.2, within=0)
    assert scaling_note(reproduction(study, yearly("2020", 100.0, 150), yearly("2021", 150.0, 150))) is None
    assert scaling_note(reproduction(study, yearly("2020", 150.0, 150), yearly("2021", 150.0, 150))) is None
    assert scaling_note(reproduction(study, yearly("2020", 125.0, 150))) is None, "not all years"


@pytest.mark.parametrize(("ours", "missed"), [(100, None), (101.5, 2), (99, 1), (103, None)])
def test_whole_people_excuse_no_more_than_two(study, ours, missed):
    found = reproduction(study, reproduced(summary(ours), measure="on_list_K"), reproduced(summary(500, 1, 1000)))
    assert rounding_note(found) == (Reason("counts-rounded", people=missed) if missed else None)
    assert rounding_note(reproduction(study, reproduced(summary(101), "reconstructed", measure="on_list_K"))) is None


def test_a_rate_that_was_backed_out_is_called_a_repetition(study):
    rate = reproduced(summary(5, 4, 6), years=BOTH, measure="per_100000")
    assert rates_note(reproduction(study, rate)) == Reason("inhabitants-backed-out")
    counted = replace(study.denominators, entries=tuple(replace(e, how="counted") for e in study.denominators.entries))
    assert rates_note(reproduction(replace(study, denominators=counted), rate)) is None
    assert rates_note(reproduction(study, reproduced(summary(5, 4, 6)))) is None


def test_every_estimate_that_differs_has_its_reason():
    bad, count = reproduced(summary(300, 290, 310)), reproduced(summary(3), measure="registered")
    good = reproduced(summary(100, 90, 110))
    assert list(unexplained([bad, good, count])) == [bad]
