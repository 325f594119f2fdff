"""The sentences at the end follow from the verdicts: change those, and the sentences change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estimator.published.closing import closing, evidence, rates_note, reasons, rounding_note, scaling_note, tally
from estimator.published.pooled import spread_of
from estimator.published.reproduction import Reproduced, Reproduction, UnderOtherPriors
from estimator.published.verdicts import impossible, judge
from tests.published.published_examples import figure, small_study, summary
from tests.published.test_pooled import analysis

BOTH = ("2020", "2021")


def reproduced(ours=None, basis="calibrated", label="Everybody here", **said):
    asked = figure(**said)
    verdict = judge(asked, ours) if ours else impossible("No public data.")
    return Reproduced(asked, label, ours, verdict, basis)


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path / "small")


def reproduction(study, *figures, beside=(), analyses=(), pooled=()):
    spread = spread_of(analyses, [one.figure for one in pooled])
    return Reproduction("x", "Title", study, "mine", (), figures, tuple(beside), pooled, tuple(analyses), spread, 1)


def test_the_tally_counts_every_kind(study):
    good, bad = reproduced(summary(100, 90, 110)), reproduced(summary(300, 290, 310))
    public = reproduced(summary(100), basis="public")
    text = tally(reproduction(study, good, good, bad, reproduced(), pooled=(public,)))
    assert text.startswith("Of 5 published figures 3 are consistent with ours, 1 differs, and 1 is not reproducible.")
    assert "2 on reconstructed data that were made to agree with it" in text
    assert "1 on public counts" in text
    assert "not made to agree" not in text
    method = reproduced(measure="pooled_N")
    assert tally(reproduction(study, reproduced(), pooled=(method,))).endswith(
        "1 of them because this tool does not have the method."
    )


def test_consistency_with_data_made_to_agree_is_called_no_evidence(study):
    made = reproduced(summary(100, 90, 110))
    share = reproduced(summary(0.5, 0.4, 0.6), measure="share_of_total", value=0.5)
    other = reproduced(summary(100, 90, 110), basis="reconstructed", group="men")
    count = reproduced(summary(100), measure="registered")
    text = evidence(reproduction(study, made, share, count))
    assert text.startswith("All 2 estimates that are consistent come from data that were made to agree with them.")
    assert "a rate: 1 group in a period" in text
    assert evidence(reproduction(study, made, share, other)).startswith("2 of the 3 estimates")
    assert "Some say one thing" not in evidence(reproduction(study, made, other))
    assert evidence(reproduction(study, other, count)) == ""


def test_the_weakness_of_the_verdict_is_measured(study):
    texts = closing(reproduction(study, reproduced(summary(100, 50, 150)), reproduced(summary(100, 80, 160))))
    assert any("a factor of 2.0 to 3.0 " in text for text in texts)


def test_other_assumptions_are_held_beside(study):
    here = reproduced(summary(100, 90, 110), years=BOTH)
    there = reproduced(summary(300, 200, 400), years=BOTH)
    (text,) = [
        one
        for one in closing(reproduction(study, here, beside=[UnderOtherPriors("theirs", (there,))]))
        if "theirs" in one
    ]
    assert "the total is 300 (200 to 400) where it is 100 (90 to 110) here" in text
    assert "0 of 1 estimates are consistent where it is 1 here" in text
    assert text.endswith("No longer so: Everybody here, 100.")
    turned = closing(reproduction(study, there, beside=[UnderOtherPriors("theirs", (here,))]))
    assert any(one.endswith("Only there: Everybody here, 100.") for one in turned)
    withheld = closing(reproduction(study, here, beside=[UnderOtherPriors("theirs", (reproduced(years=BOTH),))]))
    assert any("Under the priors theirs the chains do not agree" in one for one in withheld)


@pytest.mark.parametrize(("upper", "pins"), [(130, True), (400, False)])
def test_whether_the_public_table_pins_the_total_down_is_computed(study, upper, pins):
    total = reproduced(summary(100, 90, 110), years=BOTH, lower=80.0, upper=140.0)
    texts = closing(reproduction(study, total, analyses=[analysis("a", 100, 90, upper)]))
    (text,) = [one for one in texts if "public table on its own" in one]
    assert ("No analysis of the public table alone pins down" in text) != pins
    assert ("no further apart" in text) == pins


def yearly(year, published, ours):
    return reproduced(summary(ours), years=(year,), measure="registered", value=published)


def test_scaled_registrations_are_explained_only_when_they_were_scaled(study):
    # the table has 150 and 150 people
    scaled = reproduction(study, yearly("2020", 125.0, 150), yearly("2021", 125.0, 150))
    assert "each year is 1.200 times the published number" in scaling_note(scaled)
    assert scaling_note(reproduction(study, yearly("2020", 100.0, 150), yearly("2021", 150.0, 150))) == ""
    assert scaling_note(reproduction(study, yearly("2020", 150.0, 150), yearly("2021", 150.0, 150))) == ""
    assert scaling_note(reproduction(study, yearly("2020", 125.0, 150))) == "", "not all years"


@pytest.mark.parametrize(
    ("ours", "said"), [(100, ""), (101.5, "at most 2 people"), (99, "at most 1 person:"), (103, "")]
)
def test_whole_people_excuse_no_more_than_two(study, ours, said):
    found = reproduction(study, reproduced(summary(ours), measure="on_list_K"), reproduced(summary(500, 1, 1000)))
    assert said in rounding_note(found)
    assert bool(rounding_note(found)) == bool(said)
    assert rounding_note(reproduction(study, reproduced(summary(101), "reconstructed", measure="on_list_K"))) == ""


def test_a_rate_that_was_backed_out_is_called_a_repetition(study):
    rate = reproduced(summary(5, 4, 6), years=BOTH, measure="per_100000")
    assert "repeats the check" in rates_note(reproduction(study, rate))
    counted = replace(study.denominators, entries=tuple(replace(e, how="counted") for e in study.denominators.entries))
    assert rates_note(reproduction(replace(study, denominators=counted), rate)) == ""
    assert rates_note(reproduction(study, reproduced(summary(5, 4, 6)))) == ""


def test_every_estimate_that_differs_has_its_reason():
    bad, count = reproduced(summary(300, 290, 310)), reproduced(summary(3), measure="registered")
    good = reproduced(summary(100, 90, 110))
    assert reasons([bad, good, count]) == ["Everybody here, 100: the published value lies outside our 95 % interval."]
