"""By which road people reached a table: with everything known of them, or with some covariate or list left blank.

Where counts are exact, the roads need no model: how many people took each says nothing of how many there are. A count
that is known only between bounds, of people of known sex, say, beside people of the same history of unknown sex, does
need one: the share of people whose sex is known decides what the bounds say of all of them.

A road is the set of what is unknown on it. Of the people of a cell, those who took a road are counted together with
those of all cells that differ only in what is unknown there. Two roads that count the same cells together cannot be
told apart, and are one there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimator.capture.observations import (
    BoolArray,
    IntArray,
    Observations,
    is_uncertain,
    separate_uncertain,
    take,
)


@dataclass(frozen=True, eq=False)
class Roads:
    """The roads of a table.

    Parameters
    ----------
    unknown : ndarray of bool, shape (R, n)
        Which of the n covariates and lists (covariates first) are unknown on each road; road 0 is that of people of
        whom everything is known.
    of_number : ndarray of bool, shape (J, R)
        By which roads the people of each observed number came.
    known : ndarray of int64, shape (J, n)
        Level of each covariate, and presence on each list, of the people of each number; right where no road leaves it
        unknown.
    """

    unknown: BoolArray
    of_number: BoolArray
    known: IntArray

    @property
    def always_known(self) -> BoolArray:
        """What every road tells of people, shape (n,): what a road is taken by may depend on this and nothing else."""
        told: BoolArray = np.logical_not(np.any(self.unknown, axis=0, keepdims=True))[0]
        return told


def shares_uncertain(observations: Observations, n_cells: int) -> bool:
    """Return whether a number that is not exactly known counts people in a cell in which another number does too."""
    people = take(observations, observations.upper > 0)
    times = np.bincount(people.cell, minlength=n_cells)
    uncertain = is_uncertain(people)[people.owner]
    return bool((times[people.cell[uncertain]] > 1).any())


def roads_of(observations: Observations, coordinates: IntArray, unknown: BoolArray | None = None) -> Roads | None:
    """Return the roads by which people of the observed numbers came.

    Parameters
    ----------
    observations : Observations
        J numbers, each of at least one cell.
    coordinates : ndarray of int64, shape (n_cells, n)
        Level of each covariate, and presence on each list as it was written down, of each cell.
    unknown : ndarray of bool, shape (R, n), optional
        The roads that there are; by default those that some number needs.

    Returns
    -------
    Roads or None
        None where the cells of some number are not those of any road.
    """
    start = observations.start[:-1]
    if unknown is None:
        here = coordinates[observations.cell]
        varies = np.maximum.reduceat(here, start, axis=0) != np.minimum.reduceat(here, start, axis=0)
        unknown = np.unique(np.vstack([np.zeros((1, varies.shape[1]), bool), varies]), axis=0)
        unknown = unknown[np.argsort(unknown.sum(axis=1), kind="stable")]
    cells, place = np.unique(observations.cell, return_inverse=True)
    of_number = np.zeros((len(observations), len(unknown)), bool)
    for road, blank in enumerate(unknown):
        alike = np.unique(coordinates[cells][:, ~blank], axis=0, return_inverse=True)[1].reshape(-1)
        size, label = np.bincount(alike), alike[place.reshape(-1)]
        first = label[start]
        together = (np.maximum.reduceat(label, start) == first) & (np.minimum.reduceat(label, start) == first)
        of_number[:, road] = together & (size[first] == observations.length)
    if not of_number.any(axis=1).all():
        return None
    return Roads(unknown, of_number, coordinates[observations.cell[start]])


def by_road_or_apart(observations: Observations, coordinates: IntArray, *, had_roads: bool) -> Observations:
    """Return the observations of a rearranged table: number by number where roads account for shared cells.

    Parameters
    ----------
    observations : Observations
        Canonical, of the new cells.
    coordinates : ndarray of int64, shape (n_cells, n)
        Of the new cells, as in `roads_of`.
    had_roads : bool
        Whether uncertain numbers shared cells before; where they did not, they are kept apart now.

    Returns
    -------
    Observations
        Canonical; otherwise as `estimator.capture.observations.separate_uncertain` has it.
    """
    n_cells = len(coordinates)
    if had_roads and shares_uncertain(observations, n_cells) and roads_of(observations, coordinates) is not None:
        return observations
    return separate_uncertain(observations, n_cells)
