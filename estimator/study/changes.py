"""Lists that stopped or were redefined, and lists that are kept or dropped: read from a study file and checked.

A list that stopped would otherwise be read as a fall in the number of people, and a new definition as a rise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from estimator.capture.declaration import Covariate, NotOperating, where_faults
from estimator.errors import did_you_mean
from estimator.study.content import entries, mapping, text, where_of
from estimator.study.contradicting import contradictions
from estimator.study.questions import Break, Decision
from estimator.study.tomlfile import Location

Finding = tuple[Location, str]
KINDS = ("stopped", "redefined")
_ALSO = {"stopped": "stopped again", "redefined": "been redefined"}
NO_PERIOD = (
    "A change is dated by the year, and this study has no covariate that is the year. Add a section [period] with, "
    'for example, covariate = "year".'
)


@dataclass(frozen=True)
class _Dated:
    """A change whose names have been found: where it stands in the file, and the levels from its date on."""

    list: str
    kind: str
    since: str
    levels: tuple[str, ...]
    reason: str


def stopped_lists(data: Mapping[str, Any]) -> tuple[NotOperating, ...]:
    """Return the lists that stopped, as lists that did not run from then on.

    Parameters
    ----------
    data : mapping
        Content of a study file.

    Returns
    -------
    tuple of NotOperating
        Those whose names exist; the others are found by `change_findings`.
    """
    year = year_covariate(data)
    if year is None:
        return ()
    dated = _dated(data, year)
    return tuple(
        NotOperating(change.list, {year.name: change.levels}, change.reason)
        for change in dated
        if change.kind == "stopped"
    )


def breaks_of(data: Mapping[str, Any]) -> tuple[Break, ...]:
    """Return the lists that were redefined, as breaks in their coverage.

    Parameters
    ----------
    data : mapping
        Content of a study file.

    Returns
    -------
    tuple of Break
        Those whose names exist; the others are found by `change_findings`.
    """
    year = year_covariate(data)
    if year is None:
        return ()
    return tuple(
        Break(change.list, year.name, change.since) for change in _dated(data, year) if change.kind == "redefined"
    )


def year_covariate(data: Mapping[str, Any]) -> Covariate | None:
    """Return the covariate that is the year.

    Parameters
    ----------
    data : mapping
        Content of a study file.

    Returns
    -------
    Covariate or None
        None when the period names none, or one that is not declared.
    """
    name = mapping(data.get("period")).get("covariate")
    sections = mapping(data.get("covariates"))
    if not isinstance(name, str) or name not in sections:
        return None
    section = mapping(sections[name])
    levels = section.get("levels")
    found = tuple(text(level) for level in levels) if isinstance(levels, list | tuple) else ()
    return Covariate(name, found, section.get("ordered") is True)


def change_findings(data: Mapping[str, Any]) -> list[Finding]:
    """Find what cannot be true of the changes in a study file.

    Parameters
    ----------
    data : mapping
        Content of a study file.

    Returns
    -------
    list of (Location, str)
        Where it is, and a message.
    """
    year, lists = year_covariate(data), tuple(mapping(data.get("lists")))
    found: list[Finding] = []
    changes = entries(data, "changes")
    for index, change in enumerate(changes):
        place = ("changes", index)
        name = text(change.get("list"))
        if name and name not in lists:
            found.append(((*place, "list"), f"There is no list '{name}'.{did_you_mean(name, lists)}"))
        if year is None:
            found += [(place, NO_PERIOD)] if _knows_covariate(data) else []
            continue
        found += [((*place, key), message) for key, message in _date_faults(change, year)]
        if name and any(_same(change, other) for other in changes[:index]):
            found.append((place, f"This change of list '{name}' is declared twice. Declare it once."))
    return [*found, *(_after_the_end(changes, year) if year else ())]


def _after_the_end(changes: Sequence[Mapping[str, Any]], year: Covariate) -> Iterator[Finding]:
    """Yield what is declared of a list for a time when it had stopped."""
    read = [tuple(text(change.get(key)) for key in ("list", "kind", "since")) for change in changes]
    ends: dict[str, int] = {}
    for name, kind, since in read:
        if kind == "stopped" and since in year.levels:
            ends[name] = min(year.levels.index(since), ends.get(name, len(year.levels)))
    for index, (name, kind, since) in enumerate(read):
        if kind not in KINDS or since not in year.levels or name not in ends:
            continue
        late = year.levels.index(since) - ends[name]
        if late > 0 or (late == 0 and kind == "redefined"):
            end = year.levels[ends[name]]
            message = (
                f"List '{name}' stopped in {end}, so that it cannot have {_ALSO[kind]} in {since}. Take one of the two "
                "changes out, or mend its 'since'."
            )
            yield ("changes", index), message


def _knows_covariate(data: Mapping[str, Any]) -> bool:
    """Whether a missing year is not the consequence of a name in ``[period]`` that is a fault already."""
    return "covariate" not in mapping(data.get("period"))


def _same(change: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(text(change.get(key)) == text(other.get(key)) for key in ("list", "kind", "since"))


def _date_faults(change: Mapping[str, Any], year: Covariate) -> Iterator[tuple[str, str]]:
    since, kind, name = text(change.get("since")), text(change.get("kind")), text(change.get("list"))
    if not year.ordered:
        yield "since", f"The covariate '{year.name}' is not ordered. Add ordered = true to [covariates.{year.name}]."
    if since and since not in year.levels:
        yield "since", f"The covariate '{year.name}' has no level '{since}'.{did_you_mean(since, year.levels)}"
    elif since and year.levels and since == year.levels[0]:
        if kind == "redefined":
            yield (
                "since",
                f"'{since}' is the first level of '{year.name}', and before it there is nothing to compare with. Name "
                "the first level under the new definition, or take this change out.",
            )
        if kind == "stopped":
            yield (
                "since",
                f"'{since}' is the first level of '{year.name}', so that list '{name}' would never have run. Take the "
                "list out of the study and its table.",
            )


def _dated(data: Mapping[str, Any], year: Covariate) -> Iterator[_Dated]:
    lists = mapping(data.get("lists"))
    for change in entries(data, "changes"):
        name, since, kind = (text(change.get(key)) for key in ("list", "since", "kind"))
        if name in lists and since in year.levels[1:] and kind in KINDS:
            yield _Dated(name, kind, since, year.levels[year.levels.index(since) :], text(change.get("reason")))


def decision_findings(data: Mapping[str, Any], covariates: tuple[Covariate, ...]) -> list[Finding]:
    """Find the names in the decisions of a study file that are not the name of anything, or name two decisions.

    Parameters
    ----------
    data : mapping
        Content of a study file.
    covariates : tuple of Covariate
        Those that it declares.

    Returns
    -------
    list of (Location, str)
        Where it is, and a message.
    """
    lists = tuple(mapping(data.get("lists")))
    found: list[Finding] = []
    names: list[str] = []
    for index, decision in enumerate(entries(data, "decisions")):
        place = ("decisions", index)
        about, name = text(decision.get("list")), text(decision.get("name"))
        if about and about not in lists:
            found.append(((*place, "list"), f"There is no list '{about}'.{did_you_mean(about, lists)}"))
        if name and name in names:
            found.append(((*place, "name"), f"Another decision is called '{name}' too. Give each its own name."))
        found += [((*place, "where"), message) for message in where_faults(covariates, where_of(decision))]
        names.append(name)
    return [*found, *_contradicting(data)]


def _contradicting(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the decisions that keep a list where another one drops it, or the other way round."""
    places, decisions = [], []
    for index, entry in enumerate(entries(data, "decisions")):
        name, about, choice = (text(entry.get(key)) for key in ("name", "list", "choice"))
        if choice in ("keep", "drop"):
            places.append(index)
            made: Literal["keep", "drop"] = "drop" if choice == "drop" else "keep"
            decisions.append(Decision(name, about, made, where_of(entry), ""))
    for pair in contradictions(decisions):
        yield ("decisions", places[pair.second]), pair.message(decisions)
