"""Tables for the tests of this folder: written to files, made of single persons, or compared."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable

SEX = Covariate("sex", ("f", "m"))
REGION = Covariate("region", ("north", "south", "west"))

ARTIFICIAL_3 = "A,B,C,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,6\n"
"""Chan, Silverman & Vincent 2021, Table 2."""

NED = """I,K,O,P,R,Z,count
1,0,1,1,0,0,4
1,0,1,0,0,0,1
1,0,0,1,0,1,4
1,0,0,1,0,0,18
1,0,0,0,1,0,3
1,0,0,0,0,1,16
1,0,0,0,0,0,352
0,1,1,0,0,0,1
0,1,0,1,0,0,44
0,1,0,0,0,1,4
0,1,0,0,0,0,1299
0,0,1,1,1,0,2
0,0,1,1,0,1,7
0,0,1,1,0,0,59
0,0,1,0,1,0,2
0,0,1,0,0,1,57
0,0,1,0,0,0,403
0,0,0,1,1,1,1
0,0,0,1,1,0,82
0,0,0,1,0,1,125
0,0,0,1,0,0,4466
0,0,0,0,1,1,2
0,0,0,0,1,0,650
0,0,0,0,0,1,632
"""
"""The Netherlands 2010-2015: van Dijk et al. 2017; Table 2 of Silverman 2020."""


def read(text: str | bytes, declaration: Declaration | None = None, **options: str) -> CaptureTable:
    """Read a table from the text of a file called table.csv."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(path, declaration, **options)


def long_text(
    lists: Sequence[str],
    covariates: Sequence[Covariate],
    rows: Iterable[tuple[Sequence[int | str], Sequence[str], object]],
) -> str:
    """Return the long layout of rows (memberships, levels, count)."""
    header = [*lists, *(covariate.name for covariate in covariates), "count"]
    lines = [",".join(header)]
    lines += [",".join([*map(str, on), *levels, str(count)]) for on, levels, count in rows]
    return "\n".join(lines) + "\n"


def from_persons(
    lists: Sequence[str],
    covariates: Sequence[Covariate],
    persons: Iterable[tuple[Sequence[int | str], Sequence[str]]],
    **declared: object,
) -> CaptureTable:
    """Return the table that single persons make; people on no list are not in it."""
    counts = Counter((tuple(on), tuple(levels)) for on, levels in persons if any(one == 1 for one in on))
    text = long_text(lists, covariates, [(on, levels, n) for (on, levels), n in counts.items()])
    return read(text, Declaration(tuple(lists), tuple(covariates), **declared))  # type: ignore[arg-type]


def content(table: CaptureTable) -> tuple[object, ...]:
    """Return everything that a table says, lines apart, for comparison."""
    return (
        table.lists,
        table.covariates,
        table.possible.tolist(),
        table.running.tolist(),
        table.lower.tolist(),
        table.upper.tolist(),
        table.cover_start.tolist(),
        table.cover_cell.tolist(),
        table.left_out,
    )


def covers(table: CaptureTable) -> dict[frozenset[tuple[str, str]], tuple[int, int]]:
    """Return the bounds of each observed number by the names of the cells that it covers."""
    strata, histories = table.stratum_labels, table.history_labels
    found = {}
    for index in range(len(table.lower)):
        cells = table.cover_cell[table.cover_start[index] : table.cover_start[index + 1]].tolist()
        names = frozenset((strata[cell // table.n_histories], histories[cell % table.n_histories]) for cell in cells)
        assert names not in found, "two observed numbers with the same cover"
        found[names] = (int(table.lower[index]), int(table.upper[index]))
    return found


def cells(*names: str, stratum: str = "all") -> frozenset[tuple[str, str]]:
    """Return a cover within one stratum."""
    return frozenset((stratum, name) for name in names)


def assert_sound(table: CaptureTable) -> None:
    """Assert what every capture table must satisfy."""
    assert (table.lower >= 0).all()
    assert (table.lower <= table.upper).all()
    assert (np.diff(table.cover_start) >= 1).all()
    assert table.possible.reshape(-1)[table.cover_cell].all(), "an impossible cell is covered"
    assert (table.cover_cell % table.n_histories != 0).all(), "an unseen cell is covered"
    uncertain = np.repeat(table.lower < table.upper, np.diff(table.cover_start))
    if table.roads is None:
        people = np.repeat(table.upper > 0, np.diff(table.cover_start))
        times = np.bincount(table.cover_cell[people], minlength=table.n_cells)
        assert (times[table.cover_cell[uncertain & people]] == 1).all(), "an uncertain number shares a cell"
    covers(table)
