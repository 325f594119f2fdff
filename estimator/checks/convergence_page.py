"""Whether the sampler reached the whole distribution, which chain stands apart, and where draws diverged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from estimator.checks.convergence_drawing import draw_convergence
from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.subject import Subject
from estimator.fits.chains import (
    Measured,
    chains_apart,
    divergence_shifts,
    energies,
    growth,
    measured,
    motionless,
    named_parameters,
)
from estimator.methods.convergence import Convergence, assess
from estimator.population.sampling import reported_quantities
from estimator.population.thresholds import convergence_limits, threshold
from estimator.words.kinds import sentence
from estimator.words.numbers import count, listed

NAME = "convergence"
TITLE = "Did the chains reach the whole distribution, and the same one?"

_TABLE = 20
_SHIFTS = 5
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chains:
    """What is known of the chains.

    Parameters
    ----------
    convergence : Convergence
        The gate of every estimate.
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
    worst_name: str
    apart: tuple[int, ...]
    energy: tuple[float, ...]
    shifts: tuple[tuple[str, float], ...]
    growth: tuple[tuple[int, float, float], ...]


def convergence_page(subject: Subject) -> Finding:
    """Judge the chains.

    Returns
    -------
    Finding
        ``numbers``: R-hat and effective draws of every reported quantity and of the worst sampled values, chains that
        stand apart (numbered from 1), E-BFMI per chain, divergences and where they lie, growth of effective draws.
    """
    found = _chains(subject)
    doubts = _doubts(found)
    verdict: Verdict = SOUND if found.convergence.passed else FAILS
    if verdict == SOUND and doubts:
        verdict = CAUTION
    said = _failing(found) if verdict == FAILS else [_passing(found)]
    return Finding(
        check=NAME,
        title=TITLE,
        verdict=verdict,
        sentences=(*said, *doubts, *_divergences(found)),
        numbers=_numbers(found),
        reasons=tuple(map(sentence, found.convergence.reasons)) if verdict == FAILS else (),
        draw=partial(draw_convergence, found=found, posterior=subject.posterior),
        size=(9.0, 6.6),
        alternative="Ranks of the draws by chain, growth of effective draws, energy, and where draws diverged.",
    )


def _chains(subject: Subject) -> Chains:
    posterior = subject.posterior
    reported_draws = reported_quantities(subject.study, subject.population)
    quantities = {sentence(quantity): values for quantity, values in reported_draws.items()}
    parameters = named_parameters(posterior)
    reported, sampled = measured(quantities), measured(parameters)
    name, values = _worst(quantities, reported, parameters, sampled)
    return Chains(
        convergence=assess(reported_draws, posterior.draws, convergence_limits()),
        reported=tuple(reported),
        parameters=tuple(sampled),
        worst=values,
        worst_name=name,
        apart=_apart(subject, parameters, values, [*reported, *sampled]),
        energy=tuple(energies(posterior)),
        shifts=tuple(divergence_shifts(posterior)[:_SHIFTS]),
        growth=tuple(growth(values)),
    )


def _worst(
    quantities: Mapping[str, Floats],
    reported: Sequence[Measured],
    parameters: Mapping[str, Floats],
    sampled: Sequence[Measured],
) -> tuple[str, Floats]:
    """Return the reported quantity about which chains agree least; the sampled value where all of those are fine."""
    first = reported[0].name if reported else sampled[0].name
    if reported and sampled and reported[0].rhat <= convergence_limits().rhat < sampled[0].rhat:
        first = sampled[0].name
    return first, {**parameters, **quantities}[first]


def _apart(
    subject: Subject, parameters: Mapping[str, Floats], values: Floats, found: Sequence[Measured]
) -> tuple[int, ...]:
    """Return the chains that stand apart, from 1."""
    still = motionless(parameters)
    if still:
        return tuple(chain + 1 for chain in still)
    if all(one.rhat <= convergence_limits().rhat for one in found):
        return ()
    density = subject.posterior.draws.statistics.get("lp")
    return tuple(chain + 1 for chain in chains_apart(values, density))


def _passing(found: Chains) -> str:
    convergence = found.convergence
    fewest = min(convergence.ess_bulk_min, convergence.ess_tail_min)
    return (
        f"The {count(convergence.chains)} chains agree: R-hat is at most {convergence.rhat_max:.3f}, and every "
        f"reported number has at least {count(fewest)} effective draws."
    )


def _failing(found: Chains) -> list[str]:
    reasons = list(map(sentence, found.convergence.reasons))
    return [f"{_named(found)} {reasons[0]}", *reasons[1:]] if found.apart else reasons


def _named(found: Chains) -> str:
    total = found.convergence.chains
    if len(found.apart) == total:
        return "No chain moves as it should."
    numbers = [count(number) for number in found.apart]
    who = f"Chain {numbers[0]} of {total} is" if len(numbers) == 1 else f"Chains {listed(numbers)} of {total} are"
    return f"{who} somewhere else than the others."


def _doubts(found: Chains) -> list[str]:
    """Return what does not forbid publishing by itself."""
    limits, said = convergence_limits(), []
    if found.convergence.passed:
        doubtful = [one for one in found.parameters if not one.rhat <= limits.rhat]
        if doubtful:
            said.append(
                f"{_named(found)} The chains agree about what is reported, and not about {count(len(doubtful))} "
                f"sampled values: R-hat of {doubtful[0].name} is {doubtful[0].rhat:.3f}."
            )
        few = [one for one in found.parameters if min(one.ess_bulk, one.ess_tail) < limits.effective_draws]
        if few and not doubtful:
            enough = count(limits.effective_draws)
            said.append(f"{count(len(few))} sampled values have fewer than {enough} effective draws.")
    low = [number for number, value in enumerate(found.energy, 1) if value < threshold("scrutiny.energy")]
    if low:
        said.append(
            f"In chain {listed([count(number) for number in low])} the energy moves slowly (E-BFMI "
            f"{min(found.energy):.2f}): the tails may not have been seen."
        )
    return said


def _divergences(found: Chains) -> list[str]:
    number = found.convergence.divergences
    if not number or not found.shifts:
        return []
    places = [f"{name} ({shift:+.1f} standard deviations)" for name, shift in found.shifts[:2]]
    who = "One draw diverged; it differs" if number == 1 else f"{count(number)} draws diverged; they differ"
    return [f"{who} from the others most in {listed(places)}."]


def _numbers(found: Chains) -> dict[str, object]:
    return {
        "rhat_max": found.convergence.rhat_max,
        "ess_bulk_min": found.convergence.ess_bulk_min,
        "ess_tail_min": found.convergence.ess_tail_min,
        "chains": found.convergence.chains,
        "draws": found.convergence.draws,
        "divergences": found.convergence.divergences,
        "divergences_differ_in": [{"name": name, "shift": shift} for name, shift in found.shifts],
        "chains_apart": list(found.apart),
        "e_bfmi": list(found.energy),
        "reported": [asdict(one) for one in found.reported],
        "parameters": [asdict(one) for one in found.parameters[:_TABLE]],
        "growth": [
            {"draws": draws, "ess_bulk": bulk, "ess_tail": tail, "of": found.worst_name}
            for draws, bulk, tail in found.growth
        ],
    }
