"""Tables of known size: people who differ smoothly, and what is kept of a table."""

from __future__ import annotations

import math
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from estimator.population.thresholds import threshold
from evidence.judges import BETA, DIFFERING, INDEPENDENT, LATENT_CLASSES, NORMAL, people_by_history
from evidence.make_verdict import simulated_tables
from evidence.second import Stated
from evidence.verdict import TableOfKnownSize, fit_differences, fit_known
from evidence.verdict_second import Seen

OWN = Stated(0.0, 0.45)
"""The residual of the priors `evidence`."""


@pytest.mark.parametrize(("scenario", "at_least"), [(NORMAL, 0.4), (BETA, 0.4), (INDEPENDENT, -0.2)])
def test_people_who_differ_smoothly_are_on_two_lists_more_often_than_by_chance(scenario: str, at_least: float) -> None:
    found = []
    for number in range(DIFFERING.get(scenario, 24)):
        people = people_by_history(scenario, number).astype(float)
        pair = people.reshape((2, 2, -1)).sum(axis=-1) + 0.5
        found.append(np.log(pair[0, 0] * pair[1, 1] / (pair[0, 1] * pair[1, 0])))
    assert at_least < np.mean(found) < at_least + 0.6


def test_scenarios_take_turns_so_that_a_part_of_the_tables_is_a_part_of_each() -> None:
    keys = list(simulated_tables())
    assert len(keys) == len(set(keys)) == 150
    assert len({key.rsplit(" ", 1)[0] for key in keys[:6]}) == 6


@pytest.mark.slow
def test_what_is_kept_of_a_table_is_of_that_table() -> None:
    known = TableOfKnownSize("one pair at 8", 2)
    kept = fit_known(asdict(known))
    assert kept["size"] == known.people.sum()
    assert kept["counts"] == [0, *known.people[1:]]
    assert set(kept["methods"]) == {"loglinear", "latent-class", "heterogeneity"}
    for found in [*kept["methods"].values(), kept["bound"]]:
        assert np.all(np.diff(found["quantiles"]) >= 0)
        assert min(found["draws"]) >= kept["registered"]


def test_the_residual_of_people_who_differ_is_the_derived_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evidence-2.md").read_text("utf-8")
    (added,) = re.findall(r"(\+[\d.]+) is added to the centre, and ([\d.]+) to the square of the size", page)
    held_out_centre, held_out_size = 0.11, 0.40  # of 19 families; what is added hangs on no table
    assert threshold("scrutiny.people_differ_centre") == pytest.approx(held_out_centre + float(added[0]), abs=0.005)
    assert threshold("scrutiny.people_differ_size") == pytest.approx(
        math.hypot(held_out_size, float(added[1]) ** 0.5), abs=0.005
    )


@pytest.mark.slow
def test_where_people_are_of_few_kinds_the_second_interval_holds_them_and_the_first_does_not() -> None:
    """Of tables that no threshold was chosen on: 8 of latent classes and 8 of independent lists."""
    seen = {
        scenario: [
            Seen(
                str(number), scenario, "", str(number), fit_differences(asdict(TableOfKnownSize(scenario, number))), OWN
            )
            for number in range(200, 208)
        ]
        for scenario in (LATENT_CLASSES, INDEPENDENT)
    }
    classes, independent = seen[LATENT_CLASSES], seen[INDEPENDENT]
    own, said = (
        sum(one.holds(0.95) for one in judged) for judged in zip(*((c.own, c.said) for c in classes), strict=True)
    )
    # with the shares found on fresh tables, 13 and 27 of 30, either limit is broken by chance less than once in 100
    assert own <= 7 and said >= 5 and said > own
    assert sum(one.differs for one in classes) >= 4
    assert sum(one.differs for one in independent) <= 1
    assert all(one.said == one.own for one in independent if not one.differs)
