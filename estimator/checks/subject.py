"""What is scrutinised: an estimate, made in Python or read from a run folder, and what every check asks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.convergence import Chains
from estimator.methods.door import PopulationDraws, SamplerSettings
from estimator.methods.registry import method_named
from estimator.population.estimate import Estimate
from estimator.population.groups import GroupDraws
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.study.priors import Priors
from estimator.study.questions import TOTAL
from estimator.study.study import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Subject:
    """An estimate under scrutiny, as checks look at it; a check may put another part in place.

    Parameters
    ----------
    posterior : object
        The method's own posterior, for checks that declare this method: of the log-linear one draws of every
        parameter, with ``values["residual"]``, shape (chain, draw), where the priors have a residual dependence.
    population : PopulationDraws
        Draws of the people of every stratum, those of the estimate.
    groups : mapping of str to GroupDraws
        Every group over the headline period; ``"total"`` first.
    sampler : SamplerSettings
        With which the draws were made.
    seed : int
        Of all randomness of the estimate; a check derives its own from it.
    folder : Path or None
        The run folder; None for an estimate in Python.
    method : str
        By which the estimate was made; a check of the parts of another method is not done.
    options : mapping of str to str
        Those of the method that were used.
    seconds : float
        Of sampling.
    tables : mapping of str to Subject
        The estimate of each of several imputed tables, by the name of its file: checks look at these one by one. Empty
        for one table.
    """

    study: Study
    priors: Priors
    posterior: Any
    population: PopulationDraws
    groups: Mapping[str, GroupDraws]
    sampler: SamplerSettings
    seed: int
    folder: Path | None = None
    method: str = "loglinear"
    options: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    tables: Mapping[str, Subject] = field(default_factory=dict)

    @property
    def total(self) -> GroupDraws:
        """Everybody over the headline period."""
        return self.groups[TOTAL]

    @property
    def chains(self) -> Chains:
        """What the sampler did."""
        shape = self.population.unseen.shape
        return method_named(self.method).chains(self.posterior, (shape[0], shape[1]))

    @property
    def residual(self) -> Floats:
        """Log of the true over the implied dark figure, shape (chain, draw); 0 where the priors have none."""
        residual = self.posterior.values.get("residual")
        return np.zeros_like(self.posterior.values["log_ratio"]) if residual is None else residual

    def __repr__(self) -> str:
        where = "" if self.folder is None else f" of {self.folder}"
        return f"Subject({self.study.name}{where}: {len(self.groups)} groups)"


def subject_of(estimate: Estimate, folder: Path | None = None) -> Subject:
    """Return an estimate as the subject of checks.

    Parameters
    ----------
    folder : Path, optional
        Of its run.
    """
    posterior = estimate.posterior
    return Subject(
        study=estimate.study,
        priors=estimate.priors,
        posterior=posterior.details,
        population=posterior.population,
        groups=estimate.group_draws,
        sampler=posterior.settings,
        seed=posterior.seed,
        method=posterior.method,
        options=posterior.options,
        seconds=posterior.seconds,
        folder=folder,
        tables={estimate.study.table_name(number): subject_of(one) for number, one in enumerate(estimate.of_tables, 1)},
    )


def read_subject(folder: str | Path, study: str | Path | None = None) -> Subject:
    """Read the estimate of a run folder for its checks.

    Parameters
    ----------
    folder : str or Path
        As `darkfigure estimate` or `Estimate.save` wrote it.
    study : str or Path, optional
        Where the study is, as `read_study` takes it, when it is no longer where it was.

    Raises
    ------
    InputError
        When it is no run or was altered, or when the study has gone or is not the one of the run.
    """
    run = read_run(folder)
    return subject_of(estimate_of_run(run, study), run.folder)
