"""What a worker process does: tasks come in on one pipe, outcomes go out on another, until the pipe closes.

The pipe closes when the process that started it ends, in whatever way: then the worker ends too, in the middle of a
task if need be, so that none is left behind.
"""

from __future__ import annotations

import os
import pickle
import queue
import threading
from typing import BinaryIO

from estimator.work.outcomes import Outcome, perform_packed

READY = "ready"
"""The first message of a worker: it has started, and whatever kills it from now on is a task."""


def serve(orders: BinaryIO) -> None:
    """Do tasks until there is nobody to do them for.

    Parameters
    ----------
    orders : binary file
        Pickled pairs of key and packed task. Outcomes are pickled to what is standard output when this begins; from
        then on everything that a task prints goes to standard error.
    """
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    waiting: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders, waiting), daemon=True).start()
    _say(replies, READY)
    while True:
        _say(replies, perform_packed(*waiting.get()))


def _listen(orders: BinaryIO, waiting: queue.SimpleQueue[tuple[str, bytes]]) -> None:
    """Take orders, and end the process at once when the pipe closes; the only reader, so that it always notices."""
    try:
        while True:
            waiting.put(pickle.load(orders))
    finally:
        os._exit(0)


def _say(replies: BinaryIO, message: str | Outcome) -> None:
    """Send a message, or end when nobody listens any more."""
    try:
        pickle.dump(message, replies)
        replies.flush()
    except OSError:
        os._exit(0)
