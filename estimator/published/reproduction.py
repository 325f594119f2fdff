"""Run a published study again: put every published figure beside ours, and see what the public table alone can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from estimator.errors import Fault, InputError
from estimator.methods.door import Listener, SamplerSettings
from estimator.methods.summary import Summary
from estimator.population.estimate import Estimate, estimate
from estimator.published.answers import answer_of
from estimator.published.closing import closing
from estimator.published.figures import Basis, Reproduced, Reproduction, UnderOtherPriors
from estimator.published.numbers_again import Answer, Computing
from estimator.published.pooled import Analysis, is_pooled, pooled_answer, spread_of
from estimator.published.registry import Registered, registered
from estimator.published.verdicts import impossible, judge
from estimator.reasons import Reason
from estimator.study.published import PublishedFigure
from estimator.study.questions import Label
from estimator.study.study import read_study


def reproduce(
    source: str | Registered,
    priors: str | None = None,
    *,
    sampler: SamplerSettings | None = None,
    listener: Listener | None = None,
    computing: Computing | None = None,
) -> Reproduction:
    """Run a published study again and compare every figure.

    Parameters
    ----------
    source : str or Registered
        A file of published numbers with a section ``[again]``, or its name.
    priors : str, optional
        Under which the study is run; by default those that it names.
    computing : Computing, optional
        Has answers to published analyses of the public table already.

    Returns
    -------
    Reproduction
        A difference is a finding, not an error.

    Raises
    ------
    InputError
        When there is nothing of this name, or the priors cannot be read.
    """
    source = registered(source) if isinstance(source, str) else source
    again = source.again
    if again is None:
        raise InputError(Fault(source.name, "This file has single numbers only, and no study to run again ([again])."))
    study, public = read_study(again.study), read_study(again.public_table)
    chosen = study.model.priors if priors is None else priors
    main = estimate(study, priors=chosen, sampler=sampler, listener=listener, beside=())
    others = [other for other in (study.model.priors, *study.model.beside) if other != chosen]
    beside = [estimate(study, priors=other, sampler=sampler, listener=listener, beside=()) for other in others]
    analyses = tuple(_analysis(again.public_table, name, sampler, listener) for name in again.priors)
    theirs = _by_their_methods(source, computing or Computing(sampler, listener))
    said = {name: _said(answer) for name, answer in theirs.items()}
    pooled = [figure for figure in study.published if is_pooled(figure)]
    reproduction = Reproduction(
        name=source.name,
        study=study,
        priors=chosen,
        unsound=main.fitness.unsound,
        figures=_figures(main),
        beside=tuple(UnderOtherPriors(other, _figures(run)) for other, run in zip(others, beside, strict=True)),
        pooled=tuple(_beside(figure, None, pooled_answer(figure, public, said), "public") for figure in pooled),
        analyses=analyses,
        spread=spread_of((*analyses, *_analyses_of(theirs)), study.published),
        seed=main.posterior.seed,
        title=source.title,
        title_nl=source.title_nl,
    )
    return replace(reproduction, conclusions=closing(reproduction))


def _by_their_methods(source: Registered, computing: Computing) -> dict[str, Answer]:
    """Return what the methods of published analyses of the public table say of it here, by id of the figure."""
    return {
        figure.figure: computing.answer(figure)
        for figure in source.figures
        if figure.figure is not None and figure.study
    }


def _analyses_of(answers: Mapping[str, Answer]) -> list[Analysis]:
    """Return the analyses that were made for an answer."""
    return [answer.analysis for answer in answers.values() if answer.analysis is not None]


def _said(answer: Answer) -> Summary | Reason:
    """Return our estimate by the method of a published one, or why there is none."""
    if answer.refused or answer.analysis is None:
        return answer.refused[0]
    return answer.analysis.whole


def _analysis(study: str, priors: str, sampler: SamplerSettings | None, listener: Listener | None) -> Analysis:
    """Analyse a public table under one set of assumptions."""
    return Analysis.of_estimate(estimate(study, priors=priors, sampler=sampler, listener=listener, beside=()), priors)


def _figures(run: Estimate) -> tuple[Reproduced, ...]:
    """Put every published figure beside an estimate, but for those about the public table."""
    return tuple(_reproduced(figure, run) for figure in run.study.published if not is_pooled(figure))


def _reproduced(figure: PublishedFigure, run: Estimate) -> Reproduced:
    """Put a published figure beside what the study says."""
    study = run.study
    group = study.groups.get(figure.group or "")
    basis: Basis = (
        "public" if study.table_kind == "observed" else "calibrated" if figure.calibrated else "reconstructed"
    )
    return _beside(figure, group.label if group else None, answer_of(run, figure), basis)


def _beside(figure: PublishedFigure, label: Label | None, answer: Summary | Reason, basis: Basis) -> Reproduced:
    """Compare a figure with an answer, if there is one."""
    if isinstance(answer, Reason):
        return Reproduced(figure, label, None, impossible(answer), basis)
    return Reproduced(figure, label, answer, judge(figure, answer), basis)
