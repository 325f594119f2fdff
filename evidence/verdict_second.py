"""The second rule on verdicts, judged: what tables show of people who differ, and the interval beside the estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from estimator.fits.scores import QUANTILES, Judged, score_of
from estimator.population.thresholds import threshold
from evidence.judges import INDEPENDENT, LATENT_CLASSES
from evidence.pages import bias_and_width, by_family, by_how_much_more, grouped, points_of_rule
from evidence.second import Stated, quantiles_of
from evidence.verdict_judged import ASKED_HELD, ASKED_REFUSED, HELD_OUT
from evidence.verdict_rule import SECOND_RULE

_CLASSES_HELD, _TAKEN = 0.88, 0.1


def beside() -> Stated:
    """Return the residual of populations whose people differ, as the check has it."""
    return Stated(threshold("scrutiny.people_differ_centre"), threshold("scrutiny.people_differ_size"))


@dataclass(frozen=True, eq=False)
class Seen:
    """A table whose total is known, and what it shows of its people.

    Parameters
    ----------
    fit : mapping
        From `evidence.verdict.fit_differences`.
    stated : Stated
        The residual of the priors `evidence`, learned without the family of the table.
    """

    key: str
    scenario: str
    family: str
    table: str
    fit: Mapping[str, Any]
    stated: Stated

    @property
    def differs(self) -> bool:
        """Whether it shows that people differ."""
        sigma = self.fit["sigma"]
        return sigma is not None and sigma[0] >= threshold("scrutiny.people_differ")

    @cached_property
    def own(self) -> Judged:
        """The estimate beside the truth."""
        return self._under(self.stated)

    @cached_property
    def said(self) -> Judged:
        """The interval beside the estimate, where the table shows that people differ; else the estimate."""
        return self._under(beside()) if self.differs else self.own

    def _under(self, stated: Stated) -> Judged:
        quantiles = dict(zip(QUANTILES, quantiles_of(self.fit, stated), strict=True))
        return Judged(self.table, float(self.fit["size"]), quantiles)


def second_part(tables: Mapping[str, Sequence[Seen]], nearly: Sequence[Judged]) -> str:
    """Return the part of the page that is about the second rule.

    Parameters
    ----------
    tables : mapping of str to sequence of Seen
        By what they are called; the last ones decide.
    nearly : sequence of Judged
        Independent lists under `nl-2017`.
    """
    return "\n".join([SECOND_RULE, *(_table(name, seen) for name, seen in tables.items()), _points(tables, nearly)])


def _scenarios(seen: Sequence[Seen]) -> dict[str, list[Seen]]:
    return grouped(seen, lambda one: one.scenario)


def _held(judged: Sequence[Judged]) -> int:
    return sum(one.holds(0.95) for one in judged)


def _table(name: str, seen: Sequence[Seen]) -> str:
    rows = []
    for scenario, tables in _scenarios(seen).items():
        own, said = [one.own for one in tables], [one.said for one in tables]
        shown = [one for one in tables if one.differs]
        passed = [one for one in tables if not one.differs]
        refused = sum(one.own.holds(0.95) for one in shown)
        before, after = score_of(own), score_of(said)
        rows.append(
            f"| {scenario} | {len(tables)} | {len(shown)} | {_held(own)} | {_held(said)} | "
            f"{bias_and_width(before, ', ')} | {bias_and_width(after, ', ')} | {_held([one.own for one in passed])} of {len(passed)} | "
            f"{refused} of {_held(own)} |"
        )
    return "\n".join([
        f"### {name[0].upper()}{name[1:]}",
        "",
        "Bias and width of the estimate, and of what stands beside it (of the estimate where a table shows nothing). The last two columns "
        "are what a refusal would do: which of the tables let pass hold, and how many are refused though their interval holds.",
        "",
        "| tables | number | show that people differ | estimate holds | beside holds | bias, width | beside | "
        "were it a refusal: pass and hold | refused though held |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _points(tables: Mapping[str, Sequence[Seen]], nearly: Sequence[Judged]) -> str:
    """Say of each point of the rule whether it holds on the tables that decide, and what it costs elsewhere."""
    name, seen = list(tables.items())[-1]
    scenarios = _scenarios(seen)
    classes = [one.said for one in scenarios[LATENT_CLASSES]]
    others = {s: [one.said for one in of] for s, of in scenarios.items() if s not in (LATENT_CLASSES, INDEPENDENT)}
    least = min(_held(judged) / len(judged) for judged in others.values())
    taken = float(np.mean([one.differs for one in scenarios[INDEPENDENT]]))
    most = max(
        1 - sum(one.own.holds(0.95) and not one.differs for one in of) / max(_held([one.own for one in of]), 1)
        for of in scenarios.values()
    )
    said = [
        (f"latent classes: {_held(classes)} of {len(classes)} held", _held(classes) / len(classes) >= _CLASSES_HELD),
        (f"elsewhere at least {100 * least:.0f} % held", least >= ASKED_HELD),
        (f"of independent lists {100 * taken:.0f} % taken for people who differ", taken <= _TAKEN),
    ]
    kind = "a refusal" if most <= ASKED_REFUSED else "a caution with numbers"
    first = [one for one in next(iter(tables.values())) if one.scenario == INDEPENDENT]
    width = score_of([one.said for one in first]).width / score_of(nearly).width
    return "\n".join([
        f"### By the second rule ({name})",
        "",
        *points_of_rule(said),
        "",
        f"As a refusal it would refuse {100 * most:.0f} % of the tables whose interval holds where it refuses most: it is {kind}.",
        f"With it independent lists are {width:.2f} times as wide as under `nl-2017`. {_lists(tables)}",
        "",
    ])  # fmt: skip


def _lists(tables: Mapping[str, Sequence[Seen]]) -> str:
    """Say what it does for lists held out, which understate by construction."""
    held_out = [one for seen in tables.values() for one in seen if one.scenario == HELD_OUT]
    family = {one.table: one.family for one in held_out}
    own = by_family([one.own for one in held_out], family, set(family))
    said = by_family([one.said for one in held_out], family, set(family))
    more, error = by_how_much_more(own, said)
    return (
        f"On lists held out, families weighing the same, the score of what stands beside is {more:+.2f} ± {error:.2f} above that of the "
        "estimate: as the estimate itself it would not do, by the first rule (b)."
    )
