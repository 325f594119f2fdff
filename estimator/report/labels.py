"""What groups, covariates and levels of a study are called, and reasons in which they stand by these names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from estimator.multiverse.record import MultiverseRecord
from estimator.reasons import Reason, Value
from estimator.runs.estimate_record import EstimateRecord
from estimator.study.questions import Labels as StudyLabels
from estimator.study.study import Study
from estimator.words.shown import on_one_line
from estimator.words.words import Words


@dataclass(frozen=True)
class Labels:
    """What the names in reasons are called, in one language.

    Parameters
    ----------
    groups, covariates : mapping of str to str
        By name.
    levels : mapping of str to mapping of str to str
        By covariate, in the order of the strata, and level.
    lists : mapping of str to str
        By name; left out where lists stand by their names.
    """

    groups: Mapping[str, str] = field(default_factory=dict)
    covariates: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)

    def group(self, name: str) -> str:
        """Return what a group is called."""
        return self.groups.get(name, name)

    def level(self, covariate: str, name: str) -> str:
        """Return what a level is called."""
        return self.levels.get(covariate, {}).get(name, name)

    def stratum(self, name: str) -> str:
        """Return what a stratum is called of which the levels are one text: ``"2014, female"``."""
        return self._strata.get(name, name)

    @cached_property
    def _strata(self) -> dict[str, str]:
        """What strata are called, by the levels that name them; found once, for a level may have a comma in it."""
        names = product(*self.levels.values())
        called = product(*(levels.values() for levels in self.levels.values()))
        return {", ".join(levels): _together(labels) for levels, labels in zip(names, called, strict=True)}


def _together(labels: tuple[str, ...]) -> str:
    """Return labels of levels as one text; where a label has a comma, they are divided by another sign."""
    return ("; " if any("," in label for label in labels) else ", ").join(labels)


def labels_of_study(study: Study, language: str) -> Labels:
    """Return what the names of a study are called in a language, or in English where it has no name."""
    groups = {name: group.label.text(language) for name, group in study.groups.items()}
    return replace(labels_in(study.labels, language), groups=groups, lists={})


def labels_in(labels: StudyLabels, language: str) -> Labels:
    """Return what lists, covariates and levels are called in a language, or in English where they have no name."""
    return Labels(
        covariates={name: label.text(language) for name, label in labels.covariates.items()},
        levels={
            name: {level: label.text(language) for level, label in levels.items()}
            for name, levels in labels.levels.items()
        },
        lists={name: label.text(language) for name, label in labels.lists.items()},
    )


def labels_of_record(record: EstimateRecord, language: str) -> Labels:
    """Return what the names in an estimate.json are called in a language, or in English where it has no name."""
    covariates = record.covariates
    return Labels(
        {name: group.label.text(language) for name, group in record.groups.items()},
        {name: covariate.label.text(language) for name, covariate in covariates.items()},
        {
            name: {level: label.text(language) for level, label in covariate.levels.items()}
            for name, covariate in covariates.items()
        },
    )


def within_sentence(label: str) -> str:
    """Return a label as it stands within a sentence; abbreviations keep their capitals."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def with_labels(reason: Reason, labels: Labels) -> Reason:
    """Return a reason in which names stand by their labels.

    Groups are its values ``group`` and ``groups``, covariates ``covariates``, a list is ``list``; a level is ``level``
    beside its ``covariate``, ``stratum`` has the level of each covariate, and each of ``strata`` has them in one text.
    What covariates are called stands within a sentence.
    """
    values: dict[str, Value] = {name: _labelled(name, value, labels) for name, value in reason.values.items()}
    covariate = reason.values.get("covariate")
    if isinstance(covariate, str) and "level" in values:
        values |= {
            "covariate": within_sentence(labels.covariates.get(covariate, covariate)),
            "level": labels.level(covariate, str(values["level"])),
        }
    stratum = reason.values.get("stratum")
    if isinstance(stratum, tuple) and len(stratum) == len(labels.levels):
        pairs = zip(labels.levels, stratum, strict=True)
        values["stratum"] = tuple(labels.level(name, str(level)) for name, level in pairs)
    return Reason(reason.code, **values)


def title_of(record: EstimateRecord, words: Words) -> str:
    """Return the title of the study on one line."""
    return on_one_line(record.title_in(words.language))


def labelled(reasons: Sequence[Reason], record: EstimateRecord, words: Words) -> list[Reason]:
    """Return reasons in which groups, strata and levels stand by their labels."""
    labels = labels_of_record(record, words.language)
    return [with_labels(reason, labels) for reason in reasons]


def choice_with_labels(said: Reason, record: MultiverseRecord, language: str) -> Reason:
    """Return a choice of a multiverse, or an alternative, in which lists and covariates stand by their labels."""
    lists = {name: label.text(language) for name, label in record.lists.items()}
    covariates = {name: within_sentence(label.text(language)) for name, label in record.covariates.items()}
    values: dict[str, Value] = dict(said.values)
    for key, labels in (("list", lists), ("drop", lists), ("merge", lists), ("names", covariates)):
        value = values.get(key)
        if isinstance(value, str):
            values[key] = labels.get(value, value)
        elif isinstance(value, tuple):
            values[key] = tuple(labels.get(str(one), str(one)) for one in value)
    return Reason(said.code, **values)


def _labelled(name: str, value: Value, labels: Labels) -> Value:
    if isinstance(value, Reason):
        return with_labels(value, labels)
    if isinstance(value, tuple):
        return tuple(_labelled(name, item, labels) for item in value)
    if not isinstance(value, str):
        return value
    if name == "list":
        return labels.lists.get(value, value)
    if name == "covariates":
        return within_sentence(labels.covariates.get(value, value))
    return labels.group(value) if name in ("group", "groups") else labels.stratum(value) if name == "strata" else value
