"""Lists that stopped or were redefined: what a study file says of them, checked.

A list that stopped would otherwise be read as a fall in the number of people, and a new definition as a rise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from estimator.capture.declaration import Covariate, Finding, NotOperating
from estimator.errors import did_you_mean
from estimator.study.questions import Break
from estimator.study.schema import ChangeSection, StudyFile

_ALSO = {"stopped": "stopped again", "redefined": "been redefined"}
_NO_PERIOD = (
    "A change is dated by the year, and this study has no covariate that is the year. Add a section [period] with, "
    'for example, covariate = "year".'
)


def stopped_lists(content: StudyFile) -> tuple[NotOperating, ...]:
    """Return the lists that stopped, as lists that did not run from then on; those whose names exist."""
    year = content.year
    if year is None:
        return ()
    return tuple(
        NotOperating(
            change.list,
            {year.name: year.levels[year.levels.index(change.since) :]},
            change.reason,
            change.reason_nl,
        )
        for change in _dated(content, "stopped")
    )


def breaks_of(content: StudyFile) -> tuple[Break, ...]:
    """Return the lists that were redefined, as breaks in their coverage; those whose names exist."""
    year = content.year
    return tuple(Break(change.list, year.name, change.since) for change in _dated(content, "redefined") if year)


def _dated(content: StudyFile, kind: str) -> Iterator[ChangeSection]:
    """Yield the changes of a kind that can be carried out."""
    later = content.year.levels[1:] if content.year else ()
    for change in content.changes:
        if change.kind == kind and change.list in content.lists and change.since in later:
            yield change


def change_findings(content: StudyFile) -> Iterator[Finding]:
    """Yield what cannot be true of the changes in a study file: where it is, and a message."""
    year, changes = content.year, content.changes
    for index, change in enumerate(changes):
        if change.list and change.list not in content.lists:
            near = did_you_mean(change.list, content.lists)
            yield change.at("list"), f"There is no list '{change.list}'.{near}"
        if year is None:
            if content.period is None or content.period.covariate is None:
                yield change.at(), _NO_PERIOD
            continue
        yield from _date_findings(change, year)
        if change.list and any(_what(change) == _what(other) for other in changes[:index]):
            yield change.at(), f"This change of list '{change.list}' is declared twice. Declare it once."
    if year:
        yield from _after_the_end(changes, year)


def _what(change: ChangeSection) -> tuple[str, str, str]:
    return change.list, change.kind, change.since


def _date_findings(change: ChangeSection, year: Covariate) -> Iterator[Finding]:
    place, since = change.at("since"), change.since
    if not year.ordered:
        yield place, f"The covariate '{year.name}' is not ordered. Add ordered = true to [covariates.{year.name}]."
    if since and since not in year.levels:
        yield place, f"The covariate '{year.name}' has no level '{since}'.{did_you_mean(since, year.levels)}"
    elif year.levels and since == year.levels[0] and change.kind in _ALSO:
        why = (
            "and before it there is nothing to compare with. Name the first level under the new definition, or take "
            "this change out."
            if change.kind == "redefined"
            else f"so that list '{change.list}' would never have run. Take the list out of the study and its table."
        )
        yield place, f"'{since}' is the first level of '{year.name}', {why}"


def _after_the_end(changes: Sequence[ChangeSection], year: Covariate) -> Iterator[Finding]:
    """Yield what is declared of a list for a time when it had stopped."""
    dated = [(change, year.levels.index(change.since)) for change in changes if change.since in year.levels]
    ends: dict[str, int] = {}
    for change, at in dated:
        if change.kind == "stopped":
            ends[change.list] = min(at, ends.get(change.list, at))
    for change, at in dated:
        late = at - ends.get(change.list, at + 1)
        if change.kind in _ALSO and (late > 0 or (late == 0 and change.kind == "redefined")):
            message = (
                f"List '{change.list}' stopped in {year.levels[ends[change.list]]}, so that it cannot have "
                f"{_ALSO[change.kind]} in {change.since}. Take one of the two changes out, or mend its 'since'."
            )
            yield change.at(), message
