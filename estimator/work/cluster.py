"""Tasks on the workers of a Dask cluster, any of which may die, and whose scheduler may be lost.

Workers that die are Dask's business: it gives their tasks to others. It blames a death on every task that the worker
had at hand, so a task that has seen too many deaths may be innocent; such tasks are done again at the end, one at a
time, and only one that meets the same fate alone is given up.

A worker does a task only when it has the darkfigure of who asks. Python is asked for before anything is done, because
what does the tasks travels as its own code: a worker that cannot find a function by its name does not say so, but ends.
"""

from __future__ import annotations

import logging
import math
import platform
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any
from uuid import uuid4

from estimator.errors import Fault, InputError
from estimator.work.outcomes import Outcome, Task, broken, in_words, packed

_CONNECT_SECONDS = 8.0
_ANSWER_SECONDS = 30.0
"""A cluster that takes longer to answer than this is lost."""

_LOOK_SECONDS = 10.0
_WORKERLESS_SECONDS = 60.0
_TICK = 1.0
_TASKS_PER_THREAD = 2
"""Tasks for every thread of the cluster that are with the scheduler: one is done, the next is there already."""

_DEADLY = "the workers that had it died, again and again, even when they had nothing else to do"
_LOGS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado", "tornado.application")


class ClusterLostError(Exception):
    """The cluster cannot go on; the message is the beginning of a sentence that says why."""


def on_cluster(tasks: Sequence[Task], address: str) -> Generator[Outcome]:
    """Do tasks on a cluster, and yield what came of each as they are done.

    Parameters
    ----------
    address : str
        Of its scheduler: ``"tcp://host:port"``.

    Raises
    ------
    InputError
        When Dask is not installed, the cluster cannot be reached, has no workers, or has another darkfigure or Python.
    ClusterLostError
        When the scheduler stops answering, or the last worker has been gone for a minute.
    """
    with _connected(address) as client:
        cluster = _Cluster(client, address)
        suspects: list[Task] = []
        for task, outcome in cluster.stream(tasks):
            if outcome is None:
                suspects.append(task)
            else:
                yield outcome
        for task, outcome in cluster.stream(suspects, alone=True):
            yield outcome or Outcome(task.key, failed=_DEADLY)


class _Cluster:
    """A cluster, seen from the side of whoever has tasks for it."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address, self._perform = client, address, _performer()
        self._threads, self._looked, self._had_workers = 0, -math.inf, time.monotonic()

    def stream(self, tasks: Sequence[Task], alone: bool = False) -> Iterator[tuple[Task, Outcome | None]]:
        """Have tasks done, several for each thread at a time or one by one.

        Yields
        ------
        tuple of Task and Outcome
            No outcome when too many workers died that had the task.
        """
        from distributed import as_completed

        waiting, under_way = deque(tasks), dict[str, Task]()
        # it fetches results, too, in its own thread: one that was lost with its worker keeps nobody waiting
        ready = as_completed(loop=self._client.loop, with_results=True, raise_errors=False)
        while waiting or under_way:
            self._look()
            room = 1 if alone else max(1, _TASKS_PER_THREAD * self._threads)
            while waiting and len(under_way) < room:
                task = waiting.popleft()
                ready.add(future := self._submit(task))
                under_way[future.key] = task
            with ready.thread_condition:
                any_ready = ready.thread_condition.wait_for(ready.has_ready, timeout=_TICK)
            if any_ready:
                future, result = next(ready)
                task = under_way.pop(future.key)
                yield task, self._outcome(task, result)

    def _submit(self, task: Task) -> Any:
        content, name = packed(task), f"darkfigure-{uuid4().hex}"
        try:
            return self._client.submit(self._perform, own_version(), task.key, content, key=name, pure=False)
        except Exception as error:
            raise _lost(self._address) from error

    def _outcome(self, task: Task, result: Any) -> Outcome | None:
        """Return what came of a task; None when its workers died."""
        from distributed import KilledWorker

        match result:
            case Outcome():
                return result
            case str():
                raise _another_version(self._address, result)
            case (_, KilledWorker(), _):
                return None
            case (_, ImportError(), _):  # those of the task itself are in its outcome
                raise _without_darkfigure(self._address)
            case (_, Exception() as error, _):
                return broken(task.key, error)
        raise _lost(self._address)

    def _look(self) -> None:
        """See now and then how large the cluster is, and whether it is there at all."""
        now = time.monotonic()
        if now < self._looked + _LOOK_SECONDS:
            return
        try:
            identity = self._client.scheduler.identity
            answer = self._client.sync(identity, n_workers=0, callback_timeout=_ANSWER_SECONDS)
        except Exception as error:
            raise _lost(self._address) from error
        self._looked, self._threads = now, int(answer["total_threads"])
        if self._threads:
            self._had_workers = now
        elif now > self._had_workers + _WORKERLESS_SECONDS:
            raise ClusterLostError(f"The cluster at {self._address} has lost all its workers")


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Give a client of a cluster that may be used: it answers, and has workers with the Python of this machine.

    Dask's log is silent as long as this lasts: what a lost connection means is said once, by us.
    """
    try:
        import distributed
    except ImportError as error:
        message = 'A cluster needs Dask, which is not installed. Install it with: pip install "darkfigure[distributed]"'
        raise InputError(Fault(address, message)) from error
    import asyncio

    with _silenced():
        try:
            asyncio.run(asyncio.wait_for(_greet(address), _CONNECT_SECONDS))
            client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except Exception as error:
            message = f"The cluster cannot be reached ({in_words(error)})."
            advice = "Check the address, and that its scheduler runs."
            raise InputError(Fault(address, f"{message} {advice}")) from error
        try:
            _refuse_useless_workers(client, address)
            yield client
        finally:
            with suppress(Exception):
                client.close(timeout=_ANSWER_SECONDS)


async def _greet(address: str) -> None:
    """Exchange greetings with a scheduler, for which Dask's client would wait for ever."""
    from distributed.comm import connect

    connection = await connect(address, timeout=_CONNECT_SECONDS)
    await connection.close()


@contextmanager
def _silenced() -> Iterator[None]:
    before = {name: logging.getLogger(name).level for name in _LOGS}
    for name in before:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _refuse_useless_workers(client: Any, address: str) -> None:
    """Refuse a cluster without workers, and one with another Python, which cannot run code from here."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TimeoutError as error:
        raise InputError(Fault(address, "The cluster has no workers. Start some, and run this again.")) from error
    except Exception as error:
        raise _lost(address) from error
    here = platform.python_version()
    for version in _pythons(client, address):
        if version.split(".")[:2] != here.split(".")[:2]:
            message = f"A worker of this cluster has Python {version}, and here is {here}. Use the same on both."
            raise InputError(Fault(address, message))


def _pythons(client: Any, address: str) -> set[str]:
    """Return the versions of Python on the workers: "3.11.4"."""
    ask = client.scheduler.broadcast
    try:
        answers = client.sync(ask, msg={"op": "versions"}, on_error="ignore", callback_timeout=_ANSWER_SECONDS)
    except Exception as error:
        raise _lost(address) from error
    return {".".join(answer["host"]["python"].split(".")[:3]) for answer in answers.values()}


def own_version() -> str:
    """Return the version of darkfigure here."""
    return str(import_module("estimator").__version__)


def _performer() -> Callable[[str, str, bytes], Outcome | str]:
    """Return the function that does a packed task on a worker; it travels as its own code.

    It returns the version of darkfigure on the worker when that is another one than `version`: workers may join at any
    time.
    """

    def perform(version: str, key: str, content: bytes) -> Outcome | str:
        from importlib import import_module

        there = str(import_module("estimator").__version__)
        outcomes = import_module("estimator.work.outcomes") if there == version else None
        return there if outcomes is None else outcomes.perform_packed(key, content)

    return perform


def _lost(address: str) -> ClusterLostError:
    return ClusterLostError(f"The cluster at {address} stopped answering")


def _another_version(address: str, version: str) -> InputError:
    message = f"A worker of this cluster has darkfigure {version}, and here is {own_version()}."
    return InputError(Fault(address, f"{message} Install the same on both."))


def _without_darkfigure(address: str) -> InputError:
    message = f"A worker of this cluster has no darkfigure, and here is {own_version()}. Install the same there."
    return InputError(Fault(address, message))
