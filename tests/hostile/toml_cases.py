"""Hostile study files and prior files: each key with values of every wrong kind, and files that are no TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from tests.hostile.running import Case
from tests.hostile.study_with_everything import FILES, NUMBERS, PRIORS, SMALL, SMALL_STUDY, SMALL_TABLE, STUDY

VALUES = {
    "empty": '""',
    "blank": '" \\u00a0 "',
    "invisible": '"\\u200b"',
    "number": "7",
    "negative": "-1",
    "long number": "99999999999999999999",
    "endless number": "9" * 5000,
    "infinite": "inf",
    "no number": "nan",
    "fraction": "0.5",
    "truth": "true",
    "date": "1979-05-27",
    "no entries": "[]",
    "same twice": '["x", "x"]',
    "list in list": "[[[]]]",
    "section": "{ x = 1 }",
    "colour": '"\\u001b[31mred\\u0007\\b"',
    "backwards": '"\\u202eabc\\u2066"',
    "forged": '"x\\nError: all is well"',
    "endless": f'"{"x" * 5000}"',
    "formula": '"=cmd|calc"',
    "mathematics": '"$a_b_c$ {{ 7 * 7 }} <b>"',
}
KINDS = {str: ("\"'",), list: ("[",), bool: ("t", "f"), int: ("0123456789-",), float: ("0123456789-",), dict: ("{",)}
ALSO = {
    "levels": (str, int),
    "headline": (str, int),
    "since": (str, int),
    "heterogeneity": (str, int),
    "degrees_of_freedom": (int, float),
    "centre": (int, float),
    "size": (int, float),
    "key": (str,),
    "called": (str,),
    "lacks": (str,),
}
SECOND = (
    ("check", "s", "--json"),
    ("check", "s", "--language", "nl"),
    ("data", "show", "s"),
    ("estimate", "s", "--no-out", "--probability", "nonsense"),
    ("new", "next", "--from", "s"),
)


def lines_with_values(text: str) -> Iterator[tuple[int, str, object]]:
    """Yield line, key and value of each key of a file whose values are on one line."""
    for number, line in enumerate(text.splitlines(), start=1):
        key, sign, literal = line.partition(" = ")
        if sign and not line.startswith("["):
            yield number, key, tomllib.loads(f"x = {literal}")["x"]


def kind_of(literal: str) -> type:
    """Return what a value of `VALUES` is read as."""
    try:
        return type(tomllib.loads(f"x = {literal}")["x"])
    except ValueError:
        return object


def with_value(text: str, number: int, key: str, literal: str) -> str:
    """Return a file in which a key has another value."""
    lines = text.splitlines()
    lines[number - 1] = f"{key} = {literal}"
    return "\n".join(lines) + "\n"


def study_values() -> Iterator[Case]:
    """Yield each key of a study file with each value."""
    for at, (number, key, value) in enumerate(lines_with_values(STUDY)):
        for more, (name, literal) in enumerate(VALUES.items()):
            files = {**FILES, "study.toml": with_value(STUDY, number, key, literal)}
            label = f"{key} of line {number}: {name}"
            wrong = kind_of(literal) not in (type(value), *ALSO.get(key, ()))
            if name == "endless number":
                yield Case("study", label, files, code=1, says=("s/study.toml", "number"))
            elif wrong or name in ("empty", "blank", "invisible"):
                says = ("s/study.toml, line",) if key != "licence" else ()
                yield Case("study", label, files, code=1 if says else (0, 1), says=says)
            else:
                yield Case("study", label, files, code=(0, 1, 3))
            if (at + more) % 9 == 0:
                argv = SECOND[(at + more) // 9 % len(SECOND)]
                yield Case("study", f"{label}, by another command", files, argv, may_write=("next",))


def prior_values() -> Iterator[Case]:
    """Yield each key of a prior file with each value, as a file and by --set."""
    for number, key, value in lines_with_values(PRIORS):
        for name, literal in VALUES.items():
            files = {"mine.toml": with_value(PRIORS, number, key, literal)}
            wrong = kind_of(literal) not in (type(value), *ALSO.get(key, ())) or name in ("empty", "blank", "invisible")
            refused = wrong and key != "description"
            label = f"{key} of line {number}: {name}"
            says = ("s/mine.toml",) if refused else ()
            yield Case(
                "priors", label, files, ("priors", "show", "s/mine.toml"), code=1 if refused else (0, 1), says=says
            )


def published_values() -> Iterator[Case]:
    """Yield each key of a file of published numbers with each value."""
    for number, key, value in lines_with_values(NUMBERS):
        for name, literal in VALUES.items():
            files = {**SMALL, "numbers.toml": with_value(NUMBERS, number, key, literal)}
            fitting = (float, int) if isinstance(value, float) else (type(value),)
            wrong = kind_of(literal) not in fitting
            refused = wrong or name in ("empty", "blank", "invisible")
            label = f"{key} of line {number}: {name}"
            says = ("numbers.toml, line",) if refused and name != "endless number" else ()
            code = 1 if refused else (0, 1, 3)
            yield Case("numbers", label, files, ("reproduce", "s/numbers.toml", "--draws", "100"), code, says)


def prior_statements() -> Iterator[Case]:
    """Yield statements of a prior that say nothing, or too much."""
    for name, statement, code in (
        ("reversed", "{ between = [2, 0.5], probability = 0.95 }", 1),
        ("same limits", "{ between = [2, 2], probability = 0.95 }", 1),
        ("below zero", "{ between = [-1, 2], probability = 0.95 }", 1),
        ("zero", "{ between = [0, 2], probability = 0.95 }", 1),
        ("certain", "{ between = [0.5, 2], probability = 1 }", 1),
        ("impossible", "{ between = [0.5, 2], probability = 0 }", 1),
        ("above one", "{ between = [0.5, 2], probability = 95 }", 1),
        ("infinite", "{ between = [0.5, inf], probability = 0.95 }", 1),
        ("tiny", "{ between = [1e-320, 1e-310], probability = 0.95 }", 1),
        ("huge", "{ between = [1e300, 1e308], probability = 0.95 }", 1),
        ("both", "{ between = [0.5, 2], probability = 0.95, log_normal = [0, 1] }", 1),
        ("neither", "{ probability = 0.95 }", 1),
        ("no probability", "{ between = [0.5, 2] }", 1),
        ("one limit", "{ between = [2], probability = 0.95 }", 1),
        ("three limits", "{ between = [1, 2, 3], probability = 0.95 }", 1),
        ("texts", '{ between = ["1", "2"], probability = 0.95 }', 1),
        ("no spread", "{ log_normal = [0, 0] }", 1),
        ("negative spread", "{ log_normal = [0, -1] }", 1),
        ("endless spread", "{ log_normal = [0, 1e308] }", 1),
        ("endless middle", "{ log_normal = [1e308, 1] }", 1),
        ("long numbers", f"{{ log_normal = [{'9' * 400}, 1] }}", 1),
        ("an unknown key", "{ log_normal = [0, 1], sigma = 2 }", 1),
        ("fine", "{ log_normal = [0, 1] }", 0),
    ):
        where = [
            ("dark_figure", "ratio_to_registered"),
            ("composition", "stratum"),
            ("dependence", "scale"),
            ("three_list", "odds_ratio"),
        ]
        for section, key in where:
            number = next(
                at
                for at, found, _ in lines_with_values(PRIORS)
                if found == key and f"[{section}]" in "\n".join(PRIORS.splitlines()[at - 4 : at])
            )
            files = {"mine.toml": with_value(PRIORS, number, key, statement)}
            says = (f"s/mine.toml, line {number}", key) if code else ()
            yield Case("priors", f"{section}.{key} {name}", files, ("priors", "show", "s/mine.toml"), code, says)
            option = f"{section}.{key}={statement}"
            said = (f"--set {section}.{key}",) if code and len(option) < 300 else ()
            argv = ("priors", "show", "--set", option)
            yield Case("options", f"--set of {section}.{key} {name}", {}, argv, code, said)


def broken_toml() -> Iterator[Case]:
    """Yield files that are no TOML, and structures that no study has."""
    nested = "a" + ".a" * 5000 + " = 1\n"
    for name, content, says in (
        ("nothing", "", ("title", "source", "lists")),
        ("only a remark", "# nothing\n", ("title", "source", "lists")),
        ("keys inside each other", nested, ("inside each other",)),
        ("sections inside each other", "[" + "a." * 5000 + "a]\n", ("inside each other",)),
        ("tables inside each other", "x = " + "{a = " * 5000 + "1" + "}" * 5000, ("inside each other",)),
        ("lists inside each other", "x = " + "[" * 5000 + "]" * 5000, ("inside each other",)),
        ("brackets never closed", "x = " + "[" * 200, ("not valid TOML",)),
        ("no value", SMALL_STUDY + "[model]\nmethod = \n", ("study.toml, line 7", "not valid TOML")),
        ("no quotes", SMALL_STUDY.replace('"t"', "town"), ("study.toml, line 1", '"double quotes"')),
        ("curly quotes", SMALL_STUDY.replace('"t"', "\u201ct\u201d"), ("study.toml, line 1", '"double quotes"')),
        ("a key twice", SMALL_STUDY.replace("[lists.P]", 'title = "u"\n[lists.P]'), ("study.toml, line 3",)),
        ("a section twice", SMALL_STUDY + "[lists.P]\n", ("study.toml, line 6",)),
        ("a colon", "title: t\n", ("study.toml, line 1", "not valid TOML")),
        ("JSON", '{"title": "t"}', ("study.toml, line 1", "not valid TOML")),
        ("YAML", "---\ntitle: t\n", ("study.toml, line 1", "not valid TOML")),
        ("latin-1", SMALL_STUDY.replace('"t"', '"caf\u00e9"').encode("latin-1"), ("study.toml, line 1", "UTF-8")),
        ("UTF-16", SMALL_STUDY.encode("utf-16"), ("study.toml", "UTF-8")),
        ("zeros", bytes(200), ("study.toml",)),
        ("every byte", bytes(range(256)), ("study.toml",)),
        ("a spreadsheet", b"PK\x03\x04" + bytes(100), ("study.toml",)),
        ("escape", SMALL_STUDY.replace('"t"', '"\x1b[2J"'), ("study.toml, line 1",)),
        ("zero in text", SMALL_STUDY.replace('"t"', '"t\0"'), ("study.toml, line 1",)),
        ("escaped surrogate", SMALL_STUDY.replace('"t"', '"\\ud800"'), ("study.toml, line 1",)),
        ("old line ends", SMALL_STUDY.replace("\n", "\r"), ("study.toml",)),
        ("single brackets", SMALL_STUDY + '[structural_zeros]\nlists = ["P", "K"]\nreason = "r"\n', _SINGLE),
        ("single brackets of decisions", SMALL_STUDY + '[decisions]\nname = "x"\n', ("[[decisions]]", "double")),
        ("single brackets of changes", SMALL_STUDY + '[changes]\nlist = "P"\n', ("[[changes]]", "double brackets")),
        ("double brackets", SMALL_STUDY + "[[model]]\n", ("study.toml, line 6", "double brackets", "[model]")),
        ("double brackets of lists", SMALL_STUDY.replace("[lists.P]", "[[lists.P]]"), ("study.toml, line 3",)),
        ("lists in a list", 'title = "t"\nsource = "s"\nlists = ["P", "K"]\n', ("study.toml, line 3", "[lists")),
        ("lists twice in a list", 'title = "t"\nsource = "s"\nlists = ["P", "P"]\n', ("study.toml, line 3",)),
        ("group without a name", SMALL_STUDY + '[groups.""]\nlabel = "x"\n', ("study.toml, line 6", "no name")),
        ("list without a name", SMALL_STUDY + '[lists.""]\n', ("study.toml, line 6", "blank")),
        ("covariate without a name", SMALL_STUDY + '[covariates.""]\nlevels = ["a"]\n', ("study.toml, line 6",)),
        ("list with a colour", SMALL_STUDY + '[lists."\\u001b[31mP"]\n', ("study.toml, line 6",)),
        ("group with line ends", SMALL_STUDY + '[groups."a\\nError: b"]\n', ("study.toml, line 6",)),
        ("endless name", SMALL_STUDY + f'[lists."{"x" * 5000}"]\n', ("study.toml", "table.csv")[:0]),
        ("list called count", SMALL_STUDY + "[lists.count]\n", ("study.toml, line 6", "count")),
        ("list with a joiner", SMALL_STUDY + '[lists."P&K"]\n', ("study.toml, line 6", "&")),
        ("hundred lists", SMALL_STUDY + "".join(f"[lists.L{at}]\n" for at in range(100)), ("study.toml", "at most")),
        ("table path endless", f'table = "{"x" * 5000}"\n' + SMALL_STUDY, ("study.toml, line 1",)),
        ("table path with zero", 'table = "x\\u0000y"\n' + SMALL_STUDY, ("study.toml, line 1",)),
        ("table is the folder", 'table = "."\n' + SMALL_STUDY, ("study.toml, line 1", "folder")),
        ("table is itself", 'table = "study.toml"\n' + SMALL_STUDY, ("study.toml",)),
        ("table path forged", 'table = "x\\nError: y"\n' + SMALL_STUDY, ("study.toml, line 1",)),
    ):
        code = (0, 1) if not says else 1
        yield Case("study", name, {"study.toml": content, "table.csv": SMALL_TABLE}, code=code, says=says)
        if (
            isinstance(content, bytes)
            or name.startswith(("nothing", "only", "no ", "YAML", "JSON"))
            or "inside" in name
        ):
            files = {"mine.toml": content}
            yield Case("priors", name, files, ("priors", "show", "s/mine.toml"), 1, ("s/mine.toml",))


_SINGLE = ("study.toml, line 6", "[[structural_zeros]]", "double brackets")


def repeats() -> Iterator[Case]:
    """Yield every list of names, or of levels, with an entry twice."""
    for old, new in (
        ('caveats = ["Nobody is real."]', 'caveats = ["Same.", "Same."]'),
        ("levels = [2014, 2015]", "levels = [2014, 2014, 2015]"),
        ("levels = [2014, 2015]", 'levels = [2014, "2014", 2015]'),
        ('levels = ["female", "male"]', 'levels = ["female", "female"]'),
        ('lists = ["P", "K", "Z"]', 'lists = ["P", "K", "P"]'),
        ('where = { sex = "male" }\nreason = "They', 'where = { sex = ["male", "male"] }\nreason = "They'),
        ('list = "Z"\nwhere = { year = 2014, sex', 'list = "Z"\nwhere = { year = [2014, 2014], sex'),
        ('history = ["P", "Z"]', 'history = ["P", "P"]'),
        ("where = { year = 2014 }\nreason", 'where = { year = [2014, "2014"] }\nreason'),
        ('beside = ["wide"]', 'beside = ["wide", "wide"]'),
        ('beside = ["wide"]', 'beside = ["wide", "mine.toml"]'),
        ('three_list = [["P", "K", "Z"]]', 'three_list = [["P", "K", "K"]]'),
        ('three_list = [["P", "K", "Z"]]', 'three_list = [["P", "K", "Z"], ["Z", "K", "P"]]'),
        ('heterogeneity = ["year", "sex"]', 'heterogeneity = ["year", "year"]'),
        ('heterogeneity = ["year", "sex"]', 'heterogeneity = [["year", "year"]]'),
        ('heterogeneity = ["year", "sex"]', 'heterogeneity = [["year", "sex"], ["sex", "year"]]'),
        ('composition = [["year", "sex"]]', 'composition = [["year", "year"]]'),
        ('composition = [["year", "sex"]]', 'composition = [["year", "sex"], ["sex", "year"]]'),
        ('where = { sex = "female" }\nper', 'where = { sex = ["female", "female"] }\nper'),
        ("headline = [2014, 2015]", "headline = [2014, 2014]"),
        ("headline = [2014, 2015]", 'headline = [2014, "2014"]'),
        ("headline = [2014, 2015]", "headline = [2015, 2015, 2015]"),
        ('label = "Border police"', 'label = "Police"'),
        ('male = "Men"', 'male = "Women"'),
        ('label = "Women"', 'label = "Total"'),
        ('label = "Border police"', 'label = "Police "'),
        ('label = "Border police"', 'label = "POLICE"'),
        ('label = "Border police"', 'label = "Police\\u200b"'),
        ('label = "Border police"', 'label_nl = "Politie"'),
        ('label = "Women"\nlabel_nl = "Vrouwen"', 'label = "Women"\nlabel_nl = "Totaal"'),
    ):
        assert STUDY.count(old) == 1, old
        text = STUDY.replace(old, new)
        files = {**FILES, "study.toml": text}
        yield Case("repeats", new, files, code=1, says=("s/study.toml, line",))
    for name, addition in (
        ("two decisions of one name", '[[decisions]]\nname = "border-police"\nlist = "P"\nchoice = "keep"\nreason="r"'),
        ("two decisions that differ", '[[decisions]]\nname = "other"\nlist = "K"\nchoice = "drop"\nreason="r"'),
        ("a change twice", '[[changes]]\nlist = "P"\nkind = "redefined"\nsince = 2015\nreason = "r"'),
        ("a group of one label", '[groups.others]\nlabel = "Women"\nwhere = { sex = "male" }'),
        ("a structural zero twice", _twice("structural_zeros")),
        ("a stop twice", _twice("not_operating")),
        ("an unobserved history twice", _twice("unobserved")),
        ("an extrapolation twice", '[[extrapolate]]\nreason="r"\n[[extrapolate]]\nreason="r"'),
    ):
        files = {**FILES, "study.toml": f"{STUDY}\n{addition}\n"}
        yield Case("repeats", name, files, code=1, says=("s/study.toml, line",))


def _twice(section: str) -> str:
    """Return the text of a section of the study."""
    start = STUDY.index(f"[[{section}]]")
    return STUDY[start : STUDY.index("\n\n", start)]


def numbers() -> Iterator[Case]:
    """Yield every number of a study file at and beyond its limits."""
    small = SMALL_STUDY
    for below, code in ((-1, 1), (0, 1), (1, 1), (2, 0), (5, 0), (10**10, 0), (10**10 + 1, 1), (2**63 - 1, 1)):
        files = {**SMALL, "study.toml": f"{small}[table_format]\nsuppressed_below = {below}\n"}
        says = ("study.toml, line 7", "suppressed_below") if code else ()
        yield Case("numbers", f"suppressed_below = {below}", files, code=code, says=says)
    for years, code in ((-1, 1), (0, 1), (1, 0), (200, 0), (201, 1), (2**31, 1), (2**63 - 1, 1), (10**400, 1)):
        files = {**SMALL, "study.toml": f"{small}[period]\nyears = {years}\n"}
        says = ("study.toml, line 7", "years") if code else ()
        yield Case("numbers", f"years = {str(years)[:20]}", files, code=code, says=says)
    for levels, code in (
        ("[2015, 2014]", 1),
        ('["2015", "2014"]', 1),
        ('["2015/16", "2014/15"]', 1),
        ('["2015 Q1", "2014 Q1"]', 1),
        ('["2015-2016", "2013-2014"]', 1),
        ('["15", "14"]', (0, 1)),
        ('["late", "early"]', 0),
    ):
        found = tomllib.loads(f"x = {levels}")["x"]
        table = "year,P,K,count\n" + "".join(f"{year},1,0,5\n{year},0,1,6\n{year},1,1,4\n" for year in found)
        text = 'title = "t"\nsource = "s"\n[lists.P]\n[lists.K]\n[covariates.year]\nordered = true\n'
        text += f'levels = {levels}\n[period]\ncovariate = "year"\n'
        says = ("study.toml, line 7", "Put the years in their order") if code == 1 else ()
        yield Case("numbers", f"levels = {levels}", {"study.toml": text, "table.csv": table}, code=code, says=says)
