"""SQL that reads files into ``records``: a row per row of a file, with codes in place of what was written.

A key is nowhere kept: a person is a number made of the key and of a random text that is forgotten with the database, so
that not even a file that is left behind by a killed program could be matched with a register.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from estimator.registers.plan import CovariatePlan, Plan, Register
from estimator.registers.private_database import quoted
from estimator.registers.sources import Source
from estimator.study.registersections import IdentifierSection, RegisterListSection, as_compared

UNKNOWN, UNREADABLE, OUTSIDE = -1, -2, -3
"""Codes of a covariate in place of a level: blank; not a level; of a period that the study does not have."""

TAKEN, OUT_OF_WINDOW, WITHOUT_KEY, UNDATED, BLANK, NO_LIST = range(6)
"""What became of a record: it counts, or why not."""

LEFT_OUT, NO_SUCH_LIST = 255, 254
"""In place of a list, in a combined file."""

FIRST_DAY = datetime.date(1901, 1, 1)
"""Earlier dates are those that spreadsheets and databases write for unknown."""

FIRST_BIRTH = datetime.date(1880, 1, 1)
OLDEST = 120
_FORMATS = {
    "day-month-year": ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y"),
    "month-day-year": ("%m-%d-%Y", "%m/%d/%Y", "%m.%d.%Y"),
}
_ISO = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
_SPACES = "\u0085\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200E)))
_BLANKS = " \t\r\n\v\f" + _SPACES + "\u2060\ufeff"
"""Also those of fixed width and of no width at all, which nobody sees."""

_PUNCTUATION = "-._/,;:()"


@dataclass(frozen=True)
class Reading:
    """How the records of one file are read.

    Parameters
    ----------
    number : int
        Of the source among all, from 0.
    today : datetime.date
        Later dates are mistakes.
    salt : str
        Random text, the same for all files.
    """

    plan: Plan
    register: Register
    source: Source
    number: int
    today: datetime.date
    salt: str

    @property
    def section(self) -> RegisterListSection:
        """What the study says of this list's files."""
        return self.register.section

    def place(self, column: str) -> int | None:
        """Return the position of a column in the file; None where the file lacks it by declaration."""
        if column in self.section.lacks:
            return None
        head = _head(self.section.columns.get(column, column))
        exact = [index for index, found in enumerate(self.source.header) if found == head]
        near = [index for index, found in enumerate(self.source.header) if found.casefold() == head.casefold()]
        return (exact or near or [-1])[0]

    def text(self, column: str | None) -> str:
        """Return the cell of a column without blanks around it; NULL where nothing is in it."""
        place = self.place(column) if column else None
        if place is None:
            return "CAST(NULL AS VARCHAR)"
        cell = f"trim(c{place}, '{_BLANKS}')"
        return f"""nullif(CASE WHEN starts_with({cell}, '="') THEN trim({cell}, '="') ELSE {cell} END, '')"""


def _head(name: str) -> str:
    return " ".join(name.split())


def make_records(covariates: Sequence[CovariatePlan], identifiers: int = 0) -> str:
    """Make the table of records: person, list, file, what became of the record, month, and codes.

    Parameters
    ----------
    identifiers : int
        How many columns of identifiers there are, where records are linked by them.
    """
    codes = "".join(f", v{index} SMALLINT" for index in range(len(covariates)))
    kinds = "person UHUGEINT, list UTINYINT, source USMALLINT, fate UTINYINT, day DATE, flaws UINTEGER"
    codes += "".join(f", q{index} VARCHAR" for index in range(identifiers))
    return f"CREATE TABLE records ({kinds}{codes})"


def add_records(reading: Reading) -> str:
    """Add the records of one file."""
    return f"INSERT INTO records {_records(reading)}"


def rows_with(reading: Reading, condition: str, most: int) -> str:
    """Ask for the first rows of a file of which something holds; the header is row 1."""
    return f"""
        SELECT row FROM ({_records(reading, "row")}) WHERE {condition} ORDER BY row LIMIT {most}"""


def _records(reading: Reading, row: str = "") -> str:
    """Select the records of one file, with the number of each row when asked for."""
    plan = reading.plan
    dates = dates_of(plan)
    parsed = [_dates(reading, index) for index in range(len(dates))]
    texts = [f"{reading.text(column)} AS x{index}" for index, column in enumerate(dates)]
    values = [
        f"{reading.text(_plain_column(covariate))} AS t{index}" for index, covariate in enumerate(plan.covariates)
    ]
    codes = [f"{_code(reading, index, dates)} AS v{index}" for index in range(len(plan.covariates))]
    numbered = ", row_number() OVER () + 1 AS row" if row else ""
    linkage = plan.settings.linkage
    forms = [
        f"{_form(reading, name, found)} AS q{index}"
        for index, (name, found) in enumerate(linkage.identifiers.items() if linkage else ())
    ]
    cells = ", ".join([f"{_key(reading)} AS key", f"{_list(reading)} AS list", *texts, *values, *forms])
    return f"""
        WITH cells AS (SELECT {cells}{numbered} FROM {reading.source.table}),
        dated AS (SELECT *{"".join(f", {part}" for part in parsed)} FROM cells),
        coded AS (SELECT *{"".join(f", {part}" for part in codes)} FROM dated)
        SELECT {_person(reading)} AS person, coalesce(list, {LEFT_OUT}) AS list, {reading.number} AS source,
            {_fate(reading, dates)} AS fate,
            {_day(reading, dates)} AS day, {_flaws(reading, dates)} AS flaws
            {"".join(f", v{index}" for index in range(len(plan.covariates)))}
            {"".join(f", q{index}" for index in range(len(forms)))}{f", {row}" if row else ""}
        FROM coded"""


def dates_of(plan: Plan) -> list[str]:
    """Return the columns that are read as dates, each once."""
    columns = [plan.settings.date]
    for covariate in plan.covariates:
        section = covariate.section
        columns += [covariate.of_date, section.born, section.age_at if isinstance(section.age_at, str) else None]
    return list(dict.fromkeys(column for column in columns if column))


def _plain_column(covariate: CovariatePlan) -> str | None:
    section = covariate.section
    return None if covariate.of_date or section.born else covariate.column


def _key(reading: Reading) -> str:
    """Return the key of a record: its columns together, without what two keys of one person may differ in."""
    settings = reading.plan.settings
    unknown = [as_compared(text) for text in settings.no_key]
    parts = []
    for column in settings.key:
        part = reading.text(column)
        if unknown:
            part = f"CASE WHEN lower({part}) IN ({_texts(unknown)}) THEN NULL ELSE {part} END"
        if "case" in settings.key_ignores:
            part = f"lower({part})"
        if "spaces" in settings.key_ignores:
            part = f"translate({part}, '{_BLANKS}', '')"
        if "punctuation" in settings.key_ignores:
            part = f"translate({part}, '{_PUNCTUATION}', '')"
        if "leading-zeros" in settings.key_ignores:
            part = f"ltrim({part}, '0')"
        parts.append(f"nullif({part}, '')")
    return " || chr(31) || ".join(parts)


def _list(reading: Reading) -> str:
    """Return the position of the list; NULL for one that is left out."""
    if reading.register.list is not None:
        return str(reading.register.list)
    plan, settings = reading.plan, reading.plan.settings
    text = f"lower({reading.text(settings.list_column)})"
    cases = "".join(
        f" WHEN {text} IN ({_texts(map(as_compared, called))}) THEN {index}"
        for index, called in enumerate(_called(plan))
    )
    out = _texts(map(as_compared, settings.leave_out_lists))
    left_out = f" WHEN {text} IN ({out}) THEN NULL" if out else ""
    return f"CASE{cases}{left_out} ELSE {NO_SUCH_LIST} END"


def _called(plan: Plan) -> list[tuple[str, ...]]:
    named = plan.settings.lists
    return [(named[name].called if name in named else ()) or (name,) for name in plan.lists]


def _form(reading: Reading, column: str, section: IdentifierSection) -> str:
    """Return the one form of an identifier in which records are compared; NULL where it is not known."""
    text = reading.text(column)
    unknown = _texts(map(as_compared, section.unknown))
    if unknown:
        text = f"CASE WHEN lower({text}) IN ({unknown}) THEN NULL ELSE {text} END"
    if section.kind == "name":
        return f"nullif(regexp_replace(lower(strip_accents({text})), '[^\\p{{L}}\\p{{N}}]', '', 'g'), '')"
    if section.kind == "text":
        return f"lower(strip_accents({text}))"
    day = _day_of(reading, text)
    for found in reading.plan.settings.unknown_dates:
        day = f"nullif({day}, {_day_text(found)})"
    return f"CAST({day} AS VARCHAR)"


def _person(reading: Reading) -> str:
    """Return the number of a person; one of its own for a record without key."""
    linkage = reading.plan.settings.linkage
    own = "CAST(coalesce(list, 255) AS VARCHAR) || '/' || " if linkage and linkage.keys == "own" else ""
    salted = f"md5_number('{reading.salt}' || {own}key)"
    if reading.plan.settings.without_key != "alone":
        return salted
    return f"CASE WHEN key IS NULL THEN md5_number('{reading.salt}' || CAST(uuid() AS VARCHAR)) ELSE {salted} END"


def _dates(reading: Reading, index: int) -> str:
    """Return a date column as it is written (``p``), and without dates that stand for unknown (``d``)."""
    unknown = ", ".join(_day_text(day) for day in reading.plan.settings.unknown_dates)
    used = f"CASE WHEN p{index} IN ({unknown}) THEN NULL ELSE p{index} END" if unknown else f"p{index}"
    return f"{_day_of(reading, f'x{index}')} AS p{index}, {used} AS d{index}"


def _day_of(reading: Reading, text: str) -> str:
    """Return a text as a date, without a time behind it; NULL where it is none in the declared order."""
    formats = _texts((*_FORMATS[reading.plan.settings.date_order], *_ISO))
    return f"CAST(try_strptime(split_part(replace({text}, 'T', ' '), ' ', 1), [{formats}]) AS DATE)"


def _day_text(day: datetime.date) -> str:
    return f"DATE '{day.isoformat()}'"


def _code(reading: Reading, index: int, dates: list[str]) -> str:
    """Return the code of a covariate of a record."""
    covariate = reading.plan.covariates[index]
    section = covariate.section
    if section.year_of:
        day = f"d{dates.index(section.year_of)}"
        cases = "".join(f" WHEN {int(level)} THEN {code}" for code, level in enumerate(covariate.levels))
        return f"CASE WHEN {day} IS NULL THEN {UNKNOWN} ELSE CASE year({day}){cases} ELSE {OUTSIDE} END END"
    if section.date:
        day = f"d{dates.index(section.date)}"
        cases = "".join(
            f" WHEN {day} BETWEEN {_day_text(first)} AND {_day_text(last)} THEN {covariate.levels.index(level)}"
            for level, (first, last) in section.windows.items()
        )
        return f"CASE WHEN {day} IS NULL THEN {UNKNOWN}{cases} ELSE {OUTSIDE} END"
    if section.born:
        return _age_code(covariate, dates)
    if section.lower:
        number = f"try_cast(replace(t{index}, ',', '.') AS DOUBLE)"
        return (
            f"CASE WHEN t{index} IS NULL{_declared_unknown(covariate, index)} THEN {UNKNOWN} "
            f"WHEN {number} IS NULL THEN {UNREADABLE} ELSE {_band(number, section.lower)} END"
        )
    return _text_code(reading, covariate, index)


def _declared_unknown(covariate: CovariatePlan, index: int) -> str:
    unknown = _texts(map(as_compared, covariate.section.unknown))
    return f" OR lower(t{index}) IN ({unknown})" if unknown else ""


def _text_code(reading: Reading, covariate: CovariatePlan, index: int) -> str:
    codes = covariate.codes(reading.section.values.get(covariate.name, {}))
    cases = []
    for code in range(len(covariate.levels)):
        if texts := [text for text, found in codes.items() if found == code]:
            cases.append(f" WHEN lower(t{index}) IN ({_texts(texts)}) THEN {code}")
    other = covariate.section.other
    rest = covariate.levels.index(other) if other else UNREADABLE
    blank = f"t{index} IS NULL{_declared_unknown(covariate, index)}"
    return f"CASE WHEN {blank} THEN {UNKNOWN}{''.join(cases)} ELSE {rest} END"


def _age_code(covariate: CovariatePlan, dates: list[str]) -> str:
    """Return the code of an age: of completed years; where only the year of birth is known, if that is enough."""
    section = covariate.section
    assert section.born is not None and section.lower is not None, "the study was checked"
    text, day = f"x{dates.index(section.born)}", f"d{dates.index(section.born)}"
    year = f"CASE WHEN length({text}) = 4 THEN try_cast({text} AS INTEGER) END"
    first = f"coalesce({day}, make_date({year}, 1, 1))"
    last = f"coalesce({day}, make_date({year}, 12, 31))"
    at = (
        f"d{dates.index(section.age_at)}" if isinstance(section.age_at, str) else _day_text(section.age_at or FIRST_DAY)
    )
    oldest, youngest = _years_between(first, at), _years_between(last, at)
    possible = f"{last} <= {at} AND {oldest} <= {OLDEST}"
    old, young = _band(oldest, section.lower), _band(youngest, section.lower)
    return (
        f"CASE WHEN NOT coalesce({possible}, false) THEN {UNKNOWN} WHEN {old} = {young} THEN {old} ELSE {UNKNOWN} END"
    )


def _years_between(born: str, at: str) -> str:
    """Return completed years; who was born on 29 February completes one on 1 March where there is no such day."""
    before = f"month({at}) * 100 + day({at}) < month({born}) * 100 + day({born})"
    return f"(year({at}) - year({born}) - CAST({before} AS INTEGER))"


def _band(number: str, lower: Sequence[float]) -> str:
    cases = "".join(f" WHEN {number} >= {bound:g} THEN {code}" for code, bound in reversed(list(enumerate(lower))))
    return f"CASE{cases} ELSE {UNREADABLE} END"


def _fate(reading: Reading, dates: list[str]) -> str:
    """Return what becomes of a record, the first that holds."""
    plan, settings, own = reading.plan, reading.plan.settings, reading.section
    filled = ["key IS NOT NULL", *(f"x{index} IS NOT NULL" for index in range(len(dates)))]
    filled += [f"t{index} IS NOT NULL" for index, covariate in enumerate(plan.covariates) if _plain_column(covariate)]
    cases = [
        f"WHEN NOT ({' OR '.join(filled)}) THEN {BLANK}",
        f"WHEN list IS NULL OR list = {NO_SUCH_LIST} THEN {NO_LIST}",
    ]
    periods = [index for index, covariate in enumerate(plan.covariates) if covariate.of_date]
    undated = [f"v{index} = {UNKNOWN}" for index in periods]
    outside = [f"v{index} = {OUTSIDE}" for index in periods]
    if settings.date:
        day = f"d{dates.index(settings.date)}"
        undated.append(f"{day} IS NULL")
        since, until = own.since or settings.since, own.until or settings.until
        outside += [f"{day} < {_day_text(since)}"] if since else []
        outside += [f"{day} > {_day_text(until)}"] if until else []
    if outside:
        cases.append(f"WHEN {' OR '.join(outside)} THEN {OUT_OF_WINDOW}")
    if settings.without_key != "alone":
        cases.append(f"WHEN key IS NULL THEN {WITHOUT_KEY}")
    if undated and settings.undated != "unknown":
        cases.append(f"WHEN {' OR '.join(undated)} THEN {UNDATED}")
    return f"CASE {' '.join(cases)} ELSE {TAKEN} END"


def _day(reading: Reading, dates: list[str]) -> str:
    """Return the date of a registration: the declared date, or else the date that gives the period."""
    column = reading.plan.settings.date or next(filter(None, (part.of_date for part in reading.plan.covariates)), None)
    return f"d{dates.index(column)}" if column else "CAST(NULL AS DATE)"


def _flaws(reading: Reading, dates: list[str]) -> str:
    """Return the faults of a record as bits: two for each date first, then one for each covariate."""
    bits = []
    births = {covariate.section.born for covariate in reading.plan.covariates}
    tomorrow = _day_text(reading.today + datetime.timedelta(days=1))
    for index, column in enumerate(dates):
        number = f"try_cast(x{index} AS INTEGER) BETWEEN {FIRST_BIRTH.year} AND {reading.today.year}"
        year = f"length(x{index}) = 4 AND coalesce({number}, false)"
        none = f"x{index} IS NOT NULL AND p{index} IS NULL"
        bits.append(f"{none} AND NOT ({year})" if column in births else none)
        first = _day_text(FIRST_BIRTH if column in births else FIRST_DAY)
        bits.append(f"coalesce(d{index} NOT BETWEEN {first} AND {tomorrow}, false)")
    bits += [f"v{index} = {UNREADABLE}" for index in range(len(reading.plan.covariates))]
    return " + ".join(f"CASE WHEN {bit} THEN {1 << place} ELSE 0 END" for place, bit in enumerate(bits)) or "0"


def _texts(texts: Iterable[str]) -> str:
    return ", ".join(f"'{quoted(text)}'" for text in texts)
