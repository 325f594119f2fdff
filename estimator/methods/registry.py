"""The methods by name; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

import numpy as np

from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, brief, did_you_mean
from estimator.methods.door import Method
from estimator.methods.prior_view import PriorView
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.questions import ModelSettings
from estimator.study.study import Study

METHODS: dict[str, str] = {
    "loglinear": "estimator.methods.loglinear.method:Loglinear",
    "decomposable": "estimator.methods.decomposable.method:Decomposable",
    "selection": "estimator.methods.selection.method:Selection",
    "threshold": "estimator.methods.selection.threshold:Threshold",
    "independence": "estimator.methods.selection.independence:Independence",
    "heterogeneity": "estimator.methods.heterogeneity.method:Heterogeneity",
    "latent-class": "estimator.methods.latent_class.method:LatentClass",
    "lower-bound": "estimator.methods.lower_bound.method:LowerBound",
    "doubly-robust": "estimator.methods.doubly_robust.method:DoublyRobust",
    "repeat-counts": "estimator.methods.repeat_counts.method:RepeatCounts",
}
"""Module and class of every method."""

_PRIOR_VIEWS = {"loglinear": "estimator.methods.loglinear.prior_view:view_prior"}
"""What draws from the priors of a method; apart from the method itself, which loads much more."""

DEFAULT_METHOD = "loglinear"
"""By which a study is estimated that names none."""


def method_named(name: str) -> Method:
    """Return a method.

    Raises
    ------
    InputError
        When there is none of this name.
    """
    if name not in METHODS:
        raise InputError(Fault("method", f"There is no method '{brief(name)}'.{did_you_mean(name, METHODS)}"))
    return _loaded(METHODS[name])


@cache
def _loaded(home: str) -> Method:
    """Import a method."""
    module, name = home.split(":")
    method: Method = getattr(import_module(module), name)()
    return method


def chosen_options(method: Method, given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for each option of a method: those given, defaults for the others.

    Raises
    ------
    InputError
        When the method has no such option or value.
    """
    known = method.abilities.options
    faults = []
    for name, value in given.items():
        where = f"option {brief(name)} of the method {method.name}"
        if name not in known:
            remedy = did_you_mean(name, known) if known else " It has none."
            faults.append(Fault(where, f"The method has no option of this name.{remedy}"))
        elif value not in known[name]:
            faults.append(Fault(where, f"'{brief(value)}' is no choice here.{did_you_mean(value, known[name])}"))
    if faults:
        raise InputError(faults)
    return {name: given.get(name, values[0]) for name, values in known.items()}


def chosen_method(
    model: ModelSettings, name: str | None = None, options: Mapping[str, str] | None = None
) -> tuple[Method, dict[str, str]]:
    """Return the method of a study, or another method for this run, with a value for each of its options.

    Parameters
    ----------
    options : mapping of str to str, optional
        In place of those of the study; those that are not given stay, where the method is that of the study.

    Raises
    ------
    InputError
        When there is no such method, option or value.
    """
    method = method_named(name or model.method)
    own = model.options if method.name == model.method else {}
    return method, chosen_options(method, {**own, **(options or {})})


def no_priors(method: Method) -> InputError:
    """Return the error for priors that are given to a method that takes none."""
    return InputError(
        Fault("priors", f"The method {method.name} takes no prior assumptions. Leave --priors and --set out.")
    )


def refusals(method: Method, study: Study, options: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return why a method has no answer for a study; nothing when it has one."""
    errors = study.model.has_errors and not method.abilities.register_errors
    unable = (Reason("method-takes-no-register-errors", method=method.name),) if errors else ()
    return (*_beyond_abilities(method, study.table), *unable) or method.refusals(study, options)


def refusals_of_table(method: Method, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return why a method has no answer for a table without a study; nothing when it has one."""
    return _beyond_abilities(method, table) or method.refusals_of_table(table, options)


def _beyond_abilities(method: Method, table: CaptureTable) -> tuple[Reason, ...]:
    """Return what of a table is beyond a method's abilities."""
    able = method.abilities
    exact = (table.lower == table.upper).all() and (np.diff(table.cover_start) == 1).all()
    reasons = []
    if table.counts_repeats != able.repeats:
        return (
            Reason("method-takes-no-repeats" if table.counts_repeats else "method-needs-repeats", method=method.name),
        )
    if table.n_lists < able.fewest_lists:
        reasons.append(
            Reason("method-needs-more-lists", method=method.name, fewest=able.fewest_lists, lists=table.n_lists)
        )
    if not able.covariates and table.n_strata > 1:
        names = tuple(covariate.name for covariate in table.covariates)
        reasons.append(Reason("method-takes-no-covariates", method=method.name, covariates=names))
    if not able.coarsened and not exact:
        reasons.append(Reason("method-needs-complete-counts", method=method.name, pooled=False))
    if not able.structural_zeros and not table.possible.all():
        reasons.append(Reason("method-takes-no-structural-zeros", method=method.name))
    return tuple(reasons)


def prior_view(study: Study, priors: Priors, n_draws: int = 4000, seed: int = 1) -> PriorView:
    """Draw what priors say of a study, by its method.

    Raises
    ------
    InputError
        When the method has no priors from which anything can be drawn, or they name lists that the study does not have.
    """
    method = study.model.method
    if method not in _PRIOR_VIEWS:
        message = f"From the priors of the method {method} no tables are drawn. Name another method in [model]."
        raise InputError(Fault("method", message))
    module, name = _PRIOR_VIEWS[method].split(":")
    view: PriorView = getattr(import_module(module), name)(study, priors, n_draws, seed)
    return view


def cannot_refit(method: Method) -> InputError:
    """Return the error for quick refits that a method does not do."""
    return InputError(
        Fault("method", f"The method {method.name} does not answer for table after table. Leave --method out.")
    )


def cannot_simulate(method: Method) -> InputError:
    """Return the error for simulation from the priors of a method that has none, or does not simulate."""
    why = "has no way" if method.abilities.priors else "takes no prior assumptions, so that there is nothing"
    return InputError(
        Fault(
            "method",
            f"The method {method.name} {why} to draw truths and tables from, which simulation-based calibration "
            "needs. Ask for --held-out or --grid, or for another --method.",
        )
    )
