"""A study with one list less, or with two lists taken as one; the terms of its model follow."""

from __future__ import annotations

from collections.abc import Mapping

from estimator.capture.checking import check_models
from estimator.errors import NotEstimableError
from estimator.fits.refit import with_table
from estimator.methods.door import Method
from estimator.population.sampling import refuse_if_not_estimable
from estimator.reasons import Reason
from estimator.study.merging import merged_model, renamed_model
from estimator.study.priors import Priors
from estimator.study.study import Study


def study_without(study: Study, name: str) -> Study:
    """Return a study as it would be if one list had never been consulted.

    Parameters
    ----------
    study : Study
        Of three or more lists.

    Returns
    -------
    Study
        People whom only that list saw are unseen in it; the population is the same.
    """
    return with_table(
        study, study.table.drop(name), renamed_model(study.model, lambda other: None if other == name else other)
    )


def study_merged(study: Study, first: str, second: str) -> Study:
    """Return a study in which two lists are one: whoever is on either is on it.

    Parameters
    ----------
    study : Study
        Of three or more lists.

    Returns
    -------
    Study
        With the same registered people. A term for three lists of which both are members is gone: there is no such
        dependence any more.
    """
    table = study.table.merge((first, second))
    return with_table(study, table, merged_model(study.model, study.table, table, (first, second)))


def why_not(study: Study, method: Method | None = None, options: Mapping[str, str] | None = None) -> tuple[Reason, ...]:
    """Return why nothing can be estimated from a study, or not by a method; none when it can."""
    try:
        refuse_if_not_estimable(study, method, options)
    except NotEstimableError as error:
        return error.reasons
    return ()


def held_by_priors(study: Study, priors: Priors) -> bool:
    """Whether the table leaves the total open when every pair of its lists may depend, so that only priors hold it.

    Returns
    -------
    bool
        Never where the priors take lists to be independent.
    """
    if priors.dependence.form == "none":
        return False
    full = [model for model in check_models(study.table) if _is_full(model.name, bool(model.pairs), study)]
    return any(model.total != "finite" for model in full)


def _is_full(name: str, has_pairs: bool, study: Study) -> bool:
    return name == "all pairs" or (study.table.n_lists == 2 and has_pairs)
