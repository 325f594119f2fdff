"""What is unknown of people, as arrays, where it matters how many people it is unknown of.

`estimator.capture.roads` says when that is: where a count that is known only within bounds shares cells with people of
unknown level. The share of the people in group k (all who are alike in whatever is known of everybody in the table)
who took road r is

    rho[k, r] = softmax over r of  eta[k, r],    eta[k, 0] = 0,    eta[k, r] = sum_c X[k, c] b[r, c]

with columns c for a constant, for each list, and for the levels of each covariate that no road leaves unknown (missing
at random given these). Road 0 is that of people of whom everything is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.roads import Roads
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear import contrasts
from estimator.methods.stated_shares import log_odds_of
from estimator.study.questions import ModelSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EFFECT_SD = 1.0
"""Standard deviation of the effects of lists and levels on the log odds of a road: factors of 1/7 to 7 (95 %)."""


@dataclass(frozen=True)
class Unknown:
    """The roads by which people reach a table, for a model; without names there is but one, and no parameter.

    Parameters
    ----------
    names : tuple of str
        Name of each of the (R - 1) * C coefficients: ``"unknown sex: constant"``, ``"unknown sex: on A"``.
    mean, sd : ndarray, shape ((R - 1) * C,)
        Of their normal priors.
    columns : ndarray, shape (K, C)
        X, for each group of people that some way needs.
    way_group : ndarray of int, shape (W,)
        Group of each way: one or several roads of one group, of which a number holds the people together.
    way_roads : ndarray, shape (W, R)
        1 for the roads of each way.
    way_people : ndarray, shape (W,)
        People whose way is exactly known.
    way_of_range : ndarray of int, shape (number of ranges,)
        Way of the people of each number that is known within bounds; -1 for all roads together.
    way_of_number : ndarray of int, shape (J,)
        The same for every observed number of the table.
    """

    names: tuple[str, ...] = ()
    mean: Floats = field(default_factory=lambda: np.zeros(0))
    sd: Floats = field(default_factory=lambda: np.zeros(0))
    columns: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    way_group: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    way_roads: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    way_people: Floats = field(default_factory=lambda: np.zeros(0))
    way_of_range: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    way_of_number: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What compiled code takes, from `columns` to `way_of_range`."""
        return (
            np.ascontiguousarray(self.columns),
            self.way_group,
            np.ascontiguousarray(self.way_roads),
            self.way_people,
            self.way_of_range,
        )

    def log_shares_of_ways(self, coefficients: Floats) -> Floats:
        """Return the log of the share of its group that each way has.

        Parameters
        ----------
        coefficients : ndarray, shape (..., (R - 1) * C)

        Returns
        -------
        ndarray, shape (..., W)
        """
        lead, n_roads = coefficients.shape[:-1], self.way_roads.shape[1]
        eta = coefficients.reshape(*lead, n_roads - 1, -1) @ self.columns.T
        eta = np.concatenate([np.zeros((*lead, 1, len(self.columns))), eta], axis=-2)
        log_roads = np.moveaxis(eta - np.logaddexp.reduce(eta, axis=-2, keepdims=True), -2, -1)
        with np.errstate(divide="ignore"):
            return np.asarray(
                np.logaddexp.reduce(log_roads[..., self.way_group, :] + np.log(self.way_roads), axis=-1),
                dtype=np.float64,
            )

    def of_part(self, ranges: NDArray[np.bool_]) -> Unknown:
        """Return the same for a part of the table that has these of its ranges, and all its people of known way."""
        return replace(self, way_of_range=self.way_of_range[ranges]) if self.names else self


NO_UNKNOWN = Unknown()
"""Everything is known of everybody, or it does not matter how many people it is not known of."""


def unknown_of(table: CaptureTable, model: ModelSettings, whole: CaptureTable | None = None) -> Unknown:
    """Return the roads of a table.

    Parameters
    ----------
    model : ModelSettings
        States the prior on the share of people of whom something is unknown.
    whole : CaptureTable, optional
        The table of which this one lacks some numbers: where that has roads, this one has the same.
    """
    roads = (whole or table).roads
    if roads is None:
        return NO_UNKNOWN
    if whole is not None:
        roads = table.roads_among(roads.unknown)
    columns, names = _columns(table, roads)
    some = np.flatnonzero(~roads.of_number.all(axis=1))  # the people of the others are all of their group
    _, first, way = np.unique(
        np.hstack([columns, roads.of_number])[some], axis=0, return_index=True, return_inverse=True
    )
    way_of_number = np.full(len(table.lower), -1, dtype=np.int64)
    way_of_number[some] = way.reshape(-1)
    groups, of_way = np.unique(columns[some][first], axis=0, return_inverse=True)
    exact = table.lower == table.upper
    counted = exact & (way_of_number >= 0)
    mean, sd = log_odds_of(model.unknown_share)
    blank = [_road_name(table, road) for road in roads.unknown[1:]]
    n_columns = len(names)
    return Unknown(
        names=tuple(f"{road}: {name}" for road in blank for name in names),
        mean=np.tile([mean, *[0.0] * (n_columns - 1)], len(blank)),
        sd=np.tile([sd, *[EFFECT_SD] * (n_columns - 1)], len(blank)),
        columns=groups,
        way_group=of_way.reshape(-1).astype(np.int64),
        way_roads=roads.of_number[some][first].astype(np.float64),
        way_people=np.bincount(way_of_number[counted], table.lower[counted], minlength=len(first)).astype(np.float64),
        way_of_range=way_of_number[~exact],
        way_of_number=way_of_number,
    )


def _columns(table: CaptureTable, roads: Roads) -> tuple[Floats, tuple[str, ...]]:
    """Return the columns of each number by what is always known of its people, shape (J, C), and their names."""
    n_covariates, told, known = len(table.covariates), roads.always_known, roads.known
    columns, names = [np.ones((len(known), 1))], ["constant"]
    for at, name in enumerate(table.lists, n_covariates):
        if told[at]:
            columns.append(known[:, at : at + 1].astype(np.float64))
            names.append(f"on {name}")
    for at, covariate in enumerate(table.covariates):
        if told[at]:
            matrix = contrasts.covariate_contrasts(len(covariate.levels), ordered=covariate.ordered)
            columns.append(contrasts.rows_of(matrix, known[:, at]))
            names += [f"{covariate.name} {k + 1}" for k in range(matrix.shape[1])]
    return np.hstack(columns), tuple(names)


def _road_name(table: CaptureTable, unknown: NDArray[np.bool_]) -> str:
    every = [*(covariate.name for covariate in table.covariates), *table.lists]
    return "unknown " + " and ".join(name for name, blank in zip(every, unknown, strict=True) if blank)
