"""What ``[multiverse]`` names that the study does not have, and what cannot be varied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from estimator.capture.declaration import Finding
from estimator.errors import did_you_mean
from estimator.study.multiversesection import MultiverseSection
from estimator.study.schema import StudyFile
from estimator.study.tomlfile import Location


def multiverse_findings(content: StudyFile) -> Iterator[Finding]:
    """Yield names that stand for nothing, alternatives given twice, and choices that leave no answer."""
    section = content.multiverse
    if section is None:
        return
    yield from _unknown(
        section.at("decisions"), "decision", section.decisions or (), [d.name for d in content.decisions]
    )
    for lists in section.lists:
        yield from _unknown(lists.at("drop"), "list", lists.drop, content.lists)
        yield from _unknown(lists.at("merge"), "list", lists.merge, content.lists)
        left = len(content.lists) - len(lists.drop) - max(len(lists.merge) - 1, 0)
        if content.lists and left < 2:
            yield lists.at(), "Fewer than two lists would be left, and nothing can be estimated. Leave more of them."
    for covariates in section.covariates:
        yield from _unknown(covariates.at("leave_out"), "covariate", covariates.leave_out, content.covariates)
        yield from _of_year(covariates.at("leave_out"), covariates.leave_out, content)
    yield from _twice(section)


def _of_year(place: Location, names: Iterable[str], content: StudyFile) -> Iterator[Finding]:
    """Yield that the year is left out while numbers are of some years only."""
    period, year = content.period, content.year
    if period is None or year is None or year.name not in names or not period.headline:
        return
    if set(period.headline) != set(year.levels):
        message = (
            f"Numbers are of {', '.join(period.headline)} (headline of [period]), and of a table that is added up over "
            f"'{year.name}' no year is known. Take '{year.name}' out here, or 'headline' there."
        )
        yield place, message


def _twice(section: MultiverseSection) -> Iterator[Finding]:
    """Yield alternatives that say the same as one before."""
    seen: set[object] = set()
    named: list[tuple[Location, object]] = [
        *((entry.at(), ("lists", frozenset(entry.drop), frozenset(entry.merge))) for entry in section.lists),
        *((entry.at(), ("covariates", frozenset(entry.leave_out))) for entry in section.covariates),
        *((entry.at(), ("methods", entry.method, tuple(sorted(entry.options.items())))) for entry in section.methods),
        *((entry.at(), ("priors", entry.priors)) for entry in section.priors),
        *((entry.at("name"), ("border_cases", entry.name)) for entry in section.border_cases),
    ]
    for place, said in named:
        if said in seen:
            yield place, "This alternative stands here twice. Take one of the two out."
        seen.add(said)


def _unknown(place: Location, what: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Finding]:
    known = list(known)
    for name in names:
        if name not in known:
            yield place, f"There is no {what} '{name}'.{did_you_mean(name, known)}"
