"""A study read from its file, and the same made in Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from study_examples import STUDY

from estimator.study.questions import DisclosureRules, Group, Label, ModelSettings, Period
from estimator.study.study import Study, read_study

GROUPS = """
[groups.women]
label = "Women and girls"
label_nl = "Vrouwen en meisjes"
where = { sex = "female" }

[groups.men-2015]
where = { sex = ["male"], year = 2015 }
"""


def test_everything_arrives(write_study, study_text):
    path = write_study(study_text + GROUPS)
    study = read_study(path)
    assert study.name == path.parent.name
    assert (study.title, study.source, study.title_nl) == ("A study", "made for a test", None)
    assert study.table.lists == study.declaration.lists == ("P", "K", "Z")
    assert study.table_kind == "observed"
    year = study.declaration.covariates[1]
    assert (year.name, year.levels, year.ordered) == ("year", ("2014", "2015"), True)
    assert study.table.registered.lower == study.table.registered.upper == 143
    assert study.path == path
    assert study.files == {"study": path, "table": path.parent / "table.csv"}
    assert study.caveats == ()
    assert study.period is None


def test_a_folder_is_as_good_as_its_file(write_study):
    path = write_study()
    assert read_study(path.parent).title == read_study(str(path)).title == "A study"


def test_labels_fall_back_on_names_and_on_english(write_study):
    labels = read_study(write_study()).labels
    assert labels.lists["P"] == Label("Police", "Politie")
    assert labels.lists["K"] == Label("K")
    assert labels.lists["Z"].text("nl") == "Shelters"
    assert labels.lists["P"].text("nl") == "Politie"
    assert labels.lists["P"].text("en") == "Police"
    assert labels.covariates["sex"] == Label("sex")
    assert labels.levels["sex"]["female"] == Label("Women and girls", "Vrouwen en meisjes")
    assert labels.levels["sex"]["male"] == Label("male")


def test_groups(write_study, study_text):
    study = read_study(write_study(study_text + GROUPS))
    assert list(study.groups) == ["total", "women", "men-2015"]
    assert study.groups["total"].label == Label("Total", "Totaal")
    assert study.groups["women"].label == Label("Women and girls", "Vrouwen en meisjes")
    assert study.groups["men-2015"].label == Label("men-2015")
    # strata: female 2014, female 2015, male 2014, male 2015
    assert study.groups["total"].strata(study.table).tolist() == [True, True, True, True]
    assert study.groups["women"].strata(study.table).tolist() == [True, True, False, False]
    assert study.groups["men-2015"].strata(study.table).tolist() == [False, False, False, True]


def test_the_total_can_be_given_a_label(write_study, study_text):
    study = read_study(write_study(study_text + '[groups.total]\nlabel = "All victims"\n'))
    assert study.groups["total"] == Group("total", Label("All victims"), {})


def test_the_model_of_a_study_without_wishes_has_everything(write_study):
    assert read_study(write_study()).model == ModelSettings("evidence", (), (("sex",), ("year",)), (("sex", "year"),))


def test_the_model_of_a_study_with_wishes(write_study, study_text):
    wishes = '[model]\npriors = "wide"\nthree_list = [["P", "K", "Z"]]\nheterogeneity = ["sex"]\ncomposition = []\n'
    model = read_study(write_study(study_text + wishes)).model
    assert model == ModelSettings("wide", (("P", "K", "Z"),), (("sex",),), ())


def test_priors_beside_the_study(write_study, study_text, tmp_path):
    from estimator.shipped import folder
    from estimator.study.priors import read_priors

    (tmp_path / "mine.toml").write_text((folder("priors") / "wide.toml").read_text(encoding="utf-8"), encoding="utf-8")
    model = read_study(write_study(study_text + '[model]\npriors = "mine.toml"\n')).model
    assert model.priors == str(tmp_path / "mine.toml")
    assert read_priors(model.priors) == read_priors("wide")


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("years = 6", Period(years=6)),
        ('covariate = "year"', Period(covariate="year")),
        ('covariate = "year"\nheadline = [2014, "2015"]', Period(covariate="year", headline=("2014", "2015"))),
    ],
)
def test_period(write_study, study_text, text, period):
    assert read_study(write_study(f"{study_text}\n[period]\n{text}\n")).period == period


def test_exceptions_reach_the_table(write_study, study_text):
    text = study_text + '[[structural_zeros]]\nlists = ["K", "Z"]\nwhere = { sex = "male" }\nreason = "by law"\n'
    text += '[[not_operating]]\nlist = "Z"\nwhere = { year = "2014", sex = "male" }\nreason = "began in 2015"\n'
    table = "\n".join(
        line for line in Path(write_study().with_name("table.csv")).read_text().splitlines() if ",0,0,1,7" not in line
    )
    study = read_study(write_study(text, table + "\n"))
    assert study.declaration.structural_zeros[0].lists == ("K", "Z")
    assert not study.table.possible[2, 0b011]
    assert study.table.possible[0, 0b011]
    assert study.declaration.not_operating[0].list == "Z"


def test_a_table_elsewhere_and_made_up(write_study, study_text, tmp_path):
    path = write_study('table = "counts/mine.csv"\ntable_kind = "synthetic"\n' + study_text)
    (tmp_path / "counts").mkdir()
    (tmp_path / "table.csv").rename(tmp_path / "counts" / "mine.csv")
    study = read_study(path)
    assert study.table_kind == study.table.kind == "synthetic"
    assert study.files["table"] == tmp_path / "counts" / "mine.csv"


def test_a_study_file_of_another_name_gives_its_name(write_study):
    path = write_study()
    assert read_study(path.rename(path.with_name("shelters.toml"))).name == "shelters"


def test_made_in_python(write_study):
    table = read_study(write_study()).table
    women = Group("women", Label("Women"), {"sex": ("female",)})
    study = Study.of_table(table, name="mine", groups=[women])
    assert study.title == "mine"
    assert list(study.groups) == ["total", "women"]
    assert study.model.heterogeneity == (("sex",), ("year",))
    assert study.labels.lists["P"] == Label("P")
    assert study.path is None
    assert np.array_equal(study.groups["women"].strata(study.table), [True, True, False, False])


def test_made_in_python_with_a_mistake(write_study, faults_of):
    table = read_study(write_study()).table

    def make():
        Study.of_table(table, groups=[Group("w", Label("w"), {"sex": ("femal",)})])

    assert "Did you mean 'female'?" in faults_of(make)[0]


def test_the_package_offers_its_names():
    import estimator

    for name in estimator.__all__:
        assert getattr(estimator, name) is not None
    assert set(estimator.__all__) <= set(dir(estimator))
    with pytest.raises(AttributeError, match="no attribute 'estimte'"):
        _ = estimator.estimte


def test_what_a_report_rounds_to_is_read(write_study):
    assert read_study(write_study(STUDY + "\n[report]\nround_to = 50\n")).round_to == 50
    assert read_study(write_study()).round_to is None


def test_rules_of_disclosure_are_read(write_study):
    rules = '\n[disclosure]\nminimum = 5\nrounding = 10\ndominance = 0.9\nzeros = "withheld"\n'
    assert read_study(write_study(STUDY + rules)).disclosure == DisclosureRules(5, 10, 0.9, "withheld")
    assert read_study(write_study(STUDY + "\n[disclosure]\nminimum = 3\n")).disclosure == DisclosureRules(3, 1, None)
    assert read_study(write_study()).disclosure is None
