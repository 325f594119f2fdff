"""Studies in words: the shipped ones, what a study counts, and the source of its counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from estimator.capture.table import UNBOUNDED
from estimator.report.terminal.layout import columns, paragraph
from estimator.study.questions import Label
from estimator.study.shipped import short_name
from estimator.study.study import Study
from estimator.words.numbers import number
from estimator.words.shown import on_one_line, shown
from estimator.words.words import Words


def studies_text(studies: Iterable[Study], words: Words) -> str:
    """Return a list of studies: two lines each, or more for a long title."""
    shown_studies = list(studies)
    heads = ("data.column.name", "data.column.registered", "data.column.lists", "data.column.strata")
    rows = [tuple(words.text(code) for code in heads)]
    for study in shown_studies:
        short = short_name(study.name)
        name = f"{study.name} ({short})" if short else study.name
        rows.append((name, _registered(study, words), str(study.table.n_lists), str(study.table.n_strata)))
    head, *lines = columns(rows, right=(1, 2, 3)).splitlines()
    titles = [paragraph(on_one_line(study.title_in(words.language)), "  ") for study in shown_studies]
    return "\n".join([head, *(f"{line}\n{title}" for line, title in zip(lines, titles, strict=True))])


def study_text(study: Study, words: Words) -> str:
    """Return what a study counts, where it comes from and what to beware of."""
    labels, language = study.labels, words.language
    parts = [
        paragraph(shown(study.title_in(language))),
        words.text("data.registered", number=_registered(study, words), kind=study.table_kind),
        _section(words.text("data.heading.lists"), _labelled(labels.lists, language)),
    ]
    if study.table.covariates:
        rows = [
            (name, label, ", ".join(on_one_line(level.text(language)) for level in labels.levels[name].values()))
            for name, label in _labelled(labels.covariates, language)
        ]
        parts.append(_section(words.text("data.heading.covariates"), rows))
    groups = {name: group.label for name, group in study.groups.items()}
    parts.append(_section(words.text("data.heading.groups"), _labelled(groups, language)))
    said = (words.language == "nl" and study.caveats_nl) or study.caveats
    if said:
        caveats = "\n".join(paragraph(shown(caveat), "    ", "  - ") for caveat in said)
        parts.append(f"{words.text('data.heading.beware')}\n{caveats}")
    parts.append(
        f"{words.text('data.heading.source')}\n{paragraph(shown(words.either(study.source, study.source_nl)), '  ')}"
    )
    if study.licence:
        licence = words.either(study.licence, study.licence_nl)
        parts.append(f"{words.text('data.heading.licence')}\n{paragraph(shown(licence), '  ')}")
    files = [(words.text(f"data.file.{name.split()[0]}"), shown(str(path))) for name, path in study.files.items()]
    parts.append(_section(words.text("data.heading.files"), files))
    return "\n\n".join(parts)


def _section(heading: str, rows: Iterable[tuple[str, ...]]) -> str:
    return f"{heading}\n{columns(rows, indent='  ')}"


def _labelled(labels: Mapping[str, Label], language: str) -> list[tuple[str, str]]:
    return [(on_one_line(name), on_one_line(label.text(language))) for name, label in labels.items()]


def _registered(study: Study, words: Words) -> str:
    known, language = study.table.registered, words.language
    if known.upper == UNBOUNDED:
        return f"{number(known.lower, language=language)}+"
    lower, upper = (number(bound, language=language) for bound in (known.lower, known.upper))
    return lower if lower == upper else f"{lower}-{upper}"
