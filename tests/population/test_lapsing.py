"""Decisions, and lists that did not run, that stop just before the years of the headline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estimator.capture.declaration import Covariate, Declaration, NotOperating
from estimator.population.cautions import cautions_of
from estimator.population.lapsing import lapsed
from estimator.study.questions import Change, Decision, Period
from estimator.study.study import Study
from tests.methods.model_examples import read

YEARS = ("2013", "2014", "2015", "2016")


def study(headline: tuple[str, ...] | None, on_c: dict[str, int] | None = None, **parts) -> Study:
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
    found = lapsed(study(headline, decisions=(decision(*years),)))
    if missing is None:
        assert found == ()
    else:
        (said,) = found
        words = f"{min(years)}-{max(years)}" if len(years) > 1 else years[0]
        assert said == (
            f"The decision 'border' to drop list C holds for {words} and not for {missing}, which the headline numbers "
            f"are about. Add {missing} to its 'where', or say in its reason why not."
        )


def test_a_decision_to_keep_is_named_too():
    (said,) = lapsed(study(("2016",), decisions=(decision("2014", "2015", choice="keep"),)))
    assert "to keep list C holds for 2014-2015 and not for 2016" in said


def test_a_list_that_did_not_run_and_has_nobody_in_the_new_year():
    pause = NotOperating("C", {"year": ("2014", "2015")}, "Moved.")
    gone = dict.fromkeys(("2014", "2015", "2016"), 0)
    (said,) = lapsed(study(("2016",), gone, paused=(pause,)))
    assert said.startswith("List C is declared not to have run for 2014-2015 and not for 2016")
    assert "Add 2016 to 'where' in [[not_operating]]" in said
    assert lapsed(study(("2016",), gone | {"2016": 1}, paused=(pause,))) == (), "it runs again"


def test_a_list_that_stopped_cannot_stop_short():
    stop = NotOperating("C", {"year": ("2015", "2016")}, "Closed.")
    found = study(
        ("2016",),
        {"2015": 0, "2016": 0},
        paused=(stop,),
        changes=(Change("C", "stopped", "2015", "Closed."),),
    )
    assert lapsed(found) == ()


def test_without_years_there_is_nothing_to_say(dutch):
    assert lapsed(dutch.study) == ()


def test_the_estimate_says_it(series):
    old = replace(series.study, period=replace(series.study.period, headline=("2016",)))
    border = replace(old.decisions[0], where={"year": ("2014", "2015")})
    found = cautions_of(replace(series, study=replace(old, decisions=(border,)), beside=()))
    assert found[0].startswith("The decision 'border-police' to keep list K holds for 2014-2015 and not for 2016")
    assert not any("decision" in said for said in cautions_of(series))
