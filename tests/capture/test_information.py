"""What a group's own counts say: groups that take their estimate from others are named."""

from capture_examples import REGION, read

from estimator.capture.checking import check_table
from estimator.capture.declaration import Declaration, NotOperating
from estimator.capture.information import FEW_OVERLAPS, hardly_informed, information
from estimator.capture.tallies import Registered
from estimator.reasons import Reason

LISTS = ("A", "B", "C")
GROUPS = {"total": {}, "north": {"region": ("north",)}, "west": {"region": ("west",)}}
ROWS = (
    "region,A,B,C,count\nnorth,1,0,0,120\nnorth,0,1,0,90\nnorth,0,0,1,70\nnorth,1,1,0,22\nnorth,1,0,1,15\n"
    "north,0,1,1,11\nnorth,1,1,1,4\nsouth,1,0,0,60\nsouth,0,1,0,40\nsouth,0,0,1,30\nsouth,1,1,0,12\nsouth,1,0,1,8\n"
    "south,0,1,1,5\nsouth,1,1,1,2\n"
)
"""Rebuilt from HRDAG/verdata #6: strata that cannot be estimated by themselves."""


def test_a_region_seen_by_one_list_only():
    """It got 97 (33 to 606) for 25 registered people, without a word."""
    table = read(ROWS + "west,1,0,0,25\n", Declaration(LISTS, (REGION,)))
    assert information(table, GROUPS["west"]).twice_or_more == Registered(0, 0)
    values = {"lower": 0, "upper": 0, "registered_lower": 25, "registered_upper": 25, "lists": 1}
    expected = Reason("group-hardly-informed", group="west", **values)
    assert list(hardly_informed(table, GROUPS)) == [expected]
    report = check_table(table, GROUPS)
    assert expected in [finding.what for finding in report.findings if finding.severity == "warning"]
    assert report.to_dict()["groups"]["north"]["twice_or_more"] == {"lower": 52, "upper": 52}


def test_a_region_in_which_no_list_runs():
    pauses = tuple(NotOperating(name, {"region": ("west",)}) for name in LISTS)
    table = read(ROWS, Declaration(LISTS, (REGION,), not_operating=pauses))
    assert information(table, GROUPS["west"]).running == 0
    assert list(hardly_informed(table, GROUPS)) == [Reason("group-without-list", group="west")]


def test_the_threshold_is_what_is_certainly_there():
    few = FEW_OVERLAPS - 1
    for count, named in ((str(few), True), (str(FEW_OVERLAPS), False), (f">={FEW_OVERLAPS}", False), ("5-60", True)):
        table = read(ROWS + f"west,1,0,0,25\nwest,1,1,0,{count}\n", Declaration(LISTS, (REGION,)))
        assert [reason["group"] for reason in hardly_informed(table, GROUPS)] == ["west"] * named
