"""The estimate of a run folder, made again from it: the study read again, the draws as they were kept.

A study that is no longer that of the run is refused, because whatever is asked of it would be about another estimate.
The priors are in the manifest in full; their file need not be there any more.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from estimator.errors import Fault, InputError
from estimator.methods.convergence import Convergence
from estimator.methods.door import Method, PopulationDraws, Posterior, SamplerSettings
from estimator.methods.registry import method_named
from estimator.methods.several_tables import over_tables
from estimator.population.estimate import Estimate
from estimator.population.groups import headline_groups
from estimator.runs.provenance import sha256_of
from estimator.runs.reading import MANIFEST, POSTERIOR, Run
from estimator.study.priors import Priors, read_priors
from estimator.study.recorded_priors import recorded_priors
from estimator.study.shipped import looks_like_path, shipped_studies
from estimator.study.study import Study, read_study

_NAME_IT = "Restore it, or give the same command where it is: --study STUDY"


def estimate_of_run(run: Run, study: str | Path | None = None) -> Estimate:
    """Return the estimate that a run holds, without those under other priors beside it.

    Parameters
    ----------
    study : str or Path, optional
        Where the study is, as `read_study` takes it, when it is no longer where it was.

    Raises
    ------
    InputError
        When the study has gone or is not the one of the run.
    """
    study_read = study_of_run(run, study)
    method = over_tables(method_named(run.record.method), study_read)
    asked = method.study_for(study_read, run.record.method_options)
    priors = _priors_of(run) if method.abilities.priors else read_priors(asked.model.priors)
    settings = _settings_of(run)
    details = _details_of(run, method, asked, priors, settings)
    posterior = Posterior(
        method=method.name,
        population=run.draws.population or _people_of_version_1(run, method, asked, details),
        convergence=_convergence_of(run),
        settings=settings,
        attempt=run.manifest.sampler.attempt,
        seconds=run.record.seconds.sample,
        options=run.record.method_options,
        details=details,
    )
    return Estimate(
        asked,
        priors,
        method.completed(posterior),
        run.record.seconds.to_dict(),
        priors_name=run.priors_name,
        levels_of_run=run.levels(),
    )


def study_of_run(run: Run, given: str | Path | None = None) -> Study:
    """Read the study of a run again.

    Raises
    ------
    InputError
        When it has gone or is not the one of the run.
    """
    reference = _place_of(run) if given is None else given
    decisions: dict[str, str] = {decision.name: decision.choice for decision in run.facts.decisions}
    try:
        study = read_study(reference, decisions)
    except InputError as error:
        message = f"The study of this run cannot be read from {reference} any more. {_NAME_IT}"
        raise InputError([Fault(str(run.folder), message), *error.faults]) from error
    differing = _differing(run, study)
    if differing:
        raise InputError(differing)
    return study


def _place_of(run: Run) -> str | Path:
    """Return where the study of a run is: the name of a shipped one, or a path."""
    noted = run.manifest.study_at
    if noted is not None:
        return run.folder.resolve() / noted if looks_like_path(noted) else noted
    if run.record.study in shipped_studies():  # runs of earlier versions did not note the place
        return run.record.study
    message = f"This run does not say where its study is. {_NAME_IT}"
    raise InputError(Fault(str(run.folder / MANIFEST), message))


def _differing(run: Run, study: Study) -> list[Fault]:
    """Return a fault for each input of the study that is not the one of the run."""
    message = (
        "This is not the file with which the run was made: every check would judge another estimate. Restore the file, "
        "or estimate again."
    )
    used = {what: entry for what, entry in run.manifest.inputs.items() if not what.startswith("priors")}
    faults = [
        Fault(str(study.files[what]), message)
        for what, entry in used.items()
        if what in study.files and sha256_of(study.files[what]) != entry.sha256
    ]
    gone = sorted(set(used) - set(study.files))
    new = sorted(what for what in set(study.files) - set(used) if what.startswith("table"))
    faults += [
        Fault(str(study.files[what]), "The run was made without this table. Take it away again.") for what in new
    ]
    return [*faults, *(Fault(str(study.path), f"The run had a file of {what}, and this has none.") for what in gone)]


def _priors_of(run: Run) -> Priors:
    """Return the priors of a run, as its manifest holds them."""
    try:
        return recorded_priors(run.manifest.priors)
    except ValidationError as error:
        message = "These priors were written by another version of darkfigure, and cannot be read. Estimate again."
        raise InputError(Fault(f"{run.folder / MANIFEST}, priors", message)) from error


def _settings_of(run: Run) -> SamplerSettings:
    """Return the settings with which the draws of a run were made."""
    used = run.manifest.sampler
    return SamplerSettings(
        draws=used.draws,
        warmup=used.warmup,
        chains=used.chains,
        seed=run.manifest.seed,
        target_accept=used.target_accept,
    )


def _convergence_of(run: Run) -> Convergence:
    """Return how well the chains agreed, as the run says."""
    diagnostics = run.record.diagnostics
    measured = (diagnostics.rhat_max, diagnostics.ess_bulk_min, diagnostics.ess_tail_min)
    rhat, bulk, tail = (math.nan if value is None else value for value in measured)
    reasons: tuple[Any, ...] = () if diagnostics.converged else tuple(run.record.reasons)
    return Convergence(rhat, bulk, tail, diagnostics.divergences, diagnostics.draws, diagnostics.chains, reasons)


def _details_of(run: Run, method: Method, study: Study, priors: Priors, settings: SamplerSettings) -> Any:
    """Return the method's own posterior, from the file of draws."""
    path = run.folder / POSTERIOR
    try:
        return method.details_of(study, priors, settings, _saved(path), run.record.seconds.sample)
    except (OSError, KeyError, ValueError) as error:
        message = "These are not the draws of this study and these priors. Estimate the study again."
        raise InputError(Fault(str(path), message)) from error


def _saved(path: Path) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the variables of the groups of a file that are the method's own, chains and draws first if it has any."""
    import xarray as xr

    with xr.open_datatree(path, engine="h5netcdf") as tree:
        # of several imputed tables each has its own: table_1/posterior
        names = [node.path.strip("/") for node in tree.subtree if node.name in ("posterior", "sample_stats")]
        groups = {name: tree[name].to_dataset().load() for name in names}
    return {
        group: {
            str(name): values.transpose("chain", "draw", ..., missing_dims="ignore").to_numpy()
            for name, values in data.items()
        }
        for group, data in groups.items()
    }


def _people_of_version_1(run: Run, method: Method, study: Study, details: Any) -> PopulationDraws:
    """Return the people of every stratum, drawn again; runs of version 1 kept those of groups only.

    Raises
    ------
    InputError
        When another version of NumPy draws others.
    """
    people = method.people_again(details, run.manifest.seed)
    groups = {} if people is None else headline_groups(study, people)
    saved = run.draws.headline
    same = saved.keys() == groups.keys() and all(
        np.array_equal(saved[name].unseen, group.unseen) and np.array_equal(saved[name].registered, group.registered)
        for name, group in groups.items()
    )
    if people is None or not same:
        message = (
            "An earlier version of darkfigure made this run and kept no people by stratum; drawn again from the same "
            "parameters they are others, because NumPy is another version too. Estimate the study again."
        )
        raise InputError(Fault(str(run.folder), message))
    return people
