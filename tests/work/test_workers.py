"""Tasks in processes that are killed, that fail, that print: the results are those of an undisturbed run."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import engine_examples
import pytest
from engine_examples import (
    IDENTITY,
    PATIENCE,
    Unreadable,
    alive,
    fit,
    kept,
    lines_of,
    program,
    same,
    tasks,
    wait_until,
)

from estimator.errors import InputError
from estimator.work import workers as workers_module
from estimator.work.outcomes import PROGRAMMING_ERRORS, Task, perform
from estimator.work.tasks import run_tasks
from estimator.work.workers import in_processes

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def run(some, workers=2, folder=None, **options):
    return run_tasks(some, folder=folder, identity=IDENTITY, workers=workers, **options)


def expected(some):
    return {task.key: fit(task.payload) for task in some}


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_do_not_depend_on_the_workers(workers):
    some = tasks(40)
    assert same(run(some, workers), expected(some))


def test_no_tasks_need_no_workers():
    assert run([], 2) == {}
    with pytest.raises(ValueError, match="workers is 0"):
        run([], 0)


THREADS = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"]


def test_workers_are_processes_of_one_thread_that_may_print(monkeypatch):
    for name in THREADS:
        monkeypatch.setenv(name, "4")
    monkeypatch.setenv("OTHER", "is passed on")
    found = run([Task(name, "engine_examples:surroundings", name) for name in [*THREADS, "OTHER"]])
    assert [found[name]["value"] for name in [*THREADS, "OTHER"]] == ["1", "1", "1", "1", "is passed on"]
    assert os.environ["OMP_NUM_THREADS"] == "4"
    assert {result["stdin"] for result in found.values()} == {""}
    pids = {result["pid"] for result in found.values()}
    assert 1 <= len(pids) <= 2
    assert os.getpid() not in pids
    assert not any(alive(pid) for pid in pids)


@POSIX
@pytest.mark.parametrize("deaths", [1, 2])
def test_a_task_whose_worker_is_killed_is_done_by_another(tmp_path, deaths):
    deadly = Task("deadly", "engine_examples:fit_and_die", {"seed": 7, "deaths": deaths, "tally": str(tmp_path / "t")})
    some = [*tasks(10), deadly, *tasks(30)[10:]]
    assert same(run(some, folder=tmp_path / "kept"), expected(some))
    assert len(lines_of(tmp_path / "t")) == deaths + 1
    assert len(set(lines_of(tmp_path / "t"))) == deaths + 1


@POSIX
def test_a_task_whose_worker_always_dies_is_given_up_and_no_other_with_it(tmp_path):
    """Its neighbour is at work at each of the three deaths, and dies of none of them."""
    deadly = {"seed": 7, "deaths": 3, "tally": str(tmp_path / "t"), "before": 0.1}
    some = [
        Task("deadly", "engine_examples:fit_and_die", deadly),
        Task("neighbour", "engine_examples:counted", {"seed": 8, "seconds": 1.0, "marks": str(tmp_path / "marks")}),
        *tasks(20),
    ]
    found = run(some, folder=tmp_path / "kept")
    assert found["deadly"] == {"failed": "its process died 3 times in a row (killed, perhaps for want of memory)"}
    assert lines_of(tmp_path / "marks") == ["8"]
    assert same({key: found[key] for key in found if key != "deadly"}, expected(some[1:]))
    assert list(found) == [task.key for task in some]
    assert kept(tmp_path / "kept") == 21
    again = run(some, folder=tmp_path / "kept")  # the fourth attempt is the one that lives
    assert same(again, expected(some))


@POSIX
def test_workers_that_are_killed_from_outside(tmp_path):
    """As the system does when memory runs out: whichever worker it takes, the results are the same."""
    some = tasks(60, seconds=0.02)
    killed: set[int] = set()

    def kill_the_oldest(done, total):  # no one task is at work at three deaths in a row then
        if done in (5, 20, 40):
            killed.add(pid := min(children() - killed))
            os.kill(pid, signal.SIGKILL)

    assert same(run(some, folder=tmp_path, progress=kill_the_oldest), expected(some))
    assert len(killed) == 3
    assert kept(tmp_path) == 60


def children(parent=None) -> set[int]:
    """The worker processes that this process, or another, has started and that are alive."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
            ours = b"popen_loky_posix" in (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if ours and int(fields[1]) == (parent or os.getpid()) and fields[0] != "Z":
            found.add(int(folder.name))
    return found


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("value", "ValueError: the matrix is singular"),
        ("overflow", "OverflowError: math range error"),
        ("memory", "MemoryError"),
    ],
)
def test_what_difficult_data_do_is_an_outcome(what, words, workers):
    some = [Task("hard", "engine_examples:wrong", what), *tasks(3)]
    found = run(some, workers)
    assert found.pop("hard") == {"failed": words}
    assert same(found, expected(some[1:]))


FAULTS = pytest.mark.parametrize(
    ("what", "kind", "words"),
    [
        ("type", TypeError, "TypeError: can only concatenate str"),
        ("attribute", AttributeError, "AttributeError: 'NoneType' object has no attribute"),
        ("key", LookupError, "KeyError: 'absent'"),
        ("exit", RuntimeError, "SystemExit: 0"),
        ("result", TypeError, "the result is of type list, and must be a dict"),
        ("object", TypeError, "result.x[1] is of type object"),
        ("failed", TypeError, "the result has the key 'failed'"),
    ],
)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
@FAULTS
def test_a_fault_of_the_program_ends_the_run_and_keeps_what_is_done(tmp_path, what, kind, words, workers):
    some = [*tasks(3), Task("faulty", "engine_examples:wrong", what), *tasks(99)[3:]]
    with pytest.raises(kind, match=rf"^task 'faulty': .*{re.escape(words)}") as found:
        run(some, workers, tmp_path)
    assert "engine_examples" in found.value.__notes__[0] or "outcomes.py" in found.value.__notes__[0]
    assert 1 <= kept(tmp_path) <= 99
    mended = [task for task in some if task.key != "faulty"]
    assert same(run(mended, workers, tmp_path), expected(mended))
    assert not children()


def test_every_kind_of_fault_of_the_program_keeps_its_kind():
    for kind in PROGRAMMING_ERRORS:
        assert issubclass(kind, Exception)
        assert kind("a message").args == ("a message",)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("engine_examples:absent", AttributeError),
        ("absent_module:fit", ImportError),
        ("engine_examples:ROOT", TypeError),
    ],
)
def test_a_function_that_does_not_exist_is_named_with_its_task(function, kind, workers):
    with pytest.raises(kind, match=r"^task 'a': "):
        run([Task("a", function, {}), *tasks(2)], workers)


@pytest.mark.parametrize("function", ["fit", "module:", ":fit", ""])
def test_a_function_is_a_module_and_a_name(function):
    with pytest.raises(ValueError, match="is not 'module:name'"):
        Task("a", function, {})


@pytest.mark.parametrize("workers", [1, 2])
def test_a_payload_that_does_not_travel_is_named_with_its_task(workers):
    with pytest.raises(TypeError, match=r"^task 'a': its payload cannot be pickled \("):
        run([Task("a", "engine_examples:fit", lambda: 0), *tasks(3)], workers)
    with pytest.raises(ImportError, match=r"^task 'a': .*its payload cannot be read here \(ValueError"):
        run([Task("a", "engine_examples:fit", Unreadable()), *tasks(3)], workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_that_spoils_its_payload_spoils_it_for_no_other(workers):
    shared = {"seed": 5}
    found = run([Task(key, "engine_examples:spoil", shared) for key in "abc"], workers)
    assert same(found, dict.fromkeys("abc", fit({"seed": 5})))
    assert shared == {"seed": 5}


def test_a_message_does_not_run_on(monkeypatch):
    assert len(perform(Task("a", "engine_examples:wrong", "value")).failed) < 100
    long = Task("a", "builtins:float", "9" * 10_000 + "x")
    assert len(perform(long).failed) == 300


@pytest.mark.parametrize("end", [engine_examples.end_with_3, engine_examples.end_by_signal, None])
def test_workers_that_cannot_start_end_the_run_in_a_sentence(monkeypatch, end):
    if end is None:
        monkeypatch.setattr(sys, "executable", "/does/not/exist")
    else:
        monkeypatch.setattr(workers_module, "settle_in", end)
    with pytest.raises(InputError, match=r"^A process for the fits could not be started \(.*\)\. Close other programs"):
        run(tasks(5))
    assert not children()


def test_the_workers_end_with_the_iterator():
    outcomes = in_processes(tasks(500, seconds=0.01), 2)
    next(outcomes)
    assert len(children()) == 2
    outcomes.close()
    assert not children()


RUN = """
import sys
from pathlib import Path
from engine_examples import IDENTITY, tasks
from estimator.work.outcomes import Task
from estimator.work.tasks import run_tasks
folder = Path(sys.argv[1])
long = [Task(f"long-{n}", "engine_examples:orphan", {"pid": str(folder / f"pid-{n}")}) for n in range(2)]
done = (folder / "done").open("w")
run_tasks([*tasks(5), *long], folder=folder / "kept", identity=IDENTITY, workers=2,
          progress=lambda n, of: print(n, file=done, flush=True))
"""


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, -2), (signal.SIGTERM, -15)])
def test_the_workers_end_with_their_parent_in_the_middle_of_their_tasks(tmp_path, number, code):
    def start():
        signal.signal(signal.SIGINT, signal.default_int_handler)

    process = program(RUN, str(tmp_path), preexec_fn=start)
    marks = [tmp_path / "pid-0", tmp_path / "pid-1"]
    wait_until(lambda: all(lines_of(mark) for mark in marks) or process.poll() is not None, "workers")
    wait_until(lambda: lines_of(tmp_path / "done")[-1:] == ["5"], "results")
    pids = [int(lines_of(mark)[0]) for mark in marks]
    assert set(pids) == children(process.pid)
    began = time.monotonic()
    process.send_signal(number)
    said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == code
    assert ("KeyboardInterrupt" in said) == (number == signal.SIGINT)
    wait_until(lambda: not any(alive(pid) for pid in pids), "the end of the workers")
    assert time.monotonic() - began < PATIENCE
    assert kept(tmp_path / "kept") == 5
    some = tasks(8)
    assert same(run(some, 1, tmp_path / "kept"), expected(some))


@POSIX
def test_ctrl_c_on_the_terminal_reaches_the_parent_alone(tmp_path):
    """The terminal sends the signal to every process of the group; a worker that died of it would print a traceback."""
    process = program(
        RUN, str(tmp_path), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler), process_group=0
    )
    wait_until(lambda: lines_of(tmp_path / "pid-0") or process.poll() is not None, "a worker")
    wait_until(lambda: lines_of(tmp_path / "done")[-1:] == ["5"], "results")
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=PATIENCE)[1]
    assert said.count("Traceback") == 1
    assert kept(tmp_path / "kept") == 5
