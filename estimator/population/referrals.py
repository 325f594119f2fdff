"""What changes when a list and the list that feeds it are taken as one, before anything is estimated."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from estimator.capture.histories import list_bits
from estimator.capture.table import UNBOUNDED, CaptureTable
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.questions import Decision
from estimator.study.study import Study, read_study


def declared_referrals(study: Study) -> frozenset[frozenset[str]]:
    """Return the pairs of lists where one may feed the other, as the study or its priors say."""
    stated = read_priors(study.model.priors).dependence.pairs
    pairs = [(decision.list, decision.fed_by) for decision in study.decisions if decision.fed_by]
    return frozenset(frozenset(pair) for pair in (*pairs, *(tuple(pair.lists) for pair in stated)))


def referral_effects(study: Study) -> tuple[Reason, ...]:
    """Return for each declared referral what it changes to take its two lists as one.

    Returns
    -------
    tuple of Reason
        With the people on two or more lists and Chao's lower bound of the unseen, for the lists apart and as one.
    """
    choices = {decision.name: decision.choice for decision in study.decisions}
    effects = (_effect(study, decision, choices) for decision in study.decisions if decision.choice != "drop")
    return tuple(reason for reason in effects if reason is not None)


def _effect(study: Study, decision: Decision, choices: Mapping[str, str]) -> Reason | None:
    if decision.fed_by is None:
        return None
    apart = study.table
    if decision.choice == "merge":
        if study.path is None:
            return None
        apart = read_study(study.path, {**choices, decision.name: "keep"}).table
    pair = _now(apart, decision.list), _now(apart, decision.fed_by)
    if pair[0] is None or pair[1] is None or pair[0] == pair[1] or apart.n_lists < 3:
        return None
    merged = apart.merge((pair[0], pair[1]))
    first, second = apart.lists.index(pair[0]), apart.lists.index(pair[1])
    lower, upper = apart.overlap_counts
    return Reason(
        "merging-changes",
        list=pair[0],
        fed_by=pair[1],
        both_lower=int(lower[first, second]),
        both_upper=_limit(int(upper[first, second])),
        twice_or_more=_twice_or_more(apart),
        twice_or_more_merged=_twice_or_more(merged),
        unseen=unseen_at_least(apart),
        unseen_merged=unseen_at_least(merged),
        merged=decision.choice == "merge",
    )


def _now(table: CaptureTable, name: str) -> str | None:
    """Return what a list is called after all decisions, some of which may have merged it; None where one dropped it."""
    return next((listed for listed in table.lists if listed == name or name in listed.split("+")), None)


def _limit(upper: int) -> int | None:
    return None if upper == UNBOUNDED else upper


def _twice_or_more(table: CaptureTable) -> int:
    """Return how many people are on two or more lists, at least."""
    seen = table.captured()
    return seen.twice.lower + seen.more.lower


def unseen_at_least(table: CaptureTable) -> float | None:
    """Return Chao's lower bound of the unseen by pairs of lists, all strata together; None without people on just two.

    A number to be compared only. `estimator.methods.lower_bound.bounds` derives it.
    """
    people = table.history_totals()[0].astype(np.float64)
    bits = list_bits(table.n_lists)
    pairs = [(bits[first], bits[second]) for first, second in combinations(range(table.n_lists), 2)]
    once = sum(people[first] * people[second] for first, second in pairs)
    twice = sum(people[first | second] for first, second in pairs)
    return float(once / twice) if twice > 0 else None
