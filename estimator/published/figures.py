"""A published study run again: every published figure beside ours, with its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from estimator.methods.summary import LEVELS, Summary
from estimator.published.pooled import POOLED_SIZE, Analysis, Spread
from estimator.published.verdicts import Verdict
from estimator.reasons import Reason
from estimator.runs.provenance import versions
from estimator.study.published import PublishedFigure
from estimator.study.questions import Label
from estimator.study.study import Study

SCHEMA_VERSION = 2

Basis = Literal["calibrated", "reconstructed", "public"]
"""What a verdict rests on: reconstructed data, made to agree with the figure or not, or public counts."""

_DECIMALS = {"coverage": 5, "share_of_total": 5, "one_in": 3, "per_100000": 3}
"""Decimals that are kept of a measure; of persons, one."""


@dataclass(frozen=True)
class Reproduced:
    """A published figure beside ours.

    Parameters
    ----------
    label : Label or None
        Of whom it is; None for people whom no group of the study is.
    ours : Summary or None
        The same quantity by this tool; None when there is no answer.
    """

    figure: PublishedFigure
    label: Label | None
    ours: Summary | None
    verdict: Verdict
    basis: Basis

    @property
    def is_estimate(self) -> bool:
        """Whether our side is an estimate, and not a count or nothing."""
        return self.ours is not None and self.ours.sd > 0

    @property
    def is_other_method(self) -> bool:
        """Whether the figure is not reproducible only because this tool does not have its method."""
        return self.ours is None and self.figure.measure == POOLED_SIZE

    def to_dict(self) -> dict[str, Any]:
        """Return the figure with its verdict for JSON."""
        figure = self.figure
        return {
            "id": figure.id,
            "label": self.label.en if self.label else None,
            "group": figure.group,
            "years": list(figure.years),
            "measure": figure.measure,
            "published": {
                "value": figure.value,
                "lower": figure.lower,
                "upper": figure.upper,
                "said": figure.said,
                "source": figure.source,
                "verified": figure.verified,
            },
            **self.answer_record(),
            "basis": self.basis,
        }

    def answer_record(self) -> dict[str, Any]:
        """Return our side and the verdict for JSON."""
        ours, verdict = self.ours, self.verdict
        digits = _DECIMALS.get(self.figure.measure, 1)
        return {
            "ours": None if ours is None else {**ours.limits(digits), "exact": ours.sd == 0},
            "verdict": verdict.kind,
            "difference": None if verdict.difference is None else round(verdict.difference, 5),
            "why": _records(verdict.reasons),
        }


@dataclass(frozen=True)
class UnderOtherPriors:
    """The same figures under other assumptions.

    Parameters
    ----------
    figures : tuple of Reproduced
        As those of the `Reproduction`, in the same order.
    """

    priors: str
    figures: tuple[Reproduced, ...]


@dataclass(frozen=True)
class Reproduction:
    """A published study run again.

    Parameters
    ----------
    priors : str
        Name of the priors under which it did.
    unsound : tuple of Reason
        Why its estimate must not be published, apart from the kind of its table.
    figures : tuple of Reproduced
        In the order of the file of published figures; without those about the public table.
    beside : tuple of UnderOtherPriors
        The same under the other priors that the study always shows.
    analyses : tuple of Analysis
        The public table on its own, by this tool.
    spread : Spread or None
        How far apart all analyses of the public table are, ours and published ones.
    conclusions : tuple of Reason
        What a reader should take away, from `estimator.published.closing`.
    title, title_nl : str
        Whose figures these are; the same in Dutch, where the file says it.
    """

    name: str
    study: Study
    priors: str
    unsound: tuple[Reason, ...]
    figures: tuple[Reproduced, ...]
    beside: tuple[UnderOtherPriors, ...]
    pooled: tuple[Reproduced, ...]
    analyses: tuple[Analysis, ...]
    spread: Spread | None
    seed: int
    conclusions: tuple[Reason, ...] = ()
    title: str = ""
    title_nl: str | None = None

    @property
    def all_figures(self) -> tuple[Reproduced, ...]:
        """Every published figure."""
        return self.figures + self.pooled

    def to_dict(self) -> dict[str, Any]:
        """Return the reproduction for JSON, the same for the same seed; see docs/reproduction.md."""
        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "study": self.study.name,
            "table_kind": self.study.table_kind,
            "priors": self.priors,
            "level": max(LEVELS),
            "unsound": _records(self.unsound),
            "verdicts": dict(Counter(figure.verdict.kind for figure in self.all_figures)),
            "figures": [figure.to_dict() for figure in self.figures],
            "beside": {
                other.priors: [{"id": item.figure.id, **item.answer_record()} for item in other.figures if item.ours]
                for other in self.beside
            },
            "public_table": {
                "analyses": [analysis.to_dict() for analysis in self.analyses],
                "figures": [figure.to_dict() for figure in self.pooled],
                "spread": self.spread.to_dict() if self.spread else None,
            },
            "conclusions": _records(self.conclusions),
            "seed": self.seed,
            "versions": versions(),
        }


def _records(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Return reasons for JSON."""
    return [reason.to_dict() for reason in reasons]
