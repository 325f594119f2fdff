"""Hostile tables: counts, headers, layouts and encodings, and the bounds of the registered people that are right."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.running import Case
from tests.hostile.study_with_everything import SMALL_STUDY, SMALL_TABLE

JSON = ("check", "s", "--json")
OTHERS = 30 + 20 + 6 + 5 + 4 + 3
"""Everybody in `SMALL_TABLE` but the people on list P alone."""

READ = {
    "40": (40, 40),
    " 40 ": (40, 40),
    "040": (40, 40),
    "40.0": (40, 40),
    "40.00": (40, 40),
    '"40,0"': (40, 40),
    '"40"': (40, 40),
    "0": (0, 0),
    "<5": (0, 4),
    "< 5": (0, 4),
    "<=5": (0, 5),
    "\u22645": (0, 5),
    ">5": (6, None),
    ">=5": (5, None),
    "\u22655": (5, None),
    ">=0": (0, None),
    ">0": (1, None),
    "<=0": (0, 0),
    "<1": (0, 0),
    "1-4": (1, 4),
    "1 - 4": (1, 4),
    "1\u20134": (1, 4),
    "1\u20144": (1, 4),
    "5-5": (5, 5),
    "0-0": (0, 0),
    "..": (0, None),
    "": (0, None),
    " ": (0, None),
    "\u00a0": (0, None),
    "10000000000": (10**10, 10**10),
    "\u0664\u0660": (40, 40),
    "\uff14\uff10": (40, 40),
    "\u00a040": (40, 40),
    "40\t": (40, 40),
}
"""What counts say, as bounds."""

REFUSED = {
    "-1": "negative",
    "\u22121": "negative",
    "4.5": "not a whole number",
    '"4,5"': "not a whole number",
    "1.234": "thousands separator",
    '"1,234"': "thousands separator",
    "1 234": "thousands separator",
    "1\u00a0234": "thousands separator",
    "1\u202f234": "thousands separator",
    "1'234": "thousands separator",
    "1.234.567": "thousands separator",
    "1/4/2024": "date",
    "1-4-2024": "date",
    "01-04-2024": "date",
    "2024-04-01": "date",
    "1.4.2024": "date",
    "1-apr": "date",
    "apr-24": "date",
    "4 jan": "date",
    "1 januari 2024": "date",
    "2024-04-01T00:00:00": "date",
    "1/4": "date",
    "<0": "impossible interval",
    "9-4": "impossible interval",
    "<-1": "negative",
    "inf": "not a count",
    "nan": "not a count",
    "NaN": "not a count",
    "NA": "not a count",
    "N/A": "not a count",
    "null": "not a count",
    "None": "not a count",
    "-": "not a count",
    "x": "not a count",
    "n<5": "not a count",
    "*": "not a count",
    "...": "not a count",
    ".": "not a count",
    "1e3": "not a count",
    "0x10": "not a count",
    "1_000": "not a count",
    "40 persons": "not a count",
    "40*": "not a count",
    "circa 40": "not a count",
    "~40": "not a count",
    "40+": "not a count",
    "+40": "not a count",
    "=40": "not a count",
    "=1+1": "not a count",
    "=cmd|'/c calc'!A0": "not a count",
    "#REF!": "not a count",
    "#DIV/0!": "not a count",
    "true": "not a count",
    "1--4": "not a count",
    "1-4-": "not a count",
    "-4-1": "negative",
    "40\u200b": "U+200B",
    "<": "not a count",
    ">": "not a count",
    "<<5": "not a count",
    "<5>": "not a count",
    "5<": "not a count",
    "==5": "not a count",
    "\u00bd": "not a count",
    "\u2460": "not a count",
    "\u00b2": "not a count",
    "4\u200b0": "invisible character U+200B",
    "\u202e40": "invisible character U+202E",
    "4\u00ad0": "invisible character U+00AD",
    "\ufeff40": "invisible character U+FEFF",
    "x\u00a0y": "invisible character U+00A0",
    "40\x07": "U+0007",
    "\x1b[31m40": "U+001B",
    "10000000001": "more persons than there are",
    "9" * 30: "more persons than there are",
    "9" * 5000: "more persons than there are",
    "<" + "9" * 5000: "more persons than there are",
    "1-" + "9" * 5000: "more persons than there are",
    "9223372036854775807": "more persons than there are",
    ">=9223372036854775807": "more persons than there are",
    "a" * 5000: "not a count",
    "$a_b_c$": "not a count",
    "{{ 7 * 7 }}": "not a count",
    "<script>alert(1)</script>": "not a count",
    "; rm -rf /": "",
}


def counts() -> Iterator[Case]:
    """Yield a table with each count in it; long and wide."""
    study = {"study.toml": SMALL_STUDY}
    for text, bounds in READ.items():
        files = {**study, "table.csv": SMALL_TABLE.replace("40", text)}
        lower, upper = bounds
        right = (OTHERS + lower, None if upper is None else OTHERS + upper)
        yield Case("counts", ascii(text), files, JSON, code=(0, 3), registered=right)
        shown = f"{right[0]:,} or more persons" if upper is None else f"{right[0]:,}"
        yield Case("counts", f"{text!a}, said", files, code=(0, 3), says=(f"Registered: {shown}",))
        wide = {**study, "table.csv": f"P,K,Z,P&K,P&Z,K&Z,P&K&Z\n{text},30,20,6,5,4,3\n"}
        yield Case("counts", f"{text!a} in a wide table", wide, JSON, code=(0, 3), registered=right)
    for text, message in REFUSED.items():
        files = {**study, "table.csv": SMALL_TABLE.replace("40", text)}
        where = "s/table.csv, line 2" + ("" if "," in text and '"' not in text else ", column count")
        name = ascii(text)[:40]
        yield Case("counts", name, files, code=1, says=(where, message))
        wide = {**study, "table.csv": f"P,K,Z,P&K,P&Z,K&Z,P&K&Z\n{text},30,20,6,5,4,3\n"}
        yield Case("counts", f"{name} in a wide table", wide, code=1, says=("s/table.csv, line 2, column P", message))
    for below, zero, bounds in (
        (5, False, (1, 4)),
        (5, True, (0, 4)),
        (2, False, (1, 1)),
        (10**10, True, (0, 10**10 - 1)),
    ):
        text = (
            f"{SMALL_STUDY}[table_format]\nsuppressed_below = {below}\nsuppressed_includes_zero = {str(zero).lower()}\n"
        )
        files = {"study.toml": text, "table.csv": SMALL_TABLE.replace("40", "..")}
        right = (OTHERS + bounds[0], OTHERS + bounds[1])
        yield Case("counts", f".. below {below}, {zero}", files, JSON, code=(0, 3), registered=right)


ROUNDED = "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,5\n1,0,1,<5\n0,1,1,10\n1,1,1,0\n"


def rounded() -> Iterator[Case]:
    """Yield tables of rounded counts, with every rule, and with counts and keys that do not go with it."""
    for rule, zeros, (lower, upper) in (
        ("nearest", "rounded", (95, 121)),
        ("nearest", "exact", (93, 119)),
        ("up", "rounded", (85, 109)),
        ("down", "rounded", (105, 133)),
        ("random", "exact", (85, 129)),
    ):
        text = f'{SMALL_STUDY}[table_format]\nround = 5\nrounding = "{rule}"\nzeros = "{zeros}"\n'
        files = {"study.toml": text, "table.csv": ROUNDED}
        yield Case("rounded", f"{rule}, {zeros}", files, JSON, code=(0, 3), registered=(lower, upper))
    for base, code in ((-5, 1), (0, 1), (1, 1), (2, 0), (5, 0), (7, 1), (10**6, 1), (10**6 + 1, 1), (2**63, 1)):
        study = f"{SMALL_STUDY}[table_format]\nround = {base}\n"
        table = ROUNDED.replace("5", "10") if base == 2 else ROUNDED
        where = "table.csv, line 2" if base in (7, 10**6) else "study.toml, line 7"
        files = {"study.toml": study, "table.csv": table}
        says = (where, "round") if code else ()
        yield Case("rounded", f"round = {base}", files, code=(0, 3) if not code else 1, says=says)
    for name, keys in (("no base", 'rounding = "up"'), ("no base for zeros", 'zeros = "exact"')):
        files = {"study.toml": f"{SMALL_STUDY}[table_format]\n{keys}\n", "table.csv": ROUNDED}
        yield Case("rounded", name, files, code=1, says=("study.toml", "not to what"))
    persons = {
        "study.toml": f"{SMALL_STUDY}[table_format]\nround = 5\n",
        "table.csv": "id,P,K,Z\n1,1,0,0\n2,1,1,0\n3,0,0,1\n",
    }
    yield Case("rounded", "one row per person", persons, code=1, says=("table.csv", "a row for each person"))


MARGINS = "P,K,Z,P&K,P&Z,K&Z,any\n90,80,70,12,9,7,215\n"


def margins() -> Iterator[Case]:
    """Yield tables of sizes, overlaps by pair and the people on any list, and with rows of totals."""
    study = 'overlaps = "inclusive"\n' + SMALL_STUDY
    for name, table, says in (
        ("complete", MARGINS, ()),
        ("too few", MARGINS.replace("215", "205"), ("table.csv, line 2, column any", "do not fit")),
        ("too many", MARGINS.replace("215", "241"), ("table.csv, line 2, column any", "do not fit")),
        ("of nobody", MARGINS.replace("215", "0"), ("table.csv, line 2, column any", "do not fit")),
        ("suppressed", MARGINS.replace("215", ".."), ("table.csv, line 2, column any", "exact")),
        ("blank", MARGINS.replace("215", ""), ("table.csv, line 2, column any", "exact")),
        ("as large as can be", MARGINS.replace("215", "9999999999"), ("table.csv, line 2, column any", "do not fit")),
        ("left out", MARGINS.replace(",any", "").replace(",215", ""), ("0 to 7 would all fit", "'any'")),
        ("twice", MARGINS.replace("any", "any,any").replace("215", "215,215"), ("column any",)),
    ):
        files = {"study.toml": study, "table.csv": table}
        yield Case("margins", name, files, code=1 if says else (0, 3), says=says)
    for blanks, code, says in (("totals", (0, 3), ()), ("unknown", (0, 3), ()), ("x", 1, ("study.toml, line 7",))):
        text = f'{SMALL_STUDY}[table_format]\nblanks = "{blanks}"\n'
        table = "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,6\n,,,96\n"
        yield Case("margins", f"blanks = {blanks}", {"study.toml": text, "table.csv": table}, code=code, says=says)
    text = f'{SMALL_STUDY}[table_format]\nblanks = "totals"\n'
    files = {"study.toml": text, "table.csv": "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,6\n,,,95\n"}
    yield Case("margins", "a total that is none", files, code=1, says=("table.csv, line 6", "have 96 people together"))


LISTED = ("yes", "no", "2", "-1", "x", "TRUE", "ja", "01", "1.5", "..", "NA", "<1", "\u200b1", "\x1b[31m1", "1" * 5000)


def cells() -> Iterator[Case]:
    """Yield tables with hostile entries in columns of lists and covariates."""
    for text in LISTED:
        files = {"study.toml": SMALL_STUDY, "table.csv": SMALL_TABLE.replace("1,0,0,40", f"{text},0,0,40")}
        yield Case("cells", f"list {text[:20]!a}", files, code=1, says=("s/table.csv, line 2, column P",))
    for text in ("1", "0", "1.0", "0.0", '"1,0"', " 1", "1 "):
        files = {"study.toml": SMALL_STUDY, "table.csv": SMALL_TABLE.replace("1,0,0,40", f"{text},1,1,40")}
        yield Case("cells", f"list {text!a} is read", files, code=(0, 1, 3))
    study = SMALL_STUDY + '[covariates.sex]\nlevels = ["f", "m"]\n'
    table = "sex,P,K,Z,count\nf,1,0,0,40\nm,0,1,0,30\nf,0,0,1,20\nm,1,1,0,6\n"
    for text in ("F", "x", "0", "f m", "f\u200b", "f\u00a0g", "\x1b[31mf", "\u202ef", "=f", "f" * 5000, "Error: f"):
        files = {"study.toml": study, "table.csv": table.replace("f,1,0,0", f"{text},1,0,0")}
        yield Case("cells", f"level {text[:20]!a}", files, code=1, says=("s/table.csv, line 2, column sex",))
    yield Case(
        "cells",
        "line end in a level",
        {"study.toml": study, "table.csv": table.replace("f,1,0,0", '"f\nError: x",1,0,0')},
        code=1,
        says=("s/table.csv, line 2, column sex",),
    )


HEADERS = {
    "a title": ("Table 1. People by list\nP,K,Z,count", ("line 1", "title", "line 2", "delete line 1")),
    "a title with separators": ("Table 1,,,\nP,K,Z,count", ("line 1", "title", "line 2")),
    "a title and a blank line": ("Table 1\n\nP,K,Z,count", ("line 1", "title", "line 3")),
    "two titles": ("Table 1\nPolice, 2024\nP,K,Z,count", ("line 1", "title", "line 3")),
    "a title of two cells": ("Table 1,people,,\nP,K,Z,count", ("line 1", "title", "line 2")),
    "a remark": ("# made by me\nP,K,Z,count", ("line 1", "title", "line 2")),
    "a title with a comma": ("Table 1, people by list\nP,K,Z,count", ("line 1", "title", "line 2")),
    "no header": ("1,0,0,5", ("line 1", "no header")),
    "a column twice": ("P,P,Z,count", ("line 1, column P", "Columns 1 and 2")),
    "a column without a name": ("P,,Z,count", ("line 1", "Column 2 has no name")),
    "another case": ("p,k,z,count", ("line 1",)),
    "the count in Dutch": ("P,K,Z,aantal", ("line 1", "count", "rename")),
    "an unknown column": ("P,K,Q,count", ("line 1", "'Z'")),
    "a column more": ("P,K,Z,Q,count", ("line 1",)),
    "count twice": ("P,K,Z,count,count", ("line 1", "same name")),
    "bars": ("P|K|Z|count", ("line 1", "only one column")),
    "blanks": ("P K Z count", ("line 1", "only one column")),
    "HTML": ("<html><body>", ("line 1",)),
    "JSON": ('{"P": 1}', ("line 1",)),
    "an escape": ("P\x1b[31m,K,Z,count", ("line 1",)),
    "an invisible character": ("P\u200b,K,Z,count", ("line 1", "U+200B")),
    "a no-break space": ("P\u00a0x,K,Z,count", ("line 1", "U+00A0")),
    "a long name": ("x" * 5000 + ",K,Z,count", ("line 1",)),
    "a line end": ('"P\nError: x",K,Z,count', ("line 1",)),
    "a thousand columns": (",".join(f"c{at}" for at in range(1000)), ("line 1",)),
    "a separator alone": ("sep=;", ("s/table.csv",)),
    "a wide history twice": ("P,K,P&K,K&P", ("line 1", "same history")),
    "a list twice in a history": ("P,K,Z,P&P", ("line 1, column P&P", "twice")),
    "a history of nothing": ("P,K,Z,P&", ("line 1, column P&",)),
    "only joiners": ("P,K,Z,&&", ("line 1, column &&",)),
}


def headers() -> Iterator[Case]:
    """Yield tables with a hostile first line."""
    for name, (header, says) in HEADERS.items():
        table = f"{header}\n{SMALL_TABLE.partition(chr(10))[2]}"
        files = {"study.toml": SMALL_STUDY, "table.csv": table}
        yield Case("headers", name, files, code=1, says=("s/table.csv", *says))
        for mark in (";", "\t"):
            if "," in header and "comma" not in name and "Police" not in header:
                other = {"study.toml": SMALL_STUDY, "table.csv": table.replace(",", mark)}
                yield Case("headers", f"{name} with {mark!r}", other, code=1, says=("s/table.csv", *says))


def whole_files() -> Iterator[Case]:
    """Yield files that are no table, and encodings."""
    body = SMALL_TABLE
    everybody = (OTHERS + 40, OTHERS + 40)
    for name, content in {
        "byte order mark": body.encode("utf-8-sig"),
        "UTF-16": body.encode("utf-16"),
        "UTF-16, tabs": body.replace(",", "\t").encode("utf-16"),
        "Windows line ends": body.replace("\n", "\r\n"),
        "old line ends": body.replace("\n", "\r"),
        "no last line end": body.rstrip("\n"),
        "blank lines": body.replace("\n", "\n\n"),
        "lines of separators": body + ",,,\n,,,\n",
        "a line of the separator": "sep=,\n" + body,
        "blanks around": body.replace(",", " , "),
        "a blank column": body.replace("\n", ",\n"),
        "all in quotes": body.replace("0", '"0"').replace('4"0"', "40").replace('3"0"', "30").replace('2"0"', "20"),
        "in another order": "\n".join([body.splitlines()[0], *reversed(body.splitlines()[1:])]) + "\n",
    }.items():
        files = {"study.toml": SMALL_STUDY, "table.csv": content}
        yield Case("files", name, files, JSON, code=0, registered=everybody)
    for name, content, says in (
        ("empty", "", ("empty",)),
        ("blank", " \n \n", ("empty",)),
        ("separators", ",,,\n,,,\n", ("empty",)),
        ("a header", "P,K,Z,count\n", ("no rows",)),
        ("latin-1", body.replace("40", "\u00e9").encode("latin-1"), ("line 2", "UTF-8")),
        ("UTF-16 without a mark", body.encode("utf-16-le"), ("line 1",)),
        ("UTF-32", body.encode("utf-32"), ("s/table.csv",)),
        ("zeros", bytes(100), ("s/table.csv",)),
        ("every byte", bytes(range(256)), ("s/table.csv",)),
        ("a spreadsheet", b"PK\x03\x04" + bytes(100), ("spreadsheet",)),
        ("an old spreadsheet", b"\xd0\xcf\x11\xe0" + bytes(100), ("spreadsheet",)),
        ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(100), ("s/table.csv",)),
        ("PDF", b"%PDF-1.7\n%\xe2\xe3\n" + bytes(50), ("s/table.csv",)),
        ("gzip", b"\x1f\x8b\x08" + bytes(50), ("s/table.csv",)),
        ("open quotation mark", body.replace("40", '"40'), ("line 2", "quotation mark")),
        ("text behind a quotation mark", body.replace("40", '"40"x'), ("line 2", "quotation mark")),
        ("a short row", body.replace("1,0,0,40", "1,0,0"), ("line 2", "3 cells and the header 4")),
        ("a row of one cell", body.replace("1,0,0,40", "1"), ("line 2", "1 cell and the header 4")),
        ("a long row", body.replace("1,0,0,40", "1,0,0,40,1"), ("line 2", "5 cells and the header 4")),
        ("a row twice", body + "1,0,0,7\n", ("line 9", "line 2")),
        ("people on no list", body + "0,0,0,7\n", ("line 9", "no list")),
        ("a long cell", body.replace("40", '"' + "4" * 200_000 + '"'), ("line 2",)),
        ("thousand faults", "P,K,Z,count\n" + "x,y,z,w\n" * 1000, ("line 2, column P", "999 more lines")),
        ("thousand other faults", "P,K,Z,count\n" + "".join(f"x{at},0,0,1\n" for at in range(1000)), ("more faults",)),
        ("the study again", SMALL_STUDY, ("line 1",)),
        ("all zeros", "P,K,Z,count\n1,0,0,0\n0,1,0,0\n1,1,0,0\n", ("zero",)),
        ("column shifted", body.replace("1,0,0,40", "40,1,0,0"), ("line 2, column P",)),
        ("dates shifted in", body.replace("1,0,0,40", "1,0,0,1/4/2024"), ("line 2, column count", "date")),
    ):
        yield Case(
            "files", name, {"study.toml": SMALL_STUDY, "table.csv": content}, code=1, says=("s/table.csv", *says)
        )
    for name, table in (
        ("persons", "P,K,Z\n" + "1,0,0\n" * 5 + "1,1,0\n" * 3 + "0,1,1\n0,0,1\n" + "1,2,0\n"),
        ("persons on no list", "P,K,Z\n1,0,0\n1,1,0\n0,0,0\n0,0,0\n"),
        ("codes", "history,count\n100,5\n110,3\n11,2\n"),
        ("codes that are too long", "history,count\n1000,5\n110,3\n"),
        ("codes that are none", "history,count\nabc,5\n110,3\n"),
        ("codes on no list", "history,count\n000,5\n110,3\n"),
    ):
        yield Case("files", name, {"study.toml": SMALL_STUDY, "table.csv": table}, says=())
    inclusive = 'overlaps = "inclusive"\n' + SMALL_STUDY
    for name, table, code, right in (
        ("fit", "P,K,Z,P&K\n40,30,20,6\n", (0, 3), (84, 84)),
        ("do not fit", "P,K,Z,P&K\n4,30,20,6\n", 1, None),
        ("bounds", "P,K,Z,P&K\n40,30,20,<6\n", 1, None),
        ("blank", "P,K,Z,P&K\n40,30,20,\n", 1, None),
    ):
        files = {"study.toml": inclusive, "table.csv": table}
        yield Case("files", f"inclusive overlaps that {name}", files, JSON, code, registered=right)


def many_levels() -> Iterator[Case]:
    """Yield tables with thousands of levels, which must not take thousands of times as long."""
    levels = [f"town {at}" for at in range(40_000)]
    study = f"{SMALL_STUDY}[covariates.town]\nlevels = {levels!r}\n".replace("'", '"')
    rows = "".join(f"{level},1,0,0,3\n{level},1,1,0,2\n" for level in levels[:5])
    files = {"study.toml": study, "table.csv": "town,P,K,Z,count\n" + rows}
    yield Case("many", "40,000 levels", files, JSON, code=(0, 1, 3))
    wrong = files | {"table.csv": files["table.csv"].replace("town 3", "towm 3")}
    yield Case("many", "40,000 levels and one misspelt", wrong, code=1, says=("column town", "towm 3"))


REPEATS = """\
title = "t"
source = "s"
[lists.seen]
[lists.again]
[covariates.times_seen]
levels = [0, 1, 2, 3]
[model]
method = "repeat-counts"
"""


def repeat_counts() -> Iterator[Case]:
    """Yield tables of how often one register saw people, with a number of times that is none."""
    for times in ("", "0", "00", "-1", "1.5", "4", "x", "inf", "1e1", "\u200b", "\x1b[31m1", "9" * 5000, "=1+1", "1 "):
        files = {"study.toml": REPEATS, "table.csv": f"times_seen,count\n{times},40\n1,30\n2,9\n3,2\n"}
        sound = times.strip() == "1"
        says = () if sound else ("s/table.csv, line 2",)
        yield Case("counts", f"seen {times[:20]!a} times", files, code=(0, 1) if sound else 1, says=says)
    for levels in ("[1, 2, 3]", "[0, 1]", "[0, 2, 1, 3]", "[3, 2, 1, 0]", '["0", "1", "two"]'):
        files = {"study.toml": REPEATS.replace("[0, 1, 2, 3]", levels), "table.csv": "times_seen,count\n1,30\n2,9\n"}
        yield Case("study", f"times seen {levels}", files, code=1, says=("s/study.toml, line 5", "counts from 0"))
