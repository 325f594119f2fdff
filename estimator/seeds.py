"""Streams of random numbers by name: all randomness of a run follows from one seed, each use by a stream of its own.

Two uses never share numbers, so that one may change without moving the other. The numbers behind the names are part of
every result: whoever changes one changes what the same seed gives.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

STREAMS: Mapping[str, int] = {
    # an estimate
    "people": 0x5EED,  # of every stratum, given the parameters
    "residual": 0x5E51D,  # dependence that no list can show
    "residual-of-strata": 0x5E52,
    "predictive-p": 0xF17,
    "predictive-placing": 0xF18,  # people whose cell is not known
    "prior": 0x9017,  # draws that are kept beside the posterior
    "prior-view": 0x9814,
    "lower-bound": 0xC4A0,
    "decomposable": 0xDEC0,
    "selection": 0x5E1E,  # bootstrap tables
    "selection-draws": 0x5E1F,
    "independence": 0x1DE9,
    "threshold": 0x74E5,
    "heterogeneity": 0x8E7E,
    "latent-class": 0x1C1A,
    "doubly-robust": 0xD0B1,  # splits of people and trees, and draws
    # a survey
    "survey": 0x5A4E,  # one for each question
    "survey-selection": 0x5A4F,
    # repeat counts
    "repeat-counts": 0x2EC0,
    # a plan
    "plan": 0x91A0,  # one for each simulated population
    "plan-cells": 0x91A1,
    "plan-fit": 0x91A2,  # one for each fit
    "plan-again": 0x91A3,
    "plan-people": 0x91A4,  # behind the entries, one for each simulated population
    "plan-entries": 0x91A5,  # that registers make with the new list, one for each population and coverage
    "plan-linkage": 0x91A6,  # one for each population and way of linking
    # a multiverse
    "multiverse": 0x3171,  # which specifications are tried, of many
    # registers
    "linkage": 0x11A6,  # one for each table
    # checks
    "completed-tables": 0xC0,
    "predictive-tables": 0x5C,
    "prior-population": 0x1D,
    "power-sensitivity": 0x905E,
    "draws-moved": 0x71,
    "draws-held": 0x72,
    "refit-without-number": 0x100,
    "refit-without-list": 0x200,
    "refit-with-levels": 0x280,
    "own-tables": 0x51,
    "dependent-tables": 0x52,
    "unequal-chances": 0xD1FF,
    "simulated-counts": 0x53,
    "simulated-table": 0x300,  # one more for each kind of table
    "refit-of-simulated": 0x400,  # one more for each kind of table
    # calibration
    "table-of-prior": 0x51B,
    "scenario": 0x6B1D,
    "ranks": 0x5BC,
}
"""The number of every stream."""


def stream(seed: int, *which: str | int) -> np.random.Generator:
    """Return the random numbers of one use.

    Parameters
    ----------
    *which : str or int
        A name of `STREAMS`, with numbers before or after it where a use has many parts.
    """
    return np.random.default_rng(_sequence(seed, which))


def seed_of(seed: int, *which: str | int) -> int:
    """Return a seed for one of many fits, that follows from the seed of all; arguments as for `stream`."""
    return int(_sequence(seed, which).generate_state(1)[0])


def _sequence(seed: int, which: tuple[str | int, ...]) -> np.random.SeedSequence:
    return np.random.SeedSequence([seed, *(STREAMS[part] if isinstance(part, str) else part for part in which)])
