"""More rows than fit in the memory that is allowed give the same table as with all the memory there is."""

from __future__ import annotations

import pytest

from benchmarks.large_registers import write_registers
from estimator.cli.main import run


@pytest.mark.slow
def test_a_small_memory_gives_the_same_table(tmp_path):
    options = write_registers(tmp_path, 3_000_000)
    tables = []
    for memory in ("150MB", "4GB"):
        out = tmp_path / f"{memory}.csv"
        assert run(["tabulate", str(tmp_path), *options, "--out", str(out), "--memory", memory]) == 0
        tables.append(out.read_bytes())
    assert tables[0] == tables[1]
    assert not list(tmp_path.glob(".*.part"))


def test_a_memory_that_is_no_size_is_refused(tmp_path, capsys):
    options = write_registers(tmp_path, 100)
    assert run(["tabulate", str(tmp_path), *options, "--memory", "plenty"]) == 1
    assert "--memory: This is no size" in capsys.readouterr().err
    assert not (tmp_path / "table.csv").exists()
