"""Tasks on the workers of a Dask cluster, any of which may die, and whose scheduler may be lost.

Workers that die are Dask's business: it gives their tasks to others. It blames a death on every task that the worker
had at hand, so a task that has seen too many deaths may be innocent; such tasks are done again at the end, one at a
time, and only one that meets the same fate alone is given up.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import Any
from uuid import uuid4

from estimator.work.cluster_access import (
    ANSWER_SECONDS,
    ClusterLostError,
    another_version,
    connected,
    lost,
    own_version,
    performer,
    without_darkfigure,
)
from estimator.work.outcomes import TICK, Outcome, Task, broken, packed

_LOOK_SECONDS = 10.0
_WORKERLESS_SECONDS = 60.0
_TASKS_PER_THREAD = 2
"""So many tasks for every thread of the cluster are with the scheduler: one is done, the next is there already."""

_DEADLY = "the workers that had it died, again and again, even when they had nothing else to do"


def on_cluster(tasks: Sequence[Task], address: str) -> Generator[Outcome | None]:
    """Do tasks on a cluster.

    Parameters
    ----------
    address : str
        Of its scheduler: ``"tcp://host:port"``.

    Yields
    ------
    Outcome or None
        Of each task, as they are done; None when nothing was done for a second.

    Raises
    ------
    InputError
        When the cluster cannot be used (`estimator.work.cluster_access.connected`).
    ClusterLostError
        When the scheduler stops answering, or the last worker has been gone for a minute.
    """
    with connected(address) as client:
        cluster = _Cluster(client, address)
        suspects: list[Task] = []
        for task, outcome in cluster.stream(tasks):
            if task is not None and outcome is None:
                suspects.append(task)
            else:
                yield outcome
        for task, outcome in cluster.stream(suspects, alone=True):
            given_up = task is not None and outcome is None
            yield Outcome(task.key, failed=_DEADLY) if task is not None and given_up else outcome


class _Cluster:
    """A cluster, seen from the side of whoever has tasks for it."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address, self._perform = client, address, performer()
        self._threads, self._looked, self._had_workers = 0, -math.inf, time.monotonic()

    def stream(self, tasks: Sequence[Task], alone: bool = False) -> Iterator[tuple[Task | None, Outcome | None]]:
        """Have tasks done: several for each thread at a time, or one by one.

        Yields
        ------
        tuple of Task and Outcome
            Both None when nothing was done for a second; no outcome when too many workers died that had the task.
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
                some = ready.thread_condition.wait_for(ready.has_ready, timeout=TICK)
            if some:
                future, found = next(ready)
                task = under_way.pop(future.key)
                yield task, self._outcome(task, found)
            else:
                yield None, None

    def _submit(self, task: Task) -> Any:
        content, name = packed(task), f"darkfigure-{uuid4().hex}"
        try:
            return self._client.submit(self._perform, own_version(), task.key, content, key=name, pure=False)
        except Exception as error:
            raise lost(self._address) from error

    def _outcome(self, task: Task, found: Any) -> Outcome | None:
        """Return what came of a task; None when its workers died."""
        from distributed import KilledWorker

        match found:
            case Outcome():
                return found
            case str():
                raise another_version(self._address, found)
            case (_, KilledWorker(), _):
                return None
            case (_, ImportError(), _):  # those of the task itself are in its outcome
                raise without_darkfigure(self._address)
            case (_, Exception() as error, _):
                return broken(task.key, error)
        raise lost(self._address)

    def _look(self) -> None:
        """See now and then how large the cluster is, and whether it is there at all."""
        now = time.monotonic()
        if now < self._looked + _LOOK_SECONDS:
            return
        try:
            identity = self._client.scheduler.identity
            found = self._client.sync(identity, n_workers=0, callback_timeout=ANSWER_SECONDS)
        except Exception as error:
            raise lost(self._address) from error
        self._looked, self._threads = now, int(found["total_threads"])
        if self._threads:
            self._had_workers = now
        elif now > self._had_workers + _WORKERLESS_SECONDS:
            raise ClusterLostError(f"The cluster at {self._address} has lost all its workers")
