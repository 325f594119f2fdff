"""Figures that show text as it is written: no title or label of a user is read as mathematics, nor set in TeX."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text


class PlainFigure(Figure):
    """A figure that belongs to no window and needs no backend of the environment; ``$a_b_c$`` in it stays that."""

    def draw(self, renderer: Any) -> None:
        """Draw the figure."""
        as_written(self)
        super().draw(renderer)


def as_written(artist: Artist) -> None:
    """Have all text in a figure, or in one pair of axes, shown as it is written."""
    for text in artist.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        text.set_usetex(False)
