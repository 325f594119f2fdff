"""Lists that stopped or were redefined, and decisions to keep or drop a list."""

from __future__ import annotations

import numpy as np
import pytest
from study_examples import PERIOD, STUDY, TABLE

from estimator.study.questions import Break, Change, Decision, ModelSettings
from estimator.study.study import read_study

DECISION = """
[[decisions]]
name = "police-men"
list = "P"
choice = "keep"
where = { sex = "male" }
reason = "Most reports were good."
"""
STOPPED = ["List 'Z' stopped in 2015, so that it cannot have been redefined in 2015. Take one of the two changes out"]


def change(kind: str = "redefined", since: object = 2015, name: str = "Z") -> str:
    return f'\n[[changes]]\nlist = "{name}"\nkind = "{kind}"\nsince = {since}\nreason = "A new law."\n'


def without_z_in_2015(entry: str = "0") -> str:
    return TABLE.replace("male,2015,1,0,1,3", f"male,2015,1,0,{entry},3")


class TestChanges:
    def test_a_list_that_was_redefined_is_a_break_for_the_model(self, write_study):
        study = read_study(write_study(STUDY + PERIOD + change()))
        assert study.changes == (Change("Z", "redefined", "2015", "A new law."),)
        assert study.model.breaks == (Break("Z", "year", "2015"),)
        assert study.table.running.all()
        assert study.declaration.not_operating == ()

    @pytest.mark.parametrize("entry", ["0", ""])
    def test_a_list_that_stopped_did_not_run_from_then_on(self, write_study, entry):
        study = read_study(write_study(STUDY + PERIOD + change("stopped"), without_z_in_2015(entry)))
        assert study.model.breaks == ()
        [paused] = study.declaration.not_operating
        assert (paused.list, paused.where) == ("Z", {"year": ("2015",)})
        strata = study.table.strata_where({"year": ("2015",)})
        assert not study.table.running[strata, 2].any()
        assert study.table.running[~strata].all()
        assert study.table.registered.lower == 143
        # the three men on P may have been on Z: the number covers both
        [number] = np.flatnonzero(study.table.lower == 3)
        start, end = study.table.cover_start[number : number + 2]
        assert (study.table.cover_cell[start:end] % 8).tolist() == [0b100, 0b101]

    def test_somebody_on_a_list_that_had_stopped(self, write_study, faults_of):
        [fault] = faults_of(read_study, write_study(STUDY + PERIOD + change("stopped")))
        assert "table.csv, line 10, column Z: " in fault
        assert "list 'Z' did not operate here" in fault
        assert "'changes'" in fault

    @pytest.mark.parametrize(
        ("addition", "at", "fragments"),
        [
            (change(), "[[changes]]", ["no covariate that is the year", "[period]"]),
            (PERIOD + change(since=2016), "since =", ["no level '2016'", "Did you mean '201"]),
            (PERIOD + change(since=2014), "since =", ["'2014' is the first level", "nothing to compare with"]),
            (PERIOD + change("stopped", 2014), "since =", ["'2014' is the first level", "never have run"]),
            (PERIOD + change(name="ZZ"), 'list = "ZZ"', ["There is no list 'ZZ'. Did you mean 'Z'?"]),
            (PERIOD + change("stoped"), "kind =", ['"stoped"', "Did you mean 'stopped'?"]),
            (PERIOD + change() + change(), "[[changes]]", ["declared twice"]),
            (PERIOD + change("stopped") + change(), "[[changes]]", STOPPED),
            (PERIOD + change() + change("stopped"), "[[changes]]", STOPPED),
            (PERIOD + change() + "sinse = 2015\n", "sinse", ["Did you mean 'since'?"]),
            (PERIOD + change().replace('reason = "A new law."', ""), "[[changes]]", ["reason", "missing", "why"]),
        ],
    )
    def test_mistakes(self, write_study, faults_of, addition, at, fragments):
        text = STUDY + addition
        path = write_study(text)
        [fault] = faults_of(read_study, path)
        lines = [number for number, line in enumerate(text.splitlines(), 1) if at in line]
        assert any(fault.startswith(f"{path}, line {line}, key changes[") for line in lines), fault
        assert all(fragment in fault for fragment in fragments), fault

    @pytest.mark.parametrize(
        ("first", "second", "words"),
        [
            (("stopped", 2015), ("redefined", 2016), "been redefined in 2016"),
            (("redefined", 2016), ("stopped", 2015), "been redefined in 2016"),
            (("stopped", 2015), ("stopped", 2016), "stopped again in 2016"),
            (("redefined", 2015), ("stopped", 2016), None),
            (("redefined", 2015), ("redefined", 2016), None),
        ],
    )
    def test_nothing_happens_to_a_list_after_it_stopped(self, write_study, faults_of, first, second, words):
        text = (STUDY + PERIOD).replace("[2014, 2015]", "[2014, 2015, 2016]")
        table = without_z_in_2015() + "female,2016,1,0,0,12\n"
        path = write_study(text + change(*first) + change(*second), table)
        if words is None:
            assert len(read_study(path).changes) == 2
        else:
            [fault] = faults_of(read_study, path)
            assert f"List 'Z' stopped in 2015, so that it cannot have {words}" in fault

    def test_another_list_may_change_after_one_stopped(self, write_study):
        text = STUDY + PERIOD + change("stopped") + change(name="K")
        assert len(read_study(write_study(text, without_z_in_2015())).changes) == 2

    def test_the_year_must_be_ordered(self, write_study, faults_of):
        [fault] = faults_of(read_study, write_study((STUDY + PERIOD + change()).replace("ordered = true", "")))
        assert "'year' is not ordered. Add ordered = true to [covariates.year]." in fault

    def test_priors_must_say_how_far_a_break_may_go(self, write_study, faults_of, tmp_path):
        mine = priors_without(tmp_path, "change")
        text = STUDY + PERIOD + change() + f'[model]\npriors = "{mine.name}"\n'
        [fault] = faults_of(read_study, write_study(text))
        assert fault.startswith(f"{mine}, line ")
        assert "key heterogeneity.change: This key is missing." in fault
        assert "list 'Z' was redefined in 2015" in fault
        assert "Add, for example: change = {log_normal = [0, 1]}." in fault
        read_study(
            write_study(STUDY + PERIOD + change("stopped") + f'[model]\npriors = "{mine.name}"\n', without_z_in_2015())
        )


def priors_without(folder, key):
    from estimator.shipped import folder as shipped

    lines = (shipped("priors") / "moderate.toml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(f"{key} = ")]
    assert len(kept) == len(lines) - 1
    (path := folder / "mine.toml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


class TestCoveringTogether:
    def test_heterogeneity_of_several_covariates(self, write_study):
        text = STUDY + '[model]\nheterogeneity = ["year", ["sex", "year"]]\n'
        assert read_study(write_study(text)).model.heterogeneity == (("year",), ("sex", "year"))

    def test_settings_made_in_python(self):
        settings = ModelSettings.for_covariates(["sex", "year"], heterogeneity=["sex", ("sex", "year")])
        assert settings.heterogeneity == (("sex",), ("sex", "year"))
        assert ModelSettings.for_covariates(["sex", "year"]).heterogeneity == (("sex",), ("year",))

    @pytest.mark.parametrize(
        ("value", "fragments"),
        [
            ('["sex", ["sex", "yaer"]]', ["There is no covariate 'yaer'. Did you mean 'year'?"]),
            ('[["sex", "sex"]]', ["same name twice"]),
            ('[["sex", "year"], ["year", "sex"]]', ["twice; name it once"]),
            ('["sex", "sex"]', ["twice; name it once"]),
            ('["sex", []]', ["Nothing is filled in", "those in one bracket"]),
            ('["sex", 1.5]', ["Found 1.5"]),
        ],
    )
    def test_mistakes(self, write_study, faults_of, value, fragments):
        [fault] = faults_of(read_study, write_study(STUDY + f"[model]\nheterogeneity = {value}\n"))
        assert "key model.heterogeneity" in fault
        assert all(fragment in fault for fragment in fragments), fault

    def test_priors_must_say_how_far_they_may_go(self, write_study, faults_of, tmp_path):
        mine = priors_without(tmp_path, "interactions")
        model = f'[model]\npriors = "{mine.name}"\nheterogeneity = [["sex", "year"]]\n'
        [fault] = faults_of(read_study, write_study(STUDY + model))
        assert f"{mine}, line " in fault
        assert "key heterogeneity.interactions: This key is missing." in fault
        assert "lets sex and year together" in fault
        assert "interactions = {between = [0.05, 1], probability = 0.95}" in fault

    def test_so_must_the_priors_beside(self, write_study, faults_of, tmp_path):
        mine = priors_without(tmp_path, "interactions")
        model = f'[model]\nbeside = ["{mine.name}"]\nheterogeneity = [["sex", "year"]]\n'
        [fault] = faults_of(read_study, write_study(STUDY + model))
        assert f"{mine}, line " in fault
        assert "interactions" in fault


class TestPriorsBeside:
    def test_names_and_paths(self, write_study, tmp_path):
        mine = priors_without(tmp_path, "change")
        model = read_study(write_study(STUDY + '[model]\nbeside = ["wide", "mine.toml"]\n')).model
        assert model.beside == ("wide", str(mine))
        assert read_study(write_study()).model.beside == ()

    @pytest.mark.parametrize(
        ("model", "fragments"),
        [
            ('beside = ["wdie"]', ["Did you mean 'wide'?"]),
            ('beside = ["my.toml"]', ["There is no file"]),
            ('beside = ["evidence"]', ["named twice"]),
            ('beside = ["default"]', ["'evidence' is named twice"]),
            ('priors = "wide"\nbeside = ["wide"]', ["'wide' is named twice"]),
            ('beside = "wide"', ['Found "wide"', "list in [square brackets]"]),
        ],
    )
    def test_mistakes(self, write_study, faults_of, model, fragments):
        [fault] = faults_of(read_study, write_study(f"{STUDY}[model]\n{model}\n"))
        assert "key model.beside" in fault
        assert all(fragment in fault for fragment in fragments), fault


class TestDecisions:
    def test_a_list_that_is_kept(self, write_study):
        study = read_study(write_study(STUDY + DECISION))
        wanted = Decision("police-men", "P", "keep", {"sex": ("male",)}, "Most reports were good.")
        assert study.decisions == (wanted,)
        assert study.table.running.all()
        assert study.table.registered.lower == 143

    def test_a_list_that_is_dropped_somewhere(self, write_study):
        study = read_study(write_study(STUDY + DECISION.replace('"keep"', '"drop"')))
        assert study.table.registered.lower == 133, "ten men were on P alone"
        assert study.table.running[:, 0].tolist() == [True, True, False, False]

    def test_one_that_is_dropped_everywhere_takes_its_terms_along(self, write_study):
        text = STUDY + DECISION.replace('"keep"', '"drop"').replace("where = ", "# ")
        text = text.replace('list = "P"', 'list = "Z"')
        text += PERIOD + change() + '[model]\nthree_list = [["P", "K", "Z"]]\n'
        study = read_study(write_study(text))
        assert study.table.lists == ("P", "K")
        assert study.declaration.lists == ("P", "K", "Z")
        assert study.table.registered.lower == 136, "seven men were on Z alone"
        assert study.model.three_list == ()
        assert study.model.breaks == ()
        assert study.changes != ()

    def test_another_choice_for_one_run(self, write_study):
        path = write_study(STUDY + DECISION)
        study = read_study(path, {"police-men": "drop"})
        assert study.table.registered.lower == 133
        [decision] = study.decisions
        assert decision.choice == "drop"
        assert decision.chosen_for_this_run
        assert decision.reason == "Most reports were good.", "the reason is that of the file"
        assert read_study(path, {"police-men": "keep"}).decisions == read_study(path).decisions

    @pytest.mark.parametrize(
        ("where", "place"),
        [
            ('sex = "male"', "in sex male"),
            ("year = [2014, 2015]", "in year 2014, 2015 and sex male"),
            ("", "in sex male"),
            ('sex = "female"', None),
            ('sex = ["female", "male"], year = 2014', "in sex male and year 2014"),
        ],
    )
    def test_a_list_cannot_be_kept_and_dropped_in_the_same_place(self, write_study, faults_of, where, place):
        other = DECISION.replace("police-men", "police").replace('"keep"', '"drop"').replace('sex = "male"', where)
        path = write_study(STUDY + DECISION + other)
        if place is None:
            assert len(read_study(path).decisions) == 2
            return
        [fault] = faults_of(read_study, path)
        assert (
            "key decisions[2]: The decision 'police' is to drop list 'P' and 'police-men' to keep it, both in" in fault
        )
        assert {word.strip(",.") for word in place.split()} <= {word.strip(",.") for word in fault.split()}
        assert "Give them 'where' without strata in common, or take one out." in fault
        assert len(read_study(write_study(STUDY + DECISION + other.replace('"drop"', '"keep"'))).decisions) == 2
        another = other.replace('list = "P"', 'list = "K"')
        assert len(read_study(write_study(STUDY + DECISION + another)).decisions) == 2

    def test_nor_for_one_run(self, write_study, faults_of):
        other = DECISION.replace("police-men", "police").replace('sex = "male"', "")
        path = write_study(STUDY + DECISION + other)
        assert len(read_study(path, {"police": "drop", "police-men": "drop"}).decisions) == 2
        [fault] = faults_of(read_study, path, {"police": "drop"})
        assert fault.startswith("decision 'police': The decision 'police' is to drop list 'P' and 'police-men' to keep")

    @pytest.mark.parametrize(
        ("chosen", "fragments"),
        [
            ({"police-man": "drop"}, ["decision 'police-man'", "Did you mean 'police-men'?"]),
            ({"police-men": "dorp"}, ["'dorp' is no choice", "Did you mean 'drop'?"]),
        ],
    )
    def test_choices_that_do_not_exist(self, write_study, faults_of, chosen, fragments):
        [fault] = faults_of(read_study, write_study(STUDY + DECISION), chosen)
        assert all(fragment in fault for fragment in fragments), fault
        assert "has no [[decisions]]" in faults_of(read_study, write_study(), {"x": "drop"})[0]

    def test_two_lists_must_be_left(self, write_study, faults_of, tmp_path):
        all_of = DECISION.replace("where = ", "# ").replace('"keep"', '"drop"')
        second = all_of.replace("police-men", "k").replace('list = "P"', 'list = "K"')
        [fault] = faults_of(read_study, write_study(STUDY + all_of + second))
        assert fault.startswith(f"{tmp_path / 'study.toml'}, line ")
        assert "key decisions[2]: The decision 'k' drops list 'K'. Only one list would be left" in fault

    @pytest.mark.parametrize(
        ("old", "new", "fragments"),
        [
            ('list = "P"', 'list = "PP"', ["decisions[1].list", "no list 'PP'. Did you mean 'P'?"]),
            ('sex = "male"', 'sex = "mael"', ["decisions[1].where", "Did you mean 'male'?"]),
            ('"keep"', '"kepe"', ["decisions[1].choice", "Did you mean 'keep'?"]),
            ('"police-men"', '"police men"', ["decisions[1].name", "a short name without spaces"]),
            ("reason = ", "resaon = ", ["decisions[1].resaon", "Did you mean 'reason'?"]),
            ("[[decisions]]", f"{DECISION}\n[[decisions]]", ["decisions[2].name", "is called 'police-men' too"]),
        ],
    )
    def test_mistakes(self, write_study, faults_of, old, new, fragments):
        text = "\n".join(faults_of(read_study, write_study(STUDY + DECISION.replace(old, new, 1))))
        assert all(fragment in text for fragment in fragments), text
