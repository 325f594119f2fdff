"""Years that lean on the years beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estimator.capture.declaration import Covariate, Declaration
from estimator.population.borrowing import FEW_OVERLAPS, leaning_years
from estimator.population.cautions import cautions_of
from estimator.study.priors import read_priors
from estimator.study.questions import Period
from estimator.study.study import Study
from tests.methods.model_examples import read

YEARS = ("2014", "2015", "2016")


def study(overlaps: dict[str, int], once: dict[str, int], ordered: bool = True) -> Study:
    rows = ["year,A,B,count"]
    for year in YEARS:
        rows += [f"{year},1,0,{once[year]}", f"{year},1,1,{overlaps[year]}"]
    text = "\n".join(rows) + "\n"
    table = read(text, Declaration(("A", "B"), (Covariate("year", YEARS, ordered),)))
    return Study.of_table(table, period=Period("year"))


def cautions(made: Study, series) -> tuple[str, ...]:
    return cautions_of(replace(series, study=made, beside=(), priors=read_priors("wide")))


def even(number: int) -> dict[str, int]:
    return dict.fromkeys(YEARS, number)


def test_years_that_stand_on_their_own_get_no_caution(series):
    made = study(even(FEW_OVERLAPS), even(500))
    assert leaning_years(made) == []
    assert cautions(made, series) == ()


def test_few_on_two_lists(series):
    made = study(even(100) | {"2016": FEW_OVERLAPS - 1}, even(500))
    (found,) = cautions(made, series)
    assert found == (
        "2016 has 29 people on two or more lists; its estimate leans on the years beside it (year effects are a random "
        "walk)."
    )
    assert "1 person on two" in cautions(study(even(100) | {"2016": 1}, even(500)), series)[0]


def test_a_short_year_has_less_than_half_of_the_others(series):
    assert leaning_years(study(even(100), even(500) | {"2016": 201})) == []
    (found,) = leaning_years(study(even(100), even(500) | {"2016": 199}))
    assert found.year == "2016"
    assert found.short_of == pytest.approx(299 / 600)
    (said,) = cautions(study(even(100), even(500) | {"2016": 50}), series)
    assert "2016 has 100 people on two or more lists and 25 % of the registered people of an average other year" in said


def test_several_years_are_said_together(series):
    (said,) = cautions(study(even(3) | {"2014": 100}, even(500)), series)
    assert "2015 (3) and 2016 (3); the estimates of these years lean on the years beside them" in said


def test_years_without_an_order_are_no_random_walk(series):
    (said,) = cautions(study(even(100) | {"2016": 2}, even(500), ordered=False), series)
    assert said.endswith("its estimate leans on the other years (years are taken to resemble each other).")
    (several,) = cautions(study(even(3) | {"2014": 100}, even(500), ordered=False), series)
    assert "lean on each other and the other years (years are taken to resemble each other)" in several
    assert "beside" not in said + several
    same = [leaning_years(study(even(100) | {"2016": 2}, even(500), ordered=ordered)) for ordered in (True, False)]
    assert same[0] == same[1]


def test_a_study_without_years_leans_on_nothing(dutch):
    assert leaning_years(dutch.study) == []


def test_it_is_printed_and_does_not_forbid_publishing(series):
    said = next(text for text in series.fitness.cautions if "2016" in text)
    assert said.startswith("2016 has ")
    assert " ".join(said.split()) in " ".join(str(series).split())
    assert said in series.to_dict()["cautions"]
    assert series.fitness.unsound == ()
