"""Which observed numbers drive the answer, and how well each is predicted from the others."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.checks.finding import CAUTION, SOUND, Finding
from estimator.checks.loglinear.influence import Influence, Influences, influences
from estimator.checks.numbers import LeaveOneOutNumbers
from estimator.fits.plain import plain
from estimator.methods.door import Listener
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.reasons import Reason

NAME = "leave-one-out"

_FEW_STRATA = 8
_REFITS_OF_SMALL, _REFITS_OF_LARGE = 40, 10
_KEPT = 200
_NAMED = 3


def leave_one_out(
    estimate: Estimate,
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
        At most this many numbers are left out by fitting again, where importance weights do not serve; by default 40,
        or 10 where a study has many strata.
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
    most = default_refits(estimate.study.table.n_strata) if most_refits is None else most_refits
    measured = influences(estimate, most_refits=most, seed=seed, workers=workers, listener=listener)
    each = measured.each
    limit = threshold("scrutiny.number_drives")
    driving = [influence for influence in each if influence.reliable and abs(influence.shift) > limit]
    unreliable = sum(not influence.reliable for influence in each)
    numbers: LeaveOneOutNumbers = {
        "median": measured.median,
        "spread_of_log": measured.spread,
        "elpd": measured.elpd,
        "effective_parameters": measured.lpd - measured.elpd,
        "numbers_left_out": len(each),
        "refitted": sum(influence.refitted for influence in each),
        "unreliable": unreliable,
        "most_influential": [plain(vars(influence)) for influence in each[:_KEPT]],
    }
    return Finding(
        check=NAME,
        verdict=CAUTION if driving else SOUND,
        statements=tuple(_statements(measured, driving, unreliable)),
        numbers=numbers,
    )


def default_refits(n_strata: int) -> int:
    """Return how many numbers at most are left out by fitting again, by the number of strata of a study."""
    return _REFITS_OF_SMALL if n_strata <= _FEW_STRATA else _REFITS_OF_LARGE


def _statements(measured: Influences, driving: Sequence[Influence], unreliable: int) -> list[Reason]:
    reliable = [influence for influence in measured.each if influence.reliable]
    statements = []
    if driving:
        statements.append(Reason("total-hangs-on-numbers", number=len(driving), without=_without(driving[0], measured)))
        statements += [
            Reason("total-hangs-on-number-too", without=_without(influence, measured))
            for influence in driving[1:_NAMED]
        ]
    elif reliable:
        statements.append(Reason("no-number-drives", without=_without(reliable[0], measured)))
    else:
        statements.append(Reason("driving-numbers-unknown"))
    if unreliable:
        statements.append(Reason("numbers-not-told", number=unreliable, total=len(measured.each)))
    return statements


def _without(influence: Influence, measured: Influences) -> Reason:
    return Reason(
        "median-without-number",
        what=influence.name,
        median=influence.median,
        instead_of=measured.median,
        shift=abs(influence.shift),
    )
