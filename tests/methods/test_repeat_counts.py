"""Repeat counts of one register: by hand, by an independent maximisation, on simulated people, and as published."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from estimator import estimate
from estimator.capture.declaration import TIMES_SEEN, Covariate, Declaration, declaration_findings
from estimator.errors import InputError, NotEstimableError
from estimator.methods.door import SamplerSettings
from estimator.methods.registry import METHODS, chosen_options, method_named, refusals
from estimator.methods.repeat_counts.method import design_of
from estimator.methods.repeat_counts.models import CHAO, NEGATIVE_BINOMIAL, POISSON, ZELTERMAN, Repeats, fit
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.study.questions import ModelSettings
from estimator.study.study import Study, read_study
from tests.capture.capture_examples import read

QUICK = SamplerSettings(draws=500, warmup=0, chains=2)
COUNTS = np.array([[1645, 183, 37, 13, 1, 1]])
ONES = np.ones((1, 1))
DUTCH = "nl-undocumented-1995"


def alone(counts: np.ndarray = COUNTS) -> Repeats:
    return Repeats(counts, ONES)


def dutch_repeats(terms: list[tuple[str, ...]]) -> Repeats:
    table = read_study(DUTCH).table
    seen = table.registered_by_stratum.lower.reshape([len(one.levels) for one in table.covariates])
    return Repeats(seen.reshape(-1, 7)[:, 1:], design_of(list(table.covariates[:-1]), terms))


def test_a_poisson_mean_is_that_of_the_people_seen():
    # the mean of a truncated Poisson count is l / (1 - exp(-l)), solved for l: R. L. Plackett (1953)
    people, times = COUNTS.sum(), (COUNTS * np.arange(1, 7)).sum()
    mean = optimize.brentq(lambda at: at / -np.expm1(-at) - times / people, 1e-6, 10, xtol=1e-14)
    found = fit(alone(), POISSON)
    assert np.exp(found.estimate[0]) == pytest.approx(mean, rel=1e-7)
    assert found.size == pytest.approx(people / -np.expm1(-mean), rel=1e-7)


def test_zelterman_and_chao_are_their_closed_forms():
    once, twice, people = 1645, 183, COUNTS.sum()
    assert fit(alone(), ZELTERMAN).size == pytest.approx(people / -np.expm1(-2 * twice / once), rel=1e-7)
    assert fit(alone(), CHAO).size == pytest.approx(people + once**2 / (2 * twice), rel=1e-7)


@pytest.mark.parametrize("terms", [[("gender",)], [("gender",), ("age",), ("nation",)]])
def test_truncated_poisson_regression_by_another_road(terms):
    """Person by person, with the probabilities of scipy, by a search without derivatives from another start."""
    repeats = dutch_repeats(terms)
    rows = [(g, k + 1, n) for g, row in enumerate(repeats.counts) for k, n in enumerate(row) if n]
    which, times, number = (np.array(column) for column in zip(*rows, strict=True))

    def minus(at):
        mean = np.exp(repeats.design @ at)[which]
        return -(number * (stats.poisson.logpmf(times, mean) - stats.poisson.logsf(0, mean))).sum()

    start = np.full(repeats.design.shape[1], -0.5)
    other = optimize.minimize(minus, start, method="Powell", options={"xtol": 1e-9, "ftol": 1e-13, "maxiter": 50_000})
    found = fit(repeats, POISSON)
    np.testing.assert_allclose(found.estimate, other.x, atol=2e-3)
    assert minus(found.estimate) <= other.fun + 1e-6


def test_a_negative_binomial_by_another_road():
    rng = np.random.default_rng(3)
    people = rng.poisson(rng.gamma(1 / 0.8, 0.8 * 1.2, size=5000))
    counts = np.bincount(people, minlength=2)[None, 1:]
    found = fit(alone(counts), NEGATIVE_BINOMIAL)
    times = np.arange(1, counts.shape[1] + 1)

    def minus(at):
        size, mean = np.exp(at)
        chance = size / (size + mean)
        density = stats.nbinom.logpmf(times, size, chance) - np.log1p(-stats.nbinom.pmf(0, size, chance))
        return -(counts[0] * density).sum()

    other = optimize.minimize(minus, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11})
    size, mean = np.exp(other.x)
    assert np.exp(found.estimate) == pytest.approx([mean, 1 / size], rel=1e-4)
    # 5,000 people of whom 1 / (1 + 0.8 * 1.2)**(1 / 0.8) are never seen: within three standard errors
    assert abs(found.size - 5000) < 3 * np.sqrt(found.variance)


PUBLISHED = [
    # README and tests of the R package singleRcapture, data set netherlandsimmigrant; 95 %, normal
    (POISSON, [("gender",), ("age",), ("nation",)], (12_690.35, 7_186.449, 18_194.25)),
    (POISSON, [], (7_080, 6_363, 7_797)),
    (ZELTERMAN, [("gender",), ("age",)], (10_213, 8_416, 12_009)),
    (ZELTERMAN, [], (9_425, 8_084, 10_765)),
]


@pytest.mark.parametrize(("model", "terms", "published"), PUBLISHED)
def test_published_numbers_to_the_digit_printed(model, terms, published):
    found = fit(dutch_repeats(terms), model)
    reach = 1.959964 * np.sqrt(found.variance)
    assert np.abs(np.subtract((found.size, found.size - reach, found.size + reach), published)).max() <= 0.5


def test_published_standard_error_and_coefficients():
    found = fit(dutch_repeats([("gender",), ("age",), ("nation",)]), POISSON)
    assert np.sqrt(found.variance) == pytest.approx(2808.165, abs=0.05)
    # singleRcapture: men 0.3972 (0.1630), 40 and over -0.9746 (0.4082), Surinam -2.3364 (1.0136)
    errors = np.sqrt(np.diag(found.covariance))
    for place, value, error in ((1, 0.3972, 0.1630), (2, -0.9746, 0.4082), (6, -2.3364, 1.0136)):
        assert found.estimate[place] == pytest.approx(value, abs=1e-4)
        assert errors[place] == pytest.approx(error, abs=1e-4)


def test_without_a_maximum_there_is_no_estimate():
    # one person seen twice more than the Poisson has it, and no end to the dispersion (Dutch counts)
    assert fit(alone(), NEGATIVE_BINOMIAL) is None
    # nobody of the second stratum was seen twice: any number of them
    stranded = Repeats(np.array([[50, 20, 5], [30, 0, 0]]), np.array([[1.0, 0.0], [1.0, 1.0]]))
    assert fit(stranded, POISSON) is None
    assert fit(stranded, ZELTERMAN) is None


def table_text(counts: dict[str, list[int]]) -> str:
    rows = [f"{sex},{k},{n}" for sex, column in counts.items() for k, n in enumerate(column, 1) if n]
    return "\n".join(["sex,times_seen,count", *rows]) + "\n"


def declaration(most: int, lists: tuple[str, ...] = ("seen", "again")) -> Declaration:
    levels = tuple(str(number) for number in range(most + 1))
    return Declaration(lists, (Covariate("sex", ("f", "m")), Covariate(TIMES_SEEN, levels, ordered=True)))


def a_study(counts: dict[str, list[int]]) -> Study:
    most = max(map(len, counts.values()))
    model = ModelSettings.for_covariates(["sex", TIMES_SEEN], method="repeat-counts", heterogeneity=["sex"])
    return Study.of_table(read(table_text(counts), declaration(most)), model=model)


def test_intervals_hold_the_truth_where_the_model_does():
    """Of 100 intervals of each kind 95 are expected, and 88 or fewer are as rare as one in 200."""
    rng, held, own = np.random.default_rng(8), 0, 0
    for _ in range(100):
        seen = {sex: np.bincount(rng.poisson(mean, size=800), minlength=3)[1:] for sex, mean in (("f", 0.5), ("m", 1))}
        made = estimate(a_study({sex: column.tolist() for sex, column in seen.items()}), sampler=QUICK)
        held += made.total.N.lower <= 1600 <= made.total.N.upper
        ours = made.method.own_total(made.study, made.posterior, 0.95)
        own += ours["lower"] <= 1600 <= ours["upper"]
    assert held >= 89
    assert own >= 89


def test_only_people_seen_never_are_added():
    made = estimate(DUTCH, sampler=QUICK)
    table, unseen = made.study.table, made.population.unseen
    seen_some = np.array([not label.endswith("0") for label in table.stratum_labels])
    assert not unseen[..., seen_some].any()
    assert made.total.registered.median == 1880


def test_a_model_that_does_not_describe_the_counts_is_not_fit_to_publish():
    made = estimate(DUTCH, sampler=QUICK)
    assert "model-does-not-describe-table" in {reason.code for reason in made.fitness.unsound}
    bound = estimate(DUTCH, options={"model": CHAO}, sampler=QUICK)
    assert "bound-not-an-estimate" in {reason.code for reason in bound.fitness.unsound}
    assert bound.predictive_p is None


def test_a_run_gives_the_estimate_back(tmp_path):
    for model in (POISSON, ZELTERMAN):
        made = estimate(DUTCH, options={"model": model}, sampler=QUICK)
        again = estimate_of_run(read_run(made.save(tmp_path / model)))
        assert again.predictive_p == made.predictive_p
        assert again.fitness == made.fitness
        assert again.assumption == made.assumption
        own = [one.method.own_total(one.study, one.posterior, 0.95) for one in (made, again)]
        assert own[0] == own[1]


def refused(study: Study, name: str = "repeat-counts", **options: str) -> list[str]:
    method = method_named(name)
    return [reason.code for reason in refusals(method, study, chosen_options(method, options))]


def test_what_is_refused():
    counts = {"f": [50, 20, 5], "m": [30, 9, 2]}
    assert refused(a_study(counts)) == []
    assert refused(a_study({"f": [50, 0, 5], "m": [30, 0, 2]})) == ["repeats-need-people-seen-twice"]
    assert refused(a_study({"f": [50, 20, 5], "m": [30, 0, 0]})) == ["repeats-have-no-maximum"]
    assert refused(a_study({"f": [50, 20, 5], "m": [30, 0, 0]}), covariates="none") == []
    # and every other method refuses such a table, as this one refuses every other table
    for name in METHODS:
        if name != "repeat-counts":
            assert refused(a_study(counts), name) == ["method-takes-no-repeats"]
    assert refused(read_study("kosovo-1999")) == ["method-needs-repeats"]
    with pytest.raises(NotEstimableError):
        estimate("kosovo-1999", method="repeat-counts")


@pytest.mark.parametrize(
    ("text", "given", "says"),
    [
        ("sex,times_seen,count\nf,0,7\nf,1,5\nm,2,4\n", declaration(2), "Delete rows of people seen never"),
        ("sex,times_seen,count\nf,,7\nf,1,5\nm,2,4\n", declaration(2), "how often these people were seen"),
        ("sex,times_seen,count\nf,1,7\nf,4,5\nm,2,4\n", declaration(2), "no declared level"),
        ("sex,times_seen,count\nf,1,7\nm,2,4\n", declaration(1), "counts from 0"),
    ],
)
def test_a_table_that_is_wrong_is_said_where(text, given, says):
    with pytest.raises(InputError, match=says):
        read(text, given)


def test_other_lists_do_not_go_with_one_register():
    said = [message for _, message in declaration_findings(declaration(2, ("a", "b", "c")))]
    assert any("is of one register" in message for message in said)
