"""Whether the total stands when a list is left out, or two lists are taken as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.loglinear.cases import Fitted, fit_cases, refit_of, seconds_of_refit
from estimator.checks.numbers import Agreement, LeaveListOutNumbers
from estimator.fits.fewer_lists import held_by_priors, study_merged, study_without, why_not
from estimator.fits.plain import plain
from estimator.methods.door import Listener
from estimator.methods.registry import method_named
from estimator.methods.summary import Summary, summarise
from estimator.population.estimate import Estimate
from estimator.reasons import Reason
from estimator.seeds import seed_of
from estimator.study.questions import TOTAL
from estimator.study.study import Study

NAME = "leave-list-out"

_FEWEST_LISTS = 3


@dataclass(frozen=True)
class Alternative:
    """The total without a list, or with two lists as one.

    Parameters
    ----------
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
    """

    lists: tuple[str, ...]
    agreement: Agreement
    median: float | None = None
    lower: float | None = None
    upper: float | None = None
    intervals: Mapping[float, tuple[float, float]] | None = None
    why: tuple[Reason, ...] = ()


def leave_list_out(
    estimate: Estimate, *, seed: int | None = None, workers: int = 2, listener: Listener | None = None
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
    seed = estimate.posterior.seed if seed is None else seed
    full = summarise(estimate.group_draws[TOTAL].size, estimate.levels)
    if estimate.study.table.n_lists < _FEWEST_LISTS:
        return _too_few(full)
    studies = _studies(estimate.study)
    method = method_named(estimate.posterior.method)
    reasons = {key: why_not(study, method, estimate.posterior.options) for key, (_, study) in studies.items()}
    able = {key: study for key, (_, study) in studies.items() if not reasons[key]}
    fits = _fits(estimate, able, seed, workers, listener)
    alternatives = [
        _alternative(lists, fits.get(key), reasons[key], full, _held(study, estimate))
        for key, (lists, study) in studies.items()
    ]
    return _finding(full, alternatives)


def _studies(study: Study) -> dict[str, tuple[tuple[str, ...], Study]]:
    """Return every study with a list less, by what it is called, with the lists that are gone or merged."""
    lists = study.table.lists
    studies: dict[str, tuple[tuple[str, ...], Study]] = {
        f"without {name}": ((name,), study_without(study, name)) for name in lists
    }
    for first, second in combinations(lists, 2):
        studies[f"{first} and {second} as one"] = ((first, second), study_merged(study, first, second))
    return studies


def _fits(
    estimate: Estimate, studies: Mapping[str, Study], seed: int, workers: int, listener: Listener | None
) -> dict[str, Fitted | str]:
    if listener is not None:
        listener.stage(Reason("doing-fewer-lists", number=len(studies)))
    cases = [
        refit_of(estimate, key, study, seed_of(seed, "refit-without-list", i))
        for i, (key, study) in enumerate(studies.items())
    ]
    seconds = seconds_of_refit(estimate.posterior.settings, estimate.posterior.seconds)
    return fit_cases(cases, workers=workers, seconds=seconds, listener=listener)


def _held(study: Study, estimate: Estimate) -> bool:
    """Whether priors alone would hold the total of a table; never where the method takes none."""
    return method_named(estimate.posterior.method).abilities.priors and held_by_priors(study, estimate.priors)


def _alternative(
    lists: tuple[str, ...], fit: Fitted | str | None, reasons: tuple[Reason, ...], full: Summary, held: bool
) -> Alternative:
    if not isinstance(fit, Fitted):
        failed = () if fit is None else (Reason("refit-failed", error=fit),)
        return Alternative(lists, "not estimable", why=(*reasons, *failed))
    total = fit.groups[TOTAL]
    intervals = {level: total.limits(level) for level in full.intervals}
    lower, upper = intervals[0.95]
    agreement = agreement_of(total.median, lower, upper, full)
    return Alternative(lists, "held by the priors" if held else agreement, total.median, lower, upper, intervals)


def agreement_of(median: float, lower: float, upper: float, full: Summary) -> Agreement:
    """Return whether another median with its 95 % interval agrees with the full answer; see `Alternative`."""
    if lower > full.upper or upper < full.lower:
        return "contradicts"
    if lower <= full.median <= upper and full.lower <= median <= full.upper:
        return "agrees"
    return "moves"


def _finding(full: Summary, alternatives: Sequence[Alternative]) -> Finding:
    judged = [other for other in alternatives if other.agreement in ("agrees", "moves", "contradicts")]
    far = sorted((other for other in judged if other.agreement != "agrees"), key=lambda other: -_distance(other, full))
    far.sort(key=lambda other: other.agreement != "contradicts")
    verdict: Verdict = CAUTION if far or not judged else SOUND
    if far and far[0].agreement == "contradicts":
        verdict = FAILS
    statements = _statements(full, judged, far)
    return Finding(
        check=NAME,
        verdict=verdict,
        statements=(*statements, *_silent(alternatives)),
        numbers=_numbers(full, alternatives),
        reasons=statements[:1] if verdict == FAILS else (),
    )


def _numbers(full: Summary, alternatives: Sequence[Alternative]) -> LeaveListOutNumbers:
    return {
        "full": {
            "median": full.median,
            "lower": full.lower,
            "upper": full.upper,
            "intervals": plain(full.intervals),
        },
        "alternatives": [plain(vars(other)) for other in alternatives],
    }


def _distance(other: Alternative, full: Summary) -> float:
    """Return how far the median moves, in logs."""
    return 0.0 if other.median is None else float(abs(np.log(other.median / full.median)))


def _statements(full: Summary, judged: Sequence[Alternative], far: Sequence[Alternative]) -> tuple[Reason, ...]:
    total = {"median": full.median, "lower": full.lower, "upper": full.upper}
    if not judged:
        return (Reason("no-fewer-lists-answer"),)
    if not far:
        furthest = max(judged, key=lambda other: _distance(other, full))
        return (Reason("total-stands-without-lists", number=len(judged), furthest=_total_of(furthest), **total),)
    worst, *rest = far
    if worst.agreement == "contradicts":
        first = Reason("lists-contradict-total", worst=_total_of(worst), **total)
    else:
        first = Reason("lists-move-total", worst=_total_of(worst), **total)
    more = [Reason("total-moves-as-well", which=tuple(_which(other) for other in rest))] if rest else []
    return (first, *more, _meaning(worst))


def _meaning(worst: Alternative) -> Reason:
    if len(worst.lists) == 1:
        return Reason("list-may-hold-others", list=worst.lists[0])
    return Reason("lists-may-depend", lists=worst.lists)


def _silent(alternatives: Sequence[Alternative]) -> list[Reason]:
    held = tuple(_which(other) for other in alternatives if other.agreement == "held by the priors")
    none = tuple(_which(other) for other in alternatives if other.agreement == "not estimable")
    statements = [Reason("priors-alone-would-hold", which=held)] if held else []
    return [*statements, *([Reason("nothing-to-estimate", which=none)] if none else [])]


def _which(other: Alternative) -> Reason:
    """Return which table it is, in the middle of a sentence: "without P", "with P and K as one"."""
    if len(other.lists) == 1:
        return Reason("without-list", list=other.lists[0])
    return Reason("with-lists-as-one", lists=other.lists)


def _total_of(other: Alternative) -> Reason:
    return Reason(
        "total-of-fewer-lists", which=_which(other), median=other.median, lower=other.lower, upper=other.upper
    )


def _too_few(full: Summary) -> Finding:
    return Finding(NAME, CAUTION, (Reason("two-lists-only"),), _numbers(full, ()))
