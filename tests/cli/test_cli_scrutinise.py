"""``darkfigure scrutinise``, from a run folder to what is printed and written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from estimator.checks import all_checks as checks
from tests.scrutiny.scrutiny_examples import (
    CAREFUL,
    FAILING,
    SOUND_ONLY,
    breaks_off,
    check,
    copied,
    estimated,
    faulty,
    mended,
    say_it,
)

ROOT = Path(__file__).resolve().parents[2]
WHY = "The council wants a number this year, and this is the best that there is."


@pytest.fixture(autouse=True)
def words(monkeypatch):
    say_it(monkeypatch)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    estimated(folder)
    return folder


@pytest.fixture
def run(town, tmp_path):
    return copied(town, tmp_path / "town")


@pytest.fixture
def with_checks(monkeypatch):
    """Puts other checks in the place of the real ones."""

    def put(found) -> None:
        for name in list(checks.CHECKS):
            monkeypatch.delitem(checks.CHECKS, name)
        for name, one in found.items():
            monkeypatch.setitem(checks.CHECKS, name, one)

    return put


def record(run):
    return json.loads((run / "estimate.json").read_text())


def test_a_scrutiny_is_printed_and_written(darkfigure, run, with_checks):
    with_checks(CAREFUL)
    outcome = darkfigure("scrutinise", str(run), "--range", "1200", "1800")
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert "sound    Is it steady? [steady]" in outcome.out
    assert "1200 to 1800, seed 1." in outcome.out
    assert "WITH CAUTION" in outcome.out
    assert outcome.err == f"Page written to {run / 'scrutiny.html'}\n"
    assert (run / "scrutiny.html").exists()
    assert record(run)["scrutiny"]["range"] == [1200, 1800]
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["scrutinised"]["command"][0] == "darkfigure"


def test_a_scrutiny_in_dutch(darkfigure, run, with_checks):
    with_checks(FAILING)
    outcome = darkfigure("scrutinise", str(run), "--language", "nl")
    assert outcome.code == 3
    assert "NIET GESCHIKT VOOR PUBLICATIE: één toets faalt." in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    page = (run / "scrutiny.html").read_text(encoding="utf-8")
    assert '<html lang="nl">' in page
    assert "95%-interval" in page
    english = json.loads((run / "scrutiny.json").read_text())
    darkfigure("scrutinise", str(run), "--language", "en")
    again = json.loads((run / "scrutiny.json").read_text())
    for record in (english, again):
        record.pop("date")
        for finding in record["findings"]:
            finding.pop("date")
    assert english == again, "the record is the same in every language"


def test_not_fit_to_publish_is_exit_code_3(darkfigure, run, with_checks):
    with_checks(FAILING)
    outcome = darkfigure("scrutinise", str(run))
    assert outcome.code == 3
    assert "NOT FIT TO PUBLISH: one check fails." in outcome.out
    assert record(run)["publishable"] is False
    with_checks({**CAREFUL, "failing": check(mended)})
    assert darkfigure("scrutinise", str(run)).code == 0
    assert record(run)["publishable"] is True


def test_json_is_the_file_that_was_written(darkfigure, run, with_checks):
    with_checks(FAILING)
    outcome = darkfigure("scrutinise", str(run), "--json", "--seed", "5", "--simulations", "7")
    assert outcome.code == 3
    found = json.loads(outcome.out)
    assert found == json.loads((run / "scrutiny.json").read_text())
    assert (found["seed"], found["simulations"], found["verdict"]) == (5, 7, "fails")


def test_some_checks_only(darkfigure, run, with_checks):
    with_checks(FAILING)
    outcome = darkfigure("scrutinise", str(run), "--checks", "wary, steady")
    assert outcome.code == 0
    assert "Not done: failing." in outcome.out
    outcome = darkfigure("scrutinise", str(run), "--skip", "wary")
    assert outcome.code == 3
    assert "Not done" not in outcome.out, "wary was done before"


def test_quick_leaves_out_what_samples_again(darkfigure, run, with_checks):
    with_checks(FAILING)
    assert "Not done: failing." in darkfigure("scrutinise", str(run), "--quick").out


def test_a_check_that_breaks_is_no_traceback(darkfigure, run, with_checks):
    with_checks({**SOUND_ONLY, "faulty": check(faulty)})
    outcome = darkfigure("scrutinise", str(run))
    assert outcome.code == 0
    assert "not done Does it run? [faulty]" in outcome.out
    assert "Traceback" not in outcome.out + outcome.err
    outcome = darkfigure("scrutinise", str(run), "--debug")
    assert "Traceback" in outcome.err
    assert "ZeroDivisionError" in outcome.err


def test_refits_of_a_scrutiny_that_broke_off_are_taken_up(darkfigure, run, with_checks):
    with_checks({"steady": check(breaks_off)})
    outcome = darkfigure("scrutinise", str(run))
    assert outcome.code == 130
    assert "scrutiny" not in record(run)
    assert (run / ".scrutiny-fits").is_dir()
    outcome = darkfigure("scrutinise", str(run))
    assert outcome.code == 0
    assert "It was taken up again." in outcome.out
    assert sorted(path.name for path in run.iterdir()) == [
        "estimate.csv",
        "estimate.json",
        "manifest.json",
        "posterior.nc",
        "scrutiny.html",
        "scrutiny.json",
    ]


def test_publishing_against_advice(darkfigure, run, with_checks):
    with_checks(FAILING)
    darkfigure("scrutinise", str(run))
    outcome = darkfigure("scrutinise", str(run), "--publish-anyway", WHY, "--decided-by", "A. Jansen")
    assert outcome.code == 0
    assert "PUBLISHED AGAINST ADVICE by A. Jansen" in outcome.out
    assert record(run)["publishable"] is False
    again = darkfigure("scrutinise", str(run))
    assert again.code == 3, "advice is advice"
    for text in (again.out, darkfigure("compare", str(run), str(run)).out):
        words = " ".join(text.split())
        assert "PUBLISHED AGAINST ADVICE by A. Jansen" in words
        assert WHY in words
    outcome = darkfigure("scrutinise", str(run), "--publish-anyway", WHY, "--decided-by", "B. Smit", "--json")
    assert json.loads(outcome.out)["decided_by"] == "B. Smit"


@pytest.mark.parametrize(
    ("arguments", "code", "fragment"),
    [
        (["--publish-anyway", WHY], 2, "Give both"),
        (["--decided-by", "A. Jansen"], 2, "Give both"),
        (["--publish-anyway", WHY, "--decided-by", "A", "--quick"], 2, "Leave the other options out"),
        (["--publish-anyway", WHY, "--decided-by", "A", "--range", "0", "5"], 2, "Leave the other options out"),
        (["--publish-anyway", WHY, "--decided-by", "A"], 1, "was not scrutinised"),
        (["--checks", "steady", "--skip", "wary"], 2, "Give one of the two"),
        (["--checks", ","], 2, "Name checks"),
        (["--checks", "stedy"], 1, "Did you mean 'steady'?"),
        (["--range", "5", "5"], 2, "the smaller first"),
        (["--range", "-5", "5"], 2, "the smaller first"),
        (["--range", "5", "inf"], 2, "the smaller first"),
        (["--range", "nan", "5"], 2, "the smaller first"),
        (["--study", "nowhere"], 1, "nowhere"),
    ],
)
def test_wrong_use(darkfigure, run, with_checks, arguments, code, fragment):
    with_checks(FAILING)
    before = (run / "manifest.json").read_bytes()
    outcome = darkfigure("scrutinise", str(run), *arguments)
    assert outcome.code == code
    assert fragment in outcome.err
    assert outcome.out == ""
    assert (run / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("place", "fragment"),
    [("nowhere", "There is no such run folder"), ("study", "This is a study, not a run"), (".", "is not a run")],
)
def test_what_is_no_run(darkfigure, run, place, fragment):
    outcome = darkfigure("scrutinise", str(run.parent / place))
    assert outcome.code == 1
    assert fragment in outcome.err


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be written by root")
def test_a_run_that_may_not_be_written(darkfigure, run):
    run.chmod(0o500)
    outcome = darkfigure("scrutinise", str(run))
    assert outcome.code == 1
    assert "may not write into this run" in outcome.err


def test_help_is_light():
    code = (
        "import sys; from estimator.cli.main import run; run(['scrutinise', '--help']); "
        "print([name for name in ('scipy', 'matplotlib', 'numpy', 'xarray', 'numba') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


ASKED = [name for name in checks.CHECKS if name != "unknown-levels"]
"""Of the small study, of whose people everything is known."""


@pytest.mark.slow
def test_every_check_on_a_small_study(darkfigure, run):
    outcome = darkfigure("scrutinise", str(run), "--simulations", "4")
    assert outcome.code in (0, 3)
    assert "not done" not in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert [one["check"] for one in record(run)["scrutiny"]["checks"]] == ASKED
    page = (run / "scrutiny.html").read_text()
    assert page.count("<svg") == len(ASKED)
    assert "could not be drawn" not in page
