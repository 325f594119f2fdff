"""Several imputed tables: draws of each weigh the same, whatever the method, and each is judged by itself."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from scipy.stats import poisson

from estimator import estimate, scrutinise
from estimator.comparison.comparison import compare_runs
from estimator.errors import NotEstimableError
from estimator.methods.door import PopulationDraws, SamplerSettings
from estimator.methods.registry import METHODS
from estimator.methods.several_tables import evenly_spaced
from estimator.population.fitness import Fitness
from estimator.population.groups import GroupDraws
from estimator.population.imputation import fitness_over_tables, spread_of
from estimator.reasons import Reason
from estimator.report.terminal.estimate import estimate_text
from estimator.runs.reading import read_run
from estimator.runs.recording import record_of
from estimator.runs.restoring import estimate_of_run
from estimator.study.questions import Label
from estimator.study.study import read_study
from estimator.words.words import words_in
from tests.methods.known_posterior import HOME, NAME, TIMES

SETTINGS = SamplerSettings(draws=4000, warmup=0, chains=2)
STUDY = 'title = "t"\nsource = "s"\ntable_kind = "synthetic"\ntables = ["imputed-*.csv"]\n[lists.A]\n[lists.B]\n'


def make(folder, *counts, study=STUDY):
    """Write a study with a table for each (A alone, B alone, both)."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(study)
    for number, (a, b, both) in enumerate(counts, 1):
        (folder / f"imputed-{number}.csv").write_text(f"A,B,count\n1,0,{a}\n0,1,{b}\n1,1,{both}\n")
    return folder


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setitem(METHODS, NAME, HOME)
    return NAME


def single(folder, number):
    """Return the same study with one of its tables alone."""
    text = (folder / "study.toml").read_text().replace('tables = ["imputed-*.csv"]', f'table = "imputed-{number}.csv"')
    (folder / f"alone-{number}.toml").write_text(text)
    return folder / f"alone-{number}.toml"


def test_identical_tables_say_what_one_says(tmp_path):
    folder = make(tmp_path / "s", *[(60, 50, 30)] * 3)
    for method in ("lower-bound", "decomposable"):
        pooled = estimate(folder, method=method, sampler=SETTINGS)
        alone = estimate(single(folder, 1), method=method, sampler=SETTINGS)
        assert pooled.spread.between < 1e-12
        assert pooled.spread.fraction_missing < 1e-9
        np.testing.assert_array_equal(pooled.population.unseen, np.concatenate([alone.population.unseen] * 3))
        for limit in ("median", "lower", "upper"):  # quantiles of 3 times the same draws interpolate otherwise
            assert getattr(pooled.total.N, limit) == pytest.approx(getattr(alone.total.N, limit), abs=1)
        assert [one.matter for one in pooled.fitness.unsound] == [one.matter for one in alone.fitness.unsound]


def test_quantiles_are_those_of_the_mixture(known, tmp_path):
    folder = make(tmp_path / "s", (60, 50, 30), (50, 55, 10), (40, 45, 60))
    found = estimate(folder, method=known, sampler=SamplerSettings(draws=20_000, warmup=0, chains=2))
    means = np.array([30, 10, 60]) * TIMES
    people = np.arange(2000)
    below = poisson.cdf(people[:, None], means).mean(axis=1)
    draws = found.group_draws["total"].unseen
    # of 120,000 independent draws, 40,000 from each: the standard error of a share is below 0.0015
    for level in (0.025, 0.1, 0.25, 0.4, 0.6, 0.9, 0.975):
        at = int(people[below >= level][0])
        assert (draws <= at).mean() == pytest.approx(below[at], abs=0.006)
    assert set(np.unique(found.group_draws["total"].registered)) == {115, 140, 145}


def test_a_table_that_needed_more_draws_weighs_no_more(known, tmp_path):
    folder = make(tmp_path / "s", (60, 50, 30), (7, 55, 10))
    found = estimate(folder, method=known, sampler=SETTINGS)
    assert found.population.unseen.shape == (4, 4000, 1)
    assert (found.population.registered == 72).mean() == 0.5
    assert found.posterior.settings.draws == 4000


def test_of_more_draws_evenly_spaced_ones_are_kept_of_every_chain():
    number = np.arange(20).reshape(2, 10, 1)
    kept = evenly_spaced(PopulationDraws(number, number + 100, number + 0.5), 4)
    assert kept.registered[..., 0].tolist() == [[0, 2, 5, 7], [10, 12, 15, 17]]
    assert kept.unseen[..., 0].tolist() == [[100, 102, 105, 107], [110, 112, 115, 117]]
    assert kept.implied_unseen[0, -1, 0] == 7.5


def test_each_table_has_the_draws_of_its_own_estimate(tmp_path):
    folder = make(tmp_path / "s", (60, 50, 30), (50, 55, 10))
    pooled = estimate(folder, method="lower-bound", sampler=SETTINGS)
    for number in (1, 2):
        alone = estimate(single(folder, number), method="lower-bound", sampler=SETTINGS)
        chains = slice(2 * (number - 1), 2 * number)
        np.testing.assert_array_equal(pooled.population.unseen[chains], alone.population.unseen)
        assert pooled.of_tables[number - 1].total == alone.total


def test_chains_are_judged_within_tables(known, tmp_path):
    apart = estimate(make(tmp_path / "a", (60, 50, 30), (60, 50, 90)), method=known, sampler=SETTINGS)
    assert apart.convergence.passed
    assert apart.convergence.chains == 4
    stuck = estimate(make(tmp_path / "b", (60, 50, 30), (9, 50, 90), (9, 50, 91)), method=known, sampler=SETTINGS)
    (reason,) = stuck.convergence.reasons
    assert (reason.code, reason["tables"], reason["of"], reason["table"]) == ("of-tables", 2, 3, "imputed-2.csv")
    assert reason["why"].code == "chains-stuck"
    assert reason in stuck.fitness.unsound or any(one["why"] == reason["why"] for one in stuck.fitness.unsound)


def test_the_spread_is_rubins():
    """Variances of log N by hand: W is the mean within, B between the means, T = W + (1 + 1/m) B."""
    rng = np.random.default_rng(3)
    logs = rng.normal([[7.0], [7.2], [7.5], [7.1]], 0.1, (4, 5000))
    size = np.exp(logs).reshape(8, 2500)
    found = spread_of(GroupDraws(Label("x"), np.zeros((8, 2500)), size), 4)
    within, between = np.mean([one.var(ddof=1) for one in logs]), np.var([one.mean() for one in logs], ddof=1)
    assert found.within == pytest.approx(within)
    assert found.between == pytest.approx(between)
    assert found.fraction_missing == pytest.approx(1.25 * between / (within + 1.25 * between))
    widths = [np.diff(np.quantile(one, [0.025, 0.975]))[0] for one in np.exp(logs)]
    assert found.widening == pytest.approx(np.diff(np.quantile(size, [0.025, 0.975]))[0] / np.mean(widths))
    mixed = np.log(size).var()
    assert found.too_narrow == pytest.approx(np.sqrt(found.total / mixed), rel=0.001)


def test_few_tables_that_differ_are_said_to_be_few(known, tmp_path):
    found = estimate(make(tmp_path / "s", (60, 50, 30), (60, 50, 90)), method=known, sampler=SETTINGS)
    (few,) = [caution for caution in found.fitness.cautions if caution.code == "few-tables"]
    # nearly all of the variance is between the two: B (1 + 1/2) over B (1 - 1/2)
    assert few["factor"] == pytest.approx(np.sqrt(3), rel=0.02)


def test_a_table_that_cannot_be_estimated_is_named(tmp_path):
    folder = make(tmp_path / "s", (60, 50, 30), (60, 50, 0))
    with pytest.raises(NotEstimableError) as caught:
        estimate(folder, method="lower-bound", sampler=SETTINGS)
    assert {(reason.code, reason["table"]) for reason in caught.value.reasons} == {("of-table", "imputed-2.csv")}


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_run_keeps_which_draws_are_of_which_table(known, tmp_path, language):
    folder = make(tmp_path / "s", (60, 50, 30), (50, 55, 10), (40, 45, 60))
    found = estimate(folder, method=known, sampler=SETTINGS)
    run = read_run(found.save(tmp_path / "run"))
    with xr.open_dataset(run.folder / "posterior.nc", group="population", engine="h5netcdf") as kept:
        assert kept["table"].to_numpy().tolist() == [f"imputed-{number}.csv" for number in (1, 1, 2, 2, 3, 3)]
    record = run.record.imputations
    assert [one.name for one in record.tables] == ["imputed-1.csv", "imputed-2.csv", "imputed-3.csv"]
    assert [one.registered.median for one in record.tables] == [140, 115, 145]
    assert record.widening > 1
    text = estimate_text(run.record, words_in(language))
    assert ("3 imputed tables weigh the same" if language == "en" else "tellen 3 geïmputeerde tabellen") in text
    assert "imputed-3.csv: 145" in estimate_text(run.record, words_in(language), full=True)
    assert run.table_hash != run.manifest.inputs["table"].sha256
    again = estimate_of_run(run)
    for one, other in zip(again.of_tables, found.of_tables, strict=True):
        np.testing.assert_array_equal(one.population.unseen, other.population.unseen)
    assert compare_runs(run, run).changed == ()


def test_checks_look_at_each_table_or_say_that_they_cannot(tmp_path):
    folder = make(tmp_path / "s", (60, 50, 30), (50, 55, 10))
    run = read_run(estimate(folder, method="decomposable", sampler=SETTINGS).save(tmp_path / "run"))
    found = {finding.check: finding for finding in scrutinise(run).findings}
    convergence = found["convergence"]
    assert convergence.headline.code == "worst-of-tables"
    assert (convergence.headline["tables"], convergence.headline["of"]) == (2, 2)
    assert convergence.headline["finding"].code == "chains-agree"
    refused = found["leave-list-out"]
    assert not refused.done
    assert refused.headline["why"].code == "check-takes-one-table"


@pytest.mark.slow
def test_the_log_linear_method_fits_several_tables_in_one_process(tmp_path):
    folder = make(tmp_path / "s", (60, 50, 30), (50, 55, 20))
    settings = SamplerSettings(draws=1500, warmup=1000, chains=2, cores=1)
    found = estimate(folder, priors="moderate", beside=["wide"], sampler=settings)
    alone = estimate(single(folder, 2), priors="moderate", beside=(), sampler=settings)
    np.testing.assert_array_equal(found.population.unseen[2:], alone.population.unseen)
    run = read_run(found.save(tmp_path / "run"))
    again = estimate_of_run(run).of_tables[1].posterior.details
    np.testing.assert_allclose(again.log_unseen, alone.posterior.details.log_unseen)
    done = {finding.check: finding.done for finding in scrutinise(run, quick=True).findings}
    assert done["power-scaling"]
    assert record_of(found).beside["wide"].groups["total"].N.median > 0


def test_tables_are_in_the_order_of_their_numbers(tmp_path):
    folder = make(tmp_path / "s", *[(60 + number, 50, 30) for number in range(11)])
    found = read_study(folder)
    assert [found.table_name(number) for number in (1, 2, 11)] == ["imputed-1.csv", "imputed-2.csv", "imputed-11.csv"]


def test_a_reason_of_some_tables_names_the_first_and_one_of_all_stands_alone():
    poor, disagree = Reason("model-describes-table-poorly", p=0.02), Reason("chains-disagree", quantity="the total")
    judged = [Fitness((), (), (poor,)), Fitness((disagree,), (), (poor,))]
    known = SimpleNamespace(unseen=np.full(100, 50.0), size=np.full(100, 150.0))
    both = fitness_over_tables(judged, ["table-1.csv", "table-2.csv"], known, SimpleNamespace(too_narrow=1.0))
    assert both.unsound == (Reason("of-tables", tables=1, of=2, table="table-2.csv", why=disagree),)
    assert both.cautions == (poor,)
