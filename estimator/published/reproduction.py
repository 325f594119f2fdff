"""Run a published study again: put every published figure beside ours, and see what the public table alone can say."""

from __future__ import annotations

from dataclasses import replace

from estimator.methods.door import Listener, SamplerSettings
from estimator.methods.summary import Summary
from estimator.population.estimate import Estimate, estimate
from estimator.published.answers import Answers
from estimator.published.closing import closing
from estimator.published.figures import Basis, Reproduced, Reproduction, UnderOtherPriors
from estimator.published.pooled import METHODS, PRIORS, Analysis, Method, is_pooled, pooled_answer, spread_of
from estimator.published.recipes import Recipe, recipe_of
from estimator.published.verdicts import impossible, judge
from estimator.reasons import Reason
from estimator.study.published import PublishedFigure
from estimator.study.questions import Label
from estimator.study.study import Study, read_study


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
    chosen = study.model.priors if priors is None else priors
    main = estimate(study, priors=chosen, sampler=sampler, listener=listener, beside=())
    others = [other for other in (study.model.priors, *study.model.beside) if other != chosen]
    beside = [estimate(study, priors=other, sampler=sampler, listener=listener, beside=()) for other in others]
    analyses = tuple(_analysis(method, sampler, listener) for method in _analyses_wanted(recipe, study))
    reproduction = Reproduction(
        name=name,
        study=study,
        priors=chosen,
        unsound=main.fitness.unsound,
        figures=_figures(main),
        beside=tuple(UnderOtherPriors(other, _figures(run)) for other, run in zip(others, beside, strict=True)),
        pooled=tuple(_reproduced_pooled(figure, public, analyses) for figure in study.published if is_pooled(figure)),
        analyses=tuple(analysis for analysis in analyses if analysis.study == recipe.pooled),
        spread=spread_of(analyses, study.published),
        seed=main.posterior.seed,
    )
    return replace(reproduction, conclusions=closing(reproduction))


def _analyses_wanted(recipe: Recipe, study: Study) -> list[Method]:
    """Return the analyses of the public table that are made: ours, and those that others made by a method of ours."""
    wanted = [Method(recipe.pooled, priors) for priors in PRIORS]
    wanted += [METHODS[figure.id] for figure in study.published if figure.id in METHODS]
    return list(dict.fromkeys(wanted))


def _analysis(method: Method, sampler: SamplerSettings | None, listener: Listener | None) -> Analysis:
    """Analyse a public table under one set of assumptions."""
    run = estimate(method.study, priors=method.priors, sampler=sampler, listener=listener, beside=())
    return Analysis.of_estimate(run, method.priors)


def _figures(run: Estimate) -> tuple[Reproduced, ...]:
    """Put every published figure beside an estimate, but for those about the public table."""
    answers = Answers.of_estimate(run)
    return tuple(_reproduced(figure, answers) for figure in run.study.published if not is_pooled(figure))


def _reproduced(figure: PublishedFigure, answers: Answers) -> Reproduced:
    """Put a published figure beside what the study says."""
    study = answers.study
    group = study.groups.get(figure.group or "")
    basis: Basis = (
        "public" if study.table_kind == "observed" else "calibrated" if figure.calibrated else "reconstructed"
    )
    return _beside(figure, group.label if group else None, answers.answer(figure), basis)


def _reproduced_pooled(figure: PublishedFigure, public: Study, analyses: tuple[Analysis, ...]) -> Reproduced:
    """Put a published figure about the public table beside what that table says."""
    return _beside(figure, None, pooled_answer(figure, public, analyses), "public")


def _beside(figure: PublishedFigure, label: Label | None, answer: Summary | Reason, basis: Basis) -> Reproduced:
    """Compare a figure with an answer, if there is one."""
    if isinstance(answer, Reason):
        return Reproduced(figure, label, None, impossible(answer), basis)
    return Reproduced(figure, label, answer, judge(figure, answer), basis)
