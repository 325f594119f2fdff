"""The picture of a survey: shares by group, and the share of all under selective response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.report.figures.axes import BETWEEN, ESTIMATED, REGISTERED, bare, draw_intervals, folded, new_figure
from estimator.signals.record import QuestionRecord, SelectionRecord, SurveyRecord
from estimator.words import numbers
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

_LETTERS = 95


def survey_figure(record: SurveyRecord, words: Words) -> Figure:
    """Draw a survey: its first question by group, and below it what selective response does to all together."""
    first = next(iter(record.questions.values()))
    selection = record.selection
    rows = len(first.groups) + 1
    heights = [0.45 * rows + 0.9, *([3.0] if selection else [])]
    figure = new_figure(8, sum(heights) + 0.6)
    panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights).ravel()
    figure.suptitle(folded(record.title.text(words.language), _LETTERS), fontsize=10)
    _groups(panels[0], first, words)
    if selection is not None:
        _curve(panels[1], selection, record.questions[selection.question], words)
    return figure


def _groups(ax: Axes, question: QuestionRecord, words: Words) -> None:
    assert question.total is not None, "a question with options has no total"
    answers = [(answer.label.text(words.language), answer) for answer in question.groups.values()]
    answers.append((words.text("survey.everybody"), question.total))
    for row, (_, answer) in enumerate(answers):
        draw_intervals(ax, row, answer.share.summary, ESTIMATED, sideways=True)
    names = []
    for label, answer in answers:
        counts = answer.counts
        number = words.text("survey.counts", least=counts.least, most=counts.most, asked=counts.asked)
        names.append(f"{folded(label, 30)}\n{number}")
    ax.set_yticks(range(len(answers)), names, fontsize=8)
    ax.set_ylim(len(answers) - 0.5, -0.5)
    ax.set_xlim(0, 1)
    _shares_on(ax.xaxis, words)
    ax.set_xlabel(words.text("survey.axis.share"), fontsize=8)
    title = words.text("survey.figure.groups", question=question.label.text(words.language))
    ax.set_title(folded(title, _LETTERS), loc="left", fontsize=9)
    bare(ax)


def _curve(ax: Axes, selection: SelectionRecord, question: QuestionRecord, words: Words) -> None:
    ratios = [point.odds_ratio for point in selection.curve]
    ax.fill_between(
        ratios,
        [point.lower for point in selection.curve],
        [point.upper for point in selection.curve],
        color=ESTIMATED,
        alpha=0.25,
        linewidth=0,
    )
    ax.plot(ratios, [point.median for point in selection.curve], color=ESTIMATED)
    for number, other in enumerate(question.comparisons):
        label = words.text("survey.figure.others") if number == 0 else None
        ax.axhspan(*other.share, color=BETWEEN, alpha=0.35, linewidth=0, label=label)
    for tip in selection.tipping:
        if tip.median <= ratios[-1]:
            ax.plot([tip.lower, tip.upper], [tip.share] * 2, color=REGISTERED, linewidth=2)
            ax.plot(tip.median, tip.share, "D", color=REGISTERED, markersize=6)
            mark = numbers.ratio(tip.median, words.language)
            ax.annotate(mark, (tip.median, tip.share), xytext=(6, 7), textcoords="offset points", fontsize=9)
    ax.set_xlim(1, ratios[-1])
    ax.set_ylim(bottom=0)
    _shares_on(ax.yaxis, words)
    ax.set_xlabel(words.text("survey.axis.ratio"), fontsize=8)
    ax.set_title(folded(words.text("survey.figure.selection"), _LETTERS), loc="left", fontsize=9)
    ax.tick_params(labelsize=8)
    if question.comparisons:
        ax.legend(frameon=False, fontsize=8, loc="upper right")
    bare(ax)


def _shares_on(axis: Axis, words: Words) -> None:
    axis.set_major_formatter(
        lambda value, _: numbers.percentage(numbers.number(100 * value, language=words.language), words.language)
    )
