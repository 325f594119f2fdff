"""Which intervals an estimate gives besides that of 95 %: those that are known to hold what they say."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.methods.door import Abilities
from estimator.methods.summary import LEVELS
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.trackrecord import TrackRecord, track_record

WITHIN = threshold("fitness.level_within")
"""How far the share of lists that an interval held may be from what it says."""


def given_levels(priors: Priors, able: Abilities) -> tuple[float, ...]:
    """Return the probabilities of the intervals that an estimate gives.

    Parameters
    ----------
    able : Abilities
        Of the method: without priors it has no track record.

    Returns
    -------
    tuple of float
        That of the headline always, which has cautions of its own (`estimator.population.cautions`); others where the
        priors, shipped and unchanged, held lists of known size about as often.
    """
    record = _record_of(priors, able)
    return tuple(level for level in LEVELS if level == max(LEVELS) or (record and record.bears_out(level, WITHIN)))


def levels_not_given(priors: Priors, priors_name: str, able: Abilities, levels: tuple[float, ...]) -> Iterator[Reason]:
    """Yield which intervals an estimate does not give, and why.

    Parameters
    ----------
    priors_name : str
        What the priors are called beside others.
    levels : tuple of float
        Those that it gives.
    """
    missing, record = tuple(level for level in LEVELS if level not in levels), _record_of(priors, able)
    if not missing:
        return
    if record is None:
        yield Reason("intervals-unproven", levels=missing, priors=priors_name if able.priors else None)
    else:
        held = tuple(record.inside[level] for level in missing)
        yield Reason("intervals-not-given", levels=missing, priors=priors_name, held=held)


def _record_of(priors: Priors, able: Abilities) -> TrackRecord | None:
    return track_record(priors) if able.priors else None
