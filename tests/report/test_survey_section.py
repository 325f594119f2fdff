"""The section of a report about a survey: in every format and both languages, with the numbers of survey.json."""

from __future__ import annotations

import html
import re

import pytest

from estimator.document.building import Beside
from estimator.document.making import make_report
from estimator.signals.answers import survey_answers
from estimator.signals.survey import read_survey
from estimator.words.numbers import share, share_interval
from estimator.words.words import words_in


@pytest.fixture(scope="module")
def record():
    return survey_answers(read_survey("nl-doctors-2017"), draws=500)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_share_of_the_survey_is_in_every_format(series_run, record, tmp_path, language):
    import docx

    formats = ["html", "docx", "xlsx", "figures"]
    files = make_report(series_run, words_in(language), formats, tmp_path / "report", beside=Beside(record))
    page = next(path for path in files if path.suffix == ".html").read_text(encoding="utf-8")
    text = " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())
    document = docx.Document(str(next(path for path in files if path.suffix == ".docx")))
    written = " ".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    data = next(path for path in files if path.name == "survey.csv").read_text(encoding="utf-8")
    for question in record.questions.values():
        for answer in (*question.groups.values(), *question.options.values()):
            label = answer.label.text(language)
            said = (share(answer.share.median, language), share_interval(answer.share, language))
            for found in (text, written.replace("\N{NO-BREAK SPACE}", " ")):
                assert label in found
                assert all(one in found.replace("\N{NO-BREAK SPACE}", " ") for one in said)
    first = next(iter(record.questions.values()))
    assert all(answer.label.text(language) in data for answer in first.groups.values())


def test_without_a_survey_there_is_no_such_section(series_run, tmp_path):
    (page,) = make_report(series_run, words_in("en"), ["html"], tmp_path / "report")
    assert "Who else sees victims" not in page.read_text(encoding="utf-8")
