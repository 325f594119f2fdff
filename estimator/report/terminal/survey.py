"""A survey as the terminal shows it: the headline, a table for each question, and what its answers are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estimator.report.labels import within_sentence
from estimator.report.terminal.layout import columns, paragraph
from estimator.signals.record import AnswerRecord, QuestionRecord, SurveyRecord
from estimator.words import numbers
from estimator.words.words import Words


def survey_text(record: SurveyRecord, words: Words, *, full: bool = False) -> str:
    """Return what a survey says.

    Parameters
    ----------
    full : bool, default False
        With differences between groups and between options, and how it was worded.
    """
    parts = [paragraph(record.title.text(words.language)), ""]
    first = next(iter(record.questions.values()))
    if first.total is not None:
        parts += [paragraph(headline(first, words)), ""]
    for question in record.questions.values():
        parts += [*_question(question, record, words, full=full), ""]
    parts += [*_selection(record, words), *_comparisons(record, words)]
    parts += [words.text("survey.heading.rests"), *(paragraph(text, "  ") for text in rests_on(record, words))]
    if not full:
        parts += ["", paragraph(words.text("survey.more", survey=record.survey))]
    return "\n".join(parts)


def headline(question: QuestionRecord, words: Words) -> str:
    """Return what a question says of all groups together, in a sentence."""
    assert question.total is not None, "a question with options has no total"
    counts, share = question.total.counts, question.total.share
    return words.text(
        "survey.headline",
        question=question.label.text(words.language),
        share=share.median,
        interval=numbers.share_interval(share, words.language),
        least=counts.least,
        most=counts.most,
        asked=counts.asked,
    )


def counted(answer: AnswerRecord, words: Words) -> str:
    """Return how many said yes, of how many."""
    counts = answer.counts
    return words.text("survey.counts", least=counts.least, most=counts.most, asked=counts.asked)


def shared(answer: AnswerRecord, words: Words) -> str:
    """Return a share with its interval."""
    share, interval = (
        numbers.share(answer.share.median, words.language),
        numbers.share_interval(answer.share, words.language),
    )
    return f"{share} ({interval})"


def asked_text(question: QuestionRecord, words: Words) -> str:
    """Return how many people a question with options was asked of, as its percentages say."""
    assert question.asked is not None and question.options_per_person is not None, "it has options"
    least, most = question.options_per_person
    per_person = least if least == most else None
    return words.text("survey.asked", least=question.asked[0], most=question.asked[1], per_person=per_person)


def selection_texts(record: SurveyRecord, words: Words) -> list[str]:
    """Return what the answers are worth when people who would say yes answered more often."""
    selection = record.selection
    if selection is None:
        return []
    stated = words.text(
        "survey.selection",
        ratio=selection.odds_ratio,
        share=selection.share.median,
        interval=numbers.share_interval(selection.share, words.language),
        reason=selection.reason.text(words.language),
    )
    tipping = [
        words.text("survey.tipping", level=tip.share, median=tip.median, lower=tip.lower, upper=tip.upper)
        for tip in selection.tipping
    ]
    return [stated, *tipping]


def comparison_texts(record: SurveyRecord, words: Words) -> list[str]:
    """Return what others found, and why the comparison is not a fair one."""
    selected = record.selection.probability_above if record.selection else None
    return [
        words.text(
            "survey.comparison",
            label=other.label.text(words.language),
            low=other.share[0],
            high=other.share[1],
            probability=other.probability_above,
            selected=selected,
            caution=other.caution.text(words.language),
        )
        for question in record.questions.values()
        for other in question.comparisons
    ]


def rests_on(record: SurveyRecord, words: Words) -> list[str]:
    """Return what the shares rest on: caveats, model, source, draws."""
    texts = [caveat.text(words.language) for caveat in record.caveats]
    if record.pooling == "partial" and record.between is not None:
        stated = {"mean_sd": record.mean_sd, "between_sd": record.between_sd, "between": record.between.median}
        texts.append(words.text("survey.rests.partial", **stated))
    else:
        texts.append(words.text("survey.rests.none"))
    texts.append(words.text("survey.source", source=record.source.text(words.language)))
    return [*texts, words.text("survey.drawn", draws=record.draws, seed=record.seed)]


def outside_text(question: QuestionRecord, words: Words) -> str | None:
    """Return how many people of the groups would say yes, where the size of any group is known."""
    outside = question.outside
    if outside is None:
        return None
    people = outside.people
    return words.text(
        "survey.outside",
        persons=outside.persons,
        groups=[within_sentence(question.groups[group].label.text(words.language)) for group in outside.groups],
        people=numbers.estimated(people.median, people.lower, people.upper, language=words.language),
        sources=outside.sources_nl if words.language == "nl" else outside.sources,
        unknown=[within_sentence(question.groups[group].label.text(words.language)) for group in outside.unknown],
    )


def _question(question: QuestionRecord, record: SurveyRecord, words: Words, *, full: bool) -> Iterator[str]:
    yield paragraph(question.label.text(words.language))
    if question.asked is not None:
        yield paragraph(asked_text(question, words), "  ")
    answers: Mapping[str, AnswerRecord] = question.groups or question.options
    kind = "group" if question.total is not None else "option"
    head = [words.text(f"survey.column.{kind}"), words.text("survey.column.counts"), words.text("survey.column.share")]
    rows = [(_label(answer, words), counted(answer, words), shared(answer, words)) for answer in answers.values()]
    if question.total is not None:
        rows.append((words.text("survey.everybody"), counted(question.total, words), shared(question.total, words)))
    yield columns([head, *rows], indent="  ")
    first = question is next(iter(record.questions.values()))
    if first and any(answer.counts.least < answer.counts.most for answer in answers.values()):
        yield paragraph(words.text("survey.worked-out"), "  ")
    if (first or full) and (outside := outside_text(question, words)):
        yield paragraph(outside, "  ")
    if full:
        yield from _differences(question, answers, words)


def _label(answer: AnswerRecord, words: Words) -> str:
    label, said = answer.label.text(words.language), words.either(answer.counts.said or "", answer.counts.said_nl)
    return f"{label} ({said})" if said and len(label) + len(said) < 28 else label


def _differences(question: QuestionRecord, answers: Mapping[str, AnswerRecord], words: Words) -> Iterator[str]:
    """Yield the differences between groups or options, the more certain end first."""
    if not question.differences:
        return
    yield paragraph(words.text("survey.differences"), "  ")
    rows = []
    for difference in question.differences:
        turned = difference.probability < 0.5
        more, less = (difference.other, difference.one) if turned else (difference.one, difference.other)
        sign, (low, high) = (-1 if turned else 1), (difference.difference.lower, difference.difference.upper)
        limits = (-high, -low) if turned else (low, high)
        names = [answers[name].label.text(words.language) for name in (more, less)]
        rows.append(
            (
                numbers.chance(max(difference.probability, 1 - difference.probability), words.language),
                f"{numbers.points(sign * difference.difference.median, words.language)} "
                f"({numbers.points_between(limits, words.language)})",
                words.text("survey.more-often", one=names[0], other=names[1]),
            )
        )
    yield columns(rows, right=(0,), indent="    ")
    both = [difference for difference in question.differences if difference.both_most is not None]
    for difference in both[:1]:
        names = [answers[name].label.text(words.language) for name in (difference.one, difference.other)]
        limits_of = {"least": difference.both_least, "most": difference.both_most}
        yield paragraph(
            words.text("survey.pairs", one=within_sentence(names[0]), other=within_sentence(names[1]), **limits_of),
            "  ",
        )


def _selection(record: SurveyRecord, words: Words) -> list[str]:
    texts = selection_texts(record, words)
    return [words.text("survey.heading.selection"), *(paragraph(text, "  ") for text in texts), ""] if texts else []


def _comparisons(record: SurveyRecord, words: Words) -> list[str]:
    texts = comparison_texts(record, words)
    return [words.text("survey.heading.comparison"), *(paragraph(text, "  ") for text in texts), ""] if texts else []
