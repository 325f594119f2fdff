"""Every specification of a small study, against studies that were written out by hand; counting, resuming, reading."""

from __future__ import annotations

import csv
import json
import logging
import subprocess
import sys
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from estimator.calibration.at_scale import Running
from estimator.capture.tallies import Registered
from estimator.errors import InputError
from estimator.methods.door import QUICK
from estimator.multiverse.choices import choices_of
from estimator.multiverse.fitting import record_of, study_from
from estimator.multiverse.multiverse import run_multiverse
from estimator.multiverse.record import read_multiverse
from estimator.multiverse.specifications import Variation, grid_of
from estimator.multiverse.writing import save_multiverse
from estimator.population.estimate import estimate
from estimator.reasons import Reason
from estimator.study.study import read_declared, read_study
from estimator.words.words import words_in

LISTS = ("A", "B", "C", "D")
ALONE = Running(None, 1)

SECTION = """
[multiverse]
vary = ["decisions", "border_cases", "lists", "covariates"]

[[multiverse.border_cases]]
name = "strict"
table = "strict.csv"
label = "Confirmed only"
label_nl = "Alleen bevestigd"
reason = "Doubtful entries out"

[[multiverse.lists]]
drop = ["D"]
reason = "D is small"
reason_nl = "D is klein"

[[multiverse.lists]]
merge = ["A", "B", "C"]
reason = "They see the same people"

[[multiverse.lists]]
drop = ["A"]
merge = ["B", "D"]
reason = "Both"

[[multiverse.covariates]]
leave_out = ["sex"]
reason = "Few women"
"""
STUDY = """
title = "Made up"
title_nl = "Verzonnen"
source = "Made up"
[lists.A]
[lists.B]
[lists.C]
[lists.D]
[covariates.year]
levels = [2014, 2015]
[covariates.sex]
levels = ["f", "m"]
[period]
covariate = "year"
[[decisions]]
name = "d"
list = "D"
choice = "keep"
reason = "It saw many"
[model]
method = "independence"
"""


def made_up(seed, factor=1.0):
    """People by year, sex and history of independent lists; nobody who was on no list."""
    rng = np.random.default_rng(seed)
    rates = (0.3, 0.25, 0.35, 0.2)
    people = {}
    for year, sex in product(("2014", "2015"), ("f", "m")):
        for history in product((0, 1), repeat=4):
            mean = factor * (900 if sex == "f" else 1500) * (1.2 if year == "2015" else 1.0)
            for rate, on in zip(rates, history, strict=True):
                mean *= rate if on else 1 - rate
            if any(history):
                people[year, sex, history] = int(rng.poisson(mean))
    return people


def written(folder, study, lists, covariates, people):
    """Write a study of some lists, whose histories and strata are added up here, by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(study)
    write_table(folder / "table.csv", lists, covariates, people)
    return folder


def write_table(path, lists, covariates, people):
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*covariates, *lists, "count"])
        rows.writerows([*key, count] for key, count in sorted(people.items()))


def regrouped(people, groups, *, year=True, sex=True):
    """Add up people by the lists that each group of lists makes, and by the covariates that stay."""
    found = {}
    for (one, other, history), count in people.items():
        new = tuple(int(any(history[LISTS.index(name)] for name in group)) for group in groups)
        if any(new):
            key = (*([one] if year else []), *([other] if sex else []), *new)
            found[key] = found.get(key, 0) + count
    return found


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "study"
    written(folder, STUDY + SECTION, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    write_table(folder / "strict.csv", LISTS, ("year", "sex"), regrouped(made_up(2, 0.6), LISTS))
    return folder


@pytest.fixture(scope="module")
def record(study):
    return run_multiverse(study, running=ALONE)


BY_LISTS = {
    "all": ("A", "B", "C", "D"),
    "without D": ("A", "B", "C"),
    "A+B+C": ("ABC", "D"),
    "without A, B+D": ("BD", "C"),
}


def test_every_specification_is_the_estimate_of_a_study_written_out_by_hand(record, tmp_path):
    """Decision x border case x lists x covariates, of which two need a list that the decision dropped."""
    assert record.possible == 2 * (4 + 1) * 2
    assert record.impossible == 2 * 3 * 2
    assert [choice.name for choice in record.choices] == ["decision d", "border_cases", "lists", "covariates"]
    for number, one in enumerate(record.specifications):
        decided, case, lists, covariates = one.chosen
        groups = BY_LISTS[lists] if decided == "keep" or lists != "all" else ("A", "B", "C")
        people = made_up(2, 0.6) if case == "strict" else made_up(1)
        names = ["".join(group) for group in groups]
        sex = covariates == "all"
        text = 'title = "x"\nsource = "x"\n' + "".join(f"[lists.{name}]\n" for name in names)
        text += "[covariates.year]\nlevels = [2014, 2015]\n" + (
            '[covariates.sex]\nlevels = ["f", "m"]\n' if sex else ""
        )
        text += '[period]\ncovariate = "year"\n[model]\nmethod = "independence"\n'
        there = ("year", "sex") if sex else ("year",)
        folder = written(tmp_path / str(number), text, names, there, regrouped(people, groups, sex=sex))
        by_hand = estimate(folder, sampler=QUICK, beside=())
        assert (one.median, one.lower, one.upper) == (by_hand.total.N.median, *by_hand.total.N.intervals[0.95])
        assert [reason.code for reason in one.reasons] == [reason.code for reason in by_hand.fitness.unsound]


def test_the_declared_specification_comes_first_and_alternatives_say_what_they_are(record):
    assert record.declared.chosen == ["keep", "as-declared", "all", "all"]
    lists = record.choices[2]
    dutch = words_in("nl")
    assert [dutch.say(one.said) for one in lists.alternatives] == [
        "alle registers",
        "zonder D",
        "A + B + C als één",
        "zonder A; B + D als één",
    ]
    assert lists.alternatives[1].why.text("nl") == "D is klein"
    assert dutch.say(record.choices[1].alternatives[1].said) == "Alleen bevestigd"
    assert sum(choice.share for choice in record.choices) == pytest.approx(1)
    assert max(record.choices, key=lambda choice: choice.share).name == "border_cases"


def test_the_range_is_that_of_the_specifications_that_pass(record):
    assert "border case strict" in record.inputs
    passed = [one for one in record.specifications if not one.reasons]
    medians = [one.median for one in passed]
    assert passed
    assert (record.total.lowest, record.total.highest) == (min(medians), max(medians))
    assert record.total.intervals == (min(one.lower for one in passed), max(one.upper for one in passed))
    assert record.variance == pytest.approx(np.var(np.log(medians)))
    for place, choice in enumerate(record.choices):
        for one in choice.alternatives:
            of_it = [found.median for found in passed if found.chosen[place] == one.name]
            assert (one.passed, one.median) == (len(of_it), pytest.approx(np.median(of_it)) if of_it else None)


def test_a_table_added_up_over_years_gives_the_same_total_per_year(tmp_path):
    section = '[multiverse]\nvary = ["covariates"]\n'
    folder = written(tmp_path / "s", STUDY + section, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    record = run_multiverse(folder, running=ALONE)
    text = 'title = "x"\nsource = "x"\n' + "".join(f"[lists.{name}]\n" for name in LISTS)
    text += '[model]\nmethod = "independence"\n'
    together = written(tmp_path / "t", text, LISTS, (), regrouped(made_up(1), LISTS, year=False, sex=False))
    by_hand = estimate(together, sampler=QUICK, beside=()).total.N
    found = {one.chosen[0]: one for one in record.specifications}
    assert list(found) == ["all", "without year", "without sex", "none"]
    assert found["none"].median == by_hand.median / 2
    assert record.per_year
    assert record.years == ["2014", "2015"]


def small(folder, rows, section=""):
    """Write a study of three lists without covariates."""
    folder.mkdir()
    text = 'title = "x"\nsource = "x"\n[lists.A]\n[lists.B]\n[lists.C]\n[model]\nmethod = "independence"\n'
    (folder / "study.toml").write_text(text + section)
    (folder / "table.csv").write_text("A,B,C,count\n" + rows)
    return folder


DROPPING = """
[multiverse]
vary = ["lists"]
[[multiverse.lists]]
drop = ["C"]
reason = "r"
[[multiverse.lists]]
drop = ["A"]
reason = "r"
"""


def test_what_has_no_finite_estimate_is_counted_with_its_code(tmp_path):
    """Without C nobody is on two lists; without A, B and C see five of a hundred in common: 10 x 10 / 5 = 20."""
    rows = "1,0,0,40\n0,1,0,5\n0,0,1,5\n0,1,1,5\n1,0,1,4\n"
    record = run_multiverse(small(tmp_path / "s", rows, DROPPING), running=ALONE)
    found = {one.chosen[0]: one for one in record.specifications}
    assert found["without C"].status == "no-estimate"
    assert found["without C"].median is None
    assert found["without A"].median is not None
    assert record.failures[found["without C"].reasons[0].code] == 1
    assert sum(record.failures.values()) == sum(one.status != "passes" for one in record.specifications)
    assert record.choices[0].alternatives[1].passed == 0


def test_two_lists_taken_as_one_and_another_are_lincoln_and_petersen(tmp_path):
    section = '[multiverse]\nvary = ["lists"]\n[[multiverse.lists]]\nmerge = ["A", "B"]\nreason = "r"\n'
    rows = "1,0,0,300\n0,1,0,200\n0,0,1,500\n1,1,0,100\n1,0,1,150\n0,1,1,150\n1,1,1,100\n"
    record = run_multiverse(small(tmp_path / "s", rows, section), running=ALONE)
    merged = next(one for one in record.specifications if one.chosen == ["A+B"])
    assert merged.median == pytest.approx(1000 * 900 / 400, rel=0.01)


def test_a_declared_referral_is_kept_or_taken_as_one_list(tmp_path):
    referral = '[[decisions]]\nname = "d"\nlist = "B"\nfed_by = "A"\nchoice = "{}"\nreason = "r"\n'
    section = '[multiverse]\nvary = ["decisions"]\n'
    rows = "1,0,0,300\n0,1,0,200\n0,0,1,500\n1,1,0,100\n1,0,1,150\n0,1,1,150\n1,1,1,100\n"
    for choice, values in (("keep", ["keep", "merge"]), ("merge", ["merge", "keep"])):
        folder = small(tmp_path / choice, rows, referral.format(choice) + section)
        file, content = read_declared(folder)
        (decision,) = choices_of(read_study(folder), file, content.multiverse).varied
        assert [one.value for one in decision.alternatives] == values
        said = {one.value: one.said for one in decision.alternatives}
        assert said["merge"] == Reason("multiverse-merged", lists=("B", "A"))
        assert said["keep"] == Reason("multiverse-decided", choice="keep", list="B")
        lists = {
            one.chosen["decision d"]: one.variation.study.table.lists for one in grid_of_study(folder).specifications
        }
        assert lists == {"keep": ("A", "B", "C"), "merge": ("A+B", "C")}


def test_of_a_study_without_the_section_everything_that_any_study_has_is_varied(tmp_path):
    """Four lists: all, each left out, each pair as one; two covariates: in, each out, none; methods that fit."""
    folder = written(tmp_path / "s", STUDY, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    file, content = read_declared(folder)
    choices = choices_of(read_study(folder), file, content.multiverse)
    named = {choice.name: [one.name for one in choice.alternatives] for choice in choices.varied}
    pairs = ["A+B", "A+C", "A+D", "B+C", "B+D", "C+D"]
    assert named["lists"] == ["all", *(f"without {name}" for name in LISTS), *pairs]
    assert named["covariates"] == ["all", "without year", "without sex", "none"]
    assert named["methods"][0] == "independence"
    assert "loglinear" in named["methods"]
    assert "lower-bound" not in named["methods"]
    # those of the study; what may be true of any lists; not what one publication assumed of its own
    assert named["priors"] == ["evidence", "moderate", "wide", "horseshoe", "none"]
    assert named["decision d"] == ["keep", "drop"]


def test_the_year_stays_where_numbers_are_of_some_years_and_three_lists_stay_three(tmp_path):
    text = STUDY.replace('covariate = "year"\n', 'covariate = "year"\nheadline = [2015]\n')
    folder = written(tmp_path / "s", text, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    assert {one.chosen["covariates"] for one in grid_of_study(folder).specifications} == {"all", "without sex"}
    three = small(tmp_path / "t", "1,0,0,40\n0,1,0,50\n0,0,1,50\n0,1,1,15\n1,0,1,14\n1,1,0,9\n1,1,1,2\n")
    assert {one.chosen["lists"] for one in grid_of_study(three).specifications} == {"all"}


def test_a_study_that_travels_keeps_who_is_left_out_and_its_years(tmp_path):
    text = STUDY.replace('covariate = "year"\n', 'covariate = "year"\nheadline = [2015]\n')
    folder = written(tmp_path / "s", text, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    read = read_study(folder)
    left_out = Registered(3, 5)
    back = study_from(record_of(Variation(replace(read, table=replace(read.table, left_out=left_out)))))
    assert back.table.left_out == left_out
    assert back.period.headline == ("2015",)


def grid_of_study(folder):
    file, content = read_declared(folder)
    read = read_study(folder)
    return grid_of(read, file, choices_of(read, file, content.multiverse), 1000, 1)


WITHOUT_SEX = """
[multiverse]
vary = ["covariates", "methods"]
[[multiverse.covariates]]
leave_out = ["sex"]
reason = "r"
"""


def test_what_registers_do_wrong_stays_where_covariates_go(tmp_path):
    errors = '[table_format]\nunknown_share = [0.1, 0.2]\n[[linkage_errors]]\nmissed = [0.02, 0.1]\nreason = "r"\n'
    errors += '[[false_positives]]\nlist = "A"\nshare = [0.01, 0.1]\nreason = "r"\n'
    text = STUDY + errors + WITHOUT_SEX
    folder = written(tmp_path / "s", text, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    declared = read_study(folder).model
    found = {one.chosen["covariates"]: one.variation.study.model for one in grid_of_study(folder).specifications}
    assert set(found) == {"all", "without sex"}
    for model in found.values():
        assert model.false_positives == declared.false_positives
        assert model.linkage_errors == declared.linkage_errors
        assert model.unknown_share == (0.1, 0.2)
    assert found["without sex"].heterogeneity == (("year",),)


@pytest.mark.parametrize(
    "declared",
    [
        '[[false_positives]]\nlist = "A"\nshare = [0.01, 0.1]\nwhere = { sex = "f" }\nreason = "r"\n',
        '[[not_operating]]\nlist = "A"\nwhere = { sex = "f" }\nreason = "r"\n',
    ],
)
def test_what_is_said_of_one_level_keeps_its_covariate(declared, tmp_path):
    people = {key: count for key, count in made_up(1).items() if "not_operating" not in declared or not key[2][0]}
    folder = written(tmp_path / "s", STUDY + declared + WITHOUT_SEX, LISTS, ("year", "sex"), regrouped(people, LISTS))
    grid = grid_of_study(folder)
    assert {one.chosen["covariates"] for one in grid.specifications} == {"all"}
    assert grid.impossible == len(grid.specifications)


def test_of_many_specifications_some_are_drawn_and_that_is_said(study):
    record = run_multiverse(study, most=7, running=ALONE)
    assert len(record.specifications) == 7
    assert record.declared.chosen == ["keep", "as-declared", "all", "all"]
    assert [note.code for note in record.notes] == ["multiverse-drawn"]
    again = run_multiverse(study, most=7, running=ALONE)
    assert again.text() == record.text()
    assert run_multiverse(study, most=7, seed=2, running=ALONE).specifications != record.specifications


def test_an_interrupted_run_goes_on_and_ends_as_an_undisturbed_one(study, record, tmp_path):
    def interrupted(done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_multiverse(study, running=Running(tmp_path, 1, None, interrupted))
    seen = []
    again = run_multiverse(study, running=Running(tmp_path, 1, None, lambda done, total: seen.append((done, total))))
    assert seen[0][0] == 5
    assert seen[-1][0] == seen[-1][1]
    assert again.text() == record.text()


def test_what_a_publication_assumed_counts_as_defensible_where_the_study_names_it(tmp_path):
    for name, section in (("beside", 'beside = ["nl-2017"]\n'), ("section", "")):
        declared = '\n[[multiverse.priors]]\npriors = "nl-2017"\nreason = "As published"\n'
        text = STUDY.replace("[model]\n", f"[model]\n{section}") + ("" if section else declared)
        folder = written(tmp_path / name, text, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
        file, content = read_declared(folder)
        found = choices_of(read_study(folder), file, content.multiverse).priors.alternatives
        assert "nl-2017" in [one.name for one in found]


def test_one_process_and_two_give_the_same_to_the_last_bit(study, record, tmp_path):
    two = run_multiverse(study, running=Running(tmp_path, 2))
    assert two.text() == record.text()


def test_a_dask_scheduler_gives_the_same_to_the_last_bit(study, record, tmp_path):
    distributed = pytest.importorskip("distributed")
    quiet = {"dashboard_address": None, "silence_logs": logging.CRITICAL}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", **quiet) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tcp://")
        there = run_multiverse(study, running=Running(tmp_path, 2, address))
    assert there.text() == record.text()
    # all of it was done there, and is kept here
    seen = []
    run_multiverse(study, running=Running(tmp_path, 1, None, lambda done, total: seen.append((done, total))))
    assert seen[0][0] == seen[0][1]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_multiverse_that_is_told_to_end_keeps_its_fits_and_ends_as_an_undisturbed_one(study, record, tmp_path):
    # a busy machine may look away for so long that all is done when the signal comes: then once more
    for attempt in range(5):
        out = tmp_path / f"out-{attempt}"
        code, said = _told_to_end(study, out)
        if not (out / "multiverse.json").exists():
            break
    assert code == 143
    assert "Traceback" not in said
    assert not (out / "multiverse.json").exists()
    seen = []
    again = run_multiverse(study, running=Running(out, 1, None, lambda done, total: seen.append((done, total))))
    assert 0 < seen[0][0] < seen[0][1]
    assert again.text() == record.text()


def _told_to_end(study, out):
    """The exit code and the messages of a multiverse that gets SIGTERM after its first fits."""
    command = [sys.executable, "-m", "estimator", "multiverse", str(study), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # the file of fits is locked while it is written, and grows with each
    log, deadline = out / "fits" / "results.sqlite-wal", time.monotonic() + 60
    while not (log.exists() and log.stat().st_size > 60_000) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.terminate()
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_another_seed_or_table_never_takes_kept_fits(study, record, tmp_path):
    run_multiverse(study, running=Running(tmp_path, 1))
    seen = []
    run_multiverse(study, seed=2, running=Running(tmp_path, 1, None, lambda done, total: seen.append(done)))
    assert seen[0] == 0
    seen.clear()
    run_multiverse(study, draws=200, running=Running(tmp_path, 1, None, lambda done, total: seen.append(done)))
    assert seen[0] == 0


def test_what_is_written_is_read_back_and_anything_else_refused(record, tmp_path):
    save_multiverse(record, tmp_path)
    assert read_multiverse(tmp_path).text() == record.text()
    assert read_multiverse(tmp_path / "multiverse.json").text() == record.text()
    rows = list(csv.DictReader((tmp_path / "multiverse.csv").open()))
    assert [row["lists"] for row in rows] == [one.chosen[2] for one in record.specifications]
    content = json.loads((tmp_path / "multiverse.json").read_text())
    for change in (
        {"total": {**content["total"], "lowest": -1.0}},
        {"specifications": [{**content["specifications"][0], "chosen": ["keep"]}]},
        {"specifications": [{**content["specifications"][0], "median": None}]},
        {"schema_version": 99},
        {"extra": 1},
    ):
        (tmp_path / "multiverse.json").write_text(json.dumps({**content, **change}))
        with pytest.raises(InputError):
            read_multiverse(tmp_path)


BAD = {
    "an unknown list": ('[[multiverse.lists]]\ndrop = ["X"]\nreason = "r"\n', "no list 'X'"),
    "too few lists": ('[[multiverse.lists]]\ndrop = ["A", "B", "C"]\nreason = "r"\n', "two lists"),
    "no change": ('[[multiverse.lists]]\nreason = "r"\n', "changes no list"),
    "one to merge": ('[[multiverse.lists]]\nmerge = ["A"]\nreason = "r"\n', "at least two"),
    "no reason": ('[[multiverse.lists]]\ndrop = ["A"]\n', "a reader must be able to judge it"),
    "twice": ('[[multiverse.lists]]\ndrop = ["A"]\nreason = "r"\n' * 2, "twice"),
    "an unknown covariate": ('[[multiverse.covariates]]\nleave_out = ["age"]\nreason = "r"\n', "no covariate 'age'"),
    "an unknown decision": ('[multiverse]\ndecisions = ["e"]\n', "no decision 'e'"),
    "a method": ('[[multiverse.methods]]\nmethod = "logliner"\nreason = "r"\n', "loglinear"),
    "an option": ('[[multiverse.methods]]\nmethod = "selection"\noptions = { top = "3" }\nreason = "r"\n', "no choice"),
    "strata": (
        '[[multiverse.methods]]\nmethod = "selection"\noptions = { strata = "pooled" }\nreason = "r"\n',
        "[[multiverse.covariates]]",
    ),
    "a bound": ('[[multiverse.methods]]\nmethod = "lower-bound"\nreason = "r"\n', "lower bound"),
    "priors": (
        '[[multiverse.methods]]\nmethod = "loglinear"\nreason = "r"\n'
        '[[multiverse.priors]]\npriors = "wid"\nreason = "r"\n',
        "wide",
    ),
    "a table that is not there": (
        '[[multiverse.border_cases]]\nname = "x"\ntable = "none.csv"\nreason = "r"\n',
        "none.csv",
    ),
    "what is not varied": ('[multiverse]\nvary = ["lists"]\ndecisions = ["d"]\n', "'vary' does not name them"),
}


@pytest.mark.parametrize(("section", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_varied_is_said_with_file_and_line(section, says, tmp_path):
    folder = written(tmp_path / "s", STUDY + section, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    with pytest.raises(InputError) as caught:
        run_multiverse(folder, most=2, running=ALONE)
    (fault,) = caught.value.faults
    assert says in fault.message
    assert fault.file.endswith("study.toml")
    assert fault.line > STUDY.count("\n")


def test_a_year_is_not_left_out_where_numbers_are_of_some_years(tmp_path):
    text = STUDY.replace('covariate = "year"\n', 'covariate = "year"\nheadline = [2015]\n')
    section = '[[multiverse.covariates]]\nleave_out = ["year"]\nreason = "r"\n'
    folder = written(tmp_path / "s", text + section, LISTS, ("year", "sex"), regrouped(made_up(1), LISTS))
    with pytest.raises(InputError, match="no year is known"):
        read_study(folder)
