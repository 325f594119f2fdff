"""Whether the sampler reached the whole distribution, which chain stands apart, and where draws diverged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.numbers import ChainsPicture, ConvergenceNumbers, DivergentNumbers, EnergyNumbers
from estimator.fits.chains import (
    Measured,
    chains_apart,
    divergence_shifts,
    energies,
    growth,
    measured,
    motionless,
    ranks,
)
from estimator.fits.plain import plain
from estimator.methods.convergence import Chains, Convergence, assess
from estimator.population.estimate import Estimate
from estimator.population.sampling import reported_quantities
from estimator.population.thresholds import convergence_limits, threshold
from estimator.reasons import Reason

NAME = "convergence"

_TABLE = 20
_SHIFTS = 5
_RANK_BINS, _ENERGY_BINS = 20, 40
_MOST_POINTS = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JudgedChains:
    """What is known of the chains.

    Parameters
    ----------
    reported, parameters : tuple of Measured
        Reported quantities and sampled values, the worst first.
    worst : ndarray, shape (chain, draw)
        Draws of the quantity about which the chains agree least.
    apart : tuple of int
        Chains that stand apart, from 1; none where they agree.
    energy : tuple of float
        E-BFMI of each chain.
    shifts : tuple of (str, float)
        Where divergent draws lie: see `estimator.fits.chains.divergence_shifts`.
    growth : tuple of (int, float, float)
        Of that quantity: see `estimator.fits.chains.growth`.
    """

    convergence: Convergence
    reported: tuple[Measured, ...]
    parameters: tuple[Measured, ...]
    worst: Floats
    worst_name: str | Reason
    apart: tuple[int, ...]
    energy: tuple[float, ...]
    shifts: tuple[tuple[str, float], ...]
    growth: tuple[tuple[int, float, float], ...]
    sampler: Chains


def convergence(estimate: Estimate) -> Finding:
    """Judge the chains.

    Returns
    -------
    Finding
        ``numbers`` are `ConvergenceNumbers`.
    """
    chains = _chains(estimate)
    doubts = _doubts(chains)
    verdict: Verdict = SOUND if chains.convergence.passed else FAILS
    if verdict == SOUND and doubts:
        verdict = CAUTION
    headline = _failing(chains) if verdict == FAILS else [_passing(chains)]
    return Finding(
        check=NAME,
        verdict=verdict,
        statements=(*headline, *doubts, *_divergences(chains)),
        numbers=_numbers(chains),
        reasons=chains.convergence.reasons if verdict == FAILS else (),
    )


def _chains(estimate: Estimate) -> JudgedChains:
    sampler = estimate.chains
    quantities = reported_quantities(estimate.study, estimate.population)
    parameters = sampler.parameters
    reported, sampled = measured(quantities), measured(parameters)
    name, values = _worst(quantities, reported, parameters, sampled)
    return JudgedChains(
        convergence=assess(quantities, sampler.draws, convergence_limits()),
        reported=tuple(reported),
        parameters=tuple(sampled),
        worst=values,
        worst_name=name,
        apart=_apart(estimate, parameters, values, [*reported, *sampled]),
        energy=tuple(energies(sampler)),
        shifts=tuple(divergence_shifts(sampler)[:_SHIFTS]),
        growth=tuple(growth(values)),
        sampler=sampler,
    )


def _worst(
    quantities: Mapping[Reason, Floats],
    reported: Sequence[Measured],
    parameters: Mapping[str, Floats],
    sampled: Sequence[Measured],
) -> tuple[str | Reason, Floats]:
    """Return the reported quantity about which chains agree least; the sampled value where all of those are fine."""
    first = reported[0].name if reported else sampled[0].name
    if reported and sampled and reported[0].rhat <= convergence_limits().rhat < sampled[0].rhat:
        first = sampled[0].name
    return first, quantities[first] if isinstance(first, Reason) else parameters[first]


def _apart(
    estimate: Estimate, parameters: Mapping[str, Floats], values: Floats, measurements: Sequence[Measured]
) -> tuple[int, ...]:
    """Return the chains that stand apart, from 1."""
    still = motionless(parameters)
    if still:
        return tuple(chain + 1 for chain in still)
    if all(value.rhat <= convergence_limits().rhat for value in measurements):
        return ()
    density = estimate.chains.draws.statistics.get("lp")
    return tuple(chain + 1 for chain in chains_apart(values, density))


def _passing(chains: JudgedChains) -> Reason:
    agreed = chains.convergence
    fewest = min(agreed.ess_bulk_min, agreed.ess_tail_min)
    return Reason("chains-agree", chains=agreed.chains, rhat=agreed.rhat_max, fewest=fewest)


def _failing(chains: JudgedChains) -> list[Reason]:
    first, *others = chains.convergence.reasons
    return [Reason("chains-apart-and-why", who=_who(chains), why=first) if chains.apart else first, *others]


def _who(chains: JudgedChains) -> Reason:
    total = chains.convergence.chains
    if len(chains.apart) == total:
        return Reason("no-chain-moves")
    return Reason("chains-apart", numbers=chains.apart, total=total)


def _doubts(chains: JudgedChains) -> list[Reason]:
    """Return what does not forbid publishing by itself."""
    limits, doubts = convergence_limits(), []
    if chains.convergence.passed:
        doubtful = [value for value in chains.parameters if not value.rhat <= limits.rhat]
        if doubtful:
            worst = doubtful[0]
            doubts.append(
                Reason("sampled-values-apart", who=_who(chains), number=len(doubtful), name=worst.name, rhat=worst.rhat)
            )
        few = [value for value in chains.parameters if min(value.ess_bulk, value.ess_tail) < limits.effective_draws]
        if few and not doubtful:
            doubts.append(Reason("sampled-values-few-draws", number=len(few), enough=limits.effective_draws))
    slow = [number for number, value in enumerate(chains.energy, 1) if value < threshold("scrutiny.energy")]
    if slow:
        doubts.append(Reason("energy-slow", chains=slow, least=min(chains.energy)))
    return doubts


def _divergences(chains: JudgedChains) -> list[Reason]:
    number = chains.convergence.divergences
    if not number or not chains.shifts:
        return []
    places = tuple(Reason("parameter-shifted", name=name, shift=shift) for name, shift in chains.shifts[:2])
    return [Reason("draws-diverged", number=number, places=places)]


def _numbers(chains: JudgedChains) -> ConvergenceNumbers:
    return {
        "rhat_max": chains.convergence.rhat_max,
        "ess_bulk_min": chains.convergence.ess_bulk_min,
        "ess_tail_min": chains.convergence.ess_tail_min,
        "chains": chains.convergence.chains,
        "draws": chains.convergence.draws,
        "divergences": chains.convergence.divergences,
        "divergences_differ_in": [{"name": name, "shift": shift} for name, shift in chains.shifts],
        "chains_apart": list(chains.apart),
        "e_bfmi": list(chains.energy),
        "reported": [plain(vars(quantity)) for quantity in chains.reported],
        "parameters": [plain(vars(value)) for value in chains.parameters[:_TABLE]],
        "growth": [
            {"draws": draws, "ess_bulk": bulk, "ess_tail": tail, "of": plain(chains.worst_name)}
            for draws, bulk, tail in chains.growth
        ],
        "picture": _picture(chains),
    }


def _picture(chains: JudgedChains) -> ChainsPicture:
    """Return what else is drawn: ranks by chain, energy, and where draws diverged."""
    edges = np.linspace(0, 1, _RANK_BINS + 1)
    heights = [np.histogram(values, edges)[0] * _RANK_BINS / len(values) for values in ranks(chains.worst)]
    return {
        "ranks_of": plain(chains.worst_name),
        "ranks": plain(heights),
        "effective_draws_wanted": convergence_limits().effective_draws,
        "energy": _energy(chains.sampler),
        "divergent": _divergent(chains),
    }


def _energy(sampler: Chains) -> EnergyNumbers | None:
    """Return densities of the energy, less its mean, and of its steps; None where the sampler did not keep it."""
    energy = sampler.draws.statistics.get("energy")
    if energy is None:
        return None
    centred, steps = (energy - energy.mean()).reshape(-1), np.diff(energy, axis=1).reshape(-1)
    reach = float(np.quantile(np.abs(np.concatenate([centred, steps])), 0.999))
    edges = np.linspace(-reach, reach, _ENERGY_BINS + 1)
    levels, moves = (np.histogram(values, edges, density=True)[0] for values in (centred, steps))
    return {"reach": reach, "levels": levels.tolist(), "steps": moves.tolist()}


def _divergent(chains: JudgedChains) -> DivergentNumbers | None:
    """Return divergent and some other draws of the two values in which they differ most; None where none diverged."""
    if len(chains.shifts) < 2:
        return None
    parameters = chains.sampler.parameters
    names = [name for name, _ in chains.shifts[:2]]
    points = np.stack([parameters[name].reshape(-1) for name in names], axis=-1)
    diverging = chains.sampler.draws.statistics["diverging"].reshape(-1).astype(bool)
    others = np.flatnonzero(~diverging)
    others = others[:: max(1, -(-len(others) // _MOST_POINTS))]
    return {
        "of": names,
        "others": np.round(points[others], 3).tolist(),
        "diverged": np.round(points[diverging], 3).tolist(),
    }
