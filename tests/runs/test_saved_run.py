"""A run folder read again gives what was written, and nothing that was altered."""

from __future__ import annotations

import hashlib
import json
import shutil

import numpy as np
import pytest

from estimator.comparison.comparison import compare_runs, compare_years
from estimator.errors import InputError
from estimator.reasons import Reason
from estimator.runs.reading import read_run
from estimator.runs.writing import save_run
from tests.runs.saved_run_examples import ESTIMATE, FACTS, changed, rewrite_manifest, three_years, write_folder


@pytest.fixture(scope="module")
def folder(years, tmp_path_factory):
    return save_run(years, tmp_path_factory.mktemp("saved") / "run")


def test_a_real_run_gives_back_its_draws(folder, years):
    run = read_run(folder)
    for name, group in years.group_draws.items():
        np.testing.assert_array_equal(run.draws.headline[name].size, group.size)
        np.testing.assert_array_equal(run.draws.headline[name].registered, group.registered)
    assert run.all_years == ("2020", "2021")
    for year, groups in years.group_draws_by_year.items():
        for name, group in groups.items():
            np.testing.assert_array_equal(run.draws.by_year[year][name].unseen, group.unseen)
            assert run.draws.by_year[year][name].label == group.label
    assert run.record.groups["total"].N.median == round(years.total.N.median, 1)
    assert run.converged == years.convergence.passed
    assert run.table_kind == "synthetic"
    assert run.facts.lists == ["police", "shelter", "hotline"]


def test_a_run_without_years_has_none(dutch, tmp_path):
    run = read_run(save_run(dutch, tmp_path / "run"))
    assert (run.all_years, run.years, run.pooled_years) == ((), (), 6)
    np.testing.assert_array_equal(run.draws.headline["total"].size, dutch.group_draws["total"].size)


@pytest.mark.parametrize("name", ["estimate.json", "posterior.nc"])
def test_an_altered_file_is_named(tmp_path, name):
    folder = three_years(tmp_path / "run")
    path = folder / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InputError, match=rf"{name}: .*altered afterwards") as error:
        read_run(folder)
    assert len(error.value.faults) == 1


def test_every_missing_and_altered_file_is_named_at_once(tmp_path):
    folder = three_years(tmp_path / "run")
    (folder / "estimate.json").write_text("{}")
    (folder / "posterior.nc").unlink()
    with pytest.raises(InputError) as error:
        read_run(folder)
    assert [fault.where.rsplit("/", 1)[-1] for fault in error.value.faults] == ["estimate.json", "posterior.nc"]
    assert "has gone" in str(error.value)


def test_a_file_that_the_manifest_does_not_vouch_for_is_refused(tmp_path):
    folder = three_years(tmp_path / "run")
    rewrite_manifest(folder, lambda manifest: manifest["outputs"].pop("posterior.nc"))
    with pytest.raises(InputError, match="posterior.nc"):
        read_run(folder)


def test_runs_of_an_earlier_version_are_told_apart(tmp_path):
    folder = three_years(tmp_path / "run")
    rewrite_manifest(folder, lambda manifest: manifest.pop("facts"))
    with pytest.raises(InputError, match="earlier version.*Estimate the study again"):
        read_run(folder)
    read_back = read_run(three_years(tmp_path / "newer"))
    headline = {name: (d.registered[0, 0], d.unseen) for name, d in read_back.draws.headline.items()}
    without = write_folder(tmp_path / "older", headline, estimate=changed(ESTIMATE, by_year={"2022": {}}))
    with pytest.raises(InputError, match="no draws of single years"):
        read_run(without)


def test_what_is_no_run_is_said_plainly(tmp_path):
    folder = three_years(tmp_path / "run")
    (study := tmp_path / "study").mkdir()
    (study / "study.toml").write_text("")
    (empty := tmp_path / "empty").mkdir()
    for path, words in (
        (study, "This is a study, not a run. Estimate it first"),
        (empty, "is not a run"),
        (folder / "estimate.json", "Name the folder of the run"),
        (tmp_path / "rum", "no such run folder. Did you mean 'run'"),
    ):
        with pytest.raises(InputError, match=words):
            read_run(path)


def plain(folder, change):
    """Change a manifest as an editor does, who knows of no digest."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest, indent=4, sort_keys=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["facts"].update(lists=["police", "shelter"]),
        lambda manifest: manifest.update(seed=2),
        lambda manifest: manifest.update(remark="seen"),
        lambda manifest: manifest.pop("command"),
        lambda manifest: manifest.update(content_sha256=None),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(folder, tmp_path, change):
    copy = shutil.copytree(folder, tmp_path / "copy")
    plain(copy, change)
    with pytest.raises(InputError) as error:
        read_run(copy)
    assert str(error.value) == (
        f"{copy}/manifest.json: This file is not the one that the run wrote: it was altered afterwards. Restore it, or "
        "estimate again."
    )


def test_how_a_manifest_is_laid_out_does_not_matter(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    plain(copy, lambda _: None)
    assert (copy / "manifest.json").read_bytes() != (folder / "manifest.json").read_bytes()
    assert read_run(copy).vouched_for


def test_the_digest_can_be_worked_out_by_hand(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = manifest.pop("content_sha256")
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    assert digest == hashlib.sha256(canonical.encode()).hexdigest()


def test_a_manifest_of_an_earlier_version_is_read_with_a_caution(tmp_path):
    run, same = three_years(tmp_path / "run"), three_years(tmp_path / "same")
    plain(run, lambda manifest: manifest.pop("content_sha256"))
    assert not read_run(run).vouched_for
    (caution,) = [caution for caution in compare_years(run).cautions if caution.code == "run-not-vouched-for"]
    assert caution == Reason("run-not-vouched-for", run="run")
    (caution,) = [caution for caution in compare_runs(run, same).cautions if caution.code == "run-not-vouched-for"]
    assert caution == Reason("run-not-vouched-for", run="run")
    assert "run-not-vouched-for" not in {caution.code for caution in compare_years(same).cautions}


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_broken_manifest_is_said_plainly(tmp_path, text):
    folder = three_years(tmp_path / "run")
    (folder / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"manifest\.json"):
        read_run(folder)


def test_draws_of_something_else_are_said_plainly(tmp_path):
    facts = changed(FACTS)
    folder = three_years(tmp_path / "run", facts=facts)
    (folder / "posterior.nc").write_text("not a NetCDF file")
    with pytest.raises(InputError, match="altered"):
        read_run(folder)


@pytest.mark.parametrize("converged", [True, False])
def test_whether_the_chains_agreed_is_in_the_diagnostics(tmp_path, converged):
    estimate = changed(ESTIMATE, diagnostics=ESTIMATE["diagnostics"] | {"converged": converged})
    assert read_run(three_years(tmp_path / "run", estimate=estimate)).converged is converged


@pytest.mark.parametrize(
    ("part", "value"),
    [("inputs", None), ("sampler", None), ("versions", "x"), ("priors", 3), ("facts", None), ("facts", "x")],
)
def test_a_manifest_with_an_odd_part_is_refused(tmp_path, part, value):
    folder = three_years(tmp_path / "run")
    rewrite_manifest(folder, lambda manifest: manifest.update({part: value}))
    with pytest.raises(InputError, match=rf"manifest.json: '{part}' is not what a run writes. Restore the file"):
        read_run(folder)


@pytest.mark.parametrize("part", ["lists", "covariates", "decisions", "changes", "model", "groups"])
def test_facts_of_an_odd_shape_are_refused(tmp_path, part):
    folder = three_years(tmp_path / "run")
    rewrite_manifest(folder, lambda manifest: manifest["facts"].update({part: None}))
    with pytest.raises(InputError, match=rf"'facts.{part}' is not what a run writes"):
        read_run(folder)


def test_a_manifest_nested_without_end_is_refused(tmp_path):
    folder = three_years(tmp_path / "run")
    (folder / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="cannot be read as JSON"):
        read_run(folder)
