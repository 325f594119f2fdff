"""Every code has its text in every language, no text names a value that does not exist, and none is left over.

What the code says of itself is read from its source: a code is given as a literal to `Reason`, to `text` or to another
of `MAKERS`, and its values as keywords. A code that is put together (``text(f"verdict.{name}")``) counts as every code
with that beginning.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from estimator.reasons import Reason
from estimator.shipped import folder
from estimator.words.catalogue import LANGUAGES, catalogue
from estimator.words.words import words_in

ROOT = Path(__file__).resolve().parents[2]
MAKERS = {"Reason", "text"}
ALWAYS = {"text", "say", "language"}
TEMPLATES = sorted(path for path in (folder("reports") / "templates").rglob("*") if path.is_file())


def sources() -> dict[str, ast.Module]:
    return {str(path): ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.glob("estimator/**/*.py"))}


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def uses() -> tuple[dict[str, list[tuple[str, set[str] | None]]], set[str], set[str]]:
    """Codes with the values they are given (None: not known), beginnings of codes, and all strings of the source."""
    known: dict[str, list[tuple[str, set[str] | None]]] = defaultdict(list)
    beginnings, strings = set(), set()
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
            if not (isinstance(node, ast.Call) and called(node) in MAKERS and node.args):
                continue
            code, names = node.args[0], {keyword.arg for keyword in node.keywords}
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                given = None if None in names else {str(name) for name in names}
                known[code.value].append((f"{Path(path).relative_to(ROOT)}:{node.lineno}", given))
    return known, {start for start in beginnings if "." in start or start.endswith("-")}, strings


KNOWN, BEGINNINGS, STRINGS = uses()
PARSER = Environment()


def codes_in(template: str) -> set[str]:
    """The codes that a template asks for with ``text("...")``."""
    tree = PARSER_OF_ALL.parse(template)
    return {
        call.args[0].value
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "text" and isinstance(call.args[0], nodes.Const)
    }


PARSER_OF_ALL = words_in("en").environment
IN_TEMPLATES = {code for path in TEMPLATES if path.suffix != ".css" for code in codes_in(path.read_text("utf-8"))}
IN_TEXTS = {code for language in LANGUAGES for text in catalogue(language).values() for code in codes_in(text)}


def test_languages_have_the_same_codes():
    first, *others = (set(catalogue(language)) for language in LANGUAGES)
    assert all(first == other for other in others), [sorted(first ^ other) for other in others]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_text(language):
    missing = sorted((set(KNOWN) | IN_TEMPLATES | IN_TEXTS) - set(catalogue(language)))
    assert not missing, [(code, KNOWN.get(code, [("a template", None)])[0][0]) for code in missing]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_only_values_that_exist(language):
    wrong = []
    for code, places in KNOWN.items():
        named = meta.find_undeclared_variables(PARSER_OF_ALL.parse(catalogue(language).get(code, ""))) - ALWAYS
        wrong += [
            (code, place, sorted(named - given)) for place, given in places if given is not None and named - given
        ]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_name_the_same_values(language):
    english = catalogue("en")
    for code, text in catalogue(language).items():
        here = meta.find_undeclared_variables(PARSER_OF_ALL.parse(text)) - ALWAYS
        there = meta.find_undeclared_variables(PARSER_OF_ALL.parse(english[code])) - ALWAYS
        assert here == there, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_over(language):
    asked = set(KNOWN) | IN_TEMPLATES | IN_TEXTS | STRINGS
    left = [code for code in catalogue(language) if code not in asked and not code.startswith(tuple(BEGINNINGS))]
    assert not left


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_in_braces_are_those_of_the_language_next_to_it(language):
    english = catalogue("en")
    for code, text in catalogue(language).items():
        if code.startswith("number."):
            assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", english[code]), code


def test_a_code_without_a_text_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        words_in("en").say(Reason("nobody-says-this"))


def test_names_in_sentences_are_not_escaped_as_in_html():
    assert words_in("en").environment.from_string("{{ name }}").render(name="K&P <b>") == "K&P <b>"
