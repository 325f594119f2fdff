"""Pictures of findings, drawn from the numbers of their record: figures, and SVG that stands in a page by itself."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from estimator.report.figures.axes import new_figure
from estimator.report.labels import Labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWN_FROM: Mapping[str, str] = {
    "convergence": "picture",
    "predictive-checks": "checks",
    "leave-one-out": "most_influential",
    "leave-list-out": "alternatives",
    "unknown-levels": "groups",
    "prior-posterior": "groups",
    "power-scaling": "groups",
    "identification": "picture",
    "unequal-chances": "then",
    "tipping-point": "picture",
    "simulated-truth": "own assumptions",
}
"""By check, the number without which nothing can be drawn. Its module here is called as the check is."""

_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*>")
_OWN_ID = re.compile(r'\bid="([^"]+)"')
_LINK = re.compile(r'((?:xlink:)?href=")#')
_REFERENCE = re.compile(r"url\(#")


def has_picture(check: str, numbers: Mapping[str, Any]) -> bool:
    """Whether there is something to draw of a finding."""
    return bool(numbers.get(DRAWN_FROM.get(check, "")))


def figure_of(check: str, numbers: Mapping[str, Any], words: Words, labels: Labels) -> Figure:
    """Draw a finding.

    Parameters
    ----------
    labels : Labels
        What groups, covariates and levels are called.

    Returns
    -------
    matplotlib.figure.Figure
        Without a window on any screen.

    Raises
    ------
    ValueError
        When it has nothing to draw.
    """
    if not has_picture(check, numbers):
        raise ValueError(f"{check} has nothing to draw")
    drawing: Any = _drawing(check)
    figure = new_figure(*drawing.size(numbers))
    drawing.draw(figure, numbers, words, labels)
    return figure


def svg_of(check: str, numbers: Mapping[str, Any], words: Words, labels: Labels, title: str) -> str:
    """Return the picture of a finding as an element of a page.

    Returns
    -------
    str
        ``<svg>`` with a title and a description for readers who do not see it, and ids that no other picture of the
        page has. The same numbers give the same text.
    """
    import matplotlib

    target = io.BytesIO()
    undated = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure = figure_of(check, numbers, words, labels)
    with matplotlib.rc_context({"svg.hashsalt": "darkfigure", "svg.fonttype": "path"}):
        figure.savefig(target, format="svg", metadata=undated)
    text = target.getvalue().decode("utf-8")
    size = (float(inches) for inches in figure.get_size_inches())
    described = words.text(f"picture.described.{check}")
    return _standing_alone(_METADATA.sub("", text[text.index("<svg") :]), check, size, title, described)


def _drawing(check: str) -> ModuleType:
    return import_module(f"estimator.report.figures.{check.replace('-', '_')}")


def _standing_alone(text: str, check: str, size: Any, title: str, described: str) -> str:
    """Return an SVG with ids of its own, and with its title and description."""
    own = f"{check}-"
    text = _OWN_ID.sub(lambda match: f'id="{own}{match.group(1)}"', text)
    text = _LINK.sub(lambda match: f"{match.group(1)}#{own}", text)
    text = _REFERENCE.sub(f"url(#{own}", text)
    width, height = (round(72 * inches, 1) for inches in size)
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'viewBox="0 0 {width:g} {height:g}" style="max-width: {width:g}pt" '
        f'aria-labelledby="{own}title {own}desc">'
        f'<title id="{own}title">{html.escape(title)}</title>'
        f'<desc id="{own}desc">{html.escape(described)}</desc>'
    )
    return _ROOT.sub(lambda _: root, text, count=1).strip() + "\n"
