"""What one check found: a verdict, statements as codes, and the numbers from which its picture is drawn.

Every check of `darkfigure scrutinise` is a function that takes an `Estimate` and returns a `Finding`. A finding has
neither words nor pictures: `estimator.report` makes both of it, now or from the file of a run, in any language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from estimator.fits.plain import plain
from estimator.reasons import Reason

Verdict = Literal["sound", "caution", "fails"]

SOUND: Verdict = "sound"
CAUTION: Verdict = "caution"
FAILS: Verdict = "fails"
VERDICTS: tuple[Verdict, ...] = (SOUND, CAUTION, FAILS)
"""From the best to the worst."""

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Parameters
    ----------
    check : str
        Short id, as on the command line: ``"power-scaling"``.
    statements : tuple of Reason
        What is said of it; the first is the verdict with its numbers.
    numbers : mapping of str to object
        Everything behind the statements and the picture, as JSON holds it: whatever is given becomes that.
    reasons : tuple of Reason
        Why the estimate is not fit to publish: at least one when the verdict is "fails", none otherwise.
    groups_not_alone : tuple of str
        Names of groups whose own answer may not be published alone.
    done : bool
        Whether the check could be done at all; the verdict is "caution" when not.

    Raises
    ------
    ValueError
        When the parts do not fit together: a fault of the check, not of the data.
    """

    check: str
    verdict: Verdict
    statements: tuple[Reason, ...]
    numbers: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    groups_not_alone: tuple[str, ...] = ()
    done: bool = True

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.check):
            raise ValueError(f"the id of a check is words with hyphens, not {self.check!r}")
        if self.verdict not in VERDICTS:
            raise ValueError(f"{self.check}: a verdict is one of {VERDICTS}, not {self.verdict!r}")
        if not self.statements:
            raise ValueError(f"{self.check}: a finding states at least one thing")
        if bool(self.reasons) != (self.verdict == FAILS):
            raise ValueError(f"{self.check}: reasons not to publish go with the verdict 'fails', and only with it")
        object.__setattr__(self, "numbers", plain(self.numbers))

    @property
    def headline(self) -> Reason:
        """The verdict with its numbers."""
        return self.statements[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the finding for JSON; see docs/scrutiny.md."""
        return {
            "check": self.check,
            "verdict": self.verdict,
            "statements": [statement.to_dict() for statement in self.statements],
            "reasons": [reason.to_dict() for reason in self.reasons],
            "groups_not_alone": list(self.groups_not_alone),
            "numbers": self.numbers,
            "done": self.done,
        }
