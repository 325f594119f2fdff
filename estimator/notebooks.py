"""What somebody sees in a notebook: text, pages and pictures, bound onto classes that know nothing of them.

`from estimator import estimate` comes through here, so that ``print(estimate(...))``, its table in a notebook and
``.plot()`` work. Rooms below import classes from where these are written, and make text with `estimator.report`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from estimator.comparison.comparison import Comparison
from estimator.population.estimate import Estimate, estimate
from estimator.population.estimate_wording import html_of, text_of
from estimator.report.pages.comparison import comparison_html
from estimator.report.terminal.comparison import comparison_text
from estimator.words.words import words_in

__all__ = ["Estimate", "estimate"]


def _bind(known: type, **methods: Callable[..., Any]) -> None:
    """Give a class methods by name."""
    for name, method in methods.items():
        setattr(known, name, method)


def _bind_all() -> None:
    """Give every class of results the methods that a notebook calls."""
    _bind(Estimate, __str__=text_of, _repr_html_=html_of)
    _bind(
        Comparison,
        __str__=lambda comparison: comparison_text(comparison, words_in(comparison.language)),
        _repr_html_=lambda comparison: comparison_html(comparison, words_in(comparison.language)),
    )


_bind_all()
