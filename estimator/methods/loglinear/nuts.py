"""Drawing from the posterior with nutpie's No-U-Turn sampler.

nutpie runs the chains in threads of its own, outside Python: meanwhile this module reports progress and listens for
Ctrl-C. Chains are numbered and seeded one by one, so that the draws do not depend on the number of cores.
"""

from __future__ import annotations

import sys
import threading
import time
import types
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import Progress, SamplerSettings
from estimator.methods.loglinear.arrays import ModelArrays
from estimator.methods.loglinear.density import address_block, machine_code

Floats = NDArray[np.float64]

# What is kept of nutpie's statistics, by their names in ArviZ.
_STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "logp": "lp",
    "depth": "tree_depth",
}
_POLL_SECONDS = 0.2
_POLLS_PER_LOOK = 5  # a look at the draws copies them all
_START_SPREAD = 0.5


@dataclass(frozen=True)
class Draws:
    """What a sampler returned.

    Parameters
    ----------
    unconstrained : ndarray, shape (chain, draw, D)
        Sampled values on the whole real line, as `estimator.methods.loglinear.parameters.read_vector` takes them.
    statistics : dict
        Per draw, shape (chain, draw), by the names that ArviZ uses.
    """

    unconstrained: Floats
    statistics: dict[str, NDArray[Any]]
    seconds: float
    settings: SamplerSettings


def sample(
    arrays: ModelArrays,
    start: Floats,
    settings: SamplerSettings,
    progress: Progress | None = None,
) -> Draws:
    """Sample the posterior.

    Parameters
    ----------
    arrays : ModelArrays
        The model, from `estimator.methods.loglinear.arrays.model_arrays`.
    start : ndarray, shape (D,)
        Chains start around it, each at a point of its own.
    progress : callable, optional
        Called now and then with draws done and draws in all, over all chains, warm-up included.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; the chains are stopped.
    """
    nutpie = import_nutpie()
    began = time.perf_counter()
    sampler = nutpie.sample(
        _nutpie_model(arrays, start),
        draws=settings.draws,
        tune=settings.warmup,
        chains=settings.chains,
        cores=settings.cores,
        seed=settings.seed,
        target_accept=settings.target_accept,
        # posteriors of many pairs are long in a few directions that a diagonal mass matrix cannot follow
        low_rank_modified_mass_matrix=True,
        progress_bar=False,
        return_raw_trace=True,
        blocking=False,
    )
    ahead = _import_ahead()
    trace = _wait(sampler, settings, progress)
    seconds = time.perf_counter() - began
    ahead.join()  # two threads that import at once may see each other's modules half made
    position, statistics = _read_trace(trace)
    return Draws(position, statistics, seconds, settings)


def _import_ahead() -> threading.Thread:
    """Import what judges the draws while the chains run: it takes longer than most of them."""
    thread = threading.Thread(target=import_module, args=("arviz_stats.base",), daemon=True)
    thread.start()
    return thread


def _wait(sampler: Any, settings: SamplerSettings, progress: Progress | None) -> Any:
    """Wait for the chains; stop them when anything interrupts the wait."""
    total = settings.chains * (settings.draws + settings.warmup)
    try:
        for poll in count(1):
            try:
                return sampler.wait(timeout=_POLL_SECONDS)
            except TimeoutError:
                if progress is not None and poll % _POLLS_PER_LOOK == 0:
                    batches, _ = sampler.inspect().get_arrow_trace()
                    progress(sum(batch.num_rows for batch in batches), total)
    except BaseException:
        sampler.cancel()
        raise


def _nutpie_model(arrays: ModelArrays, start: Floats) -> Any:
    """Return the model in the form that nutpie samples."""
    from nutpie.compile_pymc import CompiledPyMCModel

    code, n_dim = machine_code(), len(start)

    def starting_point(seed: int) -> Floats:  # each chain at its own, so that R-hat can see a second mode
        return start + np.random.default_rng(seed).uniform(-_START_SPREAD, _START_SPREAD, n_dim)

    return CompiledPyMCModel(
        dims={},
        compiled_logp_func=code.log_density,
        compiled_expand_func=code.expand,
        initial_point_func=starting_point,
        shared_data=arrays._asdict(),
        user_data=address_block(arrays),
        n_expanded=n_dim,
        shape_info=(["position"], [slice(0, n_dim)], [(n_dim,)]),
        logp_func=None,
        expand_func=None,
        _n_dim=n_dim,
        _shapes={"position": (n_dim,)},
        _coords={},
    )


def _read_trace(trace: Any) -> tuple[Floats, dict[str, NDArray[Any]]]:
    """Return positions (chain, draw, D) and statistics (chain, draw) of the draws after warm-up."""
    import pyarrow

    draw_batches, statistic_batches = trace.get_arrow_trace()
    positions, statistics = [], []
    for draws, numbers in zip(draw_batches, statistic_batches, strict=True):
        kept = ~np.asarray(numbers.column("tuning"))  # warm-up stands in the same batches
        values = pyarrow.array(draws.column("position")).flatten().to_numpy().reshape(draws.num_rows, -1)
        positions.append(values[kept])
        statistics.append({ours: np.asarray(numbers.column(name))[kept] for name, ours in _STATISTICS.items()})
    return np.stack(positions), {name: np.stack([chain[name] for chain in statistics]) for name in statistics[0]}


class _DeferredArviz(types.ModuleType):
    """Stands in for ArviZ until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name == "InferenceData":  # named in nutpie's annotations, which Python evaluates on import
            return object
        import arviz

        return getattr(arviz, name)


def import_nutpie() -> Any:
    """Import nutpie without ArviZ.

    nutpie imports ArviZ for the objects that it returns by default. It is asked for plain arrays here, and importing
    ArviZ takes longer than most estimates, so ArviZ is imported only when something else uses it.
    """
    if "nutpie" in sys.modules or "arviz" in sys.modules:
        import nutpie

        return nutpie
    stand_in = _DeferredArviz("arviz")
    sys.modules["arviz"] = stand_in
    try:
        import nutpie
    finally:
        if sys.modules.get("arviz") is stand_in:
            del sys.modules["arviz"]
    return nutpie
