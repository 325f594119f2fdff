"""What do the data alone bound? The likelihood over the dark figure, beside what the prior and both together say.

No prior takes part in the profile (`estimator.fits.profile`), and no residual dependence either, of which the
likelihood knows nothing. What the run believes beyond it comes from its priors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.identification_drawing import SIZE, draw_profile
from estimator.checks.subject import Subject
from estimator.fits.profile import Profile, profile_of
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.design import design_of
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.prior_tables import prior_residual
from estimator.methods.summary import summarise
from estimator.population.thresholds import threshold
from estimator.seeds import stream
from estimator.study.priors import read_priors
from estimator.words.numbers import interval, roughly

Floats = NDArray[np.float64]

CHECK = "identification"
_PRIOR_DRAWS = 8000


@dataclass(frozen=True, eq=False)
class Bounds:
    """What the data alone, the prior alone, and both together say of the population of the whole table.

    Parameters
    ----------
    own : Profile
        Under the terms of the run's model.
    all_pairs : Profile or None
        When every pair of lists may depend; None where that is the run's model.
    before, after : ndarray, shape (n,) and (m,)
        Prior and posterior draws of the expected number of people: registered and on no list, residual dependence
        included.
    """

    own: Profile
    all_pairs: Profile | None
    before: Floats
    after: Floats

    @property
    def widest(self) -> Profile:
        """The profile under the fewest assumptions."""
        return self.own if self.all_pairs is None else self.all_pairs

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "registered": self.own.registered,
            "own_model": self.own.to_dict(),
            "every_pair_may_depend": None if self.all_pairs is None else self.all_pairs.to_dict(),
            "prior": summarise(self.before).limits(1),
            "posterior": summarise(self.after).limits(1),
        }


def bounds_of(subject: Subject) -> Bounds:
    """Compute what the data alone, the prior alone and both together say.

    Returns
    -------
    Bounds
        Of the whole table, all years together.
    """
    design, settings = subject.posterior.design, subject.posterior.settings
    every = _every_pair(subject) if settings.dependence == "none" else None
    rng = stream(subject.seed, "prior-population")
    positions = prior_positions(model_arrays(design, settings), _PRIOR_DRAWS, rng)
    residual = prior_residual(design, settings, positions, subject.seed)
    before = positions[:, 0] if residual is None else positions[:, 0] + residual
    after = subject.posterior.values["log_ratio"] + subject.residual
    return Bounds(
        profile_of(design, settings),
        every,
        design.registered * (1 + np.exp(np.minimum(before, 50.0))),
        design.registered * (1 + np.exp(np.minimum(after.ravel(), 50.0))),
    )


def _every_pair(subject: Subject) -> Profile:
    """Return the profile when every pair of lists may depend, for a run that takes lists to be independent."""
    model, priors = subject.study.model, read_priors()  # no prior takes part, but the model's shape comes from one
    design = design_of(
        subject.study.table,
        three_list=model.three_list,
        heterogeneity=model.heterogeneity,
        composition=model.composition,
        breaks=model.breaks,
    )
    return profile_of(design, prior_settings(priors, design))


def identification(subject: Subject) -> Finding:
    """Say what the data alone bound.

    Returns
    -------
    Finding
        "fails" where the table is as likely with any number of unseen people to one side, under the run's model;
        "caution" where its 95 % likelihood-ratio interval has no limit, or limits further apart than
        ``fitness.widest``; or where that is so when every pair may depend and the run takes lists to be independent.
    """
    found = bounds_of(subject)
    verdict, what = _verdict(found), _what(subject)
    return Finding(
        check=CHECK,
        title="What the data alone bound",
        verdict=verdict,
        sentences=(_of_data(found.own, what), *_of_pairs(found, what), *_of_beliefs(found), *_of_residual(subject)),
        numbers=found.to_dict(),
        reasons=(_reason(found.own, found.all_pairs is None),) if verdict == FAILS else (),
        draw=lambda figure: draw_profile(figure, found.own, found.all_pairs, found.before, found.after),
        size=SIZE,
    )


def _verdict(found: Bounds) -> Verdict:
    """Judge what the data bound."""
    if found.own.flat_above or found.own.flat_below:
        return FAILS
    profile = found.widest
    lower, upper = profile.lower, profile.upper
    if lower is None or upper is None or upper > threshold("fitness.widest") * max(lower, 1.0):
        return CAUTION
    return SOUND


def _of_data(profile: Profile, what: str) -> str:
    """Say what the data alone say of everybody."""
    lower, upper = profile.lower, profile.upper
    if profile.flat_above and profile.flat_below:
        return f"The data alone do not bound {what}: the table is as likely with any number of unseen people."
    if upper is None:
        return f"The data alone do not bound {what} from above (95 %): it may be {_at_least(profile)} or more."
    total = [roughly(profile.registered + limit) for limit in (lower or 0.0, upper)]
    if lower is None:
        return f"The data alone bound {what} from above only: at most {total[1]} people (95 %)."
    middle = roughly(profile.registered + profile.likeliest)
    return f"The data alone put {what} between {total[0]} and {total[1]} (95 %), likeliest at {middle}."


def _what(subject: Subject) -> str:
    """Return what is bounded: the number of people of the whole table, which may be of several years."""
    period = subject.study.period
    several = period is not None and (period.covariate is not None or (period.years or 1) > 1)
    return "the number of all years together" if several else "the number"


def _at_least(profile: Profile) -> str:
    """Return the lower limit of the population."""
    return roughly(profile.registered + (profile.lower or 0.0))


def _of_pairs(found: Bounds, what: str) -> list[str]:
    """Say what is left of it when every pair of lists may depend."""
    if found.all_pairs is None:
        return []
    said = _of_data(found.all_pairs, what)
    return [f"That takes lists to be independent. When every pair may depend: {said[0].lower()}{said[1:]}"]


def _of_beliefs(found: Bounds) -> list[str]:
    """Say what the prior and the run say."""
    before, after = (summarise(draws) for draws in (found.before, found.after))
    return [
        f"The prior alone says {roughly(before.lower)} to {roughly(before.upper)}; prior and data together "
        f"{interval(after, found.own.registered)}."
    ]


def _of_residual(subject: Subject) -> list[str]:
    """Say that residual dependence is in the run but not in the likelihood."""
    if "residual" not in subject.posterior.values:
        return []
    return ["The likelihood knows nothing of residual dependence: it is in the prior and in the run, not in the data."]


def _reason(profile: Profile, pairs_may_depend: bool) -> str:
    """Return why an estimate that the data do not hold is not to be published: as `estimator.population.fitness`."""
    what = "could be anything" if profile.flat_above and profile.flat_below else "has no upper limit"
    if not profile.flat_above:
        what = "has no lower limit"
    when = "when every pair of lists may depend" if pairs_may_depend else "even were the lists independent"
    return (
        f"The table does not identify the total: {when}, the number of unseen people {what} as far as the data go. "
        "Only the priors hold it."
    )
