"""Sentences: made here, of codes and values, in the language that is asked for.

`words_in(language)` is the door. Nothing in here knows estimates, runs or checks; who has a `Reason` or a code gets its
text.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from estimator.errors import Fault, InputError, did_you_mean
from estimator.reasons import Reason, Value
from estimator.shipped import folder
from estimator.words import numbers
from estimator.words.catalogue import LANGUAGES, Language, catalogue
from estimator.words.shown import on_one_line, shown


class Words:
    """Words and number formats of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._compiled: dict[str, Template] = {}

    def text(self, code: str, /, **values: Any) -> str:
        """Return what a code says.

        Parameters
        ----------
        **values : object
            What its text names. A `Reason`, or a tuple with reasons, is put into words first. Where there is a value
            ``why_nl``, it stands for ``why`` in Dutch.

        Raises
        ------
        KeyError
            When the catalogue has no such code: a fault of the program.
        """
        template = self._compiled.get(code)
        if template is None:
            template = self._compiled[code] = self.environment.from_string(catalogue(self.language)[code])
        translated = {name: values.get(f"{name}_{self.language}") or value for name, value in values.items()}
        return template.render({name: self._worded(value) for name, value in translated.items()})

    def either(self, english: str, dutch: str | None) -> str:
        """Return a text of somebody else's in this language; in English where there is none in Dutch."""
        return dutch if self.language == "nl" and dutch else english

    def has(self, code: str) -> bool:
        """Tell whether the catalogue has a text for a code, for texts that not every reason has."""
        return code in catalogue(self.language)

    def say(self, reason: Reason) -> str:
        """Return a reason in words, on one line."""
        return on_one_line(self.text(reason.code, **reason.values))

    def say_all(self, reasons: Iterable[Reason]) -> list[str]:
        """Return reasons in words, one text each."""
        return [self.say(reason) for reason in reasons]

    def page(self, template: str, **values: Any) -> str:
        """Return a template of ``reports/templates`` filled in; HTML is escaped.

        Parameters
        ----------
        template : str
            Its file: ``"scrutiny.html"``.
        **values : object
            What it names. Every template has ``text``, ``say``, ``language`` and the filters of numbers besides.
        """
        return self.environment.get_template(template).render(values)

    @cached_property
    def environment(self) -> Environment:
        """Where texts and templates are rendered: strict about names, with number formats of the language."""
        environment = Environment(
            loader=FileSystemLoader(folder("reports") / "templates"),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html", "xml", "svg"], default_for_string=False),
            finalize=lambda value: shown(value) if type(value) is str else value,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {"text": self.text, "say": self.say, "language": self.language}
        environment.filters |= {name: partial(form, language=self.language) for name, form in numbers.FORMATS.items()}
        environment.filters |= {"plural": _plural}
        return environment

    def _worded(self, value: Any) -> Any:
        """Return a value with the reasons in it as words."""
        if isinstance(value, Reason):
            return self.say(value)
        return tuple(self._worded(item) for item in value) if isinstance(value, tuple) else value


@cache
def words_in(language: str = "en") -> Words:
    """Return the words of a language.

    Raises
    ------
    InputError
        When there is no such language.
    """
    for known in LANGUAGES:
        if known == language:
            return Words(known)
    message = f"There is no language '{on_one_line(language)}'.{did_you_mean(language, LANGUAGES)}"
    raise InputError(Fault("language", message))


def _plural(number: float | Value, singular: str, more: str) -> str:
    """Return a word for one or for several: ``{{ n|plural("list", "lists") }}``."""
    return singular if number == 1 else more
