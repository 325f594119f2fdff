"""A multiverse as the terminal shows it: the rule, what the spread comes from, and what is not counted."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.multiverse.record import ChoiceRecord, MultiverseRecord
from estimator.report.labels import choice_with_labels
from estimator.report.terminal.layout import columns, paragraph
from estimator.words import numbers
from estimator.words.words import Words


def multiverse_text(record: MultiverseRecord, words: Words) -> str:
    """Return what came of a multiverse, at most 80 characters wide."""
    kind = "" if record.kind == "observed" else words.text(f"estimate.kind.{record.kind}")
    parts = [paragraph(words.text("multiverse.study", title=record.title.text(words.language), kind=kind)), ""]
    parts += [paragraph(text) for text in headline(record, words)]
    parts += ["", words.text("multiverse.heading.shares"), *_shares(record, words)]
    for choice in record.choices:
        parts += ["", words.say(choice.said), _alternatives(record, choice, words)]
    if record.failures:
        parts += ["", words.text("multiverse.heading.failures"), _failures(record, words)]
    parts += ["", words.text("multiverse.heading.rests")]
    parts += [paragraph(text, "  ") for text in rests_on(record, words)]
    return "\n".join(parts)


def headline(record: MultiverseRecord, words: Words) -> Iterator[str]:
    """Yield between what the total stands, and what it is as the study declares it."""
    tried = len(record.specifications)
    if record.total is None:
        yield words.text("multiverse.none-passes", tried=tried)
    else:
        yield words.text(
            "multiverse.rule",
            lowest=record.total.lowest,
            highest=record.total.highest,
            per_year=record.per_year,
            passed=len(record.passed),
            tried=tried,
            middle_lower=record.total.middle[0],
            middle_upper=record.total.middle[1],
            least=record.total.intervals[0],
            most=record.total.intervals[1],
        )
    declared = record.declared
    if declared.median is None or declared.lower is None or declared.upper is None:
        yield words.text("multiverse.declared-none")
        return
    people = numbers.estimated(declared.median, declared.lower, declared.upper, language=words.language)
    if declared.status == "passes":
        yield words.text("multiverse.declared", people=people, per_year=record.per_year)
    else:
        yield words.text("multiverse.declared-not-fit", people=people, per_year=record.per_year)


def rests_on(record: MultiverseRecord, words: Words) -> Iterator[str]:
    """Yield what the range rests on, and what it does not say."""
    yield words.text("multiverse.not-a-probability")
    yield words.text("multiverse.rests", draws=record.draws, seed=record.seed)
    if record.impossible:
        yield words.text("multiverse.impossible", n=record.impossible)
    yield from words.say_all(record.notes)


def failures(record: MultiverseRecord, words: Words) -> Iterator[tuple[int, str, str]]:
    """Yield, most frequent first, how many specifications do not count, by code, with the sentence of one of them."""
    for code, number in sorted(record.failures.items(), key=lambda item: (-item[1], item[0])):
        first = next(
            specification.reasons[0]
            for specification in record.specifications
            if specification.reasons and specification.reasons[0].code == code
        )
        yield number, code, words.say(first)


def _shares(record: MultiverseRecord, words: Words) -> Iterator[str]:
    if not any(choice.share for choice in record.choices):
        yield paragraph(words.text("multiverse.nothing-varies"), "  ")
        return
    keys = ("choice", "share", "chance", "alone", "alternatives")
    rows = [tuple(words.text(f"multiverse.column.{key}") for key in keys)]
    for choice in sorted(record.choices, key=lambda choice: -choice.share):
        shares = [numbers.share(share, words.language) for share in (choice.share, choice.chance, choice.alone)]
        rows.append((words.say(choice.said), *shares, str(len(choice.alternatives))))
    yield columns(rows, right=(1, 2, 3), indent="  ")
    yield paragraph(words.text("multiverse.shares-said"), "  ")


def _alternatives(record: MultiverseRecord, choice: ChoiceRecord, words: Words) -> str:
    rows = [tuple(words.text(f"multiverse.column.{key}") for key in ("alternative", "passed", "median"))]
    for alternative in choice.alternatives:
        of = words.text("multiverse.of", passed=alternative.passed, tried=alternative.specifications)
        median = "–" if alternative.median is None else numbers.roughly(alternative.median, words.language)
        rows.append((words.say(choice_with_labels(alternative.said, record, words.language)), of, median))
    return columns(rows, right=(1,), indent="  ")


def _failures(record: MultiverseRecord, words: Words) -> str:
    return "\n".join(
        part
        for number, code, sentence in failures(record, words)
        for part in (f"  {numbers.count(number, language=words.language):>5}  {code}", paragraph(sentence, " " * 9))
    )
