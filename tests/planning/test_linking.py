"""Records linked otherwise: people behind entries against enumeration, entries of people against the model, a plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm, poisson

from estimator.calibration.at_scale import Running
from estimator.errors import InputError
from estimator.methods.loglinear.behind import _people, _rates, put_together
from estimator.methods.loglinear.recording import written_down
from estimator.methods.shape import counted, plain_shape
from estimator.methods.true_people import ErrorRates, ways_apart
from estimator.planning.gain import run_plan
from estimator.planning.linking import entries_of, fallen_apart, linked_otherwise, wrongly_joined
from estimator.planning.plan import read_plan
from estimator.planning.schema import LinkageSection
from estimator.report.terminal.plan import plan_text
from estimator.study.questions import FalsePositives, LinkageErrors, ModelSettings
from estimator.study.study import Study
from estimator.words.words import words_in
from tests.methods.model_examples import THREE_LISTS
from tests.methods.test_register_errors import EVERYTHING, built, entries_by_graph

LINKAGE = """\
title = "Better linkage"
[[linkage]]
name = "better"
missed = [0.009, 0.011]
"""


def missed_between(n_lists: int, share: float) -> np.ndarray:
    return share * (1 - np.eye(n_lists))


class TestWays:
    def test_entries_of_all_ways_are_those_of_all_graphs(self):
        missed = np.array([[0, 0.05, 0.2, 0.4], [0.05, 0, 0.1, 0.3], [0.2, 0.1, 0, 0.15], [0.4, 0.3, 0.15, 0]])
        ways = ways_apart(missed)
        found = np.zeros((16, 16))
        for history, parts, chance in zip(ways.history, ways.parts, ways.chance, strict=True):
            assert sum(parts) == history
            np.add.at(found, (parts[parts > 0], history), chance)
        np.testing.assert_allclose(found, entries_by_graph(4, missed), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(np.bincount(ways.history, ways.chance)[1:], 1.0, rtol=1e-12)

    def test_nobody_falls_apart_where_no_link_is_missed(self):
        ways = ways_apart(np.zeros((3, 3)))
        assert ways.history.tolist() == list(range(1, 8))
        assert ways.parts[:, 0].tolist() == list(range(1, 8))


class TestPutTogether:
    """What is drawn, a thousand times over, beside the probability of every way in which it may be."""

    @staticmethod
    def exact(entries: list[int], expected: np.ndarray, missed: np.ndarray) -> Counter[tuple[int, ...]]:
        """Return the probability of people by history, over all numbers of people in each way."""
        ways = ways_apart(missed)
        apart = ways.parts[:, 1] > 0
        probability: Counter[tuple[int, ...]] = Counter()
        kinds = list(zip(ways.history[apart], ways.parts[apart], ways.chance[apart], strict=True))
        whole = dict(zip(ways.history[~apart].tolist(), ways.chance[~apart].tolist(), strict=True))
        most = [min(entries[part] for part in parts[parts > 0]) for _, parts, _ in kinds]
        for numbers in product(*(range(top + 1) for top in most)):
            left, people, chance = [*entries], [*entries], 1.0
            for number, (history, parts, share) in zip(numbers, kinds, strict=True):
                chance *= poisson.pmf(number, expected[history] * share)
                people[history] += number
                for part in parts[parts > 0]:
                    left[part] -= number
                    people[part] -= number
            if min(left) >= 0:
                for history in range(1, len(entries)):
                    chance *= poisson.pmf(left[history], expected[history] * whole[history])
                probability[tuple(people)] += chance
        total = sum(probability.values())
        return Counter({people: chance / total for people, chance in probability.items()})

    @pytest.mark.parametrize(
        ("entries", "expected", "missed"),
        [
            ([0, 7, 5, 4], [9, 6.0, 5.0, 9.0], missed_between(2, 0.4)),
            ([0, 2, 2, 1, 1, 1, 0, 1], [9, 1.0, 1.2, 1.5, 0.8, 1.0, 0.7, 2.0], missed_between(3, 0.5)),
            ([0, 3, 2, 1, 2, 0, 1, 0], [9, 2.0, 1.2, 1.5, 1.8, 1.0, 1.7, 0.4], missed_between(3, 0.3)),
        ],
    )
    def test_people_are_drawn_with_their_probability(self, entries, expected, missed):
        times = 4000
        rng = np.random.default_rng(1)
        repeated = np.repeat([np.array(entries)], times, 0)
        found = put_together(repeated, np.repeat([np.array(expected)], times, 0), ways_apart(missed), rng)
        drawn = Counter(map(tuple, found.tolist()))
        exact = self.exact(entries, np.array(expected), missed)
        assert set(drawn) <= set(exact)
        for people, chance in exact.items():
            assert abs(drawn[people] - times * chance) < 4.5 * np.sqrt(times * chance * (1 - chance)) + 1, people

    def test_every_list_keeps_its_size(self):
        rng = np.random.default_rng(2)
        entries = rng.integers(0, 60, (5, 16))
        entries[:, 0] = 0
        found = put_together(entries, rng.uniform(1, 60, (5, 16)), ways_apart(missed_between(4, 0.2)), rng)
        member = np.array(list(np.ndindex(2, 2, 2, 2)))
        np.testing.assert_array_equal(found @ member, entries @ member)
        assert (found >= 0).all()
        assert found.sum() < entries.sum()


class TestEntries:
    """What registers make of people beside what the model expects that they make."""

    rates = ErrorRates((0.2, 0.03), (0.1, 0.2), (0.03, 0.02))

    @pytest.fixture
    def case(self):
        return built(THREE_LISTS, **EVERYTHING)

    def odds(self):
        links = zip(self.rates.missed, self.rates.wrong, strict=True)
        shares = [*self.rates.false, *(share for pair in links for share in pair)]
        return np.exp(logit(shares))

    def test_entries_are_on_average_what_the_model_expects(self, case):
        model = replace(ModelSettings.for_covariates([]), **EVERYTHING)
        people = np.array([[0, 500_000, 300_000, 70_000, 400_000, 90_000, 50_000, 30_000]])
        *_, expected = written_down(people.astype(float), self.odds(), *case.design.errors.arrays, 3)
        found = entries_of(people, plain_shape(3).table, model, self.rates, np.random.default_rng(3))
        assert (np.abs(found - expected)[0, 1:] < 4.5 * np.sqrt(2 * expected[0, 1:])).all()
        assert not np.allclose(expected[0, 1:], people[0, 1:], rtol=0.01)

    def test_rates_of_a_draw_stand_in_the_order_of_its_shares(self):
        model = replace(ModelSettings.for_covariates([]), **EVERYTHING)
        links = zip(self.rates.missed, self.rates.wrong, strict=True)
        assert _rates(model, [*self.rates.false, *(share for pair in links for share in pair)]) == self.rates

    def test_people_behind_entries_are_as_those_who_made_them(self, case):
        """People drawn, their entries made, and people drawn who may stand behind these: on average the same."""
        times = 3000
        rng = np.random.default_rng(4)
        expected = np.array([0, 50.0, 30.0, 12.0, 40.0, 15.0, 9.0, 8.0])
        people = rng.poisson(np.repeat([expected], times, 0))
        table = plain_shape(3).table
        model = replace(ModelSettings.for_covariates([]), **EVERYTHING)
        entries = np.concatenate([entries_of(one[None], table, model, self.rates, rng) for one in people])
        cells = np.repeat([expected], times, 0)
        errors = replace(case.design.errors, false_in=np.ones((2, times)), recorded=np.tile(np.arange(8), (times, 1)))
        found = _people(entries, cells, self.odds(), errors, rng)
        difference = (found - people)[:, 1:].mean(0)
        error = (found - people)[:, 1:].std(0, ddof=1) / np.sqrt(times)
        assert (np.abs(difference) < 4.5 * error).all(), difference / error
        assert (np.abs((entries - people).mean(0))[1:] > 0.05 * expected[1:]).any()

    def test_links_change_the_size_of_no_list_and_of_nothing_unseen(self):
        rng = np.random.default_rng(5)
        people = rng.integers(0, 500, (3, 8))
        member = np.array(list(np.ndindex(2, 2, 2)))
        apart = fallen_apart(people, missed_between(3, 0.2), rng)
        joined = wrongly_joined(apart, missed_between(3, 0.1), rng)
        np.testing.assert_array_equal(apart @ member, people @ member)
        np.testing.assert_array_equal(joined @ member, people @ member)
        np.testing.assert_array_equal(joined[:, 0], people[:, 0])
        assert apart.sum() > people.sum()
        assert joined.sum() < apart.sum()

    def test_nobody_is_joined_twice_and_no_number_is_below_nothing(self):
        found = wrongly_joined(np.array([[0, 1, 1, 900]]), missed_between(2, 0.5), np.random.default_rng(6))
        assert found.tolist() == [[0, 0, 0, 901]]

    def test_false_positives_are_where_they_are_declared(self):
        model = replace(ModelSettings.for_covariates([]), false_positives=(FalsePositives("B", (0.2, 0.4)),))
        people = np.array([[5, 0, 0, 60_000]])
        found = entries_of(people, plain_shape(2).table, model, ErrorRates((0.3,)), np.random.default_rng(7))
        assert found[0, [0, 2, 3]].tolist() == [5, 0, 60_000]
        assert found[0, 1] / (60_000 + found[0, 1]) == pytest.approx(0.3, abs=0.01)


class TestLinkedOtherwise:
    model = replace(
        ModelSettings.for_covariates([]),
        linkage_errors=(
            LinkageErrors(("A", "B"), (0.02, 0.08), (0.01, 0.03)),
            LinkageErrors(("A", "C"), (0.1, 0.3)),
        ),
    )
    rates = ErrorRates((), (0.05, 0.2), (0.02, None))

    def changed(self, **stated):
        return linked_otherwise(self.model, self.rates, LinkageSection(name="x", **stated), np.random.default_rng(8))

    def test_of_all_lists_or_of_some(self):
        model, rates = self.changed(missed=(0.005, 0.02), lists=("B", "A"))
        assert [link.missed for link in model.linkage_errors] == [(0.005, 0.02), (0.1, 0.3)]
        assert rates.missed[0] != 0.05
        assert rates.missed[1] == 0.2
        assert rates.wrong == (0.02, None)
        model, _ = self.changed(missed=(0.005, 0.02))
        assert {link.missed for link in model.linkage_errors} == {(0.005, 0.02)}

    def test_no_errors_any_more(self):
        model, rates = self.changed(missed="none")
        assert model.linkage_errors == (replace(self.model.linkage_errors[0], missed=None),)
        assert rates == ErrorRates((), (None,), (0.02,))
        model, rates = self.changed(missed="none", wrong="none")
        assert not model.has_errors
        assert rates == ErrorRates()

    def test_the_rate_is_drawn_from_the_limits_that_are_declared(self):
        rng = np.random.default_rng(9)
        section = LinkageSection(name="x", missed=(0.01, 0.05), lists=("A", "C"))
        drawn = [linked_otherwise(self.model, self.rates, section, rng)[1].missed[1] for _ in range(4000)]
        np.testing.assert_allclose(np.quantile(drawn, [0.025, 0.975]), [0.01, 0.05], rtol=0.06)


def study_with_errors(entries: list[int], **errors) -> Study:
    table = replace(counted(plain_shape(2).table, np.array([entries])), kind="observed")
    return Study.of_table(table, model=replace(ModelSettings.for_covariates([], priors="independence"), **errors))


def expected_entries(people: int, shares: tuple[float, float], missed: float) -> list[int]:
    """Entries of people whom two independent lists see, of whose links a share is missed."""
    first, second = shares
    both = people * first * second
    alone = people * first * (1 - second), people * second * (1 - first)
    return [0, *(round(number) for number in (alone[1] + missed * both, alone[0] + missed * both, both * (1 - missed)))]


def closed_form_width(people: int, shares: tuple[float, float], limits: tuple[float, float]) -> float:
    """Return the width of the 95 % interval of N from two independent lists with missed links, by the delta method.

    Three counts, Poisson with means b = N p2 (1 - p1 (1 - m)), a = N p1 (1 - p2 (1 - m)) and ab = N p1 p2 (1 - m), say
    what N, p1 and p2 are for each m, whose log odds are normal. N is the entries with list A, those of B alone who are
    somebody of their own (a share (1 - p1) / (1 - p1 (1 - m)) of them), and a Poisson number of unseen.
    """
    log_odds = logit(limits)
    centre, sd = log_odds.mean(), (log_odds[1] - log_odds[0]) / (2 * 1.96)
    rate = 1 / (1 + np.exp(-centre))
    counts = np.array(expected_entries(people, shares, rate)[1:], float)

    def parts(at: np.ndarray) -> tuple[float, float]:
        b, a, ab = at[:3]
        m = 1 / (1 + np.exp(-at[3]))
        total = (a + ab) * (b + ab) * (1 - m) / ab
        p1, p2 = (a + ab) / total, (b + ab) / total
        return (1 - p1) / (1 - p1 * (1 - m)), total * (1 - p1) * (1 - p2)

    start = np.array([*counts, centre])
    own, unseen = parts(start)
    slopes = []
    for at, step in enumerate([*(1e-4 * counts), 1e-4]):
        moved = [start + side * step * (np.arange(4) == at) for side in (-1, 1)]
        low, high = (counts[0] * parts(one)[0] + parts(one)[1] for one in moved)
        slopes.append((high - low) / (2 * step))
    variance = counts[0] * own * (1 - own) + unseen + np.square(slopes) @ [*counts, sd**2]
    return float(2 * norm.ppf(0.975) * np.sqrt(variance))


@pytest.fixture
def write(tmp_path):
    def make(text: str = LINKAGE):
        (path := tmp_path / "plan.toml").write_text(text, encoding="utf-8")
        return path

    return make


@pytest.mark.slow
def test_better_linkage_gains_what_the_closed_form_says(write):
    """Two independent lists of which 10 to 30 % of the links are missed, or 0.9 to 1.1 %, or none."""
    people, shares, now = 20_000, (0.3, 0.25), (0.1, 0.3)
    rate = float(1 / (1 + np.exp(-logit(now).mean())))
    study = study_with_errors(expected_entries(people, shares, rate), linkage_errors=(LinkageErrors((), now),))
    same = '[[linkage]]\nname = "same"\nmissed = [0.1, 0.3]\n'
    none = '[[linkage]]\nname = "none"\nmissed = "none"\n'
    record = run_plan(read_plan(write(LINKAGE + same + none), study), simulations=24)
    group = record.groups["total"]
    present = group.upper - group.lower
    assert present == pytest.approx(closed_form_width(people, shares, now), rel=0.08)
    for name, limits in {"better": (0.009, 0.011), "same": now, "none": (1e-9, 1.1e-9)}.items():
        found = record.linkages[name].groups["total"]
        wanted = closed_form_width(people, shares, limits)
        assert abs(found.width - wanted) < 4 * found.error + 0.06 * wanted, name
        assert found.held >= 19
    assert record.linkages["same"].groups["total"].ratio > 0.85
    assert record.linkages["none"].groups["total"].ratio < 0.6


class TestPlan:
    errors = {"linkage_errors": (LinkageErrors(("A", "B"), (0.1, 0.3)),)}

    def study(self, **errors):
        return study_with_errors([0, 300, 350, 90], **{**self.errors, **errors})

    def test_linkage_beside_one_more_list(self, write):
        label = 'label = "Date of birth in both registers, where it is known and was checked"\n'
        text = LINKAGE + label + '[list]\nname = "D"\n[coverage]\nshares = [0.3]\n'
        record = run_plan(read_plan(write(text), self.study()), simulations=2, running=Running(workers=1))
        linkage = record.linkages["better"]
        assert record.linkages["better"].limits[0].to_dict() == {
            "lists": ["A", "B"],
            "missed_now": [0.1, 0.3],
            "missed": [0.009, 0.011],
            "wrong_now": None,
            "wrong": None,
        }
        assert linkage.simulations == record.cases[0].simulations == 2
        assert linkage.groups["total"].ratio < 1
        assert linkage.as_much_as["total"].entries > 0
        assert [note.code for note in record.notes] == ["plan-errors-drawn", "plan-linked-like-others"]
        for language in ("en", "nl"):
            assert max(map(len, plan_text(record, words_in(language)).splitlines())) <= 80

    @pytest.mark.slow
    def test_linkage_alone_and_false_positives_that_are_declared(self, write):
        false = (FalsePositives("A", (0.3, 0.4)),)
        record = run_plan(read_plan(write(), self.study(false_positives=false)), simulations=2)
        plain = run_plan(read_plan(write(), self.study()), simulations=2)
        assert record.new_list is None
        assert not record.cases
        assert record.groups["total"].halving is None
        assert record.groups["total"].median < 0.8 * plain.groups["total"].median
        truth = record.linkages["better"]
        assert truth.groups["total"].width < record.groups["total"].upper - record.groups["total"].lower

    @pytest.mark.parametrize(
        ("text", "errors", "fragment"),
        [
            (LINKAGE, {"linkage_errors": ()}, "declares no errors in links"),
            (LINKAGE.replace("missed = [0.009, 0.011]", ""), {}, "Give one of them"),
            (LINKAGE.replace("[0.009, 0.011]", "[0.02, 0.01]"), {}, "0.02"),
            (LINKAGE.replace("[0.009, 0.011]", "[0, 0.01]"), {}, "missed"),
            (LINKAGE.replace("[0.009, 0.011]", '"few"'), {}, '"none"'),
            (LINKAGE + 'lists = ["A", "C"]\n', {}, "of just these lists, but of: A and B"),
            (LINKAGE + LINKAGE.partition("\n")[2], {}, "There is a linkage 'better' already"),
            (LINKAGE + '[list]\nname = "D"\n', {}, "[coverage]"),
            (LINKAGE + "[dependence]\nA = 2\n", {}, "There is no new list"),
            ('title = "x"\n', {}, "does nothing"),
        ],
    )
    def test_one_sentence_with_its_line(self, write, text, errors, fragment):
        with pytest.raises(InputError) as found:
            read_plan(write(text), self.study(**errors))
        assert any(fragment in str(fault) and "plan.toml" in str(fault) for fault in found.value.faults), found.value
