"""A program that is asked to end ends in good order, whatever a library makes of the signal.

A signal raises an exception wherever the program happens to be. Libraries may swallow it, or have an error of their own
in its place (DuckDB: "Query interrupted"; an import that is cut off: anything); hence it is also remembered here.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked: list[int] = []
_held: list[None] = []


def mind_signals() -> None:
    """Let signals that end a program raise an exception, unless the program was started deaf to them."""
    for name, as_found in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    ):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is as_found:
            signal.signal(getattr(signal, name), _end)


def asked_to_end() -> int | None:
    """Return the exit code of a program that was asked to end, or None when nobody asked."""
    return 128 + _asked[0] if _asked else None


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a signal wait for the end of what is done within, which would break in the middle.

    Blocking signals would not do: another thread would take them, and Python would still act on them here.
    """
    _held.append(None)
    try:
        yield
    finally:
        _held.pop()
    if _asked and not _held:
        _raise(_asked[0])


def _end(number: int, _frame: FrameType | None) -> None:
    _asked.append(number)
    if not _held:
        _raise(number)


def _raise(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)  # samplers that keep what they have on Ctrl-C let this one through
