"""How often intervals under the shipped priors held lists whose size is known.

The figures are in ``priors/evidence/scores.csv``, made by ``python -m evidence.make_default``; see
docs/evidence-default.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from estimator.study.priors import Priors, priors_path
from estimator.study.shipped import evidence_rows

SCORES = "scores.csv"

_DECIMALS = 6
"""Of a difference of shares, which the file has with four: 0.8 - 0.75 is above 0.05 in binary."""


@dataclass(frozen=True)
class TrackRecord:
    """How well intervals under one set of priors held lists of public tables whose size is known.

    Parameters
    ----------
    inside : mapping of float to float
        Share of intervals that held the truth, by level; families of tables weigh the same.
    score : float
        Mean interval score of log N.
    """

    priors: str
    lists: int
    inside: Mapping[float, float]
    score: float

    def bears_out(self, level: float, within: float) -> bool:
        """Tell whether intervals of a probability held about as many lists as they say.

        Parameters
        ----------
        level : float
            The probability.
        within : float
            How far from it the share may be, on either side.
        """
        return round(abs(self.inside[level] - level), _DECIMALS) <= within


@cache
def track_records() -> dict[str, TrackRecord]:
    """Return how well each shipped set of priors does; `evidence` as learned without the family that is judged.

    Returns
    -------
    dict of str to TrackRecord
        By name of the priors, best score first.
    """
    return {row["priors"]: _record(row) for row in evidence_rows(SCORES)}


def track_record(priors: Priors) -> TrackRecord | None:
    """Return how well a set of priors does, if it is a shipped one and unchanged."""
    if priors.path is None or priors.overrides:
        return None
    return next((record for name, record in track_records().items() if priors.path == priors_path(name)), None)


def _record(row: Mapping[str, str]) -> TrackRecord:
    inside = {int(key.removeprefix("inside_")) / 100: float(row[key]) for key in row if key.startswith("inside_")}
    return TrackRecord(row["priors"], int(row["lists"]), inside, float(row["score"]))
