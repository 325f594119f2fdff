"""The report on coverage that follows from the dark figure, as Markdown; every number in it is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from estimator.fits.scores import LEVELS, QUANTILES, Judged, score_of
from evidence.judges import INDEPENDENT, LATENT_CLASSES, NESTED, NUMBERS, PAIR
from evidence.meta_analysis import ListOfTable, PublicTable
from evidence.pages import (
    basis_of,
    by_family,
    by_how_much_more,
    held_out_table,
    interval_row,
    interval_table,
    points_of_rule,
)
from evidence.public_tables import found_tables
from evidence.second_text import WIDEST

FORMS = ("odds", "differences")
LATER = ("Lorestan", "Pittsburgh", "Maryland", "Census 1988", "Uganda", "Rwanda")
"""Families found beside the work on this: of none of the 19 that the rule is about."""

_SHARES, _BIAS = 0.02, 0.05  # of the rule


@dataclass(frozen=True, eq=False)
class Compared:
    """How a form of coverage does, or a set of priors as it ships.

    Parameters
    ----------
    held_out : tuple of Judged
        Lists held out; none where they are not judged.
    simulated : mapping of str to tuple of Judged
        By scenario.
    """

    name: str
    held_out: tuple[Judged, ...]
    simulated: Mapping[str, tuple[Judged, ...]]


@dataclass(frozen=True)
class SaidBefore:
    """What is stated of the dark figure over the registered number, and what all priors together say.

    Parameters
    ----------
    mean, sd : float
        Of its logarithm, as stated.
    said : tuple of float
        At `estimator.fits.scores.QUANTILES`, as drawn.
    """

    priors: str
    form: str
    mean: float
    sd: float
    said: tuple[float, ...]

    @property
    def stated(self) -> tuple[float, ...]:
        """Quantiles as stated."""
        law = NormalDist(self.mean, self.sd)
        return tuple(math.exp(law.inv_cdf(probability)) for probability in QUANTILES)

    @property
    def furthest(self) -> float:
        """The largest relative difference between the two."""
        return max(abs(said / stated - 1) for said, stated in zip(self.said, self.stated, strict=True))


def report_of(
    tables: Sequence[PublicTable],
    lists: Sequence[ListOfTable],
    compared: Sequence[Compared],
    said: Sequence[SaidBefore],
    medians: Mapping[str, Mapping[str, float]],
) -> str:
    """Return the report.

    Parameters
    ----------
    compared : sequence of Compared
        Both forms of coverage, the one that ships first, and `nl-2017`.
    medians : mapping of str to mapping
        Of a study, by form and by statement on odds.
    """
    family = {table.name: table.family for table in tables}
    later = {name for name, of in family.items() if of in LATER}
    of_rule, new = set(family) - later, {table.name for table in found_tables()} - later
    held_out = {one.name: one.held_out for one in compared[:2]}
    titles = {
        "## Lists held out": of_rule,
        "## Lists held out of families that `evidence` was not learned from": new,
        "## Families found afterwards, of which the rule says nothing": later,
    }
    parts = [
        _header(tables, lists),
        _before(said),
        _of_study(medians),
        *(held_out_table(title, "coverage", held_out, FORMS[0], (family, chosen)) for title, chosen in titles.items()),
        family_table(compared[:2], family),
        simulated_table("coverage", compared),
        _verdict(compared, family, of_rule, new),
    ]
    return "\n".join(parts)


def _header(tables: Sequence[PublicTable], lists: Sequence[ListOfTable]) -> str:
    return "\n".join([
        "# Coverage that follows from the dark figure",
        "",
        "Made by `python -m evidence.make_coverage --tables FOLDER`; the rule by which it is judged, written before, is in [evidence.md](evidence.md), what is judged in "
        "[model.md](model.md#coverage-that-follows-from-the-dark-figure). `odds` is `evidence` as it ships, `differences` the same with `form = \"differences\"` under `[coverage]`.",
        "",
        basis_of(tables, lists),
        "",
    ])  # fmt: skip


def _before(said: Sequence[SaidBefore]) -> str:
    """Return what priors say of the dark figure, before any overlap."""
    rows = [
        f"| {one.priors} | {one.form} | {what} | {' | '.join(f'{value:.3g}' for value in values)} | {last} |"
        for one in said
        for what, values, last in (
            ("stated", one.stated, ""),
            ("all priors together", one.said, f"{100 * one.furthest:,.0f} %"),
        )
    ]
    return "\n".join([
        "## What the priors say before the overlaps are looked at",
        "",
        "Dark figure over the registered number: as stated under `[dark_figure]`, and in the tables that all priors together expect (as `priors draw` has them).",
        "",
        f"| priors | coverage | | {' | '.join(f'{100 * probability:g} %' for probability in QUANTILES)} | furthest apart |",
        f"| --- | --- | --- | {' | '.join('---:' for _ in QUANTILES)} | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _of_study(medians: Mapping[str, Mapping[str, float]]) -> str:
    statements = list(next(iter(medians.values())))
    rows = [f"| {form} | {' | '.join(f'{of[key]:,.0f}' for key in statements)} |" for form, of in medians.items()]
    return "\n".join([
        "## The Dutch table",
        "",
        "Medians of `nl-2010-2015` under `moderate`, by what is stated of the odds:",
        "",
        f"| coverage | {' | '.join(f'`{key}`' for key in statements)} |",
        f"| --- | {' | '.join('---:' for _ in statements)} |",
        *rows,
        "",
    ])  # fmt: skip


def family_table(compared: Sequence[Compared], family: Mapping[str, str]) -> str:
    """Return how priors do for each family.

    Parameters
    ----------
    family : mapping of str to str
        By table.
    """
    of = [by_family(one.held_out, family, set(family)) for one in compared]
    rows = [
        f"| {name} | {' | '.join(f'{100 * score.held[0.95]:.0f} %' for score in scores)} | "
        f"{' | '.join(f'{score.interval_score:.2f}' for score in scores)} | "
        f"{' | '.join(f'× {math.exp(score.width):.1f}' for score in scores)} | "
        f"{' | '.join(f'{score.bias:+.2f}' for score in scores)} |"
        for name in of[0]
        for scores in [[one[name] for one in of]]
    ]
    heads = [f"{what}, {one.name}" for what in ("95 %", "score", "width", "bias") for one in compared]
    return "\n".join([
        "## By family",
        "",
        f"| family | {' | '.join(heads)} |",
        f"| --- | {' | '.join('---:' for _ in heads)} |",
        *rows,
        "",
    ])  # fmt: skip


def simulated_table(what: str, compared: Sequence[Compared]) -> str:
    """Return how priors do for simulated populations; `what` is the head of their column."""
    rows = [interval_row(scenario, one.name, one.simulated[scenario]) for scenario in NUMBERS for one in compared]
    return "\n".join([
        "## Simulated populations",
        "",
        "4 or 5 lists, 1,000 to 10,000 people; log odds of lists normal around -2.3 with a spread of 0.5 (`evidence/judges.py`).",
        "",
        *interval_table("population", what, rows),
    ])  # fmt: skip


def _verdict(compared: Sequence[Compared], family: Mapping[str, str], of_rule: set[str], new: set[str]) -> str:
    """Say of each point of the rule whether it holds."""
    before, after, narrow = compared
    of = [by_family(one.held_out, family, of_rule) for one in (before, after)]
    more, error = by_how_much_more(*of)
    off = [
        sum(abs(float(np.mean([score.held[level] for score in scores.values()])) - level) for level in LEVELS)
        for scores in of
    ]
    bias = [float(np.mean([score.bias for score in scores.values()])) for scores in of]
    held = {
        scenario: [sum(judged.holds(0.95) for judged in one.simulated[scenario]) for one in (before, after)]
        for scenario in (LATENT_CLASSES, PAIR, NESTED)
    }
    narrowest = score_of(narrow.simulated[INDEPENDENT]).width
    wider, width = (score_of(one.simulated[INDEPENDENT]).width / narrowest for one in (before, after))
    points = [
        (f"score {more:+.2f} ± {error:.2f} against `odds`", more <= error),
        (
            f"shares held are {100 * off[1]:.0f} points off together, under `odds` {100 * off[0]:.0f}",
            off[1] <= off[0] + _SHARES,
        ),
        (f"bias {bias[1]:+.2f}, under `odds` {bias[0]:+.2f}", abs(bias[1]) <= abs(bias[0]) + _BIAS),
        (
            "held, and under `odds`: "
            + ", ".join(f"{scenario} {now} and {then}" for scenario, (then, now) in held.items()),
            all(now >= then - (scenario != LATENT_CLASSES) for scenario, (then, now) in held.items()),
        ),
        (
            f"independent lists: {width:.3f} times as wide as `nl-2017`, under `odds` {wider:.3f}, at most {WIDEST:g}",
            width <= WIDEST,
        ),
    ]
    ends = "No worse" if all(holds for _, holds in points) else "Not the default"
    newer, off_new = by_how_much_more(*(by_family(one.held_out, family, new) for one in (before, after)))
    better = "better" if newer < -2 * off_new else "not better"
    return "\n".join([
        "## By the rule",
        "",
        *points_of_rule(points),
        "",
        f"{ends} by these points. On families that neither was learned from its score is {newer:+.2f} ± {off_new:.2f} beside that of `odds`: {better} by the standing rule for a default.",
        "",
    ])  # fmt: skip
