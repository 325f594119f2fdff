"""What `darkfigure estimate` does, apart from its options: loaded when it runs, so that its help is quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from estimator.cli.output import tell
from estimator.cli.progress import TerminalProgress
from estimator.errors import InputError
from estimator.methods.door import SamplerSettings
from estimator.methods.registry import chosen_method, method_named, no_priors
from estimator.parts import remove_leftovers
from estimator.population.estimate import Estimate
from estimator.population.estimate import estimate as estimate_study
from estimator.population.probability import parse
from estimator.runs.folders import new_folder
from estimator.runs.writing import write_draws, write_run
from estimator.study.priors import Priors, read_priors
from estimator.study.study import Study, read_study
from estimator.words.catalogue import Language
from estimator.words.words import Words


class Keeping:
    """The run folder of an estimate: made before the work begins, and never a reason to lose the estimate.

    Parameters
    ----------
    target : Path or None
        None to keep nothing.
    named : bool
        Whether the user named it: then it gets this name or none.

    Attributes
    ----------
    removed : list of str
        What a run that was killed had left there.
    """

    def __init__(self, target: Path | None, *, named: bool) -> None:
        self.target, self._named = target, named
        self.removed: list[str] = []
        self._lost: InputError | None = None

    @classmethod
    def asked(cls, out: Path | None, study: str, *, no_out: bool) -> Keeping:
        """Return what the options --out and --no-out ask for."""
        made = Path("runs") / f"{study}-{datetime.now():%Y%m%d-%H%M%S}"
        return cls(None if no_out else out or made, named=out is not None)

    def kept(self, make: Callable[[Path | None], Estimate], language: Language) -> Estimate:
        """Return the estimate that `make` gives when it is told the folder, kept there if that can be done.

        Raises
        ------
        InputError
            When the folder cannot be made, before any work is done.
        """
        if self.target is None:
            return make(None)
        self.removed = remove_leftovers(self.target.parent)
        result: Estimate | None = None
        try:
            with new_folder(self.target, settled=None if self._named else self._settled) as folder:
                result = make(folder)
                write_run(result, folder, command=["darkfigure", *sys.argv[1:]], language=language)
        except InputError as error:
            if result is None:
                raise
            self.target, self._lost = None, error
        return result

    def _settled(self, target: Path) -> None:
        self.target = target

    def refuse_if_lost(self) -> None:
        """Raise `InputError`, once the estimate is printed, when it could not be kept."""
        if self._lost is not None:
            raise self._lost


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


def sampler_settings(draws: int, chains: int, cores: int | None, seed: int, sampler: str) -> SamplerSettings:
    """Return how to sample, as the options of the command say."""
    at_once = min(cores or os.cpu_count() or 1, chains)
    return SamplerSettings(
        draws, warmup=max(1000, draws // 2), chains=chains, cores=at_once, seed=seed, sampler=sampler
    )


def estimate_with_progress(
    study: Study,
    priors: Priors | None,
    sampler: SamplerSettings,
    words: Words,
    folder: Path | None = None,
    *,
    alone: bool = False,
) -> Estimate:
    """Estimate, with progress on a terminal; when it is interrupted, say that nothing is kept.

    Parameters
    ----------
    folder : Path, optional
        Where draws are written as soon as they are there.
    alone : bool
        Whether to leave out the estimates under other priors.
    """

    def write_ahead(number: int, made: Estimate) -> None:
        if folder is not None:
            with suppress(OSError):  # `write_run` tries again, when the estimate is safe
                write_draws(made, folder, number)

    try:
        with TerminalProgress() as progress:
            return estimate_study(
                study,
                priors,
                beside=() if alone else None,
                sampler=sampler,
                listener=progress,
                meanwhile=write_ahead,
            )
    except KeyboardInterrupt:
        tell(words.text("estimate.interrupted"))
        raise


def answers_text(answers: Mapping[str, float], words: Words) -> Iterator[str]:
    """Yield the probabilities that were asked for, below an empty line."""
    for place, (question, probability) in enumerate(answers.items()):
        yield "" if place else "\n"
        yield words.text("estimate.probability", question=question, probability=probability) + "\n"
