"""Strata in which no list ran are left out, unless a study decides to extrapolate.

Rebuilt from HRDAG/verdata #6 and DistanceDevelopment/Distance #194: the west got 640 (70 to 2,930) out of the prior on
composition, and the total rose by 48 % without a caution; the likelihood says nothing of it. North and south: 1,410.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.capture.table import CaptureTable
from estimator.errors import InputError
from estimator.methods.door import Abilities
from estimator.population.cautions import cautions_of
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.study import read_study
from estimator.study.unlisted import listed_part
from estimator.words.words import words_in

HEAD = 'title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n[lists.C]\n'
REGIONS = '[covariates.region]\nlevels = ["north", "south", "west"]\n'
GROUPS = "".join(f'[groups.{name}]\nwhere = {{ region = "{name}" }}\n' for name in ("north", "west"))
GROUPS += '[groups.sea]\nwhere = { region = ["south", "west"] }\n'
COUNTS = ((1, 0, 0, 60), (0, 1, 0, 40), (0, 0, 1, 30), (1, 1, 0, 12), (1, 0, 1, 8), (0, 1, 1, 5), (1, 1, 1, 2))
EXTRAPOLATE = '[[extrapolate]]\nwhere = { region = "west" }\nreason = "The west is like the north."\n'


def pauses(where):
    return "".join(f'[[not_operating]]\nlist = "{name}"\nwhere = {where}\nreason = "r"\n' for name in "ABC")


def rows(covariate, levels):
    lines = [f"{level},{','.join(map(str, row))}" for level in levels for row in COUNTS]
    return "\n".join([f"{covariate},A,B,C,count", *lines])


@pytest.fixture
def study(tmp_path):
    def write(text, table):
        (tmp_path / "study.toml").write_text(HEAD + text)
        (tmp_path / "table.csv").write_text(table)
        return read_study(str(tmp_path))

    return write


def regions(study, more=""):
    text = REGIONS + GROUPS + pauses('{ region = "west" }') + more
    return study(text, rows("region", ["north", "south"]))


def test_a_region_without_list_is_left_out_and_said(study):
    found = regions(study)
    assert found.table.covariates[0].levels == ("north", "south")
    assert list(found.groups) == ["total", "north", "sea"]
    assert found.groups["sea"].where == {"region": ("south",)}
    reason = Reason("strata-not-estimated", strata=("west",), number=1)
    assert found.unlisted == (reason,)
    assert cautions_of(found, read_priors("evidence"), Abilities())[0] == reason


def test_a_decision_with_a_reason_extrapolates(study):
    found = regions(study, EXTRAPOLATE)
    assert found.table.covariates[0].levels == ("north", "south", "west")
    assert found.groups["west"].strata(found.table).tolist() == [False, False, True]
    (reason,) = found.unlisted
    assert reason == Reason("strata-extrapolated", strata=("west",), number=1, reason="The west is like the north.")
    (translated,) = regions(study, EXTRAPOLATE + 'reason_nl = "Het westen lijkt op het noorden."\n').unlisted
    assert translated == reason
    assert words_in("nl").say(translated).endswith(": Het westen lijkt op het noorden.")
    assert words_in("nl").say(reason).endswith(": The west is like the north."), "English where there is no Dutch"
    assert words_in("en").say(translated).endswith(": The west is like the north.")


def test_extrapolation_needs_a_reason_and_levels_that_exist(study):
    with pytest.raises(InputError, match="reason"):
        regions(study, '[[extrapolate]]\nwhere = { region = "west" }\n')
    with pytest.raises(InputError, match="has no level 'wets'"):
        regions(study, EXTRAPOLATE.replace('"west"', '"wets"'))


def test_where_no_list_ran_anywhere_nothing_is_estimated(study):
    table = regions(study).table
    nowhere = replace(table, running=np.zeros_like(table.running))
    with pytest.raises(InputError, match="No list ran anywhere"):
        listed_part(nowhere, (), None, (), "study.toml")


def test_a_year_between_two_others(study):
    text = '[covariates.year]\nlevels = [2013, 2014, 2015]\nordered = true\n[period]\ncovariate = "year"\n'
    year = pauses("{ year = 2014 }")
    found = study(text + year, rows("year", [2013, 2015]))
    assert found.table.covariates[0].levels == ("2013", "2015")
    found = study(text + "headline = [2014, 2015]\n" + year, rows("year", [2013, 2015]))
    assert found.period.headline == ("2015",)
    with pytest.raises(InputError, match="No list ran in any of the headline years"):
        study(text + "headline = [2014]\n" + year, rows("year", [2013, 2015]))


def test_a_single_stratum_belongs_to_no_group(study):
    text = REGIONS + '[covariates.sex]\nlevels = ["f", "m"]\n' + pauses('{ region = "west", sex = "m" }')
    lines = [
        f"{region},{sex},{','.join(map(str, row))}" for region in ("north", "west") for sex in "fm" for row in COUNTS
    ]
    table = [line for line in lines if not line.startswith("west,m")]
    found = study(text, "\n".join(["region,sex,A,B,C,count", *table]))
    total = found.groups["total"].strata(found.table)
    assert isinstance(found.table, CaptureTable)
    assert np.flatnonzero(~total).tolist() == [found.table.stratum_labels.index("west, m")]
    assert found.unlisted[0]["strata"] == ("west, m",)


def test_where_lists_ran_nothing_changes(study):
    found = study(REGIONS + GROUPS, rows("region", ["north", "south"]))
    assert found.unlisted == ()
    assert found.table.estimated.all()
    assert len(found.table.covariates[0].levels) == 3
