"""Which observed numbers drive the answer, and how well each is predicted from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial

from estimator.checks.finding import CAUTION, SOUND, Finding
from estimator.checks.influence import Influence, Influences, influences
from estimator.checks.influence_drawing import draw_influences
from estimator.checks.subject import Subject
from estimator.methods.door import Listener
from estimator.population.thresholds import threshold
from estimator.words.numbers import count, roughly

NAME = "leave-one-out"
TITLE = "Does the answer hang on a few numbers?"

_FEW_STRATA = 8
_REFITS_OF_SMALL, _REFITS_OF_LARGE = 40, 10
_KEPT = 200
_NAMED = 3


def leave_one_out(
    subject: Subject,
    *,
    most_refits: int | None = None,
    seed: int | None = None,
    workers: int = 2,
    listener: Listener | None = None,
) -> Finding:
    """Leave out every observed number in turn.

    Parameters
    ----------
    most_refits : int, optional
        So many numbers at most are left out by fitting again, where importance weights do not serve; by default 40, or
        10 where a study has many strata.
    seed : int, optional
        Of refits; by default that of the estimate.

    Returns
    -------
    Finding
        Never worse than a caution: that an answer hangs on few numbers is not a fault, and must be known.
        ``numbers`` has ``elpd``, ``effective_parameters`` (log predictive density with the numbers themselves among
        the data, less without), and of the numbers that move the total most who they are, Pareto k and the median of N
        without them.
    """
    most = default_refits(subject.study.table.n_strata) if most_refits is None else most_refits
    seeded = subject if seed is None else replace(subject, seed=seed)
    found = influences(seeded, most_refits=most, workers=workers, listener=listener)
    driving = [one for one in found.each if one.reliable and abs(one.shift) > threshold("scrutiny.number_drives")]
    unreliable = [one for one in found.each if not one.reliable]
    return Finding(
        check=NAME,
        title=TITLE,
        verdict=CAUTION if driving else SOUND,
        sentences=tuple(_sentences(found, driving, unreliable)),
        numbers={
            "median": found.median,
            "spread_of_log": found.spread,
            "elpd": found.elpd,
            "effective_parameters": found.lpd - found.elpd,
            "numbers_left_out": len(found.each),
            "refitted": sum(one.refitted for one in found.each),
            "unreliable": len(unreliable),
            "most_influential": [asdict(one) for one in found.each[:_KEPT]],
        },
        draw=partial(draw_influences, found=found),
        alternative="Median of the total without each of the numbers that move it most.",
    )


def default_refits(n_strata: int) -> int:
    """Return how many numbers at most are left out by fitting again, in a study of so many strata."""
    return _REFITS_OF_SMALL if n_strata <= _FEW_STRATA else _REFITS_OF_LARGE


def _sentences(found: Influences, driving: Sequence[Influence], unreliable: Sequence[Influence]) -> list[str]:
    reliable = [one for one in found.each if one.reliable]
    said = []
    if driving:
        said.append(f"The total hangs on {_how_many(len(driving))}: {_without(driving[0], found)}.")
        said += [f"{_capital(_without(one, found))}." for one in driving[1:_NAMED]]
    elif reliable:
        said.append(f"No single number drives the total: {_without(reliable[0], found)}, and that is the largest step.")
    else:
        said.append("Which numbers drive the total could not be told.")
    if unreliable:
        said.append(
            f"For {count(len(unreliable))} of {count(len(found.each))} numbers the draws do not tell what would be "
            "without them (Pareto k is too large), and the model was not fitted again."
        )
    return said


def _how_many(number: int) -> str:
    return "one number" if number == 1 else f"each of {count(number)} numbers"


def _without(one: Influence, found: Influences) -> str:
    return (
        f"without {one.name} the median would be {roughly(one.median)} instead of {roughly(found.median)} "
        f"({abs(one.shift):.1f} standard deviations)"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
