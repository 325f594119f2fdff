"""How often intervals under shipped priors held lists whose size is known."""

import pytest

from estimator.shipped import folder
from estimator.study.priors import read_priors
from estimator.study.shipped import DEFAULT_PRIORS, shipped_priors
from estimator.study.trackrecord import TrackRecord, track_record, track_records


def test_every_shipped_set_has_one():
    records = track_records()
    assert sorted(records) == sorted(shipped_priors())
    for record in records.values():
        assert record.lists >= 50
        assert 0 < record.inside[0.5] < record.inside[0.8] < record.inside[0.95] <= 1
    assert list(records) == sorted(records, key=lambda name: records[name].score)


def test_the_default_is_the_set_that_does_best():
    """The choice of the default rests on this: 95 % intervals hold about what they promise, and the best score."""
    records = track_records()
    assert abs(records[DEFAULT_PRIORS].inside[0.95] - 0.95) <= 0.05
    assert min(records, key=lambda name: records[name].score) == DEFAULT_PRIORS


def test_it_belongs_to_the_shipped_file_unchanged(tmp_path):
    assert track_record(read_priors("moderate")) == track_records()["moderate"]
    assert track_record(read_priors("moderate", {"residual.form": "none"})) is None
    copy = tmp_path / "moderate.toml"
    copy.write_bytes((folder("priors") / "moderate.toml").read_bytes())
    assert track_record(read_priors(copy)) is None


@pytest.mark.parametrize("name", ["default", "evidence"])
def test_the_default_has_the_record_of_its_file(name):
    assert track_record(read_priors(name)).priors == "evidence"


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("points", range(-10, 11))
def test_a_level_is_borne_out_up_to_and_with_the_limit(level, points):
    """Shares in hundredths, as the file writes them, so that 0.75 is five points from 0.8 in binary too."""
    share = round(level + points / 100, 4)
    record = TrackRecord("made up", 100, {0.5: 0.1, 0.8: 0.1, 0.95: 0.1} | {level: share}, 1.0)
    assert record.bears_out(level, within=0.05) is (abs(points) <= 5)
    assert not any(record.bears_out(other, within=0.05) for other in (0.5, 0.8, 0.95) if other != level)
