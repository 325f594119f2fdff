"""What is scrutinised: a study, its priors and the draws of its estimate, as one object for every check.

It comes from an estimate in Python, or from a run folder. The folder holds the draws; the study is read again, and
refused when it is not the one of the run, because every check would then judge another estimate. The priors are in the
manifest in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estimator.errors import Fault, InputError
from estimator.fits.recorded_priors import recorded_priors
from estimator.methods.door import PopulationDraws, SamplerSettings
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.fitting import design_for
from estimator.methods.loglinear.nuts import Draws
from estimator.methods.loglinear.parameters import Parameter, PriorSettings, parameters_of, prior_settings
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.population.groups import GroupDraws, headline_groups
from estimator.runs.provenance import sha256_of
from estimator.runs.reading import ESTIMATE, MANIFEST, POSTERIOR, SavedRun, read_run
from estimator.study.priors import Priors
from estimator.study.questions import TOTAL
from estimator.study.shipped import looks_like_path, shipped_studies
from estimator.study.study import Study, read_study

if TYPE_CHECKING:
    from estimator.population.estimate import Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Subject:
    """An estimate under scrutiny.

    Parameters
    ----------
    posterior : LoglinearPosterior
        Draws of every parameter; with ``values["residual"]``, shape (chain, draw), where the priors have a residual
        dependence.
    population : PopulationDraws
        Draws of the people of every stratum, the same as those of the estimate.
    groups : mapping of str to GroupDraws
        Every group over the headline period; ``"total"`` first.
    sampler : SamplerSettings
        With which the draws were made.
    seed : int
        Of all randomness of the estimate; a check derives its own from it.
    folder : Path or None
        The run folder; None for an estimate in Python.
    """

    study: Study
    priors: Priors
    posterior: LoglinearPosterior
    population: PopulationDraws
    groups: Mapping[str, GroupDraws]
    sampler: SamplerSettings
    seed: int
    folder: Path | None = None

    @property
    def total(self) -> GroupDraws:
        """Everybody over the headline period."""
        return self.groups[TOTAL]

    @property
    def residual(self) -> Floats:
        """Log of the true over the implied dark figure, shape (chain, draw); 0 where the priors have none."""
        found = self.posterior.values.get("residual")
        return np.zeros_like(self.posterior.values["log_ratio"]) if found is None else found

    def __repr__(self) -> str:
        where = "" if self.folder is None else f" of {self.folder}"
        return f"Subject({self.study.name}{where}: {len(self.groups)} groups)"


def subject_of(estimate: Estimate) -> Subject:
    """Return an estimate as the subject of checks, for use from Python without a folder."""
    sampler = estimate.posterior.settings
    return Subject(
        estimate.study,
        estimate.priors,
        estimate.posterior.details,
        estimate.population,
        estimate.group_draws,
        sampler,
        sampler.seed,
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
    return subject_of_run(read_run(folder), study)


def subject_of_run(run: SavedRun, study: str | Path | None = None) -> Subject:
    """Return the estimate of a run that was read, as the subject of checks.

    Parameters
    ----------
    study : str or Path, optional
        As for `read_subject`.

    Raises
    ------
    InputError
        When the study has gone or is not the one of the run.
    """
    found = _study_of(run, study)
    priors = _priors_of(run)
    sampler = _sampler_of(run)
    posterior = _posterior_of(run, found, priors, sampler)
    population = population_draws(posterior, sampler.seed)
    groups = headline_groups(found, population)
    _refuse_other_people(run, groups)
    return Subject(found, priors, posterior, population, groups, sampler, sampler.seed, run.folder)


def _study_of(run: SavedRun, given: str | Path | None) -> Study:
    """Read the study of a run again."""
    reference = _place_of(run) if given is None else given
    decisions = {str(entry["name"]): str(entry["choice"]) for entry in run.facts["decisions"]}
    try:
        study = read_study(reference, decisions)
    except InputError as error:
        raise InputError([*_lost(run, reference), *error.faults]) from error
    differing = _differing(run, study)
    if differing:
        raise InputError(differing)
    return study


def _place_of(run: SavedRun) -> str | Path:
    """Return where the study of a run is: the name of a shipped one, or a path."""
    noted = run.manifest.get("study_at")
    name = str(run.manifest.get("study"))
    if isinstance(noted, str):
        return run.folder.resolve() / noted if looks_like_path(noted) else noted
    if name in shipped_studies():  # runs of earlier versions did not note the place
        return name
    message = f"This run does not say where its study is. Name it: {_again(run)}"
    raise InputError(Fault(str(run.folder / MANIFEST), message))


def _again(run: SavedRun) -> str:
    """Return the command by which a user says where the study is."""
    return f"darkfigure scrutinise {run.folder} --study STUDY"


def _lost(run: SavedRun, reference: str | Path) -> list[Fault]:
    """Return that a study cannot be read any more."""
    message = f"The study of this run cannot be read from {reference} any more. Restore it, or name it: {_again(run)}"
    return [Fault(str(run.folder), message)]


def _differing(run: SavedRun, study: Study) -> list[Fault]:
    """Return a fault for each input of the study that is not the one of the run."""
    message = (
        "This is not the file with which the run was made: every check would judge another estimate. Restore the file, "
        "or estimate again."
    )
    used = {what: entry for what, entry in run.manifest["inputs"].items() if not str(what).startswith("priors")}
    faults = [
        Fault(str(study.files[what]), message)
        for what, entry in used.items()
        if what in study.files and sha256_of(study.files[what]) != entry.get("sha256")
    ]
    gone = sorted(set(used) - set(study.files))
    return [*faults, *(Fault(str(study.path), f"The run had a file of {what}, and this has none.") for what in gone)]


def _priors_of(run: SavedRun) -> Priors:
    """Return the priors of a run, as its manifest holds them."""
    from pydantic import ValidationError

    try:
        return recorded_priors(run.manifest["priors"])
    except ValidationError as error:
        message = "These priors were written by another version of darkfigure, and cannot be read. Estimate again."
        raise InputError(Fault(f"{run.folder / MANIFEST}, priors", message)) from error


def _sampler_of(run: SavedRun) -> SamplerSettings:
    """Return the settings with which the draws of a run were made."""
    used = run.manifest["sampler"]
    try:
        return SamplerSettings(
            draws=int(used["draws"]),
            warmup=int(used["warmup"]),
            chains=int(used["chains"]),
            seed=int(run.manifest["seed"]),
            target_accept=float(used["target_accept"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = "The settings of the sampler are not what a run writes. Restore the file, or estimate again."
        raise InputError(Fault(f"{run.folder / MANIFEST}, sampler", message)) from error


def _posterior_of(run: SavedRun, study: Study, priors: Priors, sampler: SamplerSettings) -> LoglinearPosterior:
    """Return the posterior that the file of draws holds."""
    design = design_for(study.table, study.model, priors)
    settings = prior_settings(priors, design)
    parameters = parameters_of(design, settings)
    path = run.folder / POSTERIOR
    try:
        values, statistics = _read(path, "posterior"), _read(path, "sample_stats")
        position = _position_of(parameters, values)
    except (OSError, KeyError, ValueError) as error:
        message = "These are not the draws of this study and these priors. Estimate the study again."
        raise InputError(Fault(str(path), message)) from error
    seconds = float(run.estimate["seconds"]["sample"])
    draws = Draws(position, statistics, seconds, sampler)
    return _assembled(design, settings, parameters, values, draws)


def _read(path: Path, group: str) -> dict[str, NDArray[Any]]:
    """Return the variables of a group of a NetCDF file, chains and draws first."""
    import xarray as xr

    with xr.open_dataset(path, group=group, engine="h5netcdf") as data:
        return {str(name): values.transpose("chain", "draw", ...).to_numpy() for name, values in data.load().items()}


def _position_of(parameters: tuple[Parameter, ...], values: Mapping[str, Floats]) -> Floats:
    """Return the sampled vectors, shape (chain, draw, D), of named parameters: `read_vector` backwards."""
    parts = []
    for parameter in parameters:
        value = values[parameter.name]
        if value.shape[2:] != parameter.shape:
            raise ValueError(f"{parameter.name} has another shape")
        flat = value.reshape(*value.shape[:2], parameter.size)
        parts.append(np.log(flat) if parameter.logged else flat)
    return np.concatenate(parts, axis=-1)


def _assembled(
    design: Design,
    settings: PriorSettings,
    parameters: tuple[Parameter, ...],
    values: Mapping[str, Floats],
    draws: Draws,
) -> LoglinearPosterior:
    """Return a posterior with the parameters among the variables, and the residual dependence where there is one."""
    names = [parameter.name for parameter in parameters]
    names += ["residual"] if "residual" in values else []
    return LoglinearPosterior(design, settings, tuple(parameters), {name: values[name] for name in names}, draws)


def _refuse_other_people(run: SavedRun, groups: Mapping[str, GroupDraws]) -> None:
    """Raise `InputError` unless the people drawn again are those of the run, group by group."""
    saved = run.draws.headline
    same = saved.keys() == groups.keys() and all(
        np.array_equal(saved[name].unseen, group.unseen) and np.array_equal(saved[name].registered, group.registered)
        for name, group in groups.items()
    )
    if not same:
        message = (
            "The same parameters give other people than the run has: another version of darkfigure or NumPy made it "
            f"({ESTIMATE} names the versions). Estimate the study again."
        )
        raise InputError(Fault(str(run.folder), message))
