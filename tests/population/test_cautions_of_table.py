"""An estimate says which groups and strata others inform."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.methods.door import Abilities, PopulationDraws
from estimator.population.cautions import caution_of_strata, cautions_of
from estimator.study.priors import read_priors
from estimator.study.study import read_study

STUDY = 'title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n[lists.C]\n'


@pytest.fixture
def codes(tmp_path):
    def write(table, text=STUDY):
        (tmp_path / "study.toml").write_text(text)
        (tmp_path / "table.csv").write_text(table)
        return [reason.code for reason in cautions_of(read_study(str(tmp_path)), read_priors("evidence"), Abilities())]

    return write


def test_a_group_that_others_inform(codes):
    text = STUDY + '[covariates.region]\nlevels = ["north", "west"]\n[groups.west]\nwhere = { region = "west" }\n'
    north = "region,A,B,C,count\nnorth,1,0,0,60\nnorth,0,1,0,40\nnorth,1,1,0,20\nnorth,0,1,1,5\n"
    assert codes(north + "west,1,0,0,25\n", text) == ["group-hardly-informed"]
    assert codes(north + "west,1,0,0,25\nwest,1,1,0,20\n", text) == []


@pytest.mark.parametrize(("unseen_in_west", "said"), [(5, False), (40, True)])
def test_strata_that_no_overlap_informs(tmp_path, unseen_in_west, said):
    """Nobody of the west is on two lists; what counts is how much of the dark figure is estimated there."""
    text = STUDY + '[covariates.region]\nlevels = ["north", "west"]\n'
    (tmp_path / "study.toml").write_text(text)
    (tmp_path / "table.csv").write_text(
        "region,A,B,C,count\nnorth,1,0,0,60\nnorth,0,1,0,40\nnorth,1,1,0,20\nwest,1,0,0,25\n"
    )
    study = read_study(str(tmp_path))
    unseen = np.tile([100, unseen_in_west], (1, 10, 1))
    registered = np.tile([120, 25], (1, 10, 1))
    found = list(caution_of_strata(study.table, PopulationDraws(registered, unseen, unseen.astype(float))))
    assert [reason.code for reason in found] == ["dark-figure-without-overlap"] * said
    if said:
        assert found[0]["strata"] == ("west",)
        assert found[0]["share"] == pytest.approx(40 / 140)
