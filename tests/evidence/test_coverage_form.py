"""Judging the form of coverage: what priors say beside what is stated, and a rule that can fail at every point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from estimator.fits.scores import QUANTILES, Judged
from evidence.coverage_text import Compared, SaidBefore, _verdict
from evidence.judges import INDEPENDENT, LATENT_CLASSES, NESTED, NUMBERS, PAIR
from evidence.make_coverage import CoverageFit, fit_known

FAMILY = {f"table {number}": f"family {number}" for number in range(20)}
NEW = {"table 3", "table 4", "table 5", "table 6"}


def judged(table: str, centre: float, sd: float) -> Judged:
    law = stats.norm(np.log(1000) + centre, sd)
    return Judged(table, 1000.0, {p: float(np.exp(law.ppf(p))) for p in QUANTILES})


def compared(name: str, *, off: float = 0.0, sd: float = 0.5, spread: float = 1.0) -> Compared:
    """Estimates whose truth is where an honest interval has it, moved by `off` and as wide as `sd`."""
    places = stats.norm.ppf((np.arange(20) + 0.5) / 20)
    held = tuple(judged(f"table {n}", off + spread * 0.5 * place, sd) for n, place in enumerate(places))
    simulated = {
        scenario: tuple(judged(str(n), off, sd if scenario != INDEPENDENT else 0.6 * sd) for n in range(number))
        for scenario, number in NUMBERS.items()
    }
    return Compared(name, held, simulated)


def said_by(after: Compared, narrow_sd: float = 0.5) -> list[str]:
    text = _verdict([compared("odds"), after, compared("nl-2017", sd=narrow_sd)], FAMILY, set(FAMILY), NEW)
    return [line.rsplit(": ", 1)[1] for line in text.splitlines() if line[:1].isdigit()]


def test_the_same_is_no_worse():
    text = _verdict([compared("odds"), compared("differences"), compared("nl-2017")], FAMILY, set(FAMILY), NEW)
    assert said_by(compared("differences")) == ["holds."] * 5
    assert "No worse by these points" in text
    assert "0.00 ± 0.00 beside that of `odds`: not better" in text


@pytest.mark.parametrize(
    ("after", "narrow_sd", "fails"),
    [
        (compared("too wide", sd=2.0), 0.5, {1, 2, 5}),
        (compared("too low", off=-0.3), 0.5, {1, 2, 3}),
        (compared("too narrow", sd=0.2), 0.5, {1, 2}),
        (compared("as before"), 0.2, {5}),
    ],
)
def test_every_point_of_the_rule_can_fail(after, narrow_sd, fails):
    found = said_by(after, narrow_sd)
    assert {place for place, said in enumerate(found, 1) if said == "fails."} == fails


@pytest.mark.parametrize(("scenario", "lost"), [(LATENT_CLASSES, 1), (PAIR, 2), (NESTED, 2)])
def test_populations_that_are_lost_fail_the_rule(scenario, lost):
    before = compared("odds")

    def losing(number: int) -> Compared:
        missed = tuple(judged(str(n), 5.0, 0.5) for n in range(number))
        return replace(before, simulated={**before.simulated, scenario: missed + before.simulated[scenario][number:]})

    assert said_by(losing(lost))[3] == "fails."
    assert said_by(losing(lost - 1))[3] == "holds."


def test_what_priors_say_is_held_against_the_statement():
    exact = tuple(float(np.exp(1 + 2 * stats.norm.ppf(p))) for p in QUANTILES)
    assert SaidBefore("x", "odds", 1.0, 2.0, exact).furthest == pytest.approx(0, abs=1e-9)
    assert SaidBefore("x", "odds", 1.0, 2.0, (1.3 * exact[0], *exact[1:])).furthest == pytest.approx(0.3)


def test_a_known_population_is_estimated_with_residual_dependence():
    fit = CoverageFit(None, INDEPENDENT, 0, "evidence", {"coverage.form": '"differences"'})
    found = fit_known(fit.task("x").payload)
    assert found["quantiles"] == sorted(found["quantiles"])
    assert found["quantiles"][0] < found["size"] < found["quantiles"][-1]
    without = replace(fit, overrides={**fit.overrides, "residual.form": '"none"'})
    narrower = fit_known(without.task("x").payload)["quantiles"]
    assert narrower[-1] / narrower[0] < found["quantiles"][-1] / found["quantiles"][0]
