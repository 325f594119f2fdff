"""Hostile denominators, published figures and decisions."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.running import Case
from tests.hostile.study_with_everything import DENOMINATORS, FILES, PUBLISHED, STUDY, TABLE

HOSTILE = (
    "",
    " ",
    "\u200b",
    "x" * 5000,
    "\x1b[31mx",
    "\u202ex",
    "=cmd|calc",
    '"a\nError: b"',
    "nan",
    "-1",
    "inf",
    "1e9",
)
NO_NUMBER = ("nan", "inf", "-inf", "-1", "x", "1.234", '"1,234"', "1 234", "1e3", "1/4/2024", "9" * 400, "0x10", "=1+1")


def _beside(kind: str, name: str, text: str, column: str, cell: str, *, refused: bool) -> Case:
    """Return a case with one cell of the first row changed."""
    lines = text.splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index(column)] = cell
    lines[1] = ",".join(cells)
    says = (f"s/{name}, line 2, column {column}",) if refused else ()
    files = {**FILES, name: "\n".join(lines) + "\n"}
    return Case(kind, f"{column} {cell[:20]!a}", files, code=1 if refused else (0, 1), says=says)


def denominators() -> Iterator[Case]:
    """Yield files of denominators."""
    for column in ("population", "year", "source", "how"):
        for cell in HOSTILE:
            refused = cell in ("", " ") or column == "how"
            yield _beside("denominators", "denominators.csv", DENOMINATORS, column, cell, refused=refused)
    for cell in ("", "0", "0.0", *NO_NUMBER):
        yield _beside("denominators", "denominators.csv", DENOMINATORS, "inhabitants", cell, refused=True)
    yield _beside("denominators", "denominators.csv", DENOMINATORS, "inhabitants", "10", refused=True)
    yield from _whole("denominators", "denominators.csv", DENOMINATORS)


def published() -> Iterator[Case]:
    """Yield files of published figures."""
    for column in (
        "id",
        "group",
        "years",
        "measure",
        "said",
        "source",
        "verified",
        "calibrated",
        "said_nl",
        "source_nl",
    ):
        for cell in HOSTILE:
            needed = column in ("id", "measure", "source") and cell in ("", " ")
            refused = needed or column in ("verified", "calibrated")
            yield _beside("published", "published.csv", PUBLISHED, column, cell, refused=refused)
    for column in ("value", "lower", "upper"):
        for cell in NO_NUMBER:
            yield _beside("published", "published.csv", PUBLISHED, column, cell, refused=True)
    yield _beside("published", "published.csv", PUBLISHED, "value", "200", refused=True)
    yield _beside("published", "published.csv", PUBLISHED, "value", "601", refused=True)
    yield _beside("published", "published.csv", PUBLISHED, "lower", "700", refused=True)
    yield _beside("published", "published.csv", PUBLISHED, "years", "2015 2015", refused=True)
    yield _beside("published", "published.csv", PUBLISHED, "years", "2015-2014", refused=True)
    yield _beside("published", "published.csv", PUBLISHED, "years", "1-9999999999", refused=True)
    yield from _whole("published", "published.csv", PUBLISHED)


def _whole(kind: str, name: str, text: str) -> Iterator[Case]:
    """Yield files that are wrong as a whole."""
    header, first, *_ = text.splitlines()
    for what, content, says in (
        ("empty", "", ("empty",)),
        ("header only", header + "\n", ("no rows",)),
        ("no header", first + "\n", ("line 1", "no header")),
        ("a row twice", text + first + "\n", ("line 2",)),
        ("a column less", "\n".join(line.rpartition(",")[0] for line in text.splitlines()), ("line 1",)),
        ("a column more", text.replace("\n", ",x\n"), ("line 1",)),
        ("a title", "Title\n" + text, ("line 1", "title", "line 2")),
        ("a short row", text + "x,y\n", ("2 cells",)),
        ("a row of one cell", text + "x\n", ("1 cell and",)),
        ("latin-1", text.replace("Statistics", "\u00e9").replace("report", "\u00e9").encode("latin-1"), ("UTF-8",)),
        ("a spreadsheet", b"PK\x03\x04" + bytes(100), ("spreadsheet",)),
        ("zeros", bytes(50), ()),
        ("another file", STUDY, ()),
    ):
        if what == "a column less" and kind == "published":
            says = ("line 2",)  # its last column may be left out
            continue
        yield Case(kind, what, {**FILES, name: content}, code=1, says=(f"s/{name}", *says))
    without = {other: content for other, content in FILES.items() if other != name}
    yield Case(kind, "not there", without, code=1, says=("s/study.toml, line", name))


def decisions() -> Iterator[Case]:
    """Yield decisions that cannot be carried out, in the study and on the command line."""
    for name, addition, says in (
        ("a list that is not there", _decision("a", "X", "keep"), "There is no list 'X'"),
        ("all lists dropped", "".join(_decision(one, one, "drop") for one in "PZ"), "drops list"),
        ("no such level", _decision("a", "P", "drop", "where = { year = 1999 }"), "1999"),
        ("no such covariate", _decision("a", "P", "drop", 'where = { town = "x" }'), "town"),
        ("a name with a blank", _decision("a b", "P", "keep"), "name"),
        ("a name with a colour", _decision("\\u001b[31m", "P", "keep"), "name"),
        ("neither", _decision("a", "P", "perhaps"), "choice"),
        ("merged with none", _decision("a", "P", "merge"), "fed_by"),
        ("merged with no list", _decision("a", "P", "merge", 'fed_by = "X"'), "There is no list 'X'"),
        ("merged with itself", _decision("a", "P", "merge", 'fed_by = "P"'), "itself"),
        ("merged somewhere", _decision("a", "P", "merge", 'fed_by = "Z"\nwhere = { year = 2014 }'), "everywhere"),
        ("merged to one list", TO_ONE, "Only one"),
        ("merged twice", _decision("a", "P", "merge", 'fed_by = "Z"') * 2, "both about"),
        ("fed by a colour", _decision("a", "P", "merge", 'fed_by = "\\u001b[31m"'), "There is no list"),
        ("fed by nothing", _decision("a", "P", "keep", 'fed_by = ""'), "fed_by"),
        ("fed by two", _decision("a", "P", "keep", 'fed_by = ["K", "Z"]'), "fed_by"),
    ):
        files = {**FILES, "study.toml": STUDY + addition}
        yield Case("decisions", name, files, code=1, says=("s/study.toml, line", says))
    question = ("estimate", "s", "--no-out", "--probability", "nonsense")
    for given, code, says in (
        (("border-police=drop",), 1, "nonsense"),
        (("referral=merge",), 1, "everywhere or nowhere"),
        (("border-police=merge",), 1, "fed_by"),
        (("border-police",), 2, "NAME=keep"),
        (("border-police=",), 2, "NAME=keep"),
        (("=drop",), 2, "NAME=keep"),
        (("border-police=maybe",), 2, "NAME=keep"),
        (("",), 2, "Nothing is given for --decide"),
        (("border-police=drop", "border-police=keep"), 2, "twice"),
        (("border-police=drop", "border-police=drop"), 2, "twice"),
        (("border-polise=drop",), 1, "Did you mean 'border-police'?"),
        (("\x1b[31m=drop",), 1, "no decision of this name"),
        (("x\nError: y=drop",), 1, "no decision of this name"),
        (("x" * 5000 + "=drop",), 1, "no decision of this name"),
    ):
        options = [part for one in given for part in ("--decide", one)]
        name = f"--decide {' '.join(given)[:40]!a}"
        yield Case("decisions", name, FILES, (*question, *options), code, (says,))


def imputed_tables() -> Iterator[Case]:
    """Yield several imputed tables of which one is wrong, is not there, or is named in a way that names nothing."""
    several = STUDY.replace('table = "table.csv"', 'tables = ["imputed-*.csv"]', 1)  # others are of border cases
    good = {**FILES, "study.toml": several, "imputed-1.csv": TABLE, "imputed-2.csv": TABLE}
    yield Case("imputed", "good ones", good, code=(0, 1, 3))
    header, first, *rest = TABLE.splitlines()
    for name, content in (
        ("empty", ""),
        ("header only", header + "\n"),
        ("another list", TABLE.replace(",Z,", ",Q,", 1)),
        ("without a covariate", "\n".join(line.partition(",")[2] for line in TABLE.splitlines()) + "\n"),
        ("another level", TABLE.replace("2014,", "1999,")),
        ("a row twice", "\n".join([header, first, first, *rest]) + "\n"),
        ("a count of text", TABLE.replace(",40", ",many")),
        ("a spreadsheet", b"PK\x03\x04" + bytes(100)),
        ("zeros", bytes(50)),
    ):
        yield Case("imputed", name, {**good, "imputed-2.csv": content}, code=1, says=("s/imputed-2.csv",))
    for name in ("*", "[", "[]", "***", "**/*", "/**/*", "../*", "/etc/*", "imputed-[1", "~/*", "$HOME/*", "\\u0000*"):
        files = {**good, "study.toml": several.replace("imputed-*.csv", name)}
        yield Case("imputed", f"pattern {name}", files, code=1, says=("s/",))
    for name, value in (
        ("none", "[]"),
        ("one", '["imputed-1.csv"]'),
        ("twice", '["imputed-1.csv", "imputed-*.csv"]'),
        ("blank", '[" "]'),
        ("numbers", "[1, 2]"),
        ("a text", '"imputed-*.csv"'),
        ("colour", '["\\u001b[31m*"]'),
        ("endless", f'["{"x" * 5000}*"]'),
    ):
        files = {**good, "study.toml": several.replace('["imputed-*.csv"]', value)}
        yield Case("imputed", name, files, code=1, says=("s/study.toml",))
    for command in (("calibrate", "--sbc", "20"), ("calibrate", "--held-out"), ("calibrate", "--grid")):
        yield Case("imputed", " ".join(command), good, (*command, "s"), code=1, says=("imputed tables",))
    yield Case("imputed", "new", good, ("new", "next", "--from", "s"), code=1, says=("imputed tables",))


def _decision(name: str, of: str, choice: str, where: str = "") -> str:
    return f'\n[[decisions]]\nname = "{name}"\nlist = "{of}"\nchoice = "{choice}"\nreason = "r"\n{where}\n'


TO_ONE = _decision("a", "P", "merge", 'fed_by = "Z"') + _decision("b", "Z", "merge", 'fed_by = "K"')
"""Two decisions after which one list is left."""
