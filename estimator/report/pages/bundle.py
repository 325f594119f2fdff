"""The page in a bundle that says what it is and how to check it, in every language."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from estimator.bundle.contents import Contents
from estimator.bundle.crate import CRATE
from estimator.runs.reading import Run
from estimator.words.catalogue import LANGUAGES
from estimator.words.words import words_in


def readme_page(run: Run, contents: Contents, language: str) -> str:
    """Return README.html.

    Returns
    -------
    str
        HTML with its style inside, without scripts; it asks nothing of any other place.
    """
    order = [language, *(other for other in LANGUAGES if other != language)]
    parts = {name: Markup(words_in(name).page("bundle-body.html", **_values(run, contents, name))) for name in order}
    return words_in(language).page("bundle.html", title=run.record.title_in(language), parts=parts)


def _values(run: Run, contents: Contents, language: str) -> dict[str, Any]:
    return {
        "title": run.record.title_in(language),
        "record": run.record,
        "kind": words_in(language).text(f"bundle.kind.{run.table_kind}") if run.table_kind != "observed" else "",
        "manifest": run.manifest,
        "files": contents.members,
        "left_out": contents.left_out,
        "why": contents.why,
        "choice": contents.choice,
        "crate": CRATE,
    }
