"""Prior assumptions: a file that a statistician edits, each prior a statement with its reason."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, model_validator

from estimator.errors import Fault, InputError, did_you_mean
from estimator.reasons import Reason
from estimator.shipped import folder
from estimator.study.overrides import Overrides
from estimator.study.priorsections import (
    FORMS,
    CompositionPrior,
    CoveragePrior,
    DarkFigurePrior,
    DependencePrior,
    HeterogeneityPrior,
    StatedPrior,
    ThreeListPrior,
)
from estimator.study.questions import ModelSettings
from estimator.study.residualsection import LEARNING_FORMS, ResidualPrior, no_residual, tidied
from estimator.study.sections import Filled, Section, read_section
from estimator.study.shipped import DEFAULT_PRIORS, looks_like_path, shipped_priors
from estimator.study.tomlfile import Location, TomlFile, dotted, read_toml
from estimator.userfiles import is_file


class Priors(Section):
    """All prior assumptions of a model; without a section ``[residual]``, as with its form `none`."""

    title: Annotated[Filled, Field(description='one line in "quotes"')]
    title_nl: Annotated[Filled | None, Field(description='the same line in Dutch, in "quotes"')] = None
    description: Annotated[str, Field(description='some lines in "quotes": when to use these priors')] = ""
    description_nl: Annotated[str | None, Field(description='the same lines in Dutch, in "quotes"')] = None
    dark_figure: Annotated[DarkFigurePrior, Field(description="a section [dark_figure]")]
    coverage: Annotated[CoveragePrior, Field(description="a section [coverage]")]
    dependence: Annotated[DependencePrior, Field(description="a section [dependence]")]
    heterogeneity: Annotated[HeterogeneityPrior, Field(description="a section [heterogeneity]")]
    composition: Annotated[CompositionPrior, Field(description="a section [composition]")]
    three_list: Annotated[ThreeListPrior, Field(description="a section [three_list]")]
    residual: Annotated[ResidualPrior | None, Field(description="a section [residual]")] = None
    _file: TomlFile | None = PrivateAttr(default=None)
    _overrides: Overrides = PrivateAttr(default=Overrides())

    def __eq__(self, other: object) -> bool:
        """Priors are the same when they say the same, whichever file they come from."""
        return isinstance(other, Priors) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash(repr(self._said()))

    def _said(self) -> dict[str, Any]:
        """Return what is stated; no residual dependence says the same as none mentioned."""
        return self.model_dump() | ({} if self.has_residual else {"residual": None})

    def title_in(self, language: str) -> str:
        """Return the title in a language; in English when there is none in it."""
        return self.title_nl if language == "nl" and self.title_nl else self.title

    def description_in(self, language: str) -> str:
        """Return the description in a language; in English when there is none in it."""
        return self.description_nl if language == "nl" and self.description_nl else self.description

    @property
    def has_residual(self) -> bool:
        """Whether the dark figure may differ from what the overlaps imply."""
        return self.residual is not None and self.residual.form != "none"

    @property
    def path(self) -> Path | None:
        """The file that these priors were read from, if any."""
        return self._file.path if self._file else None

    @property
    def overrides(self) -> dict[str, str]:
        """What was changed after reading: dotted key to TOML value."""
        return dict(self._overrides.given)

    def stated(self) -> list[StatedPrior]:
        """Return every prior as it is stated, in the order of the file."""
        sections = (
            self.dark_figure,
            self.coverage,
            self.dependence,
            self.heterogeneity,
            self.composition,
            self.three_list,
        )
        stated = [prior for section in sections for prior in section.stated()]
        stated.append(no_residual() if self.residual is None else self.residual.stated(self.dependence.scale))
        return [self._with_present_reason(prior) for prior in stated]

    def check_against(self, lists: Sequence[str], model: ModelSettings | None = None) -> None:
        """Check that the priors fit a study: its lists, and what its model needs.

        Raises
        ------
        InputError
            With a fault for each list that is not there, and each statement that is missing.
        """
        named: list[tuple[Location, str]] = [
            (("dependence", "pairs", index, "lists"), name)
            for index, pair in enumerate(self.dependence.pairs)
            for name in pair.lists
        ]
        named += [(("coverage", "lists", index, "list"), item.list) for index, item in enumerate(self.coverage.lists)]
        faults = [
            self._fault(location, f"The study has no list '{name}'.{did_you_mean(name, lists)}")
            for location, name in named
            if name not in lists
        ]
        if model is not None:
            faults += [
                self._fault(("heterogeneity", key), f"This key is missing. {why} Add, for example: {example}.")
                for key, why, example in self.heterogeneity.missing_for(model)
            ]
        if faults:
            raise InputError(faults)

    def _with_present_reason(self, prior: StatedPrior) -> StatedPrior:
        """Do not give the file's reason for a value that is no longer the file's, nor its Dutch for another reason."""
        section = prior.key.split(".")[0]
        if self._overrides.touch(f"{section}.reason"):
            return prior if self._overrides.touch(f"{section}.reason_nl") else replace(prior, reason_nl=None)
        form_set = section == "coverage" and self._overrides.touch("coverage.form")
        if not (form_set or self._overrides.touch(prior.key)):
            return prior
        return replace(prior, reason=Reason("prior-set-for-this-run"), reason_nl=None)

    def _fault(self, location: Location, message: str) -> Fault:
        if self._file is None:
            return Fault("", message, key=dotted(location))
        return self._overrides.fault(location, message, self._file)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        pairs = [frozenset(pair.lists) for pair in self.dependence.pairs]
        lists = [item.list for item in self.coverage.lists]
        twice = [" and ".join(sorted(pair)) for pair in dict.fromkeys(pairs) if pairs.count(pair) > 1]
        twice += [name for name in dict.fromkeys(lists) if lists.count(name) > 1]
        if twice:
            raise ValueError(f"More than one statement about {', '.join(twice)}; keep one.")
        return self

    @model_validator(mode="after")
    def _residual_within_the_statement(self) -> Self:
        tails = self.residual is not None and self.residual.degrees_of_freedom is not None
        if self.coverage.form == "differences" and self.has_residual and tails:
            raise ValueError(
                'Found coverage.form = "differences" with residual.degrees_of_freedom; the residual is then a part of '
                "what [dark_figure] states, which can be worked out for a normal residual only. Take "
                'residual.degrees_of_freedom out, or choose coverage.form = "odds".'
            )
        return self

    @model_validator(mode="after")
    def _relative_to_a_scale(self) -> Self:
        relative = self.residual is not None and self.residual.form == "relative"
        if relative and self.dependence.form not in LEARNING_FORMS:
            raise ValueError(
                f'Found residual.form = "relative" with dependence.form = "{self.dependence.form}"; "relative" is in '
                "units of the scale of dependence, which only the forms learned and horseshoe learn from the overlaps. "
                'Choose one of these, or residual.form = "stated" or "none".'
            )
        return self


def read_priors(reference: str | Path = DEFAULT_PRIORS, overrides: Mapping[str, str] | None = None) -> Priors:
    """Read prior assumptions.

    Parameters
    ----------
    reference : str or Path
        Name of a shipped file (``"moderate"``; ``"default"`` is the one that a study gets which names none), or path of
        one of your own.
    overrides : mapping of str to str, optional
        Changes: a dotted key and its value as TOML, ``{"dependence.odds_ratio.log_normal": "[0, 0.25]"}``.

    Raises
    ------
    InputError
        With every fault of file and overrides.

    Examples
    --------
    >>> priors = read_priors("moderate", {"dependence.odds_ratio.log_normal": "[0, 0.25]"})
    >>> priors.dependence.odds_ratio.sigma
    0.25
    """
    file = read_toml(priors_path(reference))
    changes = Overrides(dict(overrides or {}))
    data, faults = changes.applied_to(file.data, _drop_idle_keys)

    def fault_at(location: Location, message: str) -> Fault:
        return changes.fault(location, message, file)

    priors, more = read_section(Priors, data, fault_at)
    if priors is None or faults:
        raise InputError([*faults, *more])
    priors._file, priors._overrides = file, changes
    return priors


def shipped_name(reference: str | Path) -> str:
    """Return the name of a shipped prior file, where ``"default"`` is another name of the default."""
    return DEFAULT_PRIORS if str(reference) == "default" else str(reference)


def priors_path(reference: str | Path) -> Path:
    """Find a prior file: a shipped name, ``"default"``, or a path, which need not exist.

    Raises
    ------
    InputError
        When there is neither a file nor a shipped name like that.
    """
    path = Path(reference)
    if is_file(path) or looks_like_path(reference):
        return path
    names, name = shipped_priors(), shipped_name(reference)
    if name in names:
        return folder("priors") / f"{name}.toml"
    if os.path.lexists(path):
        return path  # no file, but something: reading it says what
    suggestion = did_you_mean(str(reference), [*names, "default"])
    if not str(reference).strip():
        raise InputError(Fault("priors", "No name is given. Give the name of shipped priors, or the path of a file."))
    raise InputError(
        Fault("priors", f"There are no shipped priors '{reference}', nor a file of that name.{suggestion}")
    )


def _keep_the_changed_mean(dependence: dict[str, Any], changed: set[str | int]) -> None:
    """Of the two ways of stating what all pairs have in common, drop the file's when the other is given."""
    for key, other in (("common_mean", "relative_mean"), ("relative_mean", "common_mean")):
        if key in changed and other not in changed:
            dependence.pop(other, None)


def _drop_idle_keys(data: dict[str, Any], changed: set[Location]) -> None:
    """After a change of form, drop the keys of the file that only the former form used."""
    residual = data.get("residual")
    if isinstance(residual, dict):
        tidied(residual, {str(location[1]) for location in changed if location[0] == "residual" and location[1:]})
    dependence = data.get("dependence")
    if not isinstance(dependence, dict):
        return
    keys = {key for location in changed if location[0] == "dependence" for key in location[1:2]}
    _keep_the_changed_mean(dependence, keys)
    if ("dependence", "form") not in changed:
        return
    used = FORMS.used_by(dependence.get("form"))
    for key in FORMS.all:
        if key not in used and not any(location[:2] == ("dependence", key) for location in changed):
            dependence.pop(key, None)
