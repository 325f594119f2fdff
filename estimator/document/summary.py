"""One page for a minister: the number, how small its visible part is, who is least seen, what changed, how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from estimator.comparison.differences import GroupComparison
from estimator.document.content import Block, Bullets, Counted, Figure, KeyNumber, Paragraph, Section
from estimator.document.figures import assumption_sets, coverage_figure, visible_figure
from estimator.document.source import Source
from estimator.reasons import Reason
from estimator.report.labels import labelled
from estimator.report.terminal.estimate_tables import certain, label_of
from estimator.study.dependence_facts import STRATA_ALIKE
from estimator.study.questions import TOTAL
from estimator.words import numbers
from estimator.words.numbers import Spread

_MOST_GROUPS = 5


def summary_section(source: Source) -> Section:
    """Return the page."""
    words = source.words
    warnings = tuple(Paragraph(said, "warning") for said in _plainly(source, source.record.reasons))
    title = words.text("report.heading.summary")
    if not source.record.diagnostics.converged:
        return Section("summary", title, (*warnings, Paragraph(words.text("estimate.no-estimate"), "lead")))
    blocks: list[Block] = [
        *warnings,
        Paragraph(_lead(source), "lead", (_everybody(source),), _lead(source, shares=False)),
        *_key_numbers(source),
        visible_figure(source),
    ]
    sections = [_least_seen(source), _change(source), _rests_on(source), _how_sure(source)]
    return Section("summary", title, tuple(blocks), tuple(section for section in sections if section is not None))


def _lead(source: Source, *, shares: bool = True) -> str:
    """Return how many there are, and how few of them are registered; also as a share, if it may be told."""
    total, make = source.total, source.make
    return source.words.text(
        "report.lead",
        bound=source.record.bound,
        label=label_of(total, source.words),
        period=source.period,
        middle=make.people(total.N, certain(total)).text,
        interval=make.interval(total.N, certain(total)).text,
        registered=make.registered_of(total, None).text,
        seen=make.coverage(total.coverage).text if shares else "",
        few=total.coverage.median < 0.5 and total.registered_bounds is None,  # nobody says "only 57 or more"
        one_in=numbers.one_in(total.one_in.median, source.words.language) if total.one_in and shares else "",
    )


def _everybody(source: Source) -> Counted:
    return source.strata.group(TOTAL, source.record.period.years or ())


def _key_numbers(source: Source) -> list[KeyNumber]:
    """Return the three numbers: estimated, registered, on no list."""
    total, make, text = source.total, source.make, source.words.text
    counted, least = _everybody(source), certain(total)
    estimated = text("report.key.at-least" if source.record.bound else "report.key.estimated")
    return [
        KeyNumber(estimated, make.people(total.N, least, counted), make.interval(total.N, least), source.period),
        KeyNumber(
            text("report.key.registered"), make.registered_of(total, counted), None, text("report.key.on-a-list")
        ),
        KeyNumber(text("report.key.unseen", bound=source.record.bound), *make.unseen(total.dark_figure, counted)),
    ]


def _least_seen(source: Source) -> Section | None:
    """Return who is least seen; None where nobody is told apart."""
    figure = coverage_figure(source)
    rows = [row for row in figure.data.rows if not row.strong]
    if not rows:
        return None
    words, first = source.words, rows[0]
    kept = rows[:_MOST_GROUPS] + [row for row in figure.data.rows if row.strong]
    caption = words.text("report.caption.least-seen", shown=min(len(rows), _MOST_GROUPS), of=len(rows))
    data = replace(figure.data, id="least-seen-data", caption=caption, rows=tuple(kept))
    said = words.text("report.least-seen", label=first.label, share=first.cells[0].text, interval=first.cells[1].text)
    counted = tuple(cell.counted for cell in first.cells if cell.counted is not None)
    instead = words.text("report.least-seen-only", label=first.label)
    of_strata = source.record.assumption.values.get("of_strata")
    alike = isinstance(of_strata, Reason) and of_strata.code == STRATA_ALIKE
    blocks = (
        Paragraph(said, counted=counted, instead=instead),
        *((Paragraph(words.text("report.least-seen-if-alike")),) if alike else ()),
        Figure("least-seen", "coverage", caption, data),
    )
    return Section("who-is-least-seen", words.text("report.heading.least-seen"), blocks)


def _change(source: Source) -> Section | None:
    """Return what changed since the year before, with its probability."""
    comparison = source.comparison
    if comparison is None:
        return None
    words, first, second = source.words, comparison.before.years[0], comparison.after.years[0]
    counted = tuple(source.strata.group(TOTAL, (year,)) for year in (first, second))
    told = change_in_words(source, comparison.total, first, second)
    said = [Paragraph(told, counted=counted, instead=told)]  # it has no share of the registered
    said += [Paragraph(words.say(caution), "note") for caution in comparison.cautions if caution.code in _OF_CHANGES]
    heading = words.text("report.heading.change", first=first, second=second)
    return Section("change", heading, tuple(said))


_OF_CHANGES = (
    "list-stopped-between",
    "list-redefined-between",
    "list-dropped-on-one-side",
    "list-away-on-one-side",
)


def change_in_words(source: Source, total: GroupComparison, first: str, second: str) -> str:
    """Return from how many to how many, by how much, and how probably it rose or fell."""
    people, language, make = total.N, source.words.language, source.make
    rise, fall = people.rise or 0.0, people.fall or 0.0
    registered = [
        _registered_in(source, year, side)
        for year, side in ((first, total.registered.before), (second, total.registered.after))
    ]
    return source.words.text(
        "report.change",
        first=first,
        second=second,
        before=make.people(people.before).text,
        before_interval=make.interval(people.before, total.registered.before.lower).text,
        after=make.people(people.after).text,
        after_interval=make.interval(people.after, total.registered.after.lower).text,
        by=numbers.change(people.ratio.median, language) if people.ratio else "",
        by_interval=numbers.change_between((people.ratio.lower, people.ratio.upper), language) if people.ratio else "",
        fewer=fall >= rise,
        chance=numbers.chance(max(rise, fall), language),
        clear=people.direction != "unclear",
        registered_before=registered[0],
        registered_after=registered[1],
    )


def _registered_in(source: Source, year: str, registered: Spread) -> str:
    """Return how many are registered in a year, or between which bounds."""
    groups = (source.record.by_year or {}).get(year)
    if groups is None:
        return source.make.registered(registered.median, None).text
    return source.make.registered_of(groups[TOTAL], None).text


def _rests_on(source: Source) -> Section:
    """Return what the number rests on, in words for somebody who reads no formulas."""
    words, record = source.words, source.record
    dependence = record.assumption.values.get("dependence")
    code, values = "", {}
    if isinstance(dependence, Reason):
        code, values = f"report.rests.{dependence.code}", dependence.values
    labels = tuple(source.list_label(name) for name in source.run.facts.lists)
    said = [words.text("report.rests-on-overlap", lists=len(labels), labels=labels)]
    said.append(words.text(code, **values) if words.has(code) else words.say(record.assumption))
    if words.has(code):
        said.append(words.text("report.rests-on-likeness", exact=record.residual.form == "none"))
        clauses = labelled([record.assumption], record, words)[0].values
        more = [clause for name in ("of_strata", "unknown") if isinstance(clause := clauses.get(name), Reason)]
        said += [words.text(f"report.rests.{clause.code}", **clause.values) for clause in more]
    said.append(words.text("report.counts-from", kind=record.table_kind, caveats=len(record.caveats)))
    return Section("rests-on", words.text("report.heading.rests-on"), (Bullets(tuple(said)),))


def _how_sure(source: Source) -> Section:
    """Return how sure the number is: its interval, other assumptions, what was published, what the checks found."""
    words, record = source.words, source.record
    said = [words.text("report.sure.interval", bound=record.bound)]
    counted = {}
    for name, other in assumption_sets(record)[1:]:
        people = other.groups[TOTAL]
        middle, limits = source.make.people(people.N, certain(people)), source.make.interval(people.N, certain(people))
        counted[len(said)] = (_everybody(source),)
        said.append(words.text("report.sure.beside", priors=name, middle=middle.text, interval=limits.text))
    said += [words.text("report.sure.published", said=text) for text in _published(source)]
    said += _plainly(source, record.cautions)
    if record.scrutiny is None:
        said.append(words.text("report.sure.not-scrutinised"))
    else:
        said.append(words.say(record.scrutiny.statement))
    if record.published_against_advice is not None:
        said.append(words.say(record.published_against_advice.statement))
    return Section("how-sure", words.text("report.heading.how-sure"), (Bullets(tuple(said), counted=counted),))


def _plainly(source: Source, reasons: Sequence[Reason]) -> list[str]:
    """Return reasons in sentences for somebody who reads no statistics, where there are such."""
    words, said = source.words, []
    for reason in labelled(reasons, source.record, source.words):
        code = f"report.plain.{reason.code}"
        said.append(words.text(code, **reason.values) if words.has(code) else words.say(reason))
    return said


def _published(source: Source) -> list[str]:
    """Return what was published of everybody over the headline period, as it was worded."""
    record, years = source.record, source.record.period.years or []
    return [
        source.words.either(figure.said, figure.said_nl)
        for figure in record.published
        if figure.group == TOTAL and figure.measure == "N" and years and figure.years == years
    ]
