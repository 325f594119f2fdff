"""Probabilities on request: ``total > 50000``, ``girls coverage < 0.2``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from estimator.capture.counts import LARGEST_COUNT
from estimator.errors import Fault, InputError, brief, did_you_mean
from estimator.population.groups import GroupDraws

_QUANTITIES: Mapping[str, Callable[[GroupDraws], Any]] = {
    "N": lambda group: group.size,
    "dark_figure": lambda group: group.unseen,
    "coverage": lambda group: group.coverage,
}
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_NUMBER = re.compile(r"\d+(_\d{3})*(\.\d+)?([eE]\d+)?")
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")
_QUESTION = re.compile(r"\s*(?P<name>[^\s<>=]+)(?:\s+(?P<quantity>\w+))?\s*(?P<sign>[<>]=?)\s*(?P<number>\S+)\s*")


def probability(question: str, groups: Mapping[str, GroupDraws]) -> float:
    """Return the probability of a statement about a group.

    Parameters
    ----------
    question : str
        Group, optionally ``N`` (the default), ``dark_figure`` or ``coverage``, a sign, and a number.

    Raises
    ------
    InputError
        When the question cannot be read, or names an unknown group.
    """
    name, quantity, sign, number = parse(question, groups)
    return float(_SIGNS[sign](_QUANTITIES[quantity](groups[name]), number).mean())


def parse(question: str, groups: Collection[str]) -> tuple[str, str, str, float]:
    """Return group, quantity, sign and number of a question; see `probability` for its form."""
    where = f"--probability '{brief(question)}'"
    match = _QUESTION.fullmatch(question)
    if match is None:
        raise InputError(Fault(where, "Write a group, a sign and a number, such as 'total > 50000'."))
    name, quantity = match["name"], match["quantity"] or "N"
    if name not in groups:
        stem, _, last = name.rpartition(".")
        if stem in groups and last in _QUANTITIES:
            name, quantity = stem, last
        else:
            raise InputError(Fault(where, f"There is no group '{brief(name)}'.{did_you_mean(name, groups)}"))
    if quantity not in _QUANTITIES:
        raise InputError(Fault(where, f"There is no quantity '{quantity}'.{did_you_mean(quantity, _QUANTITIES)}"))
    return name, quantity, match["sign"], _number(match["number"], quantity, where)


def _number(text: str, quantity: str, where: str) -> float:
    """Return a number that can be read in one way only: 50.000 and 50,000 mean different things to different people."""
    if not _NUMBER.fullmatch(text) or (quantity != "coverage" and _THOUSANDS.fullmatch(text)):
        raise InputError(
            Fault(
                where,
                f"'{brief(text)}' can be read in more than one way, or not at all. Write 50000 or 0.2.",
            )
        )
    number = float(text.replace("_", ""))
    if number > LARGEST_COUNT:
        raise InputError(Fault(where, f"There are fewer people than that. Write a number up to {LARGEST_COUNT:,}."))
    if quantity == "coverage" and not 0 <= number <= 1:
        raise InputError(
            Fault(where, f"A coverage is a share between 0 and 1, and {brief(text)} is not. Write 0.2 for 20 %.")
        )
    return number
