"""Whether the model gives back what was observed: overlaps, how often people are listed, empty cells, list totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.predictive_drawing import SHOWN, draw_checks
from estimator.checks.predictive_statistics import Check, checks_of
from estimator.checks.subject import Subject
from estimator.fits.completed import some_draws
from estimator.population.thresholds import threshold
from estimator.words.numbers import count, listed, probability_in_words, roughly

NAME = "predictive-checks"
TITLE = "Does the model give back what was observed?"

_MOST_DRAWS = 2000
_CELL_DRAWS = 4_000_000
_NAMED = 3
_USUAL = 0.3
"""Expected number of checks that far out from which it is nothing to speak of."""


def predictive_checks(subject: Subject, *, seed: int | None = None) -> Finding:
    """Compare numbers that readers look at with what the model predicts of them.

    Parameters
    ----------
    seed : int, optional
        By default that of the estimate.

    Returns
    -------
    Finding
        ``numbers`` holds every check, the ``smallest_p`` among them, and ``expected_by_chance``: how many of so many
        checks would have a probability that small if the model were true and the checks were independent (Bonferroni's
        bound on the probability that any has). Checks of numbers that the model was fitted to are conservative
        (Meng 1994, Annals of Statistics 22:1142): their probabilities cluster around a half.
    """
    n_cells = subject.study.table.n_cells
    posterior = some_draws(subject.posterior, max(200, min(_MOST_DRAWS, _CELL_DRAWS // n_cells)))
    compared = checks_of(subject.study.table, posterior, subject.seed if seed is None else seed)
    checks = sorted(compared, key=lambda check: check.p)
    by_chance = len(checks) * checks[0].p
    verdict = _verdict(by_chance)
    sentences = _sentences(checks, by_chance, verdict)
    return Finding(
        check=NAME,
        title=TITLE,
        verdict=verdict,
        sentences=sentences,
        numbers={
            "checks": [asdict(check) for check in checks],
            "smallest_p": checks[0].p,
            "expected_by_chance": by_chance,
        },
        reasons=(sentences[0],) if verdict == FAILS else (),
        draw=partial(draw_checks, checks=checks),
        size=(9.0, 1.6 + 0.24 * min(len(checks), SHOWN)),
        alternative="Observed numbers of people as dots on the range that the model predicts for each.",
    )


def _verdict(by_chance: float) -> Verdict:
    if by_chance < threshold("scrutiny.predictive_poor"):
        return FAILS
    return CAUTION if by_chance < threshold("scrutiny.predictive_doubtful") else SOUND


def _sentences(checks: Sequence[Check], by_chance: float, verdict: Verdict) -> tuple[str, ...]:
    worst, number = checks[0], len(checks)
    chance = _chance(by_chance, number)
    if verdict == SOUND:
        return (
            f"The model gives back all {number} numbers that were compared: the furthest out is the number of "
            f"{worst.name} (p = {probability_in_words(worst.p)}; {chance}).",
        )
    far = [check for check in checks if number * check.p < threshold("scrutiny.predictive_doubtful")][:_NAMED]
    described = "does not give back" if verdict == FAILS else "gives back poorly"
    return (
        f"The model {described} the number of {worst.name}: {_against(worst)} (p = {probability_in_words(worst.p)}; "
        f"{chance}).",
        *([f"Nor the number of {listed([f'{c.name} ({_against(c)})' for c in far[1:]])}."] if far[1:] else []),
        "A term for three lists, another prior on the pair in question, a covariate or a list that does not belong "
        "there may be the cause; the printed interval does not know of it.",
    )


def _against(check: Check) -> str:
    return f"{count(check.observed)} observed, {count(check.lower)} to {count(check.upper)} predicted"


def _chance(by_chance: float, number: int) -> str:
    """Say how remarkable it is that one of so many numbers is as far out as the worst one."""
    if by_chance >= _USUAL:
        return f"by chance about {max(1, min(round(by_chance), number))} of {number} would be that far out"
    tables = roughly(max(round(1 / max(by_chance, 1e-9)), 2))
    return f"by chance one of {number} is that far out in one table of {tables}"
