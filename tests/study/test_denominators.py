"""Denominators and published figures: read as they stand, every mistake with its line and column."""

from __future__ import annotations

import pytest
from study_examples import PERIOD, STUDY, TABLE

from estimator.errors import InputError
from estimator.study.denominators import Denominators, read_denominators
from estimator.study.published import PublishedFigure, read_published
from estimator.study.study import read_study

HEADER = "population,year,inhabitants,source,how\n"
GOOD = HEADER + "girls,2014,1000,Statistics office,counted\ngirls,2015,3000,Statistics office,implied\n"
FIGURES = "id,group,years,measure,value,lower,upper,said,source,verified,calibrated\n"
WOMEN = '\n[groups.women]\nwhere = { sex = "female" }\nper = "girls"\n'
SECTION = '\n[denominators]\nfile = "denominators.csv"\n'


@pytest.fixture
def write(tmp_path):
    def make(text: str, name: str = "denominators.csv"):
        (path := tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


class TestDenominators:
    def test_mean_over_the_years_asked_for(self, write):
        found = read_denominators(write(GOOD))
        assert found.inhabitants("girls", ["2014", "2015"]) == 2000
        assert found.inhabitants("girls", ["2015"]) == 3000
        assert found.has("girls", ["2014", "2015"])
        assert not found.has("girls", ["2014", "2016"])
        assert found.missing("girls", ["2016", "2014", "2013"]) == ("2016", "2013")
        assert found.sources("girls") == ("Statistics office",)
        assert (found.how("girls", ["2014"]), found.how("girls", ["2014", "2015"])) == ("counted", "implied")

    def test_never_another_years_number(self, write):
        found = read_denominators(write(GOOD))
        with pytest.raises(InputError, match="'girls' in 2016. Add it, .* another year's number is never used"):
            found.inhabitants("girls", ["2015", "2016"])
        with pytest.raises(InputError, match="no population 'grils'.*Did you mean 'girls'"):
            found.inhabitants("grils", ["2015"])
        with pytest.raises(InputError):
            found.inhabitants("girls", [])

    @pytest.mark.parametrize(
        "text",
        [
            GOOD.replace(",", ";"),
            b"\xef\xbb\xbf" + GOOD.encode(),
            "sep=;\n" + GOOD.replace(",", ";"),
            "how,source,inhabitants,year,population\ncounted,x,1000,2014,girls\nimplied,y,3000,2015,girls\n",
        ],
    )
    def test_files_as_offices_save_them(self, write, text):
        assert read_denominators(write(text)).inhabitants("girls", ["2014", "2015"]) == 2000

    @pytest.mark.parametrize(
        ("row", "fragments"),
        [
            ("girls,2014,many,x,counted", ["line 2, column inhabitants", "'many' is not a number"]),
            ('girls,2014,"16,891,892",x,counted', ["line 2, column inhabitants", "thousands separator"]),
            ("girls,2014,16.891,x,counted", ["thousands separator"]),
            ("girls,2014,-5,x,counted", ["line 2, column inhabitants: '-5' must not be negative"]),
            ("girls,2014,10000000001,x,counted", ["line 2, column inhabitants", "Write at most 10000000000"]),
            (f"girls,2014,{'9' * 5000},x,counted", ["line 2, column inhabitants", "more than there are people"]),
            ("girls,2014,0,x,counted", ["nobody"]),
            ("girls,2014,,x,counted", ["line 2, column inhabitants", "Nothing is filled in"]),
            ("girls,2014,5,,counted", ["line 2, column source", "no rate goes without it"]),
            ("girls,2014,5,x,guessed", ["line 2, column how", "'guessed'", "counted", "implied"]),
            (",2014,5,x,counted", ["line 2, column population"]),
            ("girls,,5,x,counted", ["line 2, column year"]),
            ("girls,2014,5,x", ["line 2", "4 cells"]),
            ("girls,2014,5,x,counted\ngirls,2014,6,y,counted", ["line 3, column year", "on line 2 already"]),
        ],
    )
    def test_mistakes_in_a_row(self, write, faults_of, row, fragments):
        [fault] = faults_of(read_denominators, write(HEADER + row + "\n"))
        assert "denominators.csv, line" in fault
        assert all(fragment in fault for fragment in fragments), fault

    @pytest.mark.parametrize("number", ["-5", "\u22125", "-1,5", "-1.234.567", "- 5"])
    def test_a_negative_number_is_called_that(self, write, faults_of, number):
        [fault] = faults_of(read_denominators, write(HEADER + f'girls,2014,"{number}",x,counted\n'))
        assert fault.endswith(f"'{number}' must not be negative. Write a number of 0 or more.")

    @pytest.mark.parametrize(
        ("reader", "header", "row"),
        [
            (read_denominators, HEADER, "each population and year"),
            (read_published, FIGURES, "each figure that was published"),
        ],
    )
    def test_a_header_alone_is_told_what_its_rows_are(self, write, faults_of, reader, header, row):
        [fault] = faults_of(reader, write(header))
        assert fault.endswith(f"There are no rows below the header. Add one row for {row}.")

    def test_mistakes_in_the_header(self, write, faults_of):
        faults = faults_of(read_denominators, write("population,yaer,inhabitants,source,how\na,2014,5,x,counted\n"))
        assert any("line 1: There is no column 'year'. Add it. Did you mean 'yaer'?" in fault for fault in faults)
        assert any("column yaer" in fault for fault in faults)

    def test_every_mistake_at_once(self, write, faults_of):
        assert len(faults_of(read_denominators, write(HEADER + "a,2014,x,,what\nb,,5,y,counted\n"))) == 4


class TestRates:
    def test_a_group_with_a_rate(self, write_study, write):
        write(GOOD)
        study = read_study(write_study(STUDY + PERIOD + SECTION + WOMEN))
        assert study.groups["women"].per == "girls"
        assert isinstance(study.denominators, Denominators)
        assert study.files["denominators"].name == "denominators.csv"
        assert read_study(write_study()).denominators is None

    @pytest.mark.parametrize(
        ("text", "fragments"),
        [
            (STUDY + PERIOD + WOMEN, ["key groups.women.per", "names no file", "[denominators]"]),
            (STUDY + SECTION + WOMEN, ["key groups.women.per", "no covariate that is the year"]),
            (
                STUDY + PERIOD + SECTION + WOMEN.replace('"girls"', '"grils"'),
                ["key groups.women.per", "no population 'grils'", "Did you mean 'girls'?"],
            ),
            (STUDY + PERIOD + SECTION.replace('"denom', '"demon') + WOMEN, ["key denominators", "demon"]),
        ],
    )
    def test_mistakes(self, write_study, write, faults_of, text, fragments):
        write(GOOD)
        faults = faults_of(read_study, write_study(text))
        assert any(all(fragment in fault for fragment in fragments) for fault in faults), faults

    @pytest.mark.parametrize(("headline", "wanted"), [("", "2014"), ("headline = [2014]\n", "2014")])
    def test_a_headline_year_without_inhabitants(self, write_study, write, faults_of, headline, wanted):
        write(HEADER + "girls,2015,3000,x,counted\n")
        [fault] = faults_of(read_study, write_study(STUDY + PERIOD + headline + SECTION + WOMEN))
        assert "denominators.csv: There is no line for the population 'girls' in 2014. Add it" in fault

    def test_fewer_inhabitants_than_registered_people(self, write_study, write, faults_of):
        """Women: 68 in 2014, 55 in 2015."""
        text = STUDY + PERIOD + SECTION + WOMEN
        lines = "girls,2014,{},x,counted\ngirls,2015,{},x,counted\n"
        file = write(HEADER + lines.format(67.5, 54))
        first, second = faults_of(read_study, write_study(text))
        assert first == (
            f"{file}, line 2, column inhabitants: 67.5 inhabitants are fewer than the 68 registered people of group "
            "'women' in 2014. Write the number in persons, not in thousands; or take 'per' out of the group, if its "
            "people are not among these inhabitants."
        )
        assert "line 3, column inhabitants: 54 inhabitants are fewer than the 55" in second
        write(HEADER + lines.format(68, 55))
        assert read_study(write_study(text)).denominators is not None
        one_year = text.replace('sex = "female"', 'sex = "female", year = 2014')
        write(HEADER + lines.format(68, 1))
        assert read_study(write_study(one_year)).denominators is not None

    def test_other_years_may_be_without(self, write_study, write):
        write(HEADER + "girls,2015,3000,x,counted\n")
        study = read_study(write_study(STUDY + PERIOD + "headline = [2015]\n" + SECTION + WOMEN))
        assert not study.denominators.has("girls", ["2014"])


class TestPublished:
    def test_figures(self, write_study, write):
        rows = 'all,total,2014-2015,N,6250,5000,7500,"about 6,250",a paper,yes,yes\nmen,,,N,,,,one in six,x,no,no\n'
        path = write(FIGURES + rows, "published.csv")
        first, second = read_published(path)
        assert first == PublishedFigure(
            "all", "total", ("2014", "2015"), "N", 6250, 5000, 7500, "about 6,250", "a paper", True, True
        )
        assert (second.group, second.years, second.value, second.calibrated) == (None, (), None, False)
        assert first.worded("nl") == "about 6,250", "nobody gave it in Dutch"
        study = read_study(write_study(STUDY + '\n[published]\nfile = "published.csv"\n'))
        assert study.published == (first, second)
        assert study.files["published"] == path
        assert read_study(write_study()).published == ()

    def test_a_figure_may_be_worded_in_dutch(self, write):
        rows = 'all,total,2014,N,6250,,,"about 6,250",a paper,yes,yes,ongeveer 6.250\nmen,,,N,,,,one,x,no,no,\n'
        first, second = read_published(write(FIGURES.strip() + ",said_nl\n" + rows, "published.csv"))
        assert [first.worded(language) for language in ("en", "nl")] == ["about 6,250", "ongeveer 6.250"]
        assert second.worded("nl") == "one"

    @pytest.mark.parametrize(
        ("row", "fragments"),
        [
            ("a,total,2015-2014,N,5,,,x,s,yes,no", ["line 2, column years", "the earlier year first"]),
            ("a,total,last year,N,5,,,x,s,yes,no", ["line 2, column years"]),
            ("a,total,2014,N,a lot,,,x,s,yes,no", ["line 2, column value", "'a lot' is not a number"]),
            ('a,total,2014,N,"6,250",,,x,s,yes,no', ["line 2, column value", "thousands separator"]),
            ("a,total,2014,N,5,7,6,x,s,yes,no", ["line 2, column lower", "above the upper"]),
            ("a,total,2014,N,5,6,7,x,s,yes,no", ["line 2, column value", "not within its own limits"]),
            ("a,total,2014,N,8,,7,x,s,yes,no", ["line 2, column value", "not within its own limits"]),
            ("a,total,2014,N,,,,,s,yes,no", ["line 2, column value", "neither a number nor a wording"]),
            ("a,total,2014,,5,,,x,s,yes,no", ["line 2, column measure"]),
            ("a,total,2014,N,5,,,x,,yes,no", ["line 2, column source"]),
            ("a,total,2014,N,5,,,x,s,ja,no", ["line 2, column verified", "yes or no"]),
            ("a,total,2014,N,5,,,x,s,yes,", ["line 2, column calibrated", "yes or no"]),
            ("a,t,2014,N,5,,,x,s,no,no\na,t,2015,N,5,,,x,s,no,no", ["line 3, column id", "on line 2 already"]),
        ],
    )
    def test_mistakes(self, write, faults_of, row, fragments):
        [fault] = faults_of(read_published, write(FIGURES + row + "\n", "published.csv"))
        assert all(fragment in fault for fragment in fragments), fault

    def test_no_such_file(self, write_study, faults_of):
        [fault] = faults_of(read_study, write_study(STUDY + '\n[published]\nfile = "tabel.csv"\n'))
        assert "key published.file" in fault
        assert "Did you mean 'table.csv'?" in fault


class TestYearsWithoutPeople:
    def test_a_year_without_rows(self, write_study, faults_of):
        text = (STUDY + PERIOD).replace("[2014, 2015]", "[2014, 2015, 2016]")
        path = write_study(text)
        [fault] = faults_of(read_study, path)
        assert fault == (
            f"{path.parent / 'table.csv'}: It has nobody in year 2016. Add its rows, or take 2016 out of levels in "
            "[covariates.year]."
        )

    @pytest.mark.parametrize("row", ["male,2016,1,0,0,0", ",,1,0,0,4"])
    def test_rows_that_count_nobody_in_it(self, write_study, faults_of, row):
        text = (STUDY + PERIOD).replace("[2014, 2015]", "[2014, 2015, 2016]")
        [fault] = faults_of(read_study, write_study(text, TABLE + row + "\n"))
        assert "nobody in year 2016" in fault

    @pytest.mark.parametrize(
        "row", ["male,2016,1,0,0,1", "male,2016,1,0,0,<5", "male,2016,1,0,0,..", "male,2016,1,0,0,"]
    )
    def test_rows_that_may_count_somebody(self, write_study, row):
        text = (STUDY + PERIOD).replace("[2014, 2015]", "[2014, 2015, 2016]")
        assert read_study(write_study(text, TABLE + row + "\n")).table.n_strata == 6

    def test_a_level_of_another_covariate_may_be_without(self, write_study):
        text = (STUDY + PERIOD).replace('["female", "male"]', '["female", "male", "other"]')
        assert read_study(write_study(text)).table.n_strata == 6


class TestDutch:
    def test_names_and_sources_in_dutch_where_the_file_has_them(self, write):
        rows = HEADER.replace("how", "how,population_nl,source_nl") + (
            "girls,2014,1000,Office,counted,meisjes,Bureau\ngirls,2015,3000,Other office,counted,,\n"
            "all,2014,9000,Office,counted,,\n"
        )
        found = read_denominators(write(rows))
        assert (found.name_in_dutch("girls"), found.name_in_dutch("all")) == ("meisjes", None)
        assert found.sources_in_dutch("girls", ["2014", "2015"]) == ("Bureau", "Other office")
        assert found.sources_in_dutch("all", ["2014"]) == ()
        assert found.sources("girls") == ("Office", "Other office")
