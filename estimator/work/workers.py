"""Tasks in this process, or in several that may die.

Every worker is a fresh Python process (never a fork: numba and threads do not survive one) with one thread for linear
algebra and numba, so that two workers use two cores. Each has a thread here that hands it one task at a time: when a
worker dies, it is known which task it was at, no other task is touched, and a new worker takes that task up again.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any

from estimator.errors import Fault, InputError
from estimator.work.outcomes import TICK, Outcome, Task, packed, perform_packed

DEATHS = 3
"""A task whose worker has died so many times in a row is given up: it is the likely cause."""

_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
# standard input becomes empty before anything is imported, so that no task and none of its children reads the orders
_BEGIN = """
import os, pickle, sys
orders = os.fdopen(os.dup(0), "rb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
sys.path[:] = pickle.load(orders)
from estimator.work.serving import serve
serve(orders)
"""


class _DiedError(Exception):
    """A worker process has ended when it should not; the message says how."""


class _StoppedError(Exception):
    """The pool ends: no new worker is wanted."""


def in_this_process(tasks: Sequence[Task]) -> Generator[Outcome | None]:
    """Do tasks one after another, here, each with a copy of its payload, as in another process.

    Yields
    ------
    Outcome
        Of each, in their order.
    """
    for task in tasks:
        yield perform_packed(task.key, packed(task))


def in_processes(tasks: Sequence[Task], workers: int) -> Generator[Outcome | None]:
    """Do tasks in processes of their own.

    Parameters
    ----------
    workers : int
        So many processes at most. They end when the iterator is closed, in the middle of their tasks if need be.

    Yields
    ------
    Outcome or None
        Of each task, as they are done; None when nothing was done for a second, so that the caller can see to other
        things.

    Raises
    ------
    InputError
        When worker processes cannot be started.
    TypeError
        When a payload cannot be pickled.
    """
    pool = _Pool(tasks, min(workers, len(tasks)))
    try:
        pool.start()
        remaining = len(tasks)
        while remaining:
            outcome = pool.next()
            remaining -= outcome is not None
            yield outcome
    finally:
        pool.end()


class _Worker:
    """One worker process and the two pipes to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-c", _BEGIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(_ONE_THREAD, "1")},
            start_new_session=True,  # Ctrl-C on the terminal is for the parent, which ends its workers itself
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a worker process has no pipes")
        self._orders, self._replies = self._process.stdin, self._process.stdout

    def wait_until_ready(self) -> None:
        """Wait until it has started."""
        self._exchange(sys.path)

    def do(self, key: str, content: bytes) -> Outcome:
        """Have a task done; raises `_DiedError` when the process dies of it."""
        outcome: Outcome = self._exchange((key, content))
        return outcome

    def kill(self) -> None:
        """End it at once; harmless when it has ended."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and let go of the pipes; only for the thread that uses them."""
        self.kill()
        for pipe in (self._orders, self._replies):
            with suppress(OSError):  # what was not yet sent is of no use to a process that has ended
                pipe.close()

    def _exchange(self, message: Any) -> Any:
        try:
            pickle.dump(message, self._orders)
            self._orders.flush()
            return pickle.load(self._replies)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise _DiedError(_how_it_ended(self._process.wait())) from error


def _how_it_ended(code: int) -> str:
    if code == -getattr(signal, "SIGKILL", 9):
        return "killed, perhaps for want of memory"
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


class _Pool:
    """Worker processes, and a thread for each that hands it one task after another."""

    def __init__(self, tasks: Sequence[Task], size: int) -> None:
        self._waiting = deque(tasks)
        self._finished: queue.SimpleQueue[Outcome | Exception] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped = False
        self._workers: set[_Worker] = set()
        self._threads = [threading.Thread(target=self._attend, daemon=True) for _ in range(size)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def next(self) -> Outcome | None:
        """Return what is done next, or None when nothing is for a while."""
        try:
            found = self._finished.get(timeout=TICK)
        except queue.Empty:
            return None
        if isinstance(found, Exception):
            raise found
        return found

    def end(self) -> None:
        """End every process, whatever it is doing."""
        with self._lock:
            self._stopped = True
            workers = tuple(self._workers)
        for worker in workers:
            worker.kill()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _attend(self) -> None:
        """Have tasks done, one after another, until none is left."""
        worker: _Worker | None = None
        try:
            while (task := self._next_task()) is not None:
                worker = self._settle(task, worker)
        except _StoppedError:
            pass
        except Exception as error:
            self._finished.put(error)
        finally:
            if worker is not None:
                self._retire(worker)

    def _next_task(self) -> Task | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting and not self._stopped else None

    def _settle(self, task: Task, worker: _Worker | None) -> _Worker | None:
        """Have one task done, by new workers when the one that has it dies; return a worker that lives, if any."""
        content, how = packed(task), ""
        for _ in range(DEATHS):
            worker = worker or self._new_worker()
            try:
                self._finished.put(worker.do(task.key, content))
                return worker
            except _DiedError as death:
                self._retire(worker)
                worker, how = None, str(death)
        self._finished.put(Outcome(task.key, failed=f"its process died {DEATHS} times in a row ({how})"))
        return None

    def _new_worker(self) -> _Worker:
        """Start a worker; one that dies before it has a task is the fault of no task."""
        why = ""
        for _ in range(DEATHS):
            try:
                worker = self._start()
            except OSError as error:
                why = error.strerror or str(error)
                continue
            try:
                worker.wait_until_ready()
                return worker
            except _DiedError as death:
                self._retire(worker)
                why = str(death)
        advice = "Close other programs, or use fewer processes with --workers"
        raise InputError(Fault("", f"A process for the fits could not be started ({why}). {advice}."))

    def _start(self) -> _Worker:
        with self._lock:
            if self._stopped:
                raise _StoppedError
            worker = _Worker()
            self._workers.add(worker)
            return worker

    def _retire(self, worker: _Worker) -> None:
        worker.close()
        with self._lock:
            self._workers.discard(worker)
