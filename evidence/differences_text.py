"""The page on what pairs of lists miss of differences between people, as Markdown; every number in it is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from evidence.differences import missed_by_pairs, on_one_list
from evidence.understated import (
    ALL_PEOPLE,
    COVERAGES,
    DIFFERENCES,
    FAMILIES,
    LISTS,
    Population,
    key_of,
    populations,
    understated_by,
)

_HEADER = """\
# What pairs of lists miss of differences between people

Made by `python -m evidence.make_second --tables FOLDER`. The mathematics is in `evidence/differences.py`, the populations are in
`evidence/understated.py`.

People differ in how easily lists see them. Let theta add to somebody's log odds of every list, and let nothing else make lists
dependent. With

    K(s) = log E[ exp(s theta) / prod_l (1 + exp(alpha_l + theta)) ]

the people with a history of s lists number N exp(sum alpha_l h_l + K(s)): K is, but for a constant, the cumulant generating function of
theta among the people on **no** list. A log-linear model of three lists with all pairs fits exactly, with the log odds ratio

    delta = K(3) - 2 K(2) + K(1)        (among the people on the third list)

for every pair, where K(2) - 2 K(1) + K(0) holds among the people on no list, so that the true dark figure is exp(xi) times the implied one with

    xi = -(K(3) - 3 K(2) + 3 K(1) - K(0)).

Three things follow. **If theta is normal among the people on no list, xi is 0**: K is then quadratic, and pairs miss nothing. **xi is minus the
third difference of K**: positive where the people on no list include many who are harder to see than the others, so that each list takes
them out less. And **a list held out shows the next step**: being on list A multiplies the density of theta by exp(theta), so that among its
people K(s) becomes K(s + 1) - K(1), and delta and xi are those one step further on. Among the people on one list xi
is as a rule the smaller one; delta is larger or smaller, as the table says.
"""


def differences_page(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page.

    Parameters
    ----------
    results : mapping of str to mapping
        Of the fits of `understated.fits_asked_for`, by their names.
    """
    return "\n".join([_HEADER, _exact(), _fitted(results), _limits()])


def _exact() -> str:
    """Return delta and xi of all people and of those on one list, exactly."""
    rows = []
    for family in FAMILIES:
        for differences in DIFFERENCES:
            for coverage in COVERAGES:
                chosen = [
                    p for p in populations() if (p.family, p.differences, p.coverage) == (family, differences, coverage)
                ]
                values = np.mean([_delta_and_xi(p.shares()) for p in chosen], axis=0)
                rows.append(
                    f"| {family} | {differences:g} | {100 * coverage:g} % | {100 * values[4]:.0f} % | "
                    f"{values[0]:.2f} | {values[2]:.2f} | {values[1]:+.2f} | {values[3]:+.2f} |"
                )
    return "\n".join([
        "## By family, difference and coverage",
        "",
        f"Means over populations of {' and '.join(str(n) for n in LISTS)} lists, whose odds differ, to which differences between people matter by a "
        "factor of their own (log-normal, 0.3) and, with classes, with noise for every list and class (0.4). With more than three lists "
        "pairs do not fit exactly: delta and xi are those of the maximum-likelihood fit to expected numbers. Classes: two or three, of random "
        "shares and places.",
        "",
        "| people | sd of log odds | on a list | on any list | δ, all people | δ, on one list | ξ, all people | ξ, on one list |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _delta_and_xi(shares: np.ndarray[Any, Any]) -> tuple[float, float, float, float, float]:
    everybody = missed_by_pairs(shares)
    held = [missed_by_pairs(on_one_list(shares, place)) for place in range(int(np.log2(len(shares))))]
    delta, xi = (float(np.mean([getattr(one, name) for one in held])) for name in ("delta", "xi"))
    return everybody.delta, everybody.xi, delta, xi, everybody.coverage


def _fitted(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what the residual must be in units of the scale of the pairs, as it is learned from held-out lists."""
    groups: list[tuple[str, Callable[[Population], bool]]] = [
        ("**all**", lambda _: True),
        *((family, _is("family", family)) for family in FAMILIES),
        *((f"{100 * value:g} % on a list", _is("coverage", value)) for value in COVERAGES),
        *((f"sd {value:g}", _is("differences", value)) for value in DIFFERENCES),
        *((f"{value} lists", _is("lists", value)) for value in LISTS),
    ]
    rows = []
    for name, wanted in groups:
        chosen = [population for population in populations() if wanted(population)]
        found = understated_by(results, chosen)
        rows.append(
            f"| {name} | {len(chosen)} | {found.everybody.centre:+.2f} | {found.everybody.size:.2f} | {found.held_out.centre:+.2f} | "
            f"{found.held_out.size:.2f} | {found.centre:+.2f} |"
        )
    bias = _bias(results)
    return "\n".join([
        "## In the units of the prior",
        "",
        "A table of the expected numbers of each population (2,000 people on any list) is fitted as any other, under `evidence` without residual; centre "
        "and size of ξ/τ are those under which the people on no list are most probable, as they are learned from real lists held out, families "
        "weighing the same. What priors do besides (they draw pairs towards each other and to what other tables say) is in them too: implied "
        f"dark figures are {bias:+.2f} on the log scale from the truth. The last column is what held-out lists understate.",
        "",
        "| populations | number | centre, all people | size | centre, on one list | size | to be added |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _is(name: str, value: object) -> Callable[[Population], bool]:
    return lambda population: getattr(population, name) == value


def _bias(results: Mapping[str, Mapping[str, Any]]) -> float:
    """Return the mean log of the implied over the true dark figure."""
    fits = [results[key_of(population, ALL_PEOPLE)] for population in populations()]
    return float(np.mean([np.median(fit["log_implied"]) - np.log(fit["unseen"]) for fit in fits]))


def _limits() -> str:
    families: Sequence[str] = FAMILIES
    return "\n".join([
        "## What this cannot show",
        "",
        f"Nobody knows which of these populations ({', '.join(families)}) an office has before it, nor how much its people differ; that the families and "
        "the grid weigh the same is a judgement. People whom no list could ever see are in none of them.",
        "",
    ])  # fmt: skip
