"""Published studies run again: every published figure beside ours, and what the public table alone can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from estimator.methods.summary import Summary
from estimator.population.estimate import estimate
from estimator.published.answers import Answers, Refusal
from estimator.published.pooled import (
    METHODS,
    POOLED_SIZE,
    PRIORS,
    Analysis,
    Method,
    Spread,
    is_pooled,
    pooled_answer,
    spread_of,
)
from estimator.published.recipes import Recipe, recipe_of
from estimator.published.verdicts import Verdict, impossible, judge
from estimator.study.study import read_study
from estimator.words.kinds import sentence

if TYPE_CHECKING:
    from estimator.methods.door import Listener, SamplerSettings
    from estimator.population.estimate import Estimate
    from estimator.study.published import PublishedFigure
    from estimator.study.study import Study

Basis = Literal["calibrated", "reconstructed", "public"]

HOW: Mapping[Basis, str] = {
    "calibrated": "reconstructed data that were made to agree with it (a check of the software)",
    "reconstructed": "reconstructed data that were not made to agree with it",
    "public": "public counts",
}
"""What a verdict rests on, in words."""


@dataclass(frozen=True)
class Reproduced:
    """A published figure beside ours.

    Parameters
    ----------
    figure : PublishedFigure
        What was published.
    label : str
        Of whom it is, in words.
    ours : Summary or None
        The same quantity by this tool; None when there is no answer.
    verdict : Verdict
        Whether the two agree.
    basis : {"calibrated", "reconstructed", "public"}
        What the verdict rests on: see `HOW`.
    """

    figure: PublishedFigure
    label: str
    ours: Summary | None
    verdict: Verdict
    basis: Basis


@dataclass(frozen=True)
class UnderOtherPriors:
    """The same figures under other assumptions.

    Parameters
    ----------
    priors : str
        Name of the prior file.
    figures : tuple of Reproduced
        As those of the `Reproduction`, in the same order.
    """

    priors: str
    figures: tuple[Reproduced, ...]


@dataclass(frozen=True)
class Reproduction:
    """A published study run again.

    Parameters
    ----------
    name : str
        As the user gave it.
    title : str
        Whose figures they are.
    study : Study
        That answered them.
    priors : str
        Name of the priors under which it did.
    unsound : tuple of str
        Why its estimate must not be published, apart from the kind of its table.
    figures : tuple of Reproduced
        In the order of the file of published figures; without those about the public table.
    beside : tuple of UnderOtherPriors
        The same under the other priors that the study always shows.
    pooled : tuple of Reproduced
        Those about the public table.
    analyses : tuple of Analysis
        The public table on its own, by this tool.
    spread : Spread or None
        How far apart all analyses of the public table are, ours and published ones.
    seed : int
        Of all randomness.
    """

    name: str
    title: str
    study: Study
    priors: str
    unsound: tuple[str, ...]
    figures: tuple[Reproduced, ...]
    beside: tuple[UnderOtherPriors, ...]
    pooled: tuple[Reproduced, ...]
    analyses: tuple[Analysis, ...]
    spread: Spread | None
    seed: int

    @property
    def all_figures(self) -> tuple[Reproduced, ...]:
        """Every published figure."""
        return self.figures + self.pooled

    def to_dict(self) -> dict[str, Any]:
        """Return the reproduction for JSON; see docs/reproduction.md."""
        from estimator.published.records import record_of

        return record_of(self)

    def __str__(self) -> str:
        from estimator.published.wording import text_of

        return text_of(self)


def reproduce(
    name: str,
    priors: str | None = None,
    *,
    sampler: SamplerSettings | None = None,
    listener: Listener | None = None,
) -> Reproduction:
    """Run a published study again and compare every figure.

    Parameters
    ----------
    name : str
        One of `RECIPES`.
    priors : str, optional
        Under which the study is run; by default those that it names.
    sampler : SamplerSettings, optional
        For every run.
    listener : Listener, optional
        Hears how it gets on.

    Returns
    -------
    Reproduction
        A difference is a finding, not an error.

    Raises
    ------
    InputError
        When there is nothing of this name, or the priors cannot be read.
    """
    recipe = recipe_of(name)
    study, public = read_study(recipe.study), read_study(recipe.pooled)
    chosen = priors or study.model.priors
    main = estimate(study, priors=chosen, sampler=sampler, listener=listener, beside=())
    others = [other for other in (study.model.priors, *study.model.beside) if other != chosen]
    beside = [estimate(study, priors=other, sampler=sampler, listener=listener, beside=()) for other in others]
    analyses = tuple(_analysis(run, sampler, listener) for run in _runs(recipe, study))
    return Reproduction(
        name=name,
        title=recipe.title,
        study=study,
        priors=chosen,
        unsound=tuple(map(sentence, main.fitness.unsound)),
        figures=_figures(main),
        beside=tuple(UnderOtherPriors(other, _figures(run)) for other, run in zip(others, beside, strict=True)),
        pooled=tuple(_reproduced_pooled(one, public, analyses) for one in study.published if is_pooled(one)),
        analyses=tuple(one for one in analyses if one.study == recipe.pooled),
        spread=spread_of(analyses, study.published),
        seed=main.posterior.seed,
    )


def _runs(recipe: Recipe, study: Study) -> list[Method]:
    """Return the analyses of the public table that are made: ours, and those that others made by a method of ours."""
    wanted = [Method(recipe.pooled, priors) for priors in PRIORS]
    wanted += [METHODS[figure.id] for figure in study.published if figure.id in METHODS]
    return list(dict.fromkeys(wanted))


def _analysis(run: Method, sampler: SamplerSettings | None, listener: Listener | None) -> Analysis:
    """Analyse a public table under one set of assumptions."""
    return Analysis.of_estimate(
        estimate(run.study, priors=run.priors, sampler=sampler, listener=listener, beside=()), run.priors
    )


def _figures(run: Estimate) -> tuple[Reproduced, ...]:
    """Put every published figure beside an estimate, but for those about the public table."""
    answers = Answers.of_estimate(run)
    return tuple(_reproduced(figure, answers) for figure in run.study.published if not is_pooled(figure))


def _reproduced(figure: PublishedFigure, answers: Answers) -> Reproduced:
    """Put a published figure beside what the study says."""
    study = answers.study
    group = study.groups.get(figure.group or "")
    label = group.label.en if group else (figure.group or "everybody").replace("-", " ").capitalize()
    basis: Basis = (
        "public" if study.table_kind == "observed" else "calibrated" if figure.calibrated else "reconstructed"
    )
    return _beside(figure, label, answers.answer(figure), basis)


def _reproduced_pooled(figure: PublishedFigure, public: Study, analyses: tuple[Analysis, ...]) -> Reproduced:
    """Put a published figure about the public table beside what that table says."""
    label = "Estimate from the public table" if figure.measure == POOLED_SIZE else "Count of the public table"
    return _beside(figure, label, pooled_answer(figure, public, analyses), "public")


def _beside(figure: PublishedFigure, label: str, answer: Summary | Refusal, basis: Basis) -> Reproduced:
    """Compare a figure with an answer, if there is one."""
    if isinstance(answer, Refusal):
        return Reproduced(figure, label, None, impossible(answer.why), basis)
    return Reproduced(figure, label, answer, judge(figure, answer), basis)
