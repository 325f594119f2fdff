"""The report on the default prior learned anew, as Markdown; every number in it is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from estimator.fits.scores import LEVELS, Score, score_of
from evidence.coverage_text import Compared, family_table, simulated_table
from evidence.judges import INDEPENDENT, LATENT_CLASSES, NESTED, PAIR
from evidence.kinds import PairsOfFamily, kinds_section
from evidence.learning_fits import BASE
from evidence.learning_residual import Residual
from evidence.meta_analysis import ListOfTable, PublicTable
from evidence.pages import basis_of, by_family, by_how_much_more, held_out_table, points_of_rule
from evidence.public_tables import found_tables
from evidence.second import Second

FORM, ANEW = "evidence, new form", "learned anew"
_BIAS, _WIDEST = 0.10, 2.0  # of the rule


def report_of(
    tables: Sequence[PublicTable],
    lists: Sequence[ListOfTable],
    learned: tuple[Residual, Mapping[str, Second], Sequence[PairsOfFamily]],
    compared: Sequence[Compared],
) -> str:
    """Return the report.

    Parameters
    ----------
    learned : (Residual, mapping of str to Second, sequence of PairsOfFamily)
        What the first families teach of ξ under the new form; what all teach, by the family left out, all under ""; and
        pairs of lists by kind.
    compared : sequence of Compared
        `evidence`, its new form, learned anew, and others.
    """
    family = {table.name: table.family for table in tables}
    new = {table.name for table in found_tables()}
    held_out = {one.name: one.held_out for one in compared}
    titles = {
        "## Lists held out, families equal": set(family),
        "## Lists held out of families that `evidence` was not learned from": new,
    }
    parts = [
        _header(tables, lists),
        _learned(*learned[:2]),
        *(held_out_table(title, "priors", held_out, BASE, (family, chosen)) for title, chosen in titles.items()),
        family_table([compared[0], compared[2]], family),
        simulated_table("priors", compared),
        _verdict({one.name: one for one in compared}, family, new),
        kinds_section(learned[2]),
    ]
    return "\n".join(parts)


def _header(tables: Sequence[PublicTable], lists: Sequence[ListOfTable]) -> str:
    return "\n".join([
        "# The default prior, learned anew",
        "",
        "Made by `python -m evidence.make_default --tables FOLDER`; the rule by which it is judged, written before, is in [evidence.md](evidence.md).",
        "",
        f"{basis_of(tables, lists)} `{FORM}`: the pairs of `evidence`, coverage of `form = \"differences\"`, and ξ learned from the same families under it. "
        f"`{ANEW}`: pairs and ξ of all families but the one that is judged.",
        "",
    ])  # fmt: skip


def _learned(of_form: Residual, learned: Mapping[str, Second]) -> str:
    rows = [
        f"| {'without ' + left_out if left_out else '**all**'} | {mean.mean:.2f} ± {mean.sd:.2f} | "
        f"{scale.mean:.2f} ± {scale.sd:.2f} | {xi.centre:+.2f} ± {xi.centre_sd:.2f} | {xi.size:.2f} |"
        for left_out, one in learned.items()
        for mean, scale, xi in [(one.dependence.relative_mean, one.dependence.log_scale, one.residual)]
    ]
    return "\n".join([
        "## What was learned",
        "",
        f"`{FORM}`: centre of ξ/τ {of_form.centre:+.2f} ± {of_form.centre_sd:.2f}, size {of_form.size:.2f}. `{ANEW}`:",
        "",
        "| learned from | μ/τ | log τ | centre of ξ/τ | size |",
        "| --- | --- | --- | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def off_together(scores: Mapping[str, Score]) -> float:
    """Return how far shares held are from what intervals say, over all of these."""
    return sum(abs(float(np.mean([score.held[level] for score in scores.values()])) - level) for level in LEVELS)


def _verdict(named: Mapping[str, Compared], family: Mapping[str, str], new: set[str]) -> str:
    """Say of each point of the rule whether it holds."""
    first, form, anew, narrow = (named[key] for key in (BASE, FORM, ANEW, "nl-2017"))
    of_form, off_form = by_how_much_more(*(by_family(one.held_out, family, new) for one in (first, form)))
    before, after = (by_family(one.held_out, family, set(family)) for one in (first, anew))
    more, error = by_how_much_more(before, after)
    bias = float(np.mean([score.bias for score in after.values()]))
    held = {
        scenario: [sum(judged.holds(0.95) for judged in one.simulated[scenario]) for one in (first, anew)]
        for scenario in (LATENT_CLASSES, PAIR, NESTED, INDEPENDENT)
    }
    of_pairs = ", ".join(f"{scenario} {now} and {then}" for scenario, (then, now) in held.items())
    wide, narrowest = (score_of(one.simulated[INDEPENDENT]).width for one in (anew, narrow))
    points = [
        (
            f"form: score {of_form:+.2f} ± {off_form:.2f} beside `{BASE}` on families that neither was learned from",
            of_form < -2 * off_form,
        ),
        (f"score over all families {more:+.2f} ± {error:.2f} beside `{BASE}`", more <= error),
        (
            f"shares held are {100 * off_together(after):.0f} points off together, those of `{BASE}` {100 * off_together(before):.0f}; bias {bias:+.2f}",
            off_together(after) < off_together(before) and abs(bias) <= _BIAS,
        ),
        (
            f"held, and by `{BASE}`: {of_pairs}",
            all(now >= then - (scenario != LATENT_CLASSES) for scenario, (then, now) in held.items()),
        ),
        (f"independent lists: {wide / narrowest:.2f} times as wide as `nl-2017`", wide / narrowest <= _WIDEST),
    ]
    ends = "It becomes the default." if all(holds for _, holds in points) else "The default stays."
    return "\n".join(["## By the rule", "", *points_of_rule(points), "", ends, ""])
