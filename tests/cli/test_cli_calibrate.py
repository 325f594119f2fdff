"""``darkfigure calibrate``: what it prints, keeps and goes on from; the fits themselves are stand-ins."""

from __future__ import annotations

import json
import stat
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from estimator.calibration import grid, held_out_fits, sbc
from estimator.words.words import words_in
from tests.calibration.test_grid import fake_fit

STUDY = "nl-2010-2015-5lists"


def fake_ranks(payload, wrong=False):
    rng = np.random.default_rng(payload["seed"])
    ranks = {f"N {name}": int(rng.integers(0, 100)) for name in payload["shape"]["groups"]}
    ranks["dependence P&K"] = int(rng.integers(0, 40 if wrong else 100))
    return {
        "ranks": ranks,
        "attempts": 1,
        "rhat": 1.0,
        "effective": 800.0,
        "divergences": 0,
        "tries": 1,
        "registered": 9,
    }


@pytest.fixture
def quick(monkeypatch):
    """Fits that take no time."""
    monkeypatch.setattr(sbc, "rank_one", fake_ranks)
    monkeypatch.setattr(grid, "fit_one", fake_fit)


def no_wider_than_a_page(text):
    return max(map(len, text.splitlines())) <= 80


def test_sbc_says_that_all_is_well(darkfigure, quick, tmp_path):
    done = darkfigure("calibrate", STUDY, "--sbc", "200", "--workers", "1", "--out", "kept")
    assert done.code == 0
    words = " ".join(done.out.split())
    assert "Calibrated: in 200 simulations the ranks of all 2 quantities are uniform" in words
    assert no_wider_than_a_page(done.out)
    assert "Written in kept: sbc.json, sbc-moderate.svg" in done.err
    record = json.loads((tmp_path / "kept" / "sbc.json").read_text())
    assert record["priors"]["moderate"]["simulations"] == 200
    assert stat.S_IMODE((tmp_path / "kept" / "sbc.json").stat().st_mode) == 0o600
    picture = ET.parse(tmp_path / "kept" / "sbc-moderate.svg").getroot()
    assert "dependence P&K" in "".join(picture.itertext())


def test_everything_is_said_in_dutch_when_asked(darkfigure, quick, tmp_path):
    arguments = ("--sbc", "40", "--grid", "--simulations", "2", "--workers", "1", "--out", "kept", "--language", "nl")
    done = darkfigure("calibrate", STUDY, *arguments)
    assert done.code == 0
    words = " ".join(done.out.split())
    for text in (
        "Gekalibreerd: in 40 simulaties",
        "gem. rang",
        "Registers onafhankelijk van elkaar",
        "vooronderstelling",
    ):
        assert text in words
    assert no_wider_than_a_page(done.out)
    assert "Weggeschreven in kept" in done.err
    picture = "".join(ET.parse(tmp_path / "kept" / "grid.svg").getroot().itertext())
    assert "Alle paren registers" in picture


def test_a_wrong_computation_is_exit_code_3(darkfigure, monkeypatch):
    monkeypatch.setattr(sbc, "rank_one", lambda payload: fake_ranks(payload, wrong=True))
    done = darkfigure("calibrate", STUDY, "--sbc", "100", "--workers", "1")
    assert done.code == 3
    assert "Not calibrated: in 100 simulations the ranks of dependence P&K" in " ".join(done.out.split())


def test_sbc_goes_on_where_it_was_broken_off(darkfigure, monkeypatch, tmp_path):
    """The thirtieth simulation is interrupted: what is done is kept, and the result is that of an undisturbed run."""
    done = []

    def interrupted(payload):
        if len(done) == 29:
            raise KeyboardInterrupt
        done.append(payload["seed"])
        return fake_ranks(payload)

    monkeypatch.setattr(sbc, "rank_one", interrupted)
    command = ("calibrate", STUDY, "--sbc", "60", "--workers", "1", "--json", "--out")
    stopped = darkfigure(*command, "kept")
    assert stopped.code == 130
    assert "29 of 60 fits are done and kept in kept. Run the same command again to go on." in stopped.err
    assert stopped.out == ""
    monkeypatch.setattr(sbc, "rank_one", lambda payload: done.append(payload["seed"]) or fake_ranks(payload))
    resumed = darkfigure(*command, "kept")
    assert len(done) == len(set(done)) == 60
    undisturbed = darkfigure(*command, "other")
    assert json.loads(resumed.out) == json.loads(undisturbed.out)


def test_interrupted_without_a_folder_it_says_how_to_keep(darkfigure, monkeypatch):
    def interrupted(payload):
        raise KeyboardInterrupt

    monkeypatch.setattr(sbc, "rank_one", interrupted)
    stopped = darkfigure("calibrate", STUDY, "--sbc", "20", "--workers", "1")
    assert stopped.code == 130
    assert "0 of 20 fits are done, and none is kept: --out names a folder" in stopped.err


def test_fits_that_fail_are_named_and_tried_again(darkfigure, monkeypatch):
    def failing(payload):
        if payload["seed"] % 3 == 0:
            raise ValueError("the matrix is singular")
        return fake_ranks(payload)

    monkeypatch.setattr(sbc, "rank_one", failing)
    command = ("calibrate", STUDY, "--sbc", "30", "--workers", "1", "--out", "kept")
    done = darkfigure(*command)
    assert done.code == 1
    assert "fits could not be done. Run the same command again" in done.err
    assert "the matrix is singular" in " ".join(done.out.split())
    monkeypatch.setattr(sbc, "rank_one", fake_ranks)
    assert darkfigure(*command).code == 0


def test_the_grid_puts_all_shipped_priors_side_by_side(darkfigure, quick, tmp_path):
    done = darkfigure("calibrate", STUDY, "--grid", "--simulations", "5", "--workers", "1", "--out", "kept")
    assert done.code == 0
    for words in ("Lists independent of each other", "Dependence drawn from the evidence", "nl-2017", "horseshoe"):
        assert words in done.out
    assert no_wider_than_a_page(done.out)
    record = json.loads((tmp_path / "kept" / "grid.json").read_text())
    assert len(record["scenarios"]) == 22 + 4
    assert record["scenarios"][0]["priors"]["evidence"]["coverage"]["0.95"]["value"] == 1.0
    assert "evidence / nl-2017" in record["width_ratios_under_independence"]
    assert "moderate" in "".join(ET.parse(tmp_path / "kept" / "grid.svg").getroot().itertext())


def test_both_at_once_as_json(darkfigure, quick):
    arguments = ("--sbc", "20", "--grid", "--simulations", "2", "--priors", "nl-2017", "--workers", "1", "--json")
    done = darkfigure("calibrate", STUDY, *arguments)
    assert done.code == 0
    record = json.loads(done.out)
    assert set(record) == {"sbc", "grid"}
    assert list(record["sbc"]["priors"]) == ["nl-2017"]
    assert list(record["grid"]["scenarios"][0]["priors"]) == ["nl-2017"]


def test_a_study_whose_lists_hardly_overlap_has_no_scenarios_of_its_own(darkfigure, quick, tmp_path):
    (tmp_path / "table.csv").write_text("A,B,count\n1,0,20\n0,1,30\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text('title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n', encoding="utf-8")
    done = darkfigure("calibrate", str(tmp_path), "--grid", "--simulations", "2", "--workers", "1", "--json")
    assert "overlap too little" in done.err
    assert len(json.loads(done.out)["grid"]["scenarios"]) == 22


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--sbc", "20"), "so that there is nothing to draw truths and tables from"),
        (("--held-out", "--priors", "wide"), "takes no prior assumptions"),
        (("--grid", "--method", "logliner"), "Did you mean 'loglinear'?"),
        (("--grid", "--option", "form=triples"), "'triples' is no choice here"),
    ],
)
def test_what_a_method_cannot_do_is_refused_with_the_reason(darkfigure, quick, tmp_path, asked, said):
    (tmp_path / "table.csv").write_text("A,B,count\n1,0,20\n0,1,30\n1,1,9\n", encoding="utf-8")
    text = 'title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n[model]\nmethod = "lower-bound"\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    done = darkfigure("calibrate", str(tmp_path), *asked, "--workers", "1")
    assert done.code == 1
    assert said in " ".join(done.err.split())


@pytest.mark.parametrize(("language", "said"), [("en", "gives a lower bound"), ("nl", "geeft een ondergrens")])
def test_a_lower_bound_is_held_against_lists_of_known_size(darkfigure, language, said):
    """No stand-in: this method draws in no time."""
    asked = ("calibrate", STUDY, "--held-out", "--method", "lower-bound", "--workers", "1", "--language", language)
    done = darkfigure(*asked)
    assert done.code == 0
    assert said in done.out
    assert "95 times in 100" not in done.out
    assert no_wider_than_a_page(done.out)
    report = json.loads(darkfigure(*asked, "--json").out)["held_out"]
    assert (report["method"], report["bound"], list(report["scores"])) == ("lower-bound", True, ["none"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((STUDY,), "Say what to do"),
        ((STUDY, "uk-2013", "--sbc", "20"), "Name one study"),
        ((STUDY, "--grid", "--whole-grid"), "Give one of the two"),
        ((STUDY, "--sbc", "5"), "not in the range"),
        (("--grid",), "Name one study"),
        (("--sbc",), "Name one study"),
    ],
)
def test_wrong_use_is_explained(darkfigure, quick, arguments, words):
    done = darkfigure("calibrate", *arguments)
    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nl-2099", "--sbc", "20"), "nl-2099"),
        ((STUDY, "--sbc", "20", "--priors", "defualt"), "default"),
        ((STUDY, "--grid", "--priors", "no.toml"), "no.toml"),
    ],
)
def test_bad_input_is_one_sentence(darkfigure, quick, arguments, words):
    done = darkfigure("calibrate", *arguments)
    assert done.code == 1
    assert words in done.err
    assert "Traceback" not in done.err


def fake_held_out(payload):
    held, _ = held_out_fits.held_out_of(held_out_fits.Source(**payload["source"]), payload["list"])
    factors = (0.5, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0)
    return {
        "size": held.size,
        "registered": held.table.registered.lower,
        "unseen": held.unseen,
        "lists": held.table.n_lists,
        "quantiles": [held.size * factor for factor in factors],
        "rhat": 1.0,
        "divergences": 0,
    }


@pytest.fixture
def quick_held_out(monkeypatch):
    """Held-out fits that take no time, and are right."""
    monkeypatch.setattr(held_out_fits, "fit_held_out", fake_held_out)


def test_lists_are_held_out_of_several_tables(darkfigure, quick_held_out, tmp_path):
    rows = ("1;0;0;61", "0;1;0;55", "0;0;1;40", "1;1;0;30", "1;0;1;24", "0;1;1;9", "1;1;1;13")
    (tmp_path / "ours.csv").write_text("\n".join(["A;B;C;count", *rows]) + "\n")
    arguments = ("--priors", "evidence", "--priors", "nl-2017", "--workers", "1", "--out", "kept")
    done = darkfigure("calibrate", "ours.csv", "spina-bifida-1969", "--held-out", *arguments)
    assert done.code == 0, done.err
    assert "Held-out lists: 6 lists of 2 tables" in done.out
    assert "By table, priors nl-2017" in done.out
    assert "no test of them" in " ".join(done.out.split())
    assert no_wider_than_a_page(done.out)
    assert "Written in kept: held-out.json, held-out.svg" in done.err
    record = json.loads((tmp_path / "kept" / "held-out.json").read_text())
    assert record["scores"]["evidence"]["by_table"]["ours"]["coverage"] == {"0.5": 1.0, "0.8": 1.0, "0.95": 1.0}
    assert record["learned_from"] == ["spina-bifida-1969"]
    assert stat.S_IMODE((tmp_path / "kept" / "held-out.json").stat().st_mode) == 0o600
    ET.parse(tmp_path / "kept" / "held-out.svg")


def test_held_out_lists_in_dutch(darkfigure, quick_held_out):
    arguments = ("--priors", "evidence", "--workers", "1", "--language", "nl")
    done = darkfigure("calibrate", "spina-bifida-1969", "--held-out", *arguments)
    assert done.code == 0, done.err
    assert "Achtergehouden registers: 3 registers van één tabel" in done.out
    assert no_wider_than_a_page(done.out)
    refused = darkfigure("calibrate", "artificial-3", "--held-out", *arguments)
    assert refused.code == 3
    assert "Van deze studies kan geen enkel register worden achtergehouden" in " ".join(refused.err.split())


def test_without_a_study_all_shipped_public_tables_are_taken(darkfigure, quick_held_out):
    done = darkfigure("calibrate", "--held-out", "--workers", "1", "--json")
    assert done.code == 0, done.err
    record = json.loads(done.out)["held_out"]
    assert list(record["scores"]) == ["evidence", "horseshoe", "independence", "moderate", "nl-2017", "wide"]
    tables = set(record["scores"]["wide"]["by_table"])
    assert {"kosovo-1999", "uk-2013", "gaza-2023-24"} <= tables
    assert not {"artificial-3", "nl-2010-2015-reconstructed"} & tables


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("artificial-3",), 3, "No list of these studies can be held out"),
        (("uk-2013", "uk-2013"), 1, "named twice"),
        (("uk-2031",), 1, "Did you mean 'uk-2013'?"),
        (("none.csv",), 1, "none.csv"),
        (("uk-2013", "--priors", "wdie"), 1, "Did you mean 'wide'?"),
        (("uk-2013", "--priors", "wide", "--priors", "wide"), 1, "say the same"),
    ],
)
def test_what_cannot_be_held_out_is_one_sentence(darkfigure, quick_held_out, arguments, code, words):
    done = darkfigure("calibrate", *arguments, "--held-out", "--workers", "1")
    assert done.code == code
    assert done.out == ""
    assert words in " ".join(done.err.split())
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_processes_give_what_this_process_gives(darkfigure):
    found = [
        darkfigure("calibrate", STUDY, "--sbc", "20", "--workers", workers, "--json").out for workers in ("1", "2")
    ]
    assert json.loads(found[0]) == json.loads(found[1])


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_command_prints_a_page_and_writes_it(darkfigure, quick_held_out, tmp_path, language):
    done = darkfigure(
        *("calibrate", "kosovo-1999", "uk-2013", "--held-out", "--all-methods", "--priors", "wide", "--workers", "1"),
        *("--out", "kept", "--language", language),
    )
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= 80
    page = (tmp_path / "kept" / "methods-held-out.md").read_text("utf-8")
    assert page.startswith(f"# {words_in(language).text('held-out.methods.title')}")
    record = json.loads((tmp_path / "kept" / "methods-held-out.json").read_text("utf-8"))
    for row in record["methods"]:
        assert row["method"] in page
        assert row["method"] in done.out


@pytest.mark.parametrize("more", [("--method", "lower-bound"), ("--option", "form=pairs")])
def test_all_methods_is_all_methods(darkfigure, more):
    assert darkfigure("calibrate", "kosovo-1999", "--held-out", "--all-methods", *more).code == 2
    assert darkfigure("calibrate", "kosovo-1999", "--sbc", "20", "--all-methods").code == 2
