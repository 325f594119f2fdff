"""The chosen model, models nearly as good, and repeated choices: what a run keeps of them, and what is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.selection.bca import limits
from estimator.methods.selection.choosing import Chosen
from estimator.methods.selection.fitting import estimate_exists
from estimator.methods.selection.spaces import named
from estimator.methods.summary import LEVELS
from estimator.reasons import Reason

Floats = NDArray[np.float64]

WITHIN = 10.0
"""Of the criterion: models further off than this have no support (Burnham & Anderson 2002, section 2.6; of BIC, Kass &
Raftery 1995, JASA 90:773, call such evidence very strong)."""

KEPT, NAMED = 100, 10
"""Models that a run keeps, and that are named in words."""

APART = 1.5
"""Ratio of totals by models within `SIMILAR` of the best from which a reader must be told."""

MOST_FAILED = 0.05
"""Share of bootstrap tables without an estimate from which the interval is of the lucky ones only."""

SIMILAR = 6.0
"""Of the criterion: up to here the evidence against a model is not strong (Kass & Raftery 1995)."""


@dataclass(frozen=True, eq=False)
class NearOptimal:
    """Models of one stratum within `WITHIN` of the best, the best first, and what the bootstrap says of the choice.

    Parameters
    ----------
    stratum : str
        Empty where there is only one.
    models : tuple of str
        Dependences that each model has, such as ``A&B, C&D``; empty for independent lists.
    behind, weight, people : ndarray, shape (K,)
        By how much the criterion is above that of the best; share among all models; estimated people in all.
    fitted : int
        Models of which an estimate exists, kept or not.
    numbers : mapping of str to float
        ``registered``; ``replicates``, ``failed``, ``again``, ``top``, ``checked``, ``missed`` as in
        `estimator.methods.selection.choosing.Chosen`; ``bias`` and ``acceleration``; ``lower`` and ``upper`` of N, and
        the same ``halved``; ``outside``: whether a limit lies at the last replicate; ``lower_0.8`` and so on: limits of
        the levels of `estimator.methods.summary`.
    """

    stratum: str
    models: tuple[str, ...]
    behind: Floats
    weight: Floats
    people: Floats
    fitted: int
    numbers: Mapping[str, float]

    def total(self, level: float) -> dict[str, float]:
        """Return the number of everybody by the chosen model, and the limits of a level that is kept, in persons."""
        kept = {side: f"{side}_{level:g}" for side in ("lower", "upper")}
        limits = {side: self.numbers[name] for side, name in kept.items() if name in self.numbers}
        return {"estimate": float(self.people[0]), **limits}

    def notes(self, criterion: str, degree: int) -> Iterator[Reason]:
        """Yield the choice, the models beside it, and how stable it is."""
        n = self.numbers
        people, weight = float(self.people[0]), float(self.weight[0])
        yield Reason(
            "selection-chosen",
            stratum=self.stratum,
            model=self.models[0],
            people=people,
            criterion=criterion,
            fitted=self.fitted,
            weight=weight,
        )
        if len(self.models) > 1:
            beside = tuple(
                Reason("selection-model", model=model, behind=float(behind), weight=float(share), people=float(size))
                for model, behind, share, size in zip(
                    self.models[1:NAMED], self.behind[1:], self.weight[1:], self.people[1:], strict=False
                )
            )
            yield Reason("selection-beside", stratum=self.stratum, number=len(self.models) - 1, models=beside)
        yield Reason("selection-again", stratum=self.stratum, **{name: n[name] for name in _COUNTED})
        if n["top"] and not np.isnan(n["halved_lower"]):
            yield Reason(
                "selection-shortcut",
                stratum=self.stratum,
                top=int(n["top"]),
                degree=degree,
                **{name: float(n[name]) for name in ("lower", "upper", "halved_lower", "halved_upper")},
                checked=int(n["checked"]),
                missed=int(n["missed"]),
            )

    def objections(self) -> Iterator[Reason]:
        """Yield that too many bootstrap tables have no estimate."""
        failed, replicates = self.numbers["failed"], self.numbers["replicates"]
        if failed > MOST_FAILED * replicates:
            yield Reason(
                "selection-bootstrap-fails", stratum=self.stratum, failed=int(failed), replicates=int(replicates)
            )

    def cautions(self, searched: bool) -> Iterator[Reason]:
        """Yield cautions: no choice was made, good models disagree, or replicates do not reach a limit."""
        if self.fitted == 1 and not searched:
            yield Reason("selection-no-choice", stratum=self.stratum, model=self.models[0])
        similar = self.people[self.behind <= SIMILAR]
        if similar.max() > APART * similar.min():
            yield Reason(
                "selection-models-disagree",
                stratum=self.stratum,
                number=len(similar),
                within=SIMILAR,
                least=float(similar.min()),
                most=float(similar.max()),
            )
        if self.numbers["outside"]:
            yield Reason("selection-limit-outside", stratum=self.stratum, replicates=int(self.numbers["replicates"]))

    def variables(self, place: int) -> dict[str, Any]:
        """Return what a file of draws keeps of it, by names that end on the place of the stratum."""
        along = f"place_{place}"
        values: dict[str, Any] = {
            "model": (along, np.array(self.models, dtype=object)),
            "behind": (along, self.behind),
            "weight": (along, self.weight),
            "people": (along, self.people),
            "fitted": self.fitted,
            "stratum_name": self.stratum,
            **self.numbers,
        }
        return {f"{name}_{place}": value for name, value in values.items()}


_COUNTED = ("replicates", "failed", "again")
_NUMBERS = (
    *("registered", "replicates", "failed", "again", "top", "checked", "missed", "bias", "acceleration"),
    *("lower", "upper", "halved_lower", "halved_upper", "outside"),
    *(f"{side}_{level:g}" for level in LEVELS for side in ("lower", "upper")),
)


def near_optimal_of(made: Chosen, counts: Floats, lists: Sequence[str], stratum: str) -> NearOptimal:
    """Return what is kept of a choice; of the models beside the best, those whose estimate exists without doubt.

    Parameters
    ----------
    counts : ndarray, shape (2^L,)
    """
    ranked, registered = made.ranked, float(counts.sum())
    near = int((ranked.value - ranked.value[0] <= WITHIN).sum())
    kept = [place for place in range(min(near, KEPT)) if place == 0 or estimate_exists(ranked.model(place), counts)]
    tails = np.array([0.025, 0.975])
    lower, upper = limits(made.replicates, made.correction, tails).tolist()
    halved = (np.nan, np.nan) if made.halved is None else made.halved
    levels, enough = made.correction.levels(tails), 2 / max(len(made.replicates), 1)
    numbers = (
        *(registered, made.asked, made.failed, made.again, made.top, made.checked, made.missed),
        *(made.correction.bias, made.correction.acceleration),
        *(registered + value for value in (lower, upper, *halved)),
        bool(levels[0] < enough or levels[1] > 1 - enough),
    )
    return NearOptimal(
        stratum,
        tuple(", ".join(named(ranked.model(place), lists)) for place in kept),
        ranked.value[kept] - ranked.value[0],
        ranked.weights[kept],
        registered + ranked.unseen[kept],
        len(ranked),
        {name: float(value) for name, value in zip(_NUMBERS, (*numbers, *_limits(made, registered)), strict=True)},
    )


def _limits(made: Chosen, registered: float) -> list[float]:
    """Return the limits of the intervals that every estimate comes with."""
    sides = np.array([side for level in LEVELS for side in ((1 - level) / 2, (1 + level) / 2)])
    return [registered + value for value in limits(made.replicates, made.correction, sides).tolist()]


def read_near_optimal(saved: Mapping[str, NDArray[Any]], place: int) -> NearOptimal:
    """Return what `NearOptimal.variables` kept of a stratum."""
    own = {name.removesuffix(f"_{place}"): value for name, value in saved.items() if name.endswith(f"_{place}")}
    return NearOptimal(
        str(own["stratum_name"]),
        tuple(str(model) for model in own["model"]),
        own["behind"].astype(np.float64),
        own["weight"].astype(np.float64),
        own["people"].astype(np.float64),
        int(own["fitted"]),
        {name: float(own[name]) for name in _NUMBERS},
    )
