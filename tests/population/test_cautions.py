"""What an estimate says of the priors that it rests on."""

import pytest

from estimator.methods.door import Abilities, WiderCoverage
from estimator.population.cautions import COVERAGE_MOVES, TOO_SELDOM, caution_of_coverage, cautions_of
from estimator.study.priors import read_priors
from estimator.study.trackrecord import track_records


def said_under(series, priors):
    return [said for said in cautions_of(series.study, priors, Abilities()) if said.code == "intervals-held-too-seldom"]


@pytest.mark.parametrize("name", sorted(track_records()))
def test_priors_whose_intervals_held_known_sizes_too_seldom_say_so(series, name):
    said = said_under(series, read_priors(name))
    record, default = track_records()[name], track_records()["evidence"]
    assert len(said) == (record.inside[0.95] < TOO_SELDOM)
    if said:
        assert (said[0]["priors"], said[0]["instead"]) == (name, "evidence")
        assert (said[0]["held"], said[0]["held_half"]) == (record.inside[0.95], record.inside[0.5])
        assert (said[0]["instead_held"], said[0]["instead_held_half"]) == (default.inside[0.95], default.inside[0.5])
        assert said[0]["lists"] == record.lists


def test_changed_priors_have_no_record(series):
    assert said_under(series, read_priors("independence", {"coverage.odds.log_normal": "[-3, 3]"})) == []


@pytest.mark.parametrize(
    ("then", "reliable", "code"),
    [
        (1000 * (1 + COVERAGE_MOVES) + 1, True, "coverage-moves-total"),
        (1000 * (1 - COVERAGE_MOVES) - 1, True, "coverage-moves-total"),
        (1000 * (1 + COVERAGE_MOVES) - 1, True, None),
        (1000 * (1 - COVERAGE_MOVES) + 1, True, None),
        (1000, False, "coverage-not-weighed"),
    ],
)
def test_a_total_that_moves_either_way_under_a_wider_prior_rests_on_it(then, reliable, code):
    wider = WiderCoverage(wider=3.0, median=then, pareto_k=0.9, reliable=reliable)
    said = [caution.code for caution in caution_of_coverage(1000.0, wider, read_priors("wide"))]
    assert said == ([] if code is None else [code])
