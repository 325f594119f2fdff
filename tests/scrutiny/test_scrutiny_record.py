"""scrutiny.json as a record: pages and pictures made of it alone, in two languages, and the file of version 1."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from estimator.checks.all_checks import CHECKS
from estimator.errors import InputError
from estimator.notebooks import scrutinise
from estimator.reasons import Reason
from estimator.report.figures.axes import log_ticks
from estimator.report.figures.findings import DRAWN_FROM, figure_of
from estimator.report.labels import Labels, with_labels
from estimator.report.pages.scrutiny import scrutiny_page
from estimator.report.terminal.scrutiny import labels_of, scrutiny_text
from estimator.runs.scrutiny_record import scrutiny_of_content
from estimator.words.words import words_in
from tests.scrutiny.scrutiny_examples import estimated

PLACE = Path("run/scrutiny.json")
QUICK = [name for name, check in CHECKS.items() if not check.refits]


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """A quick scrutiny with the real checks, as its file holds it."""
    found = scrutinise(estimated(tmp_path_factory.mktemp("town"), priors="moderate"), quick=True)
    return json.loads(json.dumps(found.to_dict(), allow_nan=False))


def test_the_record_gives_back_the_same_file(content):
    assert scrutiny_of_content(content, PLACE).to_dict() == content


def test_every_picture_is_drawn_of_the_file_in_both_languages(content):
    record = scrutiny_of_content(content, PLACE)
    assert [finding.check for finding in record.findings] == QUICK
    assert set(DRAWN_FROM) == set(CHECKS)
    for finding in record.findings:
        labels = {}
        for words in (words_in("en"), words_in("nl")):
            figure = figure_of(finding.check, finding.numbers, words, labels_of(record, words))
            FigureCanvasAgg(figure).draw()
            labels[words.language] = {text.get_text() for ax in figure.axes for text in ax.texts + [ax.xaxis.label]}
            for ax in figure.axes:
                for axis in (ax.xaxis, ax.yaxis):
                    assert not overlapping(axis, figure), (finding.check, words.language)
        assert labels["en"] != labels["nl"], finding.check


def overlapping(axis, figure) -> list[str]:
    """Labels of ticks that run into the next one."""
    boxes = [
        (label.get_text(), label.get_window_extent(figure.canvas.get_renderer()))
        for label in axis.get_ticklabels()
        if label.get_visible() and label.get_text()
    ]
    return [name for (name, box), (_, after) in zip(boxes, boxes[1:], strict=False) if box.overlaps(after)]


def test_text_and_page_are_dutch_altogether(content):
    record, words = scrutiny_of_content(content, PLACE), words_in("nl")
    page = re.sub(r"<svg.*?</svg>|<style>.*?</style>|<[^>]+>", " ", scrutiny_page(record, words), flags=re.DOTALL)
    english = words_in("en")
    for text in (scrutiny_text(record, words), page):
        for finding in record.findings:
            assert " ".join(words.say(finding.headline).split())[:40] in " ".join(text.replace("\xa0", " ").split())
        assert not re.search(r"\b(the|lists|people|would|sound|caution|interval of)\b", without_names(text))
    assert scrutiny_text(record, words) != scrutiny_text(record, english)


def without_names(text: str) -> str:
    """Text without what the study and the prior file say in their own words, and without thresholds."""
    text = text.split("Drempels")[0]
    for said in (r"Vooronderstellingen: .*?examples\.py", "Presumed victims in a made-up town", r"\[[a-z-]+\]"):
        text = re.sub(said, " ", text, flags=re.DOTALL)
    return text


def test_a_file_of_version_1_keeps_its_sentences(content):
    old = {key: value for key, value in content.items() if key not in ("number", "groups", "own", "remarks", "run")}
    for key in ("covariates", "levels", "table_kind", "assumption", "priors", "source", "thresholds"):
        old.pop(key)
    old |= {"schema_version": 1, "reasons": [], "cautions": ["Look."], "groups_not_alone": {"women": "Why."}}
    old["findings"] = [
        {key: value for key, value in finding.items() if key not in ("statements", "done", "thresholds")}
        | {"title": "A title", "sentences": ["It is so.", "And more."]}
        for finding in content["findings"]
    ]
    record = scrutiny_of_content(old, PLACE)
    assert [words_in("nl").say(said) for said in record.findings[0].statements] == ["It is so.", "And more."]
    assert words_in("en").say(record.cautions[0]) == "Look."
    assert "It is so." in scrutiny_page(record, words_in("en"))


@pytest.mark.parametrize("wrong", [{"schema_version": 99}, {"verdict": "fine"}, {"findings": [{}]}])
def test_what_no_scrutiny_writes_is_refused(content, wrong):
    with pytest.raises(InputError):
        scrutiny_of_content({**content, **wrong}, PLACE)


def test_names_stand_by_their_labels():
    labels = Labels({"women": "Vrouwen"}, {"sex": "geslacht"}, {"sex": {"f": "vrouw"}, "year": {"2014": "2014"}})
    inner = Reason("inner", groups=("women", "men"))
    assert with_labels(Reason("outer", group="women", clause=inner), labels) == Reason(
        "outer", group="Vrouwen", clause=Reason("inner", groups=("Vrouwen", "men"))
    )
    level = Reason("people-on-list-where", list="P", covariate="sex", level="f")
    assert with_labels(level, labels)["level"] == "vrouw"
    assert with_labels(Reason("number", stratum=("f", "2014")), labels)["stratum"] == ("vrouw", "2014")


@pytest.mark.parametrize("limits", [(700, 1200), (621, 70_000), (95, 1_050_000), (3, 40), (1, 4)])
def test_ticks_of_people_are_few_and_round(limits):
    ticks = log_ticks(*limits, 7)
    inside = [tick for tick in ticks if limits[0] <= tick <= limits[1]]
    assert 2 <= len(inside) <= 7
    assert all(tick == round(tick, 1) for tick in ticks)
