"""Estimates of which text, pictures and reports are made here."""

import json

import pytest

from estimator import estimate
from estimator.document.making import make_report
from estimator.methods.door import SamplerSettings
from estimator.runs.reading import Run, read_run
from estimator.runs.writing import save_run
from estimator.words.words import words_in
from tests.population.conftest import dutch, series, years

__all__ = ["dutch", "series", "series_run", "years"]

SHORT = SamplerSettings(draws=200, warmup=400, chains=2)
STUDIES = (
    "scotland-pwid-2006",
    "nl-2010-2015",
    pytest.param("nl-2010-2015-reconstructed", marks=pytest.mark.slow),
)


@pytest.fixture(scope="session")
def series_run(series, tmp_path_factory) -> Run:
    """A run with years, two sets of priors, inhabitants, published figures, a decision and a change."""
    return read_run(save_run(series, tmp_path_factory.mktemp("runs") / "series", ("darkfigure", "estimate", "series")))


@pytest.fixture(scope="session", params=STUDIES)
def run(request, tmp_path_factory) -> Run:
    return read_run(save_run(estimate(request.param, sampler=SHORT), tmp_path_factory.mktemp("runs") / request.param))


@pytest.fixture(scope="session", params=["en", "nl"])
def report(request, run, tmp_path_factory):
    """The language, the folder of the report, what estimate.json says, and to what the study rounds."""
    folder = tmp_path_factory.mktemp("reports") / "report"
    make_report(run, words_in(request.param), ["html", "pdf", "docx", "xlsx", "figures"], folder)
    truth = json.loads((run.folder / "estimate.json").read_text("utf-8"))
    assert truth["diagnostics"]["converged"], "or else no number is printed"
    return request.param, folder, truth, run.facts.round_to
