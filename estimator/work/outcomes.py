"""One task and what came of it: the part that runs wherever a task is done, in this process or in another."""

from __future__ import annotations

import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

FAILED = "failed"
"""The key under which a result says why there is none."""

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
    """One piece of work. Its result depends on its payload alone: not on where, when or after what it is done.

    Parameters
    ----------
    key : str
        Unique among the tasks of a run. Key and identity of the run together determine function and payload: a result
        that is kept under a key is never checked against another payload.
    function : str
        Module and name, ``"estimator.calibration.grid:fit_one"``. It takes the payload and returns a dict of plain
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


def text_of(value: Any, what: str = "result") -> str:
    """Return a value as JSON in ASCII, of which `json.loads` makes the same value again.

    Parameters
    ----------
    value : dict, list, tuple, str, float, int, bool or None
        Nested to any depth; keys are text. Floats come back to the last bit, nan and infinity included (Python reads
        what it writes; who is strict about JSON does not). Tuples come back as lists.
    what : str, optional
        What it is called in the message of an error.

    Raises
    ------
    TypeError
        When something in it is of another type (a NumPy integer or array, say), naming its place.
    """
    _refuse_other_types(value, what)
    return json.dumps(value, separators=(",", ":"))


def _refuse_other_types(value: Any, place: str) -> None:
    """Refuse what JSON cannot hold, and keys that Python's writer would turn into text without a word."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{place} has a key {key!r}; keys must be text")
            _refuse_other_types(item, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _refuse_other_types(item, f"{place}[{number}]")
    elif not (value is None or isinstance(value, bool | int | str | float)):
        raise TypeError(f"{place} is of type {type(value).__name__}; only plain Python values can be kept")


@dataclass(frozen=True)
class Outcome:
    """What came of a task: exactly one of the last three is given.

    Parameters
    ----------
    text : str, optional
        The result as JSON (`text_of`).
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
    """Do a task; whatever its function raised is in the outcome, only KeyboardInterrupt goes on."""
    try:
        return Outcome(task.key, text=text_of(_checked(_function(task)(task.payload))))
    except _ENDING as error:
        return broken(task.key, error)
    except Exception as error:
        return Outcome(task.key, failed=in_words(error))


def packed(task: Task) -> bytes:
    """Return a task as bytes, for another process; TypeError, with its key, when its payload cannot be pickled."""
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


def _function(task: Task) -> Callable[[Any], Any]:
    module, _, name = task.function.partition(":")
    function = getattr(import_module(module), name)
    if not callable(function):
        raise TypeError(f"{task.function} is not a function")
    return function  # type: ignore[no-any-return]


def _checked(result: Any) -> dict[str, Any]:
    if not isinstance(result, dict):
        raise TypeError(f"the result is of type {type(result).__name__}, and must be a dict")
    if FAILED in result:
        raise TypeError(f"the result has the key '{FAILED}', which is kept for tasks that have none")
    return result
