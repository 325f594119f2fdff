"""Several imputed tables behind the door: a method fits each, and its draws are mixed, every table weighing the same.

What was not known of records (a link, a value) was drawn m times before, so that there are m tables. The posterior
given what was observed is the average over what was not,

    p(N | observed) = integral p(N | table) p(table | observed) d table  ~  (1 / m) sum_i p(N | table i),

so that draws of the m posteriors together are draws of it (Zhou & Reiter 2010, who advise many tables rather than few
for this). Every table is fitted with the same seed: the draws of each are those of its estimate alone, and what differs
between tables is not chance of the sampler. The chains of table i stand after those of the tables before it.

References
----------
Rubin (1987), Multiple imputation for nonresponse in surveys. Zhou & Reiter (2010), The American Statistician 64:159,
doi 10.1198/tast.2010.09109.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.convergence import Convergence
from estimator.methods.door import (
    Listener,
    Method,
    PopulationDraws,
    Posterior,
    Request,
    Residual,
    SamplerSettings,
    Saved,
)
from estimator.reasons import Reason
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class FitsOfTables:
    """What a method says of each table, in their order: the details of a posterior of several.

    Parameters
    ----------
    parts : tuple of Posterior
        With as many draws of people as are mixed.
    """

    parts: tuple[Posterior, ...]


def over_tables(method: Method, study: Study) -> Method:
    """Return the method for a study; where it has several imputed tables, each is fitted."""
    return SeveralTables(method) if study.imputed else method


class SeveralTables(Method):
    """A method that is asked once and fits every table.

    Parameters
    ----------
    method : Method
        Any other.
    """

    def __init__(self, method: Method) -> None:
        self._method, self.name = method, method.name
        self.abilities = replace(method.abilities, refits=False, simulates=False)

    def study_for(self, study: Study, options: Mapping[str, str]) -> Study:
        """Return the study as the method sees it, with each table as it sees that."""
        seen = [self._method.study_for(table_study, options) for table_study in _each(study)]
        return replace(seen[0], imputed=tuple(table_study.table for table_study in seen), files=study.files)

    def load(self, settings: SamplerSettings, listener: Listener) -> None:
        """Make the method ready, once for all tables."""
        self._method.load(settings, listener)

    def fit(self, request: Request) -> Posterior:
        """Fit each table, and mix their draws."""
        study, parts = request.study, []
        for number, table_study in enumerate(_each(study), 1):
            doing = Reason("doing-table", number=number, of=len(study.tables), what=request.doing)
            part = self._method.fit(replace(request, study=table_study, doing=doing, may_stop=False))
            parts.append(replace(part, population=evenly_spaced(part.population, request.settings.draws)))
        return _mixed(self.name, parts, study, request.settings)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return what the method assumes, of every table alike."""
        return self._method.assumption(study, priors, options)

    def residual(self, posterior: Posterior, priors: Priors) -> Residual:
        """Return by how much the dark figure may differ from what the lists imply, over all tables."""
        return self._method.residual_of_several(_parts(posterior), priors)

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return the method's own groups of each table: ``table_1/posterior`` and so on."""
        return {
            f"table_{number}/{group}": data
            for number, part in enumerate(_parts(posterior), 1)
            for group, data in self._method.datasets(part).items()
        }

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> tuple[Any, ...]:
        """Return the method's own posterior of each table, of which `completed` makes `FitsOfTables`."""
        details = []
        for number, table_study in enumerate(_each(study), 1):
            prefix = f"table_{number}/"
            own = {name.removeprefix(prefix): group for name, group in saved.items() if name.startswith(prefix)}
            details.append(self._method.details_of(table_study, priors, settings, own, seconds))
        return tuple(details)

    def completed(self, posterior: Posterior) -> Posterior:
        """Return a posterior that was put together from a file with the people and the settings of each table."""
        chains = posterior.settings.chains
        parts = [
            self._method.completed(replace(posterior, population=people, details=details))
            for details, people in zip(posterior.details, _of_each(posterior.population, chains), strict=True)
        ]
        return replace(_with_parts(posterior, parts), prior_share=_widest_share(parts))


def evenly_spaced(population: PopulationDraws, draws: int) -> PopulationDraws:
    """Return evenly spaced draws of every chain, as many as each table gives to the mixture."""
    have = population.unseen.shape[1]
    if have == draws:
        return population
    kept = (np.arange(draws) * have) // draws
    return _picked(population, (slice(None), kept))


def _each(study: Study) -> list[Study]:
    """Return the study with each of its tables alone."""
    return [study.with_table(number) for number in range(1, len(study.tables) + 1)]


def _parts(posterior: Posterior) -> tuple[Posterior, ...]:
    details: FitsOfTables = posterior.details
    return details.parts


def _mixed(name: str, parts: Sequence[Posterior], study: Study, asked: SamplerSettings) -> Posterior:
    """Return the posterior of all tables together."""
    posterior = Posterior(
        method=name,
        population=_one_after_the_other([part.population for part in parts]),
        convergence=_convergence([part.convergence for part in parts], study, asked.draws),
        settings=replace(
            parts[0].settings,
            draws=asked.draws,
            warmup=min(asked.warmup, parts[0].settings.warmup),
            target_accept=asked.target_accept,
        ),
        seconds=sum(part.seconds for part in parts),
        prior_share=_widest_share(parts),
        options=parts[0].options,
    )
    return _with_parts(posterior, parts)


def _with_parts(posterior: Posterior, parts: Sequence[Posterior]) -> Posterior:
    may_depend = any(part.pairs_may_depend for part in parts)
    return replace(posterior, pairs_may_depend=may_depend, details=FitsOfTables(tuple(parts)))


def _widest_share(parts: Sequence[Posterior]) -> float | None:
    """Return how wide the log dark figure is beside its prior, where the data say least."""
    return max((part.prior_share for part in parts if part.prior_share is not None), default=None)


def _picked(population: PopulationDraws, kept: Any) -> PopulationDraws:
    """Return some chains or draws."""
    expected = population.expected_unseen
    return replace(
        population,
        registered=population.registered[kept],
        unseen=population.unseen[kept],
        implied_unseen=population.implied_unseen[kept],
        expected_unseen=None if expected is None else expected[kept],
    )


def _of_each(population: PopulationDraws, chains: int) -> list[PopulationDraws]:
    """Split people by table; every table has the same number of chains."""
    return [_picked(population, slice(at, at + chains)) for at in range(0, len(population.unseen), chains)]


def _one_after_the_other(people: Sequence[PopulationDraws]) -> PopulationDraws:
    """Return the chains of all tables, those of the first in front."""

    def joined(draws: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return the draws of all tables."""
        return np.concatenate([np.asarray(part) for part in draws])

    return PopulationDraws(
        registered=joined([part.registered for part in people]),
        unseen=joined([part.unseen for part in people]),
        implied_unseen=joined([part.implied_unseen for part in people]),
        has_mean=all(part.has_mean for part in people),
    )


def _convergence(judged: Sequence[Convergence], study: Study, draws: int) -> Convergence:
    """Return the worst of all tables: chains of two tables need not agree, those of one must."""
    failed = {number: convergence for number, convergence in enumerate(judged, 1) if convergence.reasons}
    reasons = tuple(
        Reason(
            "of-tables", tables=len(failed), of=len(judged), table=study.table_name(number), why=convergence.reasons[0]
        )
        for number, convergence in list(failed.items())[:1]
    )
    rhats = [convergence.rhat_max for convergence in judged]
    return Convergence(
        rhat_max=float(np.nan if np.isnan(rhats).any() else max(rhats)),
        ess_bulk_min=min(convergence.ess_bulk_min for convergence in judged),
        ess_tail_min=min(convergence.ess_tail_min for convergence in judged),
        divergences=sum(convergence.divergences for convergence in judged),
        draws=draws,
        chains=sum(convergence.chains for convergence in judged),
        reasons=reasons,
    )
