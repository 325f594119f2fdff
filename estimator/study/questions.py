"""What a study asks: of which groups, over which period, with which model; and what its names are called in reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate
from estimator.capture.strata import strata_where

if TYPE_CHECKING:
    from estimator.capture.table import CaptureTable

TOTAL = "total"
"""Name of the group that is everybody; each study has it."""


@dataclass(frozen=True)
class Label:
    """How something is called in a report.

    Parameters
    ----------
    en : str
        In English.
    nl : str or None, default None
        In Dutch.
    """

    en: str
    nl: str | None = None

    def text(self, language: str = "en") -> str:
        """Return the label in a language, or in English when there is none.

        Parameters
        ----------
        language : {"en", "nl"}
            Of the report.

        Returns
        -------
        str
            The label.
        """
        return self.nl if language == "nl" and self.nl else self.en


@dataclass(frozen=True)
class Labels:
    """Labels of the lists, covariates and levels of a study.

    Parameters
    ----------
    lists, covariates : mapping of str to Label
        By name.
    levels : mapping of str to mapping of str to Label
        By name of the covariate, then of the level.
    """

    lists: Mapping[str, Label]
    covariates: Mapping[str, Label] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, Label]] = field(default_factory=dict)

    @classmethod
    def of_names(cls, lists: Sequence[str], covariates: Sequence[Covariate]) -> Labels:
        """Return labels that are the names themselves.

        Parameters
        ----------
        lists : sequence of str
            Names of the lists.
        covariates : sequence of Covariate
            The covariates.

        Returns
        -------
        Labels
            One for each name.
        """
        return cls(
            {name: Label(name) for name in lists},
            {covariate.name: Label(covariate.name) for covariate in covariates},
            {covariate.name: {level: Label(level) for level in covariate.levels} for covariate in covariates},
        )


@dataclass(frozen=True)
class Group:
    """A population group: the named union of strata whose size is asked.

    Parameters
    ----------
    name : str
        Short, as in the results: ``"girls"``.
    label : Label
        As in a report.
    where : mapping of str to tuple of str
        Levels allowed of some covariates; empty for everybody.
    """

    name: str
    label: Label
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def strata(self, table: CaptureTable) -> NDArray[np.bool_]:
        """Return which strata of a table belong to the group.

        Parameters
        ----------
        table : CaptureTable
            A table with the covariates that the group names.

        Returns
        -------
        ndarray of bool, shape (n_strata,)
            True where the group is.

        Raises
        ------
        InputError
            When a covariate or level does not exist.
        """
        return strata_where(table.covariates, self.where)


@dataclass(frozen=True)
class Period:
    """The time that a table covers, so that numbers can be given per year.

    Parameters
    ----------
    covariate : str or None, default None
        The covariate that is the year, when the table is divided by year.
    headline : tuple of str or None, default None
        Its levels over which the headline numbers are averaged; None for all.
    years : int or None, default None
        How many years the table adds up, when it is not divided by year.
    """

    covariate: str | None = None
    headline: tuple[str, ...] | None = None
    years: int | None = None


@dataclass(frozen=True)
class ModelSettings:
    """The assumptions and terms of the model that a study chooses.

    Parameters
    ----------
    priors : str
        Name of shipped priors or path of a file.
    three_list : tuple of (str, str, str)
        Three-list terms, asked for by name.
    heterogeneity : tuple of str
        Covariates by which the coverage of lists may differ.
    composition : tuple of (str, str)
        Pairs of covariates that together may spread the dark figure otherwise than each alone.
    """

    priors: str = "default"
    three_list: tuple[tuple[str, str, str], ...] = ()
    heterogeneity: tuple[str, ...] = ()
    composition: tuple[tuple[str, str], ...] = ()

    @classmethod
    def for_covariates(
        cls,
        covariates: Sequence[str],
        *,
        priors: str = "default",
        three_list: tuple[tuple[str, str, str], ...] = (),
        heterogeneity: tuple[str, ...] | None = None,
        composition: tuple[tuple[str, str], ...] | None = None,
    ) -> ModelSettings:
        """Return settings in which what is left out means all covariates and all pairs of them.

        Parameters
        ----------
        covariates : sequence of str
            Names of the covariates of the table.
        priors, three_list, heterogeneity, composition
            As for the class; None for all.

        Returns
        -------
        ModelSettings
            Complete.
        """
        return cls(
            priors,
            three_list,
            tuple(covariates) if heterogeneity is None else heterogeneity,
            tuple(combinations(covariates, 2)) if composition is None else composition,
        )
