"""The line of progress: on a terminal alone, over itself, gone at the end."""

from __future__ import annotations

import io
import sys

import pytest

from estimator.cli import progress as progress_module
from estimator.cli.progress import TerminalProgress
from estimator.reasons import Reason


class Terminal(io.StringIO):
    """A stream that says that it is a terminal, or not."""

    def __init__(self, terminal=True, encoding="utf-8"):
        super().__init__()
        self.terminal, self.kind = terminal, encoding

    def isatty(self):
        return self.terminal

    @property
    def encoding(self):
        return self.kind


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test sets it."""
    now = [100.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "80")
    return now


def test_nothing_is_written_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream := Terminal(terminal=False))
    with TerminalProgress() as bar:
        bar.stage("Sampling")
        bar.progress(1, 2)
    assert stream.getvalue() == ""


def test_the_line_says_what_how_far_and_how_long(monkeypatch, clock):
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    with TerminalProgress() as bar:
        bar.stage("Fits\x1b[31m")
        clock[0] += 65
        bar.progress(10, 40)
        line = stream.getvalue().rpartition("\r")[2]
        assert line == "Fits\N{REPLACEMENT CHARACTER}[31m  ██████░░░░░░░░░░░░░░░░░░  25 %  1:05 / 4:20"
        before = len(stream.getvalue())
        clock[0] += 0.01
        bar.progress(11, 40)  # too soon to be seen
        assert len(stream.getvalue()) == before
        bar.progress(40, 40)
        assert "100 %  1:05 / 1:05" in stream.getvalue()
    assert stream.getvalue().endswith(f"\r{' ' * len(line)}\r") or stream.getvalue().endswith("\r")
    assert "\n" not in stream.getvalue()


def test_it_fits_the_terminal_and_what_it_can_write(monkeypatch, clock):
    monkeypatch.setattr(sys, "stderr", stream := Terminal(encoding="ascii"))
    monkeypatch.setenv("COLUMNS", "30")
    with TerminalProgress() as bar:
        bar.stage("A stage with a name that is long, longer than the terminal")
        bar.progress(1, 3)
    assert stream.getvalue().isascii()
    assert max(map(len, stream.getvalue().split("\r"))) <= 29


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (3600, "1:00:00"), (36125, "10:02:05")])
def test_times(seconds, text):
    assert progress_module._clock(seconds) == text


def test_what_is_going_on_is_said_in_the_language_of_the_reader(monkeypatch, clock):
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    monkeypatch.setenv("COLUMNS", "200")
    with TerminalProgress("nl") as bar:
        bar.stage(Reason("doing-again", what=Reason("doing-sampling-under", priors="wide")))
        assert "Trekkingen maken onder wide, opnieuw, met meer trekkingen" in stream.getvalue()
        bar.progress(1, 4)
        assert " 25%  " in stream.getvalue()
    with TerminalProgress() as bar:
        bar.stage(Reason("doing-simulated-tables", number=40))
        assert "Fitting 40 simulated tables" in stream.getvalue()
