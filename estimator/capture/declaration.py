"""What a study declares about its table: the lists, the covariates, and what could not be seen, and why.

Plain data, without reading any file. The names are checked by `declaration_findings`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from estimator.capture.counts import LARGEST_COUNT, Rounding
from estimator.capture.histories import ANY_LABEL, JOINER, UNSEEN_LABEL
from estimator.errors import Fault, brief, did_you_mean

COUNT_COLUMN = "count"
"""Name of the column that holds the number of persons."""

HISTORY_COLUMN = "history"
"""Name of the column that holds histories in digits: ``110`` for somebody on the first two of three lists."""

TIMES_SEEN = "times_seen"
"""Name of the column, and covariate, that says how often one register saw a person; 0 for people seen never."""

RESERVED = frozenset(
    {COUNT_COLUMN, UNSEEN_LABEL, ANY_LABEL, HISTORY_COLUMN, "list", "with_list", "observation", "stratum"}
)
"""Names that a list or covariate cannot have, because the table itself uses them."""

MOST_LISTS = 16
"""With more lists there are more histories (over 65,536) than any register can fill."""

LARGEST_BASE = 1_000_000
"""To multiples of more than this nobody rounds counts of people."""

Finding = tuple[tuple[str | int, ...], str]
"""Keys and positions of the study file that lead to what is wrong, ``("structural_zeros", 0)``, and a message."""

Where = Mapping[str, tuple[str, ...]]
"""Strata, as the levels allowed of some covariates; an empty mapping means all strata."""


@dataclass(frozen=True)
class Covariate:
    """A characteristic by which the table is divided, such as sex or year.

    Parameters
    ----------
    name : str
        As in the header of the table.
    levels : tuple of str
        Its values, as written in the table, in the order in which they are reported.
    ordered : bool, default False
        Whether neighbouring levels resemble each other (year, age group).
    """

    name: str
    levels: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True)
class StructuralZero:
    """Lists that cannot see the same person, so that their common cells are empty by design, not by chance.

    Parameters
    ----------
    lists : tuple of str
        Nobody can be on all of these at once. One list alone: it cannot see anybody in these strata.
    where : mapping of str to tuple of str
        The strata; empty for all.
    """

    lists: tuple[str, ...]
    where: Where = field(default_factory=dict)
    reason: str = ""
    reason_nl: str | None = None


@dataclass(frozen=True)
class NotOperating:
    """A list that did not run in some strata: its people were there, but nobody wrote them down.

    Source: Zwane, van der Pal & van der Heijden 2004, Statistics in Medicine 23:2267 (registrations that cover
    different populations).

    Parameters
    ----------
    where : mapping of str to tuple of str
        The strata in which it did not run; empty for all.
    reason, reason_nl : str
        Why it did not run; the same in Dutch, where the study says it.
    """

    list: str
    where: Where = field(default_factory=dict)
    reason: str = ""
    reason_nl: str | None = None


@dataclass(frozen=True)
class Unobserved:
    """A capture history whose number of persons is not known, although the lists ran.

    Parameters
    ----------
    history : tuple of str
        The people on exactly these lists.
    where : mapping of str to tuple of str
        The strata; empty for all.
    reason, reason_nl : str
        Why it is not known; the same in Dutch, where the study says it.
    """

    history: tuple[str, ...]
    where: Where = field(default_factory=dict)
    reason: str = ""
    reason_nl: str | None = None


@dataclass(frozen=True)
class Declaration:
    """Everything that a study says about its table before the numbers are read.

    Parameters
    ----------
    lists : tuple of str
        At least two, at most `MOST_LISTS`; list 0 is the most significant bit of a history.
    covariates : tuple of Covariate, default ()
        The strata are the product of their levels, the last covariate running fastest.
    structural_zeros, not_operating, unobserved : tuples, default ()
        What cannot be in the table.
    suppressed_below : int or None, default None
        Counts below this were published as ``..``; None when the rule is not known, and ``..`` says nothing.
    suppressed_includes_zero : bool, default False
        Whether zeros were published as ``..`` too.
    rounding : Rounding or None, default None
        To which multiples counts were rounded; None when they were not.
    overlaps : {"exclusive", "inclusive"} or None, default None
        Whether a count is of the people on exactly these lists, or on these whatever other lists they are on. When
        nothing is said they are taken as exclusive.
    blanks : {"unknown", "totals"} or None, default None
        What a row with a blank counts: people of whom something is unknown, or the people of other rows together.
        When nothing is said they are of unknown level, and a table in which that is hardly so is refused.
    """

    lists: tuple[str, ...]
    covariates: tuple[Covariate, ...] = ()
    structural_zeros: tuple[StructuralZero, ...] = ()
    not_operating: tuple[NotOperating, ...] = ()
    unobserved: tuple[Unobserved, ...] = ()
    suppressed_below: int | None = None
    suppressed_includes_zero: bool = False
    rounding: Rounding | None = None
    overlaps: str | None = None
    blanks: str | None = None


def declaration_faults(declaration: Declaration, source: str = "study") -> tuple[Fault, ...]:
    """Return everything that is wrong with a declaration.

    Parameters
    ----------
    source : str, default "study"
        Where it was read: the first part of each fault's place.

    Returns
    -------
    tuple of Fault
        Empty when the declaration can be used.
    """
    return tuple(Fault(source, message, part=_in_words(*at)) for at, message in declaration_findings(declaration))


def _in_words(section: str | int, *rest: str | int) -> str:
    """Return a place: "lists", "covariates.year", "structural_zeros, number 1"."""
    return "".join([str(section), *(f", number {at + 1}" if isinstance(at, int) else f".{at}" for at in rest)])


def declaration_findings(declaration: Declaration) -> Iterator[Finding]:
    """Yield everything that is wrong with a declaration: where in the study file, and a message."""
    yield from _list_faults(declaration.lists)
    yield from _covariate_faults(declaration)
    yield from _exception_faults(declaration)
    yield from _suppression_faults(declaration)


def _list_faults(lists: tuple[str, ...]) -> Iterator[Finding]:
    """Yield place and message of each fault of the lists themselves."""
    if len(lists) < 2:
        yield (
            ("lists",),
            f"There {'is one list' if lists else 'are no lists'}; the people whom no list saw can be estimated "
            "only from the overlap between two or more lists. Add a list.",
        )
    if len(lists) > MOST_LISTS:
        yield (
            ("lists",),
            f"There are {len(lists)} lists, and at most {MOST_LISTS} can be used. "
            "Merge lists that resemble each other.",
        )
    yield from _name_faults("lists", "list", lists)


def _twice(names: Iterable[str]) -> list[str]:
    """Return the names that stand more than once, each once."""
    return [name for name, times in Counter(names).items() if times > 1]


def _name_faults(section: str, what: str, names: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the faults of names that become column headers."""
    for name in _twice(names):
        yield (section, name), f"The {what} '{brief(name)}' is named twice. Give each {what} its own name."
    for name in names:
        if not name.strip() or name != name.strip():
            message = f"The {what} '{brief(name)}' is blank or has spaces around its name. Write the name without them."
            yield (section, name), message
        elif not name.replace("\N{NO-BREAK SPACE}", " ").isprintable():
            message = f"The name '{brief(name)}' cannot be read. Write it with letters that can be seen."
            yield (section, name), message
        elif name in RESERVED or (what == "list" and JOINER in name):
            yield (
                (section, name),
                f"'{name}' cannot be the name of a {what}: the table uses '{name if name in RESERVED else JOINER}' "
                "itself. Choose another name, in the study and in the header of the table.",
            )


def _covariate_faults(declaration: Declaration) -> Iterator[Finding]:
    """Yield the faults of the covariates and their levels."""
    names = tuple(covariate.name for covariate in declaration.covariates)
    yield from _name_faults("covariates", "covariate", names)
    for name in names:
        if name in declaration.lists:
            yield ("covariates",), f"'{name}' is the name of a list and of a covariate. Rename one of them."
    yield from _repeat_faults(declaration)
    for covariate in declaration.covariates:
        where = ("covariates", covariate.name)
        if not covariate.levels:
            yield where, "The covariate has no levels. Name the values that it takes in the table."
        for level in _twice(covariate.levels):
            yield where, f"The level '{brief(level)}' is named twice. Name each level once."
        if any(not level.strip() or level != level.strip() for level in covariate.levels):
            yield where, "A level is blank or has spaces around it. A blank cell means unknown and is not a level."


def _repeat_faults(declaration: Declaration) -> Iterator[Finding]:
    """Yield what is wrong with a declaration of how often one register saw people."""
    levels = next((covariate.levels for covariate in declaration.covariates if covariate.name == TIMES_SEEN), None)
    if levels is None:
        return
    if len(levels) < 3 or list(levels) != [str(number) for number in range(len(levels))]:
        message = (
            "How often somebody was seen counts from 0 (the people who are estimated) to the largest number in the "
            "table, every number once and in order: levels = [0, 1, 2, 3]."
        )
        yield ("covariates", TIMES_SEEN), message
    if len(declaration.lists) > 2:
        message = (
            f"A table with the column '{TIMES_SEEN}' is of one register, in two lists: the people whom it saw, and "
            "those whom it saw again. Leave the other lists out, or the column."
        )
        yield ("lists",), message


def _exception_faults(declaration: Declaration) -> Iterator[Finding]:
    """Yield the faults of structural zeros, lists that did not run, and unobserved histories."""
    for index, zero in enumerate(declaration.structural_zeros):
        yield from _named(declaration, ("structural_zeros", index), zero.lists, zero.where)
    for index, pause in enumerate(declaration.not_operating):
        yield from _named(declaration, ("not_operating", index), (pause.list,), pause.where)
    for index, gap in enumerate(declaration.unobserved):
        yield from _named(declaration, ("unobserved", index), gap.history, gap.where)
    for section, entries in (
        ("structural_zeros", [(zero.lists, zero.where) for zero in declaration.structural_zeros]),
        ("not_operating", [((pause.list,), pause.where) for pause in declaration.not_operating]),
        ("unobserved", [(gap.history, gap.where) for gap in declaration.unobserved]),
    ):
        for index in said_before([(frozenset(lists), where) for lists, where in entries]):
            yield (section, index), "This is declared twice. Take one of the two out, or mend its strata."


def said_before(entries: Sequence[tuple[object, Where]]) -> Iterator[int]:
    """Yield the positions of entries about the same thing in the same strata as an earlier one."""
    seen = set()
    for index, (what, where) in enumerate(entries):
        key = what, frozenset((name, frozenset(levels)) for name, levels in where.items())
        if key in seen:
            yield index
        seen.add(key)


def _named(
    declaration: Declaration, where: tuple[str, int], lists: tuple[str, ...], strata: Where
) -> Iterator[Finding]:
    """Yield the faults of the names of lists, covariates and levels in one declared exception."""
    if not lists:
        yield where, "It names no list. Say which lists it is about."
    for name in lists:
        if name not in declaration.lists:
            yield where, f"There is no list '{name}'.{did_you_mean(name, declaration.lists)}"
    for message in where_faults(declaration.covariates, strata):
        yield where, message


def where_faults(covariates: Iterable[Covariate], where: Where) -> Iterator[str]:
    """Yield a sentence for each covariate or level in `where` that does not exist.

    Yields
    ------
    str
        The unknown name, and the nearest known one.
    """
    levels = {covariate.name: covariate.levels for covariate in covariates}
    for name, wanted in where.items():
        if name not in levels:
            yield f"There is no covariate '{name}'.{did_you_mean(name, levels)}"
            continue
        if not wanted:
            yield f"No level of '{name}' is named. Name at least one, or leave '{name}' out for all of them."
        known = set(levels[name])
        for level in wanted:
            if level not in known:
                yield f"The covariate '{name}' has no level '{brief(level)}'.{did_you_mean(level, levels[name])}"


def _suppression_faults(declaration: Declaration) -> Iterator[Finding]:
    """Yield a fault when no count can be suppressed, or rounded, under the declared rule."""
    if declaration.rounding is not None and not 2 <= declaration.rounding.base <= LARGEST_BASE:
        yield (
            ("table_format", "round"),
            f"Counts cannot be rounded to multiples of {declaration.rounding.base}. Write the base to which they were "
            f"rounded, from 2 to {LARGEST_BASE:,}, or take this out if they were not.",
        )
    below = declaration.suppressed_below
    smallest = 1 if declaration.suppressed_includes_zero else 2
    if below is not None and below < smallest:
        yield (
            ("table_format", "suppressed_below"),
            f"Suppressed counts cannot be below {below}: no number of persons would be left for them. "
            f"Write {smallest} or more.",
        )
    elif below is not None and below > LARGEST_COUNT:
        yield (
            ("table_format", "suppressed_below"),
            f"Suppressed counts below {below} say nothing: there are fewer people. Write at most {LARGEST_COUNT:,}.",
        )
