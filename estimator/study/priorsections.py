"""The sections of a prior file: what each is about, which keys it has, and what it states."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from estimator.reasons import Reason
from estimator.study.questions import ModelSettings
from estimator.study.sections import Filled, Section
from estimator.study.statements import Statement

_STATEMENT = "a statement: {between = [0.5, 2], probability = 0.95} or {log_normal = [0, 1]}"
Why = Annotated[
    Filled, Field(description='why this and no other, in "quotes": a colleague must be able to object to it')
]
WhyInDutch = Annotated[Filled | None, Field(description='the same reason in Dutch, in "quotes"')]
Stated = Annotated[Statement, Field(description=_STATEMENT)]
StatedOrNot = Annotated[Statement | None, Field(description=_STATEMENT)]
DegreesOfFreedom = Field(gt=1, le=1000, description="a number above 1, such as 4, of at most 1000")
ListName = Annotated[Filled, Field(description="the name of a list of the study")]
CoverageForm = Literal["odds", "differences"]
Form = Literal["none", "normal", "learned", "horseshoe"]

EXAMPLES = {
    "odds_ratio": "{between = [0.14, 7], probability = 0.95}",
    "scale": "{between = [0.1, 2], probability = 0.95}",
    "interactions": "{between = [0.05, 1], probability = 0.95}",
    "change": "{log_normal = [0, 1]}",
}


@dataclass(frozen=True)
class FormKeys:
    """Which keys each form of a section needs, which it may have besides, and examples of those that are needed."""

    needed: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]]
    examples: Mapping[str, str]

    @property
    def all(self) -> tuple[str, ...]:
        """Keys that some form uses and others do not."""
        return tuple(dict.fromkeys(key for keys in (self.needed, self.optional) for form in keys for key in keys[form]))

    def used_by(self, form: object) -> tuple[str, ...]:
        """Return the keys that a form uses; all of them when there is no such form."""
        if not isinstance(form, str) or form not in self.needed:
            return self.all
        return self.needed[form] + self.optional[form]

    def check(self, form: str, given: Collection[str], *more: str) -> None:
        """Raise `ValueError` when keys are missing or have no effect; `more` is what is wrong besides."""
        sentences = [
            f"The form \"{form}\" needs the key '{key}': add, for example, {key} = {self.examples[key]}."
            for key in self.needed[form]
            if key not in given
        ]
        sentences += [
            f"The key '{key}' has no effect when form = \"{form}\"; take it out, or choose a form that uses it "
            f"({', '.join(other for other in self.needed if key in self.used_by(other))})."
            for key in self.all
            if key in given and key not in self.used_by(form)
        ]
        if sentences or more:
            raise ValueError(" ".join([*sentences, *more]))


FORMS = FormKeys(
    needed={"none": (), "normal": ("odds_ratio",), "learned": ("scale",), "horseshoe": ("scale", "odds_ratio")},
    optional={
        "none": (),
        "normal": ("common_mean", "pairs"),
        "learned": ("common_mean", "relative_mean", "degrees_of_freedom", "pairs"),
        "horseshoe": ("common_mean", "pairs"),
    },
    examples=EXAMPLES,
)
"""Keys of ``[dependence]`` besides `form` and `reason`."""


@dataclass(frozen=True)
class StatedPrior:
    """One stated prior: its place in the file, the quantity, the statement, and the reason.

    The last is in the words of the file, or what the program says in their place; `reason_nl` where the file has it in
    Dutch too.
    """

    key: str
    what: Reason
    statement: Reason
    reason: str | Reason
    reason_nl: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the prior for JSON."""
        reason = self.reason.to_dict() if isinstance(self.reason, Reason) else self.reason
        said = {"key": self.key, "what": self.what.to_dict(), "statement": self.statement.to_dict(), "reason": reason}
        return said | ({"reason_nl": self.reason_nl} if self.reason_nl else {})


class DarkFigurePrior(Section):
    """Prior on the number of people on no list, divided by the number of registered people."""

    ratio_to_registered: Stated
    reason: Why
    reason_nl: WhyInDutch = None

    def stated(self) -> Iterator[StatedPrior]:
        """Yield what is stated."""
        what = Reason("quantity-dark-figure")
        yield StatedPrior(
            "dark_figure.ratio_to_registered", what, self.ratio_to_registered.stated(), self.reason, self.reason_nl
        )


class ListCoverage(Section):
    """Prior on the odds that somebody on no other list is on this one, in place of the general one."""

    list: ListName
    odds: Stated
    reason: Why
    reason_nl: WhyInDutch = None


class CoveragePrior(Section):
    """Prior on the odds that somebody on no other list is on a given list; `lists` of which more is known.

    Parameters
    ----------
    odds : Statement
        Of each list.
    form : {"odds", "differences"}, default "odds"
        `odds`: as stated. `differences`: only how lists differ is as stated, and what they have in common follows from
        the dark figure and the registered number.
    """

    odds: Stated
    reason: Why
    reason_nl: WhyInDutch = None
    form: Annotated[CoverageForm, Field(description='"odds" or "differences"')] = "odds"
    lists: tuple[ListCoverage, ...] = ()

    @model_serializer(mode="wrap")
    def _form_where_stated(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the default form, so that the record of a file without a form stays as it was."""
        said: dict[str, Any] = written(self)
        return {key: value for key, value in said.items() if key != "form" or value != "odds"}

    def stated(self) -> Iterator[StatedPrior]:
        """Yield what is stated, of lists in general and of single ones."""
        what, statement = Reason("quantity-coverage"), self.odds
        if self.form == "differences":
            # the difference of two independent normal log odds: the level that both have in common is gone
            apart = Statement(log_normal=(0.0, math.sqrt(2.0) * self.odds.sigma))
            what, statement = Reason("quantity-coverage-differences"), apart
        yield StatedPrior("coverage.odds", what, statement.stated(), self.reason, self.reason_nl)
        for item in self.lists:
            what = Reason("quantity-coverage-of-list", list=item.list)
            if self.form == "differences":
                what = Reason("quantity-coverage-beside-others", list=item.list)
            yield StatedPrior("coverage.lists", what, item.odds.stated(), item.reason, item.reason_nl)


class PairStatement(Section):
    """Prior on the odds ratio of two lists within a stratum, in place of the general one.

    Above 1 when being on one makes being on the other likelier.
    """

    lists: Annotated[tuple[ListName, ListName], Field(description='two lists, such as ["P", "R"]')]
    odds_ratio: Stated
    reason: Why
    reason_nl: WhyInDutch = None

    @model_validator(mode="after")
    def _two_lists(self) -> Self:
        if self.lists[0] == self.lists[1]:
            raise ValueError(f"Found list '{self.lists[0]}' twice; dependence is between two different lists.")
        return self


class RelativeMean(Section):
    """Prior on what all pairs of lists have in common, in units of the learned scale of their log odds ratios.

    `centre` and `size` are mean and standard deviation of the common mean divided by the scale; normal.
    """

    centre: Annotated[float, Field(ge=-100, le=100, description="a number from -100 to 100, such as 0.5")]
    size: Annotated[float, Field(gt=0, le=100, description="a number above 0, such as 0.5, of at most 100")]


class DependencePrior(Section):
    """Prior on the dependence between lists: the assumption that no table can test, and that the answer rests on.

    Parameters
    ----------
    form : {"none", "normal", "learned", "horseshoe"}
        `none`: lists are independent within a stratum. `normal`: each pair has an odds ratio as stated in `odds_ratio`.
        `learned`: the typical size of the log odds ratios is learned from the data, within `scale`, with heavier tails.
        `horseshoe`: most pairs close to independent, a few strongly dependent.
    odds_ratio : Statement, optional
        Odds ratio of each pair of lists within a stratum (`normal`); of the few pairs that are strongly dependent
        (`horseshoe`).
    scale : Statement, optional
        Typical size of the log odds ratios (`learned`, `horseshoe`).
    common_mean : Statement, optional
        Odds ratio that all pairs have in common, learned from the data; then the pairs vary around it, and not around
        the middle of `odds_ratio`.
    relative_mean : RelativeMean, optional
        The same in units of `scale` (`learned`): where the overlaps show lists to be nearly independent, what they have
        in common is small then, too. In place of `common_mean`.
    degrees_of_freedom : float, default 4
        Of the Student t distribution of the log odds ratios (`learned`); fewer means heavier tails.
    pairs : tuple of PairStatement
        Pairs of which more is known.
    """

    form: Form
    reason: Why
    reason_nl: WhyInDutch = None
    odds_ratio: StatedOrNot = None
    scale: StatedOrNot = None
    common_mean: StatedOrNot = None
    relative_mean: Annotated[
        RelativeMean | None, Field(description="a pair of numbers: {centre = 0.5, size = 0.5}")
    ] = None
    degrees_of_freedom: Annotated[float, DegreesOfFreedom] = 4.0
    pairs: tuple[PairStatement, ...] = ()

    @model_validator(mode="after")
    def _keys_of_form(self) -> Self:
        given = {key for key in FORMS.all if key in self.model_fields_set and getattr(self, key) is not None}
        twice = "Both 'common_mean' and 'relative_mean' state what all pairs have in common; keep one."
        FORMS.check(self.form, given, *([twice] if {"common_mean", "relative_mean"} <= given else []))
        return self

    def stated(self) -> Iterator[StatedPrior]:
        """Yield what is stated, of pairs of lists in general and of single ones."""
        yield StatedPrior("dependence", Reason("quantity-odds-ratio"), self._form_stated(), self.reason, self.reason_nl)
        if self.scale is not None:
            what = Reason("quantity-dependence-scale")
            yield StatedPrior("dependence.scale", what, self.scale.stated(), self.reason, self.reason_nl)
        if self.common_mean is not None:
            what = Reason("quantity-common-odds-ratio")
            yield StatedPrior("dependence.common_mean", what, self.common_mean.stated(), self.reason, self.reason_nl)
        if self.relative_mean is not None:
            centre, half = self.relative_mean.centre, NormalDist().inv_cdf(0.975) * self.relative_mean.size
            statement = Reason("prior-around", centre=centre, lower=centre - half, upper=centre + half)
            yield StatedPrior(
                "dependence.relative_mean", Reason("quantity-relative-mean"), statement, self.reason, self.reason_nl
            )
        for pair in self.pairs:
            what = Reason("quantity-odds-ratio-of-pair", lists=pair.lists)
            yield StatedPrior("dependence.pairs", what, pair.odds_ratio.stated(), pair.reason, pair.reason_nl)

    def _form_stated(self) -> Reason:
        if self.form == "learned":
            return Reason("prior-dependence-learned", degrees_of_freedom=self.degrees_of_freedom)
        if self.odds_ratio is None:
            return Reason("prior-independence")
        stated = self.odds_ratio.stated()
        return Reason("prior-few-dependent", few=stated) if self.form == "horseshoe" else stated


class HeterogeneityPrior(Section):
    """Prior on heterogeneity: how much the coverage of a list differs between people and over time, on the log odds.

    `scale` is the typical size of list × covariate effects; `interactions` of what several covariates do together
    beyond what each does alone, where a study asks for it; `change` the factor on the odds of being on a list when it
    is redefined, where a study declares that.
    """

    scale: Stated
    interactions: StatedOrNot = None
    change: StatedOrNot = None
    reason: Why
    reason_nl: WhyInDutch = None

    def stated(self) -> Iterator[StatedPrior]:
        """Yield what is stated."""
        yield StatedPrior(
            "heterogeneity.scale",
            Reason("quantity-list-by-covariate"),
            self.scale.stated(),
            self.reason,
            self.reason_nl,
        )
        if self.interactions is not None:
            what = Reason("quantity-list-by-covariates-together")
            yield StatedPrior(
                "heterogeneity.interactions", what, self.interactions.stated(), self.reason, self.reason_nl
            )
        if self.change is not None:
            what = Reason("quantity-redefinition")
            yield StatedPrior("heterogeneity.change", what, self.change.stated(), self.reason, self.reason_nl)

    def missing_for(self, model: ModelSettings) -> Iterator[tuple[str, str, str]]:
        """Yield what a model needs and is not stated: key, why in a sentence, and an example of its line."""
        together = [entry for entry in model.heterogeneity if len(entry) > 1]
        if together and self.interactions is None:
            names = " and ".join(together[0])
            why = f"The study lets {names} together change what a list covers ([model] heterogeneity)."
            yield "interactions", why, f"interactions = {EXAMPLES['interactions']}"
        if model.breaks and self.change is None:
            first = model.breaks[0]
            why = f"The study declares that list '{first.list}' was redefined in {first.since} ([[changes]])."
            yield "change", why, f"change = {EXAMPLES['change']}"


class CompositionPrior(Section):
    """Prior on how the dark figure is spread over the strata: typical sizes on the log scale.

    Of differences between the levels of one covariate, of what two do together, and of what is particular to a stratum.
    """

    main_effects: Stated
    two_way: Stated
    stratum: Stated
    reason: Why
    reason_nl: WhyInDutch = None

    def stated(self) -> Iterator[StatedPrior]:
        """Yield what is stated."""
        for key, what, statement in (
            ("main_effects", Reason("quantity-composition-main"), self.main_effects),
            ("two_way", Reason("quantity-composition-two-way"), self.two_way),
            ("stratum", Reason("quantity-composition-stratum"), self.stratum),
        ):
            yield StatedPrior(f"composition.{key}", what, statement.stated(), self.reason, self.reason_nl)


class ThreeListPrior(Section):
    """Prior on the factor by which the odds ratio of two lists is multiplied for people on a third."""

    odds_ratio: Stated
    reason: Why
    reason_nl: WhyInDutch = None

    def stated(self) -> Iterator[StatedPrior]:
        """Yield what is stated."""
        what = Reason("quantity-three-lists")
        yield StatedPrior("three_list.odds_ratio", what, self.odds_ratio.stated(), self.reason, self.reason_nl)
