"""Files of published numbers: every shipped one is read, and every fault of one is said where it stands."""

from __future__ import annotations

import pytest

from estimator.errors import InputError
from estimator.published.registry import registered, registered_names
from estimator.study.study import read_study

STUDY = 'title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n'
FIGURE = '[[figures]]\nname = "one"\ntitle = "One"\nmethod = "lower-bound"\nestimate = 9\n'
HEAD = 'title = "Invented"\nstudy = "study.toml"\nsource = "Nobody"\n'


@pytest.fixture
def faults(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "table.csv").write_text("A,B,count\n1,0,4\n0,1,5\n1,1,1\n")

    def found(text):
        path = tmp_path / "numbers.toml"
        path.write_text(text)
        try:
            registered(str(path))
        except InputError as error:
            return [str(fault).replace(f"{tmp_path}/", "") for fault in error.faults]
        return []

    return found


@pytest.mark.parametrize("name", registered_names())
def test_every_shipped_file_says_where_its_numbers_are_from(name):
    found = registered(name)
    assert found.title_nl
    for figure in found.figures:
        assert figure.source
        assert figure.numbers
        assert figure.title_nl
        assert bool(figure.why) == (figure.expect != "reproduces")
        assert bool(figure.why_nl) == bool(figure.why)
        # a tolerance beyond rounding has its reason
        assert bool(figure.noise_because_nl) == bool(figure.noise)


@pytest.mark.parametrize("name", registered_names())
def test_where_numbers_are_from_is_said_in_dutch(name):
    for figure in registered(name).figures:
        assert figure.source_nl, figure.name
        assert bool(figure.where_nl) == bool(figure.where), figure.name


def test_a_number_of_the_study_has_the_dutch_source_that_stands_there():
    listed = {figure.id: figure for figure in read_study("nl").published}
    found = next(figure for figure in registered("nl").figures if figure.figure == "pooled-aic-six")
    assert found.source_nl == listed["pooled-aic-six"].source_nl
    assert found.source_nl != found.source


def test_a_sound_file_has_no_fault(faults):
    assert faults(HEAD + FIGURE) == []


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEAD, "", "no figure"),
        (HEAD + FIGURE.replace("estimate", "estimat"), "line 8", "estimate"),
        (HEAD + FIGURE.replace("estimate = 9\n", ""), "line 4", "no published number"),
        (HEAD + FIGURE + "lower = 3\n", "line 4", "one limit without the other"),
        (HEAD + FIGURE + "lower = 10\nupper = 20\n", "line 4", "not in order"),
        (HEAD + FIGURE + "level = 0.9\n", "line 9", "0.5, 0.8, 0.95"),
        (HEAD + FIGURE.replace("lower-bound", "lower-bond"), "line 7", "Did you mean 'lower-bound'"),
        (HEAD + FIGURE + 'options = { form = "x" }\n', "line 9", "no choice here"),
        (HEAD + FIGURE + 'priors = "wide"\n', "line 9", "takes no prior assumptions"),
        (HEAD + FIGURE.replace("lower-bound", "loglinear") + 'priors = "wid"\n', "line 9", "Did you mean 'wide'"),
        (HEAD + FIGURE + FIGURE, "line 10", "already"),
        (HEAD + FIGURE + 'expect = "differs"\n', "line 4", "needs its reason"),
        (HEAD + FIGURE + 'expect = "maybe"\n', "line 9", '"not-public"'),
        (HEAD + FIGURE.replace('method = "lower-bound"\n', ""), "line 4", "'method' is missing"),
        (HEAD.replace("study.toml", "nowhere") + FIGURE, "line 2", "no study"),
        (HEAD.replace('source = "Nobody"\n', "") + FIGURE, "line 3", "who published"),
        (HEAD + FIGURE.replace("estimate = 9", 'figure = "x"'), "line 8", "has the id 'x'"),
        (HEAD + FIGURE + "[figures.noise]\nlower = 5\n", "line 9", "where the noise comes from"),
    ],
)
def test_a_fault_is_said_where_it_stands(faults, text, line, says):
    (found,) = faults(text)
    assert found.startswith(f"numbers.toml, {line}" if line else "numbers.toml")
    assert says in found


def test_a_name_that_is_not_there_is_answered_with_one_that_is():
    with pytest.raises(InputError, match="Did you mean 'kosovo'"):
        registered("kosvo")


def test_every_published_analysis_of_the_public_table_is_made_again():
    found = registered("nl")
    analyses = {figure.id for figure in read_study(found.again.study).published if figure.measure == "pooled_N"}
    assert analyses == {figure.figure for figure in found.figures if figure.figure}
