"""An estimate as the records of its run: what estimate.json and manifest.json say of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import takewhile
from os.path import relpath
from pathlib import Path
from typing import Any

from estimator.methods.convergence import Convergence
from estimator.methods.summary import LEVELS
from estimator.population.beside import width_factor
from estimator.population.estimate import Estimate
from estimator.population.groups import Bounds, GroupEstimate, headline_years
from estimator.population.precision import precision
from estimator.population.statements_of_study import change_reasons, decision_reasons, error_reasons
from estimator.population.thresholds import thresholds_hash
from estimator.runs.estimate_record import (
    BesideRecord,
    CovariateRecord,
    DiagnosticsRecord,
    EstimateRecord,
    ImputationsRecord,
    PeriodRecord,
    PublishedRecord,
    ResidualRecord,
    SecondsRecord,
    TableRecord,
)
from estimator.runs.facts import change_records, decision_records, error_records, facts_of, label_record, parents_of
from estimator.runs.group_records import (
    BoundsRecord,
    DenominatorRecord,
    GroupRecord,
    Groups,
    PersonsRecord,
    RatioRecord,
    ShareRecord,
    SummaryRecord,
)
from estimator.runs.manifest import AssumptionsRecord, FileRecord, MachineRecord, Manifest, SamplerRecord
from estimator.runs.provenance import hashes, machine, sha256_of, users, versions, without_folders
from estimator.runs.records import SCHEMA_VERSION, Language
from estimator.shipped import folder as shipped_folder
from estimator.study.study import Study


def record_of(estimate: Estimate, language: Language | None = None) -> EstimateRecord:
    """Return an estimate as estimate.json has it.

    Parameters
    ----------
    language : {"en", "nl"}, optional
        In which it was printed; by default that of the study.

    Returns
    -------
    EstimateRecord
        The same for the same seed, but for ``seconds``.
    """
    study = estimate.study
    return EstimateRecord(
        schema_version=SCHEMA_VERSION,
        study=study.name,
        title=study.title,
        title_nl=study.title_nl,
        source=" ".join(study.source.split()),
        source_nl=" ".join(study.source_nl.split()) if study.source_nl else None,
        language=language or study.language,
        method=estimate.posterior.method,
        method_options=dict(estimate.posterior.options),
        bound=estimate.method.abilities.bound,
        priors=estimate.priors.title if estimate.method.abilities.priors else "",
        priors_nl=estimate.priors.title_nl if estimate.method.abilities.priors else None,
        priors_name=estimate.priors_name,
        prior_changes=estimate.priors.overrides if estimate.method.abilities.priors else {},
        table_kind=study.table_kind,
        publishable=estimate.fitness.publishable,
        reasons=list(estimate.fitness.reasons),
        cautions=list(estimate.fitness.cautions),
        assumption=estimate.assumption,
        residual=_residual(estimate),
        decisions=decision_records(study.decisions),
        changes=change_records(study.changes),
        register_errors=error_records(study.model) or None,
        statements=[*decision_reasons(study), *change_reasons(study), *error_reasons(study)],
        notes=list(estimate.notes),
        lists={name: label_record(study.labels.lists.get(name), name) for name in study.declaration.lists},
        covariates=_covariates(study),
        caveats=[" ".join(text.split()) for text in study.caveats],
        caveats_nl=[" ".join(text.split()) for text in study.caveats_nl] or None,
        published=_published(study),
        level=max(LEVELS),
        period=_period(estimate),
        **_numbers(estimate),
        imputations=_imputations(estimate),
        beside={other.priors_name: _record_beside(other) for other in estimate.beside} or None,
        precision=list(precision([estimate, *estimate.beside])) or None,
        diagnostics=_diagnostics(estimate.convergence, estimate.predictive_p),
        seconds=SecondsRecord(**{name: round(value, 2) for name, value in estimate.seconds.items()}),
        seed=estimate.posterior.seed,
        thresholds_sha256=thresholds_hash(),
        versions=versions(),
    )


def _covariates(study: Study) -> dict[str, CovariateRecord]:
    """Return what covariates are called."""
    labels = study.labels
    return {
        covariate.name: CovariateRecord(
            label=label_record(labels.covariates.get(covariate.name), covariate.name),
            levels={
                level: label_record(labels.levels.get(covariate.name, {}).get(level), level)
                for level in covariate.levels
            },
            ordered=covariate.ordered,
        )
        for covariate in study.declaration.covariates
    }


def _period(estimate: Estimate) -> PeriodRecord:
    """Return what time the headline numbers are of."""
    period = estimate.study.period
    if period is None or period.covariate is None:
        return PeriodRecord(years=None, per_year=False, pooled_years=period.years if period else None)
    years = list(headline_years(estimate.study))
    return PeriodRecord(years=years, per_year=len(years) > 1, pooled_years=period.years)


def _published(study: Study) -> list[PublishedRecord]:
    """Return what others published of the same people."""
    return [
        PublishedRecord.model_validate(asdict(figure) | {"years": list(figure.years)}) for figure in study.published
    ]


def _imputations(estimate: Estimate) -> ImputationsRecord | None:
    """Return what each of several imputed tables says, and what their spread adds; None for one table."""
    spread, study = estimate.spread, estimate.study
    if spread is None:
        return None
    return ImputationsRecord(
        statement=spread.statement,
        within=round(spread.within, 8),
        between=round(spread.between, 8),
        total=round(spread.total, 8),
        fraction_missing=round(spread.fraction_missing, 5),
        mean_width=round(spread.mean_width, 1),
        widening=round(spread.widening, 4),
        tables=[
            TableRecord(
                name=study.table_name(number),
                registered=SummaryRecord.of(made.total.registered, 1),
                N=SummaryRecord.of(made.total.N, 1),
                diagnostics=_diagnostics(made.convergence, made.predictive_p),
            )
            for number, made in enumerate(estimate.of_tables, 1)
        ],
    )


def _record_beside(estimate: Estimate) -> BesideRecord:
    """Return an estimate under other priors, without what it shares with the main estimate."""
    return BesideRecord(
        priors=estimate.priors.title,
        priors_nl=estimate.priors.title_nl,
        assumption=estimate.assumption,
        residual=_residual(estimate),
        publishable=estimate.fitness.publishable,
        reasons=list(estimate.fitness.reasons),
        **_numbers(estimate),
        diagnostics=_diagnostics(estimate.convergence, estimate.predictive_p),
    )


def _residual(estimate: Estimate) -> ResidualRecord:
    """Return by how much the dark figure may differ from what the lists imply."""
    return ResidualRecord(**vars(estimate.method.residual(estimate.posterior, estimate.priors)))


def _numbers(estimate: Estimate) -> dict[str, Any]:
    """Return every group over every period, and how wide the interval of the total is."""
    parents = parents_of(facts_of(estimate.study))

    def groups(estimates: Mapping[str, GroupEstimate]) -> Groups:
        return {name: group_record(group, parents[name]) for name, group in estimates.items()}

    return {
        "width_factor": _rounded(width_factor(estimate.total.N), 3),
        "groups": groups(estimate.groups),
        "per_year": groups(estimate.per_year) or None,
        "by_year": {year: groups(of_year) for year, of_year in estimate.by_year.items()} or None,
    }


def group_record(group: GroupEstimate, parent: str | None = None) -> GroupRecord:
    """Return what is estimated of a group: persons with one decimal, shares with five, ratios with three."""
    registered, rate, denominator = group.registered, group.rate, group.denominator
    return GroupRecord(
        label=label_record(group.label),
        parent=parent,
        registered=_plain_number(registered.median),
        registered_interval=(round(registered.lower, 1), round(registered.upper, 1)) if registered.sd > 0 else None,
        registered_bounds=None if group.bounds is None else outward(group.bounds),
        N=PersonsRecord.of(group.N, 1),
        dark_figure=PersonsRecord.of(group.dark_figure, 1),
        coverage=ShareRecord.of(group.coverage, 5),
        one_in=None if group.one_in is None else RatioRecord(**group.one_in.limits(3)),
        per_100000=PersonsRecord.of(rate, 3) if rate and denominator else None,
        denominator=DenominatorRecord(**denominator.to_dict()) if rate and denominator else None,
    )


def outward(bounds: Bounds) -> BoundsRecord:
    """Return bounds with one decimal, never narrower than they are; null where there is none."""
    lower, upper = (round(10 * limit, 6) for limit in bounds)  # 10 * (x / years) may miss a whole number by a hair
    most = _plain_number(math.ceil(upper) / 10) if math.isfinite(upper) else None
    return BoundsRecord(lower=_plain_number(math.floor(lower) / 10), upper=most)


def _plain_number(value: float) -> float | int:
    """Return a whole number as an integer."""
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _diagnostics(convergence: Convergence, predictive_p: float | None) -> DiagnosticsRecord:
    """Return whether the chains agree, and whether the model describes the table."""
    return DiagnosticsRecord(
        rhat_max=_rounded(convergence.rhat_max, 5),
        ess_bulk_min=_rounded(convergence.ess_bulk_min, 1),
        ess_tail_min=_rounded(convergence.ess_tail_min, 1),
        divergences=convergence.divergences,
        draws=convergence.draws,
        chains=convergence.chains,
        posterior_predictive_p=None if predictive_p is None else round(predictive_p, 5),
        converged=convergence.passed,
    )


def _rounded(value: float, digits: int) -> float | None:
    """Return a number for JSON, which has no NaN."""
    return round(value, digits) if math.isfinite(value) else None


def manifest_of(estimate: Estimate, folder: Path, command: Sequence[str]) -> Manifest:
    """Return the inputs and outputs of a run: enough to repeat it and to see that it is unaltered.

    Returns
    -------
    Manifest
        Hashes of inputs and outputs, what the study is about, priors in full, seed, settings of the sampler, versions,
        machine, command and time. Without a digest of itself.
    """
    inputs = dict(estimate.study.files)
    for what, used in (("priors", estimate), *((f"priors {other.priors_name}", other) for other in estimate.beside)):
        if used.priors.path is not None and used.method.abilities.priors:
            inputs[what] = used.priors.path
    return Manifest(
        schema_version=SCHEMA_VERSION,
        study=estimate.study.name,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        command=without_folders(command),
        inputs={what: FileRecord(**file) for what, file in hashes(inputs).items()},
        study_at=_study_at(estimate.study, folder),
        facts=facts_of(estimate.study),
        **dict(_assumptions(estimate)),
        beside={other.priors_name: _assumptions(other) for other in estimate.beside},
        outputs={path.name: sha256_of(path) for path in sorted(folder.iterdir())},
        seed=estimate.posterior.seed,
        versions=versions(),
        machine=MachineRecord(**machine()),
    )


_HOMES = frozenset({"home", "users", "homes"})


def _study_at(study: Study, folder: Path) -> str | None:
    """Return where the study is, so that it can be read again: a shipped name, or its path from the run folder.

    From the run folder, so that a folder that holds both may be moved, and so that the names of users stay out of it as
    far as may be.
    """
    if study.path is None:
        return None
    path = study.path.resolve()
    if path.parent.parent == shipped_folder("data").resolve():
        return path.parent.name
    return _path_from(folder.resolve(), path)


def _path_from(folder: Path, path: Path) -> str | None:
    """Return a path from a folder; None where it would lead through a user's own folder from outside of it."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(folder.parts, path.parts, strict=False))
    common = [part for part, _ in pairs]
    down = {name.casefold() for name in path.parts[len(common) :]}
    if len(common) < 2 or down & (users() | _HOMES) or (down and common[-1].casefold() in _HOMES):
        return None
    return Path(relpath(path, folder)).as_posix()


def _assumptions(estimate: Estimate) -> AssumptionsRecord:
    """Return under which priors an estimate was made, and how it was sampled."""
    used, takes_priors = estimate.posterior.settings, estimate.method.abilities.priors
    return AssumptionsRecord(
        priors_name=estimate.priors_name,
        priors=estimate.priors.model_dump(mode="json", exclude_none=True) if takes_priors else {},
        prior_changes=dict(estimate.priors.overrides) if takes_priors else {},
        sampler=SamplerRecord(
            draws=used.draws,
            warmup=used.warmup,
            chains=used.chains,
            target_accept=used.target_accept,
            # a second or third attempt has more draws, and smaller steps, than the command asked for
            attempt=estimate.posterior.attempt,
        ),
    )
