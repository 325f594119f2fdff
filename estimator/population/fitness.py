"""Is an estimate fit to publish? What speaks against it stands with the number wherever it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from estimator.capture.checking import check_models
from estimator.capture.table import CaptureTable
from estimator.methods.door import Posterior
from estimator.population.groups import GroupDraws
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.questions import Precision

MOSTLY_PRIOR = threshold("fitness.mostly_prior")
"""From this ratio of posterior to prior standard deviation (of the log dark figure) the answer is the prior."""

WIDEST = threshold("fitness.widest")
"""Limits of the dark figure that are further apart than this factor are said, with those of the total."""

WIDEST_TOTAL = threshold("fitness.widest_total")
"""Limits of the total that are no further apart than this: nearly everybody is seen, and that is known."""

POOR_FIT, DOUBTFUL_FIT = threshold("fitness.poor_fit"), threshold("fitness.doubtful_fit")
"""Posterior predictive probability of a table that fits worse: below the first unsound, below the second to be said."""

UNDECLARED = frozenset({"overlaps-taken-as-exclusive"})
"""Codes of readings of a table that change who is counted: a study must declare them before anything is published."""

TOO_WIDE = "interval-too-wide"

WIDTH_CODES = frozenset({TOO_WIDE, "interval-wide", "dark-figure-known-poorly"})
"""Codes of what is said of an interval that is wide."""

OF_THE_TABLE = frozenset({"table-reconstructed", "table-synthetic"})
"""Codes of reasons in the table: it does not hold observed people, so that no estimate made of it is evidence."""


@dataclass(frozen=True)
class Fitness:
    """Whether an estimate may be published, and why not.

    Parameters
    ----------
    unsound : tuple of Reason
        Reasons in the estimate itself: the chains disagree, the data do not identify the answer, or the model does not
        describe them.
    not_evidence : tuple of Reason
        Reasons in the table: it does not hold observed people.
    cautions : tuple of Reason
        What a reader must be told though it does not forbid publishing.
    """

    unsound: tuple[Reason, ...]
    not_evidence: tuple[Reason, ...]
    cautions: tuple[Reason, ...] = ()

    @property
    def publishable(self) -> bool:
        """Whether there is no reason not to publish."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons not to publish."""
        return (*self.unsound, *self.not_evidence)


def fitness(
    table: CaptureTable,
    posterior: Posterior,
    total: GroupDraws,
    fit: float | None,
    objections: Sequence[Reason] = (),
    precision: Precision | None = None,
) -> Fitness:
    """Judge an estimate.

    Parameters
    ----------
    fit : float or None
        Posterior predictive probability of a table that fits worse; None where no such check is made.
    objections : sequence of Reason
        Of the method itself to publishing an answer as an estimate of the total.
    precision : Precision or None
        How wide an interval the decision at hand bears.
    """
    unsound = [
        *(reading for reading in table.readings if reading.code in UNDECLARED),
        *posterior.convergence.reasons,
        *objections,
        *_prior_reasons(posterior),
        *_identification_reasons(table, posterior),
    ]
    cautions: list[Reason] = []
    if (wide := width_reason(total, precision)) is not None:
        (unsound if wide.code == TOO_WIDE else cautions).append(wide)
    if fit is not None and fit < POOR_FIT:
        unsound.append(Reason("model-does-not-describe-table", p=fit, limit=POOR_FIT))
    elif fit is not None and fit < DOUBTFUL_FIT:
        cautions.append(Reason("model-describes-table-poorly", p=fit))
    return Fitness(tuple(unsound), _table_reasons(table), tuple(cautions))


def _table_reasons(table: CaptureTable) -> tuple[Reason, ...]:
    """Return whether the table holds something else than observed people."""
    reasons = {"reconstructed": Reason("table-reconstructed"), "synthetic": Reason("table-synthetic")}
    return (reasons[table.kind],) if table.kind in reasons else ()


_OPEN = ("no upper limit", "no lower limit", "undetermined")
"""What `estimator.capture.checking` says of a total that the data do not hold."""


def _identification_reasons(table: CaptureTable, posterior: Posterior) -> list[Reason]:
    """Return whether the table leaves the number of unseen people open, so that only priors hold it."""
    reasons = []
    pairs_may_depend = posterior.pairs_may_depend
    for model in check_models(table) if pairs_may_depend else ():
        full = model.name == "all pairs" or (table.n_lists == 2 and model.pairs)
        if full and model.total in _OPEN:
            reasons.append(Reason("total-not-identified", total=model.total))
    return reasons


def width_reason(total: GroupDraws, precision: Precision | None = None) -> Reason | None:
    """Return that the interval is wider than the decision at hand bears, or that it is wide; None where it is not.

    Width is no error: an interval may be wide and right. It is refused only where a study says how much is too much.
    """
    least, most = (float(limit) for limit in np.quantile(total.size, [0.025, 0.975]))
    apart = most / max(least, 1.0)
    limits = {"lower": least, "upper": most, "apart": apart}
    if precision is not None and apart > precision.factor:
        why, why_nl = precision.reason, precision.reason_nl
        return Reason("interval-too-wide", limit=precision.factor, **limits, why=why, why_nl=why_nl)
    lower, upper = np.quantile(total.unseen, [0.025, 0.975])
    if upper <= WIDEST * max(lower, 1.0):
        return None
    if apart <= WIDEST_TOTAL:
        return Reason("dark-figure-known-poorly", apart=apart, limit=WIDEST, lower=lower, upper=upper)
    return Reason("interval-wide", **limits)


def _prior_reasons(posterior: Posterior) -> list[Reason]:
    """Return whether the total is essentially the prior."""
    share = posterior.prior_share
    return [] if share is None or share < MOSTLY_PRIOR else [Reason("mostly-prior", share=share)]
