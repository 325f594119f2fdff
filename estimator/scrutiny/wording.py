"""A scrutiny in words: what the terminal shows, and the sentences that its page shares with it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from estimator.population.advice import DECISION, day, decision_line
from estimator.population.estimate_wording import WITHHELD
from estimator.population.groups import estimate_of, headline_years
from estimator.scrutiny.verdict import Outcome, in_words
from estimator.words.kinds import KIND_NOTES, KIND_REASONS
from estimator.words.numbers import WIDTH, interval, listed, middle, registered, wrapped

if TYPE_CHECKING:
    from estimator.checks.subject import Subject
    from estimator.scrutiny.scrutinise import Scrutiny

_INDENT = " " * 9


def text_of(scrutiny: Scrutiny) -> str:
    """Return a scrutiny as the terminal shows it.

    Returns
    -------
    str
        At most 80 characters wide.
    """
    parts = [wrapped(f"Scrutiny of: {scrutiny.subject.study.title}"), ""]
    parts += [wrapped(line) for line in (*number_lines(scrutiny), *decision_lines(scrutiny))]
    parts += ["", *_check_lines(scrutiny), "", wrapped(in_words(scrutiny.judgement))]
    for heading, texts in _remarks(scrutiny):
        parts += ["", heading, *(wrapped(text, "  ") for text in texts)]
    return "\n".join(parts)


def number_lines(scrutiny: Scrutiny) -> list[str]:
    """Return the number that is scrutinised with what it rests on: never without.

    Returns
    -------
    list of str
        Of what kind the table is where it is not observed, the number with its interval, the assumption, the priors and
        the source.
    """
    subject = scrutiny.subject
    kind = KIND_NOTES[subject.study.table_kind]
    number = number_in_words(subject) if scrutiny.judgement.own.shown else WITHHELD
    source = f"Priors: {subject.priors.title}. Counts: {' '.join(subject.study.source.split())}"
    return [*([kind] if kind else []), number, scrutiny.assumption, source]


def number_in_words(subject: Subject) -> str:
    """Return how many people there are, with the interval, and over what time."""
    total = estimate_of(subject.total)
    years = headline_years(subject.study)
    when = f", a year on average over {listed(years)}" if len(years) > 1 else f" in {years[0]}" if years else ""
    least = total.registered.lower
    return (
        f"{total.label.en}{when}: {registered(total.registered)} registered, {middle(total.N, least)} estimated, 95 % "
        f"interval {interval(total.N, least)}."
    )


def decision_lines(scrutiny: Scrutiny) -> list[str]:
    """Return that the number is published against advice, or that such a decision has fallen."""
    found = [decision_line({DECISION: scrutiny.decision})] if scrutiny.decision else []
    return [*found, *([fallen_line(scrutiny.fallen)] if scrutiny.fallen else [])]


def fallen_line(fallen: Mapping[str, Any]) -> str:
    """Return that a decision to publish against advice no longer stands, and why.

    Parameters
    ----------
    fallen : mapping
        The decision, with ``fell_on`` and ``because``.
    """
    return (
        f"The decision of {fallen['decided_by']} of {day(fallen['date'])} to publish against advice fell on "
        f"{day(fallen['fell_on'])} and must be taken again if it is still wanted: {' '.join(fallen['because'])}"
    )


def _check_lines(scrutiny: Scrutiny) -> Iterator[str]:
    """Yield each check with its verdict and what it found."""
    yield f"{'verdict':<8} check"
    yield "-" * WIDTH
    for outcome in scrutiny.judgement.outcomes:
        yield _hanging(f"{verdict_of(outcome):<8} {outcome.title} [{outcome.check}]", "")
        yield _hanging(f"{outcome.sentence}{said_when(outcome, scrutiny.date)}", _INDENT)
    if scrutiny.judgement.not_done:
        yield wrapped(f"Not done: {listed(scrutiny.judgement.not_done)}.")


def _hanging(text: str, first: str) -> str:
    """Return text in lines that stand below the names of the checks."""
    unbroken = text.replace(" %", "\N{NO-BREAK SPACE}%")
    return textwrap.fill(unbroken, WIDTH, initial_indent=first, subsequent_indent=_INDENT, break_on_hyphens=False)


def verdict_of(outcome: Outcome) -> str:
    """Return the verdict of a check in a word or two."""
    return outcome.verdict if outcome.done else "not done"


def said_when(outcome: Outcome, today: str) -> str:
    """Return when a check was done, where that was another time."""
    return "" if outcome.date == today else f" (Done on {day(outcome.date)}.)"


def _remarks(scrutiny: Scrutiny) -> list[tuple[str, list[str]]]:
    """Return what speaks against publishing, and what is to be said with the number, under headings."""
    judgement = scrutiny.judgement
    not_evidence = [reason for reason in judgement.reasons if reason in KIND_REASONS.values()]
    labels = {name: group.label.en for name, group in scrutiny.subject.groups.items()}
    alone = [f"{labels.get(name, name)}. {why}" for name, why in judgement.not_alone.items()]
    found = [
        ("NOT FIT TO PUBLISH:", list(judgement.unsound)),
        ("NOT TO BE PUBLISHED AS EVIDENCE:", not_evidence),
        ("NOT TO BE PUBLISHED ALONE:", alone),
        ("CAUTION, from the estimate itself:", list(judgement.own.cautions)),
        ("CAUTION, from this scrutiny:", list(judgement.remarks)),
    ]
    return [(heading, texts) for heading, texts in found if texts]
