"""Separate humps of an answer: between which numbers each lies, and how much of the probability it has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from estimator.reasons import Reason

Floats = NDArray[np.float64]

_BINS = 512
_WORTH = 1000  # draws that a density is taken to be made of, at the most: chains are worth less than their length
_VALLEY = 0.5  # between two humps the density falls to this part of the lower one, or they are one
_LEAST = 0.02  # a hump with less of the probability belongs to its neighbour


def caution_of_modes(size: Floats) -> Iterator[Reason]:
    """Yield that an answer has several humps, with each."""
    humps = humps_of(size)
    if len(humps) > 1:
        yield Reason(
            "answer-has-modes",
            modes=tuple(
                Reason(
                    "mode-of-answer",
                    share=float(len(part) / size.size),
                    median=float(np.median(part)),
                    lower=float(np.quantile(part, 0.025)),
                    upper=float(np.quantile(part, 0.975)),
                )
                for part in humps
            ),
        )


def humps_of(size: Floats) -> list[Floats]:
    """Return the draws of each hump, from the lowest on.

    Notes
    -----
    A kernel density of log N with the width of Silverman (1986, equation 3.31). Of neighbours between which it does not
    fall to half of the lower one, the lower one is taken with the other.
    """
    values = np.log(np.maximum(np.sort(size.ravel()), 1.0))
    sd, quarters = float(values.std()), np.quantile(values, [0.25, 0.75])
    spread = min(sd, float(np.ptp(quarters)) / 1.34) or sd
    if not spread > 0:
        return [np.sort(size.ravel())]
    width = 0.9 * spread * min(len(values), _WORTH) ** -0.2
    edges = np.linspace(values[0] - 4 * width, values[-1] + 4 * width, _BINS + 1)
    step = edges[1] - edges[0]
    reach = np.arange(-_BINS, _BINS + 1) * step / max(width, step)
    density = np.convolve(np.histogram(values, edges)[0], np.exp(-0.5 * reach**2))[_BINS : 2 * _BINS]
    ends = _ends(density)
    limits = edges[1:][ends[:-1]]
    parts = np.split(np.sort(size.ravel()), np.searchsorted(values, limits))
    return _joined(parts)


def _ends(density: Floats) -> list[int]:
    """Return the last bin of every hump: the lowest between two peaks, and the last of all."""
    inner = density[1:-1]
    peaks = (1 + np.flatnonzero((inner > density[:-2]) & (inner >= density[2:]))).tolist()
    while len(peaks) > 1:
        valleys = [
            density[a : b + 1].min() / min(density[a], density[b]) for a, b in zip(peaks, peaks[1:], strict=False)
        ]
        worst = int(np.argmax(valleys))
        if valleys[worst] <= _VALLEY:
            break
        peaks.pop(worst if density[peaks[worst]] < density[peaks[worst + 1]] else worst + 1)
    between = [a + int(density[a : b + 1].argmin()) for a, b in zip(peaks, peaks[1:], strict=False)]
    return [*between, len(density) - 1]


def _joined(parts: list[Floats]) -> list[Floats]:
    """Return humps, those with hardly any draws joined to the smaller of their neighbours in number."""
    total = sum(map(len, parts))
    while len(parts) > 1 and min(map(len, parts)) < _LEAST * total:
        at = min(range(len(parts)), key=lambda place: len(parts[place]))
        into = at - 1 if at == len(parts) - 1 or (at and len(parts[at - 1]) < len(parts[at + 1])) else at
        parts = [*parts[:into], np.concatenate(parts[into : into + 2]), *parts[into + 2 :]]
    return parts
