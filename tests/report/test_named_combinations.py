"""Tables by combination and SDG 16.2.2 of shipped studies, read back from every format.

What they say is not in estimate.json but for everybody, so that it is worked out here from the draws of the run: every
interval, coverage and registered number, each estimate near its median, parts that add up as printed.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator, Mapping
from itertools import pairwise, product

import docx as word
import numpy as np
import openpyxl
import pytest
from docx.oxml.ns import qn

from tests.programs import program
from tests.report.reading_back import elements, numbers_in, text_in, unit_of
from tests.report.test_named_studies import NO_BREAK, rows_of, tree_of

SDG = "sdg-16-2-2"


def sheet_of(book, name: str) -> dict[str, list]:
    """The rows of a sheet by their keys."""
    lines = list(book[name].iter_rows(values_only=True))
    top = next(place for place, line in enumerate(lines) if line[0] in ("key", "sleutel"))
    return {str(line[0]): list(line[2:]) for line in lines[top + 1 :]}


def people_in(run, where: Mapping[str, str], years: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the registered and of all people with some characteristics, per year, straight from the run's draws."""
    covariates, period = run.facts.covariates, run.facts.period
    chosen = []
    for place, levels in enumerate(product(*(one.levels for one in covariates.values()))):
        stratum = dict(zip(covariates, levels, strict=True))
        fits = all(stratum[name] == level for name, level in where.items())
        if fits and (period is None or not years or stratum[period.covariate] in years):
            chosen.append(place)
    people = run.draws.population
    registered, unseen = (draws[..., chosen].sum(axis=-1).ravel() for draws in (people.registered, people.unseen))
    return registered / max(1, len(years)), (registered + unseen) / max(1, len(years))


def tables_in(run, truth) -> Iterator[tuple[str, list[str]]]:
    """The tables by combination, with the years that each is about."""
    if run.facts.covariates and set(run.facts.covariates) - {run.facts.period and run.facts.period.covariate}:
        yield "combinations", truth["period"].get("years") or []
        yield from ((f"combinations-{year}", [year]) for year in truth.get("by_year") or {})


def covariates_of(run) -> list[str]:
    year = run.facts.period.covariate if run.facts.period else None
    return [name for name in run.facts.covariates if name != year]


def assert_part(cells: list, seen: np.ndarray, people: np.ndarray, rounding: float | None, moved: float) -> None:
    """Registered, estimated, its limits and coverage of a part are those of its draws after rounding."""
    registered, estimated, lower, upper, coverage = cells
    low, middle, high = np.quantile(people, [0.025, 0.5, 0.975])
    unit = unit_of({"lower": low, "median": middle, "upper": high}, rounding) if high > low else 1.0
    assert lower == max(math.floor(low / unit + 1e-9) * unit, math.ceil(seen.min() - 1e-9))
    assert upper == math.ceil(high / unit - 1e-9) * unit
    assert abs(registered - np.median(seen)) <= (0.5 if seen.std() == 0 and moved == 0 else 2 + 0.02 * np.median(seen))
    assert abs(estimated - middle) <= max(moved * middle, 20, unit)
    if middle >= 0.5:
        assert coverage == pytest.approx(np.median(seen / people), abs=0.0051)


def test_combinations_are_those_of_the_draws(report, run):
    language, folder, truth, rounding = report
    book = openpyxl.load_workbook(folder / f"report-{language}.xlsx")
    covariates, compared = covariates_of(run), 0
    for name, years in tables_in(run, truth):
        rows = sheet_of(book, name)
        bounds = len(rows["total"]) % 2 == 1 if "per_100000" in truth["groups"]["total"] else len(rows["total"]) > 5
        bounded = bounds and "registered_bounds" in truth["groups"]["total"]
        for key, cells in rows.items():
            path = [] if key == "total" else key.split("/")
            seen, people = people_in(run, dict(zip(covariates, path, strict=False)), years)
            numbers = [cells[0], *cells[3:7]] if bounded else cells[:5]
            assert_part(numbers, seen, people, rounding, 0.1)
            compared += 1
        for column in (0, 3 if bounded else 1):
            for parent, children in families(rows):
                assert sum(rows[child][column] for child in children) == rows[parent][column], (name, parent)
    assert compared > 10 or not covariates


def families(rows: Mapping[str, list]) -> Iterator[tuple[str, list[str]]]:
    """Every row that has parts, with these."""
    for parent in rows:
        prefix = "" if parent == "total" else f"{parent}/"
        depth = prefix.count("/")
        children = [key for key in rows if key != "total" and key.startswith(prefix) and key.count("/") == depth]
        if children:
            yield parent, children


def test_the_sdg_table_is_that_of_the_draws(report, run):
    language, folder, truth, rounding = report
    book = openpyxl.load_workbook(folder / f"report-{language}.xlsx")
    total = truth["groups"]["total"]
    if "denominator" not in total:
        assert SDG not in book.sheetnames, "without inhabitants there is none"
        return
    scale = 100_000 / total["denominator"]["inhabitants"]
    rows, years = sheet_of(book, SDG), truth["period"]["years"]
    divided = {key: cells for key, cells in rows.items() if "/" in key}
    assert len(divided) >= 8
    for key, cells in [("total", rows["total"]), *divided.items()]:
        heading, _, levels = key.partition("/")
        names = [] if key == "total" else heading.split("-")
        seen, people = people_in(run, dict(zip(names, levels.split("/"), strict=False)) if names else {}, years)
        registered, seen_rate, estimated, lower, upper, rate, low_rate, high_rate = cells
        assert_part([registered, estimated, lower, upper, np.median(seen / people)], seen, people, rounding, 0.1)
        assert seen_rate == pytest.approx(np.median(seen) * scale, abs=0.051)
        assert rate == pytest.approx(np.median(people) * scale, abs=max(0.11, 0.1 * rate))
        low, high = np.quantile(people, [0.025, 0.975]) * scale
        assert low_rate <= low + 1e-6 and high_rate >= high - 1e-6
        assert high_rate - low_rate <= (high - low) * 1.25 + 0.02
    for heading in {key.partition("/")[0] for key in divided}:
        parts = [cells for key, cells in divided.items() if key.startswith(f"{heading}/")]
        for column in (0, 2):
            assert sum(cells[column] for cells in parts) == rows["total"][column], heading
        assert sum(cells[5] for cells in parts) == pytest.approx(rows["total"][5], abs=1e-6)


def printed_rows(table) -> list[list[str]]:
    """The label and the cells of every row of a table of a page."""
    body = [row for part in table.iter() if part.tag.endswith("tbody") for row in part if row.tag.endswith("tr")]
    return [[text_in(cell) for cell in row] for row in body]


def test_page_print_and_word_say_what_the_workbook_says(report, run, tmp_path):
    """For every table by combination: number by number, row by row, in their order."""
    language, folder, truth, _ = report
    book = openpyxl.load_workbook(folder / f"report-{language}.xlsx")
    names = [name for name, _ in tables_in(run, truth)] + ([SDG] if SDG in book.sheetnames else [])
    tree, text = tree_of(folder, language), word.Document(str(folder / f"report-{language}.docx"))
    command = [program("pdftotext"), "-raw", str(folder / f"report-{language}.pdf"), "-"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    lines = " ".join(said.replace(NO_BREAK, " ").split())
    captions = {one._tbl.tblPr.find(qn("w:tblCaption")): one for one in text.tables}
    written = [
        [[cell.text.replace(NO_BREAK, " ") for cell in row.cells] for row in table.rows][1:]
        for caption, table in captions.items()
        if caption is not None
    ]
    for name in names:
        (table,) = (one for one in elements(tree, "table") if one.get("id") == name)
        rows = printed_rows(table)
        assert rows in written, f"{name} stands in the document for Word as on the page"
        for (_, numbers), (label, *cells) in zip(sheet_of(book, name).items(), rows, strict=True):
            for cell in cells:
                for number in numbers_in(cell, language):
                    values = [100 * one if "%" in cell else one for one in numbers if isinstance(one, int | float)]
                    assert any(abs(number - value) < 1e-6 for value in values), (name, label, cell)
            assert " ".join(" ".join(cells).split()) in lines, (name, label)  # a row above others has empty cells


def test_data_of_the_other_figures(report, run):
    """The fan is estimate.json under every set of priors; the overlap is the observed counts."""
    _, folder, truth, rounding = report
    fan = folder / "figures" / "fan.csv"
    sets = {truth["priors_name"]: truth} | {
        name: one for name, one in (truth.get("beside") or {}).items() if one["diagnostics"]["converged"]
    }
    assert fan.exists() == (len(sets) > 1)
    for name, row in rows_of(fan).items() if fan.exists() else ():
        people = sets[name]["groups"]["total"]["N"]
        unit = unit_of(people, rounding)
        assert float(row["estimated"]) == round(people["median"] / unit) * unit
        assert float(row["interval_upper"]) == math.ceil(people["upper"] / unit) * unit
    if len(truth["groups"]) > 1:
        least, whole = (rows_of(folder / "figures" / f"{name}.csv") for name in ("least-seen", "coverage"))
        assert all(row == whole[key] for key, row in least.items())
    overlap = list(rows_of(folder / "figures" / "overlap.csv").values())
    counts = [int(row["registered"]) for row in overlap]
    assert all(one >= other for one, other in pairwise(counts))
    if "registered_bounds" not in truth["groups"]["total"] and len(counts) < 18:
        years = len(run.all_years) or 1
        registered = run.draws.population.registered.sum(axis=-1).ravel()[0]
        assert sum(counts) == registered, years
