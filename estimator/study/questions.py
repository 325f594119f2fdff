"""What a study asks: of which groups, over which period, with which model; and what its names are called in reports.

Also what was decided about its lists, and what is known to have happened to them: both stand beside every estimate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate
from estimator.capture.strata import strata_where
from estimator.capture.table import CaptureTable
from estimator.study.shipped import DEFAULT_PRIORS

TOTAL = "total"
"""Name of the group that is everybody; each study has it."""


@dataclass(frozen=True)
class Label:
    """How something is called in a report, in English and perhaps in Dutch."""

    en: str
    nl: str | None = None

    def text(self, language: str = "en") -> str:
        """Return the label in a language, or in English when there is none."""
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
        """Return labels that are the names themselves."""
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
    where : mapping of str to tuple of str
        Levels allowed of some covariates; empty for everybody.
    per : str or None, default None
        The population by which a rate is given, as named in the file of denominators; None for no rate.
    """

    name: str
    label: Label
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    per: str | None = None

    def strata(self, table: CaptureTable) -> NDArray[np.bool_]:
        """Return which strata of a table belong to the group, of those that are estimated; shape (n_strata,).

        Raises
        ------
        InputError
            When a covariate or level does not exist.
        """
        return strata_where(table.covariates, self.where) & table.estimated


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
class DisclosureRules:
    """Which registered numbers a report may print.

    Parameters
    ----------
    minimum : int
        A number of registered people from 1 up to this, itself not included, is withheld.
    rounding : int, default 1
        Registered numbers are printed to a multiple of this.
    dominance : float or None, default None
        A number of registered people of whom one list saw more than this share is withheld; None for no such rule.
    zeros : {"shown", "withheld"}
        Whether a zero is printed, or counts as a small number.
    """

    minimum: int
    rounding: int = 1
    dominance: float | None = None
    zeros: Literal["shown", "withheld"] = "shown"


Choice = Literal["keep", "drop", "merge"]
"""What is decided of a list."""


@dataclass(frozen=True)
class Precision:
    """How wide the 95 % interval of the total may be for what is decided by it.

    Parameters
    ----------
    factor : float
        Upper limit divided by lower limit, at the most; above 1.
    reason : str
        What is decided, and why it bears no more.
    reason_nl : str or None
        The reason in Dutch; None where the study does not say.
    """

    factor: float
    reason: str
    reason_nl: str | None = None


@dataclass(frozen=True)
class Decision:
    """Whether a list is used in some strata, or taken as one with another; decided by people and not by the data.

    Parameters
    ----------
    name : str
        Short, by which the decision can be changed for one run: ``"border-police"``.
    list : str
        The list that it is about.
    choice : {"keep", "drop", "merge"}
        What is done: the list is used as it is, treated as if it had not run there, or taken as one with `fed_by`.
    where : mapping of str to tuple of str
        The strata; empty for all.
    reason : str
        Why; a reader must be able to judge it.
    chosen_for_this_run : bool, default False
        Whether the choice was made for this run only, in place of the one in the study file.
    reason_nl : str or None
        The reason in Dutch; None where the study does not say.
    fed_by : str or None
        The list from which it gets people (a referral); None where the study declares none.
    """

    name: str
    list: str
    choice: Choice
    where: Mapping[str, tuple[str, ...]]
    reason: str
    chosen_for_this_run: bool = False
    reason_nl: str | None = None
    fed_by: str | None = None


@dataclass(frozen=True)
class Change:
    """A change of a list: its numbers before and after do not form one series.

    Parameters
    ----------
    kind : {"stopped", "redefined"}
        It no longer ran; or it went on under another definition, so that its coverage may have jumped.
    since : str
        The first level of the period's covariate for which that holds.
    reason_nl : str or None
        The same in Dutch; None where the study does not say.
    """

    list: str
    kind: Literal["stopped", "redefined"]
    since: str
    reason: str
    reason_nl: str | None = None


@dataclass(frozen=True)
class Break:
    """A break in the coverage of a list: what the model needs of a list that was redefined.

    Parameters
    ----------
    covariate : str
        The ordered covariate along which its coverage breaks.
    since : str
        The first level after the break; never the first level of all.
    """

    list: str
    covariate: str
    since: str


@dataclass(frozen=True)
class FalsePositives:
    """People on a list who are later found to be no victims: a share of the list that is known within limits.

    Parameters
    ----------
    share : (float, float)
        95 % interval of their share of the list's people, in the strata of which it is declared.
    among : {"alone", "any"}
        Whether they are on that list alone, or on other lists as often as anybody else on it.
    where : mapping of str to tuple of str
        The strata; empty for all.
    reason, reason_nl : str
        How it is known; the same in Dutch, where the study says it.
    """

    list: str
    share: tuple[float, float]
    among: Literal["alone", "any"] = "alone"
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str = ""
    reason_nl: str | None = None


@dataclass(frozen=True)
class LinkageErrors:
    """Links between lists that are missed or wrong: shares that are known within limits.

    Parameters
    ----------
    lists : tuple of str
        Between which lists; empty for all.
    missed : (float, float) or None
        95 % interval of the share of the pairs of records of one person that are not linked.
    wrong : (float, float) or None
        95 % interval of the share of the entries with several lists that are two people.
    reason, reason_nl : str
        How it is known; the same in Dutch, where the study says it.
    """

    lists: tuple[str, ...] = ()
    missed: tuple[float, float] | None = None
    wrong: tuple[float, float] | None = None
    reason: str = ""
    reason_nl: str | None = None


UNKNOWN_SHARE = (0.005, 0.8)
"""Of whom something is unknown: anything from one in two hundred to four in five, if a study does not say (95 %)."""


@dataclass(frozen=True)
class ModelSettings:
    """The assumptions and terms of the model that a study chooses.

    Parameters
    ----------
    priors : str
        Name of shipped priors or path of a file.
    three_list : tuple of (str, str, str)
        Three-list terms, asked for by name.
    heterogeneity : tuple of tuple of str
        By what the coverage of lists may differ: each entry is one covariate, ``("year",)``, or several that together
        may do what they do not do each alone, ``("age", "form")``.
    composition : tuple of (str, str)
        Pairs of covariates that together may spread the dark figure otherwise than each alone.
    breaks : tuple of Break
        Lists whose coverage may jump at a level of an ordered covariate.
    beside : tuple of str
        Names or paths of the priors under which every estimate is shown as well.
    method : str
        By which the dark figure is estimated.
    false_positives : tuple of FalsePositives
        Lists with people who are no victims.
    linkage_errors : tuple of LinkageErrors
        Links between lists that are missed or wrong.
    unknown_share : (float, float)
        95 % limits of the share of people of whom something is unknown, where a count within bounds makes it matter.
    """

    priors: str = DEFAULT_PRIORS
    three_list: tuple[tuple[str, str, str], ...] = ()
    heterogeneity: tuple[tuple[str, ...], ...] = ()
    composition: tuple[tuple[str, str], ...] = ()
    breaks: tuple[Break, ...] = ()
    beside: tuple[str, ...] = ()
    method: str = "loglinear"
    options: Mapping[str, str] = field(default_factory=dict)
    false_positives: tuple[FalsePositives, ...] = ()
    linkage_errors: tuple[LinkageErrors, ...] = ()
    unknown_share: tuple[float, float] = UNKNOWN_SHARE

    @property
    def has_errors(self) -> bool:
        """Whether errors of registers are declared."""
        return bool(self.false_positives or self.linkage_errors)

    @classmethod
    def for_covariates(
        cls,
        covariates: Sequence[str],
        *,
        priors: str = DEFAULT_PRIORS,
        three_list: tuple[tuple[str, str, str], ...] = (),
        heterogeneity: Sequence[str | Sequence[str]] | None = None,
        composition: tuple[tuple[str, str], ...] | None = None,
        breaks: tuple[Break, ...] = (),
        beside: tuple[str, ...] = (),
        method: str = "loglinear",
        options: Mapping[str, str] | None = None,
    ) -> ModelSettings:
        """Return settings in which what is left out means all covariates and all pairs of them.

        In `heterogeneity` a single covariate may go without its brackets.
        """
        entries = covariates if heterogeneity is None else heterogeneity
        return cls(
            priors,
            three_list,
            tuple((entry,) if isinstance(entry, str) else tuple(entry) for entry in entries),
            tuple(combinations(covariates, 2)) if composition is None else composition,
            breaks,
            beside,
            method,
            options or {},
        )
