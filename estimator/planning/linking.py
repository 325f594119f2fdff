"""What registers would write down of people: records linked, some links missed and some wrong, and false positives.

People are divided and joined as numbers, without the model's own arithmetic of errors
(`estimator.methods.loglinear.recording`), which the tests hold against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from estimator.capture.histories import lists_of
from estimator.capture.table import CaptureTable
from estimator.methods.stated_shares import log_odds_of
from estimator.methods.true_people import ErrorRates, ways_apart
from estimator.planning.schema import LinkageSection
from estimator.planning.simulating import Floats, Ints
from estimator.study.questions import LinkageErrors, ModelSettings


def entries_of(
    people: Ints, table: CaptureTable, model: ModelSettings, rates: ErrorRates, rng: np.random.Generator
) -> Ints:
    """Draw the entries that registers make of people.

    Parameters
    ----------
    people : ndarray of int, shape (S, H)
        By the lists that saw them, of those that ran; the unseen in history 0, where they stay.
    table : CaptureTable
        Of the lists and strata.
    model : ModelSettings
        Which declares the errors.
    rates : ErrorRates
        How often each of them is made.
    """
    missed, wrong = (_of_pairs(table.lists, model.linkage_errors, shares) for shares in (rates.missed, rates.wrong))
    right = wrongly_joined(fallen_apart(people, missed, rng), wrong, rng)
    entries = right.copy()
    histories = np.arange(people.shape[1])
    for declared, share in zip(model.false_positives, rates.false, strict=True):
        at = table.lists.index(declared.list)
        own = 1 << (table.n_lists - 1 - at)
        among = right * ((histories & own) > 0)
        wanted = among * (share / (1 - share)) * (table.strata_where(declared.where) & table.running[:, at])[:, None]
        if declared.among == "alone":
            entries[:, own] += rng.poisson(wanted.sum(1))
        else:
            entries += rng.poisson(wanted)
    return entries


def _of_pairs(lists: Sequence[str], links: Sequence[LinkageErrors], shares: Sequence[float | None]) -> Floats:
    """Return a share for each pair of lists, shape (L, L); 0 where none is declared."""
    numbers = np.zeros((len(lists), len(lists)))
    for link, share in zip(links, shares, strict=True):
        among = [lists.index(name) for name in link.lists or lists]
        if share is not None:
            numbers[np.ix_(among, among)] = share
    return numbers


def fallen_apart(people: Ints, missed: Floats, rng: np.random.Generator) -> Ints:
    """Draw entries of people whose links may be missed, each pair of records with its probability (L, L)."""
    entries = np.zeros_like(people)
    entries[:, 0] = people[:, 0]
    ways = ways_apart(missed)
    starts = [*np.flatnonzero(np.diff(ways.history, prepend=0)), len(ways.history)]
    for start, end in pairwise(starts):
        of_history = people[:, ways.history[start]]
        chance = ways.chance[start:end] / ways.chance[start:end].sum()
        for parts, number in zip(ways.parts[start:end], rng.multinomial(of_history, chance).T, strict=True):
            for part in parts[parts > 0]:
                entries[:, part] += number
    return entries


def wrongly_joined(entries: Ints, wrong: Floats, rng: np.random.Generator) -> Ints:
    """Draw entries of which some are joined with those of others.

    Parameters
    ----------
    wrong : ndarray, shape (L, L)
        Of the entries with several lists that are two people, one of them on one list alone; each list as likely, with
        the mean odds of its links with the others.
    """
    found, left = entries.copy(), entries.copy()
    n_lists = len(wrong)
    odds = wrong / (1 - wrong)
    for history in range(1, entries.shape[1]):
        lists = lists_of(history, n_lists)
        for at in lists if len(lists) > 1 else ():
            own = 1 << (n_lists - 1 - at)
            others = history ^ own
            mean = sum(odds[at, other] for other in lists if other != at) / (len(lists) * (len(lists) - 1))
            number = np.minimum(rng.poisson(mean * entries[:, history]), np.minimum(left[:, own], left[:, others]))
            for changed in (found, left):
                changed[:, own] -= number
                changed[:, others] -= number
            found[:, history] += number
    return found


def with_new_list(model: ModelSettings, lists: Sequence[str], name: str) -> ModelSettings:
    """Return a model in which links with a new list have the errors declared for links between all lists."""
    links = tuple(
        replace(link, lists=(*link.lists, name)) if {*link.lists} == {*lists} else link for link in model.linkage_errors
    )
    return replace(model, linkage_errors=links)


def linked_otherwise(
    model: ModelSettings, rates: ErrorRates, section: LinkageSection, rng: np.random.Generator
) -> tuple[ModelSettings, ErrorRates]:
    """Return the declarations that another linkage would allow, and how often it errs in one simulation.

    A share of which the section says nothing stays what it is; another is drawn from the limits that would be declared.
    """
    links, missed, wrong = [], [], []
    for link, was_missed, was_wrong in zip(model.linkage_errors, rates.missed, rates.wrong, strict=True):
        new = linked_with(link, section)
        if new.missed or new.wrong:
            links.append(new)
            missed.append(was_missed if new.missed == link.missed else _drawn(new.missed, rng))
            wrong.append(was_wrong if new.wrong == link.wrong else _drawn(new.wrong, rng))
    changed = replace(model, linkage_errors=tuple(links))
    return changed, ErrorRates(rates.false, tuple(missed), tuple(wrong))


def linked_with(link: LinkageErrors, section: LinkageSection) -> LinkageErrors:
    """Return what another linkage would allow to declare in place of a declaration of the study."""
    if section.lists and {*section.lists} != {*link.lists}:
        return link
    return replace(link, missed=_limits(section.missed, link.missed), wrong=_limits(section.wrong, link.wrong))


def _limits(
    stated: tuple[float, float] | str | None, declared: tuple[float, float] | None
) -> tuple[float, float] | None:
    if stated is None:
        return declared
    return None if isinstance(stated, str) else stated


def _drawn(limits: tuple[float, float] | None, rng: np.random.Generator) -> float | None:
    """Draw a share whose log odds are normal with these 95 % limits: the prior under which it is estimated."""
    if limits is None:
        return None
    mean, sd = log_odds_of(limits)
    return float(1 / (1 + np.exp(-mean - rng.standard_normal() * sd)))
