"""Nothing that is about one person leaves the registers: not in outputs, words, errors, caches or files left behind."""

from __future__ import annotations

import contextlib
import csv
import datetime
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from estimator.registers.plan import make_plan
from estimator.registers.private_database import Database, opened_database
from estimator.registers.tabulating import load_records
from estimator.study.study import read_declared
from tests.registers.offices import HEAD, STUDY

COMMAND = [sys.executable, "-m", "estimator", "--debug", "tabulate"]


def secrets_in(folder, *, rows, seed=1, encoding="utf-8"):
    """Write registers whose keys and dates of birth are all different, and return these."""
    rng = random.Random(seed)
    keys = [f"GEHEIM{rng.randrange(10**9):09}" for _ in range(rows)]
    for name in "POZ":
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow([*HEAD, "één"] if encoding != "utf-8" else HEAD)
            for key in keys:
                if rng.random() < 0.6:
                    born = f"{rng.randrange(1, 29):02}-{rng.randrange(1, 13):02}-{rng.randrange(1950, 2010)}"
                    writer.writerow([key, "01-02-2014", rng.choice("VM"), born, *([""] if encoding != "utf-8" else [])])
    return keys


@pytest.fixture
def place(tmp_path):
    """A study, its registers, and folders of our own for everything that a program might keep."""
    for name in ("study", "home", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "study" / "study.toml").write_text(STUDY.format(settings=""), encoding="utf-8")
    kept = {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "home", "MPLCONFIGDIR": "home"}
    environment = {**os.environ, **{name: str(tmp_path / where) for name, where in kept.items()}}
    return tmp_path, environment


def command(folder):
    named = [part for name in "POZ" for part in ("--register", f"{name}={folder / 'study' / name}.csv")]
    return [*COMMAND, str(folder / "study"), *named]


def left_behind(folder):
    registers = {folder / "study" / f"{name}.csv" for name in "POZ"}
    return [path for path in folder.rglob("*") if path.is_file() and path not in registers]


def left_in_study(folder):
    return [path.name for path in left_behind(folder) if path.is_relative_to(folder / "study")]


def tells(content, keys):
    return b"GEHEIM" in content or any(key[6:].encode() in content for key in keys)


def test_no_output_word_or_file_has_a_key(place):
    folder, environment = place
    keys = secrets_in(folder / "study", rows=2_000)
    done = subprocess.run(
        [*command(folder), "--report", str(folder / "study" / "page.html")],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    files = left_behind(folder)
    assert {"table.csv", "table.registers.json", "page.html"} <= {path.name for path in files}
    checked = subprocess.run(
        [part if part != "tabulate" else "check" for part in command(folder)] + ["--json"],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0 and left_behind(folder) == files
    for content in (done.stdout, done.stderr, checked.stdout, checked.stderr, *(path.read_bytes() for path in files)):
        assert not tells(content, keys)
        assert b"-1987" not in content


def test_the_only_day_of_a_register_of_one_person_is_shown_nowhere(place):
    folder, environment = place
    secrets_in(folder / "study", rows=200)
    head = ";".join(HEAD)
    (folder / "study" / "Z.csv").write_text(f"{head}\nGEHEIM0;17-03-2014;V;01-01-1999\n", encoding="utf-8")
    page = folder / "study" / "page.html"
    asked = [part if part != "tabulate" else "check" for part in command(folder)]
    for options in ([*command(folder), "--report", str(page)], [*asked, "--json"]):
        done = subprocess.run(options, env=environment, capture_output=True, check=True)
        assert b"2014-02-01" in done.stdout and b"2014-03-17" not in done.stdout
    assert "2014-02-01" in page.read_text(encoding="utf-8") and "2014-03-17" not in page.read_text(encoding="utf-8")
    for found in (folder / "study").rglob("*list*"):
        assert "2014-03-17" not in found.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "GEHEIM1;32-13-1987;V;01-02-1987",
        "GEHEIM1;01-02-2014;GEHEIM;GEHEIM",
        "GEHEIM1;01-02-2014;V;01-02-1987;GEHEIM",
        '"GEHEIM1;01-02-2014;V;01-02-1987',
        ";01-02-2014;V;01-02-1987",
    ],
)
def test_no_error_message_quotes_a_record(place, line):
    folder, environment = place
    secrets_in(folder / "study", rows=20)
    with (folder / "study" / "P.csv").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    done = subprocess.run(command(folder), env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert b"GEHEIM" not in said and b"1987" not in said
    assert left_in_study(folder) == ["study.toml"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_that_is_ended_leaves_nothing(place, number):
    folder, environment = place
    secrets_in(folder / "study", rows=100_000)
    process = subprocess.Popen(command(folder), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    began = time.monotonic()
    while not list((folder / "study").glob(".*.part")) and time.monotonic() - began < 20:
        time.sleep(0.01)
    (part,) = (folder / "study").glob(".*.part")
    assert part.stat().st_mode & 0o077 == 0
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (128 + number, -number), said
    assert b"Error: darkfigure itself failed" not in said
    assert left_in_study(folder) == ["study.toml"]


def bytes_under_name(path):
    """What stands under a name itself: nothing where it leads elsewhere, asked and read in one step."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return b""
    with os.fdopen(handle, "rb") as file:
        return file.read()


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="a file without a name needs the system")  # noqa: PTH110
def test_a_register_that_is_written_anew_is_never_under_a_name(place):
    """Whenever the program is killed: its folder is looked at all the time, and at no time has it a key."""
    folder, environment = place
    keys = secrets_in(folder / "study", rows=30_000, encoding="cp1252")
    process = subprocess.Popen(command(folder), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    looked, found = 0, []
    while process.poll() is None:
        parts = list((folder / "study").glob(".*.part"))
        looked += len(parts)
        for part in parts:
            with contextlib.suppress(FileNotFoundError):  # it may be gone by now
                for path in part.iterdir():
                    found += [path.name] if tells(bytes_under_name(path), keys[:50]) else []
    assert process.returncode == 0, process.stderr.read()
    assert looked > 5 and not found


def test_a_file_without_a_name_is_for_the_user_alone(tmp_path):
    database = Database(tmp_path)
    file, path = database.nameless_file("source")
    with file:
        file.write("GEHEIM")
    assert path.read_text(encoding="utf-8") == "GEHEIM" and path.stat().st_mode & 0o077 == 0
    assert path.parent == tmp_path or not list(tmp_path.iterdir())
    database.close()
    assert path.parent == tmp_path or not path.exists()


def test_the_number_of_a_person_cannot_be_made_of_her_key(place):
    """It is another one every time, so that nobody can try keys until one fits."""
    folder, _ = place
    secrets_in(folder / "study", rows=5)
    file, content = read_declared(folder / "study" / "study.toml")
    numbers = []
    for _ in range(2):
        plan = make_plan(file, content, [(name, str(folder / "study" / f"{name}.csv")) for name in "POZ"])
        with opened_database(folder / "study" / "table.csv") as database:
            load_records(plan, database, datetime.date(2026, 1, 1))
            numbers.append({row[0] for row in database.rows("SELECT person FROM records")})
    assert numbers[0] and not numbers[0] & numbers[1]


def test_what_the_database_keeps_on_the_disk_is_not_to_be_read(tmp_path):
    database = Database(tmp_path, "40MB", 1)
    database.run("CREATE TABLE names AS SELECT 'GEHEIM' || md5(CAST(i AS VARCHAR)) AS name FROM range(2000000) t(i)")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (
        database.rows("SELECT count(*) FROM names") == [(2_000_000,)]
        and sum(path.stat().st_size for path in kept) > 1 << 20
    )
    assert not any(b"GEHEIM" in path.read_bytes() for path in kept)
    database.close()


def test_what_a_killed_program_leaves_is_private_without_keys_and_swept_by_the_next(place):
    folder, environment = place
    keys = secrets_in(folder / "study", rows=100_000)
    process = subprocess.Popen(command(folder), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.monotonic()
    while not list((folder / "study").glob(".*.part/source-*")) and time.monotonic() - began < 20:
        time.sleep(0.01)
    time.sleep(0.3)
    process.kill()
    process.wait()
    (part,) = (folder / "study").glob(".*.part")
    for path in part.iterdir():
        assert path.is_symlink() or not tells(path.read_bytes(), keys[:200])
    secrets_in(folder / "study", rows=100)
    assert subprocess.run(command(folder), env=environment, capture_output=True, check=False).returncode == 0
    assert not list((folder / "study").glob(".*.part"))
