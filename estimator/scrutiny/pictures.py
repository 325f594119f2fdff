"""Pictures of findings: figures for notebooks, and SVG that stands in a page by itself."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING

from estimator.checks.finding import Finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*>")
_OWN_ID = re.compile(r'\bid="([^"]+)"')
_LINK = re.compile(r'((?:xlink:)?href=")#')
_REFERENCE = re.compile(r"url\(#")


def figure_of(finding: Finding) -> Figure:
    """Return the picture of a finding.

    Parameters
    ----------
    finding : Finding
        With something to draw.

    Returns
    -------
    matplotlib.figure.Figure
        Without a window on any screen.

    Raises
    ------
    ValueError
        When it has nothing to draw.
    """
    from matplotlib.figure import Figure

    if finding.draw is None:
        raise ValueError(f"{finding.check} has nothing to draw")
    figure = Figure(figsize=finding.size, layout="constrained")
    finding.draw(figure)
    return figure


def svg_of(finding: Finding) -> str:
    """Return the picture of a finding as an element of a page.

    Parameters
    ----------
    finding : Finding
        With something to draw.

    Returns
    -------
    str
        ``<svg>`` with a title and a description for readers who do not see it, and ids that no other picture of the
        page has. The same finding gives the same text.
    """
    import matplotlib

    target = io.BytesIO()
    undated = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with matplotlib.rc_context({"svg.hashsalt": "darkfigure", "svg.fonttype": "path"}):
        figure_of(finding).savefig(target, format="svg", metadata=undated)
    text = target.getvalue().decode("utf-8")
    return _standing_alone(_METADATA.sub("", text[text.index("<svg") :]), finding)


def _standing_alone(text: str, finding: Finding) -> str:
    """Return an SVG with ids of its own, and with its title and description."""
    own = f"{finding.check}-"
    text = _OWN_ID.sub(lambda found: f'id="{own}{found.group(1)}"', text)
    text = _LINK.sub(lambda found: f"{found.group(1)}#{own}", text)
    text = _REFERENCE.sub(f"url(#{own}", text)
    width, height = (round(72 * inches, 1) for inches in finding.size)
    described = finding.alternative or finding.headline
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'viewBox="0 0 {width:g} {height:g}" style="max-width: {width:g}pt" '
        f'aria-labelledby="{own}title {own}desc">'
        f'<title id="{own}title">{html.escape(finding.title)}</title>'
        f'<desc id="{own}desc">{html.escape(described)}</desc>'
    )
    return _ROOT.sub(lambda _: root, text, count=1).strip() + "\n"
