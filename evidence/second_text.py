"""The report on a second prior, as Markdown; every number in it is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimator.fits.scores import LEVELS, QUANTILES, Judged, score_of
from evidence.judges import INDEPENDENT, LATENT_CLASSES, NUMBERS, PAIR
from evidence.learning_fits import BASE
from evidence.meta_analysis import ListOfTable, PublicTable
from evidence.pages import (
    by_family,
    by_how_much_more,
    held_out_table,
    interval_row,
    interval_table,
    judged_by_family,
    points_of_rule,
)
from evidence.public_tables import found_tables
from evidence.second import Second, Stated, quantiles_of
from evidence.understated import FAMILIES, Understated

WIDEST = 1.8
"""How much wider than under nl-2017 intervals may be where lists are independent: log-scale means."""

AS_HELD_OUT, SECOND = "second, as held-out lists say", "second"


@dataclass(frozen=True, eq=False)
class Compared:
    """How a prior does.

    Parameters
    ----------
    judged : tuple of Judged
        Lists held out.
    simulated : mapping of str to list
        By scenario: each fit, with the residual that the prior states.
    """

    name: str
    judged: tuple[Judged, ...]
    simulated: Mapping[str, list[tuple[Mapping[str, Any], Stated]]]

    def judged_in(self, scenario: str) -> list[Judged]:
        """Return the estimates of a scenario's tables beside the truth."""
        return [
            Judged(str(n), float(fit["size"]), dict(zip(QUANTILES, quantiles_of(fit, stated), strict=True)))
            for n, (fit, stated) in enumerate(self.simulated[scenario])
        ]


def report_of(
    tables: Sequence[PublicTable],
    lists: Sequence[ListOfTable],
    learned: Mapping[str, Second],
    understated: Understated,
    compared: Sequence[Compared],
) -> str:
    """Return the report.

    Parameters
    ----------
    learned : mapping of str to Second
        By the family left out; all under "".
    compared : sequence of Compared
        `evidence` first.
    """
    family = {table.name: table.family for table in tables}
    new = {table.name for table in found_tables()}
    held_out = {one.name: one.judged for one in compared}
    titles = {
        "## Lists held out, families equal": set(family),
        "## Lists held out of families that neither prior ships from: the new ones": new,
    }
    parts = [
        _header(tables, lists, new),
        _learned(learned, understated),
        *(held_out_table(title, "priors", held_out, BASE, (family, chosen)) for title, chosen in titles.items()),
        one_by_one(compared, family, new),
        _simulations(compared),
        _frontier(compared, family),
        _verdict(compared, family),
    ]
    return "\n".join(parts)


def _header(tables: Sequence[PublicTable], lists: Sequence[ListOfTable], new: set[str]) -> str:
    families = list(dict.fromkeys(table.family for table in tables))
    found = list(dict.fromkeys(table.family for table in tables if table.name in new))
    return "\n".join([
        "# A second prior, and what held-out lists understate",
        "",
        "Made by `python -m evidence.make_second --tables FOLDER`; the rule by which it is judged is in [evidence.md](evidence.md).",
        "",
        f"{len(tables)} tables of {len(families)} families, {len(lists)} lists held out; {len(found)} families "
        f"({', '.join(found)}) are new. Where their figures were read and what could not be verified: `evidence/tables/sources.toml`.",
        "Tables of trafficking in other countries were not sought. Columns as in [evidence.md](evidence.md); families weigh the same, "
        "± is the standard error over families.",
        "",
    ])  # fmt: skip


def _learned(learned: Mapping[str, Second], understated: Understated) -> str:
    rows = []
    for left_out, second in learned.items():
        mean, scale, residual = second.dependence.relative_mean, second.dependence.log_scale, second.residual
        rows.append(
            f"| {'without ' + left_out if left_out else '**all**'} | {mean.mean:.2f} ± {mean.sd:.2f} | "
            f"{scale.mean:.2f} ± {scale.sd:.2f} | {residual.centre:+.2f} ± {residual.centre_sd:.2f} | {residual.size:.2f} |"
        )
    everybody, held = understated.everybody, understated.held_out
    return "\n".join([
        "## What was learned",
        "",
        "| learned from | μ/τ | log τ | centre of ξ/τ | size |",
        "| --- | --- | --- | ---: | ---: |",
        *rows,
        "",
        f"Populations whose members differ ({', '.join(FAMILIES)}; [differences.md](differences.md)) call for a centre of "
        f"{everybody.centre:+.2f} and a size of {everybody.size:.2f}; the people on their lists show {held.centre:+.2f} and {held.size:.2f}. "
        f"To what held-out lists say, {understated.centre:+.2f} is added to the centre, and {understated.variance:.2f} to the square of the size.",
        "",
    ])  # fmt: skip


def one_by_one(compared: Sequence[Compared], family: Mapping[str, str], chosen: set[str]) -> str:
    """Return how many lists of each family the first prior holds, as a table.

    Parameters
    ----------
    family : mapping of str to str
        By table.
    chosen : set of str
        Tables.
    """
    rows = []
    for name, judged in judged_by_family(compared[0].judged, family, chosen).items():
        score = score_of(judged)
        held = " | ".join(str(sum(one.holds(level) for one in judged)) for level in LEVELS)
        rows.append(f"| {name} | {score.cases} | {held} | {score.interval_score:.2f} | {score.bias:+.2f} |")
    return "\n".join([
        f"The new families one by one, under {compared[0].name}: lists held out, and those whose size its intervals hold.",
        "",
        "| family | lists | 50 % | 80 % | 95 % | score | bias |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _simulations(compared: Sequence[Compared]) -> str:
    rows = [interval_row(scenario, one.name, one.judged_in(scenario)) for scenario in NUMBERS for one in compared]
    return "\n".join([
        "## Simulated populations",
        "",
        "4 or 5 lists, 1,000 to 10,000 people; log odds of lists normal around -2.3 with a spread of 0.5.",
        "",
        *interval_table("population", "priors", rows),
    ])  # fmt: skip


def _frontier(compared: Sequence[Compared], family: Mapping[str, str]) -> str:
    """Set against each other what is won where people differ and what it costs where they do not."""
    nearly = score_of(next(one for one in compared if one.name == "nl-2017").judged_in(INDEPENDENT)).width
    rows = []
    for one in compared:
        classes, scores = one.judged_in(LATENT_CLASSES), by_family(one.judged, family, set(family))
        held = " | ".join(
            f"{100 * np.mean([score.held[level] for score in scores.values()]):.0f} %" for level in LEVELS
        )
        stated = one.simulated[INDEPENDENT][0][1]
        rows.append(
            f"| {one.name} | {stated.centre:+.2f} | {stated.size:.2f} | "
            f"{sum(judged.holds(0.95) for judged in classes)} of {len(classes)} | "
            f"{100 * math.expm1(score_of(classes).bias):+.0f} % | "
            f"{score_of(one.judged_in(INDEPENDENT)).width / nearly:.2f} | {held} | "
            f"{np.mean([score.interval_score for score in scores.values()]):.2f} | "
            f"{np.mean([score.bias for score in scores.values()]):+.2f} |"
        )
    return "\n".join([
        "## The frontier",
        "",
        "Shares of what held-out lists understate, added to centre and variance: what is won where people are of classes, and what it costs "
        "where lists are independent (log-scale width over that of `nl-2017`) and for lists held out, which understate by construction.",
        "",
        "| priors | centre | size | classes held | bias | independent: width | 50 % | 80 % | 95 % | score | bias |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _verdict(compared: Sequence[Compared], family: Mapping[str, str]) -> str:
    """Say of each point of the rule whether it holds."""
    named = {one.name: one for one in compared}
    first, as_held, second, nearly = (named[key] for key in (BASE, AS_HELD_OUT, SECOND, "nl-2017"))
    scores = [by_family(one.judged, family, set(family)) for one in (first, as_held)]
    more, error = by_how_much_more(*scores)

    def held(one: Compared, scenario: str) -> int:
        return sum(judged.holds(0.95) for judged in one.judged_in(scenario))

    width = score_of(second.judged_in(INDEPENDENT)).width / score_of(nearly.judged_in(INDEPENDENT)).width
    points = [
        (f"score {more:+.2f} ± {error:.2f} against {BASE}", more <= error),
        (
            f"latent classes: {held(second, LATENT_CLASSES)} held, {BASE} {held(first, LATENT_CLASSES)}",
            held(second, LATENT_CLASSES) >= held(first, LATENT_CLASSES) + 5,
        ),
        (f"independent lists: {width:.2f} times as wide as nl-2017", width <= WIDEST),
        (
            f"one pair: {held(second, PAIR)} held, {BASE} {held(first, PAIR)}",
            held(second, PAIR) >= held(first, PAIR) - 1,
        ),
    ]
    ends = "`evidence-2` ships as a choice." if all(holds for _, holds in points) else "`evidence-2` does not ship."
    return "\n".join(["## By the rule", "", *points_of_rule(points), "", ends, ""])
