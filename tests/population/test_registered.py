"""People whose stratum or number is not exactly known: drawn given the parameters, against exact probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from estimator.capture.declaration import Declaration
from estimator.capture.table import UNBOUNDED
from estimator.methods.door import PopulationDraws, SamplerSettings
from estimator.methods.loglinear.nuts import Draws
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import expected_cells, posterior_of
from estimator.study.priors import read_priors
from tests.methods.model_examples import BY_YEAR, SEX, built, by_year, read

ALARM = 1e-4
N = 20_000


def people_at(text: str, declaration: Declaration, position=None) -> tuple[PopulationDraws, np.ndarray]:
    """Draws of people, all at one point of the parameters, and the expected cells there."""
    case = built(read(text, declaration), read_priors("moderate"))
    at = case.points(1, shrink=0.3, seed=4)[0] if position is None else position
    positions = np.broadcast_to(at, (2, N // 2, len(at)))
    posterior = posterior_of(case.design, case.settings, Draws(positions, {}, 0.0, SamplerSettings()))
    return population_draws(posterior, seed=12), next(expected_cells(posterior))[0]


def assert_follows(draws, distribution, counts) -> None:
    """Chi-square of whole numbers against their probabilities, rare ones taken together."""
    observed = np.array([(draws == count).sum() for count in counts], dtype=float)
    expected = N * distribution.pmf(counts)
    rare = expected < 5
    observed, expected = (np.append(x[~rare], N - x[~rare].sum()) for x in (observed, expected))
    assert stats.chisquare(observed[:-1] if expected[-1] < 5 else observed, None, sum_check=False).statistic >= 0
    keep = slice(None) if expected[-1] >= 5 else slice(-1)
    scale = observed[keep].sum() / expected[keep].sum()
    assert stats.chisquare(observed[keep], expected[keep] * scale).pvalue > ALARM


def test_people_of_unknown_sex_are_divided_by_the_expected_cells():
    people, cells = people_at("sex,A,B,count\nf,1,0,40\nm,1,0,20\n,1,0,30\nf,1,1,5\n", Declaration(("A", "B"), (SEX,)))
    women = people.registered[..., 0].ravel() - 45
    share = cells[0, 2] / cells[:, 2].sum()
    assert 0.05 < share < 0.95
    assert_follows(women, stats.binom(30, share), np.arange(31))
    np.testing.assert_array_equal(people.registered.sum(axis=-1), 95)


def test_a_number_within_bounds_for_several_strata_is_drawn_and_divided():
    text = "sex,A,B,count\nf,1,0,40\nm,1,0,20\n,0,1,12-30\nf,1,1,5\nm,1,1,2\n"
    people, cells = people_at(text, Declaration(("A", "B"), (SEX,)))
    on_b = people.registered.sum(axis=-1).ravel() - 67
    assert on_b.min() >= 12
    assert on_b.max() <= 30
    counts = np.arange(12, 31)
    mean = cells[:, 1].sum()
    given = stats.rv_discrete(values=(counts, stats.poisson.pmf(counts, mean) / stats.poisson.pmf(counts, mean).sum()))
    assert_follows(on_b, given, counts)
    women = people.registered[..., 0].ravel() - 45
    share = cells[0, 1] / mean
    # given how many they are, each is a woman with the same probability
    z = (women.sum() - share * on_b.sum()) / np.sqrt(share * (1 - share) * on_b.sum())
    assert 2 * stats.norm.sf(abs(z)) > ALARM


def test_the_dark_figure_is_poisson_around_its_expectation():
    people, cells = people_at("sex,A,B,count\nf,1,0,4\nm,1,0,2\nf,1,1,5\n", Declaration(("A", "B"), (SEX,)))
    for s in range(2):
        np.testing.assert_allclose(people.expected_unseen[..., s], cells[s, 0], rtol=1e-12)
        mean = cells[s, 0]
        counts = np.arange(int(mean + 8 * np.sqrt(mean) + 20))
        assert_follows(people.unseen[..., s].ravel(), stats.poisson(mean), counts)
    assert abs(np.corrcoef(people.unseen[..., 0].ravel(), people.unseen[..., 1].ravel())[0, 1]) < 4 / np.sqrt(N)


def test_people_of_a_list_that_did_not_run_are_unseen_and_those_nobody_counted_are_registered():
    """C did not run in 2013: people on C alone were on no list. B alone was not counted for women of 2016.

    What nobody counted leaves the registered number of that stratum open upwards.
    """
    people, cells = people_at(by_year(), BY_YEAR)
    table = read(by_year(), BY_YEAR)
    labels, histories = table.stratum_labels, table.history_labels
    by_name = dict(zip(labels, cells, strict=True))
    expected = {name: row[0] for name, row in by_name.items()}
    for sex in ("f", "m"):
        expected[f"{sex}, 2013"] += by_name[f"{sex}, 2013"][histories.index("C")]
    for s, name in enumerate(labels):
        assert people.expected_unseen[0, 0, s] == pytest.approx(expected[name])
    uncounted = by_name["f, 2016"][histories.index("B")]
    s = labels.index("f, 2016")
    bounds = table.registered_by_stratum
    assert bounds.upper[s] == UNBOUNDED
    beyond = people.registered[..., s].ravel() - bounds.lower[s]
    assert beyond.mean() == pytest.approx(uncounted + _blank_share(cells, labels, histories, s), rel=0.02)


def _blank_share(cells, labels, histories, s) -> float:
    """Expected people among those of unknown sex or year (rows 'f,,1,0,0,9' and ',,1,0,0,3') who are of stratum s."""
    on_a = cells[:, histories.index("A")].copy()
    # where C did not run, people on A and C were written down as on A alone
    for place, name in enumerate(labels):
        if name.endswith("2013"):
            on_a[place] += cells[place, histories.index("A&C")]
    women = np.array([name.startswith("f") for name in labels])
    return 9 * on_a[s] / on_a[women].sum() + 3 * on_a[s] / on_a.sum()
