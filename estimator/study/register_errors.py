"""Declared errors of registers in a study file: people who are no victims, and links that are missed or wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from estimator.capture.declaration import Finding, where_faults
from estimator.capture.strata import strata_where
from estimator.errors import did_you_mean
from estimator.study.questions import FalsePositives, LinkageErrors
from estimator.study.schema import StudyFile

MOST_LINKED_LISTS = 8
"""With more lists, the ways in which the records of one person can fall apart are too many to add up."""


def errors_of(
    content: StudyFile, dropped: Collection[str] = ()
) -> tuple[tuple[FalsePositives, ...], tuple[LinkageErrors, ...]]:
    """Return what a study file declares of errors in its registers, without lists that are not used."""
    left = [name for name in content.lists if name not in dropped]
    links = []
    for section in content.linkage_errors:
        lists = tuple(name for name in section.lists or left if name in left)
        if len(lists) > 1:
            links.append(LinkageErrors(lists, section.missed, section.wrong, section.reason, section.reason_nl))
    return tuple(
        FalsePositives(error.list, error.share, error.among, error.where, error.reason, error.reason_nl)
        for error in content.false_positives
        if error.list in left
    ), tuple(links)


def error_findings(content: StudyFile) -> Iterator[Finding]:
    """Yield what is wrong with the declared errors of registers: where, and a message."""
    for section in content.false_positives:
        if section.list and section.list not in content.lists:
            near = did_you_mean(section.list, content.lists)
            yield section.at("list"), f"There is no list '{section.list}'.{near}"
        for message in where_faults(content.declared_covariates, section.where):
            yield section.at("where"), message
    yield from _declared_twice(content)
    for link in content.linkage_errors:
        for name in link.lists:
            if name not in content.lists:
                yield link.at("lists"), f"There is no list '{name}'.{did_you_mean(name, content.lists)}"
        if not link.missed and not link.wrong:
            yield link.at(), "It says neither what share of links is missed nor what share is wrong. Give one of them."
        if link.missed and len(link.lists or content.lists) > MOST_LINKED_LISTS:
            yield (
                link.at("lists") if link.lists else link.at(),
                f"Missed links can be declared between at most {MOST_LINKED_LISTS} lists. Name them, or merge lists.",
            )
    yield from _linked_twice(content)


def _declared_twice(content: StudyFile) -> Iterator[Finding]:
    """Yield the false positives of a list that an earlier section declares in some of the same strata."""
    covariates = content.declared_covariates
    sound = [error for error in content.false_positives if not any(where_faults(covariates, error.where))]
    for number, later in enumerate(sound):
        for earlier in sound[:number]:
            shared = strata_where(covariates, later.where) & strata_where(covariates, earlier.where)
            if later.list == earlier.list and shared.any():
                yield (
                    later.at(),
                    f"The false positives of list '{later.list}' are declared twice for some of the same strata. Give "
                    "them 'where' without strata in common, or take one out.",
                )
                break


def _linked_twice(content: StudyFile) -> Iterator[Finding]:
    """Yield links between two lists of which an earlier section declares the same."""
    seen: set[tuple[str, frozenset[str]]] = set()
    for link in content.linkage_errors:
        kinds = [kind for kind in ("missed", "wrong") if getattr(link, kind)]
        pairs = {(kind, frozenset(pair)) for kind in kinds for pair in combinations(link.lists or content.lists, 2)}
        if twice := sorted(" and ".join(sorted(pair)) for _, pair in pairs & seen):
            yield (
                link.at(),
                f"Errors in the links between {twice[0]} are declared twice. Name other lists in one of them.",
            )
        seen |= pairs
