"""Results are kept exactly, once each, and a run that broke off at any byte ends as an undisturbed one."""

from __future__ import annotations

import errno
import math
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from engine_examples import IDENTITY, fit, lines_of, program, same, tasks, wait_until
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.errors import InputError
from estimator.work.exactjson import text_of, value_of
from estimator.work.ledger import NAME, open_ledger
from estimator.work.outcomes import Task
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
    return (folder / NAME).read_bytes()


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: key != "$float"), inner),
    max_leaves=8,
)


@given(plain)
def test_every_plain_value_comes_back_to_the_last_bit(value):
    text = text_of(value)
    assert repr(value_of(text)) == repr(value)
    assert text.isascii()
    assert "\n" not in text


def test_numbers_that_are_not_finite_are_marked():
    assert text_of({"a": [math.nan, -math.inf]}) == '{"a":[{"$float":"nan"},{"$float":"-inf"}]}'


@pytest.mark.parametrize(
    ("value", "place"), [({"a": [1, {2}]}, "result.a[1]"), ({"a": {1: 2}}, "result.a"), ({"$float": 1}, "result")]
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
    assert len((tmp_path / "kept" / NAME).read_bytes().splitlines()) == 1 + 9


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


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_beginning_of_the_file_is_continued_to_the_same_results(whole, data):
    size = data.draw(st.integers(0, len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_bytes(whole[:size])
        assert same(run(Path(folder)), UNDISTURBED)
        assert (Path(folder) / NAME).read_bytes() == whole


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_damaged_last_line_is_done_again(whole, data):
    start = whole.rindex(b"\n", 0, -1) + 1
    place = data.draw(st.integers(start, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value not in (whole[place], ord("\n"))))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
        assert same(run(Path(folder)), UNDISTURBED)
        assert (Path(folder) / NAME).read_bytes() == whole


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damage_before_the_last_line_is_an_error_that_names_it(whole, data):
    end = whole.rindex(b"\n", 0, -1)
    place = data.draw(st.integers(0, end - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value not in (whole[place], ord("\n"))))
    changed = whole[:place] + bytes([byte]) + whole[place + 1 :]
    if whole[place] == ord("\n"):  # two lines have become one
        return
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_bytes(changed)
        with pytest.raises(InputError) as found:
            run(Path(folder))
        line = whole.count(b"\n", 0, place) + 1
        expected = f"{NAME}, line {line}: This line is damaged." if line > 1 or place > 45 else f"{NAME}"
        assert expected in str(found.value)
        assert (Path(folder) / NAME).read_bytes() == changed


def test_without_the_line_that_is_damaged_only_its_task_is_done_again(tmp_path, whole):
    lines = whole.splitlines(keepends=True)
    (tmp_path / NAME).write_bytes(b"".join([*lines[:3], lines[3].replace(b"draws", b"drawn"), *lines[4:]]))
    with pytest.raises(InputError, match="line 4: This line is damaged. Delete the line, and its task is done again."):
        run(tmp_path)
    (tmp_path / NAME).write_bytes(b"".join([*lines[:3], *lines[4:]]))
    assert same(run(tmp_path), UNDISTURBED)
    assert (tmp_path / NAME).read_bytes() == b"".join([*lines[:3], *lines[4:], lines[3]])


def test_a_result_that_stands_twice_is_an_error(tmp_path, whole):
    lines = whole.splitlines(keepends=True)
    (tmp_path / NAME).write_bytes(b"".join([*lines, lines[2]]))
    with pytest.raises(InputError, match="line 9: This line is a second result of the same task"):
        run(tmp_path)


@pytest.mark.parametrize("content", [b"case,count\n1,2\n", b"{}", b"\x00\xff\xfe\n", b"\n"])
def test_a_file_of_somebody_else_is_left_alone(tmp_path, content):
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
        ({"prior": math.nan}, 'another \'prior\' (nothing there, {"$float":"nan"} now)'),
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
    found = run_tasks(some, folder=Path(sys.argv[1]), identity=IDENTITY, workers=int(sys.argv[2]))
except DarkfigureError as error:
    sys.exit(str(error))
print(repr(found))
"""


@POSIX
def test_the_lock_ends_with_a_process_that_is_killed(tmp_path):
    first = program(RUN, str(tmp_path), "1", "1000", "0.05")
    wait_until(lambda: len(lines_of(tmp_path / NAME)) > 3)
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
    for kept in (10, 25, 40):
        process = program(RUN, str(tmp_path), str(workers), "60", "0.02")
        wait_until(lambda: len(lines_of(tmp_path / NAME)) > kept or process.poll() is not None)  # noqa: B023
        time.sleep(chance.uniform(0.0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert kept < len(lines_of(tmp_path / NAME)) < 61
    last = program(RUN, str(tmp_path), str(workers), "60", "0.02")
    assert last.communicate()[0].strip() == repr({task.key: fit(task.payload) for task in some})
    assert len(lines_of(tmp_path / NAME)) == 61


LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))" + RUN


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
    done = len(lines_of(tmp_path / NAME)) - 1
    assert 100 < done < 900
    assert said == (
        f"The results could not be written ({os.strerror(errno.EFBIG)}); {done} of 1,000 fits are done and kept in "
        f"{tmp_path}. Make room and run the same command again to finish.\n"
    )
    assert (tmp_path / NAME).read_bytes().endswith(b'"}\n')
    some = tasks(1000)
    assert same(run(tmp_path, some), {task.key: fit(task.payload) for task in some})
    assert len(lines_of(tmp_path / NAME)) == 1001


OWN_DISK = 'mkdir -p "$1" && mount -t tmpfs -o size="$2" tmpfs "$1"'


@pytest.mark.skipif(not shutil.which("unshare"), reason="a small disk needs a name space of its own")
def test_a_small_disk_that_is_really_full(tmp_path):
    own = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*own, OWN_DISK, "sh", str(tmp_path / "disk"), "64k"], capture_output=True).returncode:
        pytest.skip("no disks may be mounted here")
    script = (
        f'{OWN_DISK} && cd "$3" && "$4" -c "$5" "$1" 1 1000 0; code=$?; '
        'wc -l < "$1/results.jsonl"; mount -o remount,size=4m "$1" && "$4" -c "$5" "$1" 1 1000 0; exit $code'
    )
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [*own, script, "sh", str(tmp_path / "disk"), "64k", here, sys.executable, RUN],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(here).parents[1]), here])},
        check=False,
    )
    assert done.returncode == 1
    lines, results = done.stdout.split("\n", 1)
    kept = f"{int(lines) - 1} of 1,000 fits are done and kept in {tmp_path / 'disk'}"
    assert done.stderr == (
        f"The results could not be written ({os.strerror(errno.ENOSPC)}); {kept}. "
        "Make room and run the same command again to finish.\n"
    )
    assert results.strip() == repr({task.key: fit(task.payload) for task in tasks(1000)})


@pytest.mark.parametrize("mends", [True, False])
def test_a_line_of_which_half_was_written(tmp_path, monkeypatch, whole, mends):
    """The half is taken away at once, or dropped by the next run when even that fails."""
    write, cut, written, cuts = os.write, os.ftruncate, [], []

    def half(file, content):
        written.append(file)
        if len(written) == 5:
            write(file, bytes(content)[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, content)

    def once(file, size):
        cuts.append(size)
        if len(cuts) > 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        cut(file, size)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        if not mends:
            patch.setattr(os, "ftruncate", once)
        with pytest.raises(InputError, match="; 3 of 7 fits are done and kept in .* Make room and run the same"):
            run(tmp_path)
    assert (tmp_path / NAME).read_bytes().endswith(b"\n") == mends
    assert same(run(tmp_path), UNDISTURBED)
    assert (tmp_path / NAME).read_bytes() == whole


def test_what_cannot_be_forced_to_the_disk_is_said(tmp_path, monkeypatch):
    def broken(file):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with open_ledger(tmp_path, IDENTITY):
        pass
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(InputError, match="could not be written .*Mend that and run the same command again"):
            run(tmp_path)
    assert same(run(tmp_path), UNDISTURBED)


@pytest.mark.parametrize(("cost", "every"), [(0.0, 1), (0.01, 2), (0.5, 4)])
def test_lines_are_forced_to_the_disk_as_often_as_costs_little(tmp_path, monkeypatch, cost, every):
    """Lines at intervals of 0.26 s: forced each at once, or in a fiftieth of the time, but once a second at least."""
    now, forced = [0.0], []

    def force(file):
        forced.append(now[0])
        now[0] += cost

    monkeypatch.setattr(os, "fsync", force)
    monkeypatch.setattr("estimator.work.ledger.time", SimpleNamespace(monotonic=lambda: now[0]))
    with open_ledger(tmp_path, IDENTITY) as ledger:
        assert len(forced) == 2  # the folder and the first line
        for number in range(42):
            ledger.add(str(number), "{}")
            now[0] += 0.26
        assert len(forced) - 2 == (42 if every == 1 else 41 // every)
    assert len(forced) - 2 == -(-42 // every)  # and the rest at the end


def test_a_function_that_fails_is_not_kept_as_done(tmp_path):
    some = [Task("a", "engine_examples:wrong", "value"), *TASKS]
    assert run(tmp_path, some)["a"] == {"failed": "ValueError: the matrix is singular"}
    with open_ledger(tmp_path, IDENTITY) as ledger:
        assert "a" not in ledger.done
        assert len(ledger.done) == 7
    mended = [Task("a", "engine_examples:fit", {"seed": 99}), *TASKS]
    assert same(run(tmp_path, mended), {"a": fit({"seed": 99}), **UNDISTURBED})
