"""The door for methods: what every method is asked, and what it answers with, whatever goes on inside it.

Everything behind an estimate (groups, fitness, the run folder, comparison, calibration) knows a method through this
module alone. `estimator.methods.registry` has the methods by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Hears how many draws are done, of how many."""


@dataclass(frozen=True)
class SamplerSettings:
    """How to sample.

    Parameters
    ----------
    draws, warmup : int
        Per chain.
    seed : int
        Of all randomness of an estimate.
    target_accept : float
        Between 0 and 1; larger takes smaller steps.
    sampler : str
        Which program draws, where a method has several: ``nutpie``, or ``pymc`` as a check.
    """

    draws: int = 2000
    warmup: int = 1000
    chains: int = 4
    cores: int = 2
    seed: int = 1
    target_accept: float = 0.9
    sampler: str = "nutpie"


class Listener:
    """Hears how an estimate gets on; the command line shows it, anybody else may ignore it."""

    def stage(self, text: str) -> None:
        """Hear that a new stage begins."""

    def progress(self, done: int, total: int) -> None:
        """Hear how many draws have been made of how many."""


@dataclass(frozen=True, eq=False)
class PopulationDraws:
    """Draws of the population of every stratum.

    Parameters
    ----------
    registered : ndarray of int, shape (chain, draw, S)
        People on at least one list, those of whom only part is known placed in strata.
    unseen : ndarray of int, shape (chain, draw, S)
        The dark figure.
    expected_unseen : ndarray, shape (chain, draw, S)
        Its expectation given the parameters, residual dependence included.
    implied : ndarray, shape (chain, draw, S), optional
        Its expectation as lists and pairs of lists imply it, without residual dependence; left out where there is none.
    has_mean : bool
        Whether the dark figure has a mean; not where residual dependence has long tails.
    """

    registered: Ints
    unseen: Ints
    expected_unseen: Floats
    implied: Floats | None = None
    has_mean: bool = True

    @property
    def implied_unseen(self) -> Floats:
        """What convergence is judged by, shape (chain, draw, S): residual dependence is drawn exactly."""
        return self.expected_unseen if self.implied is None else self.implied

    @property
    def size(self) -> Ints:
        """Population size N, shape (chain, draw, S)."""
        return self.registered + self.unseen
