"""Run folders that earlier versions wrote are read; those of later versions are refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from estimator.cli.main import run as run_in_process
from estimator.comparison.comparison import compare_runs
from estimator.errors import InputError
from estimator.reasons import Reason
from estimator.report.pages.scrutiny import scrutiny_page
from estimator.runs.manifest_digest import with_digest
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.scrutiny.record import earlier_of
from estimator.scrutiny.saving import save_scrutiny
from estimator.scrutiny.scrutinise import scrutinise
from estimator.shipped import folder as data_folder
from estimator.words.words import words_in
from tests.runs.saved_run_examples import N_CHAINS, N_DRAWS, people, three_years

FIXTURES = Path(__file__).with_name("fixtures")


def copy_of(kind, tmp_path):
    """A copy of a run folder of version 1, scrutinised or not."""
    folder = shutil.copytree(FIXTURES / "version-1", tmp_path / kind)
    if kind != "version-1":
        shutil.copytree(FIXTURES / kind, folder, dirs_exist_ok=True)
    return folder


def of_the_present_study(folder):
    """Let a run vouch for the shipped study as it is worded now; its counts are those of then."""
    digest = hashlib.sha256((data_folder("data") / "spina-bifida-1969" / "study.toml").read_bytes()).hexdigest()
    rewrite(folder, "manifest.json", lambda manifest: manifest["inputs"]["study"].update(sha256=digest))
    return folder


@pytest.fixture(params=["version-1", "version-1-scrutinised"])
def folder(request, tmp_path):
    return copy_of(request.param, tmp_path)


def rewrite(folder, name, change):
    """Change a JSON file of a run, and let its manifest vouch for that."""
    content = json.loads((folder / name).read_text())
    change(content)
    if name == "manifest.json":
        content = with_digest(content)
    (folder / name).write_text(json.dumps(content))
    if name != "manifest.json":
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        rewrite(folder, "manifest.json", lambda manifest: manifest["outputs"].update({name: digest}))


def test_a_run_of_version_1_is_read(folder):
    run, written = read_run(folder), json.loads((folder / "estimate.json").read_text())
    assert written["schema_version"] == 1
    assert run.record.schema_version == run.manifest.schema_version == 2
    assert run.converged
    total, before = run.record.groups["total"], written["groups"]["total"]
    assert (total.label.en, total.label.nl, total.parent) == (before["label"], None, None)
    assert total.N.to_dict() == before["N"]
    assert run.record.groups["caucasian"].parent == "total"
    assert run.record.caveats == []
    assert run.record.lists["B"].en == "B"
    assert np.median(run.draws.headline["total"].size) == total.N.median


def test_a_sentence_of_version_1_is_a_reason_in_its_own_words(folder):
    run, written = read_run(folder), json.loads((folder / "estimate.json").read_text())
    assert run.record.assumption == Reason("as-written", sentence=written["assumption"])
    assert run.record.cautions == [Reason("as-written", sentence=text) for text in written["cautions"]]


def test_what_came_of_a_scrutiny_of_version_1_is_read(tmp_path):
    scrutiny = read_run(copy_of("version-1-scrutinised", tmp_path)).record.scrutiny
    assert scrutiny is not None
    assert scrutiny.verdict == "caution"
    assert scrutiny.not_done == ["leave-list-out", "simulated-truth"]
    convergence = scrutiny.checks[0]
    assert (convergence.check, convergence.sentence.code) == ("convergence", "as-written")


@pytest.mark.parametrize(
    "diagnostics", [{"rhat_max": 1.02}, {"rhat_max": None}, {"ess_tail_min": 300.0}, {"divergences": 7}]
)
def test_whether_chains_of_version_1_agreed_follows_from_their_diagnostics(tmp_path, diagnostics):
    folder = copy_of("version-1", tmp_path)
    rewrite(folder, "estimate.json", lambda estimate: estimate["diagnostics"].update(diagnostics))
    assert not read_run(folder).converged


def test_runs_of_version_1_are_compared(tmp_path):
    one, two = (copy_of(kind, tmp_path) for kind in ("version-1", "version-1-scrutinised"))
    assert compare_runs(one, two).basis.name == "same-data"


def test_people_of_version_1_are_drawn_again(tmp_path):
    run = read_run(of_the_present_study(copy_of("version-1", tmp_path)))
    assert run.draws.population is None
    groups = estimate_of_run(run).group_draws
    for name, saved in run.draws.headline.items():
        np.testing.assert_array_equal(groups[name].unseen, saved.unseen)


def test_other_people_than_those_of_version_1_are_refused(tmp_path):
    folder = of_the_present_study(copy_of("version-1", tmp_path))
    rewrite(folder, "manifest.json", lambda manifest: manifest.update(seed=2))
    with pytest.raises(InputError, match="drawn again from the same parameters they are others"):
        estimate_of_run(read_run(folder))


@pytest.mark.parametrize("converged", [True, False])
def test_draws_beside_whose_chains_did_not_agree_are_not_read(tmp_path, converged):
    """Their numbers are withheld, so that no comparison shows them either, whatever files lie in the folder."""
    draws = np.full((N_CHAINS, N_DRAWS), 900.0)
    years = {year: people(300, 300, draws, draws) for year in ("2020", "2021", "2022")}
    folder = three_years(tmp_path / "run", beside={"wide": years})

    def change(estimate):
        estimate["beside"]["wide"]["diagnostics"]["converged"] = converged

    rewrite(folder, "estimate.json", change)
    assert (folder / "posterior-wide.nc").is_file()
    assert list(read_run(folder).beside) == ["wide"] * converged


@pytest.mark.parametrize("name", ["estimate.json", "manifest.json"])
def test_a_run_of_a_later_version_is_refused(tmp_path, name):
    folder = copy_of("version-1", tmp_path)
    rewrite(folder, name, lambda content: content.update(schema_version=3))
    with pytest.raises(InputError, match=rf"{name}: A later version of darkfigure wrote this file \(schema_version 3"):
        read_run(folder)


@pytest.mark.parametrize("version", ["2", None, 0, True])
def test_an_odd_version_is_refused(tmp_path, version):
    folder = copy_of("version-1", tmp_path)
    rewrite(folder, "estimate.json", lambda content: content.update(schema_version=version))
    with pytest.raises(InputError, match=r"estimate\.json: 'schema_version' is not what a run writes"):
        read_run(folder)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda estimate: estimate["groups"].update(total=3), "groups.total"),
        (lambda estimate: estimate["groups"]["total"].pop("N"), "groups.total.N"),
        (lambda estimate: estimate["groups"]["total"]["N"].update(median="many"), "groups.total.N.median"),
        (lambda estimate: estimate["groups"]["total"]["N"]["intervals"].update({"0.5": [1]}), "groups.total.N.inter"),
        (lambda estimate: estimate.update(groups=[]), "groups"),
        (lambda estimate: estimate.update(period="2020"), "period"),
        (lambda estimate: estimate.update(diagnostics=None), "diagnostics"),
        (lambda estimate: estimate.update(reasons=[3]), "reasons.0"),
        (lambda estimate: estimate.update(reasons=[{"x": 1}]), "reasons.0"),
        (lambda estimate: estimate.update(reasons=[{"code": "x", "y": {"z": 1}}]), "reasons.0"),
        (lambda estimate: estimate.update(publishable="yes"), "publishable"),
        (lambda estimate: estimate.update(remark="seen"), "remark"),
        (lambda estimate: estimate.pop("title"), "title"),
        (lambda estimate: estimate.update(beside=3), "beside"),
        (lambda estimate: estimate.update(by_year={"2020": 3}), "by_year.2020"),
    ],
)
def test_a_part_that_no_run_writes_is_named(tmp_path, change, key):
    folder = copy_of("version-1", tmp_path)
    rewrite(folder, "estimate.json", change)
    with pytest.raises(InputError, match=rf"estimate\.json: '{key}.*' is not what a run writes\. Restore the file"):
        read_run(folder)


@pytest.mark.parametrize(
    "text",
    [
        '{"schema_version": 2}',
        '{"schema_version": 2, "title": "\\ud800"}',
        '{"schema_version": 1, "groups": {"total": NaN}, "diagnostics": [], "period": 1, "reasons": 3, "beside": []}',
        '{"schema_version": 2, "seed": 1' + "0" * 500 + "}",
        '{"schema_version": 2, "reasons": ' + '[{"code": "x", "y": ' * 500 + "1" + "}]" * 500 + "}",
        "[]",
        "3",
        "",
        "\x00",
    ],
)
def test_whatever_stands_in_estimate_json_gets_a_sentence(tmp_path, text):
    folder = copy_of("version-1", tmp_path)
    (folder / "estimate.json").write_text(text)
    digest = hashlib.sha256((folder / "estimate.json").read_bytes()).hexdigest()
    rewrite(folder, "manifest.json", lambda manifest: manifest["outputs"].update({"estimate.json": digest}))
    with pytest.raises(InputError, match=r"estimate\.json: .*(Restore the file|Restore it)"):
        read_run(folder)


@pytest.mark.parametrize("command", [["compare"], ["scrutinise", "--quick"]])
def test_a_damaged_run_is_an_error_of_one_sentence(tmp_path, command, capsys):
    folder = copy_of("version-1", tmp_path)
    rewrite(folder, "estimate.json", lambda estimate: estimate["groups"]["total"].update(N=None))
    assert run_in_process([*command, str(folder)]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "estimate.json: 'groups.total.N' is not what a run writes. Restore the file" in error
    assert "Traceback" not in error


def test_numbers_that_are_none_are_refused(tmp_path):
    folder = copy_of("version-1", tmp_path)
    rewrite(folder, "estimate.json", lambda estimate: estimate["groups"]["total"]["N"].update(median=float("nan")))
    with pytest.raises(InputError, match=r"groups\.total\.N\.median"):
        read_run(folder)


def test_a_run_of_version_1_is_scrutinised_again_and_written_as_version_2(tmp_path):
    folder = of_the_present_study(copy_of("version-1-scrutinised", tmp_path))
    before = read_run(folder)
    scrutiny = scrutinise(before, only=["convergence"])
    save_scrutiny(scrutiny, lambda record: scrutiny_page(record, words_in("nl")))
    estimate = json.loads((folder / "estimate.json").read_text())
    assert estimate["schema_version"] == json.loads((folder / "manifest.json").read_text())["schema_version"] == 2
    assert estimate["cautions"][0] == {"code": "as-written", "sentence": before.record.cautions[0]["sentence"]}
    after = read_run(folder)
    assert after.vouched_for
    assert after.record.groups == before.record.groups
    assert after.record.scrutiny.checks[0].sentence.code != "as-written"
    assert after.record.scrutiny.checks[1].sentence.code == "as-written"


@pytest.mark.parametrize(
    "change",
    [
        lambda scrutiny: scrutiny.update(findings=3),
        lambda scrutiny: scrutiny.update(findings=[3]),
        lambda scrutiny: scrutiny["findings"][0].update(verdict="fine"),
        lambda scrutiny: scrutiny.update(schema_version=3),
        lambda scrutiny: scrutiny.clear(),
    ],
)
def test_a_damaged_scrutiny_gets_a_sentence(tmp_path, change):
    folder = copy_of("version-1-scrutinised", tmp_path)
    rewrite(folder, "scrutiny.json", change)
    with pytest.raises(InputError, match=r"scrutiny\.json: .*(Restore the file|Install that version)"):
        earlier_of(read_run(folder))


def test_a_run_that_gives_every_interval_keeps_them(tmp_path):
    """Today priors that nobody measured give that of 95 % alone; what a run gave stays what it gives."""
    folder = of_the_present_study(copy_of("version-1", tmp_path))
    run = read_run(folder)
    assert run.levels() == (0.5, 0.8, 0.95)
    restored = estimate_of_run(run)
    assert restored.levels == run.levels()
    assert list(restored.total.N.to_dict(1)["intervals"]) == list(run.record.groups["total"].N.intervals)
    assert not [note for note in restored.notes if note.code.startswith("intervals-")]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_run_of_version_1_is_shown(folder, language, capsys):
    assert run_in_process(["show", str(folder), "--full", "--language", language]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "All children with spina bifida" in text
    assert "Assumes that within each stratum the odds ratio" in text
