"""What a run folder keeps of its scrutiny: read back, and put into estimate.json and manifest.json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from estimator.errors import Fault, InputError
from estimator.population.advice import DECISION, NOT_ALONE, NOT_ALONE_BECAUSE, SCRUTINY
from estimator.runs.reading import SavedRun
from estimator.scrutiny.verdict import Judgement, Outcome

JSON, PAGE = "scrutiny.json", "scrutiny.html"
FALLEN = "fallen_decision"

_SECTION = re.compile(r"<!-- begin ([a-z0-9-]+) -->\n(.*?)<!-- end \1 -->\n", re.DOTALL)


@dataclass(frozen=True)
class Earlier:
    """What a scrutiny of the same run before found.

    Parameters
    ----------
    findings : mapping of str to mapping
        Entries of scrutiny.json, by check.
    sections : mapping of str to str
        Sections of the page, by check, with their pictures.
    before : mapping or None
        ``reasons`` and ``cautions`` of the estimate itself; None when it was never scrutinised.
    decision, fallen : mapping or None
        To publish against advice: the one that stands, and the last one that no longer does.
    """

    outcomes: tuple[Outcome, ...] = ()
    findings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None
    decision: Mapping[str, Any] | None = None
    fallen: Mapping[str, Any] | None = None


def earlier_of(run: SavedRun) -> Earlier:
    """Return what a run folder keeps of an earlier scrutiny.

    Returns
    -------
    Earlier
        Nothing when there was none.

    Raises
    ------
    InputError
        When it is not what a scrutiny writes.
    """
    found = run.estimate.get(SCRUTINY)
    if found is None:
        return Earlier()
    try:
        outcomes = tuple(Outcome.of_record(record) for record in found["checks"])
        written = json.loads((run.folder / JSON).read_text(encoding="utf-8"))
        findings = {str(entry["check"]): entry for entry in written["findings"]}
        sections = sections_of((run.folder / PAGE).read_text(encoding="utf-8"))
        before = {key: list(found["before"][key]) for key in ("reasons", "cautions")}
    except (KeyError, TypeError, ValueError) as error:
        message = "The scrutiny of this run is not what this version writes. Estimate again, and scrutinise that."
        raise InputError(Fault(str(run.folder), message)) from error
    except OSError as error:
        message = f"The files of its scrutiny cannot be read ({error.strerror}). Restore {JSON} and {PAGE}."
        raise InputError(Fault(str(run.folder), message)) from error
    return Earlier(outcomes, findings, sections, before, run.estimate.get(DECISION), found.get(FALLEN))


def sections_of(page: str) -> dict[str, str]:
    """Return the sections of a page of scrutiny, by what stands in their marks.

    Parameters
    ----------
    page : str
        HTML.
    """
    return {name: text for name, text in _SECTION.findall(page)}


def marked(name: str, text: str) -> str:
    """Return a section of a page between marks by which it is found again."""
    return f"<!-- begin {name} -->\n{text}<!-- end {name} -->\n"


def with_section(page: str, name: str, text: str) -> str:
    """Return a page in which one marked section is another.

    Parameters
    ----------
    name : str
        In its marks.
    text : str
        HTML; ends with a line break.
    """
    return _SECTION.sub(lambda found: marked(name, text) if found.group(1) == name else found.group(0), page)


def decisions_after(
    earlier: Earlier, judgement: Judgement, date: str
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Return what becomes of a decision to publish against advice when a run was scrutinised anew.

    Parameters
    ----------
    judgement : Judgement
        The new one.
    date : str
        Of the new one.

    Returns
    -------
    standing, fallen : mapping or None
        It stands as long as no reason speaks against publishing that did not when it was taken. Otherwise it has
        fallen, ``because`` of the new reasons, and must be taken again; and so when nothing is left to decide.
    """
    decision = earlier.decision
    if decision is None:
        return None, earlier.fallen
    new = [reason for reason in judgement.reasons if reason not in decision["against"]]
    if judgement.reasons and not new:
        return decision, None
    why = new or ["Nothing speaks against publishing any more."]
    return None, {**decision, "fell_on": date, "because": why}


def estimate_with(
    estimate: Mapping[str, Any],
    judgement: Judgement,
    about: Mapping[str, Any],
    decision: Mapping[str, Any] | None,
    fallen: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the content of estimate.json after a scrutiny.

    Parameters
    ----------
    estimate : mapping
        Content of estimate.json, scrutinised before or not.
    about : mapping
        ``date``, ``thresholds_sha256`` and settings of the scrutiny.
    decision, fallen : mapping or None
        From `decisions_after`.

    Returns
    -------
    dict
        With ``publishable``, ``reasons``, ``cautions`` and ``scrutiny`` anew, and groups that may not be published
        alone marked.
    """
    own = judgement.own
    record = {
        **about,
        "verdict": judgement.verdict,
        "reasons": list(judgement.found_reasons),
        "checks": [outcome.to_dict() for outcome in judgement.outcomes],
        "not_done": list(judgement.not_done),
        "before": {
            "publishable": not own.reasons,
            "reasons": list(own.reasons),
            "cautions": list(own.cautions),
        },
        **({FALLEN: dict(fallen)} if fallen else {}),
    }
    found = {key: value for key, value in estimate.items() if key not in (SCRUTINY, DECISION)}
    found |= {
        "publishable": judgement.publishable,
        "reasons": list(judgement.reasons),
        "cautions": list(judgement.cautions),
    }
    found |= {
        period: _groups_with(estimate[period], judgement.not_alone)
        for period in ("groups", "per_year")
        if period in estimate
    }
    return {**found, SCRUTINY: record, **({DECISION: dict(decision)} if decision else {})}


def _groups_with(groups: Mapping[str, Any], not_alone: Mapping[str, str]) -> dict[str, Any]:
    """Return groups, those that may not be published alone marked, and no others."""
    marks = (NOT_ALONE, NOT_ALONE_BECAUSE)
    plain = {name: {key: group[key] for key in group if key not in marks} for name, group in groups.items()}
    return {
        name: {**group, NOT_ALONE: False, NOT_ALONE_BECAUSE: not_alone[name]} if name in not_alone else group
        for name, group in plain.items()
    }
