"""What simulation-based calibration found: for every quantity, whether its ranks are uniform."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.sbc import AGREED, ENOUGH_EFFECTIVE, RANKED_AMONG, Ranked
from estimator.calibration.sbc_bands import Uniformity, holm, uniformity
from estimator.reasons import Reason

Ints = NDArray[np.int64]

LEVEL = 0.05
"""How often a tool without fault may be found at fault, all quantities together."""


@dataclass(frozen=True, eq=False)
class SbcResult:
    """The simulations under one set of priors.

    Parameters
    ----------
    done : tuple of Ranked
        The simulations that were done.
    failed : tuple of str
        Why the others were not.
    """

    priors: str
    done: tuple[Ranked, ...] = field(repr=False)
    failed: tuple[str, ...] = ()

    @cached_property
    def ranks(self) -> dict[str, Ints]:
        """Ranks of every quantity, shape (number of simulations,)."""
        names = self.done[0]["ranks"] if self.done else {}
        return {name: np.array([fit["ranks"][name] for fit in self.done], dtype=np.int64) for name in names}

    @cached_property
    def quantities(self) -> dict[str, Uniformity]:
        """How far the ranks of every quantity are from uniform."""
        return {name: uniformity(ranks, RANKED_AMONG) for name, ranks in self.ranks.items()}

    @cached_property
    def corrected(self) -> dict[str, float]:
        """Probability of leaving the band, corrected for the number of quantities (Holm)."""
        values = holm(np.array([quantity.band_p for quantity in self.quantities.values()]))
        return dict(zip(self.quantities, values.tolist(), strict=True))

    @property
    def rejected(self) -> tuple[str, ...]:
        """Quantities whose ranks are not uniform, at `LEVEL` over all quantities together."""
        return tuple(name for name, p in self.corrected.items() if p < LEVEL)

    @property
    def outside(self) -> tuple[str, ...]:
        """Quantities outside their own 95 % band: one in twenty is, when nothing is wrong."""
        return tuple(name for name, quantity in self.quantities.items() if quantity.band_p < LEVEL)

    @property
    def doubtful(self) -> int:
        """Fits whose chains did not agree, or had too few effective draws, after the last attempt."""
        return sum(bool(fit["rhat"] > AGREED or fit["effective"] < ENOUGH_EFFECTIVE) for fit in self.done)

    @property
    def acceptable(self) -> float:
        """Share of the tables drawn from the prior that were acceptable."""
        return len(self.done) / max(1, sum(fit["tries"] for fit in self.done))

    @property
    def fitted_again(self) -> int:
        """Fits done again with more draws."""
        return sum(fit["attempts"] > 1 for fit in self.done)

    @property
    def verdict(self) -> Reason:
        """What the ranks say."""
        if not self.done:
            return Reason("no-simulation-done")
        n, least = len(self.done), min(self.corrected, key=lambda name: self.corrected[name])
        p, quantities = self.corrected[least], len(self.quantities)
        if self.rejected:
            return Reason("ranks-not-uniform", quantities=self.rejected, simulations=n, p=p, of=quantities)
        return Reason("ranks-uniform", simulations=n, of=quantities, p=p, least=least)

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "verdict": self.verdict.to_dict(),
            "simulations": len(self.done),
            "failed": list(self.failed),
            "uniform": not self.rejected,
            "not_uniform": list(self.rejected),
            "outside_their_own_band": list(self.outside),
            "share_of_tables_acceptable": self.acceptable,
            "fitted_again": self.fitted_again,
            "chains_did_not_agree": self.doubtful,
            "with_divergences": sum(fit["divergences"] > 0 for fit in self.done),
            "quantities": {
                name: {
                    "band_p": quantity.band_p,
                    "band_p_corrected": self.corrected[name],
                    "chi2_p": quantity.chi2_p,
                    "mean_rank": quantity.mean,
                    "spread": quantity.spread,
                    "ranks": self.ranks[name].tolist(),
                }
                for name, quantity in self.quantities.items()
            },
        }


@dataclass(frozen=True, eq=False)
class SbcReport:
    """Simulation-based calibration of a study's model.

    Parameters
    ----------
    results : tuple of SbcResult
        One for each set of priors.
    """

    study: str
    title: str
    results: tuple[SbcResult, ...]

    @property
    def passed(self) -> bool:
        """Whether the ranks of all quantities are uniform under all sets of priors."""
        return not any(result.rejected for result in self.results)

    @property
    def failed(self) -> int:
        """Number of simulations that could not be done."""
        return sum(len(result.failed) for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "kind": "simulation-based calibration",
            "study": self.study,
            "title": self.title,
            "ranked_among": RANKED_AMONG,
            "priors": {result.priors: result.to_dict() for result in self.results},
        }
