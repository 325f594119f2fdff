"""The report on groups and years that differ in what no list shows, as Markdown; every number in it is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.fits.scores import LEVELS
from evidence.judging_groups import (
    KINDS,
    PAIR_SCALE,
    SHARE,
    SIMULATED,
    JudgedQuantity,
    held_of,
    judged,
    simulated_covariates,
    simulated_levels,
    width_of,
)
from evidence.learning import weights_of
from evidence.learning_groups import (
    FORMS,
    LOG_SD_BEFORE,
    MIDDLE_BEFORE,
    SIZES,
    USED,
    HeldByStratum,
    Learned,
    families_of,
    learn,
    learn_from,
    likelihoods,
    log_likelihood,
    profile,
)
from evidence.pages import mean_and_error, points_of_rule
from evidence.rule_of_groups import RULE
from evidence.strata import described, levels_of, stratified_tables, table_with_strata

Floats = NDArray[np.float64]
Profiles = Mapping[str, Sequence[Floats]]

LOWEST, HIGHEST, WIDEST = 0.90, 0.99, 1.5
"""What the rule asks of 95 % intervals of shares, and of their width where groups do not differ."""

_HEADER = """\
# Groups and years that differ in what no list shows

Made by `python -m evidence.make_groups`; every number here is computed by it. What is estimated: [model.md](model.md#residual-dependence). How:
`evidence/learning_groups.py`.

The people on one list are a population whose size is known, in every group and year. The other lists are fitted with the covariates, under `evidence` without
residual, and what they imply of every stratum is held against the people whom they missed. Given how many those are in all, how they are divided over strata
does not depend on ξ, the residual that all strata share, and says by how much strata differ in it: with b τ the standard deviation of a level (of a step from one year to
the next), τ the learned scale of the log odds ratios in the table. What is uncertain of what lists imply, and chance in the people that are there, is in
the likelihood and not taken for a difference.
"""


def report_of(
    held: Sequence[HeldByStratum],
    profiles: Profiles,
    learned: Learned,
    without: Mapping[str, Learned],
    simulated: Mapping[float, Sequence[Mapping[str, Any]]],
) -> str:
    """Return the report.

    Parameters
    ----------
    profiles : mapping of str to sequence of ndarray
        By form, from `evidence.learning_groups.profile` for each list.
    learned : Learned
        From all families.
    without : mapping of str to Learned
        Without each family.
    simulated : mapping of float to sequence of mapping
        Fits of simulated tables by how far their levels differ.
    """
    b = round(learned.median, 2)
    under = {
        "evidence": [(one, _judged(one, 0.0)) for one in held],
        "with b": [(one, _judged(one, round(without[one.family].median, 2))) for one in held],
    }
    of_simulated = {
        (spread, between): [
            judged("simulated", simulated_covariates(), fit, simulated_levels(), between) for fit in fits
        ]
        for spread, fits in simulated.items()
        for between in (0.0, b)
    }
    parts = [
        _HEADER,
        RULE,
        *_of_tables(held),
        *_of_b(held, profiles, learned, without),
        *_of_held(under),
        *_of_simulated(of_simulated, b, {spread: _again(fits) for spread, fits in simulated.items()}),
        *_by_rule(held, profiles, without, under, of_simulated, b),
        *_not_shown(),
    ]
    return "\n".join(parts) + "\n"


def _judged(one: HeldByStratum, between: float) -> list[JudgedQuantity]:
    """Return every group, share and ratio of a held-out list beside its truth."""
    return judged(one.table, table_with_strata(one.table)[0].covariates, one.fit, levels_of(one.table), between)


def _of_tables(held: Sequence[HeldByStratum]) -> Iterator[str]:
    yield "## Which tables\n"
    yield "| family | table | divided by | strata | lists held out | people whom the others missed |"
    yield "| --- | --- | --- | ---: | ---: | ---: |"
    for table in stratified_tables():
        of_table = [one for one in held if one.table == table.name]
        missed = sum(sum(one.fit["unseen"]) for one in of_table)
        strata = table_with_strata(table.name)[0].n_strata
        yield f"| {table.family} | {table.name} | {table.what} | {strata} | {len(of_table)} | {missed:,} |"
    yield ""
    for name, item in described().items():
        yield f"- {name}: {item['source']} {item['unverified']} {item['left_out']:,} people of `{item['of']}` are left out."
    yield ""
    yield "The table of Gaza is public without covariates; the reconstructed Dutch table was divided by us and is evidence of nothing."
    yield ""


def _of_b(
    held: Sequence[HeldByStratum], profiles: Profiles, learned: Learned, without: Mapping[str, Learned]
) -> Iterator[str]:
    yield "## What was found\n"
    lower, upper = learned.interval
    before = [MIDDLE_BEFORE * np.exp(sign * 1.96 * LOG_SD_BEFORE) for sign in (-1, 1)]
    yield (
        f"b is {learned.median:.2f} ({lower:.2f} to {upper:.2f}); before any table it was log-normal around {MIDDLE_BEFORE:g} "
        f"({before[0]:.2f} to {before[1]:.1f}). Every family weighs as much as one observation, shared equally by its tables and "
        "their lists. The likelihood is highest at "
        f"{learned.at_best:.2f}, where it is {learned.gain:.1f} (on the logarithmic scale) above that of no difference at all.\n"
    )
    yield "| form | likelihood highest at | above no difference by |"
    yield "| --- | ---: | ---: |"
    for form in FORMS:
        for power, unit in ((1, "in units of τ"), (0, "the same in every table")):
            found = learn_from(held, profiles[form], power=power)
            name = f"**{form}, {unit}**" if (form, power) == (USED, 1) else f"{form}, {unit}"
            yield f"| {name} | {found.at_best:.2f} | {found.gain:.2f} |"
    yield ""
    yield (
        "The form was settled by argument, before; that levels of covariates predict better than strata each by itself, and a walk over years better than "
        "years that are like other levels, is what these tables say of it.\n"
    )
    yield "| family | b without it | log score of its division over strata with that b, above no difference |"
    yield "| --- | ---: | ---: |"
    for family, gain in _gains(held, profiles, without).items():
        other = without[family]
        interval = f"({other.interval[0]:.2f} to {other.interval[1]:.2f})"
        yield f"| {family} | {other.median:.2f} {interval} | {gain:+.2f} |"
    yield ""


def _gains(held: Sequence[HeldByStratum], profiles: Profiles, without: Mapping[str, Learned]) -> dict[str, float]:
    """Return the gain in log score of each family, its lists sharing its weight, with b learned without it."""
    gains = {}
    for family in families_of(held):
        kept = [place for place, one in enumerate(held) if one.family == family]
        some = [held[place] for place in kept]
        weights = weights_of([one.family for one in some], [one.table for one in some])
        b = np.array([round(without[family].median, 2)])
        gains[family] = float(weights @ likelihoods(some, [profiles[USED][place] for place in kept], b)[:, 0])
    return gains


Found = Sequence[tuple[HeldByStratum, Sequence[JudgedQuantity]]]


def _of_held(under: Mapping[str, Found]) -> Iterator[str]:
    yield "## Lists held out by stratum\n"
    yield (
        "`evidence` beside `evidence` with b as learned without the family that is judged. Families weigh the same, and within one its tables, their lists and of "
        "each list all its groups. Widths are of 95 % intervals on the logarithmic scale (of shares: of the log odds).\n"
    )
    yield from _table({name: _by_family(found) for name, found in under.items()})
    yield "By family, 95 % intervals of shares of groups in the total:\n"
    families = families_of([one for one, _ in under["evidence"]])
    yield "| family | " + " | ".join(under) + " |"
    yield "| --- |" + " ---: |" * len(under)
    for family in families:
        shares = [_in_family(found, family)[SHARE][0.95] for found in under.values()]
        yield f"| {family} | " + " | ".join(f"{100 * share:.0f} %" for share in shares) + " |"
    yield ""


def _in_family(found: Found, family: str) -> dict[str, dict[float, float]]:
    """Return which share of intervals held the truth by kind, and as level 0 the mean width."""
    some = [(one, judged) for one, judged in found if one.family == family]
    by_kind: dict[str, dict[float, float]] = {}
    for kind in KINDS:
        kept = [(one, judged) for one, judged in some if held_of(judged, kind)]
        if kept:
            weights = weights_of([one.family for one, _ in kept], [one.table for one, _ in kept])
            by_kind[kind] = {
                level: float(weights @ [held_of(judged, kind)[level] for _, judged in kept]) for level in LEVELS
            } | {0.0: float(weights @ [width_of(judged, kind) for _, judged in kept])}
    return by_kind


def _by_family(found: Found) -> dict[str, dict[float, float]]:
    """Return the same of all families, each with the same weight."""
    families = [_in_family(found, family) for family in families_of([one for one, _ in found])]
    return {
        kind: {
            level: float(np.mean([family[kind][level] for family in families if kind in family]))
            for level in (*LEVELS, 0.0)
        }
        for kind in KINDS
    }


def _table(by_name: Mapping[str, Mapping[str, Mapping[float, float]]]) -> Iterator[str]:
    yield "| | priors | 50 % | 80 % | 95 % | width |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for kind in KINDS:
        for name, of_kinds in by_name.items():
            shares = " | ".join(f"{100 * of_kinds[kind][level]:.0f} %" for level in LEVELS)
            yield f"| {kind} | {name} | {shares} | {of_kinds[kind][0.0]:.2f} |"
    yield ""


Simulated = Mapping[tuple[float, float], Sequence[Sequence[JudgedQuantity]]]


def _again(fits: Sequence[Mapping[str, Any]]) -> Learned:
    """Return what simulated tables say of b."""
    profiles = [profile(fit, simulated_levels()) for fit in fits]
    scales = [np.asarray(fit["scale"], float) for fit in fits]
    rows = [log_likelihood(one, SIZES, scale) - one[0] for one, scale in zip(profiles, scales, strict=True)]
    return learn(np.array(rows), np.ones(len(fits)))


def _said(learned: Learned) -> str:
    return f"{learned.median:.2f} ({learned.interval[0]:.2f} to {learned.interval[1]:.2f})"


def _of_simulated(simulated: Simulated, b: float, learned_again: Mapping[float, Learned]) -> Iterator[str]:
    yield "## Simulated tables\n"
    spreads = dict.fromkeys(spread for spread, _ in simulated)
    yield (
        f"{SIMULATED} tables of either kind: two sexes by five years on four lists, log odds ratios of pairs Normal(0.25, {PAIR_SCALE:g}²), coverage that differs "
        f"between sexes and years, and residual dependence as `evidence` states it; levels differ by {b:.2f} τ in the first kind and not at all in the second.\n"
    )
    yield (
        "From the first kind the same estimator learns b = "
        + "; from the second ".join(_said(learned) for learned in learned_again.values())
        + f", where {b:.2f} and 0 are true (each table as a family of its own).\n"
    )
    for spread in spreads:
        title = "Groups and years differ" if spread else "They do not"
        yield f"{title}:\n"
        yield from _table({name: _of_all(simulated[spread, size]) for name, size in (("evidence", 0.0), ("with b", b))})


def _of_all(tables: Sequence[Sequence[JudgedQuantity]]) -> dict[str, dict[float, float]]:
    return {
        kind: {level: float(np.mean([held_of(found, kind)[level] for found in tables])) for level in LEVELS}
        | {0.0: float(np.mean([width_of(found, kind) for found in tables]))}
        for kind in KINDS
    }


def _by_rule(
    held: Sequence[HeldByStratum],
    profiles: Profiles,
    without: Mapping[str, Learned],
    under: Mapping[str, Found],
    simulated: Simulated,
    b: float,
) -> Iterator[str]:
    gain, error = mean_and_error(list(_gains(held, profiles, without).values()))
    shares = {name: _by_family(found)[SHARE][0.95] for name, found in under.items()}
    widths = [_of_all(simulated[0.0, size])[SHARE][0.0] for size in (b, 0.0)]
    nearer = abs(shares["with b"] - 0.95) < abs(shares["evidence"] - 0.95)
    outcomes = [
        (f"log score {gain:+.2f} ± {error:.2f} above `evidence`", gain >= error),
        (
            f"95 % intervals of shares held {100 * shares['with b']:.0f} %, under `evidence` {100 * shares['evidence']:.0f} %",
            LOWEST <= shares["with b"] <= HIGHEST and nearer,
        ),
        (f"where groups do not differ, {widths[0] / widths[1]:.2f} times as wide", widths[0] <= WIDEST * widths[1]),
    ]
    yield "## By the rule\n"
    yield from points_of_rule(outcomes)
    ships = all(holds for _, holds in outcomes)
    yield "\n`evidence-groups` " + ("ships." if ships else "does not ship.")
    yield (
        "\nBy itself that is no advice for or against the statement. A study that has reason to think that its groups differ in what no list shows may make it, for one run by "
        f"`darkfigure estimate STUDY --priors evidence --set residual.between_strata={b:g}`; the tables above say what that wins and what it costs. "
        "What an estimate without it says of shares and ratios holds if groups do not differ so, and the sentence that stands with it says that this is assumed.\n"
    )


def _not_shown() -> Iterator[str]:
    yield "## What this cannot show\n"
    yield (
        "- People on a list are not all people: groups may differ more among those whom no list saw than among those whom one list did.\n"
        "- Few families have covariates, fewer have years, and none is of trafficking: what one family says moves b, as the table by family shows.\n"
        "- The draws of what lists imply are taken to be normal on the logarithmic scale, and τ as independent of them.\n"
        "- Only b is learned without the family that is judged: `evidence` itself was learned from the tables of Scotland, spina bifida and Kosovo, added up.\n"
        "- The sex of a part of the recruited of Colombia was imputed by the makers of that table."
    )
