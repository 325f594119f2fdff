"""Results are kept exactly, once each, and a run that broke off at any byte ends as an undisturbed one."""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from engine_examples import IDENTITY, fit, kept, lines_of, program, same, tasks
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.errors import InputError
from estimator.work.ledger import NAME, open_ledger
from estimator.work.outcomes import Task, text_of
from estimator.work.tasks import run_tasks

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes, limits and signals")
TASKS = tasks(7)
UNDISTURBED = {task.key: fit(task.payload) for task in TASKS}


def run(folder, some=TASKS, **options):
    return run_tasks(some, folder=folder, identity=IDENTITY, workers=1, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The file of an undisturbed run."""
    folder = tmp_path_factory.mktemp("whole") / "kept"
    assert same(run(folder), UNDISTURBED)
    return folder / NAME


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(plain)
def test_every_plain_value_comes_back_to_the_last_bit(value):
    text = text_of(value)
    assert repr(json.loads(text)) == repr(value)
    assert text.isascii()
    assert "\n" not in text


@pytest.mark.parametrize(
    ("value", "place"), [({"a": [1, {2}]}, "result.a[1]"), ({"a": {1: 2}}, "result.a"), (float, "result")]
)
def test_what_json_cannot_hold_is_refused_with_its_place(value, place):
    with pytest.raises(TypeError, match=rf"^{place.replace('[', '.').replace(']', '.')} "):
        text_of(value)


def test_results_are_the_same_with_and_without_a_folder(tmp_path):
    assert same(run(None), UNDISTURBED)
    assert same(run(tmp_path), UNDISTURBED)
    assert same(run(tmp_path), UNDISTURBED)


def test_results_are_in_the_order_of_the_tasks_whatever_was_done_before(tmp_path):
    run(tmp_path, TASKS[4:])
    assert same(run(tmp_path), UNDISTURBED)
    assert list(run(tmp_path, TASKS[::-1])) == [task.key for task in TASKS[::-1]]
    assert list(run(tmp_path, TASKS[2:4])) == ["case-2", "case-3"]


def test_nothing_is_done_twice(tmp_path):
    some = tasks(9, "counted", marks=str(tmp_path / "marks"))
    run(tmp_path / "kept", some[:5])
    run(tmp_path / "kept", some)
    run(tmp_path / "kept", some)
    assert lines_of(tmp_path / "marks") == [str(seed) for seed in range(9)]
    assert kept(tmp_path / "kept") == 9


def test_progress_is_told_from_what_was_kept_to_the_end(tmp_path):
    run(tmp_path, TASKS[:3])
    told = []
    run(tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 7) for done in range(3, 8)]


def test_two_tasks_with_one_key_are_a_mistake(tmp_path):
    with pytest.raises(ValueError, match="two tasks have the key 'case-1'"):
        run(tmp_path, [*TASKS, TASKS[1]])
    with open_ledger(tmp_path, IDENTITY) as ledger:
        ledger.add("a", '{"x":1}')
        with pytest.raises(ValueError, match="'a' is done twice"):
            ledger.add("a", '{"x":1}')


@POSIX
def test_nobody_else_can_read_it(tmp_path):
    before = os.umask(0)
    try:
        run(tmp_path / "deep" / "kept")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep" / "kept").stat().st_mode) == 0o700
    file = tmp_path / "deep" / "kept" / NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    run(tmp_path / "deep" / "kept")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_result_that_is_damaged_is_done_again(tmp_path):
    """A bit in a value is what SQLite itself does not notice."""
    run(tmp_path)
    with closing(sqlite3.connect(tmp_path / NAME)) as file, file:
        file.execute("UPDATE result SET text = replace(text, '1', '2') WHERE key = '\"case-3\"'")
        file.execute("UPDATE result SET key = CAST(x'ff22' AS TEXT) WHERE key = '\"case-5\"'")
    with open_ledger(tmp_path, IDENTITY) as ledger:
        assert list(ledger.done) == [f"case-{n}" for n in (0, 1, 2, 4, 6)]
    assert same(run(tmp_path), UNDISTURBED)
    assert kept(tmp_path) == 7


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_byte_is_damaged_the_results_are_right_or_none(whole, data):
    content = whole.read_bytes()
    place = data.draw(st.integers(0, whole.stat().st_size - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != content[place]))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
        try:
            found = run(Path(folder))
        except InputError as error:
            assert str(error).startswith(folder)
            assert "Give another folder with --out" in str(error) or "or give another folder" in str(error)
        else:
            assert same(found, UNDISTURBED)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_file_that_ends_early_is_refused_or_filled_up(whole, data):
    size = data.draw(st.integers(0, whole.stat().st_size - 1))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_bytes(whole.read_bytes()[:size])
        try:
            found = run(Path(folder))
        except InputError as error:
            assert str(error).startswith(folder)
        else:
            assert same(found, UNDISTURBED)


def test_results_of_earlier_versions_are_left_alone(tmp_path):
    (tmp_path / "results.jsonl").write_text('{"darkfigure":"results, format 1","identity":{}}\n')
    with pytest.raises(InputError, match=r"\(results.jsonl\) were kept by an earlier version .* Give another folder"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["results.jsonl"]


@pytest.mark.parametrize("content", [b"case,count\n1,2\n", b"{}", b"\x00\xff\xfe\n", b"\n\n", None])
def test_a_file_of_somebody_else_is_left_alone(tmp_path, content):
    if content is None:
        with closing(sqlite3.connect(tmp_path / NAME)) as file, file:
            file.execute("CREATE TABLE result (key, text)")
        content = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(InputError, match="This is not a file of results that this version of darkfigure has written"):
        run(tmp_path)
    assert (tmp_path / NAME).read_bytes() == content


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"method": "other"}, 'another \'method\' ("loglinear" there, "other" now)'),
        ({"versions": {"darkfigure": "1", "numpy": "3"}}, 'another \'versions.numpy\' ("2" there, "3" now)'),
        ({"draws": 100.0}, "another 'draws' (100 there, 100.0 now)"),
        ({"prior": math.nan}, "another 'prior' (nothing there, NaN now)"),
        ({"method": "x", "draws": 1}, "and 1 more differs"),
    ],
)
def test_another_identity_is_refused_by_name(tmp_path, changed, said):
    run(tmp_path)
    with pytest.raises(InputError) as found:
        run_tasks(TASKS, folder=tmp_path, identity={**IDENTITY, **changed}, workers=1)
    assert said in str(found.value)
    assert str(found.value).startswith(f"{tmp_path}: ")
    assert str(found.value).endswith("Give another folder with --out.")
    assert same(run(tmp_path), UNDISTURBED)


def test_the_order_of_the_identity_does_not_matter_and_nan_is_itself(tmp_path):
    identity = {**IDENTITY, "prior": math.nan, "empty": {}, "list": [1, (2.5, None)]}
    run_tasks(TASKS, folder=tmp_path, identity=identity, workers=1)
    again = dict(reversed(identity.items()))
    assert same(run_tasks(TASKS, folder=tmp_path, identity=again, workers=1), UNDISTURBED)


@pytest.mark.parametrize("there", ["file", "folder"])
def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path, there):
    if there == "file":
        (tmp_path / "kept").write_text("a file", "ascii")
    else:
        (tmp_path / "kept" / NAME).mkdir(parents=True)
    with pytest.raises(InputError, match=r"kept: Results cannot be kept in this folder \(.*\). Mend that, or give"):
        run(tmp_path / "kept")


def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    with (
        open_ledger(tmp_path, IDENTITY),
        pytest.raises(InputError, match="Another run is at work in this folder. Wait until it ends, or give another"),
    ):
        run(tmp_path)
    assert same(run(tmp_path), UNDISTURBED)


RUN = """
import sys
from pathlib import Path
from engine_examples import IDENTITY, tasks
from estimator.errors import DarkfigureError
from estimator.work.tasks import run_tasks
some = tasks(int(sys.argv[3]), seconds=float(sys.argv[4]))
try:
    found = run_tasks(some, folder=Path(sys.argv[1]), identity=IDENTITY, workers=int(sys.argv[2]),
                      progress=lambda n, of: print(n, file=sys.stderr, flush=True) if len(sys.argv) > 5 else None)
except DarkfigureError as error:
    sys.exit(str(error))
print(repr(found))
"""


def begun(folder, workers, *, done):
    """A run in another process that has kept so many results."""
    process = program(RUN, str(folder), str(workers), "60", "0.02", "say")
    while int(process.stderr.readline()) < done:
        pass
    return process


@POSIX
def test_the_lock_ends_with_a_process_that_is_killed(tmp_path):
    first = begun(tmp_path, 1, done=3)
    with pytest.raises(InputError, match="Another run is at work"):
        run(tmp_path)
    first.kill()
    first.communicate()
    assert same(run(tmp_path), UNDISTURBED)


@POSIX
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path, workers):
    chance = random.Random(4)
    some = tasks(60)
    for done in (10, 25, 40):
        process = begun(tmp_path, workers, done=done)
        time.sleep(chance.uniform(0.0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert done <= kept(tmp_path) < 60
    last = program(RUN, str(tmp_path), str(workers), "60", "0.02")
    assert last.communicate()[0].strip() == repr({task.key: fit(task.payload) for task in some})
    assert kept(tmp_path) == 60


LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))" + RUN


def full(process):
    """What a run says that could not write all its results."""
    out, said = process.communicate()
    assert process.returncode == 1
    assert out == ""
    assert len(said.splitlines()) == 1
    return said


@POSIX
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_disk_that_is_full_in_the_middle_of_a_thousand_fits(tmp_path, workers):
    said = full(program(LIMITED, str(tmp_path), workers, "1000", "0"))
    done = kept(tmp_path)
    assert 100 < done < 900
    assert said == (
        f"The results could not be written (disk I/O error); {done} of 1,000 fits are done and kept in "
        f"{tmp_path}. Mend that and run the same command again to finish.\n"
    )
    some = tasks(1000)
    assert same(run(tmp_path, some), {task.key: fit(task.payload) for task in some})
    assert kept(tmp_path) == 1000


OWN_DISK = 'mkdir -p "$1" && mount -t tmpfs -o size="$2" tmpfs "$1"'


@pytest.mark.skipif(not shutil.which("unshare"), reason="a small disk needs a name space of its own")
def test_a_small_disk_that_is_really_full(tmp_path):
    own = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*own, OWN_DISK, "sh", str(tmp_path / "disk"), "64k"], capture_output=True).returncode:
        pytest.skip("no disks may be mounted here")
    script = (
        f'{OWN_DISK} && cd "$3" && "$4" -c "$5" "$1" 1 1000 0; code=$?; '
        'mount -o remount,size=8m "$1" && "$4" -c "$5" "$1" 1 1000 0; exit $code'
    )
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [*own, script, "sh", str(tmp_path / "disk"), "300k", here, sys.executable, RUN],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(here).parents[1]), here])},
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(
        r"The results could not be written \(database or disk is full\); [1-9]\d* of 1,000 fits are done and kept in "
        rf"{tmp_path / 'disk'}\. Make room and run the same command again to finish\.\n",
        done.stderr,
    )
    assert done.stdout.strip() == repr({task.key: fit(task.payload) for task in tasks(1000)})


def test_a_result_is_on_the_disk_before_it_is_reported(tmp_path):
    """What a copy of the files at that moment holds is what a power cut would leave."""
    copies = []

    def copy(done, total):
        shutil.copytree(tmp_path / "kept", tmp_path / f"copy-{done}")
        copies.append(done)

    run(tmp_path / "kept", progress=copy)
    assert [kept(tmp_path / f"copy-{done}") for done in copies] == copies == list(range(8))
    with open_ledger(tmp_path / "kept", IDENTITY) as ledger:
        assert ledger._file.execute("PRAGMA synchronous").fetchone() == (2,)
        assert ledger._file.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_function_that_fails_is_not_kept_as_done(tmp_path):
    some = [Task("a", "engine_examples:wrong", "value"), *TASKS]
    assert run(tmp_path, some)["a"] == {"failed": "ValueError: the matrix is singular"}
    with open_ledger(tmp_path, IDENTITY) as ledger:
        assert "a" not in ledger.done
        assert len(ledger.done) == 7
    mended = [Task("a", "engine_examples:fit", {"seed": 99}), *TASKS]
    assert same(run(tmp_path, mended), {"a": fit({"seed": 99}), **UNDISTURBED})
