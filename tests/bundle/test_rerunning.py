"""A run done again: the same draws here, the same numbers within Monte Carlo error elsewhere, and forgery found."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from estimator import estimate, read_study
from estimator.bundle import rerunning
from estimator.bundle.rerunning import Number, compared, limit_for, rerun, settings_asked_for
from estimator.errors import InputError
from estimator.methods.door import SamplerSettings
from estimator.methods.summary import LEVELS, summarise
from estimator.runs.provenance import sha256_of
from estimator.runs.reading import read_run
from estimator.runs.writing import save_run
from tests.runs.saved_run_examples import rewrite_manifest


def forged(run, **totals) -> None:
    """An estimate.json with other numbers, and a manifest that vouches for it."""
    path = run / "estimate.json"
    record = json.loads(path.read_text())
    for key, value in totals.items():
        record["groups"]["total"]["N"][key] = value
    path.write_text(json.dumps(record))
    rewrite_manifest(run, lambda manifest: manifest["outputs"].update({"estimate.json": sha256_of(path)}))


def test_the_same_machine_gives_the_same_draws(run):
    done = rerun(read_run(run))
    assert (done.outcome, done.expected, done.reproduced, done.elsewhere) == ("identical", "identical", True, ())
    assert {(number.quantity, number.which) for number in done.numbers} == {
        (quantity, which) for quantity in ("N", "registered") for which in ("median", "lower", "upper")
    }
    assert done.furthest == 0 and not done.different


def test_a_number_that_somebody_wrote_into_estimate_json_is_found(run):
    was = read_run(run).record.groups["total"].N
    forged(run, median=round(was.median * 1.2, 1))
    done = rerun(read_run(run))
    assert done.outcome == "different" and not done.reproduced
    assert [(number.group, number.which) for number in done.different] == [("total", "median")]
    assert done.different[0].now == was.median


def test_even_a_small_forgery_is_no_reproduction_where_draws_should_be_the_same(run):
    was = read_run(run).record.groups["total"].N
    forged(run, median=was.median + 0.5)
    done = rerun(read_run(run))
    assert done.outcome == "within-error" and not done.reproduced


def as_before(run, change=lambda group, quantity, level, limits: limits) -> None:
    """Let a run have intervals of all levels, as earlier versions wrote them."""
    path, draws = run / "estimate.json", read_run(run).draws.headline
    record = json.loads(path.read_text())
    for name, group in record["groups"].items():
        for quantity, values, digits in (
            ("N", draws[name].size, 1),
            ("dark_figure", draws[name].unseen, 1),
            ("coverage", draws[name].coverage, 5),
        ):
            intervals = summarise(values).to_dict(digits)["intervals"]
            group[quantity]["intervals"] = {
                level: change(name, quantity, level, limits) for level, limits in intervals.items()
            }
    path.write_text(json.dumps(record))
    rewrite_manifest(run, lambda manifest: manifest["outputs"].update({"estimate.json": sha256_of(path)}))


def test_a_run_with_levels_that_are_given_no_more_is_the_same_run(run):
    """Earlier versions gave intervals of 50 and 80 % whatever was known of them."""
    assert read_run(run).levels() == (0.95,)
    as_before(run)
    assert read_run(run).levels() == LEVELS
    assert rerun(read_run(run)).outcome == "identical"


@pytest.mark.parametrize("quantity", ["N", "dark_figure", "coverage"])
def test_a_forged_limit_of_a_level_that_both_give_is_found(run, quantity):
    def other(_, of, level, limits):
        return [limits[0], limits[1] + 0.001] if (of, level) == (quantity, "0.95") else limits

    as_before(run, other)
    assert rerun(read_run(run)).outcome == "within-error"


def test_elsewhere_is_said_and_asks_for_less(run):
    def other(manifest):
        manifest["versions"] |= {"numpy": "1.0", "gone": "2.0"}
        manifest["machine"]["processor"] = "another"

    rewrite_manifest(run, other)
    done = rerun(read_run(run))
    assert done.elsewhere == ("machine", "numpy", "gone")
    assert (done.expected, done.outcome, done.reproduced) == ("within-error", "identical", True)


@pytest.mark.parametrize("seed", range(2, 12))
def test_other_draws_of_the_same_posterior_are_the_same_within_error(run, seed):
    again = estimate(read_study(run.parent / "region"), sampler=SamplerSettings(seed=seed))
    done = compared(read_run(run), again)
    assert done.outcome == "within-error" and not done.different
    assert 0 < done.furthest < done.limit


def test_another_posterior_is_told_from_the_same(run):
    table = run.parent / "region" / "table.csv"
    table.write_text(table.read_text().replace("0,0,1,95", "0,0,1,115"))
    done = compared(read_run(run), estimate(read_study(table.parent), sampler=SamplerSettings(seed=2)))
    assert done.outcome == "different"
    assert {number.quantity for number in done.different} == {"N", "registered"}


def test_a_study_that_is_no_longer_the_one_of_the_run_is_refused(run):
    table = run.parent / "region" / "table.csv"
    table.write_text(table.read_text().replace("95", "96"))
    with pytest.raises(InputError, match="not the file with which the run was made"):
        rerun(read_run(run))


def test_two_sets_of_priors_and_years_are_compared(years, tmp_path):
    run = read_run(save_run(years, tmp_path / "run"))
    done = compared(run, years)
    assert done.outcome == "identical"
    assert {number.year for number in done.numbers} == {"", "2020", "2021"}
    assert len(done.numbers) == 6 * len(run.record.groups) * 3
    fewer = replace(years, beside=(years,))
    assert compared(run, fewer).outcome == "within-error", "other priors beside it are no identical run"


def test_the_errors_are_those_of_theory():
    """Independent draws: the standard error of a quantile is sqrt(p (1 - p) / n) / density."""
    samples = np.random.default_rng(1).normal(size=(150, 4, 1000)) * 100 + 1000
    expected = [100 * np.sqrt(p * (1 - p) / 4000) / stats.norm.pdf(stats.norm.ppf(p)) for p in (0.5, 0.025, 0.975)]
    found = np.mean([rerunning._errors(draws) for draws in samples], axis=0)
    np.testing.assert_allclose(found, expected, rtol=0.1)
    assert rerunning._errors(np.full((4, 100), 7.0)) == (0, 0, 0)


def test_pairs_of_samples_of_one_posterior_are_not_called_different():
    """200 pairs, three numbers each, whose errors are estimated from the draws as those of a run are."""
    rng, limit, different = np.random.default_rng(3), limit_for(3), 0
    for _ in range(200):
        was, now = rng.lognormal(8, 0.4, size=(2, 4, 500))
        errors = np.hypot(rerunning._errors(was), rerunning._errors(now))
        apart = np.abs(np.quantile(was, [0.5, 0.025, 0.975]) - np.quantile(now, [0.5, 0.025, 0.975]))
        different += bool((apart > 1 + limit * errors).any())
    assert different <= 2  # 0.2 are expected; 3 or more would happen once in a thousand times


def test_two_samples_are_called_different_as_rarely_as_stated():
    """10,000 pairs of numbers a fit apart: with one number the limit is exceeded at the stated rate."""
    z = np.abs(np.random.default_rng(2).normal(size=1_000_000))
    assert (z > limit_for(1)).mean() == pytest.approx(rerunning.ERROR_RATE, rel=0.15)
    assert (z.reshape(-1, 100).max(axis=1) > limit_for(100)).mean() == pytest.approx(rerunning.ERROR_RATE, rel=0.6)


def test_one_person_is_no_difference_and_no_number_is():
    whole = Number("p", "", "total", "registered", "median", 7.0, 8.0, 0.0)
    assert not whole.differs(3.0)
    assert replace(whole, now=8.1).differs(3.0)
    assert replace(whole, now=float("nan")).differs(3.0)
    assert replace(whole, error=float("nan")).differs(3.0)


@pytest.mark.parametrize(("attempt", "factor"), [(1, 1), (2, 2), (3, 4)])
def test_the_settings_of_the_first_attempt_follow_from_those_of_the_last(run, attempt, factor):
    from estimator.methods.loglinear.posterior import attempts

    asked = SamplerSettings(draws=1500, warmup=1100, chains=3, seed=1)
    used = list(attempts(asked))[attempt - 1]

    def sampled(manifest):
        kept = {"draws": used.draws, "warmup": used.warmup, "chains": used.chains, "target_accept": used.target_accept}
        manifest["sampler"] |= kept | {"attempt": attempt}

    rewrite_manifest(run, sampled)
    assert used.draws == factor * asked.draws
    assert settings_asked_for(read_run(run)) == asked


@pytest.mark.parametrize(
    ("command", "sampler"),
    [
        (["darkfigure", "estimate", "x", "--sampler", "pymc"], "pymc"),
        (["darkfigure", "estimate", "x", "--sampler=pymc"], "pymc"),
        (["darkfigure", "estimate", "sampler"], "nutpie"),
        ([], "nutpie"),
    ],
)
def test_the_sampler_is_the_one_of_the_command(run, command, sampler):
    rewrite_manifest(run, lambda manifest: manifest.update(command=command))
    assert settings_asked_for(read_run(run)).sampler == sampler
