"""What may be said of two numbers that stand side by side: which differences have a probability, and which have none.

A probability of a rise needs two numbers of people who can have become more or fewer (other years), and a posterior in
which both stand. Years of one run have both. Two runs have it approximately, when their data, assumptions and kinds of
table let them; where they do not, the comparison shows what each run says and subtracts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from estimator.comparison.assumptions_of_runs import assumptions_differ
from estimator.comparison.differences import Pairing, independent, joint
from estimator.comparison.sides import Side
from estimator.runs.reading import SavedRun
from estimator.words.numbers import levels_in_words


@dataclass(frozen=True)
class Basis:
    """On what ground two sides are compared.

    Parameters
    ----------
    name : str
        ``joint``, ``separate`` or ``shared years`` (with a probability); ``same run``, ``same data``,
        ``same years``, ``no years``, ``partly the same years``, ``other assumptions`` or ``other kinds`` (without).
    probability : bool
        Whether a difference has an interval and a probability.
    sentence : str
        What that means.
    """

    name: str
    probability: bool
    sentence: str

    def pairing(self, before: Side, after: Side) -> Pairing | None:
        """Return which draws belong together; None when nothing may be subtracted."""
        if not self.probability:
            return None
        return joint(after.n_draws) if self.name == "joint" else independent(before.n_draws, after.n_draws)


JOINT = Basis(
    "joint",
    True,
    "Both years are in every draw of one posterior: whatever is uncertain in both alike drops out of their difference. "
    "Its interval and its probability are those of this model and these priors.",
)
_SEPARATE = (
    "The runs are of other years and share no counts, so their draws are taken as independent. An assumption that is "
    "wrong in both moves both numbers the same way; the interval of the difference counts that twice, and is too wide "
    "rather than too narrow. Years of one run over all the data are compared more sharply."
)


SAME_RUN = (
    "A and B are the same run, so there is nothing to compare: every number stands here twice. Name another run, or "
    "two years of this one with --years."
)


def is_same_run(first: SavedRun, second: SavedRun) -> bool:
    """Tell whether two runs are one: the same folder, or a copy of it.

    Returns
    -------
    bool
        Copies have the same manifest, with the second in which the run was made.
    """
    if first.folder.resolve() == second.folder.resolve():
        return True
    return "made" in first.manifest and first.manifest == second.manifest


def basis_between(before: Side, after: Side) -> Basis:
    """Return on what ground two runs are compared.

    Parameters
    ----------
    before, after : Side
        Of two runs.

    Returns
    -------
    Basis
        The first that applies of: same run, other kinds of table, same data, no years, same years, other assumptions,
        shared years, partly the same years (seen by other lists); otherwise separate.
    """
    first, second = before.run, after.run
    if is_same_run(first, second):
        return Basis("same run", False, SAME_RUN)
    if first.table_kind != second.table_kind:
        return Basis("other kinds", False, _other_kinds(first, second))
    if first.table_hash is not None and first.table_hash == second.table_hash:
        return Basis("same data", False, _same_data(before, after))
    if not before.years or not after.years:
        return Basis("no years", False, _NO_YEARS)
    if set(before.years) == set(after.years):
        return Basis("same years", False, _SAME_YEARS)
    if assumptions_differ(first, second):
        return Basis("other assumptions", False, _OTHER_ASSUMPTIONS + _advice(before, after))
    if shared_years(first, second) and set(_lists(first)) & set(_lists(second)):
        years = levels_in_words(shared_years(first, second), second.all_years)
        return Basis("shared years", True, _SHARED.format(years=years) + _advice(before, after))
    if set(before.years) & set(after.years):
        return Basis("partly the same years", False, _PARTLY)
    return Basis("separate", True, _SEPARATE)


_NO_YEARS = (
    "A table that is not divided by year does not say which years it is about, so the two runs may hold the same "
    "people or others. What each says is shown; no probability of a rise is given. Make the year a covariate ([period] "
    "in study.toml) to compare years."
)
_SAME_YEARS = (
    "Both runs are about the same years, and the number of people in them is one number, estimated twice from other "
    "data. A difference is a revision, not a rise: no probability of a rise is given."
)
_PARTLY = (
    "Part of the years is the same in both runs, as other lists saw it: the people of those years are the same people, "
    "so no probability of a rise is given. Compare years that only one of the runs is about (--years)."
)
_OTHER_ASSUMPTIONS = (
    "The runs differ in their assumptions as well as in their years: a difference may come from either, so no "
    "probability of a rise is given. Estimate the first study again under the assumptions of the second."
)
_SHARED = (
    "Both tables hold counts of {years}, but the draws of two runs are taken as independent: what the runs have in "
    "common is counted twice, so the interval of the difference is approximate, as a rule too wide."
)


def _other_kinds(before: SavedRun, after: SavedRun) -> str:
    return (
        f"The first table is {before.table_kind}, the second {after.table_kind}: their difference says nothing about "
        "people, and none is given."
    )


def _same_data(before: Side, after: Side) -> str:
    """Return what two runs of one table can be compared for."""
    if set(before.years) == set(after.years):
        return (
            "Both runs are of the same table, so the people are the same: whatever differs comes from the assumptions, "
            "the decisions or the sampling, and there is no rise or fall to give a probability of."
        )
    return (
        "Both runs are of the same table but of other years. Their uncertainty is largely the same, which draws of two "
        f"runs do not show, so nothing is subtracted.{_advice(before, after)}"
    )


def _advice(before: Side, after: Side) -> str:
    """Return the command that compares the same years within one run, where a run holds both."""
    for run in (after.run, before.run):
        if set(before.years) | set(after.years) <= set(run.all_years):
            single = len(before.years) == len(after.years) == 1
            years = f" --years {before.years[0]},{after.years[0]}" if single else ""
            return f" Single years are compared exactly within one run: darkfigure compare {run.folder}{years}"
    return ""


def shared_years(before: SavedRun, after: SavedRun) -> tuple[str, ...]:
    """Return the years that are in the tables of both runs."""
    return tuple(year for year in before.all_years if year in after.all_years)


def _lists(run: SavedRun) -> tuple[str, ...]:
    return tuple(run.facts.get("lists", ()))
