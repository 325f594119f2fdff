"""Sampling the latent classes of one table: tempered chains look for modes, leaps are fitted, draws are made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import Progress, SamplerSettings
from estimator.methods.latent_class.chain import LEAPS, MOVES, run_chain
from estimator.methods.latent_class.ladder import Cells, cells_of, first_shares, spread_evenly, tables_between
from estimator.methods.latent_class.leaps import SPREAD
from estimator.methods.student_mixtures import NOTHING, Mixture, fitted
from estimator.seeds import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALPHA_SHAPE = ALPHA_RATE = 0.25
"""Of the gamma prior of alpha (Manrique-Vallier 2016)."""

ATTEMPTS = 3
"""How often at the most more draws are made; each time four times as many as before, of which every fourth is kept."""

_SEARCHES, _FITS = 8, 7  # rounds of looking for modes, and of fitting leaps
_REMEMBERED = 3  # rounds whose states the next mixture is fitted to
_TEMPERED = 4  # iterations for each in which all rungs move, once leaps are fitted
_EVERY = 2  # iterations for each draw that is kept: looking for modes costs as much as some thousands of them
_TELLING = 10.0  # registered people of a class that is large enough to leap
_MOST_LEAPING = 5
_POINTS = 4000  # to which a mixture is fitted
_AT_ONCE = 50  # iterations after which a chain listens whether it is to stop


@dataclass(frozen=True, eq=False)
class ClassDraws:
    """Draws of the latent classes of one table.

    Parameters
    ----------
    log_odds, unseen : ndarray, shape (chain, draw)
        Log of p_0 / (1 - p_0), and the dark figure.
    weight, logit : ndarray, shapes (chain, draw, K) and (chain, draw, K, L)
        Log weights of classes up to a constant, and logits of their probabilities to be on each list.
    attempt : int
        How often draws were made until there were enough.
    """

    log_odds: Floats
    unseen: Floats
    weight: Floats
    logit: Floats
    attempt: int = 1


@dataclass(eq=False)
class Chain:
    """The states of all rungs of one chain."""

    weights: Floats
    logits: Floats
    log_alpha: Floats
    slot: Ints
    state: NDArray[np.uint64]
    stop: threading.Event
    accepted: Floats = field(default_factory=lambda: np.zeros(0))

    def run(
        self, cells: Cells, tables: Floats, few: Mixture, many: Mixture, iterations: int, tempered: int
    ) -> ClassDraws:
        """Move on, and return what was drawn at the whole table, shape (iterations, ...)."""
        parts = []
        self.accepted = np.zeros(len(tables))
        for begun in range(0, iterations, _AT_ONCE):
            if self.stop.is_set():
                raise KeyboardInterrupt
            parts.append(self._run(cells, tables, few, many, min(_AT_ONCE, iterations - begun), tempered))
        return ClassDraws(
            np.concatenate([part.log_odds for part in parts]),
            np.concatenate([part.unseen for part in parts]),
            np.concatenate([part.weight for part in parts]),
            np.concatenate([part.logit for part in parts]),
        )

    def _run(
        self, cells: Cells, tables: Floats, few: Mixture, many: Mixture, iterations: int, tempered: int
    ) -> ClassDraws:
        n_rungs, n_classes, n_lists = self.logits.shape
        found = ClassDraws(
            np.empty(iterations),
            np.empty(iterations),
            np.empty((iterations, n_classes)),
            np.empty((iterations, n_classes, n_lists)),
        )
        run_chain(
            {
                "rungs": n_rungs,
                "classes": n_classes,
                "lists": n_lists,
                "cells": len(cells.count),
                "iterations": iterations,
                "moves": MOVES,
                "leaps": LEAPS,
                "members": len(cells.member),
                "few": few.classes,
                "many": many.classes,
                "tempered": tempered,
                "few_parts": len(few.log_share),
                "many_parts": len(many.log_share),
                "few_coordinates": few.middle.shape[1],
                "many_coordinates": many.middle.shape[1],
            },
            {
                "prior": np.array([ALPHA_SHAPE, ALPHA_RATE]),
                "weights": self.weights,
                "logits": self.logits,
                "log_alpha": self.log_alpha,
                "slot": self.slot,
                "tables": tables,
                "start": cells.start,
                "member": cells.member,
                "few_share": few.log_share,
                "few_middle": few.middle,
                "few_root": few.root,
                "many_share": many.log_share,
                "many_middle": many.middle,
                "many_root": many.root,
                "state": self.state,
                "accepted": self.accepted,
                "log_odds": found.log_odds,
                "unseen": found.unseen,
                "kept_weight": found.weight,
                "kept_logit": found.logit,
            },
        )
        return found


def drawn_from_prior(draws: int, n_classes: int, n_lists: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw log weights and logits of profiles, shapes (draws, K) and (draws, K, L), from the prior."""
    # the log of a gamma number of a small shape: the number itself may be too small to write
    log_alpha = np.log(rng.gamma(ALPHA_SHAPE + 1.0, size=draws) / ALPHA_RATE) + np.log(rng.random(draws)) / ALPHA_SHAPE
    gone = -rng.exponential(size=(draws, n_classes)) * np.exp(-log_alpha)[:, None]  # log (1 - V)
    left = np.concatenate([np.zeros((draws, 1)), np.cumsum(gone, axis=1)[:, :-1]], axis=1)
    stays = np.log(np.maximum(-np.expm1(gone), np.finfo(float).tiny))
    stays[:, -1] = 0.0
    return left + stays, rng.logistic(size=(draws, n_classes, n_lists))


class Sampler:
    """The chains of one table.

    Parameters
    ----------
    n_classes : int
        K, the most there may be.
    which : int
        Number of the table: of its random numbers.
    tell : callable
        Hears how many iterations more were done.
    """

    def __init__(
        self, cells: Cells, n_classes: int, settings: SamplerSettings, which: int, tell: Callable[[int], None]
    ) -> None:
        self.cells, self.settings, self.tell = cells, settings, tell
        self.shares = first_shares(cells.registered)
        self.tables = tables_between(cells, self.shares)
        self.rng = stream(settings.seed, "latent-class", which, 0)
        self.stop = threading.Event()
        self.few = self.many = NOTHING
        self.chains = [self._started(n_classes, which, number) for number in range(settings.chains)]

    def _started(self, n_classes: int, which: int, number: int) -> Chain:
        """Return a chain all of whose states are drawn from the prior."""
        n_rungs = len(self.shares)
        rng = stream(self.settings.seed, "latent-class", which, 1 + number)
        weights, logits = drawn_from_prior(n_rungs, n_classes, self.cells.n_lists, rng)
        state = rng.integers(1, 2**63, size=4, dtype=np.uint64)
        return Chain(weights, logits, np.zeros(n_rungs), np.arange(n_rungs), state, self.stop)

    def move_on(self, iterations: int, tempered: int = 1) -> list[ClassDraws]:
        """Run all chains, as many side by side as there are cores; see `chain.iterate`."""

        def run(chain: Chain) -> ClassDraws:
            """Move one chain on."""
            return chain.run(self.cells, self.tables, self.few, self.many, iterations, tempered)

        if self.settings.cores == 1:
            draws = [run(chain) for chain in self.chains]
        else:
            with ThreadPoolExecutor(max_workers=self.settings.cores) as threads:
                try:
                    draws = list(threads.map(run, self.chains))
                except BaseException:
                    self.stop.set()
                    raise
        self.tell(iterations * len(self.chains))
        return draws

    def look_for_modes(self) -> list[ClassDraws]:
        """Run tempered chains, spreading their rungs as they go; return the states found in the later rounds."""
        states: list[ClassDraws] = []
        iterations = max(2 * self.settings.warmup // _SEARCHES, 2)
        for number in range(_SEARCHES):
            draws = self.move_on(iterations)
            if number >= _SEARCHES // 4:
                states += draws
            exchanged = sum(chain.accepted[:-1] for chain in self.chains) / (0.5 * iterations * len(self.chains))
            if len(self.shares) > 2:
                self.shares = spread_evenly(self.shares, np.minimum(exchanged, 1.0))
                self.tables = tables_between(self.cells, self.shares)
        return states

    def fit_leaps(self) -> None:
        """Fit the mixtures that propose leaps: first to states found by tempering, then to states found by leaps.

        A quarter of the points stay those that tempering found, so that no mode is forgotten because it was left once.
        """
        known = self.look_for_modes()
        rounds: list[list[ClassDraws]] = []
        for _ in range(_FITS):
            latest = [part for draws in (rounds[-_REMEMBERED:] or [known]) for part in draws]
            few, many = leaping_classes(self.cells, latest, 0.5), leaping_classes(self.cells, latest + known, 0.9)
            self.few = self._fitted(few, known, latest)
            self.many = self._fitted(many, known, latest) if many > few else NOTHING
            rounds.append(self.move_on(max(self.settings.warmup // 3, 2), _TEMPERED))

    def _fitted(self, classes: int, known: list[ClassDraws], latest: list[ClassDraws]) -> Mixture:
        """Fit a mixture for leaps of some classes."""
        sets = [coordinates_of(self.cells, draws, classes) for draws in (known, latest)]
        chosen = [
            points[self.rng.permutation(len(points))[: round(share * _POINTS)]]
            for points, share in zip(sets, (0.25, 0.75), strict=True)
        ]
        points = np.concatenate(chosen)
        return fitted(points, self.rng, classes) if len(points) > 1 else NOTHING


def leaping_classes(cells: Cells, draws: list[ClassDraws], share: float) -> int:
    """Return how many classes at the most have registered people worth the name in this share of states."""
    numbers = []
    for part in draws:
        on_none = -np.logaddexp(0.0, part.logit).sum(axis=-1)
        registered = np.exp(part.weight - part.weight.max(axis=-1, keepdims=True)) * -np.expm1(on_none)
        registered *= cells.registered / registered.sum(axis=-1, keepdims=True)
        numbers.append((registered >= _TELLING).sum(axis=-1))
    return int(np.clip(np.quantile(np.concatenate(numbers), share), 1, _MOST_LEAPING))


def coordinates_of(cells: Cells, draws: list[ClassDraws], classes: int) -> Floats:
    """Return states as `leaps.describe` writes them, shape (n, d); those left out that cannot be written so."""
    logit = np.concatenate([part.logit for part in draws])
    on_none = -np.logaddexp(0.0, logit).sum(axis=-1)
    with np.errstate(divide="ignore"):
        registered = np.concatenate([part.weight for part in draws]) + np.log(-np.expm1(on_none))
    place = np.argsort(-registered, axis=1, kind="stable")[:, :classes]
    largest = np.take_along_axis(registered, place, axis=1)
    beside = np.arcsinh((largest[:, 1:] - largest[:, :1]) / SPREAD)
    profile = np.take_along_axis(logit, place[..., None], axis=1)
    phi = np.exp(-np.logaddexp(0.0, -profile) / 3.0) - np.exp(-np.logaddexp(0.0, profile) / 3.0)
    points = np.concatenate([beside, phi.reshape(len(phi), -1)], axis=1)
    return np.asarray(points[np.isfinite(points).all(axis=1)])


def sample(
    counts: Ints,
    n_classes: int,
    settings: SamplerSettings,
    which: int,
    good_enough: Callable[[ClassDraws], bool],
    progress: Progress | None = None,
) -> ClassDraws:
    """Draw from the posterior of one table.

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history.
    good_enough : callable
        Says whether more draws are needed.

    Returns
    -------
    ClassDraws
        ``settings.draws`` of each chain.
    """
    looking = 2 * settings.warmup + _FITS * max(settings.warmup // 3, 2)
    done, total = [0], settings.chains * (looking + _EVERY * settings.draws)

    def tell(more: int) -> None:
        """Hear how many iterations more were done."""
        done[0] += more
        if progress is not None:
            progress(min(done[0], total), total)

    sampler = Sampler(cells_of(counts), n_classes, settings, which, tell)
    sampler.fit_leaps()
    kept = _joined(None, sampler.move_on(_EVERY * settings.draws, _TEMPERED), _EVERY, settings.draws)
    attempt = 1
    while not good_enough(kept) and attempt < ATTEMPTS:
        every, attempt = _EVERY * 4**attempt, attempt + 1
        more = sampler.move_on(settings.draws * every * 3 // 4, _TEMPERED)
        kept = _joined(kept, more, every, settings.draws)
    return replace(kept, attempt=attempt)


def _joined(kept: ClassDraws | None, parts: list[ClassDraws], every: int, draws: int) -> ClassDraws:
    """Return new draws, thinned, after every fourth of those kept."""

    def of(name: str) -> Floats:
        """Return the draws of one quantity."""
        new = np.stack([getattr(part, name)[::every] for part in parts])
        return np.asarray(new if kept is None else np.concatenate([getattr(kept, name)[:, ::4], new], axis=1))[
            :, :draws
        ]

    return ClassDraws(of("log_odds"), of("unseen"), of("weight"), of("logit"))
