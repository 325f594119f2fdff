"""What do the data alone bound? The likelihood over the dark figure, beside what the prior and both together say.

No prior takes part in the profile (`estimator.checks.loglinear.profile`), and no residual dependence either, of which
the likelihood knows nothing. What the run believes beyond it comes from its priors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.loglinear.profile import DEVIANCE, Profile, profile_of
from estimator.checks.numbers import BoundsPicture, IdentificationNumbers
from estimator.fits.distributions import densities
from estimator.methods.loglinear.design import Design, design_of, with_recording
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.part import part_of
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.prior_tables import prior_residual
from estimator.methods.summary import summarise
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import read_priors

Floats = NDArray[np.float64]

CHECK = "identification"
_PRIOR_DRAWS = 8000
_GRID = 181  # points of the densities that are drawn


@dataclass(frozen=True, eq=False)
class Bounds:
    """What the data alone, the prior alone, and both together say of the population of the whole table.

    Parameters
    ----------
    own : Profile
        Under the terms of the run's model, of the strata in which a list ran.
    all_pairs : Profile or None
        The same when every pair of lists may depend; None where that is the run's model.
    before, after : ndarray, shape (n,) and (m,)
        Prior and posterior draws of the expected number of people: registered and on no list, residual dependence
        included.
    extrapolated : tuple of str
        Strata in which no list ran, and which are part of the whole by decision.
    """

    own: Profile
    all_pairs: Profile | None
    before: Floats
    after: Floats
    extrapolated: tuple[str, ...] = ()

    @property
    def whole(self) -> Profile:
        """The profile of the whole table under the terms of the run's model."""
        return _with_unlisted(self.own) if self.extrapolated else self.own

    @property
    def whole_all_pairs(self) -> Profile | None:
        """The profile of the whole table when every pair of lists may depend."""
        return self.all_pairs if self.all_pairs is None or not self.extrapolated else _with_unlisted(self.all_pairs)

    @property
    def widest(self) -> Profile:
        """The profile of the whole table under the fewest assumptions."""
        return self.whole_all_pairs or self.whole

    def to_dict(self) -> IdentificationNumbers:
        """Return everything for JSON."""
        return {
            "registered": self.own.registered,
            "own_model": self.whole.to_dict(),
            "every_pair_may_depend": None if self.whole_all_pairs is None else self.whole_all_pairs.to_dict(),
            "prior": summarise(self.before).limits(1),
            "posterior": summarise(self.after).limits(1),
            "picture": _picture(self),
        }


def _with_unlisted(profile: Profile) -> Profile:
    """Return the profile of the strata with lists and of others, where any number of people is as likely.

    However many people there are beyond the likeliest number, they may be where no list ran: of a larger number nothing
    is lost that was not lost of a smaller one.
    """
    return replace(profile, deviance=np.minimum.accumulate(profile.deviance))


def bounds_of(estimate: Estimate) -> Bounds:
    """Compute what the data alone, the prior alone and both together say.

    Returns
    -------
    Bounds
        Of the whole table, all years together.
    """
    design, settings = estimate.posterior.details.design, estimate.posterior.details.settings
    table = estimate.study.table
    every = _every_pair(estimate) if settings.dependence == "none" else None
    rng = stream(estimate.posterior.seed, "prior-population")
    positions = prior_positions(design, settings, _PRIOR_DRAWS, rng)
    residual = prior_residual(design, settings, positions, estimate.posterior.seed)
    before = positions[:, 0] if residual is None else positions[:, 0] + residual
    after = estimate.posterior.details.values["log_ratio"] + estimate.posterior.details.residual
    return Bounds(
        profile_of(_listed(design, table), settings),
        every,
        design.registered * (1 + np.exp(np.minimum(before, 50.0))),
        design.registered * (1 + np.exp(np.minimum(after.ravel(), 50.0))),
        tuple(name for name, kept in zip(table.stratum_labels, table.extrapolated, strict=True) if kept),
    )


def _listed(design: Design, table: CaptureTable) -> Design:
    """Return the design of the strata in which a list ran."""
    listed: NDArray[np.bool_] = np.asarray(table.running.any(axis=1))
    return design if listed.all() else part_of(design, listed)


def _every_pair(estimate: Estimate) -> Profile:
    """Return the profile when every pair of lists may depend, for a run that takes lists to be independent."""
    model, priors = estimate.study.model, read_priors()  # no prior takes part, but the model's shape comes from one
    design = design_of(
        estimate.study.table,
        three_list=model.three_list,
        heterogeneity=model.heterogeneity,
        composition=model.composition,
        breaks=model.breaks,
    )
    design = with_recording(design, estimate.study.table, model)
    return profile_of(_listed(design, estimate.study.table), prior_settings(priors, design))


def identification(estimate: Estimate) -> Finding:
    """Say what the data alone bound.

    Returns
    -------
    Finding
        "fails" where the table is as likely with any number of unseen people to one side, under the run's model, in the
        strata in which a list ran; "caution" where its 95 % likelihood-ratio interval has no limit, or limits further
        apart than ``fitness.widest`` (and those of the total than ``fitness.widest_total``); or where that is so when
        every pair may depend and the run takes lists to be independent.
    """
    bounds = bounds_of(estimate)
    verdict, several = _verdict(bounds), _covers_years(estimate)
    statements = [_of_data(bounds.whole, several), *_of_unlisted(bounds, several), *_of_pairs(bounds, several)]
    statements.append(_of_beliefs(bounds))
    if "residual" in estimate.posterior.details.values:
        statements.append(Reason("likelihood-without-residual"))
    return Finding(
        check=CHECK,
        verdict=verdict,
        statements=tuple(statements),
        numbers=bounds.to_dict(),
        reasons=(_reason(bounds.own, bounds.all_pairs is None),) if verdict == FAILS else (),
    )


def _picture(bounds: Bounds) -> BoundsPicture:
    """Return the densities of log N before and after the data on an even grid, 1 at their tops."""
    before, after = np.log(bounds.before), np.log(bounds.after)
    grid, first, second = densities(before, after)
    lower, upper = np.log(bounds.own.registered * 0.93), np.quantile(before, 0.995)
    points = np.linspace(lower, upper, _GRID)
    return {
        "from": round(float(np.exp(lower)), 1),
        "to": round(float(np.exp(upper)), 1),
        "before": np.round(np.interp(points, grid, first, 0.0, 0.0) / first.max(), 4).tolist(),
        "after": np.round(np.interp(points, grid, second, 0.0, 0.0) / second.max(), 4).tolist(),
        "deviance_at_limits": DEVIANCE,
    }


def _verdict(bounds: Bounds) -> Verdict:
    """Judge what the data bound."""
    if bounds.own.flat_above or bounds.own.flat_below:
        return FAILS
    profile = bounds.widest
    lower, upper = profile.lower, profile.upper
    if lower is None or upper is None:
        return CAUTION
    wide = upper > threshold("fitness.widest") * max(lower, 1.0)
    total_wide = profile.registered + upper > threshold("fitness.widest_total") * (profile.registered + lower)
    return CAUTION if wide and total_wide else SOUND


def _of_data(profile: Profile, several_years: bool) -> Reason:
    """Say what the data alone say of everybody."""
    lower, upper = profile.lower, profile.upper
    if profile.flat_above and profile.flat_below:
        return Reason("data-bound-nothing", several_years=several_years)
    least = profile.registered + (lower or 0.0)
    if upper is None:
        return Reason("data-bound-from-below", several_years=several_years, least=least)
    most = profile.registered + upper
    if lower is None:
        return Reason("data-bound-from-above", several_years=several_years, most=most)
    likeliest = profile.registered + profile.likeliest
    return Reason("data-bound", several_years=several_years, lower=least, upper=most, likeliest=likeliest)


def _of_unlisted(bounds: Bounds, several_years: bool) -> list[Reason]:
    """Say of whom the data say nothing, and what they say of the others."""
    if not bounds.extrapolated:
        return []
    return [Reason("data-say-nothing-of", strata=bounds.extrapolated, others=_of_data(bounds.own, several_years))]


def _covers_years(estimate: Estimate) -> bool:
    """Whether the whole table, of which the number is, is of several years."""
    period = estimate.study.period
    return period is not None and (period.covariate is not None or (period.years or 1) > 1)


def _of_pairs(bounds: Bounds, several_years: bool) -> list[Reason]:
    """Say what is left of it when every pair of lists may depend."""
    if bounds.whole_all_pairs is None:
        return []
    return [Reason("were-every-pair-to-depend", then=_of_data(bounds.whole_all_pairs, several_years))]


def _of_beliefs(bounds: Bounds) -> Reason:
    """Say what the prior and the run say."""
    before, after = (summarise(draws) for draws in (bounds.before, bounds.after))
    return Reason(
        "prior-alone-and-both",
        lower=before.lower,
        upper=before.upper,
        both_lower=after.lower,
        both_upper=after.upper,
        registered=bounds.own.registered,
    )


def _reason(profile: Profile, pairs_may_depend: bool) -> Reason:
    """Return why an estimate that the data do not hold is not to be published: as `estimator.population.fitness`."""
    limits = "undetermined" if profile.flat_above and profile.flat_below else "no upper limit"
    if not profile.flat_above:
        limits = "no lower limit"
    if pairs_may_depend:
        return Reason("total-not-identified", total=limits)
    return Reason("total-not-identified-though-independent", total=limits)
