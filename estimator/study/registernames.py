"""Check the section ``[registers]`` against the lists, covariates and levels of its study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from estimator.capture.declaration import Covariate, Finding
from estimator.errors import did_you_mean
from estimator.study.registersections import (
    LinkageSection,
    RegisterCovariateSection,
    RegisterListSection,
    RegistersSection,
    as_compared,
)
from estimator.study.schema import StudyFile


def register_findings(content: StudyFile) -> Iterator[Finding]:
    """Yield every name in ``[registers]`` that is not the name of anything, and every covariate made in no way."""
    registers = content.registers
    if registers is None:
        return
    covariates = {covariate.name: covariate for covariate in content.declared_covariates}
    yield from _list_names(content, registers)
    yield from _in_window(registers, registers)
    if registers.linkage is not None:
        yield from _in_linkage(registers.linkage)
    for name, section in registers.covariates.items():
        if name not in covariates:
            yield section.at(), f"There is no covariate '{name}'.{did_you_mean(name, covariates)}"
        else:
            yield from _in_covariate(section, covariates[name])
    for name, of_list in registers.lists.items():
        if name not in content.lists:
            yield of_list.at(), f"There is no list '{name}'.{did_you_mean(name, content.lists)}"
        yield from _in_list(registers, of_list, covariates)


def _in_list(
    registers: RegistersSection, section: RegisterListSection, covariates: dict[str, Covariate]
) -> Iterator[Finding]:
    yield from _in_window(registers, section)
    for covariate, recoding in section.values.items():
        if covariate in covariates:
            yield from _recoding(section.at("values", covariate), recoding, covariates[covariate])
        else:
            near = did_you_mean(covariate, covariates)
            yield section.at("values", covariate), f"There is no covariate '{covariate}'.{near}"
    used = columns_of(registers, covariates)
    for key, columns in (("columns", section.columns), ("lacks", section.lacks)):
        for column in columns:
            if column not in used:
                near = did_you_mean(column, used)
                place = section.at(key, column) if key == "columns" else section.at(key)
                yield place, f"No column '{column}' is read for this study.{near}"
    if set(section.lacks) & set(registers.key):
        yield section.at("lacks"), "A list without a key cannot be linked. Leave the list out of the study."


def columns_of(registers: RegistersSection, covariates: Iterable[str]) -> list[str]:
    """Return every column that is read, under the name that ``[registers]`` gives it."""
    names = [*registers.key, registers.list_column, registers.date]
    for name in covariates:
        section = registers.covariates.get(name, RegisterCovariateSection())
        at = section.age_at if isinstance(section.age_at, str) else None
        made = (section.year_of, section.date, section.born, at)
        names += made if any(made) else [section.column or name]
    names += registers.linkage.identifiers if registers.linkage else ()
    return list(dict.fromkeys(name for name in names if name))


def _in_linkage(linkage: LinkageSection) -> Iterator[Finding]:
    for block in linkage.blocks:
        for name in block:
            if name not in linkage.identifiers:
                near = did_you_mean(name, linkage.identifiers)
                yield linkage.at("blocks"), f"There is no identifier '{name}'.{near}"
    if len(blocks_of(linkage)) < 2:
        message = (
            "Linkage needs two blocks or more: what is in a block cannot be learned from the pairs that it gives. Add "
            'one, such as blocks = [["born"], ["surname", "initials"]].'
        )
        yield linkage.at(), message
    elif common := set.intersection(*map(set, blocks_of(linkage))):
        message = (
            f"'{sorted(common)[0]}' is in every block, so that errors in it cannot be learned. Leave it out of one."
        )
        yield linkage.at("blocks") if linkage.blocks else linkage.at(), message


def blocks_of(linkage: LinkageSection) -> tuple[tuple[str, ...], ...]:
    """Return what two records must have in common to be compared: as declared, or each name or date by itself."""
    return linkage.blocks or tuple(
        (name,) for name, identifier in linkage.identifiers.items() if identifier.kind != "text"
    )


def _list_names(content: StudyFile, registers: RegistersSection) -> Iterator[Finding]:
    for key, names in (("priority", registers.priority), ("at_most", sum(registers.at_most, ()))):
        for name in names:
            if name not in content.lists:
                yield registers.at(key), f"There is no list '{name}'.{did_you_mean(name, content.lists)}"
    called: dict[str, str] = {}
    for name in content.lists:
        own = registers.lists.get(name)
        for text in (own.called if own else ()) or (name,):
            other = called.setdefault(as_compared(text), name)
            if other != name and own:
                yield own.at("called"), f"The list '{other}' is called so too. Give each its own."


def _in_covariate(section: RegisterCovariateSection, covariate: Covariate) -> Iterator[Finding]:
    levels = covariate.levels
    yield from _recoding(section.at("values"), section.values, covariate)
    if section.other is not None and section.other not in levels:
        yield section.at("other"), f"There is no level '{section.other}'.{did_you_mean(section.other, levels)}"
    yield from _in_windows(section, levels)
    if section.lower is not None and len(section.lower) != len(levels):
        yield (
            section.at("lower"),
            f"There are {len(section.lower)} numbers for {len(levels)} levels. Say where each begins: "
            f"lower = {list(range(0, 10 * len(levels), 10))}.",
        )
    if section.year_of:
        for level in levels:
            if not (level.isascii() and level.isdigit() and len(level) == 4):
                yield (
                    section.at("year_of"),
                    f"The level '{level}' is no year. Use 'date' and 'windows' for other periods.",
                )
                break


def _in_window(registers: RegistersSection, section: RegistersSection | RegisterListSection) -> Iterator[Finding]:
    """Yield what is wrong with the first and last day that count."""
    since, until = section.since, section.until
    if (since or until) and registers.date is None:
        key = "since" if since else "until"
        yield section.at(key), "Say under [registers] which column has the date that must lie in it: date = ..."
    if since and until and until < since:
        yield section.at("until"), f"The last day, {until}, lies before the first, {since}. Exchange them."


def _in_windows(section: RegisterCovariateSection, levels: tuple[str, ...]) -> Iterator[Finding]:
    for level in section.windows:
        if level not in levels:
            yield section.at("windows", level), f"There is no level '{level}'.{did_you_mean(level, levels)}"
    days = sorted(section.windows.items(), key=lambda item: item[1])
    for level, (first, last) in days:
        if last < first:
            yield section.at("windows", level), f"The last day, {last}, lies before the first, {first}."
    for (before, (_, end)), (after, (begin, _)) in pairwise(days):
        if begin <= end:
            yield section.at("windows", after), f"'{after}' begins before '{before}' ends. Let no day be in two."


def _recoding(place: tuple[str | int, ...], recoding: dict[str, str], covariate: Covariate) -> Iterator[Finding]:
    meant: dict[str, str] = {}
    for text, level in recoding.items():
        if level not in covariate.levels:
            near = did_you_mean(level, covariate.levels)
            yield (*place, text), f"The covariate '{covariate.name}' has no level '{level}'.{near}"
        if meant.setdefault(as_compared(text), level) != level:
            yield (
                (*place, text),
                f"'{text}' differs from another text only in capitals or blanks, and has another level.",
            )
