"""A new year of a study in words: what is to be done, on the terminal and as comments in its study file."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path

from estimator.reasons import Reason
from estimator.report.terminal.layout import paragraph
from estimator.study.newyear import RULE, Comments, NewYear
from estimator.study.starting import Started
from estimator.study.study import Study
from estimator.words.words import Words, words_in

_WIDTH = 74


def started_text(started: Started, words: Words) -> str:
    """Return what was made, and what is to be done."""
    text, folder, years = words.text, started.folder, started.new.years
    quoted = shlex.quote(str(folder))
    steps = [text("new.rows", years=years, file=str(folder / "table.csv"))]
    if started.denominators:
        steps.append(text("new.inhabitants", years=years, file=str(folder / "denominators.csv")))
    steps += [
        text("new.declare", file=str(folder / "study.toml")),
        f"darkfigure check {quoted}",
        f"darkfigure estimate {quoted}",
        text("new.compare"),
    ]
    made = text("new.made", folder=str(folder), study=started.source, years=years, empty=started.new.empty)
    parts = [
        paragraph(made),
        "\n".join(paragraph(step, "     ", f"  {number}. ") for number, step in enumerate(steps, start=1)),
    ]
    if started.table_kind != "observed":
        file = str(folder / "study.toml")
        parts.append(paragraph(text("new.kind", kind=started.table_kind, file=file, empty=started.new.empty)))
    return "\n\n".join(parts)


def comments_in(language: str | None) -> Comments:
    """Return what makes the comments in the study file of a new year, by default in the language of the study."""

    def comments(study: Study, new: NewYear, target: Path) -> tuple[str, str]:
        words = words_in(language or study.language)
        return _comment(_steps(study, new, target, words)), _comment(_examples(study, new, words))

    return comments


def _steps(study: Study, new: NewYear, target: Path, words: Words) -> list[str]:
    """Return the lines of the comment at the top: what is to be done, in order."""
    text, years, quoted = words.text, new.years, shlex.quote(str(target))
    inhabitants = (
        text("new.step.inhabitants", years=years)
        if study.denominators
        else text("new.step.no-inhabitants", several=len(years) > 1)
    )
    stopped = tuple(change.list for change in study.changes if change.kind == "stopped") if new.empty else ()
    steps = [
        text("new.step.rows", years=years),
        inhabitants,
        text("new.step.changes", stopped=stopped),
        text("new.step.texts", decisions=tuple(words.say(reason) for reason in _earlier_only(study, new))),
        f"darkfigure check {quoted}",
        f"darkfigure estimate {quoted}",
        text("new.step.compare"),
    ]
    lines = [text("new.opening", years=years, study=study.name), ""]
    for number, step in enumerate(steps, start=1):
        width = _WIDTH if step.endswith(".") else len(step) + 4  # a command stays on one line
        lines += textwrap.wrap(step, width, initial_indent=f"{number}. ", subsequent_indent="   ")
    if study.table_kind != "observed":
        lines += ["", *textwrap.wrap(text("new.kind-note", kind=study.table_kind), _WIDTH)]
    return lines


def _earlier_only(study: Study, new: NewYear) -> list[Reason]:
    """Return the decisions that hold for the last year of the source and not for the new one."""
    return [
        Reason(
            "decision-ends-before",
            decision=decision.name,
            list=decision.list,
            years=decision.where[new.covariate],
            new=new.years,
        )
        for decision in study.decisions
        if new.levels[-1] in decision.where.get(new.covariate, ())
        and not set(new.years) <= set(decision.where[new.covariate])
    ]


def _examples(study: Study, new: NewYear, words: Words) -> list[str]:
    """Return the lines of the comment at the end: sections to uncomment and change."""
    text, lists = words.text, study.declaration.lists
    year = new.years[0] if new.years[0].isdigit() else f'"{new.years[0]}"'
    lines = [text("new.examples"), ""]
    if not new.empty:
        for name, kind, what, why in (
            (lists[-1], "stopped", text("new.example.stopped"), text("new.example.why")),
            (lists[-2], "redefined", text("new.example.redefined"), text("new.example.what-changed")),
        ):
            lines += [f"{'[[changes]]':27}# {what}", f'list = "{name}"', f'kind = "{kind}"']
            lines += [f"since = {year}", f'reason = "{why}"', ""]
    return [
        *lines,
        f"{'[[decisions]]':27}# {text('new.example.decision')}",
        f'name = "{lists[-1].lower()}-{new.years[0]}"',
        f'list = "{lists[-1]}"',
        f"where = {{ {new.covariate} = {year} }}",
        f"{'choice = ' + chr(34) + 'drop' + chr(34):27}# {text('new.example.or-keep')}",
        f'reason = "{text("new.example.printed")}"',
    ]


def _comment(lines: list[str]) -> str:
    return "\n".join([RULE, *(f"# {line}".rstrip() for line in lines), RULE]) + "\n"
