"""The folder of a survey: survey.json, and survey.csv with one row for each share."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from estimator.runs.folders import new_folder
from estimator.runs.writing import write_text
from estimator.signals.record import SURVEY_JSON, AnswerRecord, SurveyRecord
from estimator.words.shown import in_cell

_COLUMNS = ("question", "who", "label", "asked", "yes_least", "yes_most", "share", "lower", "upper")


def save_survey(record: SurveyRecord, target: Path) -> None:
    """Write a survey into a new folder, complete or not at all.

    Raises
    ------
    InputError
        When the folder exists or cannot be written.
    """
    with new_folder(target, "survey") as part:
        write_text(part / SURVEY_JSON, record.text())
        write_text(part / "survey.csv", _csv_of(record))


def _csv_of(record: SurveyRecord) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for name, question in record.questions.items():
        answers: dict[str, AnswerRecord] = {**question.groups, **question.options}
        if question.total is not None:
            answers[""] = question.total
        for who, answer in answers.items():
            counts, share = answer.counts, answer.share
            cells = (name, who, answer.label.en, counts.asked, counts.least, counts.most)
            writer.writerow([in_cell(str(cell)) for cell in (*cells, share.median, share.lower, share.upper)])
    return text.getvalue()
