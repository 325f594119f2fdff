"""The section ``[multiverse]`` of a study file: which choices may be made otherwise, and why that can be defended."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from estimator.study.sections import EachOnce, Filled, PlacedSection, Text

Why = Annotated[Filled, Field(description='why, in "quotes": a reader must be able to judge it')]
Some = Annotated[tuple[Filled, ...], EachOnce, Field(min_length=1, description='names in a list, such as ["P", "K"]')]
Choice = Literal["decisions", "border_cases", "lists", "covariates", "methods", "priors"]
CHOICES: tuple[Choice, ...] = ("decisions", "border_cases", "lists", "covariates", "methods", "priors")
"""What may be varied, in the order in which it is done."""


class ListsSection(PlacedSection):
    """``[[multiverse.lists]]``: lists that are left out, or taken as one."""

    drop: Some = ()
    merge: Some = ()
    reason: Why
    reason_nl: Text | None = None

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        if not self.drop and not self.merge:
            return 'It changes no list. Name lists that are left out (drop = ["K"]), or taken as one (merge).'
        if len(self.merge) == 1:
            return "One list cannot be merged with itself. Name at least two under 'merge'."
        if both := [name for name in self.drop if name in self.merge]:
            return f"The list '{both[0]}' is dropped and merged. Name it under one of the two."
        return None


class CovariatesSection(PlacedSection):
    """``[[multiverse.covariates]]``: covariates over which the table is added up."""

    leave_out: Some
    reason: Why
    reason_nl: Text | None = None


class MethodsSection(PlacedSection):
    """``[[multiverse.methods]]``: another method, or the same with other options."""

    method: Filled
    options: Annotated[dict[str, Text], Field(description='choices of the method, such as {criterion = "aic"}')] = {}
    reason: Why
    reason_nl: Text | None = None


class PriorsSection(PlacedSection):
    """``[[multiverse.priors]]``: other prior assumptions, for methods that take some."""

    priors: Annotated[Filled, Field(description="the name of shipped priors, or the path of a file")]
    reason: Why
    reason_nl: Text | None = None


class BorderCaseSection(PlacedSection):
    """``[[multiverse.border_cases]]``: the table as it is when people of whom it is doubtful are counted otherwise."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]+$", description='a short name without spaces, such as "only-confirmed"')
    ]
    table: Annotated[Filled, Field(description="the path of a CSV file, from this file's folder")]
    label: Text | None = None
    label_nl: Text | None = None
    reason: Why
    reason_nl: Text | None = None


class MultiverseSection(PlacedSection):
    """``[multiverse]``: which choices may be made otherwise."""

    vary: Annotated[
        tuple[Choice, ...],
        EachOnce,
        Field(min_length=1, description=f"any of {', '.join(CHOICES)}, in a list"),
    ] = CHOICES
    decisions: (
        Annotated[tuple[Filled, ...], EachOnce, Field(description='names of [[decisions]], such as ["border-police"]')]
        | None
    ) = None
    border_cases: tuple[BorderCaseSection, ...] = ()
    lists: tuple[ListsSection, ...] = ()
    covariates: tuple[CovariatesSection, ...] = ()
    methods: tuple[MethodsSection, ...] = ()
    priors: tuple[PriorsSection, ...] = ()

    def contradiction(self) -> str | None:
        """Return that something is declared which is not to be varied, if it is."""
        for choice in CHOICES:
            if getattr(self, choice) and choice not in self.vary:
                return (
                    f"There are {choice} here, but 'vary' does not name them. Add \"{choice}\" there, or take them out."
                )
        return None
