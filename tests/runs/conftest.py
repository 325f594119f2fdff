"""Estimates that are written into run folders here."""

from tests.population.conftest import dutch, series, years

__all__ = ["dutch", "series", "years"]
