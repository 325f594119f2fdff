"""An estimate says which groups others inform."""

from __future__ import annotations

import pytest

from estimator.methods.door import Abilities
from estimator.population.cautions import cautions_of
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
