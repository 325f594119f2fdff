"""The Bayesian threshold (Silverman 2020) behind the door: dependences that stand out are kept, and the rest is fitted.

All pairs of lists are fitted first. A pair is kept when the posterior mean of its effect is a given number of posterior
standard deviations from zero; three lists are looked at, where that is asked for, when all their pairs were kept. What
is kept is fitted again. Under flat priors a pair that nobody is on has its effect at minus infinity: its cells leave
the table.

References
----------
Silverman (2020), Journal of the Royal Statistical Society A 183:691, doi 10.1111/rssa.12505.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import history_labels, list_bits
from estimator.methods.by_strata import Asked, Drawn, OfCompleteCounts
from estimator.methods.door import (
    Abilities,
    PopulationDraws,
    Posterior,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.pooling import EACH, POOLED
from estimator.methods.selection.fitting import estimate_exists
from estimator.methods.selection.hamiltonian import LogLinear, drawn_effects
from estimator.methods.selection.spaces import TWO_LISTS
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Model = tuple[int, ...]

FLAT, NORMAL = "flat", "normal"
THREE_LISTS = "three-list"

MOST_LISTS = 8
CLOSE = 0.1
"""A ratio this close to the threshold might as well have come out on its other side."""

_CHAINS, _DRAWS, _WARMUP = 64, 2000, 300  # by which it is decided what is kept; ratios are right to about 0.005
_DECISION_SEED = 20  # not the user's: what is kept must not hang on it


@dataclass(frozen=True)
class Kept:
    """What was kept of one stratum.

    Parameters
    ----------
    stratum : str
        Empty where there is only one.
    ratios : mapping of str to float
        Of each dependence that was looked at: posterior mean over standard deviation, without its sign.
    kept : tuple of str
        Dependences in the model.
    absent : tuple of str
        Those at minus infinity.
    doubtful : str
        The dependence closest to the threshold, where it is close; otherwise empty.
    otherwise : float
        Median of the total had the doubtful one fallen on the other side; nan without one.
    """

    stratum: str
    ratios: Mapping[str, float]
    kept: tuple[str, ...]
    absent: tuple[str, ...]
    doubtful: str = ""
    otherwise: float = float("nan")


@dataclass(frozen=True, eq=False)
class Details:
    """What was kept in every stratum, and at which draws a simulated table fits worse than the observed one."""

    strata: tuple[Kept, ...]
    fits_worse: NDArray[np.bool_]


class Threshold(OfCompleteCounts):
    """The Bayesian threshold, stratum by stratum or of everybody together."""

    name = "threshold"
    abilities = Abilities(
        priors=False,
        structural_zeros=False,
        borrows=False,
        refits=True,
        options={
            "strata": (EACH, POOLED),
            "threshold": ("2", "0", "1", "1.5", "1.9", "2.5", "3", "4"),
            "prior": (FLAT, NORMAL),
            "terms": (TWO_LISTS, THREE_LISTS),
        },
    )

    warms_up = True

    def refusals_of_lists(self, n_lists: int, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return whether there are too many lists."""
        return (Reason("threshold-takes-fewer-lists", most=MOST_LISTS, lists=n_lists),) if n_lists > MOST_LISTS else ()

    def refusals_of_counts(self, counts: Ints, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return in how many strata the posterior is improper."""
        without = sum(not _is_proper(row, options["prior"]) for row in counts)
        flat = options["prior"] == FLAT
        return (Reason("threshold-without-estimate", strata=without, flat=flat),) if without else ()

    def doing(self, request: Request) -> Reason:
        """Return that it is decided what is kept."""
        return Reason("doing-threshold")

    def drawn(self, asked: Asked) -> Drawn:
        """Decide what is kept, fit that, and draw."""
        return _drawn(asked)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return the assumption: no dependences but those kept, and all people of a stratum alike."""
        return Reason(
            "threshold-assumption",
            within_strata=study.table.n_strata > 1,
            threshold=options["threshold"],
            flat=options["prior"] == FLAT,
            two_list=options["terms"] == TWO_LISTS,
        )

    def cautions(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return that a dependence is kept or not by a hair."""
        threshold = posterior.options["threshold"]
        return tuple(
            Reason(
                "threshold-by-a-hair",
                stratum=part.stratum,
                pair=part.doubtful,
                ratio=part.ratios[part.doubtful],
                threshold=threshold,
                kept=part.doubtful in part.kept,
                otherwise=part.otherwise,
            )
            for part in posterior.details.strata
            if part.doubtful
        )

    def notes(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return what was kept in each stratum, and by how much."""
        return tuple(
            Reason(
                "threshold-kept",
                stratum=part.stratum,
                kept=part.kept,
                absent=part.absent,
                ratios=tuple(Reason("threshold-ratio", pair=pair, ratio=ratio) for pair, ratio in part.ratios.items()),
            )
            for part in posterior.details.strata
        )

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return what was kept in every stratum, and whether a simulated table fits worse at each draw."""
        import xarray as xr

        kept: dict[str, object] = {
            "fits_worse": (("chain", "draw"), posterior.details.fits_worse.astype(np.int8)),
        }
        for place, part in enumerate(posterior.details.strata):
            kept[f"pair_{place}"] = (f"pairs_{place}", np.array(list(part.ratios), dtype=object))
            kept[f"ratio_{place}"] = (f"pairs_{place}", np.array(list(part.ratios.values()), dtype=np.float64))
            for name in ("kept", "absent"):
                kept[f"{name}_{place}"] = "|".join(getattr(part, name))
            kept[f"stratum_{place}"], kept[f"doubtful_{place}"] = part.stratum, part.doubtful
            kept[f"otherwise_{place}"] = part.otherwise
        return {"sample_stats": xr.Dataset(kept)}

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> Details:
        """Return what was kept, from a file."""
        own = saved["sample_stats"]
        strata = tuple(
            Kept(
                str(own[f"stratum_{at}"]),
                dict(zip(map(str, own[f"pair_{at}"]), own[f"ratio_{at}"].tolist(), strict=True)),
                tuple(filter(None, str(own[f"kept_{at}"]).split("|"))),
                tuple(filter(None, str(own[f"absent_{at}"]).split("|"))),
                str(own[f"doubtful_{at}"]),
                float(own[f"otherwise_{at}"]),
            )
            for at in range(study.table.n_strata)
        )
        return Details(strata, own["fits_worse"].astype(bool))


def _pairs(n_lists: int) -> list[int]:
    return [first | second for first, second in combinations(list_bits(n_lists).tolist(), 2)]


def _around(counts: Ints | Floats, term: int) -> float:
    """Return the people on all lists of a term."""
    return float(counts[(np.arange(len(counts)) & term) == term].sum())


def _is_proper(counts: Ints, prior: str) -> bool:
    """Tell whether the posterior of the model of all pairs can be normalised."""
    n_lists = len(counts).bit_length() - 1
    bits = list_bits(n_lists).tolist()
    if not all(_around(counts, bit) for bit in bits):
        return False
    model = (0, *bits, *_pairs(n_lists)) if prior == FLAT else (0, *bits)
    return estimate_exists(model, counts)


@dataclass(frozen=True, eq=False)
class Stratum:
    """The people of one stratum and the prior of dependences.

    Parameters
    ----------
    counts : ndarray, shape (2^L,)
    absent : tuple of int
        Terms at minus infinity.
    """

    counts: Floats
    flat: bool
    absent: Model

    @property
    def bits(self) -> Model:
        """The lists."""
        return tuple(list_bits(len(self.counts).bit_length() - 1).tolist())

    @property
    def histories(self) -> Ints:
        """Histories that are in the table: those of no absent term."""
        all_of_them = np.arange(1, len(self.counts))
        return all_of_them[[not any(h & term == term for term in self.absent) for h in all_of_them.tolist()]]

    def model(self, terms: Sequence[int]) -> LogLinear:
        """Return the log-linear model with some dependences."""
        columns = [0, *self.bits, *terms]
        design = (self.histories[:, None] & columns) == columns
        precision = np.zeros(len(columns))
        if not self.flat:
            precision[1 + len(self.bits) :] = 1.0
        return LogLinear(design.astype(np.float64), self.counts[self.histories], precision)

    def ratios(self, terms: Sequence[int], of: Sequence[int]) -> dict[int, float]:
        """Return how far from zero the effects of some terms of a model are, in posterior standard deviations."""
        if not of:
            return {}
        rng = stream(_DECISION_SEED, "threshold", *of)
        drawn = drawn_effects(self.model(terms), _CHAINS, _DRAWS, _WARMUP, rng)[..., 1 + len(self.bits) :]
        ratios = np.abs(drawn.mean(axis=(0, 1)) / drawn.std(axis=(0, 1)))
        return {term: float(ratio) for term, ratio in zip(terms, ratios, strict=True) if term in of}


def _with_absent(stratum: Stratum, terms: Sequence[int]) -> tuple[Stratum, list[int]]:
    """Take out of a stratum, under flat priors, the terms that nobody has."""
    if not stratum.flat:
        return stratum, list(terms)
    empty = tuple(term for term in terms if not _around(stratum.counts, term))
    return replace(stratum, absent=(*stratum.absent, *empty)), [term for term in terms if term not in empty]


def _decided(counts: Floats, options: Mapping[str, str]) -> tuple[Stratum, list[int], dict[int, float]]:
    """Return the stratum, the dependences that are kept, and the ratio of each that was looked at."""
    threshold = float(options["threshold"])
    n_lists = len(counts).bit_length() - 1
    stratum, pairs = _with_absent(Stratum(counts, options["prior"] == FLAT, ()), _pairs(n_lists))
    ratios = stratum.ratios(pairs, pairs)
    kept = [pair for pair in pairs if ratios[pair] >= threshold]
    if options["terms"] == TWO_LISTS:
        return stratum, kept, ratios
    triples = [a | b | c for a, b, c in combinations(stratum.bits, 3) if {a | b, a | c, b | c} <= set(kept)]
    larger, triples = _with_absent(stratum, triples)
    # three lists that leave no estimate are not looked at
    whole = (0, *stratum.bits, *kept, *larger.absent, *triples)
    if not triples or (stratum.flat and not estimate_exists(_closed(whole), counts)):
        return stratum, kept, ratios
    of_triples = larger.ratios([*kept, *triples], triples)
    return larger, [*kept, *(term for term in triples if of_triples[term] >= threshold)], {**ratios, **of_triples}


def _closed(terms: Sequence[int]) -> Model:
    """Return terms with all that they contain."""
    return tuple(sorted({part for term in terms for part in range(term + 1) if part & term == part}))


def _drawn(asked: Asked) -> Drawn:
    """Draw the people of every stratum."""
    counts, settings, options, shape = asked.counts, asked.settings, asked.options, asked.shape
    expected, strata = np.empty((*shape, len(counts))), []
    observed, simulated = np.zeros(shape), np.zeros(shape)
    for place, row in enumerate(counts.astype(np.float64)):
        row[0] = 0
        stratum, kept, ratios = _decided(row, options)
        rng = stream(settings.seed, "threshold", place)
        model = stratum.model(kept)
        effects = drawn_effects(model, *shape, max(settings.warmup, _WARMUP), rng)
        expected[..., place] = np.exp(effects[..., 0])
        mean = np.exp(effects @ model.design.T)
        observed += ((np.sqrt(model.counts) - np.sqrt(mean)) ** 2).sum(axis=-1)
        simulated += ((np.sqrt(rng.poisson(mean)) - np.sqrt(mean)) ** 2).sum(axis=-1)
        strata.append(
            _told(stratum, kept, ratios, float(options["threshold"]), asked.stratum_name(place), asked.table.lists)
        )
        asked.stratum_done(place)
    registered = np.broadcast_to(counts.sum(axis=1), expected.shape)
    unseen = stream(settings.seed, "threshold", len(counts)).poisson(expected)
    return Drawn(PopulationDraws(registered, unseen, expected), Details(tuple(strata), simulated >= observed))


def _told(
    stratum: Stratum,
    kept: Sequence[int],
    ratios: Mapping[int, float],
    threshold: float,
    name: str,
    lists: Sequence[str],
) -> Kept:
    """Return what is said of a stratum, with the total had the most doubtful dependence fallen otherwise."""
    labels = history_labels(lists)
    near = {term: abs(ratio - threshold) for term, ratio in ratios.items()}
    doubtful = min(near, key=lambda term: near[term], default=0)
    if not doubtful or near[doubtful] > CLOSE or any(doubtful & term == doubtful != term for term in kept):
        doubtful = 0
    said = Kept(
        name,
        {labels[term]: ratio for term, ratio in ratios.items()},
        tuple(labels[term] for term in kept),
        tuple(labels[term] for term in stratum.absent),
    )
    if not doubtful:
        return said
    other = sorted(set(kept) ^ {doubtful})
    drawn = drawn_effects(stratum.model(other), _CHAINS, 200, _WARMUP, stream(_DECISION_SEED, "threshold", doubtful))
    total = float(stratum.counts.sum() + np.median(np.exp(drawn[..., 0])))
    return replace(said, doubtful=labels[doubtful], otherwise=total)
