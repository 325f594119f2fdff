"""The numbers of every finding, as scrutiny.json has them: written by its check, read by its picture and by reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

Agreement = Literal["agrees", "moves", "contradicts", "held by the priors", "not estimable"]
Said = Mapping[str, object]
"""A reason as JSON has it."""
Intervals = Mapping[str, list[float]]
"""Limits, by the probability between them."""


class AnswerNumbers(TypedDict):
    """A number of people: median, 95 % interval, all intervals."""

    median: float
    lower: float
    upper: float
    intervals: Intervals


class MeasuredNumbers(TypedDict):
    """How well the chains agree about one quantity."""

    name: str | Said
    rhat: float | None
    ess_bulk: float | None
    ess_tail: float | None


class GrowthNumbers(TypedDict):
    """Effective draws of the quantity about which the chains agree least, after some draws of each chain."""

    draws: int
    ess_bulk: float
    ess_tail: float
    of: str | Said


class EnergyNumbers(TypedDict):
    """Densities of the energy, less its mean, and of its steps, in even bins from -reach to reach."""

    reach: float
    levels: list[float]
    steps: list[float]


class DivergentNumbers(TypedDict):
    """Draws that diverged, and some others, of the two values in which they differ most."""

    of: list[str]
    others: list[list[float]]
    diverged: list[list[float]]


class ChainsPicture(TypedDict):
    """What is drawn of the chains; no energy where the sampler did not keep it."""

    ranks_of: str | Said
    ranks: list[list[float]]
    effective_draws_wanted: float
    energy: EnergyNumbers | None
    divergent: DivergentNumbers | None


class ConvergenceNumbers(TypedDict):
    """Of the check `convergence`: R-hat, effective draws, divergences; chains are numbered from 1."""

    rhat_max: float | None
    ess_bulk_min: float | None
    ess_tail_min: float | None
    chains: int
    draws: int
    divergences: int
    divergences_differ_in: list[dict[str, str | float]]
    chains_apart: list[int]
    e_bfmi: list[float]
    reported: list[MeasuredNumbers]
    parameters: list[MeasuredNumbers]
    growth: list[GrowthNumbers]
    picture: ChainsPicture


class PredictedNumbers(TypedDict):
    """A number of people that was observed, and what the model predicts of it."""

    name: Said
    kind: str
    observed: float
    lower: float
    middle: float
    upper: float
    p: float


class PredictiveNumbers(TypedDict):
    """Of `predictive-checks`."""

    checks: list[PredictedNumbers]
    smallest_p: float
    expected_by_chance: float


class InfluenceNumbers(TypedDict):
    """What one observed number does to the total."""

    name: Said
    people: int
    elpd: float
    pareto_k: float | None
    median: float
    shift: float
    reliable: bool
    refitted: bool


class LeaveOneOutNumbers(TypedDict):
    """Of `leave-one-out`."""

    median: float
    spread_of_log: float
    elpd: float
    effective_parameters: float
    numbers_left_out: int
    refitted: int
    unreliable: int
    most_influential: list[InfluenceNumbers]


class AlternativeNumbers(TypedDict):
    """The total without a list, or with two lists as one; no number where nothing can be estimated."""

    lists: list[str]
    agreement: Agreement
    median: float | None
    lower: float | None
    upper: float | None
    intervals: Intervals | None
    why: list[Said]


class LeaveListOutNumbers(TypedDict):
    """Of `leave-list-out`."""

    full: AnswerNumbers
    alternatives: list[AlternativeNumbers]


class AssumptionNumbers(TypedDict):
    """What people are taken to be of whom something is unknown, and why nothing was estimated so, if nothing was."""

    kind: str
    covariate: str
    level: str
    group: str
    why: list[Said]


class UnknownGroupNumbers(TypedDict):
    """A group under every assumption; `lowest`, `highest` and the keys of `under` are places among the assumptions."""

    model: AnswerNumbers
    dropped: AnswerNumbers | None
    lowest: int
    highest: int
    under: dict[str, AnswerNumbers]
    stands: bool


class UnknownLevelsNumbers(TypedDict):
    """Of `unknown-levels`; `unknown` has the people of whom each covariate is unknown."""

    unknown: dict[str, dict[str, int | None]]
    assumptions: list[AssumptionNumbers]
    groups: dict[str, UnknownGroupNumbers]


DensityNumbers = TypedDict("DensityNumbers", {"from": float, "to": float, "before": list[float], "after": list[float]})
"""Densities of log N before and after the data, on an even grid of log N between two numbers of people."""


class BoundsPicture(DensityNumbers):
    """What is drawn of the data alone."""

    deviance_at_limits: float


class MoveNumbers(TypedDict):
    """How far the data moved what is believed of a group; persons at the quantiles."""

    spread_kept: float
    shrinkage: float
    shrinkage_of_standard_deviation: float
    overlap: float
    hellinger_distance: float
    median_moved_by_factor: float
    share_of_residual_dependence: float
    prior: list[float]
    posterior: list[float]
    quantiles: list[float]
    mostly_prior: bool
    picture: DensityNumbers


class PriorPosteriorNumbers(TypedDict):
    """Of `prior-posterior`."""

    threshold: float
    prior_draws: int
    groups: dict[str, MoveNumbers]


class SensitivityNumbers(TypedDict):
    """How far an answer moves with one part of the assumptions."""

    sensitivity: float
    noise: float
    factor_when_twice_as_strong: float
    pareto_k: float | None
    matters: bool


class LeaningNumbers(TypedDict):
    """What the answer for a group leans on."""

    diagnosis: str
    mostly_prior: bool
    parts: dict[str, SensitivityNumbers]


class PowerScalingNumbers(TypedDict):
    """Of `power-scaling`."""

    threshold: float
    alphas: list[float]
    groups: dict[str, LeaningNumbers]


class ProfileNumbers(TypedDict):
    """The likelihood over the dark figure; null stands for a limit that the data do not set."""

    likeliest_dark_figure: float | None
    dark_figure_interval: list[float | None]
    flat_above: bool
    flat_below: bool
    log_dark_figure: list[float]
    deviance: list[float]


class IdentificationNumbers(TypedDict):
    """Of `identification`."""

    registered: float
    own_model: ProfileNumbers
    every_pair_may_depend: ProfileNumbers | None
    prior: dict[str, float]
    posterior: dict[str, float]
    picture: BoundsPicture


class UnequalNumbers(TypedDict):
    """Of `unequal-chances`: the standard deviation of people's log odds, and the total as printed and were it so."""

    sigma: dict[str, float]
    own: dict[str, float]
    then: dict[str, float]
    registered: float
    limit: float


class TippingPointNumbers(TypedDict, total=False):
    """Where the total leaves the range on one path: at least, or at most, at some odds ratio."""

    path: str
    limit: float
    odds_ratio: float
    at_least: bool
    at_most: bool
    share_of_public_registers: float
    probability_in_the_run: float


class PathNumbers(TypedDict):
    """Median and 95 % interval of the total at every stop of a path, and where on it the run is."""

    in_the_run: list[float]
    odds_ratio: list[float]
    total: list[list[float]]
    sampled: list[bool]
    monotone: bool


class TippingPicture(TypedDict):
    """Which paths are drawn, and the shares of public registers in even bins of log odds ratios."""

    paths: list[str]
    odds_ratios: list[float]
    public_pairs: list[float]
    public_residuals: list[float]


class TippingNumbers(TypedDict):
    """Of `tipping-point`."""

    range: list[float]
    threshold: float
    tipping_points: list[TippingPointNumbers]
    paths: dict[str, PathNumbers]
    picture: TippingPicture


class HeldNumbers(TypedDict):
    """How many intervals hold the truth, with the 95 % confidence limits of their share."""

    inside: int
    of: int
    lower: float
    upper: float


class SimulatedNumbers(TypedDict):
    """One simulated table: the truth, and what was estimated."""

    truth: float
    median: float
    interval: list[float]


class ScoreNumbers(TypedDict):
    """How the intervals of a group fared in one kind of simulated tables."""

    truth_inside: dict[str, HeldNumbers]
    width_of_log: float
    bias_of_log_median: float
    error_of_log_median: float
    interval_score: float
    simulations: list[SimulatedNumbers]


class ScenarioNumbers(TypedDict):
    """One kind of simulated tables; those of `simulated-truth` are by kind."""

    failed: int
    groups: dict[str, ScoreNumbers]
