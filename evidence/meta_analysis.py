"""From public tables to a prior on dependence, and how well that prior does for tables that it was not learned from.

Two steps, each from fits that are tasks of their own: `learning.learn_dependence` from completed tables, and then, with
the two-list prior that it gives, `learning_residual.learn_residual` from lists held out. To see how far the result
generalises, both are done again without each family of tables in turn, and the lists of that family are estimated with
what the other families taught.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimator.calibration.held_out import Case, case_of
from estimator.calibration.held_out_fits import HeldOutFit, Source, table_of
from estimator.capture.holding_out import held_out_lists
from estimator.errors import Fault, InputError
from estimator.reasons import Reason
from estimator.study.references import study_file
from evidence.learning import (
    B_BEFORE,
    DEGREES_OF_FREEDOM,
    Dependence,
    learn_dependence,
    weights_of,
)
from evidence.learning_fits import BASE, CompletedFit
from evidence.learning_residual import Residual, learn_residual
from evidence.running import Run

_DIGITS = 2


@dataclass(frozen=True)
class PublicTable:
    """A public table to learn from.

    Parameters
    ----------
    family : str
        Versions of one table, and tables of one project, are one family.
    source : Source
        With its strata added up.
    """

    name: str
    family: str
    source: Source

    @property
    def file(self) -> Path:
        """The file with its counts."""
        if self.source.reference.endswith(".csv"):
            return Path(self.source.reference)
        return study_file(self.source.reference).parent / "table.csv"


@dataclass(frozen=True)
class ListOfTable:
    """One list that can be held out."""

    table: PublicTable
    list: str

    @property
    def key(self) -> str:
        """Name among all."""
        return f"{self.table.name}: {self.list}"


@dataclass(frozen=True)
class Choices:
    """What is supposed before any table and cannot be told by so few.

    Parameters
    ----------
    b_before : float
        Scale of the half-normal distribution of how much the size of log odds ratios differs between tables.
    residual_degrees_of_freedom : float or None
        Of a Student t distribution of the residual dependence; None: normal.
    by_interval : bool
        As in `learning.learn_dependence`.
    """

    b_before: float = B_BEFORE
    residual_degrees_of_freedom: float | None = None
    by_interval: bool = True


USUAL = Choices()


@dataclass(frozen=True)
class Learned:
    """A prior on dependence, and what it was learned from.

    Parameters
    ----------
    completed, fitted : tuple of mapping
        Results of the fits, of each list in turn: of its completed table, and of the table without the unseen.
    """

    dependence: Dependence
    residual: Residual
    lists: tuple[ListOfTable, ...]
    completed: tuple[Mapping[str, Any], ...]
    fitted: tuple[Mapping[str, Any], ...]

    @property
    def overrides(self) -> dict[str, str]:
        """The learned numbers, as changes to the priors `evidence`."""
        return _overrides(self.dependence, self.residual)

    @property
    def weights(self) -> Any:
        """Weight of each list, shape (n,): families weigh the same."""
        return weights_of([held.table.family for held in self.lists], [held.table.name for held in self.lists])


def lists_of(tables: Sequence[PublicTable]) -> tuple[list[ListOfTable], dict[tuple[str, str], Reason]]:
    """Return all lists that can be held out, and why others cannot."""
    lists: list[ListOfTable] = []
    left_out: dict[tuple[str, str], Reason] = {}
    for table in tables:
        held_lists, why_not = held_out_lists(table_of(table.source)[0])
        lists += [ListOfTable(table, held.list) for held in held_lists]
        left_out |= {(table.name, name): why for name, why in why_not.items()}
    return lists, left_out


def learn(
    lists: Sequence[ListOfTable], run: Run, seed: int = 1, without: str = "", choices: Choices = USUAL
) -> Learned:
    """Learn a prior on dependence from held-out lists.

    Parameters
    ----------
    without : str
        A family that is not learned from.
    choices : Choices
        What is supposed before any table.
    """
    others = [held for held in lists if held.table.family != without]
    to_complete = [CompletedFit(held.table.source, held.list, DEGREES_OF_FREEDOM, seed) for held in others]
    tasks = [fit.task(f"completed {held.key}") for fit, held in zip(to_complete, others, strict=True)]
    completed = list(run(tasks).values())
    weights = weights_of([held.table.family for held in others], [held.table.name for held in others])
    dependence = learn_dependence(completed, weights, seed, choices.b_before, by_interval=choices.by_interval)
    overrides = _overrides(dependence, None)
    name = f"without {without}" if without else "all"
    fitted = list(run([_fit(held, overrides, seed).task(f"{name}, {held.key}") for held in others]).values())
    residual = learn_residual(fitted, weights, choices.residual_degrees_of_freedom)
    return Learned(dependence, residual, tuple(others), tuple(completed), tuple(fitted))


def learn_without_each_family(
    lists: Sequence[ListOfTable],
    run: Run,
    seed: int = 1,
    listen: Callable[[str], None] = lambda _: None,
    choices: Choices = USUAL,
) -> dict[str, Learned]:
    """Learn as many times as there are families, each time without one of them.

    Parameters
    ----------
    listen : callable
        Hears which family is left out.
    choices : Choices
        What is supposed before any table.

    Returns
    -------
    dict of str to Learned
        By the family that was left out.
    """
    learned: dict[str, Learned] = {}
    for family in dict.fromkeys(held.table.family for held in lists):
        listen(family)
        learned[family] = learn(lists, run, seed, family, choices)
    return learned


def judge(
    lists: Sequence[ListOfTable],
    without: Mapping[str, Learned],
    run: Run,
    seed: int = 1,
    name: str = BASE,
    overrides_of: Callable[[Learned], Mapping[str, str]] = lambda learned: learned.overrides,
) -> list[Case]:
    """Estimate every held-out list with a prior learned from the other families only.

    Parameters
    ----------
    without : mapping of str to Learned
        From `learn_without_each_family`.
    name : str
        What the prior is called in the cases.
    overrides_of : callable
        What is made of what was learned, as changes to the priors `evidence`.
    """
    fits = [_fit(held, overrides_of(without[held.table.family]), seed) for held in lists]
    results = list(run([fit.task(f"{name}, {held.key}") for fit, held in zip(fits, lists, strict=True)]).values())
    return [case_of(held.table.name, fit, result, name) for held, fit, result in zip(lists, fits, results, strict=True)]


def under_priors(lists: Sequence[ListOfTable], priors: Sequence[str], run: Run, seed: int = 1) -> list[Case]:
    """Estimate every held-out list under sets of priors that were not learned from tables.

    Parameters
    ----------
    priors : sequence of str
        Names or files.
    """
    cases: list[Case] = []
    for name in priors:
        fits = [HeldOutFit(held.table.source, held.list, name, {}, seed) for held in lists]
        results = list(run([fit.task(f"{name}, {held.key}") for fit, held in zip(fits, lists, strict=True)]).values())
        cases += [case_of(held.table.name, fit, result) for held, fit, result in zip(lists, fits, results, strict=True)]
    return cases


def _fit(held: ListOfTable, overrides: Mapping[str, str], seed: int) -> HeldOutFit:
    return HeldOutFit(held.table.source, held.list, BASE, overrides, seed)


def _overrides(dependence: Dependence, residual: Residual | None) -> dict[str, str]:
    """Return learned numbers as changes to a prior file, rounded as they are printed there."""

    def rounded(value: float) -> str:
        return f"{value:.{_DIGITS}f}"

    mean, scale = dependence.relative_mean, dependence.log_scale
    overrides = {
        "dependence.relative_mean.centre": rounded(mean.mean),
        "dependence.relative_mean.size": rounded(mean.sd),
        "dependence.scale.log_normal": f"[{rounded(scale.mean)}, {rounded(scale.sd)}]",
        "dependence.degrees_of_freedom": f"{DEGREES_OF_FREEDOM:g}",
    }
    if residual is None:
        return overrides | {"residual.form": "none"}
    overrides |= {"residual.centre": rounded(residual.stated_centre), "residual.size": rounded(residual.size)}
    if residual.degrees_of_freedom is not None:
        overrides["residual.degrees_of_freedom"] = f"{residual.degrees_of_freedom:g}"
    return overrides


def tables_in(folder: Path, families: Mapping[str, str]) -> list[PublicTable]:
    """Return the tables of a folder whose family is known.

    Parameters
    ----------
    folder : Path
        With one CSV file for each table.
    families : mapping of str to str
        Family by the beginning of a file's name.

    Returns
    -------
    list of PublicTable
        In alphabetical order.

    Raises
    ------
    InputError
        When the folder has none of them.
    """
    tables = [
        PublicTable(path.stem, family, Source(str(path), pooled=True))
        for path in sorted(folder.glob("*.csv"))
        for start, family in families.items()
        if path.stem.startswith(start)
    ]
    if not tables:
        raise InputError(Fault(str(folder), f"There is no table here whose name begins with {', '.join(families)}."))
    return tables
