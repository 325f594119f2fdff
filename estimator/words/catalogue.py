"""Catalogues: what every code says in a language.

They are gettext files, ``reports/locale/LANGUAGE/LC_MESSAGES/*.po``. An entry's ``msgid`` is a code and its ``msgstr``
is the text: a small Jinja2 template that names the values of the code, so that whoever minds the wording needs no
Python. English has a catalogue like any other language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from estimator.shipped import folder

Language = Literal["en", "nl"]
LANGUAGES: tuple[Language, ...] = ("en", "nl")
"""English, and Dutch."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the texts of a language by code.

    Raises
    ------
    ValueError
        When two files have the same code, or a code has no text: a fault of the program.
    """
    from babel.messages.pofile import read_po

    texts: dict[str, str] = {}
    for path in sorted((folder("reports") / "locale" / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            messages = [message for message in read_po(file, locale=language) if message.id]
        for message in messages:
            code, text = str(message.id), str(message.string)
            if code in texts or not text or message.fuzzy:
                raise ValueError(f"{path.name}: the code {code} stands twice, has no text, or is marked fuzzy")
            texts[code] = text
    return texts
