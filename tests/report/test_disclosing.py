"""A report after disclosure control: what is printed gives no small registered number away, in any cell."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.document.cells import CellMaker
from estimator.document.content import (
    Cell,
    Column,
    Counted,
    Document,
    Figure,
    KeyNumber,
    Paragraph,
    Row,
    Section,
    Status,
    Table,
)
from estimator.document.counted import Observed, margin_of, printed_sums, rounded
from estimator.document.disclosing import disclosed
from estimator.methods.summary import Summary
from estimator.study.questions import DisclosureRules
from estimator.words.words import words_in

COLUMNS = (
    Column("registered", "Registered", "registered"),
    Column("estimated", "Estimated", "estimated"),
    Column("interval", "95 %", "estimated"),
    Column("coverage", "Coverage", "coverage"),
    Column("coverage-interval", "95 %", "coverage"),
    Column("rate", "Rate", "rate"),
    Column("rate-interval", "95 %", "rate"),
)
EVERYBODY = frozenset(range(6))


def spread(median: float, lower: float, upper: float) -> Summary:
    limits = {0.5: (lower, upper), 0.8: (lower, upper), 0.95: (lower, upper)}
    return Summary(median, median, (upper - lower) / 4, limits, True)


def row_of(key: str, seen: int, unseen: int, counted: Counted, make: CellMaker) -> Row:
    """A row of a group: its estimate is certain of the registered, and spreads over what nobody saw."""
    people = spread(seen + unseen, seen + 0.4 * unseen, seen + 2 * unseen)
    share = spread(*(seen / max(size, 1) for size in (people.median, people.upper, people.lower)))
    rate = spread(*(size / 7 for size in (people.median, people.lower, people.upper)))
    cells = (
        make.registered(seen, counted),
        make.people(people, seen),
        make.interval(people, seen),
        make.coverage(share, counted),
        make.coverage_interval(share),
        *(make.rate(rate) if unseen else (Cell("–"), Cell("–"))),
    )
    return Row(key, key, cells)


def parts() -> dict[str, frozenset[int]]:
    """Every margin of a table of 2 by 3."""
    places = np.arange(6).reshape(2, 3)
    found = {}
    for one, two in product([*range(2), slice(None)], [*range(3), slice(None)]):
        found[f"{one}/{two}".replace("slice(None, None, None)", "all")] = frozenset(np.ravel(places[one, two]).tolist())
    return found


def document(counts, unseen, language: str = "en") -> Document:
    """A report of a table of 2 by 3: all margins in a table, the sums of its columns in a figure, and a sentence."""
    make = CellMaker(words_in(language))

    def row(key: str, part: frozenset[int]) -> Row:
        sums = (int(sum(values[place] for place in part)) for values in (counts, unseen))
        return row_of(key, *sums, Counted(part), make)

    rows = [row(key, part) for key, part in parts().items()]
    by_column = sorted((row for row in rows if row.key.startswith("all")), key=lambda row: -(row.cells[0].value or 0))
    total = next(row for row in rows if row.key == "all/all")
    blocks = (
        KeyNumber("Registered", total.cells[0]),
        Paragraph(f"{total.cells[0].text} people are registered.", counted=(Counted(EVERYBODY),)),
        Table("groups", "Groups", "", COLUMNS, tuple(rows)),
        Figure("columns", "coverage", "Columns", Table("columns-data", "Columns", "", COLUMNS, tuple(by_column))),
    )
    return Document(language, "made", "Made up", "", "", Status(True), (Section("all", "All", blocks),))


def after(counts, unseen, rules: DisclosureRules, language: str = "en"):
    return disclosed(document(counts, unseen, language), words_in(language), rules, Observed(np.array([counts])))


def read(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def test_nothing_changes_without_rules_but_the_report_says_so():
    before = document([3] * 6, [5] * 6)
    found = disclosed(before, words_in("en"), None, Observed())
    assert found.document.sections[:-1] == before.sections
    assert "no rules" in found.document.sections[-1].blocks[0].text
    assert not found.log


@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_follows_from_a_withheld_number_is_withheld_with_it(language):
    found = after([3, 40, 50, 60, 70, 80], [9, 90, 100, 110, 120, 130], DisclosureRules(5), language)
    [table] = [one for one in found.document.tables() if one.id == "groups"]
    first = next(row for row in table.rows if row.key == "0/0")
    mark = words_in(language).text("disclosure.withheld")
    registered, estimated, interval, coverage, share_limits, rate, rate_limits = first.cells
    assert [cell.text for cell in (registered, coverage, share_limits)] == [mark] * 3
    assert all(cell.value is cell.lower is cell.exact is None for cell in (registered, coverage, share_limits))
    assert (estimated.text, estimated.value) == ("10", 10.0), "12, to fives"
    assert interval.text == {"en": "5 to 25", "nl": "5 tot 25"}[language]
    assert rate.value == pytest.approx(10 / 7, abs=0.06)
    assert table.notes[-1] == words_in(language).text("disclosure.note")


def test_small_estimates_are_fewer_than():
    found = after([0, 40, 50, 60, 70, 80], [3, 90, 100, 110, 120, 130], DisclosureRules(5))
    [table] = [one for one in found.document.tables() if one.id == "groups"]
    cells = next(row for row in table.rows if row.key == "0/0").cells
    assert [cell.text for cell in cells[:3]] == ["0", "fewer than 5", "fewer than 5 to 6"]
    assert cells[1].value is None


def test_a_withheld_row_of_a_figure_does_not_keep_its_place():
    counts = [3, 40, 50, 0, 70, 80]
    found = after(counts, [20] * 6, DisclosureRules(5))
    [figure] = found.document.figures()
    hidden = [row.cells[0].value is None for row in figure.data.rows]
    assert any(hidden)
    assert hidden == sorted(hidden)


def test_the_log_says_what_and_not_how_many():
    found = after([3, 40, 50, 60, 70, 80], [9, 90, 100, 110, 120, 130], DisclosureRules(5))
    assert {(entry.where, entry.row, entry.column) for entry in found.log} >= {
        ("groups", "0/0", "registered"),
        ("groups", "0/0", "coverage"),
    }
    assert not any(read(f"{entry.where} {entry.column}") for entry in found.log)


def test_a_sentence_with_a_withheld_number_is_left_out():
    found = after([1, 0, 0, 0, 0, 1], [9] * 6, DisclosureRules(5))
    sentence = next(block for block in found.document.blocks() if isinstance(block, Paragraph))
    assert sentence.text == words_in("en").text("disclosure.sentence")


def test_an_estimate_apart_from_its_registered_number_is_rounded_with_it():
    """A key number has no registered number beside it, and its interval begins where that is."""
    counts, make = [1, 0, 0, 0, 0, 12], CellMaker(words_in("en"))
    whole, people = Counted(EVERYBODY), spread(20, 13, 31)
    alone = KeyNumber("Estimated", make.people(people, 13, whole), make.interval(people, 13))
    before = document(counts, [1] * 6)
    section = replace(before.sections[0], blocks=(alone, *before.sections[0].blocks))
    found = disclosed(
        replace(before, sections=(section,)), words_in("en"), DisclosureRules(20), Observed(np.array([counts]))
    )
    shown = found.document.sections[0].blocks[0]
    assert alone.interval.text == "13 to 31"
    assert shown.interval.text in ("fewer than 20 to 40", "withheld")


def test_counts_that_contradict_each_other_are_all_withheld():
    wrong = document([10, 20, 30, 40, 50, 60], [5] * 6)
    [key, sentence, table, figure] = wrong.sections[0].blocks
    rows = list(table.rows)
    rows[0] = replace(rows[0], cells=(replace(rows[0].cells[0], value=999.0, exact=999.0), *rows[0].cells[1:]))
    section = replace(wrong.sections[0], blocks=(key, sentence, replace(table, rows=tuple(rows)), figure))
    found = disclosed(replace(wrong, sections=(section,)), words_in("en"), DisclosureRules(5), Observed())
    [table] = [one for one in found.document.tables() if one.id == "groups"]
    assert {row.cells[0].text for row in table.rows} == {"withheld"}


small = st.integers(0, 7) | st.integers(0, 60)


@given(st.lists(small, min_size=6, max_size=6), st.lists(st.integers(0, 80), min_size=6, max_size=6))
@settings(max_examples=15, deadline=None)
def test_nobody_who_reads_the_whole_report_finds_a_small_number(counts, unseen):
    """The attacker takes each printed text: numbers, shares of estimates, and the lower limits of these."""
    from scipy.optimize import linprog

    found = after(counts, unseen, DisclosureRules(5))
    left, right, where = [], [], parts()
    for table in found.document.tables():
        for row in table.rows:
            members = np.array([float(place in where[row.key]) for place in range(6)])
            registered, _, interval, coverage, *_ = row.cells
            if registered.value is not None:
                left += [members, -members]
                right += [read(registered.text)[0], -read(registered.text)[0]]
                continue
            assert coverage.text in ("withheld", "–")
            left, right = [*left, -members], [*right, -1.0]
            if interval.upper is not None and interval.text != "withheld":
                limits = read(interval.text)
                lower = 4.0 if "fewer" in interval.text else limits[0] + (limits[1] - limits[0]) / 5 + 5
                left, right = [*left, members], [*right, lower]
    for part in where.values():
        seen = sum(counts[place] for place in part)
        if 0 < seen < 5:
            aim = np.array([float(place in part) for place in range(6)])
            ends = [linprog(sign * aim, A_ub=left, b_ub=right, bounds=(0, 5000)) for sign in (1, -1)]
            assert -ends[1].fun - ends[0].fun > 3 - 1e-6, "all of 1 to 4 remain possible"
    sentences = [block.text for block in found.document.blocks() if isinstance(block, Paragraph)]
    if 0 < sum(counts) < 5:
        assert not any(read(text) == [float(sum(counts))] for text in sentences)


@given(st.lists(small, min_size=6, max_size=6), st.lists(st.integers(1, 80), min_size=6, max_size=6))
@settings(max_examples=15, deadline=None)
def test_what_stands_beside_a_rounded_number_says_no_more_than_it(counts, unseen):
    """In fives: two tables that are printed with the same registered and estimated numbers have the same shares."""
    rules = DisclosureRules(5, rounding=5)
    for table in after(counts, unseen, rules).document.tables():
        for row in table.rows:
            registered, estimated, interval, coverage, limits, *_ = row.cells
            if registered.value is not None:
                assert registered.value % 5 == 0
                assert estimated.value is None or estimated.value % 5 == 0
                assert registered.exact is None
            if coverage.value is not None:
                assert coverage.value == round(registered.value / estimated.value, coverage.decimals + 2)
                assert limits.lower == round(registered.value / interval.upper, limits.decimals + 2)


@pytest.mark.parametrize("unit", [1, 2, 5, 10])
@pytest.mark.parametrize("years", [1, 2, 3])
def test_a_registered_number_is_rounded_to_the_nearest(unit, years):
    rules, counted = DisclosureRules(5, rounding=unit), Counted(EVERYBODY, years=years)
    for people in range(200):
        printed = rounded(people, counted, rules)
        assert printed % unit == 0
        assert abs(printed - people / years) <= unit / 2


@pytest.mark.parametrize("places", [(0, 1), (1, 0)])
def test_a_registered_number_is_what_is_printed_of_it_wherever_a_share_of_it_stands(places):
    """Of a number that is known between 10 and 20, the report prints 12: a share is taken for no other one."""
    counted = Counted(EVERYBODY)
    cells = (Cell("about 12", "registered", 12.0, counted=counted), Cell("40 %", "coverage", 0.4, counted=counted))
    row = Row("all", "all", tuple(cells[place] for place in places))
    table = Table("t", "T", "", (COLUMNS[0], COLUMNS[3]), (row,))
    made = Document("en", "made", "Made up", "", "", Status(True), (Section("all", "All", (table,)),))
    draws = np.array([[10.0, 0, 0, 0, 0, 0], [20.0, 0, 0, 0, 0, 0]])
    (one,) = printed_sums(made, Observed(draws), DisclosureRules(5))
    assert one.margin == margin_of(counted)
    assert (one.value, one.lower, one.upper) == (12.0, 10.0, 20.0)
