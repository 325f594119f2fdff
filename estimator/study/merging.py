"""Two lists taken as one: the table, and the terms of a model, with the one in place of the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from estimator.capture.table import CaptureTable
from estimator.study.questions import FalsePositives, Label, ModelSettings


def merged_name(before: CaptureTable, after: CaptureTable) -> str:
    """Return what a merged list is called, of a table before and after."""
    return next(name for name in after.lists if name not in before.lists)


def merged_label(first: Label, second: Label) -> Label:
    """Return what a merged list is called in results."""
    dutch = f"{first.nl or first.en} + {second.nl or second.en}" if first.nl or second.nl else None
    return Label(f"{first.en} + {second.en}", dutch)


def merged_model(
    model: ModelSettings, before: CaptureTable, after: CaptureTable, lists: tuple[str, str]
) -> ModelSettings:
    """Return the settings of a model in which two lists are one.

    Parameters
    ----------
    before, after : CaptureTable
        With the two lists, and with the one.

    Returns
    -------
    ModelSettings
        A term for three lists of which both are members is gone; shares of false positives are of the merged list.
    """
    merged = merged_name(before, after)
    model = replace(model, false_positives=_of_merged(model, before, after, lists))
    return renamed_model(model, lambda other: merged if other in lists else other)


def _of_merged(
    model: ModelSettings, before: CaptureTable, after: CaptureTable, lists: tuple[str, str]
) -> tuple[FalsePositives, ...]:
    """Return false positives with shares of the merged list, where they had shares of one of its two lists."""
    sizes, whole = before.list_sizes(), max(after.list_sizes()[merged_name(before, after)].lower, 1)
    shares = []
    for share in model.false_positives:
        part = min(sizes[share.list].lower / whole, 1.0) if share.list in lists else 1.0
        shares.append(replace(share, share=(share.share[0] * part, share.share[1] * part)) if part else None)
    return tuple(share for share in shares if share is not None)


def renamed_model(model: ModelSettings, name_of: Callable[[str], str | None]) -> ModelSettings:
    """Return the settings of a model whose lists have other names; terms of lists without one are gone."""
    triples = [tuple(name_of(name) for name in term) for term in model.three_list]
    breaks = [(declared, name_of(declared.list)) for declared in model.breaks]
    return replace(
        model,
        three_list=tuple(
            dict.fromkeys(
                (a, b, c)
                for a, b, c in triples
                if a is not None and b is not None and c is not None and len({a, b, c}) == 3
            )
        ),
        breaks=tuple(dict.fromkeys(replace(declared, list=name) for declared, name in breaks if name is not None)),
        false_positives=tuple(
            replace(declared, list=name)
            for declared in model.false_positives
            if (name := name_of(declared.list)) is not None
        ),
        linkage_errors=tuple(
            replace(declared, lists=lists)
            for declared in model.linkage_errors
            if len(lists := _names(declared.lists, name_of)) > 1 or not declared.lists
        ),
    )


def _names(lists: Sequence[str], name_of: Callable[[str], str | None]) -> tuple[str, ...]:
    """Return the new names of lists, each once, without those that are gone."""
    return tuple(dict.fromkeys(new for old in lists if (new := name_of(old)) is not None))
