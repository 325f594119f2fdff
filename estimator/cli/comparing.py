"""What the commands that show a comparison share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from estimator.cli.output import print_json, say, tell

if TYPE_CHECKING:
    from estimator.runs.comparison_record import ComparisonRecord
    from estimator.words.words import Words


def show_comparison(record: ComparisonRecord, words: Words, plot: Path | None, as_json: bool) -> None:
    """Print a comparison, and write its picture where one is asked for."""
    from estimator.report.terminal.comparison import comparison_text

    if plot is not None:
        from estimator.report.figures.comparison import comparison_figure
        from estimator.report.figures.files import save_picture

        save_picture(lambda: comparison_figure(record, words), plot)
        tell(words.text("figure.written", path=str(plot)))
    if as_json:
        print_json(record.to_dict())
    else:
        say(comparison_text(record, words))
