"""Bad input, through the command line: where it is, what is wrong, what to do; exit code 1; nothing written.

Every case goes through ``check`` and through ``estimate --out``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import pytest

from estimator.runs import writing as run_module
from estimator.study.priors import read_priors

ROOT = Path(__file__).resolve().parents[2]
LISTS = 'title = "t"\nsource = "s"\n[lists.P]\n[lists.K]\n[lists.Z]\n'
YEARS = LISTS + "[covariates.year]\nlevels = [2014, 2015]\n"
TABLE = "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,5\n0,1,1,4\n"
BY_YEAR = "year,P,K,Z,count\n2014,1,0,0,40\n2014,0,1,0,30\n2015,0,0,1,20\n2015,1,1,0,5\n"


def write(folder: Path, table: str | bytes | None = TABLE, study: str | bytes | None = LISTS) -> str:
    """Make a study in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("table.csv", table), ("study.toml", study)):
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return str(folder)


@pytest.fixture
def refused(darkfigure, tmp_path):
    """Run a study that is at fault by both commands; return the faults, one a line, as both say them."""

    def call(study: str, *options: str, code: int = 1, commands: tuple[str, ...] = ("check", "estimate")) -> list[str]:
        before = sorted(path for path in tmp_path.rglob("*"))
        said = []
        for command in commands:
            rest = ("--out", "deep/run", *options) if command == "estimate" else ()
            outcome = darkfigure(command, study, *rest)
            assert outcome.code == code, outcome.err or outcome.out
            assert outcome.out == ""
            assert "Traceback" not in outcome.err
            assert "fault of the tool" not in outcome.err
            said.append(outcome.err)
        assert len(set(said)) == 1, "both commands say the same"
        assert sorted(path for path in tmp_path.rglob("*")) == before, "nothing is written, not even a .part"
        assert all(len(line) < 1600 for line in said[0].splitlines())
        return said[0].splitlines()

    return call


def one(lines: list[str], where: str, *fragments: str) -> None:
    """Check that there is one fault, where it is, and what is said of it."""
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"Error: {where}: "), lines[0]
    for fragment in fragments:
        assert fragment in lines[0], lines[0]


def changed(old: str, new: str, text: str = TABLE) -> str:
    """Return a text with one change."""
    assert text.count(old) == 1
    return text.replace(old, new)


CSV = "s/table.csv"
TABLES = {
    "empty": ("", CSV, "The file is empty", "names of the columns"),
    "blank": ("\n  \n,,,\n", CSV, "The file is empty", "names of the columns"),
    "header only": ("P,K,Z,count\n", CSV, "no rows below the header", "Add one row"),
    "no header": (TABLE.split("\n", 1)[1], f"{CSV}, line 1", "no header", "Put the names of the columns"),
    "no header, by year": ("x,1,0,0,40\nx,0,1,0,3\n", f"{CSV}, line 1", "no header", "Put the names of the columns"),
    "negative": (changed("40", "-40"), f"{CSV}, line 2, column count", "'-40' is negative", "Write a whole number"),
    "fraction": (changed("40", "4.5"), f"{CSV}, line 2, column count", "'4.5' is not a whole", "Write a whole number"),
    "text": (changed("40", "many"), f"{CSV}, line 2, column count", "'many' is not a count", "Write a whole number"),
    "NA": (changed("40", "NA"), f"{CSV}, line 2, column count", "'NA' is not a count", "leave the cell blank"),
    "inf": (changed("40", "inf"), f"{CSV}, line 2, column count", "'inf' is not a count", "Write a whole number"),
    "sci": (changed("40", "4e1"), f"{CSV}, line 2, column count", "'4e1' is not a count", "Write a whole number"),
    "huge": (changed("40", "9" * 5000), f"{CSV}, line 2, column count", "more persons than", "Check the number"),
    "date": (changed("40", "1-apr"), f"{CSV}, line 2, column count", "'1-apr' looks like a date", "format Text"),
    "yes": (changed("1,0,0,40", "yes,0,0,40"), f"{CSV}, line 2, column P", "'yes'", "Write 1 (yes), 0 (no)"),
    "two": (changed("1,0,0,40", "2,0,0,40"), f"{CSV}, line 2, column P", "'2'", "Write 1 (yes), 0 (no)"),
    "twice": (TABLE + "1,0,0,7\n", f"{CSV}, line 7", "same lists and levels as line 2", "Add the two counts"),
    "unseen": (TABLE + "0,0,0,7\n", f"{CSV}, line 7, column count", "on no list", "Leave the count blank"),
    "zeros": ("P,K,Z,count\n1,0,0,0\n0,1,0,0\n1,1,0,0\n", f"{CSV}, column count", "All counts are zero", "Check that"),
    "interval": (changed("40", "9-4"), f"{CSV}, line 2, column count", "impossible interval", "as in 1-4"),
    "below zero": (changed("40", "<0"), f"{CSV}, line 2, column count", "impossible interval", "as in 1-4"),
    "thousands ,": (changed("40", '"1,234"'), f"{CSV}, line 2, column count", "thousands separator", "Write 1234"),
    "thousands .": (changed("40", "1.234"), f"{CSV}, line 2, column count", "thousands separator", "Write 1234"),
    "thousands blank": (
        changed("40", "1\u00a0234"),
        f"{CSV}, line 2, column count",
        "thousands separator",
        "Write 1234",
    ),
    "decimal comma": (changed("40", "40,0"), f"{CSV}, line 2", "5 cells and the header 4", "quotation marks"),
    "decimal comma, semicolons": (
        TABLE.replace(",", ";").replace("40", "40,5"),
        f"{CSV}, line 2, column count",
        "'40,5' is not a whole number",
        "Write a whole number",
    ),
    "short row": (changed("1,1,0,5", "1,1,0"), f"{CSV}, line 5", "3 cells and the header 4", "Add the missing cells"),
    "bars": (
        TABLE.replace(",", "|"),
        f"{CSV}, line 1",
        "only one column here, 'P|K|Z|count'",
        "commas, semicolons or tabs",
    ),
    "open quote": (changed("40", '"40'), f"{CSV}, line 2", "quotation mark", "Close it"),
    "long cell": (changed("40", '"' + "4" * 200_000 + '"'), f"{CSV}, line 2", "longer than any", "right file"),
    "two columns alike": (changed("K,Z", "K,K"), f"{CSV}, line 1, column K", "Columns 2 and 3", "Rename or delete"),
    "nameless": (changed("K,Z", "K,"), f"{CSV}, line 1", "Column 3 has no name", "Name it"),
    "latin-1": (changed("40", "4\u00e9").encode("latin-1"), f"{CSV}, line 2", "not UTF-8", "CSV UTF-8"),
    "utf-16 without a mark": (TABLE.encode("utf-16-le"), f"{CSV}, line 1", "no text", "CSV UTF-8"),
    "half utf-16": (TABLE.encode("utf-16")[:-1], CSV, "not in the encoding that it claims", "CSV UTF-8"),
    "nul": (changed("40", "4\0"), f"{CSV}, line 2", "no text", "CSV UTF-8"),
    "excel": (b"PK\x03\x04" + bytes(100), CSV, "spreadsheet, not a CSV", "CSV UTF-8"),
}


@pytest.mark.parametrize("case", TABLES)
def test_tables(refused, tmp_path, case):
    table, where, *fragments = TABLES[case]
    one(refused(write(tmp_path / "s", table).removeprefix(f"{tmp_path}/")), where, *fragments)


def test_misspelt_names_in_the_table(refused, tmp_path):
    write(tmp_path / "s", changed("Z,", "z,"))
    missing, unknown = refused("s")
    assert missing.startswith("Error: s/table.csv, line 1: There is no column 'Z' for the list.")
    assert "Did you mean 'z'?" in missing
    assert unknown.startswith("Error: s/table.csv, line 1, column z: ")
    assert "Did you mean 'Z'?" in unknown
    write(tmp_path / "s", changed("2014,1,", "214,1,", BY_YEAR), YEARS)
    one(refused("s"), "s/table.csv, line 2, column year", "'214' is no declared level", "Did you mean '2014'?")


TOML = "s/study.toml"
STUDIES = {
    "syntax": (LISTS + "x = \n", f"{TOML}, line 6, column 5", "not valid TOML", 'Text goes in "double quotes"'),
    "twice": (LISTS + "[lists.P]\n", f"{TOML}, line 6, column 9", "not valid TOML", "once only"),
    "latin-1": ((LISTS + "# \u00e9").encode("latin-1"), f"{TOML}, line 6", "not in UTF-8", "save it"),
    "utf-16": (LISTS.encode("utf-16"), f"{TOML}, line 1", "not in UTF-8", "save it"),
    "brackets": (LISTS + "x = " + "[" * 50_000, TOML, "too many brackets", "not closed"),
    "unknown key": (LISTS + "[model]\nprior = 'x'\n", f"{TOML}, line 7, key model.prior", "no key", "mean 'priors'?"),
    "unknown section": (LISTS + "[modle]\n", f"{TOML}, line 6, key modle", "no key", "Did you mean 'model'?"),
    "wrong type": (changed('"t"', "2014", LISTS), f"{TOML}, line 1, key title", "Found 2014", 'text in "quotes"'),
    "no lists": ('title="t"\nsource="s"\n', f"{TOML}, key lists", "missing", "[lists.NAME]"),
    "one list": ('title="t"\nsource="s"\n[lists.P]\n', f"{TOML}, line 3, key lists", "one list", "Add a list."),
    "lists in a row": ('title="t"\nsource="s"\nlists=["P"]\n', f"{TOML}, line 3, key lists", '["P"]', "[lists.NAME]"),
    "list named count": (
        changed("s.Z", "s.count", LISTS),
        f"{TOML}, line 5, key lists.count",
        "'count'",
        "another name",
    ),
    "list with &": (changed("s.Z", 's."A&B"', LISTS), f'{TOML}, line 5, key lists."A&B"', "'A&B'", "another name"),
    "list and covariate": (
        LISTS + "[covariates.P]\nlevels=[1,2]\n",
        f"{TOML}, line 6, key covariates",
        "'P'",
        "Rename",
    ),
    "unknown level": (
        YEARS + "[groups.a]\nwhere = {year = 2016}\n",
        f"{TOML}, line 9, key groups.a.where",
        "'2016'",
        "Did you mean",
    ),
    "unknown list": (
        LISTS + '[[structural_zeros]]\nlists = ["P", "k"]\nreason = "r"\n',
        f"{TOML}, line 6, key structural_zeros[1]",
        "'k'",
        "Did you mean 'K'?",
    ),
    "17 lists": (
        LISTS + "".join(f"[lists.L{i}]\n" for i in range(14)),
        f"{TOML}, line 3, key lists",
        "17 lists",
        "Merge",
    ),
    "unknown priors": (
        LISTS + "[model]\npriors = 'widee'\n",
        f"{TOML}, line 7, key model.priors",
        "'widee'",
        "'wide'?",
    ),
    "no table": (
        'table = "tabel.csv"\n' + LISTS,
        f"{TOML}, line 1, key table",
        "no table",
        "Did you mean 'table.csv'?",
    ),
    "table is a folder": ('table = "."\n' + LISTS, f"{TOML}, line 1, key table", "is a folder", "path of the file"),
    "wrong kind": ('table_kind = "real"\n' + LISTS, f"{TOML}, line 1, key table_kind", '"real"', '"observed"'),
}


@pytest.mark.parametrize("case", STUDIES)
def test_studies(refused, tmp_path, case):
    study, where, *fragments = STUDIES[case]
    write(tmp_path / "s", BY_YEAR if isinstance(study, str) and study.startswith(YEARS) else TABLE, study)
    one(refused("s"), where, *fragments)


def test_all_faults_in_one_go(refused, tmp_path):
    study = LISTS + "[modle]\n[period]\nyaers = 2\n[groups.women]\nwhere = {sex = 'f'}\n[model]\npriors = 'widee'\n"
    write(tmp_path / "s", TABLE.replace("40", "-40").replace("30", "3.5") + "0,0,0,7\n", study)
    lines = refused("s")
    expected = [
        ("s/study.toml, line 6, key modle", "Did you mean 'model'?"),
        ("s/study.toml, line 8, key period.yaers", "Did you mean 'years'?"),
        ("s/study.toml, line 10, key groups.women.where", "no covariate 'sex'"),
        ("s/study.toml, line 12, key model.priors", "Did you mean 'wide'?"),
        ("s/table.csv, line 2, column count", "negative"),
        ("s/table.csv, line 3, column count", "not a whole number"),
        ("s/table.csv, line 7, column count", "on no list"),
    ]
    for where, fragment in expected:
        assert any(line.startswith(f"Error: {where}: ") and fragment in line for line in lines), (where, lines)
    assert len(lines) == len(expected)


def test_more_strata_than_memory(refused, tmp_path):
    covariates = "".join(f"[covariates.c{i}]\nlevels = {list(range(100))}\n" for i in range(9))
    header = ",".join(f"c{i}" for i in range(9))
    write(tmp_path / "s", f"{header},P,K,Z,count\n{'1,' * 9}1,1,0,5\n", LISTS + covariates)
    began = time.perf_counter()
    one(refused("s"), "s/table.csv", "fit in memory", "Merge levels", "'c0' has most levels, 100")
    assert time.perf_counter() - began < 20


def test_no_overlap_at_all(refused, darkfigure, tmp_path):
    write(tmp_path / "s", "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n")
    (line,) = refused("s", code=3, commands=("estimate",))
    assert "Nobody is on two lists" in line
    assert "Check whether persons were matched" in line
    assert darkfigure("check", "s").code == 3


PRIORS = {
    "unknown pair": (
        '\n[[dependence.pairs]]\nlists = ["P", "Q"]\nodds_ratio = { log_normal = [0, 1] }\nreason = "r"\n',
        "key dependence.pairs[1].lists",
        "no list 'Q'",
        "'P', 'K', 'Z'",
    ),
    "unknown key": ("\n[dependense]\n", "key dependense", "no key", "Did you mean 'dependence'?"),
    "syntax": ("\nx =\n", "column", "not valid TOML", "double quotes"),
    "impossible": (
        '\n[[coverage.lists]]\nlist = "P"\nodds = { between = [9, 4], probability = 0.9 }\nreason = "r"\n',
        "key coverage.lists[1].odds",
        "first below the second",
        "9",
    ),
}


@pytest.mark.parametrize("case", PRIORS)
def test_priors(refused, tmp_path, case):
    addition, key, *fragments = PRIORS[case]
    (tmp_path / "mine.toml").write_text(read_priors("moderate").path.read_text() + addition)
    write(tmp_path / "s")
    (line,) = refused("s", "--priors", "mine.toml", commands=("estimate",))
    assert line.startswith("Error: mine.toml, line ")
    assert all(fragment in line for fragment in (key, *fragments)), line


def test_priors_that_a_study_names_are_faults_of_the_study(refused, tmp_path):
    write(tmp_path / "s", study=LISTS + '[model]\npriors = "mine.toml"\n')
    (tmp_path / "s" / "mine.toml").write_text(read_priors("moderate").path.read_text() + PRIORS["unknown pair"][0])
    (line,) = refused("s")
    assert line.startswith("Error: s/mine.toml, line ")
    assert "no list 'Q'" in line


def test_a_missing_priors_file_names_no_other_files(refused, tmp_path):
    write(tmp_path / "s")
    (tmp_path / "secret-names.csv").write_text("x")
    (line,) = refused("s", "--priors", "nope.toml", commands=("estimate",))
    assert line == "Error: nope.toml: There is no such file. Known here: 's'."


PATHS = {
    "missing": ("nowhere/study.toml", "nowhere/study.toml", "no such file", "folder 'nowhere' does not exist"),
    "no study in the folder": ("empty", "empty", "no study.toml", "[lists.P]"),
    "a name": ("uk-2031", "uk-2031", "no study of this name", "Did you mean 'uk-2013'?"),
    "a table": ("s/table.csv", "s/table.csv", "a table, not a study", "[lists.P]"),
    "a device": ("/dev/null", "/dev/null", "neither a file nor a folder", "study.toml"),
    "a loop": ("loop", "loop", "a link that leads nowhere", "name the folder itself"),
    "a misspelt folder": ("./ss", "./ss", "no such file or folder", "Did you mean 's'?"),
}


@pytest.mark.parametrize("case", PATHS)
def test_paths(darkfigure, tmp_path, case):
    reference, where, *fragments = PATHS[case]
    write(tmp_path / "s")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    for command in (("check",), ("estimate", "--out", "run")):
        outcome = darkfigure(*command[:1], reference, *command[1:])
        assert outcome.code == 1
        assert outcome.out == ""
        assert outcome.err.startswith(f"Error: {where}: ")
        assert all(fragment in outcome.err for fragment in fragments), outcome.err
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["table.csv", "study.toml"])
@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_files_that_cannot_be_read(refused, tmp_path, monkeypatch, name, error):
    """By monkeypatch, because permissions do not bind the root user."""
    write(tmp_path / "s")
    original = os.open

    def opening(path, *arguments, **named) -> int:
        if str(path).endswith(f"s/{name}"):
            raise error
        return original(path, *arguments, **named)

    monkeypatch.setattr(os, "open", opening)
    lines = refused("s")
    assert len(lines) == 1
    assert lines[0].startswith(f"Error: s/{name}: ")
    assert "permission" in lines[0].lower() or "input/output error" in lines[0].lower()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root")
def test_a_table_without_permission(refused, tmp_path):
    write(tmp_path / "s")
    (tmp_path / "s" / "table.csv").chmod(0)
    one(refused("s"), "s/table.csv", "no permission", "Ask its owner")


OUTS = {
    "exists": ("there", "exists already", "another --out"),
    "the study": ("s", "exists already", "another --out"),
    "here": (".", "exists already", "another --out"),
    "a dangling link": ("link", "exists already", "another --out"),
    "under a file": ("s/table.csv/run", "is a file, not a folder", "another folder with --out"),
    "too long": ("x" * 300, "File name too long", "another folder with --out"),
    "up": ("new/..", "exists already", "another --out"),
}


@pytest.mark.parametrize("case", OUTS)
def test_output_folders(darkfigure, tmp_path, case):
    out, *fragments = OUTS[case]
    write(tmp_path / "s")
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    outcome = darkfigure("estimate", "s", "--out", out)
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err.startswith(f"Error: {out[:150]}")
    assert all(fragment in outcome.err for fragment in fragments), outcome.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder where even root may not write")
def test_an_unwritable_folder(darkfigure, tmp_path):
    write(tmp_path / "s")
    outcome = darkfigure("estimate", "s", "--out", "/proc/darkfigure/run")
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err.startswith("Error: /proc/darkfigure/run: The run could not be written (")
    assert "another folder with --out" in outcome.err


def test_an_unwritable_folder_leaves_no_parents(darkfigure, tmp_path, monkeypatch):
    def refuse(*_args, **_settings):
        raise PermissionError(13, "Permission denied")

    write(tmp_path / "s")
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    outcome = darkfigure("estimate", "s", "--out", "deep/er/run")
    assert outcome.code == 1
    assert "Error: deep/er/run: The run could not be written (Permission denied)" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


LIMITED = """
import resource, signal, sys
from estimator.cli.main import run
from estimator.methods.loglinear.density import machine_code
machine_code()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(run(["estimate", "s", "--draws", "200", "--chains", "2", "--out", "deep/er/run"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
@pytest.mark.parametrize("size", ["20000", "150000"])
def test_a_full_disk(tmp_path, size):
    """In a process of its own: HDF5 used to bring it down with a segmentation fault."""
    write(tmp_path / "s")
    outcome = subprocess.run(
        [sys.executable, "-c", LIMITED, size],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert outcome.returncode == 1, outcome.stderr
    assert "Estimated:" in outcome.stdout
    assert re.sub(r"^Took [\d.]+ s\.\n", "", outcome.stderr) == (
        "Error: deep/er/run: The run could not be written (File too large). "
        "Make room, or give another folder with --out.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_disk_that_fills_up_at_the_last_file(darkfigure, tmp_path, monkeypatch):
    write(tmp_path / "s")
    original = run_module._write

    def fill(path: Path, content: bytes) -> None:
        if path.name == "manifest.json":
            raise OSError(28, "No space left on device")
        original(path, content)

    monkeypatch.setattr(run_module, "_write", fill)
    outcome = darkfigure("estimate", "s", "--draws", "200", "--chains", "2", "--out", "run")
    assert outcome.code == 1
    assert "Estimated:" in outcome.out
    assert "\nError: run: The run could not be written (No space left on device). Make room" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_results_that_cannot_be_printed(process):
    with Path("/dev/full").open("w") as full:
        outcome = subprocess.run(
            [sys.executable, "-m", "estimator", "check", "uk-2013"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("Error: No space left on device.")
    assert "Traceback" not in outcome.stderr
    assert "Exception ignored" not in outcome.stderr


SECRET = "Jansen-de-Vries"


@pytest.mark.parametrize(
    "row",
    [
        f"{SECRET},x,0,0,40",
        f"{SECRET},1,0,0,-4",
        f"{SECRET},1,0,0",
        f"{SECRET},1,0,0,4,5",
        f"{SECRET},1,0,0,4\n{SECRET},1,0,0,5",
        f"{SECRET},0,0,0,4",
        f'{SECRET},1,0,0,"4',
    ],
)
def test_other_cells_of_a_record_are_not_shown(refused, tmp_path, row):
    study = LISTS + f'[covariates.name]\nlevels = ["{SECRET}", "b"]\n'
    write(tmp_path / "s", f"name,P,K,Z,count\n{row}\n", study)
    lines = refused("s")
    assert SECRET not in "\n".join(lines)


def test_messages_do_not_command_the_terminal(refused, tmp_path):
    write(tmp_path / "s", changed("40", "\x1b[2J\x07"))
    (line,) = refused("s")
    assert line.isprintable()


ACCEPTED = {
    "windows": TABLE.replace("\n", "\r\n"),
    "old mac": TABLE.replace("\n", "\r"),
    "mark": b"\xef\xbb\xbf" + TABLE.encode(),
    "utf-16": TABLE.encode("utf-16"),
    "semicolons": TABLE.replace(",", ";"),
    "tabs": TABLE.replace(",", "\t"),
    "decimal commas": TABLE.replace(",", ";").replace("40", "40,0"),
    "decimal points": changed("40", "40.0"),
    "excel's separator": "sep=;\r\n" + TABLE.replace(",", ";"),
    "quoted separator": '"sep=,"\n' + TABLE,
    "excel's separator, padded": "sep=,,,,\n" + TABLE,
    "blanks in the header": changed("P,K,Z,count", " P , K ,Z , count"),
    "quoted": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in TABLE.splitlines()),
    "trailing commas": TABLE.replace("\n", ",,\n") + ",,,,,\n\n\n",
    "blank lines above": "\n  \n,,,\n" + TABLE,
    "blanks around": TABLE.replace(",", " , "),
    "no last line end": TABLE.rstrip(),
    "an empty unseen row": TABLE + "0,0,0,\n",
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_no_fault(darkfigure, tmp_path, case):
    write(tmp_path / "s")
    expected = darkfigure("check", "s", "--json").out
    write(tmp_path / "s", ACCEPTED[case])
    outcome = darkfigure("check", "s", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.out == expected
    assert outcome.err == ""


@pytest.mark.parametrize("above", ["sep=;\n", "\n\n"])
def test_lines_keep_their_numbers(refused, tmp_path, above):
    n_above = above.count("\n")
    write(tmp_path / "s", above + changed("40", "-4").replace(",", ";"))
    one(refused("s"), f"s/table.csv, line {2 + n_above}, column count", "negative")
    write(tmp_path / "s", above + changed("Z,", "Y,").replace(",", ";"))
    assert all(line.startswith(f"Error: s/table.csv, line {1 + n_above}") for line in refused("s"))


def test_names_with_blanks_accents_and_digits(darkfigure, tmp_path):
    study = 'title = "t"\nsource = "s"\n[lists."Big Z"]\n[lists."Zo\u00eb"]\n[lists.1]\n'
    study += '[covariates.year]\nlevels = [2014, "2015"]\n'
    table = "year,Big Z,Zoe\u0308,1,count\n2014,1,0,0,4\n2015,0,1,0,5\n2015,1,1,0,2\n2014,0,1,1,2\n"
    assert unicodedata.is_normalized("NFC", study) and not unicodedata.is_normalized("NFC", table)
    write(tmp_path / "s", table, study)
    outcome = darkfigure("check", "s")
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize("name", ["a b", "\u00fcber & Co (2)", "'quoted'", "-minus", "new\nline"])
def test_folders_of_any_name(darkfigure, tmp_path, name):
    write(tmp_path / name)
    path = f"./{name}"
    assert darkfigure("check", path).code == 0
    # independent lists: with dependence, the two lists of this table identify nothing and the exit code is 3
    options = ("--draws", "300", "--priors", "independence", "--out", f"{path}/the run/")
    outcome = darkfigure("estimate", path, *options)
    assert outcome.code == 0, outcome.out
    assert sorted(entry.name for entry in (tmp_path / name).iterdir()) == ["study.toml", "table.csv", "the run"]
    assert len(list((tmp_path / name / "the run").iterdir())) == 4


def test_relative_paths_and_links(darkfigure, tmp_path, monkeypatch):
    write(tmp_path / "data" / "s")
    (tmp_path / "link").symlink_to("data/s")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for reference in ("../data/s", "../data/s/", "../data/s/study.toml", "../link", "../work/../link/study.toml"):
        assert darkfigure("check", reference).code == 0
    monkeypatch.chdir(tmp_path / "data" / "s")
    for reference in (".", "study.toml", "./study.toml"):
        assert darkfigure("check", reference).code == 0


LARGE = 500_000
LARGE_TABLES = {
    "every count is wrong": lambda row: f"1,0,0,x{row}",
    "every list is wrong": lambda row: f"x{row},0,0,1",
    "every row is too short": lambda row: f"1,0,{row}",
}


@pytest.mark.parametrize("case", LARGE_TABLES)
def test_ten_megabytes_of_faults(darkfigure, tmp_path, case):
    """Must take seconds: this once took time by the square of the number of rows."""
    rows = "\n".join(map(LARGE_TABLES[case], range(LARGE // 5)))
    write(tmp_path / "s", f"P,K,Z,count\n{rows}\n")
    began = time.perf_counter()
    outcome = darkfigure("check", "s")
    assert time.perf_counter() - began < 20
    assert outcome.code == 1
    lines = outcome.err.splitlines()
    assert len(lines) == 21
    assert lines[
        -1
    ] == f"Error: s/table.csv: {LARGE // 5 - 20:,} more faults are not listed here. Mend these first.".replace(",", "")


def test_a_huge_study_file(darkfigure, tmp_path):
    write(tmp_path / "s", study=LISTS + "# " + "x" * 20_000_000 + "\n")
    assert darkfigure("check", "s").code == 0
    write(tmp_path / "s", study=LISTS + "".join(f"k{i} = 1\n" for i in range(5000)))
    outcome = darkfigure("check", "s")
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 101
    assert "4900 more faults" in outcome.err


def test_the_shipped_studies_are_not_touched(darkfigure, tmp_path):
    """A copy can be broken; what ships stays as it is."""
    assert darkfigure("data", "copy", "uk-2013", "mine").code == 0
    (tmp_path / "mine" / "table.csv").unlink()
    assert darkfigure("check", "mine").code == 1
    shutil.rmtree(tmp_path / "mine")
    assert darkfigure("check", "uk-2013").code == 0
