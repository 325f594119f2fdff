"""Tables by stratum: held to the table of which they are a part, and read as it was written."""

import csv

import numpy as np
import pytest

from estimator.calibration.held_out_fits import Source, table_of
from evidence.public_tables import FOLDER
from evidence.strata import STRATA_FOLDER, described, fits_asked_for, levels_of, stratified_tables, table_with_strata

OTHERWISE = {"killed-kosovo": 8}
"""Most people in a cell by which a table may exceed the one that it is a part of: that of Kosovo is of another file."""


def by_history(table):
    lists = dict(zip(table.lists, range(table.n_lists), strict=True))
    codes = table.cover_cell[table.cover_start[:-1]] % table.n_histories
    people = np.bincount(codes, table.lower, minlength=table.n_histories)
    return lists, people.reshape((2,) * len(lists))


@pytest.mark.parametrize("name", described())
def test_the_people_of_the_strata_are_those_of_the_table_less_those_left_out(name):
    said, (table, _) = described()[name], table_with_strata(name)
    file = FOLDER / f"{said['of']}.csv"
    whole = table_of(Source(str(file) if file.exists() else said["of"], pooled=True))[0]
    (lists, people), (_, of_all) = by_history(table), by_history(whole)
    assert tuple(lists) == whole.lists
    assert people.sum() == of_all.sum() - said["left_out"]
    assert (people <= of_all + OTHERWISE.get(name, 0)).all()
    assert people.sum() == sum(
        int(row["count"]) for row in csv.DictReader((STRATA_FOLDER / f"{name}.csv").open(encoding="utf-8"))
    )


def test_the_winters_of_saint_petersburg_are_one_table_in_which_winters_follow_each_other():
    table, model = table_with_strata("homeless-petersburg")
    assert [covariate.name for covariate in table.covariates] == ["winter", "sex", "age"]
    assert [covariate.ordered for covariate in table.covariates] == [True, False, True]
    assert model.heterogeneity == (("winter",), ("sex",), ("age",)) or set(model.heterogeneity) == {
        "winter",
        "sex",
        "age",
    }
    assert table.registered.lower == 1634 + 1417 + 1572 + 1475 + 1221 + 1278 + 1124


def test_every_table_has_lists_to_hold_out_and_contrasts_of_its_levels():
    held = {fit.table for fit in fits_asked_for()}
    assert held == {table.name for table in stratified_tables()}
    assert {path.stem for path in STRATA_FOLDER.glob("*.csv")} == set(described())
    for name in held:
        sizes = [len(covariate.levels) for covariate in table_with_strata(name)[0].covariates]
        assert levels_of(name).shape == (np.prod(sizes), sum(sizes) - len(sizes))
