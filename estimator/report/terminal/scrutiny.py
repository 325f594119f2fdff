"""A scrutiny as the terminal shows it, and the lines that its page shares with it; made of its record alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from estimator.checks.finding import CAUTION, FAILS
from estimator.population.fitness import OF_THE_TABLE
from estimator.reasons import Reason
from estimator.report.labels import Labels, with_labels
from estimator.runs.advice import AgainstAdviceRecord, day
from estimator.runs.scrutiny_record import FindingRecord, ScrutinyRecord
from estimator.study.questions import TOTAL
from estimator.words.numbers import WIDTH, wrapped
from estimator.words.words import Words

_INDENT = " " * 9


def scrutiny_text(record: ScrutinyRecord, words: Words) -> str:
    """Return a scrutiny as the terminal shows it, at most 80 characters wide."""
    parts = [wrapped(words.text("scrutiny.title", title=record.title_in(words.language))), ""]
    parts += [wrapped(line) for line in (*number_lines(record, words), *decision_lines(record, words))]
    parts += ["", *_check_lines(record, words), "", wrapped(verdict_in_words(record, words))]
    for heading, texts in _remarks(record, words):
        parts += ["", heading, *(wrapped(text, "  ") for text in texts)]
    return "\n".join(parts)


def number_lines(record: ScrutinyRecord, words: Words) -> list[str]:
    """Return the number that is scrutinised with what it rests on: never without.

    Returns
    -------
    list of str
        Of what kind the table is where it is not observed, the number with its interval, the assumption, the priors and
        the source.
    """
    number = record.number
    lines = []
    if record.table_kind != "observed":
        lines.append(words.text(f"estimate.kind.{record.table_kind}"))
    if number is None:
        lines.append(words.text("scrutiny.number-withheld"))
    else:
        label = labels_of(record, words).group(TOTAL)
        lines.append(
            words.text(
                "scrutiny.number",
                label=label,
                years=tuple(number.years),
                registered=number.registered,
                N=number.N,
                bound=bool(record.bound),
            )
        )
    lines += [said(record.assumption, record, words)] if record.assumption else []
    priors, source = words.either(record.priors, record.priors_nl), words.either(record.source, record.source_nl)
    return [*lines, words.text("scrutiny.rests-on", priors=priors, source=source)]


def said(reason: Reason, record: ScrutinyRecord, words: Words) -> str:
    """Return a reason in words, in which names stand by their labels."""
    return words.say(with_labels(reason, labels_of(record, words)))


def labels_of(record: ScrutinyRecord, words: Words) -> Labels:
    """Return what groups, covariates and levels are called in a language, or in English where it has no name."""

    def called(names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        return {name: label.get(words.language, label["en"]) for name, label in names.items()}

    levels = {covariate: called(names) for covariate, names in record.levels.items()}
    return Labels(called(record.groups), called(record.covariates), levels)


def decision_lines(record: ScrutinyRecord, words: Words) -> list[str]:
    """Return that the number is published against advice, or that such a decision has fallen."""
    lines = []
    if record.published_against_advice is not None:
        lines.append(decision_line(record.published_against_advice, words))
    fallen = record.fallen_decision
    if fallen is not None:
        lines.append(
            words.text(
                "scrutiny.decision-fell",
                decided_by=fallen.decided_by,
                date=day(fallen.date),
                fell_on=day(fallen.fell_on or ""),
                because=tuple(fallen.because or ()),
            )
        )
    return lines


def decision_line(decision: AgainstAdviceRecord, words: Words) -> str:
    """Return that a number was published against advice, by whom and why."""
    return words.text(
        "published-against-advice",
        decided_by=decision.decided_by,
        date=day(decision.date),
        reason=decision.reason,
        against=tuple(decision.against),
    )


def title_of(check: str, words: Words) -> str:
    """Return the question that a check asks."""
    return words.text(f"check.{check}.title")


def verdict_word(finding: FindingRecord, words: Words) -> str:
    """Return the verdict of a check in a word or two."""
    return words.text("scrutiny.verdict-word", verdict=finding.verdict if finding.done else "not done")


def headline(finding: FindingRecord, record: ScrutinyRecord, words: Words) -> str:
    """Return what a check found in one sentence, with the date if it is another one than that of the scrutiny."""
    done = "" if finding.date == record.date else words.text("scrutiny.done-on", date=day(finding.date))
    return f"{said(finding.headline, record, words)} {done}".rstrip()


def verdict_in_words(record: ScrutinyRecord, words: Words) -> str:
    """Return the verdict in a sentence or two; it begins with the verdict in capitals."""
    failed = sum(finding.verdict == FAILS for finding in record.findings)
    careful = sum(finding.verdict == CAUTION and finding.done for finding in record.findings)
    if unsound(record):
        return words.text("scrutiny.not-fit", failed=failed)
    if record.reasons:
        return words.text("scrutiny.not-evidence")
    if record.verdict == CAUTION:
        return words.text("scrutiny.with-caution", careful=careful, not_done=len(record.not_done))
    return words.text("scrutiny.sound")


def unsound(record: ScrutinyRecord) -> list[Reason]:
    """Return the reasons in the estimate, not in the kind of its table."""
    return [reason for reason in record.reasons if reason.code not in OF_THE_TABLE]


def alone_lines(record: ScrutinyRecord, words: Words) -> list[str]:
    """Return which groups may not be published alone, and why."""
    labels = labels_of(record, words)
    return [f"{labels.group(name)}. {words.say(why)}" for name, why in record.groups_not_alone.items()]


def _check_lines(record: ScrutinyRecord, words: Words) -> Iterator[str]:
    """Yield each check with its verdict and what it found."""
    yield f"{words.text('scrutiny.column.verdict'):<8} {words.text('scrutiny.column.check')}"
    yield "-" * WIDTH
    refused = _refused_alike(record)
    for finding in record.findings:
        if finding.check not in refused:
            yield _hanging(f"{verdict_word(finding, words):<8} {title_of(finding.check, words)} [{finding.check}]", "")
            yield _hanging(headline(finding, record, words), _INDENT)
    if refused:
        word = words.text("scrutiny.verdict-word", verdict="not done")
        yield _hanging(f"{word:<8} {', '.join(refused)}", "")
        yield _hanging(words.text("scrutiny.not-done-alike", why=next(iter(refused.values()))), _INDENT)
    others = tuple(check for check in record.not_done if check not in refused)
    if others:
        yield wrapped(words.text("scrutiny.not-done", checks=others))


def _refused_alike(record: ScrutinyRecord) -> dict[str, Reason]:
    """Return the checks that do not serve the method of the estimate, where several say so in the same words."""
    undone = [finding for finding in record.findings if not finding.done]
    whys = {finding.check: finding.headline.values.get("why") for finding in undone}
    alike = {
        check: why
        for check, why in whys.items()
        if isinstance(why, Reason) and why.code == "check-does-not-serve-method"
    }
    return alike if len(alike) > 1 and len(set(alike.values())) == 1 else {}


def _hanging(text: str, first: str) -> str:
    """Return text in lines that stand below the names of the checks."""
    unbroken = text.replace(" %", "\N{NO-BREAK SPACE}%")
    return textwrap.fill(unbroken, WIDTH, initial_indent=first, subsequent_indent=_INDENT, break_on_hyphens=False)


def _remarks(record: ScrutinyRecord, words: Words) -> list[tuple[str, list[str]]]:
    """Return what speaks against publishing, and what is to be said with the number, under headings."""
    not_evidence = [reason for reason in record.reasons if reason.code in OF_THE_TABLE]

    def texts(reasons: list[Reason]) -> list[str]:
        return [said(reason, record, words) for reason in reasons]

    remarks = [
        (words.text("scrutiny.heading.not-fit"), texts(unsound(record))),
        (words.text("scrutiny.heading.not-evidence"), texts(not_evidence)),
        (words.text("scrutiny.heading.not-alone"), alone_lines(record, words)),
        (words.text("scrutiny.heading.own-cautions"), texts(record.own.cautions)),
        (words.text("scrutiny.heading.cautions"), texts(record.remarks)),
    ]
    return [(heading, lines) for heading, lines in remarks if lines]
