"""The report on residual dependence in units of what all pairs share, as Markdown; every number in it is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimator.fits.scores import score_of
from evidence.common import Common
from evidence.coverage_text import Compared, simulated_table
from evidence.default_text import off_together
from evidence.judges import INDEPENDENT, LATENT_CLASSES, NESTED, PAIR
from evidence.learning_fits import BASE
from evidence.meta_analysis import ListOfTable, PublicTable
from evidence.pages import basis_of, by_family, by_how_much_more, held_out_table, points_of_rule
from evidence.public_tables import found_tables

OF_PEOPLE_ON_A_LIST, COMMON = "common, people on a list", "common, all people"
_HELD, _BIAS, _WIDEST = 22, 0.15, 2.0  # of the rule


@dataclass(frozen=True)
class Derived:
    """What populations whose members differ call for.

    Parameters
    ----------
    everybody, held_out : Common
        Of all people, and of the people on one list.
    by_family : mapping of str to (Common, Common)
        The same of one family of populations.
    """

    everybody: Common
    held_out: Common
    by_family: Mapping[str, tuple[Common, Common]]


def report_of(
    tables: Sequence[PublicTable], lists: Sequence[ListOfTable], derived: Derived, compared: Sequence[Compared]
) -> str:
    """Return the report.

    Parameters
    ----------
    compared : sequence of Compared
        `evidence`, the form as people on a list have it, the form as all people have it, and `nl-2017`.
    """
    family = {table.name: table.family for table in tables}
    new = {table.name for table in found_tables()}
    held_out = {one.name: one.held_out for one in compared if one.held_out}
    titles = {
        "## Lists held out, families equal": set(family),
        "## Lists held out of families that `evidence` was not learned from": new,
    }
    parts = [
        _header(tables, lists),
        _derived(derived),
        *(held_out_table(title, "residual", held_out, BASE, (family, chosen)) for title, chosen in titles.items()),
        simulated_table("residual", compared),
        _verdict(compared, family),
    ]
    return "\n".join(parts)


def _header(tables: Sequence[PublicTable], lists: Sequence[ListOfTable]) -> str:
    return "\n".join([
        "# Residual dependence in units of what all pairs share",
        "",
        "Made by `python -m evidence.make_common --tables FOLDER`; the rule by which it is judged, written before, is in [evidence.md](evidence.md).",
        "",
        basis_of(tables, lists),
        "",
    ])  # fmt: skip


def _derived(derived: Derived) -> str:
    of = {"**all**": (derived.everybody, derived.held_out), **derived.by_family}
    rows = [
        f"| {name} | {everybody.centre:.1f} | {everybody.size:.2f} | {held.centre:.1f} | {held.size:.2f} |"
        for name, (everybody, held) in of.items()
    ]
    return "\n".join([
        "## What populations whose members differ call for",
        "",
        "ξ/m under which the people on no list are most probable, over the populations of [differences.md](differences.md):",
        "",
        "| populations | a, all people | b | a, on one list | b |",
        "| --- | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _verdict(compared: Sequence[Compared], family: Mapping[str, str]) -> str:
    """Say of each point of the rule whether it holds."""
    first, of_list, common, narrow = compared
    before, after = (by_family(one.held_out, family, set(family)) for one in (first, of_list))
    more, error = by_how_much_more(before, after)
    held = {
        scenario: [sum(judged.holds(0.95) for judged in one.simulated[scenario]) for one in (first, common)]
        for scenario in (LATENT_CLASSES, INDEPENDENT, PAIR, NESTED)
    }
    bias = math.expm1(score_of(common.simulated[LATENT_CLASSES]).bias)
    wide, narrowest = (score_of(one.simulated[INDEPENDENT]).width for one in (common, narrow))
    points = [
        (
            f"lists held out: score {more:+.2f} ± {error:.2f} beside `{BASE}`; shares held are {100 * off_together(after):.0f} "
            f"points off together, those of `{BASE}` {100 * off_together(before):.0f}",
            more <= error and off_together(after) <= off_together(before),
        ),
        (
            f"latent classes: {held[LATENT_CLASSES][1]} held, by `{BASE}` {held[LATENT_CLASSES][0]}; bias {100 * bias:+.0f} %",
            held[LATENT_CLASSES][1] >= _HELD and abs(bias) <= _BIAS,
        ),
        (
            f"independent lists: {held[INDEPENDENT][1]} held, by `{BASE}` {held[INDEPENDENT][0]}; {wide / narrowest:.2f} times as wide as `nl-2017`",
            held[INDEPENDENT][1] >= held[INDEPENDENT][0] - 1 and wide / narrowest <= _WIDEST,
        ),
        (
            "held, and by `evidence`: "
            + ", ".join(f"{scenario} {held[scenario][1]} and {held[scenario][0]}" for scenario in (PAIR, NESTED)),
            all(held[scenario][1] >= held[scenario][0] - 1 for scenario in (PAIR, NESTED)),
        ),
    ]
    ends = (
        "It is worth building into the model."
        if all(holds for _, holds in points)
        else "It is not built into the model."
    )
    return "\n".join(["## By the rule", "", *points_of_rule(points), "", ends, ""])
