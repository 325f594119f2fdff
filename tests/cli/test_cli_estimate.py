"""``darkfigure estimate``, from the table to what is printed and written."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from estimator.cli.main import run as run_in_process
from estimator.population import sampling
from estimator.population.thresholds import convergence_limits
from estimator.words.words import words_in
from tests.population.conftest import write_series

SMALL = ("--draws", "300")
QUICK = ("--draws", "200", "--chains", "2", "--no-out")
TABLE = "P,K,Z,count\n1,0,0,240\n0,1,0,130\n0,0,1,90\n1,1,0,25\n0,1,1,14\n1,0,1,9\n1,1,1,2\n"
STUDY = 'title = "Three lists"\nsource = "made for a test"\ntable_kind = "{kind}"\n[lists.P]\n[lists.K]\n[lists.Z]\n'
MODEL = '[model]\npriors = "moderate"\n'


class Ran:
    """What a run printed and wrote."""

    def __init__(self, folder: Path, out: str, err: str) -> None:
        self.folder, self.out, self.err = folder, out, err


def study_in(folder: Path, kind: str = "observed", table: str = TABLE) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(STUDY.format(kind=kind) + MODEL)
    (folder / "table.csv").write_text(table)
    return str(folder)


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    """One run of a shipped study, with everything that can be asked."""
    from contextlib import redirect_stderr, redirect_stdout

    folder = tmp_path_factory.mktemp("estimate") / "deep" / "run"
    out, err = io.StringIO(), io.StringIO()
    questions = ("--probability", "total > 10000", "--probability", "total coverage < 0.5")
    with redirect_stdout(out), redirect_stderr(err):
        code = run_in_process(["estimate", "uk-2013-5lists", *SMALL, *questions, "--full", "--out", f"{folder}/"])
    assert code == 0, err.getvalue()
    return Ran(folder, out.getvalue(), err.getvalue())


def test_text_says_what_an_official_needs(ran):
    words = " ".join(ran.out.replace("\N{NO-BREAK SPACE}", " ").split())
    assert words.startswith("Potential victims of modern slavery in the United Kingdom, 2013, five lists")
    for fragment in (
        "Priors: moderate (Moderate dependence between lists, either way). Seed 1.",
        "registered estimated 95 % interval seen",
        "All potential victims 2,744 1",
        "With a probability of 95 % their number lies in the interval",
        "Assumes that the odds ratio between two lists lies between",
        "That last step no table of lists can test.",
        "Sampling converged: 4 chains x 300 draws, R-hat 1.0",
        "divergences: 0.",
        "Counts: B.W. Silverman (2014)",
        "Probability that total > 10000: ",
        "Probability that total coverage < 0.5: 100.0 %",
    ):
        assert fragment in words
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "NOT " not in ran.out
    assert re.fullmatch(rf"Took \d+\.\d s\. Run written to {re.escape(str(ran.folder))}\n", ran.err)


def test_the_run_folder(ran):
    assert sorted(path.name for path in ran.folder.iterdir()) == [
        "estimate.csv",
        "estimate.json",
        "manifest.json",
        "posterior.nc",
    ]
    assert [path.name for path in ran.folder.parent.iterdir()] == ["run"]
    assert stat.S_IMODE(ran.folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in ran.folder.iterdir())


def test_text_json_and_csv_agree(ran):
    found = json.loads((ran.folder / "estimate.json").read_text())
    rows = list(csv.DictReader((ran.folder / "estimate.csv").open()))
    size = next(row for row in rows if (row["group"], row["quantity"]) == ("total", "N"))
    total = found["groups"]["total"]
    assert float(size["median"]) == total["N"]["median"]
    assert [float(size["lower_95"]), float(size["upper_95"])] == [total["N"]["lower"], total["N"]["upper"]]
    assert total["registered"] == 2744
    printed = re.search(r"All potential victims +2,744 +([\d,]+) +([\d,]+) to ([\d,]+)", ran.out)
    numbers = [int(number.replace(",", "")) for number in printed.groups()]
    unit = 10 ** (len(str(int(total["N"]["upper"] - total["N"]["lower"]))) - 3)
    assert numbers == pytest.approx([total["N"][name] for name in ("median", "lower", "upper")], abs=unit)
    assert numbers[1] <= total["N"]["lower"]
    assert numbers[2] >= total["N"]["upper"]
    assert {row["table_kind"] for row in rows} == {found["table_kind"]} == {"observed"}
    assert found["publishable"] is True
    assert found["reasons"] == []


def test_the_manifest_has_the_command_and_true_hashes(ran):
    from estimator.runs.provenance import sha256_of

    found = json.loads((ran.folder / "manifest.json").read_text())
    assert found["command"][0] == "darkfigure"
    assert found["inputs"].keys() == {"study", "table", "priors"}
    assert found["outputs"] == {
        name: sha256_of(ran.folder / name) for name in ("estimate.csv", "estimate.json", "posterior.nc")
    }


def test_the_posterior_opens_in_arviz(ran):
    import arviz

    found = arviz.from_netcdf(ran.folder / "posterior.nc")
    assert {"posterior", "sample_stats", "prior", "observed_data", "population"} <= set(found.groups())
    total = found["population"]["N"].sel(group="total")
    assert total.dims == ("chain", "draw")
    assert total.shape == (4, 300)
    expected = json.loads((ran.folder / "estimate.json").read_text())["groups"]["total"]["N"]["median"]
    assert float(total.median()) == pytest.approx(expected, abs=0.06)
    assert len(arviz.summary(found, var_names=["log_ratio"])) == 1


def test_json_is_one_object_and_nothing_else(darkfigure, tmp_path):
    outcome = darkfigure(
        "estimate", study_in(tmp_path / "s"), *SMALL, "--no-out", "--json", "--probability", "total>600"
    )
    found = json.loads(outcome.out)
    assert outcome.out == json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    assert re.fullmatch(r"Took \d+\.\d s\.\n", outcome.err)
    assert outcome.code == 0
    assert 0 < found["probabilities"]["total>600"] <= 1
    assert {"study", "method", "groups", "diagnostics", "seconds", "seed", "versions", "assumption"} <= set(found)
    assert found["source"] == "made for a test"
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def without_seconds(text: str) -> dict:
    found = json.loads(text)
    del found["seconds"]
    return found


def test_the_same_seed_gives_the_same_answer(darkfigure, tmp_path):
    study = study_in(tmp_path / "s")
    first, again, alone, other = (
        without_seconds(darkfigure("estimate", study, *QUICK, "--json", "--seed", seed, "--cores", cores).out)
        for seed, cores in (("7", "2"), ("7", "2"), ("7", "1"), ("8", "2"))
    )
    assert first == again == alone
    assert first["seed"] == 7
    assert first["groups"] != other["groups"]


def test_chains_and_draws(darkfigure, tmp_path):
    outcome = darkfigure("estimate", study_in(tmp_path / "s"), "--draws", "700", "--chains", "3", "--no-out", "--json")
    found = json.loads(outcome.out)["diagnostics"]
    assert (found["draws"], found["chains"]) == (700, 3)


def test_runs_go_to_a_folder_of_their_own(darkfigure, tmp_path):
    outcome = darkfigure("estimate", study_in(tmp_path / "s"), "--draws", "200", "--chains", "2")
    (made,) = (tmp_path / "runs").iterdir()
    assert re.fullmatch(r"s-\d{8}-\d{6}", made.name)
    assert f"Run written to runs/{made.name}" in outcome.err


def test_priors_by_name_by_file_and_by_change(darkfigure, tmp_path):
    study = study_in(tmp_path / "s")
    text = darkfigure("priors", "show", "independence", "--toml").out
    (tmp_path / "mine.toml").write_text(text.replace('title = "', 'title = "Mine: '))
    by_name = json.loads(darkfigure("estimate", study, *QUICK, "--json", "--priors", "independence").out)
    by_file = json.loads(darkfigure("estimate", study, *QUICK, "--json", "--priors", "mine.toml").out)
    assert by_name["groups"] == by_file["groups"]
    assert by_file["priors"] == f"Mine: {by_name['priors']}"
    assert by_name["assumption"]["dependence"] == {"code": "lists-independent"}
    change = ("--set", "dependence.odds_ratio.log_normal=[0, 0.1]")
    changed = darkfigure("estimate", study, *QUICK, *change, "--full")
    assert "the odds ratio between two lists lies between 0.82 and 1.2" in " ".join(changed.out.split())


@pytest.mark.parametrize(
    ("kind", "loud", "reason"),
    [
        ("reconstructed", "RECONSTRUCTED TABLE", "table-reconstructed"),
        ("synthetic", "SYNTHETIC TABLE", "table-synthetic"),
    ],
)
def test_tables_that_hold_no_observed_people_say_so_everywhere(darkfigure, tmp_path, kind, loud, reason):
    study = study_in(tmp_path / "s", kind)
    outcome = darkfigure("estimate", study, *SMALL, "--out", "run")
    assert outcome.code == 0
    assert outcome.out.index(loud) < outcome.out.index("registered")
    assert "NOT TO BE PUBLISHED AS EVIDENCE:" in outcome.out
    found = json.loads((tmp_path / "run" / "estimate.json").read_text())
    assert found["table_kind"] == kind
    assert found["publishable"] is False
    assert reason in [entry["code"] for entry in found["reasons"]]
    rows = list(csv.DictReader((tmp_path / "run" / "estimate.csv").open()))
    assert {row["table_kind"] for row in rows} == {kind}
    assert loud in darkfigure("priors", "draw", "--study", study, "--draws", "200").out
    assert json.loads(darkfigure("check", study, "--json").out)["table_kind"] == kind


def test_no_overlap_is_not_estimable(darkfigure, tmp_path):
    study = study_in(tmp_path / "s", table="P,K,Z,count\n1,0,0,5\n0,1,0,6\n0,0,1,2\n")
    for form in ((), ("--json",)):
        outcome = darkfigure("estimate", study, "--out", "run", *form)
        assert outcome.code == 3
        assert outcome.out == ""
        assert outcome.err.startswith("Error: Nobody is on two lists.")
        assert "Traceback" not in outcome.err
        assert [path.name for path in tmp_path.iterdir()] == ["s"]


STRICT = {
    "effective_draws": (1e9, "too-few-effective-draws"),
    "rhat": (0.5, "chains-disagree"),
    "divergent_share": (-1e-9, "too-many-divergences"),
}


@pytest.mark.parametrize("limit", STRICT)
def test_the_gate_of_convergence(darkfigure, tmp_path, monkeypatch, limit):
    value, reason = STRICT[limit]
    monkeypatch.setattr(sampling, "convergence_limits", lambda: replace(convergence_limits(), **{limit: value}))
    study = study_in(tmp_path / "s")
    outcome = darkfigure("estimate", study, "--draws", "100", "--chains", "2", "--no-out", "--json")
    assert outcome.code == 3
    found = json.loads(outcome.out)
    assert found["publishable"] is False
    assert reason in [entry["code"] for entry in found["reasons"]]
    assert found["diagnostics"]["draws"] == 400, "sampled on, twice, before giving up"


def test_what_failed_the_gate_is_not_shown(darkfigure, tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "convergence_limits", lambda: replace(convergence_limits(), effective_draws=1e9))
    outcome = darkfigure("estimate", study_in(tmp_path / "s"), "--draws", "100", "--chains", "2", "--no-out")
    assert outcome.code == 3
    assert "NOT FIT TO PUBLISH:" in outcome.out
    assert "Too few effective draws" in outcome.out
    assert "No estimate is shown" in outcome.out
    assert "Estimated:" not in outcome.out
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "fragment"),
    [
        (["--out", "x", "--no-out"], 2, "--no-out"),
        (["--draws", "5"], 2, "--draws"),
        (["--chains", "1"], 2, "--chains"),
        (["--seed", "-1"], 2, "--seed"),
        (["--sampler", "stan"], 2, "--sampler"),
        (["--set", "x"], 2, "KEY=VALUE"),
        (["--decide", "border"], 2, "must be NAME=keep, NAME=drop or NAME=merge"),
        (["--decide", "border=skip"], 2, "must be NAME=keep, NAME=drop or NAME=merge"),
        (["--decide", "K=drop", "--decide", "K=keep"], 2, "'K' is decided twice"),
        (["--decide", "border=drop"], 1, "decision 'border'"),
        (["--plot", "years.jpg"], 1, "A picture is written as .svg, .png, .pdf"),
        (["--plot", "nowhere/years.svg"], 1, "Make it first."),
        (["--probability", "women > 5"], 1, "There is no group 'women'."),
        (["--probability", "total > many"], 1, "Write 50000"),
        (["--probability", "total > 50.000"], 1, "can be read in more than one way"),
        (["--probability", "total > 50,000"], 1, "can be read in more than one way"),
        (["--probability", "total coverage < 0,2"], 1, "can be read in more than one way"),
        (["--probability", "total coverage < 20"], 1, "Write 0.2 for 20 %"),
        (["--probability", "total weight > 5"], 1, "no quantity 'weight'"),
        (["--priors", "widee"], 1, "Did you mean 'wide'?"),
        (["--set", "coverage.ods.log_normal=[0,1]"], 1, "Did you mean 'odds'?"),
    ],
)
def test_wrong_options_cost_no_time_and_leave_nothing(darkfigure, tmp_path, arguments, code, fragment):
    study = study_in(tmp_path / "s")
    out = () if "--out" in arguments else ("--out", "deep/run")
    outcome = darkfigure("estimate", study, *arguments, *out)
    assert outcome.code == code
    assert outcome.out == ""
    assert fragment in outcome.err
    assert "Traceback" not in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_the_studys_other_priors_stand_beside_unless_alone(darkfigure, tmp_path):
    study = write_series(tmp_path / "s")
    both = darkfigure("estimate", study, *QUICK, "--full")
    assert both.code == 0
    assert "THE SAME NUMBERS UNDER OTHER ASSUMPTIONS" in both.out
    assert max(map(len, both.out.splitlines())) <= 80
    alone = darkfigure("estimate", study, *QUICK, "--alone", "--json")
    assert "beside" not in json.loads(alone.out)
    numbers = json.loads(darkfigure("estimate", study, *QUICK, "--json").out)
    assert list(numbers["beside"]) == ["moderate"]
    assert numbers["groups"] == json.loads(alone.out)["groups"]
    other = json.loads(darkfigure("estimate", study, *QUICK, "--json", "--priors", "moderate").out)
    assert list(other["beside"]) == ["independence"]
    assert other["groups"] == numbers["beside"]["moderate"]["groups"]


def test_a_decision_can_be_made_otherwise_for_one_run(darkfigure, tmp_path):
    study = write_series(tmp_path / "s")
    kept = darkfigure("estimate", study, *QUICK, "--alone", "--json", "--decide", "border-police=keep")
    dropped = darkfigure("estimate", study, *QUICK, "--alone", "--decide", "border-police=drop", "--out", "run")
    assert dropped.code == 2, "--out and --no-out"
    to_run = ("--alone", "--decide", "border-police=drop", "--out", "run")
    dropped = darkfigure("estimate", study, *QUICK[:-1], *to_run, "--sources")
    assert "Border police (K) dropped for 2014-2016 (for this run only" in " ".join(dropped.out.split())
    (decision,) = json.loads(kept.out)["decisions"]
    assert (decision["choice"], decision["for_this_run"]) == ("keep", False)
    facts = json.loads((tmp_path / "run" / "manifest.json").read_text())["facts"]
    assert (facts["decisions"][0]["choice"], facts["decisions"][0]["for_this_run"]) == ("drop", True)
    found = json.loads((tmp_path / "run" / "estimate.json").read_text())
    assert found["groups"]["total"]["registered"] < json.loads(kept.out)["groups"]["total"]["registered"]


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_picture(darkfigure, tmp_path, ending):
    study = write_series(tmp_path / "s")
    target = f"years.{ending}"
    outcome = darkfigure("estimate", study, *QUICK, "--alone", "--plot", target)
    assert outcome.code == 0
    assert outcome.err.endswith(words_in().text("figure.written", path=target) + "\n")
    content = (tmp_path / target).read_bytes()
    assert content.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[ending])
    again = darkfigure("estimate", study, *QUICK, "--plot", target)
    assert again.code == 1
    assert "This exists already" in again.err
    assert (tmp_path / target).read_bytes() == content


def test_a_picture_of_groups_where_there_are_no_years(darkfigure, tmp_path):
    outcome = darkfigure("estimate", study_in(tmp_path / "s", "synthetic"), *QUICK, "--plot", "groups.svg")
    assert outcome.code == 0
    assert (tmp_path / "groups.svg").stat().st_size > 1000


def test_no_picture_of_what_is_not_shown(darkfigure, tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "convergence_limits", lambda: replace(convergence_limits(), effective_draws=1e9))
    study = study_in(tmp_path / "s")
    outcome = darkfigure("estimate", study, "--draws", "100", "--chains", "2", "--no-out", "--plot", "x.svg")
    assert outcome.code == 3
    assert words_in().text("figure.none") in outcome.err
    assert not (tmp_path / "x.svg").exists()


def test_debug_shows_where(darkfigure, tmp_path):
    outcome = darkfigure("estimate", study_in(tmp_path / "s"), "--priors", "widee", "--debug")
    assert outcome.code == 1
    assert "Traceback" in outcome.err
    assert "Traceback" not in outcome.out
