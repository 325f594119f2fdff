"""The page of a scrutiny: one file of HTML that needs nothing else, reads in any browser and prints well."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from estimator.checks.finding import Finding
from estimator.population.advice import DECISION, day, decision_line
from estimator.population.thresholds import thresholds
from estimator.runs.provenance import versions
from estimator.scrutiny.record import marked
from estimator.scrutiny.verdict import Outcome, in_words
from estimator.scrutiny.wording import fallen_line, number_lines, said_when, verdict_of

if TYPE_CHECKING:
    from estimator.scrutiny.scrutinise import Scrutiny

STYLE = "page.css"


def page_of(scrutiny: Scrutiny) -> str:
    """Return the page of a scrutiny.

    Returns
    -------
    str
        HTML with its style and pictures inside, without scripts; it asks nothing of any other place.
    """
    title = f"Scrutiny: {scrutiny.subject.study.title}"
    style = files("estimator.scrutiny").joinpath(STYLE).read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{html.escape(title)}</h1>\n{_facts(scrutiny)}</header>\n"
        f"<main>\n{body_of(scrutiny)}{_thresholds()}</main>\n{_footer(scrutiny)}</body>\n</html>\n"
    )


_ALLOWED = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What the page may use: nothing from elsewhere, no scripts; pictures inside it may hold pictures of their own."""


def body_of(scrutiny: Scrutiny) -> str:
    """Return a scrutiny as a part of a page: the number, the verdict, every check with its picture.

    Returns
    -------
    str
        HTML.
    """
    number = "".join(paragraph(line) for line in number_lines(scrutiny))
    decision = marked("decision", decision_html(scrutiny.decision, scrutiny.fallen))
    fresh = {finding.check: finding for finding in scrutiny.findings}
    sections = [_section_of(scrutiny, outcome, fresh) for outcome in scrutiny.judgement.outcomes]
    return (
        f'<section class="number">\n<h2>The number and what it rests on</h2>\n{number}{decision}</section>\n'
        f"{_verdict(scrutiny)}{''.join(sections)}"
    )


def decision_html(decision: Mapping[str, Any] | None, fallen: Mapping[str, Any] | None) -> str:
    """Return the decision to publish against advice for the page, or that it fell; an empty line when there is none.

    Parameters
    ----------
    decision, fallen : mapping or None
        From `estimator.scrutiny.record.decisions_after`.

    Returns
    -------
    str
        HTML; ends with a line break.
    """
    texts = [decision_line({DECISION: decision})] if decision else []
    texts += [fallen_line(fallen)] if fallen else []
    return "".join(f'<p class="decision">{html.escape(text)}</p>\n' for text in texts) or "\n"


def paragraph(text: str) -> str:
    """Return a paragraph of text, or nothing."""
    return f"<p>{html.escape(text)}</p>\n" if text else ""


def _facts(scrutiny: Scrutiny) -> str:
    """Return which run was scrutinised, and when."""
    run = "" if scrutiny.run is None else f"Run {scrutiny.run.name}. "
    when = paragraph(f"{run}Scrutinised on {scrutiny.date[:16].replace('T', ' at ')} UTC.")
    return when + paragraph(
        "Small counts stand on this page: it is for those who may see the table, and not for publication."
    )


def _verdict(scrutiny: Scrutiny) -> str:
    """Return the verdict over all checks: in words, with its reasons, and as a table."""
    judgement = scrutiny.judgement
    labels = {name: group.label.en for name, group in scrutiny.subject.groups.items()}
    alone = [f"{labels.get(name, name)}. {why}" for name, why in judgement.not_alone.items()]
    lists = (
        ("Why it is not fit to publish", judgement.reasons),
        ("Groups that may not be published alone", alone),
        ("What must be said with the number", judgement.cautions),
    )
    rows = [
        (_link(outcome), badge(outcome), html.escape(f"{outcome.sentence}{said_when(outcome, scrutiny.date)}"))
        for outcome in judgement.outcomes
    ]
    rows += [
        (html.escape(name), '<span class="badge undone">not done</span>', "It was left out.")
        for name in judgement.not_done
        if name not in {outcome.check for outcome in judgement.outcomes}
    ]
    return (
        f'<section class="verdict {judgement.verdict}">\n<h2>Verdict</h2>\n'
        f'<p class="whole">{html.escape(in_words(judgement))}</p>\n'
        f"{table('Every check with its verdict', ('Check', 'Verdict', 'What was found'), rows)}"
        f"{''.join(_list(heading, texts) for heading, texts in lists)}</section>\n"
    )


def _link(outcome: Outcome) -> str:
    """Return the title of a check as a link to its section."""
    return f'<a href="#{outcome.check}">{html.escape(outcome.title)}</a>'


def badge(outcome: Outcome) -> str:
    """Return a verdict as a word in a frame."""
    kind = outcome.verdict if outcome.done else "undone"
    return f'<span class="badge {kind}">{verdict_of(outcome)}</span>'


def _list(heading: str, texts: Iterable[str]) -> str:
    """Return texts under a heading, or nothing."""
    items = "".join(f"<li>{html.escape(text)}</li>\n" for text in texts)
    return f"<h3>{heading}</h3>\n<ul>\n{items}</ul>\n" if items else ""


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table whose first column holds what a row is about.

    Parameters
    ----------
    head : iterable of str
        Names of the columns.
    rows : iterable of iterable of str
        Cells, as HTML.

    Returns
    -------
    str
        HTML.
    """
    names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{label}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'
        for label, *cells in rows
    )
    return (
        f"<table>\n<caption>{html.escape(caption)}</caption>\n<thead><tr>{names}</tr></thead>\n"
        f"<tbody>\n{body}</tbody>\n</table>\n"
    )


def _section_of(scrutiny: Scrutiny, outcome: Outcome, fresh: Mapping[str, Finding]) -> str:
    """Return the section of a check: as it was found now, or as it stands from before."""
    finding = fresh.get(outcome.check)
    if finding is None or (outcome.done and not finding.done):
        return marked(outcome.check, scrutiny.earlier.sections.get(outcome.check, ""))
    sentences = "".join(paragraph(text) for text in finding.sentences)
    when = f"{outcome.check}, {'done' if outcome.done else 'tried'} on {day(outcome.date)}"
    return marked(
        outcome.check,
        f'<section id="{outcome.check}">\n<h2>{html.escape(outcome.title)} {badge(outcome)}</h2>\n'
        f"{sentences}{_figure(finding)}"
        f'<p class="when">{html.escape(when)}</p>\n</section>\n',
    )


def _figure(finding: Finding) -> str:
    """Return the picture of a finding; that it could not be drawn, when so, since the words are worth having."""
    from estimator.scrutiny.pictures import svg_of

    if finding.draw is None:
        return ""
    try:
        return f"<figure>\n{svg_of(finding)}</figure>\n"
    except Exception as error:
        return paragraph(f"Its picture could not be drawn ({type(error).__name__}). This is a fault of the tool.")


def _thresholds() -> str:
    """Return the thresholds of all verdicts."""
    rows = [
        (html.escape(f"{section}.{key}".replace("_", " ")), f"{value:g}")
        for section, values in thresholds().items()
        for key, value in values.items()
    ]
    intro = paragraph(
        "By these the verdicts were given. What each means, and where it comes from, is said in thresholds.toml of "
        "darkfigure."
    )
    found = table("Thresholds", ("Threshold", "Value"), rows)
    return f'<section id="thresholds">\n<h2>Thresholds</h2>\n{intro}{found}</section>\n'


def _footer(scrutiny: Scrutiny) -> str:
    """Return what it takes to make the page again."""
    about = scrutiny.about()
    text = (
        f"darkfigure {versions()['darkfigure']}. Seed {about['seed']}. Thresholds with SHA-256 "
        f"{scrutiny.thresholds}. All numbers behind the words and pictures are in scrutiny.json."
    )
    return f"<footer>\n{paragraph(text)}</footer>\n"
