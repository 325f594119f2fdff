"""People of a made-up town, as three registers wrote them down: with typing errors, and without a common key."""

from __future__ import annotations

import csv
import datetime
import random

COVERAGE = {"P": 0.45, "S": 0.4, "H": 0.35}
SYLLABLES = ["ba", "de", "kor", "li", "man", "no", "pe", "ra", "sen", "ti", "ver", "wil", "zu", "ho", "gra"]
STUDY = """title = "People of a made-up town"
source = "tests/registers/people.py"
table_kind = "synthetic"
{tables}
[lists.P]
[lists.S]
[lists.H]
[registers]
key = {key}
key_ignores = ["case", "punctuation", "spaces"]
"""
LINKAGE = """
[registers.linkage]
keys = "own"
tables = {tables}
blocks = [["born"], ["surname"], ["first"]]
[registers.linkage.identifiers.surname]
kind = "name"
[registers.linkage.identifiers.first]
kind = "name"
[registers.linkage.identifiers.born]
kind = "date"
"""


def made_name(rng, syllables=3):
    return "".join(rng.choice(SYLLABLES) for _ in range(syllables)).capitalize()


def mistyped(text, rng):
    """One letter is another, left out, or changes places with the next."""
    at = rng.randrange(len(text) - 1)
    how = rng.randrange(3)
    if how == 0:
        return text[:at] + rng.choice("aeiklmnorst") + text[at + 1 :]
    return text[:at] + text[at + 1 :] if how == 1 else text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def mistyped_day(day, rng):
    """Another day of the month, or day and month in each other's place where that is a date."""
    if day.day <= 12 and rng.random() < 0.5:
        return datetime.date(day.year, day.day, day.month)
    return day.replace(day=rng.randrange(1, 29))


def write_registers(folder, people, seed, errors=0.12):
    """Write a file for each register; errors in a name or a date of so many of its rows."""
    rng = random.Random(seed)
    surnames = [made_name(rng) for _ in range(400)]
    firsts = [made_name(rng, 2) for _ in range(120)]
    rows = {name: [] for name in COVERAGE}
    for _ in range(people):
        surname, first = rng.choice(surnames), rng.choice(firsts)
        born = datetime.date(1960, 1, 1) + datetime.timedelta(days=rng.randrange(16_000))
        for register, share in COVERAGE.items():
            if rng.random() < share:
                written = [surname, first, born]
                if rng.random() < errors:
                    written[0] = mistyped(surname, rng)
                if rng.random() < errors:
                    written[1] = mistyped(first, rng)
                if rng.random() < errors:
                    written[2] = mistyped_day(born, rng)
                rows[register].append((written[0].upper() if register == "S" else written[0], *written[1:]))
    for register, found in rows.items():
        rng.shuffle(found)
        with (folder / f"{register}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(["number", "surname", "first", "born"])
            writer.writerows((number, a, b, f"{c:%d-%m-%Y}") for number, (a, b, c) in enumerate(found))
    return rows


def write_study(folder, *, key='"number"', more="", tables=""):
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(STUDY.format(key=key, tables=tables) + more, encoding="utf-8")
    return folder
