"""The door for methods: what every method is asked, and what it answers with, whatever goes on inside it.

Everything behind an estimate (groups, fitness, the run folder, comparison, calibration) knows a method through this
module alone. `estimator.methods.registry` has the methods by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.convergence import Chains, Convergence, IndependentDraws, Limits
from estimator.methods.shape import Shape
from estimator.methods.true_people import PeopleBehind
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.questions import ModelSettings
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Hears how many draws are done, of how many."""
Saved = Mapping[str, Mapping[str, NDArray[Any]]]
"""Variables of the groups of a file of draws, chains and draws first."""


@dataclass(frozen=True)
class SamplerSettings:
    """How to sample.

    Parameters
    ----------
    draws, warmup : int
        Per chain.
    seed : int
        Of all randomness of an estimate.
    target_accept : float
        Between 0 and 1; larger takes smaller steps.
    sampler : str
        Which program draws, where a method has several: ``nutpie``, or ``pymc`` as a check.
    """

    draws: int = 2000
    warmup: int = 1000
    chains: int = 4
    cores: int = 2
    seed: int = 1
    target_accept: float = 0.9
    sampler: str = "nutpie"


QUICK = SamplerSettings(draws=1000, warmup=500, chains=2, cores=1)
"""How refits are sampled unless something else is said; one core, because they run side by side."""

AGREED = 1.05
"""R-hat of the log dark figure above which the chains of a quick refit disagree."""


SAMPLING = Reason("doing-sampling")
"""What is going on while a method makes its draws, unless something else is said."""


class Listener:
    """Hears how an estimate gets on; the command line shows it, anybody else may ignore it."""

    def stage(self, doing: Reason | str) -> None:
        """Hear that a new stage begins: as a code, or as text that is already in the reader's language."""

    def progress(self, done: int, total: int) -> None:
        """Hear how many draws have been made of how many."""


@dataclass(frozen=True, eq=False)
class PopulationDraws:
    """Draws of the population of every stratum.

    Parameters
    ----------
    registered : ndarray of int, shape (chain, draw, S)
        People on at least one list, those of whom only part is known placed in strata.
    unseen : ndarray of int, shape (chain, draw, S)
        The dark figure.
    implied_unseen : ndarray, shape (chain, draw, S)
        Its expectation as lists and pairs of lists imply it, without residual dependence: what convergence is judged
        by, because residual dependence is drawn exactly.
    expected_unseen : ndarray, shape (chain, draw, S), optional
        Its expectation, residual dependence included. A run does not keep it.
    has_mean : bool
        Whether the dark figure has a mean; not where residual dependence has long tails.
    """

    registered: Ints
    unseen: Ints
    implied_unseen: Floats
    expected_unseen: Floats | None = None
    has_mean: bool = True

    @property
    def size(self) -> Ints:
        """Population size N, shape (chain, draw, S)."""
        return self.registered + self.unseen


@dataclass(frozen=True)
class Abilities:
    """What a method can do with a table; what it cannot is refused before it is asked.

    Parameters
    ----------
    priors : bool
        Whether it takes prior assumptions.
    covariates : bool
        Whether it takes a table that is divided into strata.
    coarsened : bool
        Whether it takes numbers that are known only for several cells together or within bounds, and lists that did not
        run everywhere.
    structural_zeros : bool
        Whether it takes cells in which nobody can be.
    fewest_lists : int
        With fewer lists it cannot say anything.
    borrows : bool
        Whether strata learn from each other, so that one with few people leans on the others.
    bound : bool
        Whether what it gives is a bound of the dark figure, and not an estimate of it.
    refits : bool
        Whether it answers quickly for table after table (`Method.refit`), as held-out lists, simulated truth and fewer
        lists ask.
    repeats : bool
        Whether it takes a table of how often one register saw people, and no other.
    simulates : bool
        Whether it draws truths and tables from its priors (`Method.simulate`), as simulation-based calibration asks.
    register_errors : bool
        Whether it takes declared errors of registers: false positives, and links that are missed or wrong.
    options : mapping of str to tuple of str
        Choices that a user has (``[model.options]`` of a study file): the values of each, the default first.
    """

    priors: bool = True
    covariates: bool = True
    coarsened: bool = True
    structural_zeros: bool = True
    fewest_lists: int = 2
    borrows: bool = True
    bound: bool = False
    refits: bool = False
    repeats: bool = False
    simulates: bool = False
    register_errors: bool = False
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Request:
    """What a method is asked.

    Parameters
    ----------
    priors : Priors
        Of no meaning to a method without priors.
    options : mapping of str to str
        One value for each option of the method.
    reported : callable
        Gives, of draws of people, the draws of every quantity that will be reported, by a reason that says which: what
        convergence is judged by.
    doing : Reason
        What the listener is told is going on.
    may_stop : bool
        Whether fewer draws than asked for will do where they pass the limits.
    """

    study: Study
    priors: Priors
    settings: SamplerSettings
    options: Mapping[str, str]
    reported: Callable[[PopulationDraws], Mapping[Reason, Floats]]
    limits: Limits
    listener: Listener
    doing: Reason = SAMPLING
    may_stop: bool = True


@dataclass(frozen=True, eq=False)
class RefitRequest:
    """A quick fit that is asked of a method: enough for a median and an interval, too little to be published.

    Parameters
    ----------
    table : CaptureTable
        Of any lists and strata that the terms are about.
    model : ModelSettings
        The terms; the priors and the method that it names are not read.
    options : mapping of str to str
        One value for each option of the method.
    people_seed : int or None
        Of the draws of people; None for the seed of the settings.
    whole : CaptureTable or None
        The table to whose registered people priors refer, where it is another than the one that is fitted.
    histories : bool
        Whether it is asked what each draw says of who is on which lists.
    """

    table: CaptureTable
    model: ModelSettings
    priors: Priors
    options: Mapping[str, str] = field(default_factory=dict)
    settings: SamplerSettings = QUICK
    people_seed: int | None = None
    whole: CaptureTable | None = None
    histories: bool = False


@dataclass(frozen=True, eq=False)
class Refitted:
    """What a quick fit says.

    Parameters
    ----------
    rhat : float
        Of the log dark figure, after a second attempt where the first disagreed (`AGREED`); infinite where draws are
        stuck.
    divergences : int
        Of all chains.
    kept : mapping of str to ndarray or None
        Draws of the method's own that held-out lists keep beside the size, shape (chain, draw); None where there are
        none.
    details : object
        As `Posterior.details`.
    histories : ndarray, shape (chain * draw, S, 2^L), or None
        Share of the registered people of each stratum who have each history; 0 for that of nobody. None where it was
        not asked for, or the method has none.
    """

    population: PopulationDraws
    rhat: float = 1.0
    divergences: int = 0
    kept: Mapping[str, Floats | None] = field(default_factory=dict)
    details: Any = None
    histories: Floats | None = None


@dataclass(frozen=True, eq=False)
class SimulationRequest:
    """A truth and a table that a method is asked to draw from its priors, and to fit.

    Parameters
    ----------
    settings : SamplerSettings
        Of the first attempt at the fit; its seed is not used.
    rhat, effective : float
        What every sampled value must reach, or the fit is done again with more draws.
    keep : int
        Draws of each quantity that are wanted, evenly spaced.
    """

    shape: Shape
    priors: Priors
    seed: int
    settings: SamplerSettings
    rhat: float
    effective: float
    keep: int


@dataclass(frozen=True, eq=False)
class SimulatedFit:
    """A truth that was drawn from the priors, and what a fit to its table says of it.

    Parameters
    ----------
    truth : mapping of str to float
        Every quantity that can be ranked, as it truly is.
    drawn : mapping of str to ndarray, shape (keep,)
        The same in draws of the posterior.
    attempts : int
        At the fit.
    rhat, effective : float
        The worst of all sampled values in the last attempt.
    tries : int
        Tables drawn until one was acceptable.
    registered : int
        Persons.
    """

    truth: Mapping[str, float]
    drawn: Mapping[str, Floats]
    attempts: int
    rhat: float
    effective: float
    divergences: int
    tries: int
    registered: int


@dataclass(frozen=True)
class Residual:
    """By how much the dark figure may differ from what the lists imply: the true one over the implied one (95 %).

    Parameters
    ----------
    form : {"none", "stated", "relative"}
        As in the section [residual] of the prior file.
    median, lower, upper : float or None
        1 where it cannot differ; None for a limit that is too large to be written.
    """

    form: Literal["none", "stated", "relative"] = "none"
    median: float | None = 1.0
    lower: float | None = 1.0
    upper: float | None = 1.0


@dataclass(frozen=True, eq=False)
class Posterior:
    """What a method believes of the people of every stratum, without anything that only the method knows.

    Parameters
    ----------
    settings : SamplerSettings
        With which the draws were made in the end, under the seed of the estimate.
    attempt : int
        Which attempt converged, or was the last: a second and third have more draws than were asked for.
    prior_share : float or None
        How wide the log dark figure still is beside its prior: 0 the data say all, 1 they say nothing; None for a
        method without priors.
    pairs_may_depend : bool
        Whether every pair of lists may depend on each other, so that a table may leave the total to the priors.
    options : mapping of str to str
        Those of the method that were used.
    details : object
        The method's own posterior. Opened by the method itself, and by checks that say that they serve it.
    """

    method: str
    population: PopulationDraws
    convergence: Convergence
    settings: SamplerSettings
    attempt: int = 1
    seconds: float = 0.0
    prior_share: float | None = None
    pairs_may_depend: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    details: Any = None

    @property
    def seed(self) -> int:
        """Of all randomness of the estimate."""
        return self.settings.seed


@dataclass(frozen=True)
class WiderCoverage:
    """What a population size would be were the prior on coverage wider.

    Parameters
    ----------
    wider : float
        By which factor the spread of the log odds of every list is larger.
    median : float
        Persons; of no use where it is not `reliable`.
    pareto_k : float
        Of the weights by which it was found.
    """

    wider: float
    median: float
    pareto_k: float
    reliable: bool


class Method:
    """A way from a capture table to people of whom no list knows; a method is a subclass.

    Attributes
    ----------
    name : str
        As in the registry and in study.toml.
    """

    name: str
    abilities: Abilities = Abilities()

    def study_for(self, study: Study, options: Mapping[str, str]) -> Study:
        """Return the study as the method sees it; what is reported is about this one."""
        return study

    def refusals(self, study: Study, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why the method has no answer for a study, beyond what its abilities say."""
        return self.refusals_of_table(study.table, options)

    def refusals_of_table(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why the method has no answer for a table, beyond what its abilities say."""
        return ()

    def load(self, settings: SamplerSettings, listener: Listener) -> None:
        """Make ready what takes long the first time: compile, read a cache."""

    def fit(self, request: Request) -> Posterior:
        """Answer."""
        raise NotImplementedError

    def refit(self, request: RefitRequest) -> Refitted:
        """Answer quickly, where its abilities say that it does."""
        raise NotImplementedError

    def people_behind(
        self, fit: Refitted, model: ModelSettings, entries: Ints, draw: int, rng: np.random.Generator
    ) -> PeopleBehind:
        """Draw the true people behind the entries of registers with errors, for methods whose abilities include that.

        Parameters
        ----------
        entries : ndarray of int, shape (S, H)
            In cells.
        draw : int
            Of the fit, chains one after the other.
        """
        raise NotImplementedError

    def simulate(self, request: SimulationRequest) -> SimulatedFit:
        """Draw a truth and a table from the priors and fit it, where its abilities say that it does."""
        raise NotImplementedError

    def dependence_drawn(self, lists: int, priors: Priors, seed: int) -> tuple[Floats, float]:
        """Return one draw from priors of the log odds ratio of every pair of lists, and of the residual dependence."""
        raise NotImplementedError

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return what an answer rests on that the data cannot test."""
        raise NotImplementedError

    def predictive_p(self, posterior: Posterior) -> float | None:
        """Return how often a table simulated from the model fits it worse; None where no such check is made."""
        return None

    def chains(self, details: Any, shape: tuple[int, int]) -> Chains:
        """Return what the sampler did; draws that no chain links, where there is none.

        Parameters
        ----------
        shape : (int, int)
            Chains and draws of each.
        """
        return Chains(IndependentDraws(shape))

    def wider_coverage(self, posterior: Posterior, size: Floats) -> WiderCoverage | None:
        """Return what a population size would be were less said of coverage; None without a prior on coverage.

        Parameters
        ----------
        size : ndarray, shape (chain, draw)
            Persons.
        """
        return None

    def own_total(self, study: Study, posterior: Posterior, level: float) -> Mapping[str, float]:
        """Return the size of everybody as the method computes it without draws: published numbers are held against it.

        Returns
        -------
        mapping of str to float
            Any of ``"estimate"``, and ``"lower"`` and ``"upper"`` of the interval of this level, in persons; empty
            where there are draws only.
        """
        return {}

    def objections(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return why an answer of this method is not to be published as an estimate of the total."""
        return ()

    def cautions(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return what a reader must be told of an answer of this method though it does not forbid publishing."""
        return ()

    def notes(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return how the answer came about, as far as only the method knows: what it chose, and from what."""
        return ()

    def residual(self, posterior: Posterior, priors: Priors) -> Residual:
        """Return by how much the dark figure may differ from what the lists imply."""
        return Residual()

    def residual_of_several(self, posteriors: Sequence[Posterior], priors: Priors) -> Residual:
        """Return the same over the draws of several posteriors, of imputed tables, together."""
        return self.residual(posteriors[0], priors)

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return the groups of the file of draws that are the method's own."""
        return {}

    def details_of(self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float) -> Any:
        """Return the method's own posterior (`Posterior.details`) from the groups of a file that `datasets` gave.

        Raises
        ------
        KeyError, ValueError
            When they are not those of this study and these priors.
        """
        return None

    def completed(self, posterior: Posterior) -> Posterior:
        """Return a posterior that was put together from a file with what follows from the method's own."""
        return posterior

    def people_again(self, details: Any, seed: int) -> PopulationDraws | None:
        """Draw the people of every stratum again, for runs of version 1, which did not keep them; None for none."""
        return None
