"""What `darkfigure estimate` does, apart from its options: loaded when it runs, so that its help is quick."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from estimator.cli.progress import TerminalProgress
from estimator.methods.door import SamplerSettings
from estimator.methods.registry import chosen_method, method_named, no_priors
from estimator.population.estimate import Estimate
from estimator.population.estimate import estimate as estimate_study
from estimator.population.probability import parse
from estimator.study.priors import Priors, read_priors
from estimator.study.study import Study, read_study
from estimator.words.words import Words


def study_for(
    study: str,
    decisions: Mapping[str, str],
    method: str | None,
    options: Mapping[str, str],
    questions: tuple[str, ...],
) -> Study:
    """Read and check the study, the method and the questions, before anything is made or loaded."""
    read = read_study(study, decisions)
    chosen, choices = chosen_method(read.model, method, options)
    for question in questions:
        parse(question, read.groups)
    return replace(read, model=replace(read.model, method=chosen.name, options=choices))


def priors_for(study: Study, priors: str | None, overrides: Mapping[str, str]) -> Priors | None:
    """Read and check the priors; None for a method that takes none."""
    method = method_named(study.model.method)
    if not method.abilities.priors:
        if priors is not None or overrides:
            raise no_priors(method)
        return None
    believed = read_priors(study.model.priors if priors is None else priors, overrides)
    believed.check_against(study.declaration.lists, study.model)
    return believed


def estimate_with_progress(study: Study, priors: Priors | None, sampling: Mapping[str, Any]) -> Estimate:
    """Estimate, with progress on a terminal."""
    cores = sampling["cores"] or os.cpu_count() or 1
    sampler = SamplerSettings(
        draws=sampling["draws"],
        warmup=max(1000, sampling["draws"] // 2),
        chains=sampling["chains"],
        cores=min(cores, sampling["chains"]),
        seed=sampling["seed"],
        sampler=sampling["sampler"],
    )
    beside = () if sampling["alone"] else None
    with TerminalProgress() as progress:
        return estimate_study(study, priors, beside=beside, sampler=sampler, listener=progress)


def answers_text(answers: Mapping[str, float], words: Words) -> Iterator[str]:
    """Yield the probabilities that were asked for, below an empty line."""
    for place, (question, probability) in enumerate(answers.items()):
        yield "" if place else "\n"
        yield words.text("estimate.probability", question=question, probability=probability) + "\n"
