"""An office with three small registers."""

from __future__ import annotations

import pytest

from tests.registers.offices import Office


@pytest.fixture
def office(tmp_path, capsys):
    found = Office(tmp_path, capsys)
    found.write("P", [["a", "01-02-2014", "V", "01-01-2000"], ["b", "01-02-2015", "M", "01-01-1980"]])
    found.write("O", [["a", "2014-03-04", "V", "01-01-2000"], ["a", "05-06-2014", "V", "01-01-2000"]])
    found.write("Z", [["c", "31-12-2015", "", ""]])
    return found
