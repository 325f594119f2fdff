"""Reaching a Dask cluster, and making sure that its workers would make the same numbers as this machine.

What is asked of workers before that is sure are functions of the standard library, by name, or functions that travel as
their own code: a worker that cannot find a function by its name does not say so, but ends.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, TypeVar

from estimator.errors import Fault, InputError
from estimator.work.outcomes import Outcome, in_words

ANSWER_SECONDS = 30.0
"""A cluster that takes longer to answer than this is lost."""

_CONNECT_SECONDS = 8.0
_LOGS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado", "tornado.application")

Found = TypeVar("Found")


class ClusterLostError(Exception):
    """The cluster cannot go on; the message is the beginning of a sentence that says why."""


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Give a client of a cluster that may be used: it answers, has workers, and all of them have this darkfigure.

    Parameters
    ----------
    address : str
        Of its scheduler: ``"tcp://host:port"``.

    Yields
    ------
    distributed.Client
        Its log is silent as long as this lasts: what a lost connection means is said once, by us.

    Raises
    ------
    InputError
        When Dask is not installed, the cluster cannot be reached, has no workers, or has another darkfigure or Python.
    ClusterLostError
        When it stops answering.
    """
    library = _library(address)
    with _silenced():
        try:
            _within(_CONNECT_SECONDS, lambda: _greet(address))
            client = library.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except Exception as error:
            message = f"The cluster cannot be reached ({in_words(error)})."
            advice = "Check the address, and that its scheduler runs."
            raise InputError(Fault(address, f"{message} {advice}")) from error
        try:
            _refuse_unequal_workers(client, address)
            yield client
        finally:
            with suppress(Exception):
                client.close(timeout=ANSWER_SECONDS)


def lost(address: str) -> ClusterLostError:
    """Return the error for a cluster that does not answer."""
    return ClusterLostError(f"The cluster at {address} stopped answering")


def own_version() -> str:
    """Return the version of darkfigure here."""
    return str(import_module("estimator").__version__)


def another_version(address: str, version: str) -> InputError:
    """Return the error for a worker with another darkfigure."""
    message = f"A worker of this cluster has darkfigure {version}, and here is {own_version()}."
    return InputError(Fault(address, f"{message} Install the same on both."))


def without_darkfigure(address: str) -> InputError:
    """Return the error for a worker without darkfigure."""
    message = f"A worker of this cluster has no darkfigure, and here is {own_version()}. Install the same there."
    return InputError(Fault(address, message))


def performer() -> Callable[[str, str, bytes], Outcome | str]:
    """Return the function that does a packed task on a worker, if that has the darkfigure of who asks.

    Returns
    -------
    callable
        Takes the version of who asks, the task's key and the packed task; returns the outcome, or the version on the
        worker when it is another one, because workers may join at any time. It travels as its own code.
    """

    def perform(version: str, key: str, content: bytes) -> Outcome | str:
        from importlib import import_module

        there = str(import_module("estimator").__version__)
        outcomes = import_module("estimator.work.outcomes") if there == version else None
        return there if outcomes is None else outcomes.perform_packed(key, content)

    return perform


def _version_there() -> Callable[[], str]:
    """Return a function that says which darkfigure a worker has; it travels as its own code."""

    def version() -> str:
        from importlib import import_module

        return str(import_module("estimator").__version__)

    return version


def _refuse_unequal_workers(client: Any, address: str) -> None:
    """Refuse a cluster without workers, and one on which another darkfigure would make the numbers."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TimeoutError as error:
        raise InputError(Fault(address, "The cluster has no workers. Start some, and run this again.")) from error
    except Exception as error:
        raise lost(address) from error
    here = platform.python_version()
    for version in _asked(client, address, platform.python_version):
        if isinstance(version, str) and version.split(".")[:2] != here.split(".")[:2]:
            message = f"A worker of this cluster has Python {version}, and here is {here}. Use the same on both."
            raise InputError(Fault(address, message))
    for version in _asked(client, address, _version_there()):
        if isinstance(version, ImportError):
            raise without_darkfigure(address)
        if isinstance(version, str) and version != own_version():
            raise another_version(address, version)


def _asked(client: Any, address: str, question: Callable[[], str]) -> list[Any]:
    """Return what every worker answers: text, or the exception that it raised."""
    try:
        return list(_within(ANSWER_SECONDS, lambda: client.run(question, on_error="return")).values())
    except Exception as error:
        raise lost(address) from error


def _library(address: str) -> Any:
    try:
        import distributed
    except ImportError as error:
        message = 'A cluster needs Dask, which is not installed. Install it with: pip install "darkfigure[distributed]"'
        raise InputError(Fault(address, message)) from error
    return distributed


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep Dask's log quiet."""
    before = {name: logging.getLogger(name).level for name in _LOGS}
    for name in before:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _greet(address: str) -> None:
    """Exchange greetings with a scheduler, for which Dask's client would wait for ever."""
    from distributed.comm import connect

    async def greeting() -> None:
        connection = await connect(address, timeout=_CONNECT_SECONDS)
        await connection.close()

    asyncio.run(asyncio.wait_for(greeting(), _CONNECT_SECONDS))


def _within(seconds: float, call: Callable[[], Found]) -> Found:
    """Return what a call returns, or raise TimeoutError: some of Dask's calls have no limit of their own."""
    found: queue.SimpleQueue[tuple[Found, None] | tuple[None, Exception]] = queue.SimpleQueue()

    def attempt() -> None:
        try:
            found.put((call(), None))
        except Exception as error:
            found.put((None, error))

    threading.Thread(target=attempt, daemon=True).start()
    try:
        value, error = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("no answer") from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]
