"""Tasks on a Dask cluster on this machine: workers are killed, the scheduler is lost, and the results are the same."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from engine_examples import IDENTITY, PATIENCE, alive, fit, kept, lines_of, program, same, tasks

from estimator.errors import InputError
from estimator.work import cluster as cluster_module
from estimator.work.outcomes import Task
from estimator.work.tasks import run_tasks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

SCHEDULER = """
import asyncio, sys
from distributed import Scheduler
async def main():
    async with Scheduler(host="127.0.0.1", port=int(sys.argv[1]), dashboard=False) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()
asyncio.run(main())
"""
WORKER = """
import asyncio, importlib, os, sys
from distributed import Worker
if os.environ.get("OTHER_VERSION"):
    importlib.import_module("estimator").__version__ = os.environ["OTHER_VERSION"]
if os.environ.get("OTHER_PYTHON"):
    importlib.import_module("distributed.versions").get_system_info = lambda: {"python": os.environ["OTHER_PYTHON"]}
if os.environ.get("WITHOUT_DARKFIGURE"):
    sys.modules["estimator"] = None
async def main():
    async with Worker(sys.argv[1], nthreads=1, dashboard=False, death_timeout=30) as worker:
        await worker.finished()
asyncio.run(main())
"""


class Cluster:
    """A scheduler and workers, each a process of its own that a test may kill."""

    def __init__(self) -> None:
        self.scheduler = program(SCHEDULER, "0")
        self.address = self.scheduler.stdout.readline().strip()
        self.workers: list[subprocess.Popen[str]] = []

    def hire(self, number: int = 1, **environment: str) -> None:
        """Start workers."""
        for _ in range(number):
            self.workers.append(program(WORKER, self.address, **environment))

    def end(self) -> None:
        """End all of it."""
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.communicate()


@contextmanager
def started(workers: int) -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        cluster.hire(workers)
        yield cluster
    finally:
        cluster.end()


@pytest.fixture(scope="module")
def local() -> Iterator[str]:
    """A cluster whose nannies replace workers that die, as most clusters have."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=logging.CRITICAL
    ) as cluster:
        yield cluster


def run(some, address, folder=None, **options):
    return run_tasks(some, folder=folder, identity=IDENTITY, cluster=address, **options)


def expected(some):
    return {task.key: fit(task.payload) for task in some}


def test_results_are_those_of_this_machine(local, tmp_path):
    some = tasks(60)
    told = []
    found = run(some, local.scheduler_address, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert same(found, expected(some))
    assert told == [(done, 60) for done in range(61)]
    assert kept(tmp_path) == 60
    assert same(run_tasks(some, folder=tmp_path, identity=IDENTITY, workers=1), expected(some))


def test_a_run_begun_here_is_finished_there(local, tmp_path):
    some = tasks(20, "counted", marks=str(tmp_path / "marks"))
    run_tasks(some[:10], folder=tmp_path / "kept", identity=IDENTITY, workers=2)
    assert same(run(some, local.scheduler_address, tmp_path / "kept"), expected(some))
    assert sorted(map(int, lines_of(tmp_path / "marks"))) == list(range(20))


def test_few_tasks_at_a_time_are_with_the_scheduler(local):
    """Two for each of the two threads, however many wait here."""
    most = []

    def look(done, total):
        states = [task.state for task in list(local.scheduler.tasks.values())]
        most.append(len(states) - states.count("memory") - states.count("released"))

    some = tasks(40, seconds=0.01)
    assert same(run(some, local.scheduler_address, progress=look), expected(some))
    assert 1 <= max(most) <= 4


def test_a_worker_killed_in_the_middle(local, tmp_path):
    some = tasks(60, seconds=0.02)
    killed = []

    def kill_one(done, total):
        if done in (10, 30):
            pid = next(iter(local.workers.values())).pid
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    assert same(run(some, local.scheduler_address, tmp_path, progress=kill_one), expected(some))
    assert len(killed) == 2
    assert kept(tmp_path) == 60


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_given_up_and_no_other_with_it(local, tmp_path):
    """Dask blames a death on all that the worker had at hand; those that are innocent are done all the same."""
    deadly = {"seed": 7, "deaths": 8, "tally": str(tmp_path / "t")}
    some = [Task("deadly", "engine_examples:fit_and_die", deadly), *tasks(30, seconds=0.05)]
    found = run(some, local.scheduler_address, tmp_path / "kept")
    assert found.pop("deadly") == {
        "failed": "the workers that had it died, again and again, even when they had nothing else to do"
    }
    assert same(found, expected(some[1:]))
    assert len(lines_of(tmp_path / "t")) == 8
    assert kept(tmp_path / "kept") == 30
    assert same(run(some, local.scheduler_address, tmp_path / "kept"), expected(some))


@pytest.mark.parametrize(("what", "kind"), [("type", TypeError), ("exit", RuntimeError)])
def test_a_fault_of_the_program_ends_the_run(local, what, kind):
    with pytest.raises(kind, match="^task 'faulty': "):
        run([*tasks(5), Task("faulty", "engine_examples:wrong", what)], local.scheduler_address)


def test_difficult_data_are_an_outcome(local):
    found = run([Task("hard", "engine_examples:wrong", "value")], local.scheduler_address)
    assert found == {"hard": {"failed": "ValueError: the matrix is singular"}}


@pytest.mark.parametrize("again", ["here", pytest.param("there", marks=pytest.mark.slow)])
def test_a_scheduler_that_is_lost(tmp_path, again, caplog, capfd):
    some = tasks(120, seconds=0.02)
    with started(2) as cluster:

        def kill(done, total):
            if done == 20:
                cluster.scheduler.kill()

        began = time.monotonic()
        with pytest.raises(InputError) as found:
            run(some, cluster.address, tmp_path, progress=kill)
        assert time.monotonic() - began < PATIENCE
        done = kept(tmp_path)
        assert 20 <= done < 120
        assert str(found.value) == (
            f"The cluster at {cluster.address} stopped answering; {done} of 120 fits are done and kept in {tmp_path}. "
            "Run the same command again to finish."
        )
    assert capfd.readouterr().err == ""
    # the scheduler is the test's own, and tells of connections that it closes when there is time for it
    assert not [record for record in caplog.records if record.name != "distributed.scheduler"]
    if again == "here":
        found = run_tasks(some, folder=tmp_path, identity=IDENTITY, workers=2)
    else:
        with started(2) as another:
            found = run(some, another.address, tmp_path)
    assert same(found, expected(some))
    assert kept(tmp_path) == 120


@pytest.mark.slow
def test_a_scheduler_that_is_lost_without_a_folder():
    with started(1) as cluster, pytest.raises(InputError, match="fits are done and none is kept. Run the same command"):
        run(tasks(50), cluster.address, progress=lambda done, total: done == 5 and cluster.scheduler.kill())


@pytest.mark.slow
def test_a_scheduler_that_is_there_and_says_nothing(tmp_path, monkeypatch):
    """A machine that hangs closes no connection."""
    monkeypatch.setattr(cluster_module, "_ANSWER_SECONDS", 3.0)
    monkeypatch.setattr(cluster_module, "_LOOK_SECONDS", 1.0)

    with started(1) as cluster:

        def stop(done, total):
            if done == 5:
                cluster.scheduler.send_signal(signal.SIGSTOP)

        with pytest.raises(InputError, match=r"stopped answering; [5-7] of 50 fits are done and kept in"):
            run(tasks(50), cluster.address, tmp_path, progress=stop)


@pytest.mark.slow
def test_a_cluster_whose_workers_are_all_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "_LOOK_SECONDS", 0.2)
    monkeypatch.setattr(cluster_module, "_WORKERLESS_SECONDS", 1.0)
    with started(1) as cluster:

        def kill(done, total):
            if done == 5:
                cluster.workers[0].kill()

        with pytest.raises(InputError, match=r"has lost all its workers; [5-7] of 50 fits are done and kept in"):
            run(tasks(50), cluster.address, tmp_path, progress=kill)
        cluster.hire()
        assert same(run(tasks(50), cluster.address, tmp_path), expected(tasks(50)))


@pytest.mark.slow
def test_a_cluster_without_workers(monkeypatch):
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 2.0)
    with (
        started(0) as cluster,
        pytest.raises(InputError, match=rf"^{re.escape(cluster.address)}: The cluster has no w"),
    ):
        run(tasks(3), cluster.address)


@pytest.mark.slow
def test_a_worker_that_comes_late_helps(tmp_path, monkeypatch):
    """None of these tasks ends before two workers are at work on them."""
    monkeypatch.setattr(cluster_module, "_LOOK_SECONDS", 0.2)
    waiting = [Task(f"{n}", "engine_examples:together", str(tmp_path / "pids")) for n in range(8)]
    with started(1) as cluster:
        found = run(
            [*tasks(1), *waiting], cluster.address, progress=lambda done, total: cluster.hire() if done == 1 else None
        )
    assert len({result["pid"] for key, result in found.items() if key != "case-0"}) == 2


@pytest.mark.slow
def test_another_darkfigure_on_the_workers_is_refused(monkeypatch):
    with started(1) as cluster:
        monkeypatch.setenv("OTHER_VERSION", "9.8.7")
        cluster.hire()
        time_is_up = time.monotonic() + PATIENCE
        while True:  # until the second worker has joined, too
            try:
                run(tasks(3), cluster.address)
            except InputError as error:
                said = str(error)
                break
            assert time.monotonic() < time_is_up
    here = cluster_module.own_version()
    assert said == (
        f"{cluster.address}: A worker of this cluster has darkfigure 9.8.7, and here is {here}. "
        "Install the same on both."
    )


@pytest.mark.slow
def test_workers_without_darkfigure_are_refused(monkeypatch):
    monkeypatch.setenv("WITHOUT_DARKFIGURE", "1")
    with started(1) as cluster, pytest.raises(InputError) as found:
        run(tasks(3), cluster.address)
    here = cluster_module.own_version()
    assert str(found.value) == (
        f"{cluster.address}: A worker of this cluster has no darkfigure, and here is {here}. Install the same there."
    )


@pytest.mark.slow
def test_another_python_on_the_workers_is_refused(monkeypatch):
    monkeypatch.setenv("OTHER_PYTHON", "3.99.1.final.0")
    with started(1) as cluster, pytest.raises(InputError, match=r"has Python 3\.99\.1, and here is 3\.\d+\.\d+\. Use"):
        run(tasks(3), cluster.address)


def test_another_darkfigure_that_joins_later_is_refused(local, monkeypatch):
    monkeypatch.setattr(cluster_module, "own_version", lambda: "9.8.7")
    with pytest.raises(InputError, match=r"A worker of this cluster has darkfigure [\d.]+, and here"):
        run(tasks(3), local.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{free}", "127.0.0.1:{free}", "nonsense://x", "tcp://", "", "?"])
def test_a_cluster_that_cannot_be_reached(tmp_path, address, monkeypatch):
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    with pytest.raises(InputError, match=r"The cluster cannot be reached \(.+\)\. Check the address, and that"):
        run(tasks(3), address.format(free=free), tmp_path)


def test_something_else_at_the_address(monkeypatch):
    """It takes the connection, and never says a word."""
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(InputError, match="The cluster cannot be reached"):
            run(tasks(3), f"tcp://127.0.0.1:{port}")


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=re.escape('Install it with: pip install "darkfigure[distributed]"')):
        run(tasks(3), "tcp://127.0.0.1:1")


def test_the_log_of_dask_is_as_it_was(local):
    before = {name: logging.getLogger(name).level for name in ("distributed", "distributed.client", "tornado")}
    run(tasks(3), local.scheduler_address)
    assert {name: logging.getLogger(name).level for name in before} == before
    assert not [thread for thread in threading.enumerate() if "IO loop" in thread.name and not thread.daemon]


@pytest.mark.slow
def test_the_parent_that_is_killed_leaves_nothing_behind(tmp_path):
    """Only the parent writes: what it has not taken is done again."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom engine_examples import IDENTITY, tasks\n"
        "from estimator.work.tasks import run_tasks\n"
        "run_tasks(tasks(500, seconds=0.02), folder=Path(sys.argv[1]), identity=IDENTITY, cluster=sys.argv[2],\n"
        "          progress=lambda done, total: print(done, flush=True))\n"
    )
    with started(1) as cluster:
        process = program(code, str(tmp_path), cluster.address)
        while int(process.stdout.readline()) <= 10:
            pass
        process.kill()
        process.communicate()
        assert not alive(process.pid)
        some = tasks(60)
        assert same(run(some, cluster.address, tmp_path), expected(some))
