"""Hostile input of every kind, through the command line: never our fault, always said where, nothing left behind."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest

from tests.hostile import beside_cases, option_cases, run_cases, survey_cases, table_cases, toml_cases
from tests.hostile.running import verdict

GENERATORS = (
    table_cases.counts,
    table_cases.rounded,
    table_cases.margins,
    table_cases.cells,
    table_cases.headers,
    table_cases.whole_files,
    table_cases.many_levels,
    table_cases.repeat_counts,
    toml_cases.study_values,
    toml_cases.prior_values,
    toml_cases.published_values,
    toml_cases.prior_statements,
    toml_cases.broken_toml,
    toml_cases.repeats,
    toml_cases.numbers,
    beside_cases.denominators,
    beside_cases.published,
    beside_cases.decisions,
    beside_cases.imputed_tables,
    option_cases.names,
    option_cases.numbers,
    option_cases.written,
    option_cases.places,
    run_cases.files,
    run_cases.fields,
    survey_cases.survey_values,
    survey_cases.survey_files,
    survey_cases.plan_values,
    survey_cases.multiverse_values,
)
MOST_SHOWN = 15
THINNED = {
    toml_cases.study_values: 5,
    toml_cases.prior_values: 5,
    toml_cases.published_values: 5,
    run_cases.fields: 5,
    option_cases.numbers: 2,
    survey_cases.survey_values: 5,
    survey_cases.plan_values: 5,
    survey_cases.multiverse_values: 7,
}
"""Of these every so many are done in the fast suite, and all in the slow one."""


def name_of(cases):
    return f"{cases.__module__.rpartition('.')[2]}.{cases.__name__}"


@pytest.mark.parametrize("cases", GENERATORS, ids=name_of)
def test_hostile_input(cases, tmp_path):
    """A generator at a time: thousands of tests with a name each would take longer to name than to do."""
    all_hold(list(cases())[:: THINNED.get(cases, 1)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("cases", THINNED, ids=name_of)
def test_all_hostile_input(cases, tmp_path):
    all_hold(cases(), tmp_path)


def all_hold(cases, tmp_path):
    wrong = {}
    for number, case in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        if found := verdict(case, folder):
            wrong[case.id] = found
    told = "\n".join(f"{name}\n    " + "\n    ".join(found) for name, found in list(wrong.items())[:MOST_SHOWN])
    assert not wrong, f"{len(wrong)} cases failed:\n{told}"


def test_the_corpus_is_large_and_of_every_kind():
    """At least 600 inputs that differ in files or command, and of each kind some."""
    made = [case for cases in GENERATORS for case in cases()]
    different = {(tuple(sorted(case.files.items(), key=str)), case.argv) for case in made}
    assert len(different) >= 600
    kinds = Counter(case.kind for case in made)
    assert set(kinds) >= {"study", "priors", "counts", "files", "denominators", "published", "decisions", "runs"}
    assert min(kinds.values()) >= 2
    assert len({case.argv[0] for case in chain(made) if case.argv}) >= 8
