"""Text that somebody else wrote, made safe to show: one way for titles, labels, reasons and paths."""

from __future__ import annotations

import unicodedata

_BREAKS = {"\n", "\t"}
_FORMULAS = {"=", "+", "-", "@", "|", "%"}


def shown(text: str) -> str:
    """Return text without characters that control a terminal or turn the direction of writing.

    Line breaks stay. C0 and C1 controls (ESC, BEL, backspace, NUL), formatting characters such as right-to-left marks,
    surrogates and private characters become U+FFFD.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character in _BREAKS or not _controls(character) else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def on_one_line(text: str) -> str:
    """Return text as `shown`, with every run of white space as one space, so that it cannot forge a line."""
    return shown(" ".join(text.split()))


def in_cell(text: str) -> str:
    """Return text as a cell of a CSV file or spreadsheet: on one line, and never taken for a formula.

    Programs that open such files run what begins with ``=``, ``+``, ``-`` or ``@``; an apostrophe in front makes it
    text (OWASP, "CSV Injection").
    """
    line = on_one_line(text)
    return f"'{line}" if unicodedata.normalize("NFKC", line[:1]) in _FORMULAS else line


def is_harmless(character: str) -> bool:
    """Tell whether a character neither controls a terminal nor turns the direction of writing."""
    return not _controls(character)


LONGEST_MESSAGE = 1500
_LONGEST_WORD = 300


def in_message(text: str) -> str:
    """Return a message, some of it from a user's files, on one line and not endless; its end, the remedy, stays."""
    words = [_cut(word, _LONGEST_WORD) for word in text.split()] if len(text) > _LONGEST_WORD else [text]
    return _cut(on_one_line(" ".join(words)), LONGEST_MESSAGE)


def _cut(text: str, longest: int) -> str:
    """Return a text without its middle where it is longer than it may be."""
    if len(text) <= longest:
        return text
    end = longest // 3
    return f"{text[: longest - end - 3]} … {text[-end:]}"


def _controls(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
