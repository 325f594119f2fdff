"""``python -m estimator`` and the command ``darkfigure``: the same.

Signals are minded here, before anything else is loaded, so that Ctrl-C never shows a traceback and never leaves a
half-written run behind, however early it comes.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from estimator.ending import asked_to_end, mind_signals

INTERRUPTED = 128 + signal.SIGINT


def main() -> None:
    """Run the command line and exit with its code."""
    mind_signals()
    deaf = _open_streams()
    os.environ.pop("MPLBACKEND", None)  # of a notebook, perhaps; pictures are written to files, and need no backend
    if sys.flags.optimize > 1:
        sys.stderr.write(
            "Error: Python runs without docstrings (-OO), which help and libraries need. Unset PYTHONOPTIMIZE.\n"
        )
        sys.exit(1)
    try:
        from estimator.cli.main import run

        code = run()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; nothing was left half-written.\n")
        code = INTERRUPTED
    except BaseException:
        if asked_to_end() is None:
            raise
        code = INTERRUPTED  # whatever became of the signal that came
    if code == INTERRUPTED or (code and asked_to_end()):
        _leave(asked_to_end() or code)
    if deaf and code == 0:
        sys.stderr.write("Error: Standard output is closed, so that nothing could be printed.\n")
        code = 1
    sys.exit(code)


def _open_streams() -> bool:
    """Open standard streams that are closed on nothing, and let letters that a stream does not have be replaced.

    Otherwise the first files that are opened would take their numbers, and get whatever is written to them.

    Returns
    -------
    bool
        Whether standard output was closed.
    """
    deaf = sys.stdout is None
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115, PTH123
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    return deaf


def _leave(code: int) -> None:
    """Leave at once with an exit code.

    Python itself would kill the process by the signal when Ctrl-C came inside some call of `exec`, even though it was
    dealt with: ``Py_RunMain`` then looks at a flag that nothing resets.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
