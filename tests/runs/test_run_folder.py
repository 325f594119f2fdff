from __future__ import annotations

import csv
import errno
import hashlib
import json
import stat
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import arviz
import jsonschema
import numpy as np
import pytest

from estimator import estimate
from estimator.capture.declaration import NotOperating
from estimator.errors import InputError
from estimator.methods.door import SamplerSettings
from estimator.runs import writing as run
from estimator.runs.facts import facts_of
from estimator.runs.folders import new_folder
from estimator.runs.tidy_csv import COLUMNS
from estimator.runs.writing import save_run, write_draws, write_run
from estimator.study.questions import Change, DisclosureRules
from estimator.study.study import read_study

SCHEMA = json.loads(files("estimator.runs").joinpath("estimate.schema.json").read_text())


@pytest.fixture(scope="module")
def folder(years, tmp_path_factory) -> Path:
    return save_run(years, tmp_path_factory.mktemp("runs") / "one", ["darkfigure", "estimate", "years"])


def test_complete_and_private(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "estimate.csv",
        "estimate.json",
        "manifest.json",
        "posterior.nc",
    ]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert [path.name for path in folder.parent.iterdir()] == ["one"]


def test_estimate_json_keeps_to_its_schema(folder, dutch):
    found = json.loads((folder / "estimate.json").read_text())
    jsonschema.validate(found, SCHEMA)
    jsonschema.validate(json.loads(json.dumps(dutch.to_dict())), SCHEMA)
    assert found["table_kind"] == "synthetic"
    assert found["publishable"] is False
    assert list(found["by_year"]) == ["2020", "2021"]
    assert set(found["groups"]) == {"total", "women", "men", "elsewhere"}


def test_the_schema_refuses_what_is_not_an_estimate(dutch):
    found = json.loads(json.dumps(dutch.to_dict()))
    del found["assumption"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, SCHEMA)


def test_csv_holds_the_numbers_of_the_json(folder):
    numbers = json.loads((folder / "estimate.json").read_text())
    with (folder / "estimate.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    # headline and two years, four groups, five quantities; nobody of 2021 is of the group whose year is 2020
    # bounds: of all four over both years, of 2020 all but the total, of 2021 all but that group
    assert len(rows) == 3 * 4 * 5 - 1 + 2 * (4 + 3 + 3)
    [least] = [r for r in rows if (r["period"], r["group"], r["quantity"]) == ("2021", "women", "registered_at_least")]
    assert float(least["median"]) == numbers["by_year"]["2021"]["women"]["registered_bounds"]["lower"] == 354
    assert {row["priors"] for row in rows} == {"moderate"}
    row = next(r for r in rows if (r["period"], r["group"], r["quantity"]) == ("2021", "women", "N"))
    found = numbers["by_year"]["2021"]["women"]["N"]
    assert float(row["median"]) == found["median"]
    assert [float(row["lower_95"]), float(row["upper_95"])] == found["intervals"]["0.95"]
    assert {r["table_kind"] for r in rows} == {"synthetic"}
    given = [f"{100 * float(level):g}" for level in found["intervals"]]
    for row in rows:  # those of bounds, too, whose limits are all known
        assert [level for level in ("50", "80", "95") if row[f"lower_{level}"] and row[f"upper_{level}"]] == given


def test_arviz_opens_the_posterior_with_named_dims(folder, years):
    data = arviz.from_netcdf(folder / "posterior.nc")
    assert set(data.groups()) >= {"posterior", "prior", "sample_stats", "observed_data", "population"}
    assert data.posterior["coverage"].dims == ("chain", "draw", "list")
    assert data.posterior["list"].to_numpy().tolist() == ["police", "shelter", "hotline"]
    assert data.posterior["expected_unseen"].dims == ("chain", "draw", "stratum")
    assert data.prior.sizes["draw"] == 1000
    total = data.population.sel(group="total")
    np.testing.assert_array_equal(total["N"].to_numpy(), years.group_draws["total"].size)
    assert np.isnan(data.observed_data["count"].sel(history="none")).all()


def test_years_are_in_the_posterior_too(folder, years):
    found = arviz.from_netcdf(folder / "posterior.nc").population
    assert found["N_by_year"].dims == ("chain", "draw", "year", "group")
    assert found["year"].to_numpy().tolist() == ["2020", "2021"]
    for name, quantity in (("N", "size"), ("dark_figure", "unseen"), ("registered", "registered")):
        drawn = found[f"{name}_by_year"].sel(year="2021", group="women").to_numpy()
        np.testing.assert_array_equal(drawn, getattr(years.group_draws_by_year["2021"]["women"], quantity))


def test_people_by_stratum_are_kept_and_groups_are_their_sums(folder, years):
    found = arviz.from_netcdf(folder / "posterior.nc").population
    assert found["dark_figure_by_stratum"].dims == ("chain", "draw", "stratum")
    assert found["stratum"].to_numpy().tolist() == list(years.study.table.stratum_labels)
    women = years.study.groups["women"].strata(years.study.table)
    for name in ("registered", "dark_figure"):
        drawn = found[f"{name}_by_stratum"].to_numpy()[..., women].sum(axis=-1)
        np.testing.assert_allclose(drawn, found[f"{name}_by_year"].sel(group="women").sum("year").to_numpy())


def test_a_table_without_years_has_none(dutch, tmp_path):
    found = arviz.from_netcdf(save_run(dutch, tmp_path / "run") / "posterior.nc").population
    assert not [name for name in found.data_vars if str(name).endswith("by_year")]
    assert "year" not in found.dims


def test_other_priors_beside_have_their_own_draws_and_rows(series, tmp_path):
    folder = save_run(series, tmp_path / "run")
    (other,) = series.beside
    found = arviz.from_netcdf(folder / "posterior-moderate.nc").population["N"].sel(group="total")
    np.testing.assert_array_equal(found.to_numpy(), other.group_draws["total"].size)
    numbers = json.loads((folder / "estimate.json").read_text())
    jsonschema.validate(numbers, SCHEMA)
    with (folder / "estimate.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if (row["period"], row["group"]) == ("headline", "total")]
    assert list(dict.fromkeys(row["priors"] for row in rows)) == ["independence", "moderate"]
    sizes = {row["priors"]: float(row["median"]) for row in rows if row["quantity"] == "N"}
    assert sizes == {
        "independence": numbers["groups"]["total"]["N"]["median"],
        "moderate": numbers["beside"]["moderate"]["groups"]["total"]["N"]["median"],
    }
    rates = {row["priors"]: float(row["median"]) for row in rows if row["quantity"] == "per_100000"}
    assert rates["moderate"] == numbers["beside"]["moderate"]["groups"]["total"]["per_100000"]["median"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["priors_name"] == "independence"
    assert manifest["beside"]["moderate"]["priors"]["dependence"]["form"] == "normal"
    assert manifest["inputs"]["priors moderate"]["name"] == "moderate.toml"
    assert "posterior-moderate.nc" in manifest["outputs"]


def test_the_manifest_says_what_the_study_is_about(series, tmp_path):
    facts = json.loads((save_run(series, tmp_path / "run") / "manifest.json").read_text())["facts"]
    assert facts["lists"] == ["P", "K", "Z", "H"]
    assert facts["covariates"]["year"] == {"levels": ["2013", "2014", "2015", "2016"], "ordered": True}
    (decision,) = facts["decisions"]
    assert (decision["name"], decision["list"], decision["choice"]) == ("border-police", "K", "keep")
    assert decision["where"] == {"year": ["2014", "2015", "2016"]}
    assert decision["for_this_run"] is False
    assert facts["changes"] == [
        {"list": "H", "kind": "redefined", "since": "2016", "reason": "It takes no calls at night any more."}
    ]
    assert facts["not_operating"] == []
    assert facts["model"]["heterogeneity"] == [["year"], ["sex"]]
    assert facts["model"]["breaks"] == [{"list": "H", "covariate": "year", "since": "2016"}]
    assert facts["groups"]["women"]["where"] == {"sex": ["f"]}
    assert facts["period"] == {"covariate": "year", "headline": ["2014", "2015"], "years": None}
    assert facts["table_kind"] == "synthetic"
    registered = series.study.table.registered
    assert facts["registered"] == {"lower": registered.lower, "upper": registered.upper}


def test_lists_that_did_not_run_are_facts_and_those_that_stopped_are_changes(series):
    declared = (
        NotOperating("Z", {"year": ("2013",)}, "Opened in  2014."),
        NotOperating("K", {"year": ("2015", "2016")}, "Closed."),
    )
    stopped = Change("K", "stopped", "2015", "Closed.")
    study = replace(
        series.study, declaration=replace(series.study.declaration, not_operating=declared), changes=(stopped,)
    )
    (paused,) = facts_of(study).not_operating
    assert paused.to_dict() == {"list": "Z", "where": {"year": ["2013"]}, "reason": "Opened in 2014."}
    assert len(facts_of(replace(study, changes=())).not_operating) == 2


def test_manifest_lets_a_reviewer_check_every_file(folder, years):
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    for what, path in {**years.study.files, "priors": years.priors.path}.items():
        assert manifest["inputs"][what]["sha256"] == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert manifest["seed"] == years.posterior.seed
    assert manifest["command"] == ["darkfigure", "estimate", "years"]


def test_a_run_is_never_overwritten(folder, dutch):
    before = (folder / "estimate.json").read_bytes()
    with pytest.raises(InputError, match="never overwritten"):
        save_run(dutch, folder)
    assert (folder / "estimate.json").read_bytes() == before


def test_draws_are_written_while_the_next_set_of_priors_is_sampled(tmp_path):
    """The same files as when all is written in the end, each of the estimate whose name it has."""
    asked = {"beside": ["wide", "moderate"], "sampler": SamplerSettings(draws=200, warmup=200, chains=2)}
    ahead, after = tmp_path / "ahead", tmp_path / "after"
    ahead.mkdir()
    found = estimate("spina-bifida-1969", "evidence", **asked, meanwhile=lambda n, made: write_draws(made, ahead, n))
    names = ["posterior-moderate.nc", "posterior-wide.nc", "posterior.nc"]
    assert sorted(path.name for path in ahead.iterdir()) == names[1:], "the last has nothing to wait for"
    assert {"group_draws", "predictive_p"} <= set(vars(found)), "what is known of the first is not asked again"
    write_run(found, ahead)
    save_run(estimate("spina-bifida-1969", "evidence", **asked), after)
    assert sorted(path.name for path in after.glob("*.nc")) == names
    for name in names:
        one, other = (arviz.from_netcdf(folder / name) for folder in (ahead, after))
        assert one.posterior.equals(other.posterior)
        assert one.population.equals(other.population)


def test_draws_that_could_not_be_written_leave_nothing(years, tmp_path, monkeypatch):
    def full(path, content):
        path.write_bytes(content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run, "_write", full)
    with pytest.raises(OSError, match="No space"):
        write_draws(years, tmp_path, 0)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_writing_fails(years, tmp_path, monkeypatch):
    def full(path, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run, "write_text", full)
    with pytest.raises(InputError, match="No space left on device.*Make room"):
        save_run(years, tmp_path / "deep" / "er" / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_when_anything_else_stops_it(tmp_path, error):
    with pytest.raises(error), new_folder(tmp_path / "run") as part:
        (part / "half").write_text("written")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_rules_of_disclosure_are_kept_where_there_are_any():
    study = read_study("uk-2013")
    assert "disclosure" not in facts_of(study).to_dict()
    kept = facts_of(replace(study, disclosure=DisclosureRules(5, rounding=10))).to_dict()["disclosure"]
    assert kept == {"minimum": 5, "rounding": 10, "dominance": None, "zeros": "shown"}
