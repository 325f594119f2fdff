"""Thousands of fits with a line on a terminal: when they are interrupted it is said what is kept, and how to go on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from estimator.calibration.at_scale import Running
from estimator.cli.output import tell
from estimator.cli.progress import TerminalProgress
from estimator.words.words import Words

Result = TypeVar("Result")


def run_with_progress(
    doing: str,
    words: Words,
    work: Callable[[Running], Result],
    *,
    out: Path | None,
    workers: int | None,
    cluster: str | None,
) -> Result:
    """Do work and return what comes of it.

    Parameters
    ----------
    workers : int or None
        Processes; as many as there are cores when None.
    """
    counts = [0, 0]
    with TerminalProgress() as bar:
        bar.stage(doing)

        def hear(done: int, total: int) -> None:
            counts[:] = done, total
            bar.progress(done, total)

        try:
            return work(Running(out, workers or os.cpu_count() or 1, cluster, hear))
        except KeyboardInterrupt:
            if counts[1]:
                tell(_so_far(counts[0], counts[1], out, words))
            raise


def _so_far(done: int, total: int, folder: Path | None, words: Words) -> str:
    """Return what is done, and how to go on."""
    if folder is None:
        return words.text("calibration.interrupted", done=done, total=total)
    return words.text("calibration.interrupted-kept", done=done, total=total, folder=str(folder))
