"""A second prior learned from all families, and how both do for lists held out: from fits without residual.

The residual is drawn independently of everything else, given the scale of the pairs, so that one fit without it serves
every centre and size. What the fits of a list are under is learned without its family; only the fits that the residual
is learned from are under the prior of pairs that all families give, because to do them again for each family would be
two thousand fits more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.held_out_fits import Source, held_out_of
from estimator.fits.scores import QUANTILES, Judged
from estimator.methods.loglinear.refit import refit
from estimator.study.priors import read_priors
from estimator.work.outcomes import Task
from evidence.learning import DEGREES_OF_FREEDOM, Dependence, learn_dependence, weights_of
from evidence.learning_fits import BASE, CompletedFit
from evidence.learning_residual import Residual, learn_residual
from evidence.meta_analysis import ListOfTable
from evidence.running import Run

Floats = NDArray[np.float64]

_REPEATS = 20  # values of the residual for each draw of the fit
_SEED = 1


@dataclass(frozen=True)
class ImpliedFit:
    """A fit of the people on a held-out list, without residual.

    Parameters
    ----------
    overrides : mapping of str to str
        Besides that of the form of the residual.
    """

    source: Source
    list: str
    priors: str
    overrides: Mapping[str, str] = field(default_factory=dict)

    def task(self, key: str) -> Task:
        """Return it as a task whose result is that of `fit_implied`."""
        return Task(key, "evidence.second:fit_implied", asdict(self))


def fit_implied(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit the people on a held-out list, without residual.

    Parameters
    ----------
    payload : mapping
        The fields of `ImpliedFit`.

    Returns
    -------
    dict
        ``size``, ``registered`` and ``unseen`` people, and all draws of ``log_implied`` and ``scale`` (0 where none is
        learned).
    """
    fit = ImpliedFit(**{**payload, "source": Source(**payload["source"])})
    held, model = held_out_of(fit.source, fit.list)
    asked = dict(fit.overrides)
    if read_priors(fit.priors).has_residual:
        asked["residual.form"] = "none"
    posterior = refit(held.table, model, read_priors(fit.priors, asked), seed=_SEED)
    implied = np.logaddexp.reduce(posterior.log_unseen, axis=-1).ravel()
    scale = posterior.values.get("dependence_scale", np.zeros(posterior.log_unseen.shape[:2])).ravel()
    return {
        "size": held.size,
        "registered": held.table.registered.lower,
        "unseen": held.unseen,
        "log_implied": np.round(implied, 5).tolist(),
        "scale": np.round(scale, 5).tolist(),
    }


@dataclass(frozen=True)
class Stated:
    """Centre and size of the residual, as a prior file states them; both 0 where it has none."""

    centre: float
    size: float


def residual_of_evidence() -> Stated:
    """Return the residual of the priors `evidence` as they ship."""
    shipped = read_priors(BASE).residual
    assert shipped is not None and shipped.size is not None, "evidence has a residual with a size"
    return Stated(shipped.centre or 0.0, shipped.size)


def quantiles_of(fit: Mapping[str, Any], stated: Stated) -> tuple[float, ...]:
    """Return quantiles of the number of people.

    Parameters
    ----------
    fit : mapping
        With ``registered``, ``log_implied`` and ``scale``.

    Returns
    -------
    tuple of float
        At `estimator.fits.scores.QUANTILES`.
    """
    rng = np.random.default_rng(_SEED)
    implied, scale = (np.repeat(np.asarray(fit[key], float), _REPEATS) for key in ("log_implied", "scale"))
    xi = scale * (stated.centre + stated.size * rng.standard_normal(len(implied)))
    unseen = rng.poisson(np.exp(np.minimum(implied + xi, 27.0)))
    return tuple(float(value) for value in np.quantile(fit["registered"] + unseen, QUANTILES))


def judged_of(held: ListOfTable, fit: Mapping[str, Any], stated: Stated) -> Judged:
    """Return an estimate of a held-out list beside its size."""
    return Judged(held.table.name, float(fit["size"]), dict(zip(QUANTILES, quantiles_of(fit, stated), strict=True)))


@dataclass(frozen=True)
class Second:
    """What all families, or all but one, teach."""

    dependence: Dependence
    residual: Residual

    @property
    def overrides(self) -> dict[str, str]:
        """The prior of pairs, as changes to the priors `evidence`."""
        return pair_overrides(self.dependence)


def pair_overrides(dependence: Dependence) -> dict[str, str]:
    """Return a learned prior of pairs as changes to a prior file, rounded as they are printed there."""
    mean, scale = dependence.relative_mean, dependence.log_scale
    return {
        "dependence.relative_mean.centre": f"{mean.mean:.2f}",
        "dependence.relative_mean.size": f"{mean.sd:.2f}",
        "dependence.scale.log_normal": f"[{scale.mean:.2f}, {scale.sd:.2f}]",
        "dependence.degrees_of_freedom": f"{DEGREES_OF_FREEDOM:g}",
    }


def learn_second(
    lists: Sequence[ListOfTable],
    run: Run,
    changes: Mapping[str, str] | None = None,
    *,
    centre_as_learned: bool = False,
) -> dict[str, Second]:
    """Learn from all families, and without each.

    Parameters
    ----------
    run : callable
        Does tasks.
    changes : mapping of str to str, optional
        To the priors `evidence`, in the fits that the residual is learned from.
    centre_as_learned : bool, optional
        As in `learning_residual.learn_residual`.

    Returns
    -------
    dict of str to Second
        By the family that was left out; of all under "".
    """
    tasks = [CompletedFit(held.table.source, held.list).task(f"completed {held.key}") for held in lists]
    completed = list(run(tasks).values())
    families = [held.table.family for held in lists]
    whole = _dependence_of(lists, completed)
    overrides = pair_overrides(whole) | dict(changes or {})
    of_all = [ImpliedFit(held.table.source, held.list, BASE, overrides) for held in lists]
    fitted = list(run([fit.task(f"all, {held.key}") for fit, held in zip(of_all, lists, strict=True)]).values())
    learned: dict[str, Second] = {}
    for without in ("", *dict.fromkeys(families)):
        kept = [place for place, family in enumerate(families) if family != without]
        others = [lists[place] for place in kept]
        dependence = _dependence_of(others, [completed[place] for place in kept]) if without else whole
        fits = [thinned_fit(fitted[place]) for place in kept]
        residual = learn_residual(fits, weights_by_family(others), centre_as_learned=centre_as_learned)
        learned[without] = Second(dependence, residual)
    return learned


def fits_under(
    lists: Sequence[ListOfTable], run: Run, name: str, priors: str, overrides_of: Callable[[str], Mapping[str, str]]
) -> list[Mapping[str, Any]]:
    """Return fits of all held-out lists under a prior, without residual.

    Parameters
    ----------
    name : str
        Of the tasks.
    priors : str
        Name of a prior file.
    overrides_of : callable
        Its changes by the family of the list.
    """
    fits = [ImpliedFit(held.table.source, held.list, priors, overrides_of(held.table.family)) for held in lists]
    return list(run([fit.task(f"{name}, {held.key}") for fit, held in zip(fits, lists, strict=True)]).values())


def _dependence_of(lists: Sequence[ListOfTable], completed: Sequence[Mapping[str, Any]]) -> Dependence:
    return learn_dependence(completed, weights_by_family(lists), _SEED)


def weights_by_family(lists: Sequence[ListOfTable]) -> Floats:
    """Return the weight of each list: families weigh the same; see `learning.weights_of`."""
    return weights_of([held.table.family for held in lists], [held.table.name for held in lists])


def thinned_fit(fit: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a fit with every fourth draw, as many as the residual is learned from elsewhere."""
    return {**fit, "log_implied": fit["log_implied"][::4], "scale": fit["scale"][::4]}
