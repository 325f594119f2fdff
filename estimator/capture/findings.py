"""What a check has to say about a table, in plain sentences with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from estimator.capture.check_report import CheckReport, Finding
from estimator.capture.check_text import TOTALS
from estimator.capture.table import CaptureTable

SEVERITIES = ("fatal", "warning", "note")
"""Worst first."""

MOST_MODELS = 12
"""So many models are named; the rest are counted."""

MOST_NAMES = 6
"""So many strata are named; the rest are counted."""


def find(report: CheckReport, table: CaptureTable) -> Iterator[Finding]:
    """Yield everything that a user of the table should know.

    Parameters
    ----------
    report : CheckReport
        What was counted.
    table : CaptureTable
        The table.

    Yields
    ------
    Finding
        In no particular order of severity.
    """
    yield from _no_overlap(report)
    yield from _lonely_lists(report)
    yield from _two_lists(report)
    yield from _empty_pairs(report)
    yield from _nonexistence(report)
    yield from _strata(report)
    yield from _coarsened(report)
    if table.left_out.upper:
        yield Finding(
            "note",
            f"This is part of a larger table. {_up_to(table.left_out.upper)} more may belong to it, whose level is "
            "not known well enough to say so; they are not in it.",
            "For an estimate that counts them too, use the whole table.",
        )


def _no_overlap(report: CheckReport) -> Iterator[Finding]:
    """Say that nobody is on two lists."""
    twice, more = report.captured.twice, report.captured.more
    remedy = (
        "Check whether persons were matched between the lists, and whether the right columns are the lists. "
        "If really nobody is on two lists, the number of unseen people cannot be estimated from them."
    )
    if twice.upper + more.upper == 0:
        text = "Nobody is on two lists. The people whom no list saw are estimated from the overlap between lists."
        yield Finding("fatal", text, remedy)
    elif twice.lower + more.lower == 0:
        yield Finding("warning", "It is not certain that anybody is on two lists: the overlaps are bounds.", remedy)


def _lonely_lists(report: CheckReport) -> Iterator[Finding]:
    """Name lists that saw nobody, and lists that share nobody with any other."""
    for row, name in enumerate(report.lists):
        if report.list_sizes[row].upper == 0:
            yield Finding("warning", f"List {name} saw nobody.", f"Take {name} out of the study.")
            continue
        shared = sum(report.overlap[row][column].upper > 0 for column in range(len(report.lists)) if column != row)
        if not shared and report.captured.twice.upper + report.captured.more.upper:
            yield Finding(
                "warning",
                f"List {name} shares nobody with any other list, and so says nothing about how many people it misses.",
                f"Check how the persons of {name} were matched with the other lists. If it cannot see the same people, "
                "declare that under structural_zeros, and look at the estimate without it.",
            )


def _two_lists(report: CheckReport) -> Iterator[Finding]:
    """Say what two lists cannot tell."""
    if len(report.lists) == 2:
        yield Finding(
            "warning",
            "With two lists the data cannot tell whether one list leads to the other or away from it; "
            "the estimate rests wholly on what the priors say about that.",
            "Add a third list, or state in a priors file how the two depend on each other, with your reason.",
        )


def _empty_pairs(report: CheckReport) -> Iterator[Finding]:
    """Name the pairs of lists that share nobody."""
    chance = [_pair(pair.lists) for pair in report.empty_overlaps if pair.kind == "sampling"]
    design = [_pair(pair.lists) for pair in report.empty_overlaps if pair.kind == "structural"]
    apart = [_pair(pair.lists) for pair in report.empty_overlaps if pair.kind == "never together"]
    unknown = [_pair(pair.lists) for pair in report.empty_overlaps if pair.kind == "unobserved"]
    if chance:
        yield Finding(
            "note",
            f"{_pairs(chance)} never {'overlaps' if len(chance) == 1 else 'overlap'}, although nothing declares that "
            f"{'it' if len(chance) == 1 else 'they'} cannot.",
            "If two of these lists cannot see the same person, by law or by the way they work, declare it under "
            "structural_zeros. If they could, leave it as it is: an empty overlap is information.",
        )
    if design:
        yield Finding(
            "note",
            f"{_pairs(design)} cannot overlap, as declared, and so {'says' if len(design) == 1 else 'say'} nothing.",
            "Nothing, if the declaration is right.",
        )
    if apart:
        text = f"{_pairs(apart)} never operated in the same stratum, so that their overlap is not known."
        yield Finding("note", text, "Nothing; the estimate takes their dependence from the priors.")
    if unknown:
        text = f"Part of the overlap of {_lower_first(_pairs(unknown))} was not observed."
        yield Finding("note", text, "Fill in the counts that are blank or suppressed, if they can be had.")


def _nonexistence(report: CheckReport) -> Iterator[Finding]:
    """Say for which models maximum likelihood has no finite estimate."""
    missing = [model for model in report.models if not model.exists or model.total != "finite"]
    if not missing:
        return
    meanings = []
    for total, meaning in TOTALS.items():
        names = [model.name for model in missing if model.total == total]
        if names:
            shown = names[:MOST_MODELS] + ([f"{len(names) - MOST_MODELS} more"] if len(names) > MOST_MODELS else [])
            meanings.append(f"{_and(shown)} ({meaning})")
    open_total = any(model.total != "finite" for model in missing)
    yield Finding(
        "warning" if open_total else "note",
        f"No finite maximum-likelihood estimate exists for {len(missing)} of the {len(report.models)} log-linear "
        f"models that were tried (independent lists; each pair of lists that may depend; all pairs): "
        f"{'; '.join(meanings)}.",
        "Do not quote a maximum-likelihood figure from these models, even when a program prints one. "
        "The priors settle what the data leave open here: state them with care, and see how much they decide.",
    )


def _strata(report: CheckReport) -> Iterator[Finding]:
    """Name strata without overlap or without people."""
    if report.n_strata == 1:
        return
    without, empty = report.strata_without_overlap, report.empty_strata
    if without:
        yield Finding(
            "warning",
            f"{len(without)} of {report.n_strata} strata {'has' if len(without) == 1 else 'have'} nobody on two lists: "
            f"{_some(without)}. Their estimates borrow everything from the other strata.",
            "Merge levels of a covariate if single strata matter, or report only groups of strata.",
        )
    if empty:
        yield Finding(
            "note",
            f"Nobody is registered in {len(empty)} of {report.n_strata} strata: {_some(empty)}.",
            "Check that the levels are written as in the table; otherwise nothing.",
        )


def _coarsened(report: CheckReport) -> Iterator[Finding]:
    """Say what is not exactly known, and that it is not guessed."""
    coarse = report.coarsening
    parts = []
    if coarse.intervals:
        parts.append(
            f"{_many(coarse.intervals, 'count')} known only between bounds ({coarse.interval_persons} persons)"
        )
    if coarse.blanks:
        parts.append(f"{coarse.blank_persons} persons of whom a covariate or a list is not known")
    if coarse.unobserved:
        parts.append(f"{_many(coarse.unobserved, 'cell')} not observed")
    if coarse.impossible:
        parts.append(f"{_many(coarse.impossible, 'cell')} declared impossible")
    parts += [f"list {name} did not operate in {_many(n, 'stratum')}" for name, n in coarse.not_running]
    if parts:
        text = f"Not everything in the table is an exact count: {'; '.join(parts)}."
        yield Finding("note", text, "Nothing; the estimate takes this into account and puts no guess in its place.")


def _pair(lists: tuple[str, str]) -> str:
    return "-".join(lists)


def _pairs(names: Sequence[str]) -> str:
    return f"The pair{'' if len(names) == 1 else 's'} {_and(names)}"


def _lower_first(text: str) -> str:
    return text[0].lower() + text[1:]


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    quoted = [f"'{name}'" for name in names[:MOST_NAMES]]
    more = len(names) - len(quoted)
    return ", ".join(quoted) + (f" and {more} more" if more else "")


def _many(number: int, noun: str) -> str:
    plural = {"stratum": "strata"}.get(noun, f"{noun}s")
    return f"{number:,} {noun if number == 1 else plural}"


def _up_to(upper: int) -> str:
    return f"Up to {upper:,} persons" if upper < 2**62 else "Any number of persons"
