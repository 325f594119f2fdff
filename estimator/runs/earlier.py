"""Files of a run that an earlier version wrote, brought up to date.

Version 1 had sentences for reasons and one label, in English. A sentence is read as a reason whose words are the
sentence itself (`estimator.runs.records`), so that nothing is lost and nothing is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimator.population.thresholds import convergence_limits
from estimator.runs.facts import parents_of
from estimator.runs.manifest import Manifest
from estimator.runs.records import SCHEMA_VERSION


def manifest_today(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a manifest as this version writes it; what is no manifest stays what it is."""
    if content.get("schema_version", 1) != 1:
        return dict(content)
    today = {"made": "", "command": [], "machine": {"system": "", "machine": "", "cores": None}, **content}
    today["schema_version"] = SCHEMA_VERSION
    facts = content.get("facts")
    if isinstance(facts, Mapping):
        groups = _each(facts.get("groups"), lambda group: _with_label(group))
        today["facts"] = {"not_operating": [], **facts, "groups": groups}
    return today


def estimate_today(content: Mapping[str, Any], manifest: Manifest) -> dict[str, Any]:
    """Return the content of estimate.json as this version writes it.

    Parameters
    ----------
    manifest : Manifest
        Of the same run, of which version 1 said things that estimate.json says now.
    """
    if content.get("schema_version", 1) != 1:
        return dict(content)
    facts = manifest.facts
    parents = parents_of(facts)

    def names(keys: Any) -> dict[str, Any]:
        return {key: {"en": key, "nl": None} for key in keys}

    def numbers(part: Any) -> Any:
        return _numbers_today(part, parents)

    return {
        "title_nl": None,
        "language": None,
        "method_options": {},
        "bound": False,
        "prior_changes": dict(manifest.prior_changes),
        "lists": names(facts.lists),
        "covariates": {
            name: {"label": {"en": name, "nl": None}, "levels": names(covariate.levels), "ordered": covariate.ordered}
            for name, covariate in facts.covariates.items()
        },
        "caveats": [],
        "published": [],
        "thresholds_sha256": None,
        **numbers(content),
        **({"reasons": _reasons_today(content["reasons"])} if "reasons" in content else {}),
        **_scrutiny_today(content.get("scrutiny")),
        "schema_version": SCHEMA_VERSION,
        "period": _period_today(content.get("period"), manifest),
        **({"beside": _each(content["beside"], numbers)} if "beside" in content else {}),
    }


def _reasons_today(reasons: Any) -> Any:
    """Return reasons not to publish, those in the table as codes."""
    if not isinstance(reasons, list):
        return reasons
    return [_OF_THE_TABLE.get(reason, reason) if isinstance(reason, str) else reason for reason in reasons]


def _scrutiny_today(summary: Any) -> dict[str, Any]:
    """Return the scrutiny of an estimate, where there is one, with codes for reasons in the table."""
    if not isinstance(summary, Mapping) or not isinstance(summary.get("before"), Mapping):
        return {}
    before = summary["before"]
    reasons = _reasons_today(before.get("reasons", []))
    return {"scrutiny": {**summary, "before": {**before, "reasons": reasons}}}


_OF_THE_TABLE = {
    "The table is reconstructed from published figures: getting those figures back is a check of the software, not "
    "evidence about people.": {"code": "table-reconstructed"},
    "The table is synthetic: nothing in this estimate is about real people.": {"code": "table-synthetic"},
}
"""The sentences of version 1 by which reasons in the table were told from reasons in the estimate."""


def _numbers_today(part: Any, parents: Mapping[str, str | None]) -> Any:
    """Return an estimate under one set of priors, its groups with labels in two languages and where they belong."""
    if not isinstance(part, Mapping):
        return part

    def groups(of_period: Any) -> Any:
        if not isinstance(of_period, Mapping):
            return of_period
        return {
            name: {**_with_label(group), "parent": parents.get(name)} if isinstance(group, Mapping) else group
            for name, group in of_period.items()
        }

    today = dict(part)
    today |= {period: groups(part[period]) for period in ("groups", "per_year") if period in part}
    if "by_year" in part:
        today["by_year"] = _each(part["by_year"], groups)
    if isinstance(part.get("diagnostics"), Mapping):
        today["diagnostics"] = {**part["diagnostics"], "converged": _converged(part["diagnostics"])}
    return today


def _period_today(period: Any, manifest: Manifest) -> Any:
    """Return the time that the numbers are of, with how many years the table adds up."""
    if not isinstance(period, Mapping):
        return period
    return {**period, "pooled_years": manifest.facts.period.years if manifest.facts.period else None}


def _each(entries: Any, change: Any) -> Any:
    """Return a mapping with every entry changed; what is no mapping stays what it is, to be refused by its model."""
    return {name: change(entry) for name, entry in entries.items()} if isinstance(entries, Mapping) else entries


def _with_label(group: Any) -> Any:
    """Return a group whose label, in English, may have a Dutch one beside it."""
    if not isinstance(group, Mapping) or not isinstance(group.get("label"), str):
        return group
    return {**group, "label": {"en": group["label"], "nl": None}}


def _converged(diagnostics: Mapping[str, Any]) -> bool:
    """Tell from the diagnostics of an estimate whether its chains agreed; divergences piled up are not in them."""
    try:
        measured = [float(diagnostics[key]) for key in ("rhat_max", "ess_bulk_min", "ess_tail_min")]
        draws = diagnostics["draws"] * diagnostics["chains"]
        divergent = float(diagnostics.get("divergences", 0)) / max(draws, 1)
    except (KeyError, TypeError, ValueError):
        return False
    limits = convergence_limits()
    rhat, bulk, tail = measured
    return rhat <= limits.rhat and min(bulk, tail) >= limits.effective_draws and divergent < limits.divergent_share
