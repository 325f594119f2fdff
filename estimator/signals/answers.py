"""What a survey says: shares of groups and of all, differences, people outside the survey, and selective response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.special import expit, gammaln, logit

from estimator.methods.summary import Summary, summarise
from estimator.runs.group_records import LabelRecord, PersonsRecord, ShareRecord, SummaryRecord
from estimator.runs.provenance import sha256_of, versions
from estimator.runs.records import SCHEMA_VERSION, Language
from estimator.seeds import stream
from estimator.signals.counts import Range
from estimator.signals.pooling import ShareDraws, draw_shares
from estimator.signals.record import (
    AnswerRecord,
    ComparisonRecord,
    CountsRecord,
    CurvePoint,
    DifferenceRecord,
    OutsideRecord,
    QuestionRecord,
    SelectionRecord,
    SurveyRecord,
    TippingRecord,
)
from estimator.signals.schema import AnswerSection, QuestionSection
from estimator.signals.sums import Floats, Ints, Node, possible
from estimator.signals.survey import Survey

_DIGITS = 4
_CURVE = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Odds ratios of answering at which the share is shown."""


def survey_answers(
    survey: Survey, *, draws: int = 4000, seed: int = 1, language: Language | None = None
) -> SurveyRecord:
    """Return what a survey says, with its uncertainty.

    Parameters
    ----------
    draws : int
        Independent draws of everything.
    language : {"en", "nl"}, optional
        In which it will be printed; by default that of the survey.

    Returns
    -------
    SurveyRecord
        The same for the same survey, seed and version.
    """
    file = survey.file
    drawn = {
        name: draw_shares(root, file.model, draws, stream(seed, "survey", number))
        for number, (name, root) in enumerate(survey.sums.items())
    }
    questions = {}
    for number, (name, question) in enumerate(file.questions.items()):
        if question.options:
            assert question.of is not None, "checked when it was read"
            asked = drawn[question.of].counts.sum(1)
            rng = stream(seed, "survey", len(file.questions) + number)
            questions[name] = _with_options(survey, name, question, asked, rng)
        else:
            questions[name] = _by_group(survey, name, question, drawn[name])
    spread = next((asked.spread for asked in drawn.values() if asked.spread is not None), None)
    return SurveyRecord(
        schema_version=SCHEMA_VERSION,
        darkfigure=versions()["darkfigure"],
        survey=survey.name,
        title=LabelRecord(en=file.title, nl=file.title_nl),
        language=language or file.language,
        source=LabelRecord(en=file.source, nl=file.source_nl),
        caveats=_in_two_languages(file.caveats, file.caveats_nl),
        pooling=file.model.pooling,
        mean_sd=file.model.mean_sd,
        between_sd=file.model.between_sd,
        between=None if spread is None else SummaryRecord.of(summarise(spread), _DIGITS),
        draws=draws,
        seed=seed,
        inputs={name: sha256_of(path) for name, path in survey.files.items()},
        questions=questions,
        selection=_selection(survey, drawn, stream(seed, "survey-selection")),
    )


def _in_two_languages(english: Sequence[str], dutch: Sequence[str]) -> list[LabelRecord]:
    pairs = zip(english, dutch if len(dutch) == len(english) else [None] * len(english), strict=True)
    return [LabelRecord(en=label, nl=translated) for label, translated in pairs]


def _share(draws: Floats) -> ShareRecord:
    return ShareRecord.of(summarise(draws), _DIGITS)


def _counts(answer: AnswerSection | None, asked: int, least: int, most: int) -> CountsRecord:
    said = (answer.said, answer.said_nl) if answer is not None else (None, None)
    return CountsRecord(asked=asked, least=least, most=most, said=said[0], said_nl=said[1])


def _by_group(survey: Survey, name: str, question: QuestionSection, drawn: ShareDraws) -> QuestionRecord:
    """Return what a question with yes and no says, by group and of all together."""
    groups, root = survey.groups_of(name), survey.sums[name]
    answers = {
        group: AnswerRecord(
            label=LabelRecord(en=survey.file.groups[group].label, nl=survey.file.groups[group].label_nl),
            counts=_counts(question.answers.get(group), survey.file.groups[group].respondents, *_ends(shares_possible)),
            share=_share(drawn.shares[:, number]),
        )
        for number, (group, shares_possible) in enumerate(zip(groups, possible(root), strict=False))
    }
    everybody = next(
        (margin for margin in question.margins if len(margin.groups) in (0, len(survey.file.groups))), None
    )
    total = AnswerRecord(
        label=LabelRecord(en="", nl=None),
        counts=_counts(everybody, root.people, *_ends(_totals(root))),
        share=_share(_together(survey, drawn.shares)),
    )
    differences = [
        _difference(first, second, drawn.shares[:, groups.index(first)] - drawn.shares[:, groups.index(second)])
        for first, second in combinations(groups, 2)
    ]
    return QuestionRecord(
        label=LabelRecord(en=question.label, nl=question.label_nl),
        total=total,
        groups=answers,
        of=None,
        asked=None,
        options={},
        options_per_person=None,
        differences=differences,
        outside=_outside(survey, groups, drawn.shares),
        comparisons=_comparisons(survey, name, _together(survey, drawn.shares)),
    )


def _ends(allowed: np.ndarray) -> tuple[int, int]:
    inside = np.flatnonzero(allowed)
    return int(inside[0]), int(inside[-1])


def _totals(root: Node) -> np.ndarray:
    """Return which numbers all together may have, given what is said of the groups."""
    reach = np.ones(1, bool)
    for allowed in possible(root):
        reach = np.convolve(reach.astype(float), allowed.astype(float)) > 0.5
    return reach & (root.weight > 0)


def _together(survey: Survey, shares: Floats) -> Floats:
    """Return the share of all groups, each as large as its respondents are many, shape (draw,)."""
    sizes = np.array([group.respondents for group in survey.file.groups.values()], float)
    if shares.shape[1] == 1:
        return shares[:, 0]
    together: Floats = shares @ sizes / sizes.sum()
    return together


def _difference(first: str, second: str, difference: Floats, both: Range | None = None) -> DifferenceRecord:
    return DifferenceRecord(
        one=first,
        other=second,
        difference=SummaryRecord.of(summarise(difference), _DIGITS),
        probability=round(float((difference > 0).mean()), _DIGITS),
        both_least=both[0] if both else None,
        both_most=both[1] if both else None,
    )


def _outside(survey: Survey, groups: Sequence[str], shares: Floats) -> OutsideRecord | None:
    """Return the number of people of the groups whose size is known who would say yes."""
    known = survey.people.known if survey.people else {}
    used = [group for group in groups if group in known]
    if survey.people is None or not used:
        return None
    sizes = np.array([known[group] for group in used])
    people = shares[:, [groups.index(group) for group in used]] @ sizes
    sources = [size for size in survey.people.sizes if size.group in used]
    return OutsideRecord(
        groups=used,
        unknown=[group for group in groups if group not in used],
        persons=float(sizes.sum()),
        sources=[f"{size.source}, {size.year}" for size in sources],
        sources_nl=[f"{size.source_nl or size.source}, {size.year}" for size in sources],
        share=_share(people / sizes.sum()),
        people=PersonsRecord.of(summarise(people), 1),
    )


def _comparisons(survey: Survey, name: str, together: Floats) -> list[ComparisonRecord]:
    return [
        ComparisonRecord(
            label=LabelRecord(en=other.label, nl=other.label_nl),
            share=other.share,
            caution=LabelRecord(en=other.caution, nl=other.caution_nl),
            probability_above=round(float((together > other.share[1]).mean()), _DIGITS),
        )
        for other in survey.file.comparisons
        if other.question == name
    ]


def _with_options(
    survey: Survey, name: str, question: QuestionSection, asked: Ints, rng: np.random.Generator
) -> QuestionRecord:
    """Return what a question with several answers says: the shares of options, and pairs of them.

    How many chose both of two options was not published. The four kinds of answers to a pair have a
    Dirichlet(1/2, 1/2, 1/2, 1/2) prior, under which each option has the uniform prior that it has alone; the number who
    chose both is drawn from those that the two margins allow.
    """
    ranges = survey.options[name]
    chosen = {key: _drawn_within(ranges[key], asked, rng) for key in question.options}
    shares = {key: rng.beta(counts + 1, asked - counts + 1) for key, counts in chosen.items()}
    sizes = np.unique(asked)
    spans = {key: [ranges[key][size] for size in sizes] for key in chosen}
    answers = {
        key: AnswerRecord(
            label=LabelRecord(en=option.label, nl=option.label_nl),
            counts=_counts(
                option, int(sizes[-1]), min(span[0] for span in spans[key]), max(span[1] for span in spans[key])
            ),
            share=_share(shares[key]),
        )
        for key, option in question.options.items()
    }
    per_person = [sum(counts) / asked for counts in zip(*chosen.values(), strict=True)]
    return QuestionRecord(
        label=LabelRecord(en=question.label, nl=question.label_nl),
        total=None,
        groups={},
        of=question.of,
        asked=(int(sizes[0]), int(sizes[-1])),
        options=answers,
        options_per_person=(round(float(np.min(per_person)), _DIGITS), round(float(np.max(per_person)), _DIGITS)),
        differences=[_pair(first, second, chosen, asked, rng) for first, second in combinations(chosen, 2)],
        outside=None,
        comparisons=[],
    )


def _drawn_within(ranges: Sequence[Range], asked: Ints, rng: np.random.Generator) -> Ints:
    """Draw one number for each number of people asked; all that fit the published figure are equally likely."""
    least, most = np.array(ranges)[asked].T
    drawn: Ints = rng.integers(least, most, endpoint=True)
    return drawn


def _pair(
    option: str, other: str, chosen: Mapping[str, Ints], asked: Ints, rng: np.random.Generator
) -> DifferenceRecord:
    """Return by how much an option is chosen more than another, over all numbers who can have chosen both."""
    first, second = chosen[option], chosen[other]
    least, most = np.maximum(0, first + second - asked), np.minimum(first, second)
    both = least + np.arange(int((most - least).max()) + 1)[:, None]
    cells = np.stack([both, first - both, second - both, asked - first - second + both])
    with np.errstate(invalid="ignore"):
        log_weight = np.where(both <= most, (gammaln(cells + 0.5) - gammaln(cells + 1)).sum(0), -np.inf)
    heights = np.exp(log_weight - log_weight.max(0)).cumsum(0)
    at = (heights < rng.random(len(asked)) * heights[-1]).sum(0)
    drawn = np.take_along_axis(cells, at[None, None, :], 1)[:, 0]
    shares = rng.standard_gamma(drawn + 0.5)
    return _difference(option, other, (shares[1] - shares[2]) / shares.sum(0), (int(least.min()), int(most.max())))


def _selection(survey: Survey, drawn: Mapping[str, ShareDraws], rng: np.random.Generator) -> SelectionRecord | None:
    """Return the shares when people who would say yes answered more often by a stated odds ratio.

    With few answers among many who could have answered, the odds of yes among those who answered are those among all,
    times the odds ratio of answering; where many answered, selection takes away less than is taken away here.
    """
    stated = survey.file.selection
    if stated is None:
        return None
    shares, groups = drawn[stated.question].shares, survey.groups_of(stated.question)
    statement = stated.odds_ratio
    ratio = np.exp(statement.mu + statement.sigma * rng.standard_normal(len(shares)))
    adjusted = _without_selection(shares, ratio)
    others = [other for other in survey.file.comparisons if other.question == stated.question]
    levels = sorted({level for other in others for level in other.share}, reverse=True)
    together = _together(survey, adjusted)
    median, lower, upper = (round(statement.quantile(level), 3) for level in (0.5, 0.025, 0.975))
    return SelectionRecord(
        question=stated.question,
        odds_ratio=(median, lower, upper),
        reason=LabelRecord(en=stated.reason, nl=stated.reason_nl),
        share=_share(together),
        groups={group: _share(adjusted[:, number]) for number, group in enumerate(groups)},
        probability_above=round(float((together > levels[0]).mean()), _DIGITS) if levels else None,
        tipping=[_tipping(survey, shares, level) for level in levels],
        curve=[_point(survey, shares, ratio) for ratio in _CURVE],
    )


def _without_selection(shares: Floats, ratio: Floats | float) -> Floats:
    odds = np.log(np.broadcast_to(ratio, len(shares)))[:, None]
    without: Floats = expit(logit(np.clip(shares, 1e-12, 1 - 1e-12)) - odds)
    return without


def _point(survey: Survey, shares: Floats, ratio: float) -> CurvePoint:
    limits = summarise(_together(survey, _without_selection(shares, ratio))).limits(_DIGITS)
    return CurvePoint(odds_ratio=ratio, **limits)


def _tipping(survey: Survey, shares: Floats, level: float) -> TippingRecord:
    """Return the odds ratio under which all groups together have a share, found by halving, draw by draw."""
    lower, upper = np.full(len(shares), -30.0), np.full(len(shares), 30.0)
    for _ in range(60):
        middle = (lower + upper) / 2
        above = _together(survey, _without_selection(shares, np.exp(middle))) > level
        lower, upper = np.where(above, middle, lower), np.where(above, upper, middle)
    summary: Summary = summarise(np.exp(lower))
    return TippingRecord(share=level, **summary.limits(3))
