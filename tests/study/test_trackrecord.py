"""How often intervals under shipped priors held lists whose size is known."""

import pytest

from estimator.shipped import folder
from estimator.study.priors import read_priors
from estimator.study.shipped import DEFAULT_PRIORS, shipped_priors
from estimator.study.trackrecord import track_record, track_records


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
