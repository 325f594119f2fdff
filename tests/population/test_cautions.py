"""What an estimate says of the priors that it rests on."""

from dataclasses import replace

import pytest

from estimator.population.cautions import TOO_SELDOM, cautions_of
from estimator.study.priors import read_priors
from estimator.study.trackrecord import track_records


def said_under(series, priors):
    return [text for text in cautions_of(replace(series, priors=priors, beside=())) if "size is known" in text]


@pytest.mark.parametrize("name", sorted(track_records()))
def test_priors_whose_intervals_held_known_sizes_too_seldom_say_so(series, name):
    said = said_under(series, read_priors(name))
    inside = track_records()[name].inside[0.95]
    assert len(said) == (inside < TOO_SELDOM)
    if said:
        assert said[0].startswith(f"Under the priors {name}, 95 % intervals held {100 * inside:.0f} % of the lists")
        halves = (100 * track_records()[one].inside[0.5] for one in (name, "evidence"))
        assert "intervals with an even chance held {:.0f} and {:.0f} %".format(*halves) in said[0]
        assert "under evidence " in said[0]


def test_changed_priors_have_no_record(series):
    assert said_under(series, read_priors("independence", {"coverage.odds.log_normal": "[-3, 3]"})) == []
