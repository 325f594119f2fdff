"""Pages of registers: what stands in them, and that small numbers do not."""

from __future__ import annotations

import datetime
import random

import pytest

from estimator.document.content import Figure, Table
from estimator.document.pictures import drawing
from estimator.document.registers import register_pages
from estimator.registers.plan import make_plan
from estimator.registers.record import record_of
from estimator.registers.tabulating import tabulate
from estimator.report.labels import Labels
from estimator.study.study import read_declared
from estimator.words.words import words_in


@pytest.fixture
def pages(office):
    """Pages of registers with 0 to 7 persons in each combination, in which every number of a cell is known."""
    numbers = {"P": 7, "PO": 5, "O": 4, "OZ": 1, "Z": 6}
    rows = {name: [] for name in "POZ"}
    keys = [(lists, f"{lists}{number}") for lists, most in numbers.items() for number in range(most)]
    random.Random(1).shuffle(keys)
    for lists, key in keys:
        for name in lists:
            rows[name].append([key, f"0{1 + len(lists)}-02-2014", "V", "1960"])
    rows["Z"] += [["twice", "01-03-2014", "", "1960"]] * 3
    for name, found in rows.items():
        office.write(name, found)
    file, content = read_declared(str(office.folder))
    plan = make_plan(file, content, [(name, str(office.folder / f"{name}.csv")) for name in "POZ"])
    record = record_of(tabulate(plan, office.folder / "table.csv", today=datetime.date(2020, 1, 1)))
    return register_pages(record, Labels(lists={"P": "Police"}), words_in("en"), title="Test", minimum=5)


def cells_of(pages):
    """Return every cell by the name of its table, row and column."""
    blocks = [block for section in pages.sections for block in section.blocks]
    tables = [block.data if isinstance(block, Figure) else block for block in blocks]
    return {
        (table.id, row.key, column.key): cell
        for table in tables
        if isinstance(table, Table)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    }


def test_numbers_of_one_to_four_stand_nowhere_and_others_do(pages):
    cells = cells_of(pages)
    shown = {key: cell.text for key, cell in cells.items()}
    assert shown["sizes", "P", "persons"] == "12"
    assert shown["sizes", "Z", "duplicates"] == "<5"  # two
    assert shown["overlap-data", "P + O", "registered"] == "5"
    assert shown["overlap-data", "O", "registered"] == "<5"  # four
    assert shown["list-P-others", "Z", "number"] == "0"
    assert (shown["list-P-others", "O", "number"], shown["list-P-others", "O", "share"]) == ("5", "41.7 %")
    assert (shown["list-O-others", "Z", "number"], shown["list-O-others", "Z", "share"]) == ("<5", "–")
    assert shown["months-data", "2014-02", "Z"] == "7" and shown["months-data", "2014-03", "Z"] == "<5"
    numbers = {key: cell for key, cell in cells.items() if key[2] not in ("P", "O", "Z") or key[0] != "overlap-data"}
    assert not [key for key, cell in numbers.items() if cell.text in ("1", "2", "3", "4")]
    assert not [key for key, cell in numbers.items() if cell.value is not None and 0 < cell.value < 5]


def test_a_month_that_is_not_shown_leaves_a_gap_and_the_page_says_so(pages):
    from matplotlib.figure import Figure as Canvas

    (months,) = (block for block in pages.sections[0].blocks if isinstance(block, Figure) and block.id == "months")
    assert months.notes == ("A gap is a month with 1 to 4 registrations, which are not shown.",)
    canvas = Canvas()
    drawing.DRAWINGS["months"].draw(canvas, months, words_in("en"))
    (ax,) = canvas.axes
    heights = dict(zip("POZ", (line.get_ydata().tolist() for line in ax.lines), strict=True))
    assert heights["P"] == [12, 0]
    assert heights["Z"][0] == 7 and heights["Z"][1] != heights["Z"][1]
    assert all(float(tick).is_integer() for tick in ax.get_yticks())
