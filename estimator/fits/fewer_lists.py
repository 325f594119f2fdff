"""A study with one list less, or with two lists taken as one; the terms of its model follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from estimator.capture.checking import check_models
from estimator.capture.table import CaptureTable
from estimator.errors import NotEstimableError
from estimator.fits.refit import with_table
from estimator.methods.door import Method
from estimator.population.sampling import refuse_if_not_estimable
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.questions import FalsePositives, ModelSettings
from estimator.study.study import Study


def study_without(study: Study, name: str) -> Study:
    """Return a study as it would be if one list had never been consulted.

    Parameters
    ----------
    study : Study
        Of three or more lists.
    name : str
        The list.

    Returns
    -------
    Study
        People whom only that list saw are unseen in it; the population is the same.
    """
    return with_table(
        study, study.table.drop(name), _renamed(study.model, lambda other: None if other == name else other)
    )


def study_merged(study: Study, first: str, second: str) -> Study:
    """Return a study in which two lists are one: whoever is on either is on it.

    Parameters
    ----------
    study : Study
        Of three or more lists.
    first, second : str
        The lists.

    Returns
    -------
    Study
        With the same registered people. A term for three lists of which both are members is gone: there is no such
        dependence any more.
    """
    table = study.table.merge((first, second))
    merged = next(name for name in table.lists if name not in study.table.lists)
    model = replace(study.model, false_positives=_of_merged(study, table, merged, (first, second)))
    return with_table(study, table, _renamed(model, lambda other: merged if other in (first, second) else other))


def _of_merged(study: Study, table: CaptureTable, merged: str, lists: tuple[str, str]) -> tuple[FalsePositives, ...]:
    """Return false positives whose shares are of the merged list, where they were of one of its two."""
    sizes, whole = study.table.list_sizes(), max(table.list_sizes()[merged].lower, 1)
    shares = []
    for share in study.model.false_positives:
        part = min(sizes[share.list].lower / whole, 1.0) if share.list in lists else 1.0
        shares.append(replace(share, share=(share.share[0] * part, share.share[1] * part)) if part else None)
    return tuple(share for share in shares if share is not None)


def _renamed(model: ModelSettings, name_of: Callable[[str], str | None]) -> ModelSettings:
    """Return the settings of a model whose lists have other names; terms of lists without one are gone."""
    triples = [tuple(name_of(name) for name in term) for term in model.three_list]
    breaks = [(declared, name_of(declared.list)) for declared in model.breaks]
    return replace(
        model,
        three_list=tuple(
            dict.fromkeys(
                (a, b, c)
                for a, b, c in triples
                if a is not None and b is not None and c is not None and len({a, b, c}) == 3
            )
        ),
        breaks=tuple(dict.fromkeys(replace(declared, list=name) for declared, name in breaks if name is not None)),
        false_positives=tuple(
            replace(declared, list=name)
            for declared in model.false_positives
            if (name := name_of(declared.list)) is not None
        ),
        linkage_errors=tuple(
            replace(declared, lists=lists)
            for declared in model.linkage_errors
            if len(lists := _names(declared.lists, name_of)) > 1 or not declared.lists
        ),
    )


def _names(lists: Sequence[str], name_of: Callable[[str], str | None]) -> tuple[str, ...]:
    """Return the new names of lists, each once, without those that are gone."""
    return tuple(dict.fromkeys(new for old in lists if (new := name_of(old)) is not None))


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
