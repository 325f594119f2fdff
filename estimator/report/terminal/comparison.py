"""A comparison in words, made of its record: the table on the terminal, and what a notebook shows as well."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace

from estimator.comparison.like_with_like import UNLIKE
from estimator.report.labels import Labels, with_labels
from estimator.runs.advice import AgainstAdviceRecord
from estimator.runs.comparison_record import ComparedGroupRecord, ComparisonRecord, DifferenceRecord, SideRecord
from estimator.runs.group_records import SummaryRecord
from estimator.runs.manifest import ScrutinyFacts
from estimator.words import numbers
from estimator.words.numbers import WIDTH, wrapped
from estimator.words.words import Words

_LABEL_WIDTH = 26

Cells = tuple[str, str, str, str]
"""Registered, estimated, 95 % interval, and share registered."""


def comparison_text(comparison: ComparisonRecord, words: Words) -> str:
    """Return a comparison as the terminal shows it, at most 80 characters wide."""
    parts = [wrapped(line) for line in heads(comparison, words)]
    parts += ["", wrapped(total_line(comparison, words)), "", *_table(comparison, words)]
    if comparison.steps:
        parts += ["", *_steps(comparison, words)]
    if comparison.beside:
        parts += ["", *_beside(comparison, words)]
    if comparison.steps or comparison.beside:
        parts.append(words.text("comparison.rise"))
    if comparison.basis.code != "same-run":  # stands on top
        parts += ["", wrapped(words.say(comparison.basis))]
    for heading, texts in remarks(comparison, words):
        parts += ["", heading, *(wrapped(text, "  ") for text in texts)]
    return "\n".join([*parts, "", *(wrapped(line) for line in grounds(comparison, words))])


def name_of(side: SideRecord, comparison: ComparisonRecord, words: Words) -> str:
    """Return what a side is called: its years, with A or B in front when there are two runs."""
    years = numbers.levels_in_words(side.years or (), side.all_years, words.language)
    if comparison.within_a_run:
        return years
    pooled = side.pooled_years
    if side.per_year and not years:
        years = words.text("comparison.per-year")
    elif not years and pooled and pooled > 1:
        years = words.text("comparison.all-years", number=pooled)
    return f"{'A' if side is comparison.before else 'B'} {years}".strip()


def runs_of(comparison: ComparisonRecord) -> list[tuple[str, SideRecord]]:
    """Return the runs that are compared, each with its letter; the letter is empty when there is one."""
    if comparison.within_a_run:
        return [("", comparison.after)]
    return [("A", comparison.before), ("B", comparison.after)]


def heads(comparison: ComparisonRecord, words: Words) -> Iterator[str]:
    """Yield what is compared, and of which kind the tables are."""
    sides = comparison.before, comparison.after
    if comparison.within_a_run:
        years = [name_of(side, comparison, words) for side in sides]
        yield comparison.after.title_in(words.language)
        yield words.text("comparison.within-a-run", years=years, run=comparison.after.run)
    else:
        for letter, side in runs_of(comparison):
            where = {"run": side.run, "priors": side.priors if side.priors_title else None}
            yield words.text("comparison.run", letter=letter, title=side.title_in(words.language), **where)
        if max(len(side.years or ()) for side in sides) > 1:
            yield words.text("comparison.averages")
        if comparison.basis.code == "same-run":
            yield words.say(comparison.basis)
    yield from kind_notes(comparison, words)
    yield from _of_each_run(comparison, lambda side: side.published_against_advice, words)


def kind_notes(comparison: ComparisonRecord, words: Words) -> list[str]:
    """Return what must be said of tables that are not of observed people."""
    kinds = dict.fromkeys(side.table_kind for _, side in runs_of(comparison))
    return [words.text(f"estimate.kind.{kind}") for kind in kinds if kind != "observed"]


def total_line(comparison: ComparisonRecord, words: Words) -> str:
    """Return what became of everybody: registered, estimated, what the two together say, and the share seen."""
    first, second = (name_of(side, comparison, words) for side in (comparison.before, comparison.after))
    unlike = any(caution.code in UNLIKE for caution in comparison.cautions)
    return group_line(comparison.total, words.text("comparison.from-to", first=first, second=second), words, unlike)


def group_line(group: ComparedGroupRecord, sides: str, words: Words, unlike: bool = False) -> str:
    """Return what became of a group in full: registered, estimated, what the two together say, and the share seen.

    Parameters
    ----------
    sides : str
        What the two sides are called: ``"2014 to 2015"``.
    unlike : bool, default False
        Whether the registered numbers are not like with like, so that nothing may be concluded from both together.
    """
    verdict, people = group.verdict, group.N
    about = {"label": group.label.text(words.language), "sides": sides, "moved": _moved(group, words)}
    if people.probability_of_rise is None:
        before, after = (
            numbers.estimated(*_limits(size), least=known.lower, language=words.language)
            for size, known in ((people.before, group.registered.before), (people.after, group.registered.after))
        )
        medians = words.text(f"comparison.estimated.{verdict.estimated}")
        return words.text("comparison.total-of-two", **about, before=before, after=after, medians=medians)
    if unlike and verdict.estimated == "unclear":  # what is left to say would rest on the registered numbers alone
        conclusion = words.text("comparison.conclusion-unlike")
    else:
        conclusion = words.text(f"comparison.conclusion.{verdict.estimated}.{verdict.registered}")
    return words.text(
        "comparison.total",
        **about,
        estimated=_estimated_change(people, words),
        unclear=verdict.estimated == "unclear",
        conclusion=conclusion,
        rise=people.probability_of_rise,
        seen_before=group.coverage.before.median,
        seen_after=group.coverage.after.median,
        seen=_change_of_share(group.coverage, words),
    )


def verdict_line(group: ComparedGroupRecord, words: Words) -> str:
    """Return what became of a group, in one sentence: first the estimated number, then the registered one."""
    verdict = group.verdict
    text = words.text(
        "comparison.verdict",
        estimated=words.text(f"comparison.estimated.{verdict.estimated}"),
        registered=words.text(f"comparison.registered.{verdict.registered}"),
        rise=group.N.probability_of_rise,
    )
    return f"{text[:1].upper()}{text[1:]}."


def _moved(group: ComparedGroupRecord, words: Words) -> str:
    """Return how a registered number moved: "fell by 12 % (1,420 to 1,250)"."""
    value, how = group.registered, group.verdict.registered
    before, after = (numbers.registered(side.summary, words.language) for side in (value.before, value.after))
    ratio = value.ratio_of_medians
    if value.before.median == value.after.median:
        return words.text("comparison.moved.not", after=after)
    if how == "same":
        return words.text("comparison.moved.same", before=before, after=after)
    if ratio is None:
        return words.text("comparison.moved.from-nobody", before=before, after=after)
    by = numbers.change(ratio, words.language).lstrip("+-")
    return words.text(f"comparison.moved.{how}", by=by, before=before, after=after)


def _estimated_change(people: DifferenceRecord, words: Words) -> str:
    """Return how an estimated number moved, with its interval."""
    if people.ratio is not None:
        code, (step, limits) = "comparison.per-cent-more", _change_cells(people, words)
    else:
        code, (step, limits) = "comparison.people-more", _change_cells(people, words)
    return words.text(code, step=step, limits=limits)


def _change_of_share(coverage: DifferenceRecord, words: Words) -> str:
    """Return the change of a share with its interval; nothing where there is none."""
    difference = coverage.difference
    if difference is None:
        return ""
    step = numbers.points(difference.median, words.language)
    limits = numbers.points_between((difference.lower, difference.upper), words.language)
    return words.text("comparison.points", step=step, limits=limits)


def _change_cells(people: DifferenceRecord, words: Words) -> tuple[str, str]:
    """Return the change of a number of people and its interval; of the medians only where nothing may be subtracted."""
    language, ratio = words.language, people.ratio_of_medians
    if people.difference is None:
        return "-" if ratio is None else numbers.change(ratio, language), "-"
    if people.ratio is None:
        step = people.difference
        limits = numbers.more_or_fewer_between((step.lower, step.upper), language)
        return numbers.more_or_fewer(step.median, language), limits
    limits = numbers.change_between((people.ratio.lower, people.ratio.upper), language)
    return numbers.change(people.ratio.median, language), limits


def _table(comparison: ComparisonRecord, words: Words) -> Iterator[str]:
    """Yield both sides of every group, their difference and the verdict."""
    yield _row("", *headings(words))
    yield "-" * WIDTH
    for group in comparison.groups.values():
        yield from textwrap.wrap(group.label.text(words.language), WIDTH) or [""]
        for label, cells in rows_of(group, comparison, words):
            yield _row(f"  {label}", *cells)
        yield wrapped(verdict_line(group, words), "  ")


def headings(words: Words) -> Cells:
    """Return the heads of the four columns."""
    registered, estimated = words.text("comparison.heading.registered"), words.text("comparison.heading.estimated")
    return registered, estimated, words.text("comparison.heading.interval"), words.text("comparison.heading.seen")


def rows_of(group: ComparedGroupRecord, comparison: ComparisonRecord, words: Words) -> Iterator[tuple[str, Cells]]:
    """Yield the rows of a group, each with its label: before, after and change."""
    language = words.language
    for side, when in ((comparison.before, "before"), (comparison.after, "after")):
        known, size, seen = (getattr(value, when) for value in (group.registered, group.N, group.coverage))
        part = numbers.share(seen.median, language) if size.median >= 0.5 else "-"
        estimated = numbers.middle(size, known.lower, language), numbers.interval(size, known.lower, language)
        yield name_of(side, comparison, words), (numbers.registered(known.summary, language), *estimated, part)
    yield words.text("comparison.change"), _changes(group, words)


def _changes(group: ComparedGroupRecord, words: Words) -> Cells:
    """Return the cells of the row of changes."""
    known, coverage = group.registered.ratio_of_medians, group.coverage
    step = coverage.difference.median if coverage.difference else coverage.after.median - coverage.before.median
    registered = "-" if known is None else numbers.change(known, words.language)
    return registered, *_change_cells(group.N, words), numbers.points(step, words.language)


def _row(label: str, known: str, estimated: str, limits: str, seen: str) -> str:
    """Return one line of a table."""
    return f"{label[:_LABEL_WIDTH]:<{_LABEL_WIDTH}} {known:>13} {estimated:>9} {limits:>20} {seen:>8}".rstrip()


def _steps(comparison: ComparisonRecord, words: Words) -> Iterator[str]:
    """Yield everybody from each year of a run to the next, and which steps have something between their years."""
    yield _row(
        words.text("comparison.heading.steps"),
        *headings(words)[:3],
        words.text("comparison.heading.rise"),
    )
    yield "-" * WIDTH
    broken, labels = [], _labels(comparison, words)
    for step in comparison.steps:
        label = words.text("comparison.from-to", first=step.from_, second=step.to)
        yield _row(f"{label} *" if step.not_like_with_like else label, *_changes(step, words)[:3], _rise(step, words))
        if step.not_like_with_like:
            broken.append(
                f"{label}: {', '.join(words.say(with_labels(reason, labels)) for reason in step.not_like_with_like)}"
            )
    if broken:
        yield wrapped(words.text("comparison.steps-unlike", steps=broken))


def _beside(comparison: ComparisonRecord, words: Words) -> Iterator[str]:
    """Yield the change of everybody under other sets of priors."""
    yield _row(
        words.text("comparison.heading.by-priors"),
        *headings(words)[:3],
        words.text("comparison.heading.rise"),
    )
    yield "-" * WIDTH
    main = {comparison.after.priors: comparison.groups}
    for name, groups in (main | dict(comparison.beside)).items():
        total = next(iter(groups.values()))
        yield _row(name, *_changes(total, words)[:3], _rise(total, words))


def _rise(group: ComparedGroupRecord, words: Words) -> str:
    """Return the probability of a rise; a dash where there is none."""
    return "-" if group.N.probability_of_rise is None else numbers.chance(group.N.probability_of_rise, words.language)


def remarks(comparison: ComparisonRecord, words: Words) -> list[tuple[str, list[str]]]:
    """Return what changed, what is not compared, and what to be careful with, under headings."""
    labels = _labels(comparison, words)
    changed = words.say_all(with_labels(change.reason, labels) for change in comparison.what_changed)
    if not comparison.within_a_run and not changed:
        same = comparison.basis.code == "same-run"
        changed = [words.text("comparison.nothing-to-change") if same else words.text("comparison.nothing-changed")]
    left_out = [
        words.text("comparison.left-out", name=labels.group(name), reason=reason)
        for name, reason in comparison.left_out.items()
    ]
    scrutinised = _of_each_run(comparison, lambda side: side.scrutiny, words)
    parts = [
        (words.text("comparison.heading.changed"), changed),
        (words.text("comparison.heading.left-out"), left_out),
        (words.text("comparison.heading.scrutiny"), list(scrutinised)),
        (
            words.text("comparison.heading.caution"),
            words.say_all(with_labels(caution, labels) for caution in comparison.cautions),
        ),
    ]
    return [(heading, texts) for heading, texts in parts if texts]


def _labels(comparison: ComparisonRecord, words: Words) -> Labels:
    """Return what names are called in either run; where they differ, as in the second."""
    both = comparison.before.names, comparison.after.names

    def called(part: str) -> dict[str, str]:
        return {name: label.text(words.language) for names in both for name, label in getattr(names, part).items()}

    levels = {
        covariate: {level: label.text(words.language) for level, label in of_covariate.items()}
        for names in both
        for covariate, of_covariate in names.levels.items()
    }
    lists = {name: label if label == name else f"{label} ({name})" for name, label in called("lists").items()}
    return Labels(called("groups"), called("covariates"), levels, lists)


def _of_each_run(
    comparison: ComparisonRecord, part: Callable[[SideRecord], AgainstAdviceRecord | ScrutinyFacts | None], words: Words
) -> Iterator[str]:
    """Yield what a part of the record of each run says, with the letter of the run when there are two."""
    for letter, side in runs_of(comparison):
        record = part(side)
        if record is not None:
            said = words.say(record.statement)
            yield f"{letter}: {said}" if letter else said


def grounds(comparison: ComparisonRecord, words: Words) -> Iterator[str]:
    """Yield the assumptions and sources that the numbers rest on, each once, with the letters of their runs."""
    lines: dict[str, list[str]] = {}
    labels = replace(_labels(comparison, words), lists={})
    grounds_of_runs = [list(_grounds_of(side, labels, words)) for _, side in runs_of(comparison)]
    for same_ground in zip(*grounds_of_runs, strict=True):
        for (letter, _), line in zip(runs_of(comparison), same_ground, strict=True):
            if line:
                lines.setdefault(line, []).append(letter)
    everywhere = len(runs_of(comparison))
    for line, letters in lines.items():
        yield line if len(letters) == everywhere else f"{numbers.listed(letters, words.language)}: {line}"


def _grounds_of(side: SideRecord, labels: Labels, words: Words) -> Iterator[str]:
    """Yield the assumption, the priors and the source of one run."""
    yield words.say(with_labels(side.assumption, labels))
    # a method may take no priors; every run yields as many lines, so that they stand beside each other
    title, title_nl = side.priors_title, side.priors_title_nl
    yield words.text("comparison.priors", priors=title, priors_nl=title_nl) if title else ""
    yield words.text("comparison.counts", source=side.source, source_nl=side.source_nl)


def _limits(value: SummaryRecord) -> tuple[float, float, float]:
    """Return the middle of a number and the limits of its interval."""
    return value.median, value.lower, value.upper
