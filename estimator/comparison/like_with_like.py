"""What a reader must know before two registered numbers are put side by side: lists that came, went or changed.

Also what speaks against either estimate itself, since a difference is no better than the two numbers it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from estimator.comparison.sides import Side
from estimator.population.fitness import KIND_REASONS
from estimator.runs.reading import SavedRun
from estimator.words.numbers import listed

UNLIKE = "so the registered numbers are not like with like"
_RANDOM_WALK = (
    "Year effects are a random walk, which pulls neighbouring years together: a sudden jump of the population comes "
    "out smoothed, and a sudden loss of a list's coverage is partly read as fewer people unless [[changes]] in "
    "study.toml declares it."
)
_UNVOUCHED = (
    "an earlier version of darkfigure made this run, and its manifest has no digest of itself. Had what it says of "
    "lists, decisions and priors been altered afterwards, nothing would show it."
)
_HAPPENED = {
    "stopped": "stopped in {since}, and people who are on no other list are no longer registered",
    "redefined": "was redefined in {since}, and its coverage may have jumped there",
}


def cautions_on(before: Side, after: Side) -> tuple[str, ...]:
    """Return what a reader of a comparison must be told.

    Parameters
    ----------
    before, after : Side
        Of one run or of two.

    Returns
    -------
    tuple of str
        First what makes registered numbers differ for other reasons than people, then what weakens the estimates.
    """
    found = [*_other_lists(before, after), *_declared(before, after), *_only_on_one_side(before, after)]
    if before.run is after.run and _is_ordered(after.run):
        found.append(_RANDOM_WALK)
    runs = (after.run,) if before.run is after.run else (before.run, after.run)
    found += [text for run in runs for text in _of_the_estimate(run, named=len(runs) > 1)]
    return tuple(dict.fromkeys(found))


def _other_lists(before: Side, after: Side) -> Iterator[str]:
    """Yield that the two runs do not have the same lists."""
    first, second = (list(side.run.facts.get("lists", ())) for side in (before, after))
    new = [name for name in second if name not in first]
    gone = [name for name in first if name not in second]
    parts = ([f"{listed(new)} only in the second run"] if new else []) + (
        [f"{listed(gone)} only in the first" + ("" if new else " run")] if gone else []
    )
    if parts:
        yield f"The lists differ ({', '.join(parts)}), {UNLIKE}: they count people on at least one of other lists."


def breaks_between(before: Side, after: Side) -> tuple[str, ...]:
    """Return in a few words each why the registered numbers of two years of a run are not like with like.

    Parameters
    ----------
    before, after : Side
        Of one run, one year each.

    Returns
    -------
    tuple of str
        ``"H stopped in 2016"``, ``"K was redefined in 2014"``, ``"S is dropped by decision in 2015, unlike in 2014"``;
        empty when the study declares nothing of the kind.
    """
    found = [
        f"{change['list']} {'stopped' if change['kind'] == 'stopped' else 'was redefined'} in {change['since']}"
        for change in _changes_between(before, after)
    ]
    for name, words, side in _on_one_side(before, after):
        other = after if side is before else before
        found.append(f"{name} {words} in {listed(side.years)}, unlike in {listed(other.years)}")
    return tuple(dict.fromkeys(found))


def _declared(before: Side, after: Side) -> Iterator[str]:
    """Yield which lists stopped or were redefined between the two times."""
    for change in _changes_between(before, after):
        happened = _HAPPENED[change["kind"]].format(since=change["since"])
        yield f"{change['list']} {happened}, {UNLIKE}. Reason: {change['reason']}"


def _changes_between(before: Side, after: Side) -> Iterator[Mapping[str, Any]]:
    """Yield the declared changes that lie between the two times; one that both runs declare may come twice."""
    order = after.run.all_years
    if not set(before.years) <= set(order) or not before.years or not after.years:
        return
    first, last = sorted((_latest(before.years, order), _latest(after.years, order)))
    for change in (*after.run.facts.get("changes", ()), *before.run.facts.get("changes", ())):
        if change["since"] in order and first < order.index(change["since"]) <= last:
            yield change


def _latest(years: tuple[str, ...], order: tuple[str, ...]) -> int:
    """Return the position of the last of some years."""
    return max(order.index(year) for year in years)


def _only_on_one_side(before: Side, after: Side) -> Iterator[str]:
    """Yield which lists are not used, or did not run, in some years of one side but not of the other."""
    for name, words, side in _on_one_side(before, after):
        yield f"{name} {words} on the {'first' if side is before else 'second'} side only, {UNLIKE}."


def _on_one_side(before: Side, after: Side) -> Iterator[tuple[str, str, Side]]:
    """Yield each list that is missing in some years of one side only: its name, in what way, and on which side."""
    for words, key in (("is dropped by decision", "decisions"), ("did not run", "not_operating")):
        gone = {side: set(_away(side, key)) for side in (before, after)}
        for name in sorted(gone[before] ^ gone[after]):
            yield name, words, before if name in gone[before] else after


def _away(side: Side, key: str) -> Iterator[str]:
    """Yield the lists that are missing in any of the years of a side."""
    facts = side.run.facts
    covariate = (facts.get("period") or {}).get("covariate")
    for item in facts.get(key, ()):
        if key == "decisions" and item["choice"] != "drop":
            continue
        where: Mapping[str, Any] = item.get("where") or {}
        if covariate is None or covariate not in where or set(where[covariate]) & set(side.years):
            yield item["list"]


def _is_ordered(run: SavedRun) -> bool:
    """Tell whether the years of a run follow each other in the model."""
    covariate = (run.facts.get("period") or {}).get("covariate")
    return bool(run.facts.get("covariates", {}).get(covariate, {}).get("ordered"))


def _of_the_estimate(run: SavedRun, *, named: bool) -> Iterator[str]:
    """Yield what speaks against an estimate itself; what its kind of table says is printed elsewhere."""
    lead = f"{run.name}: " if named else ""
    if not run.vouched_for:
        yield f"{run.name}: {_UNVOUCHED}"
    for reason in run.estimate.get("reasons", ()):
        if reason not in KIND_REASONS.values():
            yield f"{lead}not fit to publish. {reason}"
    for caution in run.estimate.get("cautions", ()):
        yield f"{lead}{caution}"
