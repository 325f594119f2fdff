"""One way of writing percentages in a language: "21 %" in English, "21%" in Dutch, as the government writes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from estimator.words import numbers
from estimator.words.catalogue import catalogue

ROOT = Path(__file__).parents[2]
APART = re.compile(r"(?:\d|\}\}|[)])[ \N{NO-BREAK SPACE}]%(?!\})")


def dutch_texts(value: object, dutch: bool = False) -> Iterator[str]:
    """Yield every text under a key whose name ends in _nl."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from dutch_texts(inner, key.endswith("_nl") or (dutch and key != "en"))
    elif isinstance(value, list):
        for inner in value:
            yield from dutch_texts(inner, dutch)
    elif isinstance(value, str) and dutch:
        yield value


def test_no_dutch_template_sets_the_sign_apart():
    assert APART.search("{{ share|number }} %")
    assert not [code for code, text in catalogue("nl").items() if APART.search(text)]


@pytest.mark.parametrize("path", sorted([*ROOT.glob("data/**/*.toml"), *ROOT.glob("priors/*.toml")]), ids=str)
def test_no_shipped_dutch_text_sets_the_sign_apart(path):
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    assert not [text for text in dutch_texts(read) if re.search(r"\d\s%", text)]


def test_every_format_follows_its_language():
    spread = SimpleNamespace(median=0.21, lower=0.105, upper=0.4, sd=0.1)
    written = {
        lambda lang: numbers.share(0.21, lang): "21",
        lambda lang: numbers.share(0.999, lang): ">99",
        lambda lang: numbers.share_interval(spread, lang): None,
        lambda lang: numbers.chance(0.001, lang): "<1",
        lambda lang: numbers.change(1.18, lang): "+18",
        lambda lang: numbers.change(1.0, lang): "0",
        lambda lang: numbers.change_between((0.8, 1.2), lang): None,
    }
    for write, number in written.items():
        for lang, sign in (("en", " %"), ("nl", "%")):
            text = write(lang)
            assert re.search(rf"\d{sign}$", text), text
            assert number is None or text == number + sign


@pytest.mark.parametrize("digits", [0, 1])
def test_a_rounded_share_is_the_percentage_that_is_printed(digits):
    """At halves too, where the double lies on either side: 0.215 is printed as 22 %."""
    for thousandths in range(0, 100_001, 5):
        value = thousandths / 100_000
        assert numbers.number(100 * numbers.rounded_share(value, digits), digits) == numbers.number(100 * value, digits)
    assert numbers.rounded_share(0.215) == 0.22
