"""Estimates of which text, pictures and reports are made here."""

import pytest

from estimator.runs.reading import Run, read_run
from estimator.runs.writing import save_run
from tests.population.conftest import dutch, series, years

__all__ = ["dutch", "series", "series_run", "years"]


@pytest.fixture(scope="session")
def series_run(series, tmp_path_factory) -> Run:
    """A run with years, two sets of priors, inhabitants, published figures, a decision and a change."""
    return read_run(save_run(series, tmp_path_factory.mktemp("runs") / "series", ("darkfigure", "estimate", "series")))
