"""What speaks against publishing stands on every figure, and hides nothing of it."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from estimator.document.building import document_of
from estimator.document.pictures import drawing
from estimator.words.words import words_in

STAMP = "NOT TO BE PUBLISHED"


def texts_of(canvas) -> list[Text]:
    return [one for one in canvas.findobj(Text) if one.get_visible() and one.get_text().strip()]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_stamp_stands_above_every_figure_and_behind_it(series_run, language):
    words = words_in(language)
    figures = list(document_of(series_run, words).figures())
    assert len(figures) >= 6
    for figure in figures:
        canvas = drawing._drawn(figure, words, STAMP)
        FigureCanvasAgg(canvas).draw()
        band, behind = [one for one in texts_of(canvas) if one.get_text() == STAMP]
        others = [one for one in texts_of(canvas) if one.get_text() != STAMP and one.axes is not None]
        assert others
        assert band.get_alpha() is None and band.get_fontsize() >= 8, "can be read"
        assert behind.get_zorder() < min(ax.get_zorder() for ax in canvas.axes), "drawn before everything else"
        assert not any(ax.patch.get_visible() for ax in canvas.axes), "or it would not be seen"
        extent = band.get_window_extent()
        assert not any(one.get_window_extent().overlaps(extent) for one in others), figure.id
        assert not any(ax.get_tightbbox().overlaps(extent) for ax in canvas.axes), figure.id
        (dark,) = [one for one in canvas.findobj(Rectangle) if one.get_facecolor() == to_rgba(drawing._STAMP_COLOUR)]
        assert band.get_color() == "white" and dark.get_window_extent().contains(*extent.min), "white on dark"
        assert dark.get_window_extent().contains(*extent.max)
        room = canvas.get_figheight() - drawing._drawn(figure, words, "").get_figheight()
        assert 72 * room > band.get_fontsize(), "the picture below keeps its size"


def test_a_figure_that_may_be_published_has_none(series_run):
    words = words_in("en")
    for figure in document_of(series_run, words).figures():
        said = [one.get_text() for one in texts_of(drawing._drawn(figure, words, ""))]
        assert said and STAMP not in said
