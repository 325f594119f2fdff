"""Years that lean on the years beside them."""

from __future__ import annotations

import pytest

from estimator.capture.declaration import Covariate, Declaration
from estimator.methods.door import Abilities
from estimator.population.borrowing import FEW_OVERLAPS, leaning_years
from estimator.population.cautions import cautions_of
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.questions import Period
from estimator.study.study import Study
from estimator.words.words import words_in
from tests.methods.model_examples import read

YEARS = ("2014", "2015", "2016")


def study(overlaps: dict[str, int], once: dict[str, int], ordered: bool = True) -> Study:
    rows = ["year,A,B,count"]
    for year in YEARS:
        rows += [f"{year},1,0,{once[year]}", f"{year},1,1,{overlaps[year]}"]
    text = "\n".join(rows) + "\n"
    table = read(text, Declaration(("A", "B"), (Covariate("year", YEARS, ordered),)))
    return Study.of_table(table, period=Period("year"))


def cautions(made: Study) -> tuple[Reason, ...]:
    return cautions_of(made, read_priors("wide"), Abilities())


def even(number: int) -> dict[str, int]:
    return dict.fromkeys(YEARS, number)


def test_years_that_stand_on_their_own_get_no_caution():
    made = study(even(FEW_OVERLAPS), even(500))
    assert leaning_years(made) == []
    assert cautions(made) == ()


def test_few_on_two_lists():
    made = study(even(100) | {"2016": FEW_OVERLAPS - 1}, even(500))
    few = FEW_OVERLAPS - 1
    assert cautions(made) == (
        Reason("year-leans-on-others", year="2016", ordered=True, twice_or_more=(few, few), short_of=None),
    )


def test_a_short_year_has_less_than_half_of_the_others():
    assert leaning_years(study(even(100), even(500) | {"2016": 201})) == []
    (found,) = leaning_years(study(even(100), even(500) | {"2016": 199}))
    assert found.year == "2016"
    assert found.short_of == pytest.approx(299 / 600)
    (said,) = cautions(study(even(100), even(500) | {"2016": 50}))
    assert (said["year"], said["twice_or_more"], said["short_of"]) == ("2016", (100, 100), pytest.approx(150 / 600))


def test_several_years_are_said_together():
    (said,) = cautions(study(even(3) | {"2014": 100}, even(500)))
    assert said.code == "years-lean-on-others"
    assert [(year["year"], year["twice_or_more"]) for year in said["years"]] == [("2015", (3, 3)), ("2016", (3, 3))]


def test_years_without_an_order_are_no_random_walk():
    (said,) = cautions(study(even(100) | {"2016": 2}, even(500), ordered=False))
    assert said["ordered"] is False
    (several,) = cautions(study(even(3) | {"2014": 100}, even(500), ordered=False))
    assert several["ordered"] is False
    same = [leaning_years(study(even(100) | {"2016": 2}, even(500), ordered=ordered)) for ordered in (True, False)]
    assert same[0] == same[1]


def test_a_study_without_years_leans_on_nothing(dutch):
    assert leaning_years(dutch.study) == []


def test_it_is_printed_and_does_not_forbid_publishing(series):
    (said,) = [caution for caution in series.fitness.cautions if caution.code == "year-leans-on-others"]
    assert said["year"] == "2016"
    assert " ".join(words_in("en").say(said).split()) in " ".join(series.text(full=True).split())
    assert said.to_dict() in series.to_dict()["cautions"]
    assert series.fitness.unsound == ()


def three_lists(**of_2016: str) -> Study:
    """Years with 100 people on two lists, and in 2016 as many on two and on three as is said."""
    rows = ["year,A,B,C,count"]
    for year in YEARS:
        twice, thrice = of_2016.values() if year == "2016" else ("100", "0")
        rows += [f"{year},1,0,0,500", f"{year},1,1,0,{twice}", f"{year},1,1,1,{thrice}"]
    table = read("\n".join(rows) + "\n", Declaration(("A", "B", "C"), (Covariate("year", YEARS, True),)))
    return Study.of_table(table, period=Period("year"))


def test_people_on_three_lists_are_on_two_as_well():
    assert leaning_years(three_lists(twice="0", thrice=str(FEW_OVERLAPS))) == []


def test_a_year_leans_unless_it_is_certain_that_enough_are_on_two_lists():
    (year,) = leaning_years(three_lists(twice=f"{FEW_OVERLAPS - 1}-{FEW_OVERLAPS + 9}", thrice="0"))
    assert (year.year, year.twice_or_more.lower, year.twice_or_more.upper) == ("2016", 29, 39)
