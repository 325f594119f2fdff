"""A reproduction as the terminal shows it: every published figure beside ours, at most 80 characters wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, get_args

from estimator.population.statements_of_study import change_reasons, decision_reasons, error_reasons
from estimator.published.answers import ON_LIST
from estimator.published.closing import rates_note, rounding_note, scaling_note, unexplained
from estimator.published.figures import Basis, Reproduced, Reproduction
from estimator.published.pooled import POOLED, POOLED_SIZE, Analysis
from estimator.reasons import Reason
from estimator.words import numbers
from estimator.words.numbers import WIDTH, wrapped
from estimator.words.words import Words

_MANY = 10
"""From this ratio to the published number on, a number is given as a multiple, not as a percentage."""
_WIDTHS = (22, 15, 23, 6, 10)
_POOLED_WIDTHS = (20, 32, 26)


def reproduction_text(reproduction: Reproduction, words: Words) -> str:
    """Return a reproduction as the terminal shows it, at most 80 characters wide."""
    study = reproduction.study
    parts = [wrapped(words.either(reproduction.title, reproduction.title_nl)), ""]
    if study.table_kind != "observed":
        parts += [wrapped(words.text(f"estimate.kind.{study.table_kind}")), ""]
    run = {"study": study.name, "priors": reproduction.priors, "seed": str(reproduction.seed)}
    parts += [wrapped(words.text("published.rules")), wrapped(words.text("published.run", **run))]
    parts += [
        wrapped(text)
        for text in words.say_all((*decision_reasons(study), *change_reasons(study), *error_reasons(study)))
    ]
    parts += [wrapped(words.text("published.unfit", reason=reason)) for reason in reproduction.unsound]
    for basis in get_args(Basis):
        shown = [item for item in reproduction.figures if item.basis == basis and item.ours is not None]
        parts += _section(basis, shown, reproduction, words) if shown else []
    parts += ["", *_public(reproduction, words), "", *_without(reproduction, words)]
    parts += ["", words.text("published.heading.closing")]
    parts += [wrapped(words.say(_named(reason, reproduction, words)), "  ") for reason in reproduction.conclusions]
    return "\n".join(parts)


def _named(reason: Reason, reproduction: Reproduction, words: Words) -> Reason:
    """Return a reason with figures and groups called as a reader of this language knows them, not by their ids."""
    names: dict[str, Any] = {item.figure.id: _name(item, words) for item in reproduction.figures}
    groups = {name: group.label.text(words.language) for name, group in reproduction.study.groups.items()}
    values: dict[str, Any] = dict(reason.values)
    for key in ("lost", "gained"):
        if key in values:
            values[key] = [names[item] for item in values[key]]
    if "group" in values:
        values["group"] = groups.get(values["group"], values["group"])
    return Reason(reason.code, **values)


def _section(basis: Basis, shown: Sequence[Reproduced], reproduction: Reproduction, words: Words) -> list[str]:
    """Return the figures of one basis as a table, with the notes that explain its differences."""
    lines = ["", words.text(f"published.heading.{basis}"), wrapped(words.text(f"published.meaning.{basis}"))]
    lines += ["", *_table(shown, words)]
    notes = [
        words.text("published.because", name=_name(item, words), reasons=words.say_all(item.verdict.reasons))
        for item in unexplained(shown)
    ]
    counts = any(not item.is_estimate for item in shown) and basis == "calibrated"
    rates = any(item.figure.measure == "per_100000" for item in shown)
    explained = [scaling_note(reproduction), rounding_note(reproduction)] if counts else []
    explained += [rates_note(reproduction)] if rates else []
    notes += [words.say(reason) for reason in explained if reason is not None]
    return lines + [line for note in notes for line in ("", wrapped(note))]


def _table(shown: Iterable[Reproduced], words: Words) -> list[str]:
    """Return figures in columns, those of one group under its name."""
    heads = [words.text(f"published.column.{name}") for name in ("published", "ours", "more", "verdict")]
    lines = [*_row(("", *heads), _WIDTHS), "-" * WIDTH]
    for label, figures in _by_label(shown, words).items():
        lines.append(wrapped(label))
        for item in figures:
            kind = words.text(f"published.verdict.{item.verdict.kind}")
            cells = f" {_what(item, words)}", _worded(item, words), ours_text(item, words), _more(item, words), kind
            lines += _row(cells, _WIDTHS)
    return lines


def _by_label(figures: Iterable[Reproduced], words: Words) -> dict[str, list[Reproduced]]:
    """Group published figures by population group."""
    groups: dict[str, list[Reproduced]] = {}
    for item in figures:
        groups.setdefault(_label(item, words), []).append(item)
    return groups


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return cells side by side, each in lines of its own width."""
    columns = [
        textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), width, subsequent_indent="  " if not number else "")
        for number, (text, width) in enumerate(zip(cells, widths, strict=True))
    ]
    lines = zip_longest(*columns, fillvalue="")
    return [" ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _label(item: Reproduced, words: Words) -> str:
    """Return of whom a figure is."""
    if item.label is not None:
        return item.label.text(words.language)
    if item.figure.measure.startswith(POOLED):
        return words.text("published.people.public-table")
    return words.text(f"published.people.{item.figure.group or 'everybody'}")


def _name(item: Reproduced, words: Words) -> str:
    """Return what tells a figure from the others in a sentence."""
    return f"{_label(item, words)}, {item.figure.worded(words.language)}"


def _what(item: Reproduced, words: Words) -> str:
    """Return the years and the kind of number of a figure."""
    years, measure = item.figure.years, item.figure.measure.removeprefix(POOLED)
    when = years[0] if len(years) == 1 else f"{years[0]}-{years[-1][-2:]}" if years else ""
    if measure.startswith(ON_LIST):
        return f"{when} {words.text('published.on-list', list=measure.removeprefix(ON_LIST))}".strip()
    return f"{when} {words.text(f'published.measure.{measure}')}".strip()


def _worded(item: Reproduced, words: Words) -> str:
    """Return a figure as it was worded, with a mark when its text was not seen."""
    return f"{item.figure.worded(words.language)}{'' if item.figure.verified else ' (?)'}"


def ours_text(item: Reproduced, words: Words) -> str:
    """Return our number in the unit of the figure, with its 95 % interval; nothing where there is none."""
    ours, measure, language = item.ours, item.figure.measure, words.language
    if ours is None:
        return ""
    if measure in ("coverage", "share_of_total"):
        return f"{numbers.share(ours.median, language)} ({numbers.share_interval(ours, language)})"
    if ours.sd == 0:
        return numbers.count(ours.median, language=language)
    if measure in ("one_in", "per_100000"):
        return "{} ({})".format(*numbers.rate(ours, language))
    return numbers.estimated(ours.median, ours.lower, ours.upper, language=language)


def _more(item: Reproduced, words: Words) -> str:
    """Return by how much ours is more than what was published, as a percentage."""
    difference = item.verdict.difference
    if difference is None:
        return ""
    if abs(difference) < 0.005:
        return numbers.percentage("0" if item.verdict.kind == "consistent" else "<1", words.language)
    if difference < _MANY - 1:
        return numbers.percentage(f"{100 * difference:+.0f}", words.language)
    return f"x {numbers.count(1 + difference, language=words.language)}"


def _public(reproduction: Reproduction, words: Words) -> list[str]:
    """Return what the public table says on its own."""
    analyses = reproduction.analyses
    years = analyses[0].years if analyses else None
    lines = [words.text("published.heading.public-table"), wrapped(words.text("published.public-table", years=years))]
    heads = [words.text(f"published.column.{name}") for name in ("assumptions", "all-years", "a-year")]
    lines += ["", *_row(heads, _POOLED_WIDTHS), "-" * WIDTH]
    for analysis in analyses:
        lines += _row(_analysis_cells(analysis, words), _POOLED_WIDTHS)
    for unsound in dict.fromkeys(analysis.unsound for analysis in analyses if analysis.unsound):
        names = [analysis.priors for analysis in analyses if analysis.unsound == unsound]
        reasons = tuple(unsound)
        lines += ["", wrapped(words.text("published.analyses-unfit", names=names, reasons=reasons))]
    counts = [item for item in reproduction.pooled if item.figure.measure != POOLED_SIZE]
    others = [item for item in counts if item.verdict.kind != "consistent"]
    if counts:
        same = words.text("published.counts-same", same=len(counts) - len(others), counts=len(counts))
        lines += ["", wrapped(same)]
    lines += _table(others, words) if others else []
    sizes = [item for item in reproduction.pooled if item.figure.measure == POOLED_SIZE]
    lines += ["", words.text("published.heading.analyses"), "-" * WIDTH]
    if any(item.ours is not None for item in sizes):
        lines += [wrapped(words.text("published.analyses-two-rules")), ""]
    return lines + [_other(item, words) for item in sizes]


def _other(item: Reproduced, words: Words) -> str:
    """Return a published analysis of the public table with our own by the same method, if this tool has it."""
    if item.ours is None:
        answer = " ".join(words.say_all(item.verdict.reasons))
    else:
        kind = words.text(f"published.verdict.{item.verdict.kind}")
        answer = words.text("published.ours", ours=ours_text(item, words), verdict=kind)
    return wrapped(f"{_worded(item, words)}. {answer}")


def _analysis_cells(analysis: Analysis, words: Words) -> tuple[str, str, str]:
    """Return the cells of one analysis of the public table."""
    whole, years, language = analysis.whole, analysis.years, words.language
    if not analysis.converged:
        return analysis.priors, words.text("published.withheld"), ""
    middle, lower, upper = (numbers.count(x / years, 10, language) for x in (whole.median, whole.lower, whole.upper))
    everybody = numbers.estimated(whole.median, whole.lower, whole.upper, language=language)
    return analysis.priors, everybody, f"{middle} ({numbers.span(lower, upper, language)})"


def _without(reproduction: Reproduction, words: Words) -> Iterator[str]:
    """Yield the figures without an answer, by reason; those by other methods stand with the public table."""
    missing = [item for item in reproduction.all_figures if item.ours is None and not item.is_other_method]
    yield words.text("published.heading.without", figures=len(missing))
    for reasons in dict.fromkeys(item.verdict.reasons for item in missing):
        yield ""
        yield wrapped(" ".join(words.say(_named(reason, reproduction, words)) for reason in reasons))
        for label, items in _by_label((item for item in missing if item.verdict.reasons == reasons), words).items():
            yield wrapped(label, "  ")
            texts = (f"{_what(item, words)}: {_worded(item, words)}" for item in items)
            yield wrapped("; ".join(texts), "    ")
