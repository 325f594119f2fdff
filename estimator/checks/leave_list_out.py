"""Whether the total stands when a list is left out, or two lists are taken as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import combinations
from typing import Literal

import numpy as np

from estimator.checks.cases import Case, Fitted, fit_cases, seconds_of_refit
from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.subject import Subject
from estimator.checks.trajectory_drawing import draw_trajectory, trajectory_size
from estimator.fits.fewer_lists import held_by_priors, study_merged, study_without, why_not
from estimator.fits.refit import QUICK
from estimator.methods.door import Listener
from estimator.methods.summary import Summary, summarise
from estimator.seeds import seed_of
from estimator.study.questions import TOTAL
from estimator.study.study import Study
from estimator.words.numbers import count, listed, roughly

NAME = "leave-list-out"
TITLE = "Does the total stand without each list?"

_FEWEST_LISTS = 3
Agreement = Literal["agrees", "moves", "contradicts", "held by the priors", "not estimable"]


@dataclass(frozen=True)
class Alternative:
    """The total without a list, or with two lists as one.

    Parameters
    ----------
    name : str
        ``"without P"`` or ``"P and K as one"``.
    lists : tuple of str
        The list left out, or the two merged.
    agreement : str
        ``"agrees"``; ``"moves"`` when its 95 % interval does not hold the median of the full answer, or the other way
        round; ``"contradicts"`` when the two 95 % intervals do not meet; ``"held by the priors"`` when its table leaves
        the total open, so that it says nothing either way; ``"not estimable"``.
    median, lower, upper : float or None
        Of the population size, with its 95 % interval.
    intervals : mapping of float to (float, float)
        By probability.
    why : str
        Why there is no number.
    """

    name: str
    lists: tuple[str, ...]
    agreement: Agreement
    median: float | None = None
    lower: float | None = None
    upper: float | None = None
    intervals: Mapping[float, tuple[float, float]] | None = None
    why: str = ""


def leave_list_out(
    subject: Subject, *, seed: int | None = None, workers: int = 2, listener: Listener | None = None
) -> Finding:
    """Leave out each list, and take each two lists as one, and estimate again.

    Parameters
    ----------
    seed : int, optional
        Of refits; by default that of the estimate.

    Returns
    -------
    Finding
        The population is the same throughout, so that the answers should agree within what fewer data leave open. A
        list with people who do not belong to the population makes the total fall when it is left out; two lists whose
        dependence the model does not know of make it move when they are merged. The prior on the dark figure is stated
        relative to the registered number of each table.
    """
    subject = subject if seed is None else replace(subject, seed=seed)
    full = summarise(subject.total.size)
    if subject.study.table.n_lists < _FEWEST_LISTS:
        return _too_few(full)
    studies = _studies(subject.study)
    reasons = {key: why_not(study) for key, (_, study) in studies.items()}
    found = _fits(subject, {key: study for key, (_, study) in studies.items() if not reasons[key]}, workers, listener)
    alternatives = [
        _alternative(key, lists, found.get(key, reasons[key]), full, held_by_priors(study, subject.priors))
        for key, (lists, study) in studies.items()
    ]
    return _finding(subject, full, alternatives)


def _studies(study: Study) -> dict[str, tuple[tuple[str, ...], Study]]:
    """Return every study with a list less, by what it is called, with the lists that are gone or merged."""
    lists = study.table.lists
    found: dict[str, tuple[tuple[str, ...], Study]] = {
        f"without {name}": ((name,), study_without(study, name)) for name in lists
    }
    for first, second in combinations(lists, 2):
        found[f"{first} and {second} as one"] = ((first, second), study_merged(study, first, second))
    return found


def _fits(
    subject: Subject, studies: Mapping[str, Study], workers: int, listener: Listener | None
) -> dict[str, Fitted | str]:
    if listener is not None:
        listener.stage(f"Fitting again with fewer lists, {count(len(studies))} times")
    cases = [
        Case(key, study, subject.priors, replace(QUICK, seed=seed_of(subject.seed, "refit-without-list", i)))
        for i, (key, study) in enumerate(studies.items())
    ]
    return fit_cases(cases, workers=workers, seconds=seconds_of_refit(subject.posterior), listener=listener)


def _alternative(key: str, lists: tuple[str, ...], found: Fitted | str, full: Summary, held: bool) -> Alternative:
    if isinstance(found, str):
        return Alternative(key, lists, "not estimable", why=found)
    total = found.groups[TOTAL]
    intervals = {level: total.limits(level) for level in full.intervals}
    lower, upper = intervals[0.95]
    agreement = _agreement(total.median, lower, upper, full)
    return Alternative(key, lists, "held by the priors" if held else agreement, total.median, lower, upper, intervals)


def _agreement(median: float, lower: float, upper: float, full: Summary) -> Agreement:
    if lower > full.upper or upper < full.lower:
        return "contradicts"
    if lower <= full.median <= upper and full.lower <= median <= full.upper:
        return "agrees"
    return "moves"


def _finding(subject: Subject, full: Summary, alternatives: Sequence[Alternative]) -> Finding:
    judged = [one for one in alternatives if one.agreement in ("agrees", "moves", "contradicts")]
    far = sorted((one for one in judged if one.agreement != "agrees"), key=lambda one: -_distance(one, full))
    contradicting = [one for one in far if one.agreement == "contradicts"]
    verdict: Verdict = FAILS if contradicting else CAUTION if far or not judged else SOUND
    sentences = _sentences(full, judged, [*contradicting, *(one for one in far if one not in contradicting)])
    return Finding(
        check=NAME,
        title=TITLE,
        verdict=verdict,
        sentences=(*sentences, *_silent(alternatives)),
        numbers={
            "full": {"median": full.median, "lower": full.lower, "upper": full.upper},
            "alternatives": [asdict(one) for one in alternatives],
        },
        reasons=(sentences[0],) if verdict == FAILS else (),
        draw=partial(draw_trajectory, full=full, alternatives=alternatives),
        size=trajectory_size(len(alternatives)),
        alternative="The total with its intervals without each list and with each two lists as one.",
    )


def _distance(one: Alternative, full: Summary) -> float:
    """Return how far the median moves, in logs."""
    return 0.0 if one.median is None else float(abs(np.log(one.median / full.median)))


def _sentences(full: Summary, judged: Sequence[Alternative], far: Sequence[Alternative]) -> tuple[str, ...]:
    if not judged:
        return ("No table with fewer lists holds an answer of its own, so that lists cannot be played off.",)
    if not far:
        most = max(judged, key=lambda one: _distance(one, full))
        return (
            f"The total stands: in all {count(len(judged))} tables with a list less or two lists as one, the answer "
            f"agrees with {_numbers(full.median, full.lower, full.upper)}; {_said(most)}, and that is furthest off.",
        )
    worst = far[0]
    strength = "contradicts the answer" if worst.agreement == "contradicts" else "moves the total"
    first = (
        f"The total does not stand with every list: {_said(worst)}, instead of "
        f"{_numbers(full.median, full.lower, full.upper)}, which {strength}."
    )
    rest = [_phrase(one) for one in far[1:]]
    more = [f"The total moves as well {listed(rest)}."] if rest else []
    return (first, *more, _meaning(worst))


def _meaning(worst: Alternative) -> str:
    if len(worst.lists) == 1:
        return (
            f"The list {worst.lists[0]} may hold people who do not belong to the population, or people whom the other "
            "lists find more or less easily than others."
        )
    return (
        f"The lists {listed(worst.lists)} may depend on each other more than the priors allow, or one of them may hold "
        "people who do not belong to the population."
    )


def _silent(alternatives: Sequence[Alternative]) -> list[str]:
    held = [_phrase(one) for one in alternatives if one.agreement == "held by the priors"]
    none = [_phrase(one) for one in alternatives if one.agreement == "not estimable"]
    said = []
    if held:
        said.append(f"Only the priors would hold the total {listed(held)}: that says nothing for or against it.")
    if none:
        said.append(f"Nothing can be estimated {listed(none)}.")
    return said


def _phrase(one: Alternative) -> str:
    return one.name if len(one.lists) == 1 else f"with {one.name}"


def _said(one: Alternative) -> str:
    if one.median is None or one.lower is None or one.upper is None:
        return _phrase(one)
    return f"{_phrase(one)} it is {_numbers(one.median, one.lower, one.upper)}"


def _numbers(median: float, lower: float, upper: float) -> str:
    return f"{roughly(median)} ({roughly(lower)} to {roughly(upper)})"


def _too_few(full: Summary) -> Finding:
    return Finding(
        check=NAME,
        title=TITLE,
        verdict=CAUTION,
        sentences=("There are two lists, and neither can be left out: nothing checks one list against the others.",),
        numbers={"full": {"median": full.median, "lower": full.lower, "upper": full.upper}, "alternatives": []},
    )
