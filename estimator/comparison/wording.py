"""A comparison in words: the table on the terminal and in notebooks."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from estimator.comparison.comparability import SAME_RUN
from estimator.comparison.like_with_like import UNLIKE
from estimator.comparison.numbers import chance, change, change_between, persons_between, points
from estimator.comparison.verdicts import capital, in_words, verdict
from estimator.population.advice import decision_line, scrutiny_line
from estimator.words.kinds import KIND_NOTES
from estimator.words.numbers import WIDTH, interval, levels_in_words, listed, middle, registered, share, wrapped

if TYPE_CHECKING:
    from estimator.comparison.comparison import Comparison
    from estimator.comparison.differences import GroupComparison
    from estimator.comparison.sides import Side

_LABEL_WIDTH = 28


def name_of(side: Side, found: Comparison) -> str:
    """Return what a side is called in the table: its years, with A or B in front when there are two runs."""
    years = levels_in_words(side.years, side.run.all_years)
    if found.within_a_run:
        return years
    pooled = side.run.pooled_years
    when = years or ("per year" if side.per_year else f"all {pooled} years" if pooled and pooled > 1 else "")
    return f"{'A' if side is found.before else 'B'} {when}".strip()


def text_of(found: Comparison) -> str:
    """Return a comparison as the terminal shows it.

    Returns
    -------
    str
        At most 80 characters wide.
    """
    parts = [wrapped(line) for line in _heads(found)]
    parts += ["", _total(found), "", *_table(found)]
    if found.steps:
        parts += ["", *_steps(found)]
    if found.beside:
        parts += ["", *_beside(found)]
    if found.steps or found.beside:
        parts.append("Rise: the probability that the number of people rose.")
    parts += ["", wrapped(found.basis.sentence)] if found.basis.sentence != SAME_RUN else []  # stands on top
    for heading, texts in remarks(found):
        parts += ["", heading, *(wrapped(text, "  ") for text in texts)]
    return "\n".join([*parts, "", *(wrapped(line) for line in _grounds(found))])


def _total(found: Comparison) -> str:
    """Return what became of everybody."""
    unlike = any(UNLIKE in caution for caution in found.cautions)
    return in_words(found.total, " to ".join(name_of(side, found) for side in (found.before, found.after)), unlike)


def _heads(found: Comparison) -> Iterator[str]:
    """Yield what is compared, and of which kind the tables are."""
    if found.within_a_run:
        yield found.after.run.title
        names = listed([name_of(side, found) for side in (found.before, found.after)])
        yield f"{names} within the run {found.after.run.folder}"
    else:
        for letter, side in zip("AB", (found.before, found.after), strict=True):
            yield f"{letter}: {side.run.title} ({side.run.folder}, priors {side.run.priors_name})"
        if max(len(found.before.years), len(found.after.years)) > 1:
            yield "Numbers of several years are averages per year."
        if found.basis.sentence == SAME_RUN:
            yield SAME_RUN
    for kind in dict.fromkeys((found.before.run.table_kind, found.after.run.table_kind)):
        if KIND_NOTES[kind]:
            yield KIND_NOTES[kind]
    yield from _of_each_run(found, decision_line)


def _table(found: Comparison) -> Iterator[str]:
    """Yield both sides of every group, their difference and the verdict."""
    yield _row("", "registered", "estimated", "95 % interval", "seen")
    yield "-" * WIDTH
    for group in found.groups.values():
        yield from textwrap.wrap(group.label, WIDTH) or [""]
        for label, cells in rows_of(group, found):
            yield _row(f"  {label}", *cells)
        yield wrapped(f"{capital(verdict(group))}.", "  ")


def rows_of(group: GroupComparison, found: Comparison) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """Yield the rows of a group: before, after and change, each with its four cells.

    Yields
    ------
    label : str
    cells : tuple of str
        Registered, estimated, 95 % interval and share registered.
    """
    for side, when in ((found.before, "before"), (found.after, "after")):
        known, size, seen = (getattr(value, when) for value in (group.registered, group.N, group.coverage))
        part = share(seen.median) if size.median >= 0.5 else "-"
        yield name_of(side, found), (registered(known), middle(size, known.lower), interval(size, known.lower), part)
    yield "change", _changes(group)


def _changes(group: GroupComparison) -> tuple[str, str, str, str]:
    """Return the cells of the row of changes; medians only where nothing may be subtracted."""
    known, ratio = group.registered.of_medians, group.N.of_medians
    seen = group.coverage.difference or group.coverage.after.median - group.coverage.before.median
    registered_cell = "-" if known is None else change(known)
    if group.N.difference is None:
        return registered_cell, "-" if ratio is None else change(ratio), "-", points(seen)
    if group.N.ratio is None:
        step = group.N.difference
        return registered_cell, f"{step.median:+,.0f}", persons_between(step), points(seen)
    limits = (group.N.ratio.lower, group.N.ratio.upper)
    return registered_cell, change(group.N.ratio.median), change_between(limits), points(seen)


def _row(label: str, known: str, estimated: str, limits: str, seen: str) -> str:
    """Return one line of a table."""
    return f"{label[:_LABEL_WIDTH]:<{_LABEL_WIDTH}} {known:>11} {estimated:>10} {limits:>20} {seen:>7}".rstrip()


def _steps(found: Comparison) -> Iterator[str]:
    """Yield everybody from each year of a run to the next, and which steps have something between their years."""
    yield _row("From year to year, total", "registered", "estimated", "95 % interval", "rise")
    yield "-" * WIDTH
    for step in found.steps:
        rise = step.total.N.rise
        label = f"{step.before} to {step.after}{' *' if step.unlike else ''}"
        yield _row(label, *_changes(step.total)[:3], "-" if rise is None else chance(rise))
    broken = [f"{step.before} to {step.after}: {', '.join(step.unlike)}" for step in found.steps if step.unlike]
    if broken:
        yield wrapped(f"* The registered numbers of these years are not like with like. {'; '.join(broken)}.")


def _beside(found: Comparison) -> Iterator[str]:
    """Yield the change of everybody under other sets of priors."""
    yield _row("Total, by set of priors", "registered", "estimated", "95 % interval", "rise")
    yield "-" * WIDTH
    main = {found.after.run.priors_name: found.groups}
    for name, groups in (main | dict(found.beside)).items():
        group = next(iter(groups.values()))
        yield _row(name, *_changes(group)[:3], "-" if group.N.rise is None else chance(group.N.rise))


def remarks(found: Comparison) -> list[tuple[str, tuple[str, ...]]]:
    """Return what changed, what is not compared, and what to be careful with, under headings."""
    changed = tuple(item.sentence for item in found.changed)
    if not found.within_a_run and not changed:
        same = found.basis.sentence == SAME_RUN
        changed = (
            "Nothing: it is the same run." if same else "Nothing: the same data, assumptions, seed and versions.",
        )
    left_out = tuple(f"{name}: {reason}" for name, reason in found.left_out.items())
    scrutinised = tuple(_of_each_run(found, scrutiny_line))
    parts = [
        ("WHAT CHANGED BETWEEN THE RUNS:", changed),
        ("NOT COMPARED:", left_out),
        ("SCRUTINY:", scrutinised),
        ("CAUTION:", found.cautions),
    ]
    return [(heading, texts) for heading, texts in parts if texts]


def _of_each_run(found: Comparison, words: Callable[[Mapping[str, Any]], str]) -> Iterator[str]:
    """Yield what is to be said of each run that is compared, with its letter when there are two."""
    runs = [found.after.run] if found.within_a_run else [found.before.run, found.after.run]
    for letter, run in zip("AB", runs, strict=False):
        text = words(run.estimate)
        if text:
            yield text if len(runs) == 1 else f"{letter}: {text}"


def _grounds(found: Comparison) -> Iterator[str]:
    """Yield the assumptions and sources that the numbers rest on, each once."""
    runs = [found.after.run] if found.within_a_run else [found.before.run, found.after.run]
    for key, lead in (("assumption", ""), ("priors", "Priors: "), ("source", "Counts: ")):
        texts = dict.fromkeys(str(run.estimate.get(key, "")) for run in runs)
        for text in texts:
            letters = [letter for letter, run in zip("AB", runs, strict=False) if run.estimate.get(key) == text]
            yield f"{f'{listed(letters)}: ' if len(texts) > 1 else ''}{lead}{text}"


def html_of(found: Comparison) -> str:
    """Return a comparison as a notebook shows it."""
    rows = ""
    for group in found.groups.values():
        rows += _html_row("th", [group.label, "", "", "", ""])
        for label, cells in rows_of(group, found):
            rows += _html_row("td", [label, *cells])
        rows += f"<tr><td colspan='5' style='text-align:left'><i>{html.escape(capital(verdict(group)))}.</i></td></tr>"
    head = _html_row("th", ["", "registered", "estimated", "95 % interval", "seen"])
    notes = [_total(found), found.basis.sentence]
    notes += [f"{heading} {text}" for heading, texts in remarks(found) for text in texts]
    heads = "".join(f"<p><b>{html.escape(line)}</b></p>" for line in _heads(found))
    return f"{heads}<table><thead>{head}</thead><tbody>{rows}</tbody></table>{_paragraphs([*notes, *_grounds(found)])}"


def _html_row(tag: str, cells: Iterable[str]) -> str:
    """Return a row of an HTML table."""
    return "<tr>" + "".join(f"<{tag} style='text-align:left'>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _paragraphs(texts: Iterable[str]) -> str:
    """Return HTML paragraphs of texts."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)
