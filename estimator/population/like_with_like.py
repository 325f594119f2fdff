"""What a reader must know before two registered numbers are put side by side: lists that came, went or changed.

Also what speaks against either estimate itself, since a difference is no better than the two numbers it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from estimator.population.fitness import KIND_REASONS
from estimator.population.saved_run import SavedRun
from estimator.population.sides import Side
from estimator.population.wording import listed

UNLIKE = "so the registered numbers are not like with like"
_RANDOM_WALK = (
    "Year effects are a random walk, which pulls neighbouring years together: a sudden jump of the population comes "
    "out smoothed, and a sudden loss of a list's coverage is partly read as fewer people unless [[changes]] in "
    "study.toml declares it."
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


def _declared(before: Side, after: Side) -> Iterator[str]:
    """Yield which lists stopped or were redefined between the two times."""
    order = after.run.all_years
    if not set(before.years) <= set(order) or not before.years or not after.years:
        return
    first, last = sorted((_latest(before.years, order), _latest(after.years, order)))
    seen = set()
    for change in (*after.run.facts.get("changes", ()), *before.run.facts.get("changes", ())):
        if change["since"] not in order or not first < order.index(change["since"]) <= last:
            continue
        happened = _HAPPENED[change["kind"]].format(since=change["since"])
        text = f"{change['list']} {happened}, {UNLIKE}. Reason: {change['reason']}"
        if text not in seen:
            seen.add(text)
            yield text


def _latest(years: tuple[str, ...], order: tuple[str, ...]) -> int:
    """Return the position of the last of some years."""
    return max(order.index(year) for year in years)


def _only_on_one_side(before: Side, after: Side) -> Iterator[str]:
    """Yield which lists are not used, or did not run, in some years of one side but not of the other."""
    for words, key in (("is dropped by decision", "decisions"), ("did not run", "not_operating")):
        sides = [set(_away(side, key)) for side in (before, after)]
        for name in sorted(sides[0] ^ sides[1]):
            which = "first" if name in sides[0] else "second"
            yield f"{name} {words} on the {which} side only, {UNLIKE}."


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
    for reason in run.estimate.get("reasons", ()):
        if reason not in KIND_REASONS.values():
            yield f"{lead}not fit to publish. {reason}"
    for caution in run.estimate.get("cautions", ()):
        yield f"{lead}{caution}"
