"""Bundles are RO-Crates as rocrate-validator reads them, without a network: RO-Crate 1.1 and Process Run Crate 0.5.

The validator wants the JSON-LD context that the metadata name by its address. Here it comes from a file beside this
one, as rocrate 0.13.0 (PyPI) brings it along: public domain (CC0).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.bundle.conftest import make_run
from tests.programs import crate_python

HERE = Path(__file__).parent
NOT_KNOWN = {
    "process-run-crate-0.5_3.2",  # the address of the software: it has none in public
    "process-run-crate-0.5_5.1",  # and so its identifier is not one either
    "process-run-crate-0.5_8.6",  # who ran it: a bundle names nobody
    "ro-crate-1.1_22.2",  # an author
    "ro-crate-1.1_22.3",  # a publisher
}
"""What is recommended and left out."""


def issues(bundle: Path, folder: Path) -> list[list[str]]:
    """What the validator has against a bundle."""
    command = [
        str(crate_python()),
        str(HERE / "crate_validation.py"),
        str(bundle),
        str(HERE / "ro-crate-1.1-context.jsonld"),
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("kind", ["whole", "without-table"])
def test_a_bundle_is_valid(run, pack, kind, tmp_path):
    if kind == "without-table":
        run = make_run(tmp_path / "protected", "[disclosure]\nminimum = 5\n")
    found = issues(pack(run, tmp_path / "b.zip"), tmp_path)
    assert [one for one in found if one[0] != "RECOMMENDED"] == []
    assert {one[1] for one in found} == NOT_KNOWN, found


def test_a_bad_bundle_is_found_out(run, pack, tmp_path):
    """The test of the test: a bundle without a licence, and of which a file is gone."""
    good, bad = pack(run, tmp_path / "b.zip"), tmp_path / "bad"
    with zipfile.ZipFile(good) as packed:
        packed.extractall(bad)
    crate = json.loads((bad / "ro-crate-metadata.json").read_text("utf-8"))
    del crate["@graph"][1]["license"]
    (bad / "ro-crate-metadata.json").write_text(json.dumps(crate), encoding="utf-8")
    (bad / "run" / "estimate.csv").unlink()
    shutil.make_archive(str(tmp_path / "bad"), "zip", bad)
    said = [message for severity, _, message, _ in issues(tmp_path / "bad.zip", tmp_path) if severity == "REQUIRED"]
    assert any("license" in one for one in said) and any("estimate.csv" in one for one in said), said
