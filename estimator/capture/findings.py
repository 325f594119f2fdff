"""What a check has to say about a table: codes with the lists, strata and numbers that they are about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from estimator.capture.check_report import CheckReport, Finding, ModelCheck
from estimator.capture.declaration import Where
from estimator.capture.information import hardly_informed
from estimator.capture.referrals import nested_lists
from estimator.capture.table import CaptureTable
from estimator.reasons import Reason

SEVERITIES = ("fatal", "warning", "note")
"""Worst first."""

MOST_MODELS = 12
"""The models that are named at most; the rest are counted."""

MOST_NAMES = 6
"""The strata that are named at most; the rest are counted."""


def findings_of(
    report: CheckReport,
    table: CaptureTable,
    groups: Mapping[str, Where],
    declared: Collection[frozenset[str]] = (),
) -> Iterator[Finding]:
    """Yield everything that a user of the table should know, in no particular order of severity.

    Parameters
    ----------
    groups : mapping of str to mapping
        The strata of each group of people that will be reported, by its name.
    declared : collection of frozenset of str
        Pairs of lists of which the study says that one may feed the other.
    """
    yield from _no_overlap(report, table.has_overlap)
    if not table.counts_repeats:  # of one register, what follows is so by design
        yield from _of_overlaps(report)
        yield from _nested_lists(table, declared)
    for reason in hardly_informed(table, groups):
        yield Finding("warning", reason, Reason("report-the-group-with-others", group=reason["group"]))
    yield from _coarsened(report)
    yield from _readings(table)
    if table.left_out.upper:
        what = Reason("part-of-larger-table", upper=table.left_out.limit)
        yield Finding("note", what, Reason("use-the-whole-table"))


def _of_overlaps(report: CheckReport) -> Iterator[Finding]:
    """Yield what is to be known of how lists overlap."""
    yield from _lonely_lists(report)
    yield from _two_lists(report)
    yield from _empty_pairs(report)
    yield from _contained_lists(report)
    yield from _nonexistence(report)
    yield from _strata(report)


def _no_overlap(report: CheckReport, has_overlap: bool) -> Iterator[Finding]:
    """Say that nobody is on two lists, or that nothing is known of it."""
    twice, more = report.captured.twice, report.captured.more
    if twice.upper + more.upper == 0:
        yield Finding("fatal", Reason("nobody-on-two-lists"), Reason("check-the-matching"))
    elif not has_overlap:
        yield Finding("fatal", Reason("overlaps-not-counted"), Reason("fill-in-the-counts"))
    elif twice.lower + more.lower == 0:
        yield Finding("warning", Reason("overlap-not-certain"), Reason("check-the-matching"))


def _lonely_lists(report: CheckReport) -> Iterator[Finding]:
    """Name lists that saw nobody, and lists that share nobody with any other."""
    for row, name in enumerate(report.lists):
        if report.list_sizes[row].upper == 0:
            yield Finding("warning", Reason("list-saw-nobody", list=name), Reason("take-the-list-out", list=name))
            continue
        shared = sum(report.overlap[row][column].upper > 0 for column in range(len(report.lists)) if column != row)
        if not shared and report.captured.twice.upper + report.captured.more.upper:
            what = Reason("list-shares-nobody", list=name)
            yield Finding("warning", what, Reason("check-the-matching-of-the-list", list=name))


def _two_lists(report: CheckReport) -> Iterator[Finding]:
    """Say what two lists cannot tell."""
    if len(report.lists) == 2:
        yield Finding("warning", Reason("only-two-lists"), Reason("add-a-third-list"))


def _empty_pairs(report: CheckReport) -> Iterator[Finding]:
    """Name the pairs of lists that share nobody."""

    def pairs(kind: str) -> list[str]:
        return [_pair(pair.lists) for pair in report.empty_overlaps if pair.kind == kind]

    if chance := pairs("sampling"):
        yield Finding("note", Reason("pairs-never-overlap", pairs=chance), Reason("declare-if-impossible"))
    if design := pairs("structural"):
        yield Finding("note", Reason("pairs-cannot-overlap", pairs=design), Reason("nothing-if-declared-rightly"))
    if apart := pairs("never together"):
        yield Finding("note", Reason("pairs-never-together", pairs=apart), Reason("nothing-priors-decide"))
    if unknown := pairs("unobserved"):
        what = Reason("overlap-partly-unobserved", pairs=unknown)
        yield Finding("note", what, Reason("fill-in-the-counts"))


def _contained_lists(report: CheckReport) -> Iterator[Finding]:
    """Name lists whose people are all on another list."""
    for inner, outer in report.contained:
        yield Finding(
            "warning",
            Reason("list-within-list", list=inner, within=outer),
            Reason("check-whether-one-list-feeds-the-other", list=inner, within=outer),
        )


def _nested_lists(table: CaptureTable, declared: Collection[frozenset[str]]) -> Iterator[Finding]:
    """Name lists most of whose people are on another list, beyond what independence explains."""
    for nested in nested_lists(table, declared):
        lists = {"list": nested.inner, "within": nested.outer}
        numbers = {"on_list": nested.on_inner, "both": nested.on_both}
        remedy = Reason("declare-the-referral", **lists)
        if nested.others:
            others = {"others": nested.others, "others_within": nested.others_on_outer}
            yield Finding("warning", Reason("list-mostly-within-list", **lists, **numbers, **others), remedy)
        else:
            yield Finding("note", Reason("list-mostly-within-the-other", **lists, **numbers), remedy)


def _nonexistence(report: CheckReport) -> Iterator[Finding]:
    """Say for which models maximum likelihood has no finite estimate."""
    missing = [model for model in report.models if not model.exists or model.total != "finite"]
    if not missing:
        return
    kinds = ("no upper limit", "no lower limit", "undetermined", "falling", "rising", "both", "neither")
    by_kind = {kind: [model.name for model in missing if _kind_of(model) == kind] for kind in kinds}
    meanings = [_meaning(kind, names) for kind, names in by_kind.items() if names]
    what = Reason("no-finite-estimate", missing=len(missing), tried=len(report.models), meanings=meanings)
    open_total = any(model.total != "finite" for model in missing)
    yield Finding("warning" if open_total else "note", what, Reason("do-not-quote-likelihood"))


def _kind_of(model: ModelCheck) -> str:
    """Return what is not finite under a model: the total, or else log odds ratios, and in which direction."""
    if model.total != "finite":
        return model.total
    if model.rising and model.falling:
        return "both"
    return "rising" if model.rising else "falling" if model.falling else "neither"


def _meaning(kind: str, names: Sequence[str]) -> Reason:
    """Return what it means for some models that they have no finite estimate."""
    values = {"models": names[:MOST_MODELS], "more": max(len(names) - MOST_MODELS, 0)}
    return {
        "no upper limit": Reason("total-without-upper-limit", **values),
        "no lower limit": Reason("total-runs-to-zero", **values),
        "undetermined": Reason("total-not-determined", **values),
        "falling": Reason("dependence-runs-to-minus-infinity", **values),
        "rising": Reason("dependence-runs-to-plus-infinity", **values),
        "both": Reason("dependences-run-both-ways", **values),
        "neither": Reason("lists-run-to-infinity", **values),
    }[kind]


def _strata(report: CheckReport) -> Iterator[Finding]:
    """Name strata without overlap or without people."""
    if report.n_strata == 1:
        return
    if without := report.strata_without_overlap:
        what = Reason("strata-without-overlap", number=len(without), of=report.n_strata, **_some(without))
        yield Finding("warning", what, Reason("merge-levels-or-report-groups"))
    if empty := report.empty_strata:
        what = Reason("strata-without-people", number=len(empty), of=report.n_strata, **_some(empty))
        yield Finding("note", what, Reason("check-the-levels"))


def _coarsened(report: CheckReport) -> Iterator[Finding]:
    """Say what is not exactly known, and that it is not guessed."""
    coarse = report.coarsening
    parts = []
    if coarse.intervals:
        persons = coarse.interval_persons
        parts.append(Reason("counts-between-bounds", number=coarse.intervals, lower=persons.lower, upper=persons.limit))
    if coarse.blanks:
        persons = coarse.blank_persons
        parts.append(Reason("persons-with-blanks", lower=persons.lower, upper=persons.limit))
    if coarse.unobserved:
        parts.append(Reason("cells-not-observed", number=coarse.unobserved))
    if coarse.impossible:
        parts.append(Reason("cells-impossible", number=coarse.impossible))
    parts += [Reason("list-did-not-operate", list=name, number=number) for name, number in coarse.not_running]
    if parts:
        yield Finding("note", Reason("not-all-exact", parts=parts), Reason("nothing-no-guesses"))


def _readings(table: CaptureTable) -> Iterator[Finding]:
    """Say how the file was read where there was a choice."""
    for reading in table.readings:
        if reading.code == "overlaps-taken-as-exclusive":
            yield Finding("warning", reading, Reason("declare-the-overlaps"))
        else:
            yield Finding("note", reading, Reason("nothing-if-read-rightly"))


def _pair(lists: tuple[str, str]) -> str:
    return "-".join(lists)


def _some(names: Sequence[str]) -> dict[str, object]:
    """Return the first names, and how many more there are, as values of a reason."""
    return {"strata": names[:MOST_NAMES], "more": max(len(names) - MOST_NAMES, 0)}
