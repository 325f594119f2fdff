"""Names that a file of a bundle may have: the same file, in one folder, on every system."""

from __future__ import annotations

import re
import unicodedata

_LONGEST, _DEEPEST = 240, 8
_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_FORBIDDEN = set('\\:*?"<>|')


def is_safe(name: str) -> bool:
    """Tell whether a name leads to a file below a folder, the same on every system.

    Parameters
    ----------
    name : str
        With ``/`` between folders.

    Returns
    -------
    bool
        Not so for names that are absolute, lead upwards, end in a dot or a space, stand for a device on some system,
        or hold characters that cannot be seen or that a system has another use for.
    """
    parts = name.split("/")
    return len(name) <= _LONGEST and len(parts) <= _DEEPEST and all(_is_safe_part(part) for part in parts)


def _is_safe_part(part: str) -> bool:
    return (
        part not in ("", ".", "..")
        and part.isprintable()
        and part == unicodedata.normalize("NFC", part)
        and not part.endswith((".", " "))
        and not _FORBIDDEN & set(part)
        and not _OF_WINDOWS.fullmatch(part)
    )


def folded(name: str) -> str:
    """Return a name as a system sees it that takes capitals for small letters."""
    return unicodedata.normalize("NFC", name.casefold())
