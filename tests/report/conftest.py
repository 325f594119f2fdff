"""Estimates of which text and pictures are made here."""

from tests.population.conftest import dutch, series, years

__all__ = ["dutch", "series", "years"]
