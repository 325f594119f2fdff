"""What was altered is named: every file of a run, what went into it, and everything in a bundle."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from estimator.bundle.opening import opened
from estimator.bundle.verifying import is_bundle, verify_bundle, verify_run
from estimator.errors import InputError
from estimator.runs.manifest_digest import with_digest

OUTPUTS = ["estimate.csv", "estimate.json", "posterior.nc"]


def states(verification) -> dict[str, str]:
    return {file.name: file.state for file in verification.files if file.state != "same"}


def test_a_run_as_it_was_written_is_unaltered(run):
    found = verify_run(run)
    assert found.unaltered
    assert [file.name for file in found.files] == ["manifest.json", *OUTPUTS, "study.toml", "table.csv"]
    assert {file.state for file in found.files} == {"same"}


@pytest.mark.parametrize("name", [*OUTPUTS, "manifest.json"])
def test_one_altered_byte_is_found_in_every_file(run, name):
    path = run / name
    content = bytearray(path.read_bytes())
    at = content.index(b"region") if name == "manifest.json" else len(content) // 2
    content[at] ^= 1
    path.write_bytes(content)
    found = verify_run(run)
    assert not found.unaltered and [(file.name, file.state) for file in found.wrong] == [(name, "changed")]


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_file_that_has_gone_is_missing(run, name):
    (run / name).unlink()
    assert states(verify_run(run)) == {name: "missing"}


def test_what_the_run_did_not_write_is_named_and_alters_nothing(run):
    (run / "notes").mkdir()
    (run / "notes" / "mine.txt").write_text("mine")
    (run / "link").symlink_to("/etc")
    found = verify_run(run)
    assert states(found) == {"notes/mine.txt": "extra", "link": "extra"}
    assert found.unaltered


@pytest.mark.parametrize(("name", "state"), [("table.csv", "changed"), ("study.toml", "changed")])
def test_altered_input_is_found(run, name, state):
    path = run.parent / "region" / name
    path.write_text(path.read_text() + "\n")
    assert states(verify_run(run)) == {name: state}


def test_input_that_is_elsewhere_is_not_checked_unless_it_is_named(run):
    shutil.move(run.parent / "region", run.parent / "moved")
    found = verify_run(run)
    assert found.unaltered and states(found) == {"table.csv": "elsewhere", "study.toml": "elsewhere"}
    assert states(verify_run(run, run.parent / "moved")) == {}


def test_a_manifest_of_an_earlier_version_vouches_for_files_but_not_for_itself(run):
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["content_sha256"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    found = verify_run(run)
    assert states(found) == {"manifest.json": "unvouched"} and found.unaltered


def test_a_manifest_that_names_files_elsewhere_gets_no_hash_of_them(run):
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["outputs"] |= {"../region/table.csv": "0" * 64, "/etc/passwd": "0" * 64, "estimate.json": 5}
    (run / "manifest.json").write_text(json.dumps(with_digest(manifest)))
    assert states(verify_run(run)) == {
        "../region/table.csv": "missing",
        "/etc/passwd": "missing",
        "estimate.json": "extra",
    }


@pytest.mark.parametrize("content", ["", "[]", "{", '{"schema_version": 99}'])
def test_a_manifest_that_cannot_be_read_is_said_to_be(run, content):
    (run / "manifest.json").write_text(content)
    with pytest.raises(InputError, match="manifest.json"):
        verify_run(run)


def rewritten(path, **changes):
    """A bundle in which some files have another content (None: gone)."""
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    files |= {name.replace("__", "/"): content for name, content in changes.items()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            if content is not None:
                packed.writestr(name, content)
    return path


def verified(path):
    with opened(path) as folder:
        assert is_bundle(folder)
        return verify_bundle(folder)


def test_a_bundle_as_it_was_packed_is_unaltered(run, pack, tmp_path):
    found = verified(pack(run, tmp_path / "b.zip"))
    assert found.unaltered and found.bundled and states(found) == {}
    assert found.manifest_sha256 == verify_run(run).manifest_sha256


@pytest.mark.parametrize(
    ("name", "content", "state"),
    [
        ("README.html", b"send the table to ...", "changed"),
        ("run/estimate.json", b"{}", "changed"),
        ("run/posterior.nc", None, "missing"),
        ("study/region/table.csv", b"police,shelter,hotline,count\n", "changed"),
        ("study/region/study.toml", None, "missing"),
        ("run/more.json", b"{}", "extra"),
        ("more.txt", b"", "extra"),
    ],
)
def test_whatever_is_altered_in_a_bundle_is_named(run, pack, tmp_path, name, content, state):
    found = verified(rewritten(pack(run, tmp_path / "b.zip"), **{name: content}))
    assert not found.unaltered
    assert states(found)[name] == state


def test_metadata_that_agree_with_an_altered_file_do_not_hide_it(run, pack, tmp_path):
    path, altered = pack(run, tmp_path / "b.zip"), b"police,shelter,hotline,count\n"
    import hashlib

    with zipfile.ZipFile(path) as packed:
        crate = json.loads(packed.read("ro-crate-metadata.json"))
    for entity in crate["@graph"]:
        if str(entity["@id"]).endswith(("table.csv", "estimate.csv")):
            entity["sha256"] = hashlib.sha256(altered).hexdigest()
    changes = {
        "study/region/table.csv": altered,
        "run/estimate.csv": altered,
        "ro-crate-metadata.json": json.dumps(crate).encode(),
    }
    found = verified(rewritten(path, **changes))
    assert states(found) == {"run/estimate.csv": "changed", "table.csv": "changed"}


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"@graph": [{"@type": "File"}]}', b'{"@graph": 5}'])
def test_metadata_that_say_nothing_are_refused(run, pack, tmp_path, content):
    path = rewritten(pack(run, tmp_path / "b.zip"), **{"ro-crate-metadata.json": content})
    with pytest.raises(InputError, match="ro-crate-metadata.json"):
        verified(path)


def test_a_bundle_that_was_unpacked_by_hand_is_verified_too(run, pack, tmp_path):
    with zipfile.ZipFile(pack(run, tmp_path / "b.zip")) as packed:
        packed.extractall(tmp_path / "by-hand")
    assert verify_bundle(tmp_path / "by-hand").unaltered
