"""A plan as the terminal shows it: the present intervals, and what they would be with the new list."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.planning.record import CaseRecord, GroupPlanRecord, HalvingRecord, LinkageRecord, PlanRecord
from estimator.report.labels import within_sentence
from estimator.report.terminal.layout import columns, cut, paragraph
from estimator.words import numbers
from estimator.words.words import Words

_LETTERS = 17
"""Of what a linkage is called, in a table: with more it is wider than the screen. In full it stands above."""


def plan_text(record: PlanRecord, words: Words) -> str:
    """Return what a plan would bring, at most 80 characters wide."""
    parts = [paragraph(record.title.text(words.language)), paragraph(_of_study(record, words)), ""]
    total = record.groups.get("total") or next(iter(record.groups.values()))
    parts += [paragraph(text) for text in _headline(record, total, words)]
    for name, group in record.groups.items():
        parts += ["", *_group(name, group, record, words)]
    if record.losses:
        parts += ["", words.text("plan.heading.losses"), *_losses(record, words)]
    parts += ["", words.text("plan.heading.rests")]
    parts += [paragraph(text, "  ") for text in _rests_on(record, words)]
    return "\n".join(parts)


def coverage_text(case: CaseRecord, words: Words) -> str:
    """Return how much the new list covers in a case."""
    share = numbers.share(case.share, words.language)
    return share if case.kind == "share" else words.text("plan.by-survey", share=share)


def people_text(group: GroupPlanRecord, words: Words) -> str:
    """Return the present estimate of a group."""
    return numbers.estimated(group.median, group.lower, group.upper, language=words.language)


def _of_study(record: PlanRecord, words: Words) -> str:
    kind = "" if record.kind == "observed" else words.text(f"estimate.kind.{record.kind}")
    return words.text("plan.study", title=record.study_title.text(words.language), kind=kind)


def _headline(record: PlanRecord, total: GroupPlanRecord, words: Words) -> Iterator[str]:
    """Yield in a sentence the gain in the widest stated case, and that of each other linkage."""
    name = next(name for name, group in record.groups.items() if group is total)
    of_group = {"group": within_sentence(total.label.text(words.language)), "years": record.years}
    stated = [case for case in record.cases if case.kind == "share" and case.groups]
    if record.new_list is not None and not stated:
        yield words.text("plan.no-estimate")
    elif record.new_list is not None:
        case = stated[-1]
        yield words.text(
            "plan.headline",
            new=record.new_list.text(words.language),
            share=case.share,
            entries=case.entries,
            ratio=case.groups[name].ratio,
            error=case.groups[name].ratio_error,
            **of_group,
        )
    for linkage in record.linkages.values():
        label = linkage.label.text(words.language)
        if name not in linkage.groups:
            yield words.text("plan.no-estimate-linkage", label=label)
            continue
        found = linkage.groups[name]
        yield words.text("plan.headline-linkage", label=label, ratio=found.ratio, error=found.ratio_error, **of_group)


def _group(name: str, group: GroupPlanRecord, record: PlanRecord, words: Words) -> Iterator[str]:
    yield words.text("plan.group", label=group.label.text(words.language), now=people_text(group, words))
    what = "coverage" if record.cases else "linkage"
    keys = (what, "entries", "width", "ratio", "held") if record.cases else (what, "width", "ratio", "held")
    rows = [tuple(words.text(f"plan.column.{key}") for key in keys)]
    for case in record.cases:
        entries = numbers.roughly(case.entries, words.language)
        rows.append((coverage_text(case, words), entries, *_width(case, name, words)))
    for linkage in record.linkages.values():
        label = cut(linkage.label.text(words.language), _LETTERS)
        rows.append((label, *([""] if record.cases else []), *_width(linkage, name, words)))
    if len(rows) > 1:
        yield columns(rows, right=(1, 2) if record.cases else (1,), indent="  ")
    if group.halving is not None:
        yield paragraph(_halving(group.halving, words), "  ")
    for linkage in record.linkages.values():
        if record.new_list is not None and name in linkage.as_much_as:
            alike = linkage.as_much_as[name]
            stated = {"entries": alike.entries, "lower": alike.lower, "upper": alike.upper}
            new = record.new_list.text(words.language)
            label = linkage.label.text(words.language)
            yield paragraph(words.text("plan.as-much-as", label=label, new=new, **stated), "  ")


def _width(case: CaseRecord | LinkageRecord, name: str, words: Words) -> tuple[str, str, str]:
    """Return how wide the interval of a group is in a case, also beside the present one, and how often it is right."""
    group = case.groups.get(name)
    if group is None:
        return "", "", ""
    error = numbers.plain(group.ratio_error, 1, words.language)
    return (
        numbers.roughly(group.width, words.language),
        f"{numbers.number(group.ratio, 2, words.language)} ± {error}",
        words.text("plan.held", held=group.held, simulations=case.simulations),
    )


def _halving(half: HalvingRecord, words: Words) -> str:
    if half.entries is None:
        return words.text("plan.never-half")
    return words.text("plan.half", entries=half.entries, lower=half.lower, upper=half.upper)


def _losses(record: PlanRecord, words: Words) -> Iterator[str]:
    rows = [
        (record.groups[name].label.text(words.language), dropped, numbers.number(ratio, 2, words.language))
        for dropped, loss in record.losses.items()
        for name, ratio in loss.ratios.items()
    ]
    heads = tuple(words.text(f"plan.column.{key}") for key in ("group", "list", "times"))
    yield columns([heads, *rows], indent="  ")


def _rests_on(record: PlanRecord, words: Words) -> Iterator[str]:
    stated = {"priors": record.priors, "method": record.method, "simulations": record.simulations, "seed": record.seed}
    yield words.text("plan.rests", **stated)
    for name, ratio in record.odds_ratios.items():
        yield words.text("plan.depends", list=name, ratio=ratio)
    if record.false_positives:
        yield words.text("plan.false-positives", share=record.false_positives)
    yield from _linkages(record, words)
    for note in record.notes:
        yield words.say(note)
    doubtful = sum(case.doubtful for case in record.cases) + sum(
        linkage.doubtful for linkage in record.linkages.values()
    )
    if doubtful or record.failed:
        yield words.text("plan.doubtful", doubtful=doubtful, failed=record.failed)


def _linkages(record: PlanRecord, words: Words) -> Iterator[str]:
    """Yield what each other linkage would allow to declare in place of what is declared now."""
    for linkage in record.linkages.values():
        for limits in linkage.limits:
            pairs = (("missed", limits.missed_now, limits.missed), ("wrong", limits.wrong_now, limits.wrong))
            for kind, now, then in pairs:
                if now != then:
                    label = linkage.label.text(words.language)
                    yield words.text("plan.linkage", label=label, lists=limits.lists, kind=kind, now=now, then=then)
