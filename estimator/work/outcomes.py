"""One task and what came of it: the part that runs wherever a task is done, in this process or in another."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

from estimator.work.exactjson import text_of

FAILED = "failed"
"""The key under which a result says why there is none."""

TICK = 1.0
"""Seconds after which those who have tasks done elsewhere say that nothing was done."""

PROGRAMMING_ERRORS: tuple[type[Exception], ...] = (
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    LookupError,
    AssertionError,
    NotImplementedError,
    SyntaxError,
)
"""Signs of a fault in the program, never of difficult data: they end the run.

Recording them as failed fits would hide the fault in a table of calibration. Everything else that a function raises
(numbers that overflow, a matrix that is singular, too little memory, a refusal to estimate) is an outcome of its fit.
"""

_ENDING: tuple[type[BaseException], ...] = (*PROGRAMMING_ERRORS, SystemExit)
_LONGEST = 300


@dataclass(frozen=True)
class Task:
    """One piece of work whose result depends on its payload alone: not on where, when or after what it is done.

    Parameters
    ----------
    key : str
        Unique among the tasks of a run. Key and identity of the run together determine function and payload: a result
        that is kept under a key is never checked against another payload.
    function : str
        Module and name, ``"estimator.scrutiny.heldout:fit_case"``. It takes the payload and returns a dict of plain
        values that JSON can hold, without the key ``"failed"``.
    payload : Any
        Plain and picklable; seeds of random numbers are in it.
    """

    key: str
    function: str
    payload: Any

    def __post_init__(self) -> None:
        module, colon, name = self.function.partition(":")
        if not (self.key and module and colon and name):
            raise ValueError(f"task '{self.key}' has the function '{self.function}', which is not 'module:name'")


@dataclass(frozen=True)
class Outcome:
    """What came of a task: exactly one of the last three is given.

    Parameters
    ----------
    text : str, optional
        The result as JSON (`estimator.work.exactjson`).
    failed : str, optional
        Why there is none: class and message of an exception, or that the process died.
    broken : tuple of (str, str, str), optional
        A programming error: class, message and traceback.
    """

    key: str
    text: str | None = None
    failed: str | None = None
    broken: tuple[str, str, str] | None = None


def perform(task: Task) -> Outcome:
    """Do a task.

    Returns
    -------
    Outcome
        Whatever the function raised is in it; only KeyboardInterrupt goes on.
    """
    try:
        return Outcome(task.key, text=text_of(_checked(_found(task.function)(task.payload))))
    except _ENDING as error:
        return broken(task.key, error)
    except Exception as error:
        return Outcome(task.key, failed=in_words(error))


def packed(task: Task) -> bytes:
    """Return a task as bytes, for another process.

    Raises
    ------
    TypeError
        When its payload cannot be pickled; the key is named.
    """
    try:
        return pickle.dumps(task)
    except Exception as error:
        raise TypeError(f"task '{task.key}': its payload cannot be pickled ({in_words(error)})") from error


def perform_packed(key: str, content: bytes) -> Outcome:
    """Do a task that `packed` has made into bytes; see `perform`."""
    try:
        task: Task = pickle.loads(content)
    except Exception as error:
        return broken(key, ImportError(f"its payload cannot be read here ({in_words(error)})"))
    return perform(task)


def broken(key: str, error: BaseException) -> Outcome:
    """Return the outcome of a task whose program is at fault."""
    kind = next((kind for kind in PROGRAMMING_ERRORS if isinstance(error, kind)), RuntimeError)
    message = f"{type(error).__name__}: {error}"
    return Outcome(key, broken=(kind.__name__, message, "".join(traceback.format_exception(error))))


def raise_broken(outcome: Outcome) -> NoReturn:
    """Raise the programming error of a task, its key named, with the traceback of where it happened as a note."""
    if outcome.broken is None:
        raise ValueError(f"task '{outcome.key}' is not broken")
    kind, message, trace = outcome.broken
    kinds = {known.__name__: known for known in PROGRAMMING_ERRORS}
    error = kinds.get(kind, RuntimeError)(f"task '{outcome.key}': {message}")
    error.add_note(trace)
    raise error


def in_words(error: Exception) -> str:
    """Return class and message of an exception on one line, without the values of any variable."""
    words = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(": ")
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 2]} …"


def _found(function: str) -> Callable[[Any], Any]:
    module, _, name = function.partition(":")
    found = getattr(import_module(module), name)
    if not callable(found):
        raise TypeError(f"{function} is not a function")
    return found  # type: ignore[no-any-return]


def _checked(result: Any) -> dict[str, Any]:
    if not isinstance(result, dict):
        raise TypeError(f"the result is of type {type(result).__name__}, and must be a dict")
    if FAILED in result:
        raise TypeError(f"the result has the key '{FAILED}', which is kept for tasks that have none")
    return result
