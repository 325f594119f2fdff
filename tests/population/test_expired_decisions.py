"""Decisions, and lists that did not run, that stop just before the years of the headline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estimator.capture.declaration import Covariate, Declaration, NotOperating
from estimator.population.expired_decisions import expired_decisions
from estimator.reasons import Reason
from estimator.study.questions import Change, Decision, Period
from estimator.study.study import Study
from tests.methods.model_examples import read

YEARS = ("2013", "2014", "2015", "2016")


def study(headline: tuple[str, ...] | None, on_c: dict[str, int | str] | None = None, **parts) -> Study:
    """Three lists and four years; `on_c` people on list C by year, by default fifty."""
    rows = ["year,A,B,C,count"]
    for year in YEARS:
        rows += [f"{year},1,0,0,500", f"{year},1,1,0,100", f"{year},0,0,1,{(on_c or {}).get(year, 50)}"]
    declaration = Declaration(("A", "B", "C"), (Covariate("year", YEARS, True),), not_operating=parts.pop("paused", ()))
    made = Study.of_table(read("\n".join(rows) + "\n", declaration), period=Period("year", headline))
    return replace(made, declaration=declaration, **parts)


def decision(*years: str, choice: str = "drop", **where: tuple[str, ...]) -> Decision:
    return Decision("border", "C", choice, {**({"year": years} if years else {}), **where}, "Too weak.")


@pytest.mark.parametrize(
    ("years", "headline", "missing"),
    [
        (("2014", "2015"), ("2016",), "2016"),
        (("2013", "2014", "2015"), ("2016",), "2016"),
        (("2015", "2014"), ("2016",), "2016"),
        (("2013", "2014", "2015"), ("2015", "2016"), "2016"),
        (("2013", "2014"), ("2016", "2015"), "2015-2016"),
        (("2013",), ("2014",), "2014"),
        (("2015",), ("2016",), None),  # meant for one year
        (("2013", "2014"), ("2016",), None),  # ended before
        (("2014", "2015", "2016"), ("2016",), None),
        (("2014", "2015"), ("2015",), None),
        (("2013", "2014", "2015"), None, None),  # all years are the headline
        ((), ("2016",), None),  # everywhere
    ],
)
def test_a_decision_that_stops_short(years, headline, missing):
    found = expired_decisions(study(headline, decisions=(decision(*years),)))
    if missing is None:
        assert found == ()
    else:
        held = f"{min(years)}-{max(years)}" if len(years) > 1 else years[0]
        assert found == (
            Reason(
                "decision-stops-short",
                decision="border",
                choice="drop",
                list="C",
                where=[Reason("in-years", years=[held])],
                missing=[missing],
            ),
        )


def test_a_decision_to_keep_is_named_too():
    (said,) = expired_decisions(study(("2016",), decisions=(decision("2014", "2015", choice="keep"),)))
    assert (said.code, said["choice"], said["missing"]) == ("decision-stops-short", "keep", ("2016",))


def test_a_list_that_did_not_run_and_has_nobody_in_the_new_year():
    pause = NotOperating("C", {"year": ("2014", "2015")}, "Moved.")
    gone = dict.fromkeys(("2014", "2015", "2016"), 0)
    (said,) = expired_decisions(study(("2016",), gone, paused=(pause,)))
    where = [Reason("in-years", years=["2014-2015"])]
    assert said == Reason("interruption-stops-short", list="C", where=where, missing=["2016"])
    assert expired_decisions(study(("2016",), gone | {"2016": 1}, paused=(pause,))) == (), "it runs again"
    unsure = study(("2016",), gone | {"2016": "0-3"}, paused=(pause,))
    assert expired_decisions(unsure) == (), "it may run again"


def test_a_list_that_stopped_cannot_stop_short():
    stop = NotOperating("C", {"year": ("2015", "2016")}, "Closed.")
    found = study(
        ("2016",),
        {"2015": 0, "2016": 0},
        paused=(stop,),
        changes=(Change("C", "stopped", "2015", "Closed."),),
    )
    assert expired_decisions(found) == ()


def test_without_years_there_is_nothing_to_say(dutch):
    assert expired_decisions(dutch.study) == ()


def test_the_estimate_says_it(series):
    old = replace(series.study, period=replace(series.study.period, headline=("2016",)))
    border = replace(old.decisions[0], where={"year": ("2014", "2015")})
    found = replace(series, study=replace(old, decisions=(border,)), beside=()).fitness.cautions
    assert found[0].matter[:2] == ("decision-stops-short", ("decision", "border-police"))
    assert "decision-stops-short" not in [caution.code for caution in series.fitness.cautions]
