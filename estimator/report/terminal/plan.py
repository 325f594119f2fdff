"""A plan as the terminal shows it: the present intervals, and what they would be with the new list."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.planning.record import CaseRecord, GroupPlanRecord, PlanRecord
from estimator.report.labels import within_sentence
from estimator.report.terminal.layout import columns, paragraph
from estimator.words import numbers
from estimator.words.words import Words


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
    """Yield the gain in the widest stated case, in a sentence; and how many cases halve the interval."""
    stated = [case for case in record.cases if case.kind == "share" and case.groups]
    if not stated:
        yield words.text("plan.no-estimate")
        return
    case = stated[-1]
    name = next(name for name, group in record.groups.items() if group is total)
    yield words.text(
        "plan.headline",
        new=record.new_list.text(words.language),
        share=case.share,
        entries=case.entries,
        group=within_sentence(total.label.text(words.language)),
        ratio=case.groups[name].ratio,
        error=case.groups[name].ratio_error,
        years=record.years,
    )


def _group(name: str, group: GroupPlanRecord, record: PlanRecord, words: Words) -> Iterator[str]:
    yield words.text("plan.group", label=group.label.text(words.language), now=people_text(group, words))
    keys = ("coverage", "entries", "width", "ratio", "held")
    rows = [tuple(words.text(f"plan.column.{key}") for key in keys)]
    for case in record.cases:
        gain = case.groups.get(name)
        if gain is None:
            rows.append((coverage_text(case, words), numbers.roughly(case.entries, words.language), "", "", ""))
            continue
        error = numbers.plain(gain.ratio_error, 1, words.language)
        rows.append(
            (
                coverage_text(case, words),
                numbers.roughly(case.entries, words.language),
                numbers.roughly(gain.width, words.language),
                f"{numbers.number(gain.ratio, 2, words.language)} ± {error}",
                words.text("plan.held", held=gain.held, simulations=case.simulations),
            )
        )
    yield columns(rows, right=(0, 1, 2), indent="  ")
    yield paragraph(_halving(group, words), "  ")


def _halving(group: GroupPlanRecord, words: Words) -> str:
    half = group.halving
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
    for note in record.notes:
        yield words.say(note)
    doubtful = sum(case.doubtful for case in record.cases)
    if doubtful or record.failed:
        yield words.text("plan.doubtful", doubtful=doubtful, failed=record.failed)
