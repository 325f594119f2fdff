"""Two years of a run, or two runs: verdicts from known draws, and no probability where there is none to give."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from estimator.comparison.comparability import is_same_run
from estimator.comparison.comparison import compare_runs, compare_years
from estimator.comparison.differences import Verdict
from estimator.errors import InputError
from estimator.reasons import Reason
from estimator.report.figures.comparison import comparison_figure
from estimator.report.pages.comparison import comparison_html
from estimator.report.terminal.comparison import comparison_text, group_line
from estimator.runs.comparison_record import read_comparison
from estimator.runs.reading import read_run
from estimator.words.words import words_in
from tests.runs.saved_run_examples import (
    ESTIMATE,
    FACTS,
    N_CHAINS,
    N_DRAWS,
    PRIORS,
    around,
    changed,
    people,
    three_years,
    write_folder,
)

FLAT = np.ones((N_CHAINS, N_DRAWS))
ENGLISH, DUTCH = words_in("en"), words_in("nl")


def text_of(comparison, words=ENGLISH):
    return comparison_text(comparison.record(), words)


def two_years(folder, first, second, **settings):
    """A run of two years in which girls are as given (registered, unseen) and there are no boys."""
    years = {
        year: people(known, 0, hidden, 0 * FLAT)
        for year, (known, hidden) in zip(("2021", "2022"), (first, second), strict=True)
    }
    return write_folder(folder, years["2022"], years, years=("2022",), **settings)


def newer(folder, **settings):
    """A run of 2021 to 2023, on another table."""
    facts = changed(
        settings.pop("facts", FACTS),
        covariates={"year": {"levels": ["2021", "2022", "2023"], "ordered": True}, "sex": FACTS["covariates"]["sex"]},
        period={"covariate": "year", "headline": ["2023"], "years": None},
    )
    years = {
        year: people(220, 240, around(1800 + 300 * step, 100, 11 + step), around(1260, 100, 21 + step))
        for step, year in enumerate(("2021", "2022", "2023"))
    }
    return write_folder(folder, years["2023"], years, years=("2023",), table="newer", facts=facts, **settings)


def undated(folder, total, pooled=6, **settings):
    """A run of a table that is not divided by year."""
    facts = changed(FACTS, period=None if pooled is None else {"covariate": None, "headline": None, "years": pooled})
    facts["covariates"] = {"sex": FACTS["covariates"]["sex"]}
    return write_folder(folder, people(300, 300, total / 2 * FLAT, total / 2 * FLAT), facts=facts, **settings)


@pytest.mark.parametrize(
    ("first", "second", "estimated", "known"),
    [
        ((500, 2000), (400, 2600), "more", "fewer"),
        ((500, 2600), (600, 1900), "fewer", "more"),
        ((500, 2000), (600, 2600), "more", "more"),
        ((500, 2600), (400, 2000), "fewer", "fewer"),
        ((500, 2000), (400, 2120), "unclear", "fewer"),
        ((500, 2000), (600, 1920), "unclear", "more"),
        ((500, 2000), (500, 2600), "more", "same"),
        ((500, 2600), (500, 2000), "fewer", "same"),
        ((500, 2000), (500, 2010), "unclear", "same"),
    ],
)
def test_registered_and_estimated_each_have_their_verdict(tmp_path, first, second, estimated, known):
    sides = [(number, hidden + around(500, 40, seed) - 500) for seed, (number, hidden) in enumerate((first, second))]
    found = compare_years(two_years(tmp_path / "run", *sides))
    assert found.total.verdict == Verdict(estimated, known)
    for words in (ENGLISH, DUTCH):
        conclusion = words.text(f"comparison.conclusion.{estimated}.{known}")
        assert conclusion in " ".join(text_of(found, words).split())


def test_a_change_smaller_than_its_uncertainty_is_called_that(tmp_path):
    found = compare_years(two_years(tmp_path / "run", (500, around(2000, 300, 1)), (400, around(2300, 300, 2))))
    assert found.total.N.of_medians == pytest.approx(2700 / 2500, abs=0.02)
    assert found.total.verdict.estimated == "unclear"
    assert 0.5 < found.total.N.rise < 0.9


def test_years_of_a_run_share_their_draws(tmp_path):
    """The years have a common part: without it the rise of the girls would drown."""
    found = compare_years(three_years(tmp_path / "run"))
    girls = found.groups["girls"].N
    assert girls.difference.sd == pytest.approx(100 * np.sqrt(2), rel=0.05)
    assert np.hypot(girls.before.sd, girls.after.sd) > 1.25 * girls.difference.sd
    assert (found.basis.name, found.basis.probability) == ("joint", True)
    assert found.groups["total"].registered.difference.median == -170


def test_by_default_the_last_year_beside_the_one_before_and_every_step(tmp_path):
    found = compare_years(three_years(tmp_path / "run"))
    assert (found.before.years, found.after.years) == (("2021",), ("2022",))
    assert [(step.before, step.after) for step in found.steps] == [("2020", "2021"), ("2021", "2022")]
    assert found.steps[1].total.N == found.total.N


@pytest.mark.parametrize("again", [False, True])
def test_changes_are_never_told_backwards(tmp_path, again):
    """What rose from 2020 to 2022 would be said to fall from 2022 to 2020."""
    run, years = three_years(tmp_path / "run"), ("2022", "2020")
    with pytest.raises(InputError, match=r"2022 comes after 2020, and changes are told from earlier to later"):
        compare_runs(run, three_years(tmp_path / "other"), years) if again else compare_years(run, *years)


def test_other_priors_stand_beside(tmp_path):
    beside = {"wide": {year: people(300, 300, around(2000, 99, 1), around(99, 9, 3)) for year in ("2020", "2021")}}
    beside["wide"]["2022"] = people(200, 200, around(1000, 99, 2), around(99, 9, 4))
    found = compare_years(three_years(tmp_path / "run", beside=beside))
    assert found.total.N.direction == "more"
    assert found.beside["wide"]["total"].N.direction == "fewer"
    assert re.search(r"^made-up .*\nwide .*<1 %$", text_of(found), flags=re.MULTILINE)


def test_only_years_that_exist_are_compared(tmp_path):
    folder = three_years(tmp_path / "run")
    with pytest.raises(InputError, match="no year '2033' in this run. Did you mean '202"):
        compare_years(folder, "2021", "2033")
    with pytest.raises(InputError, match="named twice"):
        compare_years(folder, "2021", "2021")
    with pytest.raises(InputError, match="not divided by year"):
        compare_years(undated(tmp_path / "pooled", 1000))
    with pytest.raises(InputError, match="not divided by year"):
        compare_runs(undated(tmp_path / "other", 1000), folder, ("2021",))


def test_chains_that_disagree_are_not_compared(tmp_path):
    estimate = changed(ESTIMATE, diagnostics=ESTIMATE["diagnostics"] | {"converged": False})
    with pytest.raises(InputError, match="chains did not agree.*withheld"):
        compare_years(three_years(tmp_path / "run", estimate=estimate))


def bases(before, after, years=()):
    found = compare_runs(before, after, years)
    everything = [value for group in found.groups.values() for value in (group.N, group.dark_figure, group.coverage)]
    assert {value.rise is not None for value in everything} == {found.basis.probability}
    assert {value.difference is not None for value in everything} == {found.basis.probability}
    assert (found.total.verdict.estimated in ("more", "fewer", "unclear")) == found.basis.probability
    return found.basis.name


def test_runs_of_the_same_table_have_no_rise(tmp_path):
    one, two = three_years(tmp_path / "one"), three_years(tmp_path / "two", seed=2)
    assert bases(one, two) == "same-data"
    assert bases(one, two, ("2021", "2022")) == "same-data-of-other-years"
    advice = compare_runs(one, two, ("2021", "2022")).basis.reason["advice"]
    assert advice == Reason("compare-within-one-run", run=str(two), years="2021,2022")
    assert f"darkfigure compare {two} --years 2021,2022" in ENGLISH.say(advice)


def test_two_estimates_of_the_same_years_are_a_revision(tmp_path):
    one, two = three_years(tmp_path / "one"), three_years(tmp_path / "two", table="corrected")
    assert bases(one, two) == "same-years"
    assert bases(one, newer(tmp_path / "new"), ("2022",)) == "same-years"


def test_runs_that_share_years_are_compared_approximately_and_point_to_the_exact_way(tmp_path):
    one, two = three_years(tmp_path / "one"), newer(tmp_path / "two")
    assert bases(one, two) == "shared-years"
    found = compare_runs(one, two)
    assert found.basis.reason["years"] == ("2021", "2022")
    assert found.basis.reason["advice"] == Reason("compare-within-one-run", run=str(two), years="2022,2023")
    sd = np.hypot(found.total.N.before.sd, found.total.N.after.sd)
    assert found.total.N.difference.sd == pytest.approx(sd, rel=0.03), "as if independent"


def test_runs_that_share_nothing_are_independent(tmp_path):
    one, two = three_years(tmp_path / "one"), newer(tmp_path / "two")
    facts = changed(FACTS)
    years = {year: people(1, 1, around(99, 9, 1), around(99, 9, 2)) for year in ("2030", "2031")}
    later = write_folder(tmp_path / "later", years["2031"], years, years=("2031",), facts=facts, table="later")
    assert bases(one, later) == "separate-years"
    assert bases(two, later) == "separate-years"


def test_years_seen_by_other_lists_are_no_shared_years(tmp_path):
    """Without a list in common no count ties the two; where years are on both sides, so are the same people."""
    one, others = three_years(tmp_path / "one"), changed(FACTS, lists=["X", "Y", "Z"])
    assert bases(one, newer(tmp_path / "two", facts=others)) == "separate-years"
    facts = changed(
        others,
        covariates={"year": {"levels": ["2022", "2023"], "ordered": True}, "sex": FACTS["covariates"]["sex"]},
        period={"covariate": "year", "headline": ["2022", "2023"], "years": None},
    )
    years = {year: people(1, 1, around(99, 9, 1), around(99, 9, 2)) for year in ("2022", "2023")}
    both = write_folder(tmp_path / "both", years["2023"], years, years=("2022", "2023"), facts=facts, table="both")
    for sides in ((one, both), (both, one)):
        assert bases(*sides) == "partly-the-same-years"


def test_other_assumptions_take_the_probability_away(tmp_path):
    priors = json.loads(json.dumps(PRIORS))
    priors["dependence"]["odds_ratio"]["log_normal"] = [0.0, 0.25]
    one, two = three_years(tmp_path / "one"), newer(tmp_path / "two", priors=priors)
    assert bases(one, two) == "other-assumptions"
    changes = {item.what: item.reason for item in compare_runs(one, two).changed}
    entry = Reason("entry-differs", name="dependence.odds_ratio.log_normal", before=[0.0, 1.0], after=[0.0, 0.25])
    assert changes["priors"] == Reason("entries-differ", subject="priors", entries=[entry])
    reworded = json.loads(json.dumps(PRIORS)) | {"title": "Renamed", "description": "Other words"}
    assert bases(one, newer(tmp_path / "three", priors=reworded)) == "shared-years"


def test_other_terms_of_the_model_are_other_assumptions_but_a_break_is_not(tmp_path):
    model = changed(FACTS["model"], heterogeneity=[["sex"]])
    broken = changed(FACTS["model"], breaks=[{"list": "P", "covariate": "year", "since": "2023"}])
    change = [{"list": "P", "kind": "redefined", "since": "2023", "reason": "New law."}]
    priors = PRIORS | {"heterogeneity": {"change": {"between": [0.2, 5]}}}
    one = three_years(tmp_path / "one")
    assert bases(one, newer(tmp_path / "two", facts=changed(FACTS, model=model))) == "other-assumptions"
    facts = changed(FACTS, model=broken, changes=change)
    assert bases(one, newer(tmp_path / "three", facts=facts, priors=priors)) == "shared-years"


def test_tables_of_other_kinds_are_never_subtracted(tmp_path):
    one = three_years(tmp_path / "one")
    observed = newer(tmp_path / "two", facts=changed(FACTS, table_kind="observed"))
    assert bases(one, observed) == "other-kinds"
    assert "SYNTHETIC TABLE" in text_of(compare_runs(one, observed))


def test_tables_without_years_may_hold_the_same_people(tmp_path):
    one, two = undated(tmp_path / "one", 3000), undated(tmp_path / "two", 4000, table="other")
    assert bases(one, two) == "no-years"
    assert compare_runs(one, two).total.N.after.median == 4600, "the whole table when both add up as many years"


def test_tables_that_add_up_different_numbers_of_years_are_compared_per_year(tmp_path):
    one, two = undated(tmp_path / "one", 3000), undated(tmp_path / "two", 4200, pooled=3, table="other")
    found = compare_runs(one, two).total
    assert (found.N.before.median, found.N.after.median) == (600, 1600)
    assert (found.registered.before.median, found.registered.after.median) == (100, 200)
    dated = compare_runs(one, three_years(tmp_path / "dated", table="third"))
    assert dated.total.N.before.median == 600
    assert (dated.basis.name, dated.basis.probability) == ("no-years", False), "its years may hold the same people"
    with pytest.raises(InputError, match=r"one.*does not say how many years|does not say how many years"):
        compare_runs(undated(tmp_path / "unknown", 3000, pooled=None), tmp_path / "dated")


def test_groups_that_mean_other_people_are_not_compared(tmp_path):
    groups = changed(FACTS["groups"], girls={"label": "Girls", "where": {"sex": ["f"], "age": ["minor"]}, "per": None})
    found = compare_runs(three_years(tmp_path / "one"), newer(tmp_path / "two", facts=changed(FACTS, groups=groups)))
    assert set(found.groups) == {"total", "boys"}
    assert found.left_out == {"girls": Reason("group-defined-otherwise")}
    assert "NOT COMPARED:\n  Girls: " in text_of(found)
    reordered = changed(FACTS["groups"], girls={"label": "G", "where": {"sex": ["f"]}, "per": "girls"})
    again = compare_runs(tmp_path / "one", newer(tmp_path / "three", facts=changed(FACTS, groups=reordered)))
    assert "girls" in again.groups


def test_everything_that_changed_between_two_runs_is_named(tmp_path):
    facts = changed(
        FACTS,
        lists=["P", "S", "K"],
        decisions=[
            {
                "name": "border",
                "list": "K",
                "choice": "drop",
                "where": {"year": ["2021", "2022"], "sex": ["f"]},
                "reason": "r",
            }
        ],
        changes=[{"list": "P", "kind": "redefined", "since": "2023", "reason": "r"}],
        groups={"total": FACTS["groups"]["total"], "girls": {"where": {"sex": ["m"]}}},
        model=changed(FACTS["model"], three_list=[["P", "S", "K"]]),
        registered={"lower": 950, "upper": 1000},
    )
    two = newer(tmp_path / "two", facts=facts, seed=9, versions={"darkfigure": "0.2.0", "numpy": "2.1"})
    found = {}
    for item in compare_runs(three_years(tmp_path / "one"), two).changed:
        found.setdefault(item.what, []).append(ENGLISH.say(item.reason))
    assert found["table"] == ["The table: another content (900 registered people before, 950 to 1,000 now)."]
    assert found["lists"] == ["Lists: new: K; gone: H."]
    assert found["covariates"] == ["Levels of year: new: 2023; gone: 2020."]
    assert found["period"] == ["Period of the headline numbers: 2022 before, 2023 now."]
    assert found["groups"] == ["Groups: gone: boys.", "Groups that mean other people now: girls."]
    assert found["decisions"] == ["Decision border: drop K in year 2021, 2022; sex f (not in the first run)."]
    assert found["changes"] == ["Declared: P redefined from 2023 (not in the first run)."]
    assert found["model"] == ["Model. Three-list terms: new: P-S-K."]
    assert found["sampler"] == ["Sampling: seed 1 before, 9 now."]
    assert found["versions"] == ["Versions: darkfigure 0.1.0 before, 0.2.0 now."]
    assert set(found) == {"table", "lists", "covariates", "period", "groups", "decisions", "changes", "model",
                          "sampler", "versions"}  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"three_list": [["P", "S", "H"]]}, "Model. Three-list terms: new: P-S-H."),
        ({"heterogeneity": []}, "Model. Coverage may differ by: gone: "),
        ({"composition": []}, "Model. The dark figure may be spread by: gone: "),
        ({}, "The study file: its text differs, but in nothing that a comparison looks at."),
    ],
)
def test_terms_of_the_model_that_differ_are_named_and_say_why_study_files_do(tmp_path, terms, said):
    one, two = (
        three_years(
            tmp_path / name,
            facts=changed(FACTS, model=changed(FACTS["model"], **(terms if name == "two" else {}))),
            inputs={"study": {"name": "study.toml", "sha256": digit * 64}},
        )
        for name, digit in (("one", "1"), ("two", "2"))
    )
    (only,) = (item for item in compare_runs(one, two).changed if item.what in ("study", "model"))
    assert ENGLISH.say(only.reason).startswith(said)


PAUSES = [{"list": "H", "where": {"year": [year]}, "reason": "r"} for year in ("2020", "2021")]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (PAUSES[:1], [], ["H did not run in year 2020 (only in the first run)"]),
        ([], PAUSES[:1], ["H did not run in year 2020 (not in the first run)"]),
        (PAUSES[:1], PAUSES[1:], ["H did not run in year 2021 (otherwise in the first run)"]),
        (PAUSES, PAUSES[1:], ["H did not run in year 2020 (only in the first run)"]),
        (PAUSES[1:], PAUSES, ["H did not run in year 2020 (not in the first run)"]),
        (PAUSES, PAUSES[::-1], []),
    ],
)
def test_a_list_that_did_not_run_is_declared_in_one_run_only(tmp_path, first, second, said):
    """It is said of each declaration, and is a thing that a comparison looks at in a study file."""
    one, two = (
        three_years(
            tmp_path / name,
            facts=changed(FACTS, not_operating=paused),
            inputs={"study": {"name": "study.toml", "sha256": digit * 64}},
        )
        for name, paused, digit in (("one", first, "1"), ("two", second, "2" if said else "1"))
    )
    found = compare_runs(one, two).changed
    assert [ENGLISH.say(item.reason) for item in found] == [f"Declared: {text}." for text in said]
    assert {item.what for item in found} <= {"not_operating"}


def test_two_runs_of_the_same_differ_in_nothing(tmp_path):
    found = compare_runs(three_years(tmp_path / "one"), three_years(tmp_path / "two"))
    assert found.changed == ()
    assert ENGLISH.text("comparison.nothing-changed") in text_of(found)


def test_a_run_beside_itself_is_called_that(tmp_path):
    run = three_years(tmp_path / "run", made="2026-01-01T12:00:00+00:00")
    copy = shutil.copytree(run, tmp_path / "copy")
    for other in (run, tmp_path / "x" / ".." / "run", copy):
        (tmp_path / "x").mkdir(exist_ok=True)
        found = compare_runs(run, other)
        assert (found.basis.name, found.basis.probability) == ("same-run", False)
        text, said = " ".join(text_of(found).split()), ENGLISH.say(found.basis.reason)
        assert text.count(said) == 1
        assert text.index(said) < text.index("registered")
        assert ENGLISH.text("comparison.nothing-to-change") in text
        assert found.to_dict()["basis"] == {"code": "same-run", "probability": False}
    again = three_years(tmp_path / "again", made="2026-01-01T12:00:01+00:00")
    assert compare_runs(run, again).basis.name == "same-data", "the same seed, but sampled twice"


def test_two_years_of_a_run_that_is_named_twice_are_years_of_one_run(tmp_path):
    run = three_years(tmp_path / "run")
    found = compare_runs(run, run, ("2020", "2022"))
    assert found.within_a_run
    assert found.total.N == compare_years(run, "2020", "2022").total.N
    assert compare_runs(run, run, ("2020",)).basis.name == "same-run"


def cautions(found):
    return [caution for caution in found.cautions if caution.code != "years-are-smoothed"]


def test_registered_numbers_that_are_not_like_with_like_are_named(tmp_path):
    changes = [
        {"list": "P", "kind": "redefined", "since": "2022", "reason": "Only investigated reports."},
        {"list": "H", "kind": "stopped", "since": "2021", "reason": "Closed."},
    ]
    run = three_years(tmp_path / "run", facts=changed(FACTS, changes=changes))
    redefined = Reason("list-redefined-between", list="P", since="2022", why="Only investigated reports.")
    stopped = Reason("list-stopped-between", list="H", since="2021", why="Closed.")
    assert cautions(compare_years(run)) == [redefined], "both 2021 and 2022 are after the end of H"
    assert cautions(compare_years(run, "2020", "2021")) == [stopped]
    assert cautions(compare_years(run, "2020", "2022")) == [redefined, stopped]
    clear, unclear = compare_years(run), compare_years(run, "2020", "2021")
    unlike = ENGLISH.text("comparison.conclusion-unlike")
    assert clear.total.N.direction == "more"
    assert unlike not in group_line(clear.record().total, "2021 to 2022", ENGLISH, unlike=True), (
        "the estimate says enough"
    )
    assert unclear.total.N.direction == "unclear"
    assert unlike in group_line(unclear.record().total, "2020 to 2021", ENGLISH, unlike=True)
    assert unlike in " ".join(text_of(compare_years(run, "2020", "2021")).split())


def test_a_list_that_is_dropped_in_one_year_only_is_named(tmp_path):
    decision = {"name": "b", "list": "S", "choice": "drop", "where": {"year": ["2021", "2022"]}, "reason": "r"}
    run = three_years(tmp_path / "run", facts=changed(FACTS, decisions=[decision]))
    assert cautions(compare_years(run, "2020", "2021")) == [Reason("list-dropped-on-one-side", list="S", side="second")]
    assert cautions(compare_years(run, "2021", "2022")) == []
    kept = three_years(tmp_path / "kept", facts=changed(FACTS, decisions=[decision | {"choice": "keep"}]))
    assert cautions(compare_years(kept, "2020", "2021")) == []
    assert cautions(compare_runs(run, kept)) == [Reason("list-dropped-on-one-side", list="S", side="first")]


def steps_table(found):
    lines = text_of(found).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("From year to year"))
    return lines[start + 2 : lines.index("", start)]


def test_a_step_that_a_change_or_a_decision_breaks_is_marked(tmp_path):
    """H stops in 2021; S is dropped in 2020, P in 2022 for girls; keeping a list, or dropping it always, is none."""
    facts = changed(
        FACTS,
        changes=[{"list": "H", "kind": "stopped", "since": "2021", "reason": "Closed."}],
        decisions=[
            {"name": "a", "list": "S", "choice": "drop", "where": {"year": ["2020"]}, "reason": "r"},
            {"name": "b", "list": "P", "choice": "drop", "where": {"year": ["2022"], "sex": ["f"]}, "reason": "r"},
            {"name": "c", "list": "P", "choice": "keep", "where": {"year": ["2020"]}, "reason": "r"},
            {"name": "d", "list": "H", "choice": "drop", "where": {"sex": ["m"]}, "reason": "r"},
        ],
    )
    found = compare_years(three_years(tmp_path / "run", facts=facts))
    first = (
        Reason("list-stopped-in", list="H", since="2021"),
        Reason("list-dropped-unlike", list="S", years=["2020"], other=["2021"]),
    )
    second = (Reason("list-dropped-unlike", list="P", years=["2022"], other=["2021"]),)
    assert [step.unlike for step in found.steps] == [first, second]
    recorded = [step["not_like_with_like"] for step in found.to_dict()["steps"]]
    assert recorded == [[reason.to_dict() for reason in unlike] for unlike in (first, second)]
    rows = steps_table(found)
    assert rows[0].startswith("2020 to 2021 * ")
    assert rows[1].startswith("2021 to 2022 * ")
    assert " ".join(rows[2:-1]) == (
        "* The registered numbers of these years are not like with like. 2020 to 2021: H stopped in 2021, S is dropped "
        "by decision in 2020, unlike in 2021; 2021 to 2022: P is dropped by decision in 2022, unlike in 2021."
    )


def test_only_the_step_with_the_break_is_marked(tmp_path):
    redefined = changed(FACTS, changes=[{"list": "P", "kind": "redefined", "since": "2022", "reason": "r"}])
    found = compare_years(three_years(tmp_path / "run", facts=redefined), "2020", "2021")
    assert [step.unlike for step in found.steps] == [(), (Reason("list-redefined-in", list="P", since="2022"),)]
    assert ["*" in row for row in steps_table(found)[:2]] == [False, True]
    assert "*" not in text_of(compare_years(three_years(tmp_path / "plain")))


def test_a_list_that_did_not_run_in_one_year_breaks_a_step(tmp_path):
    paused = [{"list": "H", "where": {"year": ["2021"]}, "reason": "Moved."}]
    found = compare_years(three_years(tmp_path / "run", facts=changed(FACTS, not_operating=paused)))
    assert [step.unlike for step in found.steps] == [
        (Reason("list-away-unlike", list="H", years=["2021"], other=["2020"]),),
        (Reason("list-away-unlike", list="H", years=["2021"], other=["2022"]),),
    ]


def test_runs_with_other_lists_say_so(tmp_path):
    two = newer(tmp_path / "two", facts=changed(FACTS, lists=["P", "S", "K"]))
    (caution,) = cautions(compare_runs(three_years(tmp_path / "one"), two))
    assert caution == Reason("lists-differ-between-runs", new=["K"], gone=["H"])
    assert ENGLISH.say(caution).startswith("The lists differ (K only in the second run, H only in the first), ")


def test_what_speaks_against_an_estimate_speaks_against_its_comparison(tmp_path):
    estimate = changed(ESTIMATE, reasons=["The table does not identify the total."], cautions=["2022 leans on 2021."])
    found = compare_years(three_years(tmp_path / "run", estimate=estimate))
    against = Reason("as-written", sentence="The table does not identify the total.")
    assert Reason("run-not-fit-to-publish", run=None, reason=against) in found.cautions
    leans = Reason("as-written", sentence="2022 leans on 2021.")
    assert Reason("run-with-caution", run=None, caution=leans) in found.cautions
    assert ENGLISH.say(found.cautions[-2]) == "Not fit to publish. The table does not identify the total."


def test_reasons_of_a_run_that_are_codes_stay_codes(tmp_path):
    weak = Reason("list-away-on-one-side", list="H", side="first")
    estimate = changed(ESTIMATE, reasons=[weak.to_dict()], cautions=[weak.to_dict()])
    found = compare_years(three_years(tmp_path / "run", estimate=estimate))
    assert found.cautions[-2:] == (
        Reason("run-not-fit-to-publish", run=None, reason=weak),
        Reason("run-with-caution", run=None, caution=weak),
    )


def test_the_text_has_interval_assumption_source_and_kind(tmp_path):
    text = text_of(compare_years(three_years(tmp_path / "run")))
    for words in ("SYNTHETIC TABLE", "95 %", "Assumes what it assumes.", "Counts: tests/runs", "Made up"):
        assert words in text
    assert max(len(line) for line in text.splitlines() if str(tmp_path) not in line) <= 80
    assert "nan" not in text and "inf" not in text


def test_a_notebook_shows_the_same_with_what_users_wrote_escaped(tmp_path):
    estimate = changed(ESTIMATE, title="<script>")
    page = comparison_html(compare_years(three_years(tmp_path / "run", estimate=estimate)).record(), ENGLISH)
    assert "&lt;script&gt;" in page and "<script>" not in page
    assert page.count("probability of a rise") >= 3


def test_the_json_is_complete_and_plain(tmp_path):
    found = compare_years(three_years(tmp_path / "run"))
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    girls = record["groups"]["girls"]
    assert girls["N"]["probability_of_rise"] == round(found.groups["girls"].N.rise, 5)
    assert girls["registered"]["difference"]["median"] == -110
    assert record["basis"]["code"] == "joint"
    assert record["after"]["table_kind"] == "synthetic"
    assert [step["to"] for step in record["steps"]] == ["2021", "2022"]
    runs = compare_runs(three_years(tmp_path / "one"), three_years(tmp_path / "two", seed=3)).to_dict()
    assert runs["groups"]["girls"]["N"]["probability_of_rise"] is None
    entry = {"code": "entry-differs", "name": "seed", "before": 1, "after": 3}
    reason = {"code": "entries-differ", "subject": "sampler", "entries": [entry]}
    assert runs["changed"] == [{"what": "sampler", "reason": reason}]


@pytest.mark.parametrize("words", [ENGLISH, DUTCH])
def test_text_and_picture_are_made_again_of_the_file(tmp_path, words):
    """Also when the runs themselves have gone."""
    one, two = three_years(tmp_path / "one"), newer(tmp_path / "two", seed=9)
    found = [compare_years(one), compare_runs(one, two), compare_runs(one, one)]
    shutil.rmtree(one)
    shutil.rmtree(two)
    for number, comparison in enumerate(found):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(comparison.to_dict(), allow_nan=False), encoding="utf-8")
        again = read_comparison(file)
        assert again == comparison.record()
        assert comparison_text(again, words) == text_of(comparison, words)
        assert comparison_figure(again, words).get_axes()


def test_what_a_study_says_in_dutch_is_in_the_file_and_the_text(tmp_path):
    dutch = {"title_nl": "Verzonnen mensen", "source_nl": "Zelf bedacht", "priors_nl": "Er is niets aangenomen"}
    run = three_years(tmp_path / "run", estimate=changed(ESTIMATE, **dutch))
    (tmp_path / "c.json").write_text(json.dumps(compare_years(run).to_dict()), encoding="utf-8")
    again = read_comparison(tmp_path / "c.json")
    said = {words: " ".join(comparison_text(again, words).split()) for words in (ENGLISH, DUTCH)}
    for text in dutch.values():
        assert text in said[DUTCH]
        assert text not in said[ENGLISH]


def test_the_series_of_a_run_is_what_its_draws_say(tmp_path):
    found = compare_years(three_years(tmp_path / "run"))
    draws, series = found.after.run.draws.by_year, found.record().series
    assert list(series) == list(draws)
    for year, groups in series.items():
        assert set(groups) == set(found.groups)
        for name, one in groups.items():
            of_group = draws[year][name]
            for summary, values in ((one.N, of_group.size), (one.registered, of_group.registered)):
                limits = np.quantile(values, (0.025, 0.975))
                assert summary.median == pytest.approx(np.median(values), abs=0.06)
                assert (summary.lower, summary.upper) == pytest.approx(tuple(limits), abs=0.06)


def test_a_file_that_no_comparison_wrote_is_refused(tmp_path):
    record = compare_years(three_years(tmp_path / "run")).to_dict()
    for content, found in ((record | {"schema_version": 99}, "later version"), (record | {"basis": 1}, "'basis'")):
        (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(InputError, match=found):
            read_comparison(tmp_path / "a.json")


@pytest.mark.parametrize("words", [ENGLISH, DUTCH])
def test_every_language_says_the_same_within_80_characters(tmp_path, words):
    """Two runs that differ in much, and two years, each with every part of the text."""
    facts = changed(FACTS, lists=["P", "S", "K"], groups={"total": FACTS["groups"]["total"]})
    two = newer(tmp_path / "two", facts=facts, seed=9)
    one = three_years(tmp_path / "one")
    for found in (compare_runs(one, two), compare_years(one), compare_runs(one, one)):
        lines = text_of(found, words).splitlines()
        assert max(len(line) for line in lines if str(tmp_path) not in line) <= 80
        assert "None" not in "".join(lines)


def test_a_run_read_once_serves_many_comparisons(tmp_path):
    run = read_run(three_years(tmp_path / "run"))
    assert compare_years(run).total.N == compare_years(run, "2021", "2022").total.N


def test_runs_of_the_same_second_are_one_only_when_their_manifests_are():
    def run(name, made, seed):
        return SimpleNamespace(folder=Path(name), manifest=SimpleNamespace(made=made, seed=seed))

    first, second = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"
    assert is_same_run(run("a", first, 1), run("b", first, 1)), "a copy"
    assert not is_same_run(run("a", first, 1), run("b", first, 2))
    assert not is_same_run(run("a", first, 1), run("b", second, 1))
    assert not is_same_run(run("a", "", 1), run("b", "", 1)), "nothing says when"
    assert is_same_run(run("a", first, 1), run("a", second, 2)), "the same folder"


def test_what_the_kind_of_table_says_is_not_said_again_of_the_estimate(tmp_path):
    kind, other = Reason("table-reconstructed"), Reason("list-away-on-one-side", list="H", side="first")
    estimate = changed(ESTIMATE, reasons=[kind.to_dict(), other.to_dict()])
    said = compare_years(three_years(tmp_path / "run", estimate=estimate)).cautions
    assert Reason("run-not-fit-to-publish", run=None, reason=other) in said
    assert Reason("run-not-fit-to-publish", run=None, reason=kind) not in said
