"""Strata in which no list ran and that a study has extrapolated: what the data bound, and on what the total leans."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.checks.finding import CAUTION
from estimator.checks.loglinear import power_scaling as module
from estimator.checks.loglinear.identification import bounds_of, identification
from estimator.checks.loglinear.power_scaling import power_scaling
from estimator.checks.loglinear.power_sensitivity import ALL_PRIORS, DATA, PriorSensitivity, Sensitivity
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.part import part_of
from estimator.population.estimate import estimate
from estimator.study.study import read_study
from tests.methods.model_examples import BLANK_SEX, WITH_SEX, read
from tests.others.examples import STUDIES

EXTRAPOLATE = '\n[[extrapolate]]\nwhere = { region = "west" }\nreason = "The west is like the north."\n'


@pytest.fixture(scope="module")
def left_out():
    return made(STUDIES / "13c-no-list-in-stratum")


@pytest.fixture(scope="module")
def extrapolated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies") / "extrapolated"
    folder.mkdir()
    original = STUDIES / "13c-no-list-in-stratum"
    (folder / "study.toml").write_text((original / "study.toml").read_text() + EXTRAPOLATE)
    (folder / "table.csv").write_text((original / "table.csv").read_text())
    return made(folder)


def made(folder):
    return estimate(read_study(str(folder)), "evidence", beside=(), sampler=SamplerSettings(draws=1000, warmup=500))


def test_the_data_bound_an_extrapolated_total_from_below_only(extrapolated, left_out):
    """From below as without the west: there may be any number of people in it, none among them."""
    found = identification(extrapolated)
    assert found.verdict == CAUTION and not found.reasons
    assert found.headline.code == "data-bound-from-below"
    unknown = found.statements[1]
    assert (unknown.code, unknown["strata"], unknown["others"].code) == ("data-say-nothing-of", ("west",), "data-bound")
    bounds, alone = bounds_of(extrapolated), bounds_of(left_out)
    assert bounds.whole.flat_above and not bounds.own.flat_above
    assert bounds.whole.lower == pytest.approx(alone.own.lower, rel=0.02)
    assert (bounds.own.lower, bounds.own.upper) == pytest.approx((alone.own.lower, alone.own.upper), rel=0.02)
    assert (np.diff(bounds.whole.deviance) <= 0).all()


def test_an_extrapolated_total_leans_on_the_prior_on_composition(extrapolated, left_out):
    found, alone = power_scaling(extrapolated), power_scaling(left_out)
    part = found.numbers["groups"]["total"]["parts"]["composition"]
    size = extrapolated.population.size
    assert found.headline.code == "part-extrapolated"
    assert found.headline["share"] == pytest.approx(np.median(size[..., 2] / size.sum(axis=-1)))
    assert part["sensitivity"] > 2 * alone.numbers["groups"]["total"]["parts"]["composition"]["sensitivity"]
    assert alone.headline.code != "part-extrapolated"
    assert found.verdict == CAUTION
    assert "west" in found.groups_not_alone
    assert "north" not in found.groups_not_alone


def test_a_group_without_list_is_not_published_alone_whatever_the_prior_does(extrapolated, monkeypatch):
    """Where the prior hardly matters for it, its number is that of other groups, and still nobody counted it."""
    untouched = Sensitivity(0.01, 0.001, 1.0, 0.1)
    lean = PriorSensitivity({"composition": untouched, ALL_PRIORS: untouched, DATA: untouched})
    monkeypatch.setattr(module, "prior_sensitivities", lambda *_: dict.fromkeys(["total", "west", "north"], lean))
    assert power_scaling(extrapolated).groups_not_alone == ("west",)


def test_a_part_of_a_design_keeps_its_numbers():
    """Men and women of a table with people of unknown sex; the numbers of a stratum alone are its own."""
    table = read(BLANK_SEX.replace(",1,0,0,12\n,0,1,0,7\n,1,1,0,2\n", ""), WITH_SEX)
    study_part = part_of(design_of_table(table), np.array([False, True]))
    assert study_part.strata == ("m",)
    assert study_part.observed.counts.tolist() == design_of_table(table).observed.counts[1:].tolist()
    with pytest.raises(ValueError, match="of the part and of other strata"):
        part_of(design_of_table(read(BLANK_SEX, WITH_SEX)), np.array([False, True]))


def design_of_table(table):
    from estimator.study.priors import read_priors
    from estimator.study.questions import ModelSettings

    return design_for(table, ModelSettings(), read_priors("evidence"))
