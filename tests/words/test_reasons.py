"""Reasons: what they are about, what was measured, and their way into JSON and back."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estimator.reasons import Reason, each_once, new_matters

PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text()
VALUES = st.dictionaries(st.sampled_from(["list", "years", "factor", "n"]), PLAIN | st.lists(PLAIN, max_size=3))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is not a fault
@given(VALUES, VALUES)
def test_json_gives_back_the_same_reason(values, inner):
    reason = Reason("a-code", clause=Reason("inner", **inner), **values)
    assert Reason.of_dict(json.loads(json.dumps(reason.to_dict(), allow_nan=False))) == reason


def test_the_matter_is_what_it_is_about_and_not_what_was_measured():
    first = Reason("too-few-intervals-held", held=24, of=40, scenario="dependent")
    assert first.matter == Reason("too-few-intervals-held", held=23, of=40, scenario="dependent").matter
    assert first.matter != Reason("too-few-intervals-held", held=24, of=40, scenario="own").matter
    assert not list(new_matters([Reason("a", n=1)], [Reason("a", n=2)]))
    assert list(new_matters([Reason("a", yes=True)], [Reason("a", yes=False)])) == [Reason("a", yes=True)]


def test_numbers_of_numpy_and_sequences_become_plain():
    reason = Reason("a", n=np.int64(3), x=np.float64(0.5), lists=["P", "K"], limit=np.inf)
    assert reason.to_dict() == {"code": "a", "n": 3, "x": 0.5, "lists": ["P", "K"], "limit": None}
    assert each_once([reason, reason]) == (reason,)


def test_measurements_within_lists_and_clauses_are_no_matter():
    """A check that names a number with what it moved, twice: the decision that was taken of it stands."""

    def said(median, years=(2013, "all"), what="the 12 people on K and P alone"):
        return Reason("total-hangs-on-number", years=years, without=Reason("median-without", what=what, median=median))

    assert said(1200).matter == said(1250).matter
    assert said(1200).matter == said(1200, years=(2014, 2015, "all")).matter
    assert said(1200).matter != said(1200, what="the 3 people on S").matter
    assert said(1200).matter != said(1200, years=(2013, "some")).matter
    several = Reason("among", clauses=(said(1200), said(1300, what="those on S")))
    assert several.matter == Reason("among", clauses=(said(7), said(8, what="those on S"))).matter
    assert not list(new_matters([several], [Reason("among", clauses=(said(7), said(8, what="those on S")))]))
