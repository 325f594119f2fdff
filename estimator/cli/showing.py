"""What the commands that show a multiverse share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from estimator.cli.output import print_json, say, tell

if TYPE_CHECKING:
    from estimator.multiverse.record import MultiverseRecord
    from estimator.words.words import Words


def show_multiverse(record: MultiverseRecord, words: Words, plot: Path | None, as_json: bool) -> None:
    """Print a multiverse, and write its picture where one is asked for."""
    from estimator.report.terminal.multiverse import multiverse_text

    if as_json:
        print_json(record.to_dict())
    else:
        say(multiverse_text(record, words))
    if plot is not None:
        from estimator.report.figures.files import save_picture
        from estimator.report.figures.multiverse import multiverse_figure

        save_picture(lambda: multiverse_figure(record, words), plot)
        tell(words.text("figure.written", path=str(plot)))
