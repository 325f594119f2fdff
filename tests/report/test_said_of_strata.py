"""What a report says of groups: whether they are alike in what no register shows, and what is unknown of people."""

from dataclasses import replace

import pytest

from estimator.document.making import make_report
from estimator.reasons import Reason
from estimator.words.words import words_in

APART = Reason("strata-differ-on-no-list", size=0.3, relative=True, covariates=["year"])
UNKNOWN = Reason(
    "unknown-at-random",
    covariates=["sex"],
    lists=[],
    lower=0.005,
    upper=0.8,
    by=Reason("unknown-may-differ", covariates=["year"]),
)
ORDER = {
    "en": "That order assumes that people in no register resemble",
    "nl": "Bij die volgorde is aangenomen dat mensen in geen enkel register",
}
MAY_DIFFER = {"en": "Groups may differ in that", "nl": "Groepen mogen daarin verschillen"}
OF_UNKNOWN = {
    "en": "is not known are taken to be like the others, given list and",
    "nl": "onbekend is, op de anderen lijken, gegeven register en",
}


def page_of(run, language, tmp_path, **changes):
    values = run.record.assumption.values | changes
    told = replace(run, record=run.record.changed(assumption=Reason("loglinear-assumption", **values)))
    (page,) = make_report(told, words_in(language), ["html"], tmp_path / "report")
    return " ".join(page.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("language", ["en", "nl"])
def test_where_groups_are_alike_the_order_of_the_least_seen_says_so(series_run, language, tmp_path):
    page = page_of(series_run, language, tmp_path)
    assert ORDER[language] in page
    assert MAY_DIFFER[language] not in page
    assert OF_UNKNOWN[language] not in page


@pytest.mark.parametrize("language", ["en", "nl"])
def test_where_they_may_differ_it_does_not(series_run, language, tmp_path):
    page = page_of(series_run, language, tmp_path, of_strata=APART, unknown=UNKNOWN)
    assert ORDER[language] not in page
    assert MAY_DIFFER[language] in page
    assert OF_UNKNOWN[language] in page
