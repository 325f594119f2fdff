"""Repeat counts of one register behind the door; see `estimator.methods.repeat_counts.models`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import TIMES_SEEN, Covariate
from estimator.capture.table import CaptureTable
from estimator.methods.door import (
    Abilities,
    Method,
    PopulationDraws,
    Posterior,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.independent import independent_posterior
from estimator.methods.repeat_counts.models import (
    CHAO,
    NEGATIVE_BINOMIAL,
    POISSON,
    ZELTERMAN,
    Fitted,
    Repeats,
    fit,
    simulated,
    truncated_chances,
)
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STUDY, NONE = "study", "none"
"""Values of the option ``covariates``: those of the study's ``heterogeneity``, and none."""

NORMAL, LOG_NORMAL = "normal", "log-normal"
"""Forms of the large-sample interval to which published ones are compared."""

_LEAST_CHANCE = 1e-12  # of being seen: below, a draw of people would be larger than a number can be


@dataclass(frozen=True, eq=False)
class RepeatDraws:
    """Beside the draws, the large-sample estimate that the literature prints.

    Parameters
    ----------
    size, error : float
        The estimate of everybody, and its standard error.
    fits_worse : ndarray of bool, shape (chain, draw), or None
        Whether counts simulated at the draw fit worse than the observed ones; None for models that say nothing of
        counts above two.
    """

    size: float
    error: float
    fits_worse: NDArray[np.bool_] | None


@dataclass(frozen=True, eq=False)
class _Sorted:
    """A table sorted by how often people were seen.

    Parameters
    ----------
    repeats : Repeats
        Of the strata without regard to how often.
    stratum : ndarray of int, shape (G,)
        The stratum of the table that holds the people of a group whom nobody saw.
    """

    repeats: Repeats
    stratum: Ints


class RepeatCounts(Method):
    """One register that saw some people more than once."""

    name = "repeat-counts"
    abilities = Abilities(
        priors=False,
        coarsened=False,
        structural_zeros=False,
        borrows=False,
        repeats=True,
        options={
            "model": (POISSON, NEGATIVE_BINOMIAL, ZELTERMAN, CHAO),
            "covariates": (STUDY, NONE),
            "interval": (NORMAL, LOG_NORMAL),
        },
    )

    def refusals(self, study: Study, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer: nobody seen twice, or a likelihood without a maximum."""
        sorted_table = _sorted(study, options)
        if not sorted_table.repeats.counts[:, 1].any():
            return (Reason("repeats-need-people-seen-twice"),)
        if fit(sorted_table.repeats, options["model"]) is None:
            return (Reason("repeats-have-no-maximum", model=options["model"]),)
        return ()

    def fit(self, request: Request) -> Posterior:
        """Fit by maximum likelihood, and draw coefficients and people: independent draws."""
        began = time.perf_counter()
        settings, options = request.settings, request.options
        request.listener.stage(Reason("doing-repeats"))
        sorted_table = _sorted(request.study, options)
        fitted = fit(sorted_table.repeats, options["model"])
        if fitted is None:
            raise ValueError("The likelihood has no maximum; `refusals` says so.")
        at = _coefficients(fitted, settings)
        population = _population(request.study.table, sorted_table, fitted, at, settings)
        worse = _fits_worse(fitted, at, settings) if options["model"] in (POISSON, NEGATIVE_BINOMIAL) else None
        details = RepeatDraws(fitted.size, float(np.sqrt(fitted.variance)), worse)
        return independent_posterior(self.name, request, population, details, began)

    def own_total(self, study: Study, posterior: Posterior, level: float) -> dict[str, float]:
        """Return the estimate with its large-sample interval, normal or log-normal in the people seen never."""
        from scipy.stats import norm

        draws: RepeatDraws = posterior.details
        reach = float(norm.ppf((1 + level) / 2))
        if posterior.options["interval"] == NORMAL:
            aside = reach * draws.error
            return {"estimate": draws.size, "lower": draws.size - aside, "upper": draws.size + aside}
        registered = int(study.table.registered.lower)
        unseen = draws.size - registered
        factor = float(np.exp(reach * np.sqrt(np.log1p((draws.error / unseen) ** 2))))
        return {"estimate": draws.size, "lower": registered + unseen / factor, "upper": registered + unseen * factor}

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that people are seen again as they are seen the first time."""
        return Reason(
            "repeats-assumption",
            model=options["model"],
            covariates=options["covariates"] == STUDY and len(study.table.covariates) > 1,
        )

    def objections(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return that Chao's bound is no estimate of the total."""
        return (Reason("bound-not-an-estimate"),) if posterior.options["model"] == CHAO else ()

    def predictive_p(self, posterior: Posterior) -> float | None:
        """Return how often counts simulated from the model fit it worse."""
        worse = posterior.details.fits_worse
        return None if worse is None else float(worse.mean())

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return the large-sample estimate, and whether simulated counts fit worse at each draw."""
        import xarray as xr

        draws: RepeatDraws = posterior.details
        shape = posterior.population.unseen.shape[:2]
        worse = draws.fits_worse if draws.fits_worse is not None else np.zeros(shape, dtype=bool)
        every = ("chain", "draw")
        values = {"size": np.full(shape, draws.size), "error": np.full(shape, draws.error)}
        return {
            "posterior": xr.Dataset({f"large_sample_{name}": (every, value) for name, value in values.items()}),
            "sample_stats": xr.Dataset({"fits_worse": (every, worse.astype(np.int8))}),
        }

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> RepeatDraws:
        """Return the large-sample estimate from a file."""
        size, error = (float(saved["posterior"][f"large_sample_{name}"].flat[0]) for name in ("size", "error"))
        return RepeatDraws(size, error, saved["sample_stats"]["fits_worse"].astype(bool))

    def completed(self, posterior: Posterior) -> Posterior:
        """Return a posterior from a file without a check of fit where the model allows none."""
        if posterior.options["model"] in (POISSON, NEGATIVE_BINOMIAL):
            return posterior
        return replace(posterior, details=replace(posterior.details, fits_worse=None))


def _sorted(study: Study, options: Mapping[str, str]) -> _Sorted:
    """Sort the people of a study by stratum and by how often they were seen."""
    table = study.table
    names = [covariate.name for covariate in table.covariates]
    at = names.index(TIMES_SEEN)
    sizes = [len(covariate.levels) for covariate in table.covariates]
    seen = np.moveaxis(table.registered_by_stratum.lower.reshape(sizes), at, -1).reshape(-1, sizes[at])
    stratum = np.moveaxis(np.arange(table.n_strata).reshape(sizes), at, -1).reshape(-1, sizes[at])[:, 0]
    others = [covariate for covariate in table.covariates if covariate.name != TIMES_SEEN]
    used = study.model.heterogeneity if options["covariates"] == STUDY else ()
    design = design_of(others, [tuple(name for name in term if name != TIMES_SEEN) for term in used])
    # columns of strata in which nobody was seen cannot be learned, nor can those that follow from others
    people = seen[:, 1:].sum(axis=1) > 0
    return _Sorted(Repeats(seen[:, 1:], design[:, _independent(design[people])]), stratum)


def design_of(covariates: list[Covariate], terms: list[tuple[str, ...]]) -> Floats:
    """Return the columns of the log mean for every stratum: ones, then each combination of levels but the first.

    Returns
    -------
    ndarray, shape (G, P)
        Strata in C order of the covariates; a term of several covariates has a column for each combination of levels.
    """
    strata = list(product(*(covariate.levels for covariate in covariates)))
    places = {covariate.name: place for place, covariate in enumerate(covariates)}
    columns = [np.ones(len(strata))]
    for term in terms:
        held = [tuple(stratum[places[name]] for name in term) for stratum in strata]
        columns += [
            np.array([level == value for level in held], dtype=float) for value in list(dict.fromkeys(held))[1:]
        ]
    return np.stack(columns, axis=1)


def _independent(design: Floats) -> list[int]:
    """Return the columns that do not follow from those before them."""
    kept: list[int] = []
    for column in range(design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*kept, column]]) > len(kept):
            kept.append(column)
    return kept


def _coefficients(fitted: Fitted, settings: SamplerSettings) -> Floats:
    """Draw coefficients from their large-sample distribution, shape (chain, draw, P)."""
    rng = stream(settings.seed, "repeat-counts")
    shape = (settings.chains, settings.draws)
    return np.asarray(rng.multivariate_normal(fitted.estimate, fitted.covariance, size=shape, method="cholesky"))


def _population(
    table: CaptureTable, sorted_table: _Sorted, fitted: Fitted, at: Floats, settings: SamplerSettings
) -> PopulationDraws:
    """Draw the people seen never, given the coefficients: as many as are missed before the people who were seen are."""
    rng = stream(settings.seed, "repeat-counts", "people")
    chance = np.maximum(fitted.seen(at), _LEAST_CHANCE)
    people = fitted.standing_for()
    shape = (*at.shape[:2], table.n_strata)
    expected, unseen = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    expected[..., sorted_table.stratum] = people * (1 - chance) / chance
    some = people > 0
    unseen[..., sorted_table.stratum[some]] = rng.negative_binomial(people[some], chance[..., some])
    registered = np.broadcast_to(table.registered_by_stratum.lower, shape)
    return PopulationDraws(registered, unseen, expected)


def _fits_worse(fitted: Fitted, at: Floats, settings: SamplerSettings) -> NDArray[np.bool_]:
    """Return the draws at which simulated counts are further from the expected ones than the observed counts are.

    Freeman-Tukey sums over how often people were seen, all strata together.
    """
    rng = stream(settings.seed, "repeat-counts", "predictive-p")
    people = fitted.repeats.people
    observed = np.append(fitted.repeats.counts.sum(axis=0), 0)
    worse = np.zeros(at.shape[:2], dtype=bool)
    for place in np.ndindex(*worse.shape):
        expected = np.sqrt(people @ truncated_chances(fitted, at[place]))
        again = simulated(fitted, at[place], rng)
        of_observed, of_simulated = (((np.sqrt(counts) - expected) ** 2).sum() for counts in (observed, again))
        worse[place] = of_simulated >= of_observed
    return worse
