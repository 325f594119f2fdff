"""The section ``[residual]`` of a prior file: by how much the overlaps may mislead about people on no list.

The dark figure is ``exp(xi)`` times what lists and pairs of lists imply. The residual dependence xi is the interaction
of the highest order, which log-linear models set to zero (Fienberg 1972, Biometrika 59:591; Bishop, Fienberg & Holland
1975, Discrete Multivariate Analysis, chapter 6). No table of lists holds anything about it, so a prior is all there is
(Aleshin-Guendel, Sadinle & Wakefield 2024, Biometrics 80, on the role of the identifying assumption).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from estimator.reasons import Reason
from estimator.study.priorsections import DegreesOfFreedom, FormKeys, StatedOrNot, StatedPrior, Why, WhyInDutch
from estimator.study.sections import Section
from estimator.study.statements import Statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ResidualForm = Literal["none", "stated", "relative"]
RESIDUAL_FORMS = FormKeys(
    needed={"none": (), "stated": ("ratio", "reason"), "relative": ("size", "reason")},
    optional={
        "none": ("reason",),
        "stated": ("degrees_of_freedom", "between_strata"),
        "relative": ("centre", "degrees_of_freedom", "between_strata"),
    },
    examples={
        "ratio": "{between = [0.4, 3], probability = 0.95}",
        "size": "0.6",
        "reason": '"why this and no other"',
    },
)
"""Keys of ``[residual]`` besides `form`."""

LEARNING_FORMS = ("learned", "horseshoe")
"""Forms of ``[dependence]`` that learn a scale from the overlaps, of which ``relative`` is a multiple."""

_LARGEST_LOG = 700.0  # beyond, a number is too large to be written
_SCALE_POINTS = 2000


class ResidualPrior(Section):
    """Prior on the residual dependence xi, the log of the true over the implied dark figure.

    Parameters
    ----------
    form : {"none", "stated", "relative"}
        `none`: xi is zero. `stated`: the true over the implied dark figure, exp(xi), is as stated in `ratio`.
        `relative`: xi is `size` times as large as the log odds ratios of pairs of lists turn out to be.
    reason, reason_nl : str, optional
        Why, and the same in Dutch; needed unless the form is `none`.
    ratio : Statement, optional
        The dark figure divided by what the overlaps imply (`stated`).
    size : float, optional
        Spread of xi in units of the learned scale of the log odds ratios (`relative`).
    centre : float, optional
        Middle of xi in the same units (`relative`); 0 when left out.
    degrees_of_freedom : float, optional
        Of the Student t distribution of xi (`stated`, `relative`); a normal distribution when left out. A `ratio` that
        is stated by its limits keeps them.
    between_strata : float, optional
        Spread between strata around xi, on the log scale (`stated`) or in units of the learned scale (`relative`); it
        moves people between strata and leaves their sum alone. The same in all strata when left out.
    """

    form: Annotated[ResidualForm, Field(description='"none", "stated" or "relative"')]
    reason: Why | None = None
    reason_nl: WhyInDutch = None
    ratio: StatedOrNot = None
    size: Annotated[float | None, Field(gt=0, le=100, description="a number above 0, such as 0.6, of at most 100")] = (
        None
    )
    centre: Annotated[float | None, Field(ge=-100, le=100, description="a number from -100 to 100, such as 0")] = None
    degrees_of_freedom: Annotated[float | None, DegreesOfFreedom] = None
    between_strata: Annotated[
        float | None, Field(gt=0, le=100, description="a number above 0, such as 0.3, of at most 100")
    ] = None

    @model_validator(mode="after")
    def _keys_of_form(self) -> Self:
        RESIDUAL_FORMS.check(self.form, {key for key in RESIDUAL_FORMS.all if getattr(self, key) is not None})
        return self

    @property
    def location_and_scale(self) -> tuple[float, float]:
        """Middle and scale of the normal or Student t distribution of xi; in units of tau when `relative`.

        With ``ratio = {between = [a, b], probability = p}`` the scale is (log b - log a) / (2 q), where q is the
        (1 + p) / 2 quantile of the standard distribution, so that the limits hold whatever its degrees of freedom.
        """
        if self.ratio is None:
            return self.centre or 0.0, self.size or 0.0
        if self.ratio.between is None or self.degrees_of_freedom is None:
            return self.ratio.mu, self.ratio.sigma
        upper = (1 + (self.ratio.probability or 0.0)) / 2
        width = math.log(self.ratio.between[1]) - math.log(self.ratio.between[0])
        return self.ratio.mu, width / (2 * float(standard_quantile(upper, self.degrees_of_freedom)))

    def quantile(self, probability: float, scale: Statement | None = None) -> float:
        """Return the value below which the true over the implied dark figure lies with this probability.

        `scale` is what is believed of the scale of the log odds ratios before the counts are looked at; needed when
        `relative`. Infinite when the ratio is too large to be written as a number.
        """
        if self.form == "none":
            return 1.0
        centre, size = self.location_and_scale
        if self.form == "stated":
            log_ratio = centre + size * float(standard_quantile(probability, self.degrees_of_freedom))
        else:
            assert scale is not None, "the prior file was checked: a scale is learned"
            log_ratio = _quantile_over_scales(probability, (centre, size, self.degrees_of_freedom), scale)
        return math.exp(log_ratio) if log_ratio < _LARGEST_LOG else math.inf

    def interval(self, probability: float = 0.95, scale: Statement | None = None) -> tuple[float, float]:
        """Return the limits of the true over the implied dark figure, equally probable on both sides."""
        return self.quantile((1 - probability) / 2, scale), self.quantile((1 + probability) / 2, scale)

    def stated(self, scale: Statement | None = None) -> StatedPrior:
        """Return what is stated; `scale` as for `quantile`."""
        what, degrees = Reason("quantity-residual"), self.degrees_of_freedom
        if self.form == "none":
            return no_residual(self.reason, self.reason_nl)
        if self.ratio is not None:
            if self.ratio.between is None:
                lower, upper = self.interval()
                limits = Reason("ratio-between", lower=lower, upper=upper)
            else:
                lower, upper = self.ratio.between
                limits = Reason("ratio-stated-between", lower=lower, upper=upper, probability=self.ratio.probability)
            statement = Reason("prior-residual-stated", limits=limits, degrees_of_freedom=degrees)
            return StatedPrior("residual", what, self._with_strata(statement), self.reason or "", self.reason_nl)
        (centre, size), before = self.location_and_scale, None
        if scale is not None:
            lower, upper = self.interval(0.95, scale)
            before = Reason("ratio-before-overlaps", lower=lower, upper=upper)
        statement = Reason(
            "prior-residual-relative", size=size, centre=centre, degrees_of_freedom=degrees, before=before
        )
        return StatedPrior("residual", what, self._with_strata(statement), self.reason or "", self.reason_nl)

    def _with_strata(self, statement: Reason) -> Reason:
        """Return a statement with what is stated of strata, if anything is."""
        if self.between_strata is None:
            return statement
        relative = self.form == "relative"
        return Reason("prior-residual-of-strata", statement=statement, size=self.between_strata, relative=relative)


def no_residual(reason: str | None = None, reason_nl: str | None = None) -> StatedPrior:
    """Return that no residual dependence is assumed, with the reason of the prior file, if it has one."""
    why = reason or Reason("residual-not-stated")
    return StatedPrior("residual", Reason("quantity-residual"), Reason("prior-no-residual"), why, reason_nl)


def tidied(section: dict[str, Any], changed: set[str]) -> None:
    """After overrides, drop idle keys of ``[residual]``, and give a reason where the file has none.

    The section is changed in place; `changed` are its keys that were set for this run.
    """
    used = RESIDUAL_FORMS.used_by(section.get("form"))
    if "form" in changed:
        for key in set(RESIDUAL_FORMS.all) - set(used) - changed:
            section.pop(key, None)
    if changed and section.get("form") in ("stated", "relative"):
        section.setdefault("reason", "Set for this run; the prior file gives no reason.")


def standard_quantile(
    probability: float | NDArray[np.float64], degrees_of_freedom: float | None
) -> float | NDArray[np.float64]:
    """Return quantiles of the standard normal distribution, or of Student's t."""
    from scipy import special

    quantiles: float | NDArray[np.float64]
    if degrees_of_freedom is None:
        quantiles = special.ndtri(probability)
    else:
        quantiles = special.stdtrit(degrees_of_freedom, probability)
    return quantiles


def _quantile_over_scales(probability: float, shape: tuple[float, float, float | None], scale: Statement) -> float:
    """Return a quantile of tau (centre + size t), where log tau is normal: its distribution function is an average."""
    import numpy as np
    from scipy import optimize, special

    centre, size, degrees = shape
    levels = (np.arange(_SCALE_POINTS) + 0.5) / _SCALE_POINTS
    tau = np.exp(np.clip(scale.mu + scale.sigma * special.ndtri(levels), -_LARGEST_LOG, _LARGEST_LOG))

    def excess(xi: float) -> float:
        with np.errstate(over="ignore"):
            standard = (xi / tau - centre) / size
        below = special.ndtr(standard) if degrees is None else special.stdtr(degrees, standard)
        return float(below.mean()) - probability

    bound = 1.0
    while bound < _LARGEST_LOG and (excess(-bound) > 0 or excess(bound) < 0):
        bound *= 2
    if excess(bound) < 0:
        return math.inf
    if excess(-bound) > 0:
        return -math.inf
    return float(optimize.brentq(excess, -bound, bound, xtol=1e-10))
