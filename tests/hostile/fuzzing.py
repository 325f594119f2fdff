"""Mutations of the documented examples and the shipped studies, each made of a seed with which it can be made again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from estimator.shipped import folder
from tests.hostile.running import Case
from tests.hostile.study_with_everything import FILES, SMALL

ROOT = Path(__file__).resolve().parents[2]
_SNIPPET = re.compile(r"```(?:toml|csv|text)\n(.*?)```", re.DOTALL)
TOKENS = (
    *("", " ", "\n", "\0", "\x1b[31m", "\u202e", "\u00a0", "\ufeff", "\ud7ff", ",", ";", "\t", '"', "'", "[", "]", "{"),
    *("}", "=", ".", "#", "&", "-1", "0", "1", "..", "<5", ">=0", "1-4", "9" * 30, "1e400", "nan", "inf", "true", "[]"),
    *("{}", '""', "'''", '"""', "[[x]]", "[lists.P]", "count", "none", "year", "2014", "=cmd|x", "$x_y$", "{{ x }}"),
)
COMMANDS = (
    ("check", "s"),
    ("check", "s", "--json"),
    ("check", "s", "--language", "nl"),
    ("data", "show", "s"),
    ("estimate", "s", "--no-out", "--probability", "nonsense"),
    ("new", "next", "--from", "s"),
)


@cache
def examples() -> tuple[Mapping[str, str], ...]:
    """Return studies to begin with: those of the tests, the small shipped ones, and snippets of the documentation."""
    found: list[Mapping[str, str]] = [FILES, SMALL]
    for path in sorted(folder("data").iterdir()):
        names = [name for name in ("study.toml", "table.csv", "denominators.csv", "published.csv")]
        files = {name: (path / name).read_text("utf-8") for name in names if (path / name).is_file()}
        if files and sum(map(len, files.values())) < 20_000:
            found.append(files)
    for page in sorted((ROOT / "docs").glob("*.md")):
        for snippet in _SNIPPET.findall(page.read_text("utf-8")):
            if "[" in snippet and "=" in snippet and len(snippet) < 5000:
                found += [{**SMALL, "study.toml": f"{SMALL['study.toml']}\n{snippet}"}]
            elif snippet.count(",") > 3 and len(snippet) < 5000:
                found += [{**SMALL, "table.csv": snippet}]
    return tuple(found)


@cache
def prior_examples() -> tuple[str, ...]:
    """Return the shipped prior files."""
    return tuple(path.read_text("utf-8") for path in sorted(folder("priors").glob("*.toml")))


def mutated(text: str, chance: random.Random) -> str | bytes:
    """Return a text with one to four changes of bytes, tokens or lines."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        text = chance.choice(_CHANGES)(text, chance)
    if chance.random() < 0.15:
        content = bytearray(text.encode("utf-8", "surrogatepass"))
        for _ in range(chance.randint(1, 3)):
            if content:
                content[chance.randrange(len(content))] = chance.randrange(256)
        return bytes(content)
    return text


def _place(text: str, chance: random.Random) -> tuple[int, int]:
    """Return where a token begins and ends."""
    tokens = [match.span() for match in re.finditer(r"[\w.]+|[^\w\s]", text)]
    return chance.choice(tokens) if tokens else (0, 0)


def _token_replaced(text: str, chance: random.Random) -> str:
    start, end = _place(text, chance)
    return text[:start] + chance.choice(TOKENS) + text[end:]


def _token_added(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(TOKENS) + text[at:]


def _token_of_elsewhere(text: str, chance: random.Random) -> str:
    (start, end), (first, last) = _place(text, chance), _place(text, chance)
    return text[:start] + text[first:last] + text[end:]


def _lines_changed(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[other])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines = lines[:at]
    return "\n".join(lines)


def _span_lost(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + text[at + chance.randint(1, 40) :]


def _made_long(text: str, chance: random.Random) -> str:
    start, end = _place(text, chance)
    return text[:end] + text[start:end] * chance.choice((2, 50, 2000)) + text[end:]


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    *(_token_replaced,) * 4,
    *(_token_added,) * 2,
    *(_token_of_elsewhere,) * 3,
    *(_lines_changed,) * 3,
    _span_lost,
    _made_long,
)


def case_of(seed: int) -> Case:
    """Return the mutated input of a seed."""
    chance = random.Random(seed)
    if chance.random() < 0.2:
        files: dict[str, str | bytes] = {"mine.toml": mutated(chance.choice(prior_examples()), chance)}
        return Case("fuzz", f"seed {seed}", files, ("priors", "show", "s/mine.toml"))
    files = dict(chance.choice(examples()))
    name = chance.choice(sorted(files))
    files[name] = mutated(str(files[name]), chance)
    return Case("fuzz", f"seed {seed}: {name}", files, chance.choice(COMMANDS), may_write=("next",))
