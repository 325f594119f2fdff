"""Tasks in this process, or in several that may die.

Every worker is a loky executor of one process: a fresh Python (never a fork: numba and threads do not survive one) with
one thread for linear algebra and numba, so that two workers use two cores. An executor of several processes, when one
of them dies, fails all tasks at hand and does not say which one did it; one that has a single process and a single task
says it by breaking. No other task is touched, and a new executor takes that task up again.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import deque
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from estimator.errors import Fault, InputError
from estimator.work.outcomes import Outcome, Task, packed, perform_packed

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

DEATHS = 3
"""Deaths of its worker in a row after which a task is given up: it is the likely cause."""

_THREADED = ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR", "NUMBA")
_ENVIRONMENT = {
    **{f"{library}_NUM_THREADS": "1" for library in _THREADED},
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore",
    "LOKY_MAX_MEMORY_LEAK_SIZE": "1e15",  # a large fit after a small one is no leak
}
_EXIT_CODE = re.compile(r"\{(\w+)\((-?\d+)\)\}")


def in_this_process(tasks: Sequence[Task]) -> Generator[Outcome]:
    """Do tasks one after another, here, each with a copy of its payload, as in another process."""
    for task in tasks:
        yield perform_packed(task.key, packed(task))


def in_processes(tasks: Sequence[Task], workers: int) -> Generator[Outcome]:
    """Do tasks in processes of their own, and yield what came of each as they are done.

    Parameters
    ----------
    workers : int
        At most this many processes. They end when the iterator is closed, in the middle of their tasks if need be.

    Raises
    ------
    InputError
        When worker processes cannot be started.
    TypeError
        When a payload cannot be pickled.
    """
    from concurrent.futures import FIRST_COMPLETED, wait

    waiting = deque(tasks)
    at_work: dict[Future[Any], _Worker] = {}
    try:
        for _ in range(min(workers, len(tasks))):
            worker = _Worker(waiting.popleft())
            at_work[worker.go_on()] = worker
        while at_work:
            for future in wait(at_work, return_when=FIRST_COMPLETED).done:
                worker = at_work[future]
                outcome = worker.outcome_of(future)
                if outcome is not None:
                    worker.task = waiting.popleft() if waiting else None
                if worker.task is None:
                    worker.end()
                else:  # it has its next task before anybody looks at the outcome of the last one
                    at_work[worker.go_on()] = worker
                del at_work[future]
                if outcome is not None:
                    yield outcome
    finally:
        for worker in at_work.values():
            worker.end()


class _Worker:
    """A process, made anew whenever it dies, and the task that it has."""

    def __init__(self, task: Task) -> None:
        self.task: Task | None = task
        self._executor: Any = None
        self._pipe: tuple[Connection, Connection] | None = None
        self._starting, self._false_starts, self._deaths = False, 0, 0

    def go_on(self) -> Future[Any]:
        """Begin what is next: a new process, or the task in the process that is there."""
        if self.task is None:
            raise ValueError("there is nothing to do")
        content = packed(self.task)  # before a process is started for nothing
        self._starting = self._executor is None
        try:
            if self._starting:
                self._start()
                return self._executor.submit(os.getpid)  # type: ignore[no-any-return]
            return self._executor.submit(perform_packed, self.task.key, content)  # type: ignore[no-any-return]
        except OSError as error:
            raise _not_started(error.strerror or str(error)) from error

    def outcome_of(self, future: Future[Any]) -> Outcome | None:
        """Return what came of the task; None when its process only began, or died and the task is to be tried again."""
        from concurrent.futures.process import BrokenProcessPool

        try:
            result = future.result()
        except BrokenProcessPool as death:
            self.end()
            return self._mourn(_how_it_ended(death))
        self._false_starts = 0
        if self._starting:
            return None
        self._deaths = 0
        return result  # type: ignore[no-any-return]

    def _mourn(self, how: str) -> Outcome | None:
        """Count a death, against the task if it had one; return the outcome of a task that is given up.

        Processes that die, again and again, before they have a task are the fault of no task: that is an `InputError`.
        """
        if self._starting or self.task is None:
            self._false_starts += 1
            if self._false_starts == DEATHS:
                raise _not_started(how)
            return None
        self._deaths += 1
        if self._deaths < DEATHS:
            return None
        self._deaths = 0
        return Outcome(self.task.key, failed=f"its process died {DEATHS} times in a row ({how})")

    def _start(self) -> None:
        from loky.backend.context import get_context
        from loky.process_executor import ProcessPoolExecutor

        self._pipe = get_context().Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(1, initializer=settle_in, initargs=self._pipe[:1], env=_ENVIRONMENT)

    def end(self) -> None:
        """End the process at once; harmless when it has ended."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None
        for end in self._pipe or ():
            end.close()


def settle_in(parent: Connection) -> None:
    """Make a fresh process a worker.

    Parameters
    ----------
    parent : Connection
        On which nothing is ever said, and which closes when the process that wants the work ends, in whatever way. Then
        the worker ends too, in the middle of a task if need be: loky alone would leave it behind.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers itself
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what a task prints must not get among the results on standard output

    def watch() -> None:
        parent.poll(None)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _how_it_ended(death: Exception) -> str:
    """Return how a process ended, from loky's list of exit codes, which has one entry here."""
    match = _EXIT_CODE.search(str(death))
    if match is None:
        return "it ended"
    name, code = match[1], int(match[2])
    if name == "SIGKILL":
        return "killed, perhaps for want of memory"
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _not_started(why: str) -> InputError:
    advice = "Close other programs, or use fewer processes with --workers"
    return InputError(Fault("", f"A process for the fits could not be started ({why}). {advice}."))
