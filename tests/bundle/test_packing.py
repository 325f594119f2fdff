"""What a bundle holds: all of a run that may go, the same bytes every time, described as RO-Crate asks."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import zipfile

import pytest
from rocrate.rocrate import ROCrate

from estimator.bundle.contents import Choice, contents_of
from estimator.bundle.opening import opened
from estimator.bundle.verifying import refuse_without_counts, verify_bundle
from estimator.errors import InputError
from estimator.runs.provenance import sha256_of
from estimator.runs.reading import read_run
from estimator.runs.restoring import study_of_run
from tests.bundle.conftest import make_run, make_study

PROTECTED = "[disclosure]\nminimum = 5\n"
ALL = [
    "README.html",
    "ro-crate-metadata.json",
    "run/manifest.json",
    "run/estimate.csv",
    "run/estimate.json",
    "run/posterior.nc",
    "study/region/study.toml",
    "study/region/table.csv",
]
CHOICE = Choice("A. Jansen", "The review asked for it", "2026-11-28")


def names(path) -> list[str]:
    with zipfile.ZipFile(path) as packed:
        return packed.namelist()


def text(path, name: str) -> str:
    with zipfile.ZipFile(path) as packed:
        return packed.read(name).decode()


@pytest.fixture
def protected(tmp_path):
    return make_run(tmp_path / "protected", PROTECTED)


def test_a_bundle_holds_the_run_and_what_went_into_it(run, pack, tmp_path):
    (run / "notes.txt").write_text("of the user")
    assert names(pack(run, tmp_path / "b.zip")) == ALL


def test_the_same_run_gives_the_same_bytes(run, pack, tmp_path):
    first = pack(run, tmp_path / "a.zip").read_bytes()
    for path in run.iterdir():
        os.utime(path, (1, 1))
    shutil.copytree(run.parent, tmp_path / "copy")
    assert pack(tmp_path / "copy" / "run", tmp_path / "b.zip").read_bytes() == first


def test_a_bundle_says_nothing_of_user_machine_or_time_and_is_private(run, pack, tmp_path):
    path = pack(run, tmp_path / "b.zip")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as packed:
        for entry in packed.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0) and not entry.extra and not entry.comment
            if not entry.filename.endswith(".nc"):
                assert str(tmp_path).encode() not in packed.read(entry)


def test_without_the_table_draws_stay_out_too_because_the_table_is_in_them(run, pack, tmp_path):
    path = pack(run, tmp_path / "b.zip", False)
    assert names(path) == [name for name in ALL if not name.endswith(("table.csv", ".nc"))]
    assert "Left out on request" in text(path, "README.html") and "Op verzoek weggelaten" in text(path, "README.html")


def test_no_count_of_a_protected_study_goes_by_itself(protected, pack, tmp_path):
    path = pack(protected, tmp_path / "b.zip")
    kept = ["README.html", "ro-crate-metadata.json", "run/manifest.json", "study/region/study.toml"]
    assert names(path) == kept
    counts = {"310", "140", "95", "38", "21", "17"}
    for name in kept:
        assert not counts & set(re.findall(r"(?<![\w.])\d+(?![\w.])", text(path, name))), name
    with opened(path) as folder:
        found = verify_bundle(folder)
        assert found.unaltered
        left = {file.name for file in found.of("left-out")}
        assert left == set(ALL) - set(kept)
        with pytest.raises(InputError, match="cannot be estimated again"):
            refuse_without_counts(folder, found)


def test_protected_counts_go_by_a_decision_that_is_recorded(protected, pack, tmp_path):
    run = read_run(protected)
    with pytest.raises(InputError, match="--decided-by"):
        contents_of(run, study_of_run(run), with_table=True)
    path = pack(protected, tmp_path / "b.zip", True, CHOICE)
    assert names(path) == ALL
    assert "A. Jansen decided on 2026-11-28" in text(path, "README.html")
    assert "A. Jansen heeft op 2026-11-28 besloten" in text(path, "README.html")
    graph = {entity["@id"]: entity for entity in json.loads(text(path, "ro-crate-metadata.json"))["@graph"]}
    assert graph["#with-table"]["description"] == CHOICE.reason
    assert graph["#decided-by"]["name"] == CHOICE.decided_by


def test_what_is_left_out_is_known_when_it_comes_later(protected, pack, tmp_path):
    with opened(pack(protected, tmp_path / "b.zip")) as folder:
        (folder / "run" / "estimate.json").write_bytes((protected / "estimate.json").read_bytes())
        found = {file.name: file.state for file in verify_bundle(folder).files}
        assert found["run/estimate.json"] == "same"
        (folder / "run" / "estimate.json").write_text("{}")
        assert not verify_bundle(folder).unaltered


def test_own_priors_and_a_table_elsewhere_come_along(tmp_path, pack):
    from estimator import estimate, read_study
    from estimator.runs.writing import save_run
    from estimator.shipped import folder as shipped

    study = make_study(tmp_path / "office" / "2026", 'priors = "../own.toml"\n')
    text_of = (study / "study.toml").read_text()
    (study / "study.toml").write_text(f'table = "../tables/t.csv"\n{text_of}')
    (tmp_path / "office" / "tables").mkdir()
    shutil.move(study / "table.csv", tmp_path / "office" / "tables" / "t.csv")
    shutil.copy(shipped("priors") / "wide.toml", tmp_path / "office" / "own.toml")
    run = save_run(estimate(read_study(study)), tmp_path / "run")
    path = pack(run, tmp_path / "b.zip")
    assert {name for name in names(path) if name.startswith("study")} == {
        "study/2026/study.toml",
        "study/tables/t.csv",
        "study/own.toml",
    }
    with opened(path) as folder:
        inside = read_study(folder / "study" / "2026")
        assert inside.table.registered == read_study(study).table.registered
        assert inside.model.priors.endswith("own.toml")


def test_files_far_apart_are_not_packed(tmp_path, pack):
    from estimator import estimate, read_study
    from estimator.runs.writing import save_run

    deep = make_study(tmp_path / "a" / "b" / "c" / "d" / "study")
    shutil.move(deep / "table.csv", tmp_path / "t.csv")
    (deep / "study.toml").write_text(f'table = "{tmp_path / "t.csv"}"\n{(deep / "study.toml").read_text()}')
    with pytest.raises(InputError, match="too far apart"):
        pack(save_run(estimate(read_study(deep)), tmp_path / "far"), tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_an_altered_run_is_not_packed(run, pack, tmp_path):
    (run / "estimate.csv").write_text("altered")
    with pytest.raises(InputError, match="altered"):
        pack(run, tmp_path / "b.zip")
    assert not list(tmp_path.glob("*b.zip*"))


def test_a_file_that_changes_while_it_is_packed_stops_it(run, pack, tmp_path, monkeypatch):
    from estimator.bundle import packing

    monkeypatch.setattr(packing, "crate_text", lambda crate: (run / "estimate.csv").write_text("x") and "" or "{}")
    with pytest.raises(InputError, match="changed while"):
        pack(run, tmp_path / "b.zip")
    assert not list(tmp_path.glob("*b.zip*"))


def test_a_file_that_exists_is_left_as_it_is(run, pack, tmp_path):
    (tmp_path / "b.zip").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        pack(run, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "mine"


def test_the_metadata_are_an_ro_crate(run, pack, tmp_path):
    with opened(pack(run, tmp_path / "b.zip")) as folder:
        crate = ROCrate(folder)
        described = {entity.id for entity in crate.data_entities}
        assert described == {name for name in ALL if name != "ro-crate-metadata.json"}
        for entity in crate.data_entities:
            path = folder / entity.id
            assert entity.type == "File"
            assert entity["sha256"] == sha256_of(path) and entity["contentSize"] == str(path.stat().st_size)
        action = crate.dereference("#estimate")
        manifest = json.loads((folder / "run" / "manifest.json").read_text())
        assert crate.datePublished.isoformat() == manifest["made"]
        assert crate.root_dataset["conformsTo"].id == "https://w3id.org/ro/wfrun/process/0.5"
        assert action.type == "CreateAction" and action["endTime"] == manifest["made"]
        assert action["instrument"]["softwareVersion"] == manifest["versions"]["darkfigure"]
        used, made = ({entity.id for entity in action[role]} for role in ("object", "result"))
        assert {"study/region/table.csv", "study/region/study.toml", "#seed"} <= used
        assert made == {f"run/{name}" for name in ["manifest.json", *manifest["outputs"]]}
        assert crate.dereference("#seed")["value"] == manifest["seed"]


def test_the_metadata_have_what_ro_crate_1_1_demands(run, pack, tmp_path):
    """Chapters "Metadata", "Root Data Entity" and "Appendix: JSON-LD" of RO-Crate 1.1."""
    crate = json.loads(text(pack(run, tmp_path / "b.zip"), "ro-crate-metadata.json"))
    assert crate["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    by_id = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(by_id) == len(crate["@graph"]), "every @id once"
    descriptor = by_id["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = by_id["./"]
    assert root["@type"] == "Dataset" and all(root[key] for key in ("name", "description", "datePublished", "license"))

    def references(value):
        if isinstance(value, dict):
            yield from (
                [value["@id"]] if set(value) == {"@id"} else (one for v in value.values() for one in references(v))
            )
        elif isinstance(value, list):
            yield from (one for entry in value for one in references(entry))

    named = {one for entity in crate["@graph"] for value in entity.values() for one in references(value)}
    assert named - set(by_id) == {"https://w3id.org/ro/crate/1.1"}, "flat, and nothing named that is not described"
    assert set(by_id) - named == {"ro-crate-metadata.json"}, "nothing described that nothing names"
