"""What can go wrong, in the user's words.

One family of exceptions serves the whole package. The command line translates it into exit codes in one place
(`estimator.cli.main`); nothing below the command line prints or exits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from estimator.reasons import Reason


class DarkfigureError(Exception):
    """Root of all errors that a user can mend or must know of."""

    exit_code = 1


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input.

    Parameters
    ----------
    file : str
        The file, option or other thing that is wrong: ``"table.csv"``, ``"--years"``; empty when it has no name.
    message : str
        What was found, what is allowed, and what to do; one or two plain sentences.
    line : int, optional
        Line of the file, from 1.
    column : str or int, default ""
        Name of the column of a table, or position in the line.
    key : str, default ""
        Key of a TOML file: ``"lists.P.label"``.
    part : str, default ""
        What else narrows the place down, in words: ``"at its end"``.
    example : str, default ""
        Lines to copy, which stand below the message.

    Examples
    --------
    >>> str(Fault("table.csv", "This is not a number.", line=7, column="count"))
    'table.csv, line 7, column count: This is not a number.'
    """

    file: str
    message: str
    line: int | None = None
    column: str | int = ""
    key: str = ""
    part: str = ""
    example: str = ""

    @property
    def where(self) -> str:
        """The place in words: ``"table.csv, line 7, column count"``."""
        parts = (
            seen(_middle_left_out(self.file)),
            f"line {self.line}" if self.line else "",
            f"column {brief(str(self.column))}" if self.column else "",
            f"key {seen(_middle_left_out(self.key))}" if self.key else "",
            self.part,
        )
        return ", ".join(filter(None, parts))

    @property
    def sentence(self) -> str:
        """The place and the message, without the example."""
        return f"{self.where}: {self.message}" if self.where else self.message

    def __str__(self) -> str:
        return f"{self.sentence}\n\n{self.example}" if self.example else self.sentence


class InputError(DarkfigureError):
    """One or more faults in the files or options that a user gave; all of them, at once.

    Parameters
    ----------
    faults : sequence of Fault
        At least one.
    """

    exit_code = 1

    def __init__(self, faults: Sequence[Fault] | Fault) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class NotEstimableError(DarkfigureError):
    """The question has no trustworthy answer with these data: a result with reasons, not a mistake of the user's.

    Parameters
    ----------
    reasons : sequence of Reason
        Why not; the command line puts them into words.
    """

    exit_code = 3

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(reason.code for reason in self.reasons))


_MOST_INVISIBLE = 2
"""Characters that cannot be seen are named, up to this many different ones."""

_MOST_NAMES = 1000
"""Most names among which a near one is looked for, so that it takes no time."""

LONGEST = 60
"""So many characters of what a user wrote are shown in a message."""

_LONGEST_PLACE = 400
"""So many characters of a path or key are shown, beginning and end: what is wrong with it must fit behind it."""


def _middle_left_out(text: str) -> str:
    """Return a path or key, without its middle when it is very long."""
    half = _LONGEST_PLACE // 2
    return text if len(text) <= _LONGEST_PLACE else f"{text[:half]} … {text[-half:]}"


def seen(text: str) -> str:
    """Return text with invisible characters named: those that control a terminal, and line ends."""
    if text.isprintable():
        return text
    named = [character for character in dict.fromkeys(text) if not character.isprintable()][:_MOST_INVISIBLE]
    return "".join(
        character
        if character.isprintable()
        else f"[invisible character U+{ord(character):04X}]"
        if character in named
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def brief(text: str) -> str:
    """Return what a user wrote, for a message: cut when long, and without characters that control a terminal.

    Parameters
    ----------
    text : str
        A cell, a name, a path.

    Returns
    -------
    str
        At most `LONGEST` characters.
    """
    return seen(text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …")


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name nearest to it, or the known names when none is.

    Returns
    -------
    str
        Starts with a space, so that it can follow a sentence.
    """
    names = list(islice(known, _MOST_NAMES))
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(written[:_MOST_NAMES].casefold(), folded, n=1, cutoff=0.5)
    if close:
        return f" Did you mean '{brief(folded[close[0]])}'?"
    if not names:
        return ""
    shown = ", ".join(f"'{brief(name)}'" for name in names[:12]) + (", …" if len(names) > 12 else "")
    return f" Known here: {shown}."
