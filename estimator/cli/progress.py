"""Progress of long work: a line on a terminal, nothing elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Self

import click

from estimator.cli.options import Session
from estimator.methods.door import Listener
from estimator.reasons import Reason
from estimator.words.numbers import percentage
from estimator.words.shown import on_one_line

_BAR = 24
_REDRAW_SECONDS = 0.1


class TerminalProgress(Listener):
    """A line on stderr that says what is going on, how far it is, and how long it has taken and will take.

    Parameters
    ----------
    language : {"en", "nl"}, optional
        By default that of the command that runs.
    """

    def __init__(self, language: str | None = None) -> None:
        self._language = language
        self._on = False
        self._text, self._width = "", 0
        self._began = self._drawn = 0.0

    def __enter__(self) -> Self:
        self._on = sys.stderr.isatty()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draw("")

    def stage(self, doing: Reason | str) -> None:
        """Show that a new stage begins."""
        self._text, self._began, self._drawn = self._said(doing), time.monotonic(), 0.0
        self._draw(self._text)

    def progress(self, done: int, total: int) -> None:
        """Show how much of the stage is done."""
        now = time.monotonic()
        if not self._on or total <= 0 or (now < self._drawn + _REDRAW_SECONDS and done < total):
            return
        self._drawn = now
        filled = _BAR * min(done, total) // total
        bar = f"{'█' * filled}{'░' * (_BAR - filled)} {percentage(f'{100 * done // total:3d}', self._spoken())}"
        taken = now - self._began
        expected = f" / {_clock(taken * total / done)}" if done else ""
        self._draw(f"{self._text}  {bar}  {_clock(taken)}{expected}")

    def _said(self, doing: Reason | str) -> str:
        """Return what is going on in words, on one line."""
        if isinstance(doing, str):
            return on_one_line(doing)
        from estimator.words.words import words_in

        return words_in(self._spoken()).say(doing)

    def _spoken(self) -> str:
        """Return the language of the line."""
        context = click.get_current_context(silent=True)
        session = context.find_object(Session) if context else None
        return self._language or (session.language if session else "en")

    def _draw(self, line: str) -> None:
        """Write a line over the last one, at most as wide as the terminal."""
        if not self._on:
            return
        line = line[: shutil.get_terminal_size().columns - 1]
        encoding = sys.stderr.encoding or "ascii"
        shown = line.encode(encoding, "replace").decode(encoding)
        sys.stderr.write(f"\r{shown:<{self._width}}\r{shown}")
        sys.stderr.flush()
        self._width = len(shown)


def _clock(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any: "2:05", "1:02:05"."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
