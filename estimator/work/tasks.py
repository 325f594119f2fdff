"""Thousands of fits, each done once: in this process, in several, or on a cluster; kept, and taken up again.

Whatever disturbs a run (a worker killed, a scheduler lost, a full disk, Ctrl-C, a power cut), the same call afterwards
does what is left and returns what an undisturbed run returns, because a task's result depends on its payload alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from estimator.errors import Fault, InputError
from estimator.words.numbers import count
from estimator.work.cluster import ClusterLostError, on_cluster
from estimator.work.ledger import Ledger, open_ledger
from estimator.work.outcomes import FAILED, Outcome, Task, raise_broken
from estimator.work.workers import in_processes, in_this_process

__all__ = ["Task", "run_tasks"]

Result = dict[str, Any]
Progress = Callable[[int, int], None]


def run_tasks(
    tasks: Sequence[Task],
    *,
    folder: Path | None,
    identity: Mapping[str, Any],
    workers: int = 2,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Result]:
    """Do tasks and return their results.

    Parameters
    ----------
    tasks : sequence of Task
        With keys of their own.
    folder : Path or None
        Where results are kept (`estimator.work.ledger`), and those of an earlier call found; None to keep
        none. Results there of tasks that are not asked for stay there, and are not returned.
    identity : mapping of str to anything JSON can hold
        What the results depend on besides the keys: method, hashes of study and priors, versions, settings. Another
        identity in the same folder is refused. Say nothing in it that does not change results, such as `workers`.
    workers : int, optional
        1 does the tasks in this process, where threads of linear algebra are as they are and a task that kills its
        process kills the run; more does them in that number of processes of one thread each.
    cluster : str, optional
        Address of a Dask scheduler, ``"tcp://host:port"``, whose workers do the tasks instead.
    progress : callable, optional
        Called with the numbers of tasks done (failed ones included) and of all: once at the start, then after each.

    Returns
    -------
    dict of str to dict
        Results by key, in the order of the tasks, as they come back from JSON. A task without a result has
        ``{"failed": why}``: an exception's class and message, or that its process died three times in a row (on a
        cluster: as often as its scheduler allows, twice). That is not kept, so that the next call tries again.

    Raises
    ------
    ValueError
        When two tasks have the same key, or `workers` is less than 1.
    InputError
        When the folder cannot be used or is full, or the cluster cannot be reached or stops answering.
    TypeError, AttributeError, NameError, ImportError, LookupError, AssertionError, NotImplementedError, SyntaxError
        When a function raised it: a fault of the program, with the key named (`outcomes.PROGRAMMING_ERRORS`).
    """
    if twice := [key for key, number in Counter(task.key for task in tasks).items() if number > 1]:
        raise ValueError(f"two tasks have the key '{twice[0]}'")
    if workers < 1:
        raise ValueError(f"there must be a worker, and workers is {workers}")
    with nullcontext(None) if folder is None else open_ledger(folder, identity) as ledger:
        run = _Run(tasks, folder, ledger, progress)
        run.finish(workers, cluster)
        return run.results()


class _Run:
    """What is done of a run so far."""

    def __init__(
        self, tasks: Sequence[Task], folder: Path | None, ledger: Ledger | None, progress: Progress | None
    ) -> None:
        self._tasks, self._folder, self._ledger, self._progress = tasks, folder, ledger, progress
        before = ledger.done if ledger is not None else {}
        self._done: dict[str, Result] = {task.key: before[task.key] for task in tasks if task.key in before}
        self._failed: dict[str, Result] = {}

    def results(self) -> dict[str, Result]:
        """Return the results, in the order of the tasks."""
        both = {**self._done, **self._failed}
        return {task.key: both[task.key] for task in self._tasks}

    def finish(self, workers: int, cluster: str | None) -> None:
        """Do what is left."""
        left = [task for task in self._tasks if task.key not in self._done]
        self._say_progress()
        if not left:
            return
        try:
            with closing(_outcomes(left, workers, cluster)) as stream:
                for outcome in stream:
                    self._take(outcome)
        except ClusterLostError as error:
            raise self._broken_off(str(error), "Run") from error
        except sqlite3.Error as error:
            full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            advice = "Make room and run" if full else "Mend that and run"
            raise self._broken_off(f"The results could not be written ({error})", advice) from error

    def _take(self, outcome: Outcome) -> None:
        """Take what came of one task."""
        if outcome.broken is not None:
            raise_broken(outcome)
        if outcome.text is None:
            self._failed[outcome.key] = {FAILED: outcome.failed or ""}
        else:
            if self._ledger is not None:
                self._ledger.add(outcome.key, outcome.text)
            self._done[outcome.key] = json.loads(outcome.text)
        self._say_progress()

    def _say_progress(self) -> None:
        if self._progress is not None:
            self._progress(len(self._done) + len(self._failed), len(self._tasks))

    def _broken_off(self, why: str, advice: str) -> InputError:
        """Return the error of a run that cannot go on; it says how much is done."""
        done = f"{count(len(self._done))} of {count(len(self._tasks))} fits are done"
        kept = "and none is kept" if self._folder is None else f"and kept in {self._folder}"
        return InputError(Fault("", f"{why}; {done} {kept}. {advice} the same command again to finish."))


def _outcomes(tasks: Sequence[Task], workers: int, cluster: str | None) -> Generator[Outcome]:
    if cluster is not None:
        return on_cluster(tasks, cluster)
    return in_this_process(tasks) if workers == 1 else in_processes(tasks, workers)
