"""Whether the model gives back what was observed: overlaps, how often people are listed, empty cells, list totals."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.loglinear.completed import some_draws
from estimator.checks.loglinear.predictive_statistics import Check, checks_of
from estimator.checks.numbers import PredictiveNumbers
from estimator.fits.plain import plain
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.reasons import Reason, Value

NAME = "predictive-checks"

_MOST_DRAWS = 2000
_CELL_DRAWS = 4_000_000
_NAMED = 3
_USUAL = 0.3
"""Expected number of checks that far out from which it is nothing to speak of."""


def predictive_checks(estimate: Estimate, *, seed: int | None = None) -> Finding:
    """Compare numbers that readers look at with what the model predicts of them.

    Parameters
    ----------
    seed : int, optional
        By default that of the estimate.

    Returns
    -------
    Finding
        ``numbers`` holds every check, the ``smallest_p`` among them, and ``expected_by_chance``: how many of the
        checks would have a probability that small if the model were true and the checks were independent (Bonferroni's
        bound on the probability that any has). Checks of numbers that the model was fitted to are conservative
        (Meng 1994, Annals of Statistics 22:1142): their probabilities cluster around a half.
    """
    n_cells = estimate.study.table.n_cells
    posterior = some_draws(estimate.posterior.details, max(200, min(_MOST_DRAWS, _CELL_DRAWS // n_cells)))
    compared = checks_of(estimate.study.table, posterior, estimate.posterior.seed if seed is None else seed)
    checks = sorted(compared, key=lambda check: check.p)
    by_chance = len(checks) * checks[0].p
    verdict = _verdict(by_chance)
    statements = _statements(checks, by_chance, verdict)
    numbers: PredictiveNumbers = {
        "checks": [plain(vars(check)) for check in checks],
        "smallest_p": checks[0].p,
        "expected_by_chance": by_chance,
    }
    return Finding(
        check=NAME,
        verdict=verdict,
        statements=statements,
        numbers=numbers,
        reasons=statements[:1] if verdict == FAILS else (),
    )


def _verdict(by_chance: float) -> Verdict:
    if by_chance < threshold("scrutiny.predictive_poor"):
        return FAILS
    return CAUTION if by_chance < threshold("scrutiny.predictive_doubtful") else SOUND


def _statements(checks: Sequence[Check], by_chance: float, verdict: Verdict) -> tuple[Reason, ...]:
    worst, number = checks[0], len(checks)
    chance = _chance(by_chance, number)
    if verdict == SOUND:
        return (Reason("model-gives-back-all", number=number, what=worst.name, p=worst.p, chance=chance),)
    far = [check for check in checks if number * check.p < threshold("scrutiny.predictive_doubtful")][:_NAMED]
    said: dict[str, Value] = {**_against(worst), "p": worst.p, "chance": chance}
    if verdict == FAILS:
        first = Reason("model-does-not-give-back", **said)
    else:
        first = Reason("model-gives-back-poorly", **said)
    others = tuple(Reason("number-off", **_against(check)) for check in far[1:])
    more = (Reason("model-nor-gives-back", numbers=others),) if others else ()
    return (first, *more, Reason("model-may-lack"))


def _against(check: Check) -> dict[str, Value]:
    return {"what": check.name, "observed": check.observed, "lower": check.lower, "upper": check.upper}


def _chance(by_chance: float, number: int) -> Reason:
    """Say how remarkable it is that one of the numbers is as far out as the worst one."""
    if by_chance >= _USUAL:
        return Reason("far-out-by-chance", expected=max(1, min(round(by_chance), number)), number=number)
    return Reason("far-out-rarely", number=number, tables=max(round(1 / max(by_chance, 1e-9)), 2))
