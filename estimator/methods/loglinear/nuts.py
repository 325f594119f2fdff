"""Drawing from the posterior with nutpie's No-U-Turn sampler.

nutpie runs the chains in threads of its own, outside Python: meanwhile this module reports progress and listens for
Ctrl-C. Chains are numbered and seeded one by one, so that the draws do not depend on the number of cores.
"""

from __future__ import annotations

import sys
import threading
import time
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import Progress, SamplerSettings
from estimator.methods.loglinear.addresses import address_block
from estimator.methods.loglinear.arrays import ModelArrays
from estimator.methods.loglinear.density import machine_code
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.large import large_block, machine_code_of_large
from estimator.methods.loglinear.large_arrays import is_large, large_arrays

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
_POLL_SECONDS = 0.1
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


class Sampled(NamedTuple):
    """What is sampled.

    Parameters
    ----------
    log_density : CFunc
        Machine code of the log density.
    block : ndarray of uint64
        Through which it finds the arrays.
    arrays : tuple of NamedTuple
        The arrays, kept for as long as they are read.
    """

    log_density: Any
    block: NDArray[np.uint64]
    arrays: tuple[Any, ...]


Enough = Callable[[Draws], bool]
"""Tells whether the draws so far will do."""

_FIRST_LOOK = 250


def sampled_model(design: Design, arrays: ModelArrays) -> Sampled:
    """Return the log density of a design with its arrays: the one for large tables where the design is of one."""
    if not is_large(design):
        return Sampled(machine_code().log_density, address_block(arrays), (arrays,))
    large = large_arrays(design)
    return Sampled(machine_code_of_large(), large_block(arrays, large), (arrays, large))


def sample(
    model: Sampled,
    start: Floats,
    settings: SamplerSettings,
    progress: Progress | None = None,
    enough: Enough | None = None,
) -> Draws:
    """Sample the posterior.

    Parameters
    ----------
    start : ndarray, shape (D,)
        Chains start around it, each at a point of its own.
    progress : callable, optional
        Called now and then with draws done and draws in all, over all chains, warm-up included.
    enough : callable, optional
        Is asked after 250 draws of each chain, then after twice as many, and so on: where it is content, so many are
        kept and no more are made. All chains then run side by side. Which draws it is shown depends on nothing but the
        seed, so that the answer does not depend on the speed of the machine.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; the chains are stopped.
    """
    nutpie = import_nutpie()
    began = time.perf_counter()
    sampler = nutpie.sample(
        _nutpie_model(model, start),
        draws=settings.draws,
        tune=settings.warmup,
        chains=settings.chains,
        cores=settings.cores if enough is None else settings.chains,
        seed=settings.seed,
        target_accept=settings.target_accept,
        # posteriors of many pairs are long in a few directions that a diagonal mass matrix cannot follow
        low_rank_modified_mass_matrix=True,
        progress_bar=False,
        return_raw_trace=True,
        blocking=False,
    )
    ahead = _import_ahead()
    looks = _Looks(settings, enough, began)
    trace = _wait(sampler, settings, progress, looks)
    ahead.join()  # two threads that import at once may see each other's modules half made
    return looks.content_with or looks.last(*_read_trace(trace))


class _Looks:
    """Looks at the draws of chains that run, in an order and at numbers of draws that are always the same.

    Parameters
    ----------
    began : float
        When sampling began, on `time.perf_counter`.

    Attributes
    ----------
    content_with : Draws or None
        The draws that are enough, once they are.
    """

    def __init__(self, settings: SamplerSettings, enough: Enough | None, began: float) -> None:
        self._settings, self._enough, self._began = settings, enough, began
        self._next = settings.draws if enough is None else _FIRST_LOOK
        self.content_with: Draws | None = None

    @property
    def wanted(self) -> bool:
        """Whether there is anything to look for before the end."""
        return self._enough is not None and self._next < self._settings.draws

    @property
    def expected(self) -> int:
        """Draws of each chain after which will be looked next, or all."""
        return min(self._next, self._settings.draws)

    def take(self, position: list[Floats], statistics: list[dict[str, NDArray[Any]]]) -> bool:
        """Look at the draws of each chain so far, where there are as many as the next look wants; True when enough."""
        while self.wanted:
            if len(position) < self._settings.chains or min(map(len, position)) < self._next:
                return False
            draws = self._first(self._next, position, statistics)
            if self._enough is not None and self._enough(draws):
                self.content_with = draws
                return True
            self._next += self._next // 2
        return False

    def last(self, position: list[Floats], statistics: list[dict[str, NDArray[Any]]]) -> Draws:
        """Return all draws, or the first that were enough where nobody had time to look before the end."""
        if self.take(position, statistics) and self.content_with is not None:
            return self.content_with
        return self._first(self._settings.draws, position, statistics)

    def _first(self, size: int, position: list[Floats], statistics: list[dict[str, NDArray[Any]]]) -> Draws:
        """Return the first draws of each chain."""
        return Draws(
            np.stack([values[:size] for values in position]),
            {name: np.stack([chain[name][:size] for chain in statistics]) for name in statistics[0]},
            time.perf_counter() - self._began,
            replace(self._settings, draws=size),
        )


def _import_ahead() -> threading.Thread:
    """Import what judges the draws while the chains run: it takes longer than most of them."""
    thread = threading.Thread(target=import_module, args=("arviz_stats.base",), daemon=True)
    thread.start()
    return thread


def _wait(sampler: Any, settings: SamplerSettings, progress: Progress | None, looks: _Looks) -> Any:
    """Wait for the chains, or until their draws are enough; stop them when anything interrupts the wait."""
    try:
        for poll in count(1):
            try:
                return sampler.wait(timeout=_POLL_SECONDS)
            except TimeoutError:
                if poll % _POLLS_PER_LOOK == 0 and _looked_at(sampler.inspect(), settings, progress, looks):
                    sampler.cancel()
                    return None
    except BaseException:
        sampler.cancel()
        raise


def _looked_at(trace: Any, settings: SamplerSettings, progress: Progress | None, looks: _Looks) -> bool:
    """Report how far the chains are; tell whether they have made enough draws."""
    batches = trace.get_arrow_trace()
    if progress is not None:
        total = settings.chains * (settings.warmup + looks.expected)
        progress(min(sum(batch.num_rows for batch in batches[0]), total), total)
    return looks.wanted and looks.take(*_read_batches(*batches))


def _nutpie_model(model: Sampled, start: Floats) -> Any:
    """Return the model in the form that nutpie samples."""
    from nutpie.compile_pymc import CompiledPyMCModel

    n_dim = len(start)

    def starting_point(seed: int) -> Floats:  # each chain at its own, so that R-hat can see a second mode
        return start + np.random.default_rng(seed).uniform(-_START_SPREAD, _START_SPREAD, n_dim)

    return CompiledPyMCModel(
        dims={},
        compiled_logp_func=model.log_density,
        compiled_expand_func=machine_code().expand,
        initial_point_func=starting_point,
        shared_data={f"{i}{name}": array for i, of in enumerate(model.arrays) for name, array in of._asdict().items()},
        user_data=model.block,
        n_expanded=n_dim,
        shape_info=(["position"], [slice(0, n_dim)], [(n_dim,)]),
        logp_func=None,
        expand_func=None,
        _n_dim=n_dim,
        _shapes={"position": (n_dim,)},
        _coords={},
    )


def _read_trace(trace: Any) -> tuple[list[Floats], list[dict[str, NDArray[Any]]]]:
    """Return positions (draw, D) and statistics (draw,) of each chain after warm-up."""
    return _read_batches(*trace.get_arrow_trace())


def _read_batches(draw_batches: Any, statistic_batches: Any) -> tuple[list[Floats], list[dict[str, NDArray[Any]]]]:
    import pyarrow

    positions, statistics = [], []
    for draws, numbers in zip(draw_batches, statistic_batches, strict=True):
        kept = ~np.asarray(numbers.column("tuning"))  # warm-up stands in the same batches
        values = pyarrow.array(draws.column("position")).flatten().to_numpy().reshape(draws.num_rows, -1)
        positions.append(values[kept])
        statistics.append({ours: np.asarray(numbers.column(name))[kept] for name, ours in _STATISTICS.items()})
    return positions, statistics


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
