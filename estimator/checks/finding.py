"""What one check found: a plain verdict, the numbers behind it, and a picture.

Every check of `darkfigure scrutinise` is a function that takes a `Subject` and returns a `Finding`. A finding holds no
words of the page around it, so that the terminal, the page and a notebook show the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Verdict = Literal["sound", "caution", "fails"]

SOUND: Verdict = "sound"
CAUTION: Verdict = "caution"
FAILS: Verdict = "fails"
VERDICTS: tuple[Verdict, ...] = (SOUND, CAUTION, FAILS)
"""From the best to the worst."""

SIZE = (9.0, 4.8)
"""Width and height in inches of a picture, unless a finding says otherwise."""

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, eq=False)
class Finding:
    """What one check found.

    Parameters
    ----------
    check : str
        Short id, as on the command line: ``"power-scaling"``.
    title : str
        Plain title of the section.
    verdict : {"sound", "caution", "fails"}
    sentences : tuple of str
        Plain words; the first is the verdict in one sentence, with its numbers.
    numbers : mapping of str to object
        For JSON: everything behind the words and the picture.
    reasons : tuple of str
        Why the estimate is not fit to publish, in the words of estimate.json's ``reasons``: at least one when the
        verdict is "fails", none otherwise.
    groups_not_alone : tuple of str
        Names of groups whose own answer may not be published alone.
    draw : callable or None
        Draws the picture on an empty figure that it is given (``figure.subplots()`` for one pair of axes); made only
        when wanted. None where there is nothing to draw.
    size : tuple of float
        Width and height of the picture in inches.
    alternative : str
        What the picture shows, for readers who do not see it; by default the first sentence.
    done : bool
        Whether the check could be done at all; the verdict is "caution" when not.

    Raises
    ------
    ValueError
        When the parts do not fit together: a fault of the check, not of the data.
    """

    check: str
    title: str
    verdict: Verdict
    sentences: tuple[str, ...]
    numbers: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    reasons: tuple[str, ...] = ()
    groups_not_alone: tuple[str, ...] = ()
    draw: Callable[[Figure], None] | None = field(default=None, repr=False)
    size: tuple[float, float] = SIZE
    alternative: str = ""
    done: bool = True

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.check):
            raise ValueError(f"the id of a check is words with hyphens, not {self.check!r}")
        if self.verdict not in VERDICTS:
            raise ValueError(f"{self.check}: a verdict is one of {VERDICTS}, not {self.verdict!r}")
        if not self.sentences or not all(text.strip() for text in self.sentences):
            raise ValueError(f"{self.check}: a finding has at least one sentence, and no empty one")
        if bool(self.reasons) != (self.verdict == FAILS):
            raise ValueError(f"{self.check}: reasons not to publish go with the verdict 'fails', and only with it")

    @property
    def headline(self) -> str:
        """The verdict in one sentence, with its numbers."""
        return self.sentences[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the finding for JSON, without its picture; see docs/scrutiny.md."""
        from estimator.fits.plain import plain

        return {
            "check": self.check,
            "title": self.title,
            "verdict": self.verdict,
            "sentences": list(self.sentences),
            "reasons": list(self.reasons),
            "groups_not_alone": list(self.groups_not_alone),
            "numbers": plain(self.numbers),
        }
