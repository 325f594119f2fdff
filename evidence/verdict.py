"""Tables whose total is known, each estimated as the program does it and by methods that let people differ.

What is kept of each is all that a verdict could be made of: quantiles and draws of every method, how well each
foretells who is on which lists, and the reasons and cautions of the program as it is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.held_out_fits import Source, held_out_of
from estimator.fits.rivals import fitted_beside, visible_differences
from estimator.fits.scores import QUANTILES
from estimator.methods.complete import complete_counts
from estimator.methods.door import QUICK, RefitRequest, SamplerSettings
from estimator.methods.loglinear.refit import refit
from estimator.methods.registry import method_named
from estimator.methods.shape import counted, plain_shape
from estimator.population.estimate import Estimate, estimate
from estimator.population.fitness import OF_THE_TABLE
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.work.outcomes import Task
from evidence.judges import people_by_history
from evidence.learning_fits import BASE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOGLINEAR, CLASSES, SMOOTH, BOUND = "loglinear", "latent-class", "heterogeneity", "lower-bound"
RIVALS = (CLASSES, SMOOTH)
"""Methods that let people differ."""

SIGMA = (0.025, 0.5, 0.975)
"""Quantiles of how far people differ that are kept."""

_KEPT = 400  # draws of each method
_ESTIMATED = SamplerSettings(draws=1000, warmup=500, cores=1)
_RIVAL = replace(QUICK, draws=500, warmup=250)
_FEWEST_LISTS = 3  # of a rival


@dataclass(frozen=True)
class TableOfKnownSize:
    """A table that is judged: simulated, or of the people on a list held out.

    Parameters
    ----------
    scenario : str
        One of those in `evidence.judges`; "" where a list is held out.
    number : int
        Of the simulated table.
    source : Source or None
        Of the list that is held out.
    overrides : mapping of str to str
        What the prior states where it is learned without the family of the table.
    """

    scenario: str = ""
    number: int = 0
    source: Source | None = None
    list: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> TableOfKnownSize:
        """Return the table of the payload of its task."""
        source = payload["source"]
        return cls(**{**payload, "source": Source(**source) if source else None})

    def task(self, key: str, function: str = "fit_known") -> Task:
        """Return it as a task whose result is that of a function of this module."""
        return Task(key, f"evidence.verdict:{function}", asdict(self))

    @cached_property
    def people(self) -> Ints:
        """Persons by history, that of nobody first."""
        if self.source is None:
            return people_by_history(self.scenario, self.number)
        held, _ = held_out_of(self.source, self.list)
        counts = complete_counts(held.table)
        assert counts is not None, "the numbers of a list that is held out are known"
        return np.concatenate([[held.unseen], counts[0, 1:]])


def fit_known(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Estimate a table whose total is known, by every method.

    Parameters
    ----------
    payload : mapping
        The fields of `TableOfKnownSize`.

    Returns
    -------
    dict
        ``size`` (the truth), ``registered``, ``lists``, ``counts`` by history; ``methods``: of each its quantiles,
        some draws, how it foretells each history, and R-hat; ``bound``: quantiles of the lower bound; ``reasons`` and
        ``cautions`` of the program, ``p`` of its check of fit, and ``prior_share``.
    """
    known = TableOfKnownSize.of(payload)
    people = known.people
    n_lists, counts = int(np.log2(len(people))), np.concatenate([[0], people[1:]])
    table = counted(plain_shape(n_lists).table, counts[None])
    priors = read_priors(BASE, dict(known.overrides))
    made = _estimate(counts, known.overrides)
    asked = ((LOGLINEAR, QUICK), *((rival, _RIVAL) for rival in RIVALS if n_lists >= _FEWEST_LISTS))
    methods = {}
    for name, settings in asked:
        if not method_named(name).refusals_of_table(table, _options(name)):
            found = fitted_beside(name, table, counts, priors, settings=settings)
            methods[name] = {
                **_summed_up(found.size),
                "foretold": np.round(found.foretold, 6).tolist(),
                "rhat": found.rhat,
            }
    methods[LOGLINEAR] |= _summed_up(made.group_draws["total"].size.ravel())
    bound = method_named(BOUND)
    bound_options = _options(BOUND)
    has_bound = not bound.refusals_of_table(table, bound_options)
    request = RefitRequest(table, ModelSettings.for_covariates([]), priors, bound_options, _RIVAL)
    fitness = made.fitness
    return {
        "size": int(people.sum()),
        "registered": int(counts.sum()),
        "lists": n_lists,
        "counts": counts.tolist(),
        "methods": methods,
        "bound": _summed_up(bound.refit(request).population.size.ravel()) if has_bound else None,
        "reasons": [r.to_dict() for r in fitness.reasons if r.code not in OF_THE_TABLE],
        "cautions": [r.to_dict() for r in fitness.cautions],
        "p": made.predictive_p,
        "prior_share": made.posterior.prior_share,
    }


def _options(method: str) -> dict[str, str]:
    """Return the options of a method as it has them by itself."""
    return {name: values[0] for name, values in method_named(method).abilities.options.items()}


def _summed_up(size: NDArray[Any]) -> dict[str, Any]:
    """Return quantiles and some draws of a total."""
    flat = np.ravel(size)
    kept = flat[:: max(1, len(flat) // _KEPT)][:_KEPT]
    return {
        "quantiles": [float(value) for value in np.quantile(flat, QUANTILES)],
        "draws": [float(value) for value in kept],
    }


def _estimate(counts: Ints, overrides: Mapping[str, str]) -> Estimate:
    """Return the estimate of a table as the program makes it, under the priors `evidence`."""
    n_lists = int(np.log2(len(counts)))
    names = [chr(ord("A") + place) for place in range(n_lists)]
    rows = [",".join([*format(code, f"0{n_lists}b"), str(counts[code])]) for code in range(1, len(counts))]
    lists = "\n".join(f'[lists.{name}]\nlabel = "{name}"' for name in names)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "table.csv").write_text("\n".join([",".join([*names, "count"]), *rows]) + "\n", "utf-8")
        (place / "study.toml").write_text(f'title = "t"\nsource = "s"\ntable = "table.csv"\n{lists}\n', "utf-8")
        return estimate(place / "study.toml", BASE, overrides=dict(overrides), sampler=_ESTIMATED)


def fit_differences(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a table without residual, and how far its people visibly differ.

    Parameters
    ----------
    payload : mapping
        The fields of `TableOfKnownSize`.

    Returns
    -------
    dict
        As `evidence.judges.fit_simulated`, with ``sigma``: quantiles of the standard deviation of log odds between
        people by `heterogeneity`, at `SIGMA`; None where that has no answer.
    """
    known = TableOfKnownSize.of(payload)
    counts = np.concatenate([[0], known.people[1:]])
    shape = plain_shape(int(np.log2(len(counts))))
    table = counted(shape.table, counts[None])
    asked = {key: value for key, value in known.overrides.items() if not key.startswith("residual.")}
    posterior = refit(table, shape.model, read_priors(BASE, {**asked, "residual.form": "none"}))
    sigma = visible_differences(counts, QUICK)
    return {
        "size": int(known.people.sum()),
        "registered": int(counts.sum()),
        "log_implied": np.round(np.logaddexp.reduce(posterior.log_unseen, axis=-1).ravel(), 5).tolist(),
        "scale": np.round(posterior.values["dependence_scale"].ravel(), 5).tolist(),
        "sigma": None if isinstance(sigma, tuple) else [float(value) for value in np.quantile(sigma, SIGMA)],
    }
