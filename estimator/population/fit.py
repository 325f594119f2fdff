"""Does the model describe the table? A posterior predictive check of all exactly known counts together.

References
----------
Freeman & Tukey (1950), Annals of Mathematical Statistics 21:607: a measure of misfit that bears empty cells.
Gelman, Meng & Stern (1996), Statistica Sinica 6:733: posterior predictive assessment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.population.size import expected_cells
from estimator.seeds import stream

Floats = NDArray[np.float64]

_CELL_DRAWS = 8_000_000


def predictive_p(posterior: LoglinearPosterior, seed: int) -> float:
    """Return how often a table simulated from the model fits it worse than the observed one.

    Returns
    -------
    float
        Between 0 and 1; 1 when no count is exactly known by itself. Misfit is the Freeman-Tukey sum of
        ``(sqrt(count) - sqrt(expected))**2`` over single cells that are exactly known, at the same draws of the
        parameters for both tables; at most so many draws are used that it takes a second.

    Notes
    -----
    Reads as: near 0, the observed table is further from the model than its own simulations are; then something that
    the model takes for granted is not so. It is conservative: a model that fits seldom gives extreme values.
    """
    observed = posterior.design.observed
    known = (observed.exposure > 0) & (observed.possible > 0)
    known.reshape(-1)[observed.sum_cell] = False
    if not known.any():
        return 1.0
    rng = stream(seed, "predictive-p")
    counts, worse, total = np.sqrt(observed.counts[known]), 0, 0
    for cells in expected_cells(posterior):
        expected = cells[:, known]
        simulated = np.sqrt(rng.poisson(expected))
        root = np.sqrt(expected)
        worse += int((((simulated - root) ** 2).sum(axis=1) >= ((counts - root) ** 2).sum(axis=1)).sum())
        total += len(expected)
        if total * known.sum() > _CELL_DRAWS:
            break
    return worse / total
