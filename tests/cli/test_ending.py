"""A program that is asked to end does so with the signal's exit code, whatever a library made of the signal."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

BEGINNING = """
import os, signal, sys
import estimator.__main__ as program
import estimator.cli.main as line
from estimator.ending import uninterrupted
signal.signal(signal.SIGINT, signal.default_int_handler)
number = {number}
def command(*_a, **_k):
"""
SWALLOWED = """
    try:
        os.kill(os.getpid(), number)
    except BaseException:
        raise RuntimeError("Query interrupted") from None
"""
HELD = """
    with uninterrupted():
        with uninterrupted():
            os.kill(os.getpid(), number)
        print("whole", flush=True)
    print("not reached", flush=True)
"""
SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


def ended(body, number, place):
    """Run the program with a body in place of a part of it."""
    code = BEGINNING.format(number=int(number)) + body + f"\n{place} = command\nprogram.main()\n"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("place", ["line.run", "line._invoke"])
def test_an_error_in_the_place_of_the_signal_is_no_fault_of_the_tool(number, place):
    done = ended(SWALLOWED, number, place)
    assert done.returncode == 128 + number, done.stderr
    assert "itself failed" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("number", SIGNALS)
def test_what_would_break_in_the_middle_is_done_to_its_end(number):
    done = ended(HELD, number, "line._invoke")
    assert (done.returncode, done.stdout) == (128 + number, "whole\n"), done.stderr
