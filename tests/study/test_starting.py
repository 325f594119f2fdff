"""A new year of a study: its folder, and what is left to do in it."""

from __future__ import annotations

import stat
import tomllib
from functools import partial

import pytest
from study_examples import STUDY, TABLE

from estimator.report.terminal.new_year import comments_in
from estimator.study import starting
from estimator.study.study import read_study

start_study = partial(starting.start_study, comments=comments_in(None))

REST = """
# Who was decided about, and why.
[[decisions]]
name = "police-men"
list = "P"
choice = "keep"
where = { sex = "male" }
reason = "Most reports were good."
reason_nl = "De meeste meldingen klopten."

[[not_operating]]
list = "K"
where = { year = 2014, sex = "male" }
reason = "Began in 2015."

[period]
covariate = "year"
headline = [2014, 2015]  # averaged

[denominators]
file = "inhabitants.csv"

[published]
file = "before.csv"

[groups.women]
where = { sex = "female" }
per = "women"

[groups.women-2015]
where = { sex = "female", year = 2015 }
"""
INHABITANTS = "population,year,inhabitants,source,how\nwomen,2014,1000,x,counted\nwomen,2015,1100,x,counted\n"
PUBLISHED = "id,group,years,measure,value,lower,upper,said,source,verified,calibrated\na,women,2014,N,9,,,9,x,no,no\n"


@pytest.fixture
def source(tmp_path):
    """A study with everything that a new year touches, of two years."""
    (home := tmp_path / "old").mkdir()
    text = STUDY.replace('"A study"', '"Victims, 2014-2015"\ntitle_nl = "Slachtoffers"\ntable_kind = "synthetic"')
    (home / "study.toml").write_text(f"# Ours.\n{text}{REST}", encoding="utf-8")
    (home / "table.csv").write_text(TABLE, encoding="utf-8")
    (home / "inhabitants.csv").write_text(INHABITANTS, encoding="utf-8")
    (home / "before.csv").write_text(PUBLISHED, encoding="utf-8")
    return home


def toml(folder):
    return tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))


def add(folder, name, text):
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(text)


class TestTheNextYear:
    def test_what_is_in_the_folder(self, tmp_path, source):
        started = start_study(tmp_path / "new", source)
        assert (started.folder, started.source, started.new.years) == (tmp_path / "new", "old", ("2016",))
        assert (started.new.covariate, started.table_kind, started.denominators) == ("year", "synthetic", True)
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in started.folder.iterdir()}
        assert found == dict.fromkeys(["study.toml", "table.csv", "denominators.csv", "published.csv"], 0o600)
        assert (started.folder / "table.csv").read_text() == TABLE
        assert (started.folder / "denominators.csv").read_text() == INHABITANTS
        assert (started.folder / "published.csv").read_text() == PUBLISHED
        assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]

    def test_what_changed_in_the_study_file_and_nothing_else(self, tmp_path, source):
        old, new = toml(source), toml(start_study(tmp_path / "new", source).folder)
        assert new["title"] == "Victims, 2014-2016"
        assert new["title_nl"] == "Slachtoffers, met 2016"
        assert new["covariates"]["year"]["levels"] == [2014, 2015, 2016]
        assert new["period"]["headline"] == [2016]
        assert new["denominators"] == {"file": "denominators.csv"}
        assert new["published"] == {"file": "published.csv"}
        for keys in (("title",), ("title_nl",), ("covariates", "year", "levels"), ("period", "headline")):
            for data in (old, new):
                for key in keys[:-1]:
                    data = data[key]
                del data[keys[-1]]
        for key in ("denominators", "published"):
            del old[key], new[key]
        assert new == old

    def test_comments_are_kept_and_steps_added(self, tmp_path, source):
        text = (start_study(tmp_path / "new", source).folder / "study.toml").read_text(encoding="utf-8")
        for comment in ("# Ours.", "# Who was decided about, and why.", "# averaged"):
            assert comment in text
        places = [
            text.index(step)
            for step in (
                "# 1. Add the rows of 2016 to table.csv",
                "# 2. Add the inhabitants of 2016 to denominators.csv",
                "# 3. Declare every list that stopped",
                "# 4. Make 'title'",
                f"# 5. darkfigure check {tmp_path / 'new'}",
                f"# 6. darkfigure estimate {tmp_path / 'new'}",
                "# 7. darkfigure compare",
                'title = "Victims',
                "# [[changes]]",
                '# kind = "stopped"',
                '# kind = "redefined"',
                "# [[decisions]]",
            )
        ]
        assert places == sorted(places)
        assert 'table_kind = "synthetic" below says that counts were made up' in " ".join(text.replace("#", "").split())

    def test_the_year_has_no_people_and_no_inhabitants_until_they_are_added(self, tmp_path, source, faults_of):
        folder = start_study(tmp_path / "new", source).folder
        rows, rate = faults_of(read_study, folder)
        assert "It has nobody in year 2016. Add its rows" in rows
        assert "no line for the population 'women' in 2016" in rate
        add(folder, "table.csv", "female,2016,1,0,0,12\nfemale,2016,1,1,0,3\n")
        add(folder, "denominators.csv", "women,2016,1200,x,counted\n")
        study = read_study(folder)
        assert study.period.headline == ("2016",)
        assert study.table.registered.lower == 143 + 15
        assert study.decisions == read_study(source).decisions

    def test_the_examples_can_be_uncommented(self, tmp_path, source):
        folder = start_study(tmp_path / "new", source).folder
        add(folder, "table.csv", "female,2016,1,0,0,12\nfemale,2016,1,1,0,3\n")
        add(folder, "denominators.csv", "women,2016,1200,x,counted\n")
        text = (folder / "study.toml").read_text(encoding="utf-8")
        above, marks, examples = text.partition("# [[changes]]")
        lines = [line.removeprefix("#").strip() for line in (marks + examples).splitlines()]
        done = "\n".join(line for line in lines if not line.startswith("---"))
        (folder / "study.toml").write_text(above + done + "\n", encoding="utf-8")
        study = read_study(folder)
        assert [(one.list, one.kind, one.since) for one in study.changes] == [
            ("Z", "stopped", "2016"),
            ("K", "redefined", "2016"),
        ]
        assert study.decisions[-1].name == "z-2016"

    def test_year_after_year_without_piling_up_comments(self, tmp_path, source):
        first = start_study(tmp_path / "first", source).folder
        add(first, "table.csv", "female,2016,1,0,0,12\nfemale,2016,1,1,0,3\n")
        add(first, "denominators.csv", "women,2016,1200,x,counted\n")
        second = start_study(tmp_path / "second", first).folder
        text = (second / "study.toml").read_text(encoding="utf-8")
        assert toml(second)["covariates"]["year"]["levels"] == [2014, 2015, 2016, 2017]
        assert toml(second)["title"] == "Victims, 2014-2017"
        assert toml(second)["title_nl"] == "Slachtoffers, met 2016, met 2017"
        assert text.count("What is to be done") == text.count("# Examples for a new year") == 1
        assert "new, 2016" not in text

    def test_comments_make_way_whatever_their_language(self, tmp_path, source):
        in_dutch = partial(starting.start_study, comments=comments_in("nl"))
        first = in_dutch(tmp_path / "first", source).folder
        dutch = (first / "study.toml").read_text(encoding="utf-8")
        assert "# 1. Voeg de rijen van 2016 toe aan table.csv" in dutch
        assert "Add" not in dutch
        add(first, "table.csv", "female,2016,1,0,0,12\nfemale,2016,1,1,0,3\n")
        add(first, "denominators.csv", "women,2016,1200,x,counted\n")
        text = (start_study(tmp_path / "second", first).folder / "study.toml").read_text(encoding="utf-8")
        assert "jaar" not in text
        assert text.count("What is to be done") == text.count("# Examples for a new year") == 1

    def test_priors_of_its_own_come_along(self, tmp_path, source):
        from estimator.shipped import folder

        (tmp_path / "ours.toml").write_text((folder("priors") / "wide.toml").read_text("utf-8"), "utf-8")
        add(source, "study.toml", '[model]\npriors = "../ours.toml"\nbeside = ["moderate"]\n')
        new = start_study(tmp_path / "new", source).folder
        assert toml(new)["model"] == {"priors": "ours.toml", "beside": ["moderate"]}
        assert (new / "ours.toml").is_file()


class TestEmpty:
    def test_only_the_new_years(self, tmp_path, source, faults_of):
        folder = start_study(tmp_path / "new", source, ["2017", "2018"], empty=True).folder
        new = toml(folder)
        assert new["covariates"]["year"]["levels"] == new["period"]["headline"] == [2017, 2018]
        assert new["title"] == "Victims, 2017-2018"
        assert (folder / "table.csv").read_text() == "sex,year,P,K,Z,count\n"
        assert "not_operating" not in new, "it was about 2014"
        assert set(new["groups"]) == {"women"}
        assert "There are no rows below the header" in faults_of(read_study, folder)[0]
        add(folder, "table.csv", "female,2017,1,0,0,12\nmale,2018,1,1,0,3\n")
        add(folder, "denominators.csv", "women,2017,1200,x,counted\nwomen,2018,1200,x,counted\n")
        assert read_study(folder).table.n_strata == 4

    def test_a_list_that_stopped_is_named(self, tmp_path, source):
        path = source / "study.toml"
        add(source, "study.toml", '[[changes]]\nlist = "Z"\nkind = "stopped"\nsince = 2015\nreason = "Closed."\n')
        (source / "table.csv").write_text(TABLE.replace("2015,1,0,1,3", "2015,1,0,0,3"), encoding="utf-8")
        assert read_study(path).changes
        folder = start_study(tmp_path / "new", source, empty=True).folder
        assert "changes" not in toml(folder)
        text = " ".join((folder / "study.toml").read_text(encoding="utf-8").replace("#", "").split())
        assert "List Z stopped earlier: take [lists.Z] and its column out." in text
        assert 'kind = "stopped"' not in text, "in its first year nothing can have changed"


class TestRefusals:
    @pytest.mark.parametrize("year", ["2015", "2010", "1"])
    def test_years_that_are_not_new(self, tmp_path, source, faults_of, year):
        [fault] = faults_of(start_study, tmp_path / "new", source, [year])
        assert fault.startswith(f"--year {year}: The last year of old is 2015. Name a later one")
        assert not (tmp_path / "new").exists()

    def test_years_out_of_order(self, tmp_path, source, faults_of):
        assert "in order" in faults_of(start_study, tmp_path / "new", source, ["2016", "2015"])[0]
        assert "in order" in faults_of(start_study, tmp_path / "new", source, ["2016", "2016"])[0]

    @pytest.mark.parametrize("year", ["abc", "next", " ", "-3", "2016/17", "\u00b2"])
    def test_what_is_no_year(self, tmp_path, source, faults_of, year):
        [fault] = faults_of(start_study, tmp_path / "new", source, [year])
        assert fault == f"--year {year}: This is not a year in digits, such as 2016, and the years of old are."

    @pytest.mark.parametrize(
        ("years", "named", "options"),
        [
            (["2017"], "after 2015 is 2016, and without 2016 the", "(--year 2016 --year 2017)"),
            (["2020"], "without 2016 to 2019 the", "(--year 2016 --year 2017 --year 2018 ... --year 2020)"),
            (["2016", "2018"], "after 2016 is 2017, and without 2017 the", "(--year 2017 --year 2018)"),
        ],
    )
    def test_a_gap(self, tmp_path, source, faults_of, years, named, options):
        [fault] = faults_of(start_study, tmp_path / "new", source, years)
        assert fault.startswith(f"--year {years[-1]}: The year ")
        assert f"{named} study would have a gap" in fault
        assert fault.endswith(f"repeat the option {options}; or begin a study of {years[-1]} alone with --empty.")
        assert not (tmp_path / "new").exists()

    def test_a_study_of_its_own_may_begin_later_but_has_no_gap_either(self, tmp_path, source, faults_of):
        assert start_study(tmp_path / "new", source, ["2020"], empty=True).new.years == ("2020",)
        add = partial(start_study, empty=True)
        [fault] = faults_of(add, tmp_path / "more", source, ["2020", "2022"])
        assert fault.endswith("(--year 2021 --year 2022).")

    def test_a_study_of_every_other_year_goes_on_so(self, tmp_path, source, faults_of):
        for name in ("study.toml", "table.csv", "inhabitants.csv"):
            (source / name).write_text((source / name).read_text("utf-8").replace("2014", "2013"), "utf-8")
        assert start_study(tmp_path / "new", source, ["2017"]).new.years == ("2017",)
        [fault] = faults_of(start_study, tmp_path / "more", source, ["2018"])
        assert "without 2016 to 2017 the" in fault

    def test_an_existing_folder(self, tmp_path, source, faults_of):
        (tmp_path / "new").mkdir()
        assert "left as it is" in faults_of(start_study, tmp_path / "new", source)[0]

    def test_no_folder_to_put_it_in(self, tmp_path, source, faults_of):
        assert "Make it first" in faults_of(start_study, tmp_path / "a" / "new", source)[0]

    def test_a_study_without_a_year(self, tmp_path, faults_of):
        [fault] = faults_of(start_study, tmp_path / "new", "nl-2010-2015")
        assert fault.startswith("--from nl-2010-2015: This study is not divided by year")

    def test_a_study_with_faults(self, tmp_path, source, faults_of):
        (source / "table.csv").write_text(TABLE.replace(",40", ",many"))
        assert "many" in faults_of(start_study, tmp_path / "new", source)[0]
        assert not (tmp_path / "new").exists()


def test_years_in_words(tmp_path, source, faults_of):
    text = (source / "study.toml").read_text(encoding="utf-8")
    text = text.replace("[2014, 2015]", '["2014/15", "2015/16"]').replace("year = 2014", 'year = "2014/15"')
    (source / "study.toml").write_text(text.replace("year = 2015", 'year = "2015/16"'), encoding="utf-8")
    for name, rows in (("table.csv", TABLE), ("inhabitants.csv", INHABITANTS)):
        new = rows.replace(",2014,", ",2014/15,").replace(",2015,", ",2015/16,")
        (source / name).write_text(new, encoding="utf-8")
    assert "Name the new year" in faults_of(start_study, tmp_path / "new", source)[0]
    folder = start_study(tmp_path / "new", source, ["2016/17"]).folder
    assert toml(folder)["covariates"]["year"]["levels"] == ["2014/15", "2015/16", "2016/17"]
    assert '# since = "2016/17"' in (folder / "study.toml").read_text(encoding="utf-8")


def test_the_dutch_study(tmp_path, faults_of):
    folder = start_study(tmp_path / "new").folder
    assert toml(folder)["title"].startswith("Presumed victims of human trafficking in the Netherlands, 2010-2016")
    assert toml(folder)["table_kind"] == "reconstructed"
    faults = faults_of(read_study, folder)
    assert "nobody in year 2016" in faults[0]
    assert not (folder / "registers").exists()


def test_a_decision_that_stops_at_the_last_year_is_named_in_the_steps(tmp_path):
    """Else a list that was left out in the old years counts again in the new one, and nobody chose that."""
    start_study(tmp_path / "new", "nl-2010-2015-reconstructed", ("2016",))
    text = (tmp_path / "new" / "study.toml").read_text(encoding="utf-8")
    steps = " ".join(text.replace("\n#", " ").split())
    assert "The decision 'border-police' on list K holds for 2012, 2013, 2014, 2015 and not for 2016" in steps
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
