"""Under rules of disclosure no sentence of a report names a number of observed people."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import meta

from estimator.document.discreet import COUNTS, OF_NOBODY, discreet
from estimator.document.making import make_report
from estimator.reasons import Reason
from estimator.runs.manifest import DisclosureFacts
from estimator.words.catalogue import catalogue
from estimator.words.words import words_in

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("capture/information.py", "fits", "population", "methods", "checks", "scrutiny", "study", "runs")
"""Where the reasons of a report are made; other findings of `capture` are said by `check` alone."""
_NAMES = """
able against alone apart around_mean as_far_as_draws assumed because before before_lower before_upper bias
both_lower both_upper breaks by by_year centre chains chance check checks choice counts covariate covariates
data date decided_by decision degrees_of_freedom delta dependence divergent draws en enough error expected
factor few fewest file finding for_this_run found_on furthest group groups held held_half instead instead_held
instead_held_half instead_of interval kept kind kinds known largest least level levels likeliest limit limits
list lists lower median message method missing more most moves name narrow narrower needed nl not_done now
now_lower now_upper number numbers of one_in one_way one_year ordered others outside p pairs pareto_k part place
places population population_nl priors probability quantity ratio reached reason reason_nl reasons residual rhat
run sections sentence served several_years share shift since size soonest spans strata stratum tables then
three_list_terms total upper upward value verdict what where which who why wide within_strata without worst year
years behind checked criterion fitted highest hours lowest missed model models replicates search table
top two_list weight widening within without_overlap
absent among classes flat modes otherwise pair ratios spread threshold told_apart
again halved_lower halved_upper priors_mean priors_sd wider
first forest half learned of_strata relative second statement twice unknown
degree fed_by lower_by_model median_by_model merged pooled upper_by_model
own_lower own_upper sigma sigma_lower sigma_upper why_nl
"""
INNOCENT = set(_NAMES.split())
"""Names of values that count no observed people: each was judged when it was added here.

Looked at again: `least`, `most` and `without_overlap` are of registered people in `first-of-several-tables`, which
`check` alone says, to whoever has the table. `missed`, `checked`, `again` and `replicates` count bootstrap tables that
all have an estimate, `ratio` and `ratios` are coefficients over their standard errors: neither can be turned back into
a count. `absent` stands in `threshold-kept`, which is of `OF_NOBODY`.
"""
SAYS_NOBODY = re.compile(r"[Nn]obody|never overlap|no maximum|cannot be normalised|too few people")
OF_NO_TABLE = {"first-of-several-tables", "interruption-stops-short", "latent-class-assumption", "prior-no-residual"}
OF_NO_TABLE |= {"repeats-assumption", "group-hardly-informed"}
OF_NO_TABLE |= {"robust-needs-overlap", "robust-needs-overlap-everywhere"}  # refusals, of which no report is made
"""Codes that say so of no table, that `check` alone says, or that name a count and are left out for that."""
SECRET = 86429
"""A number of people that stands nowhere else."""
RULES = DisclosureFacts(minimum=5, rounding=1, dominance=None, zeros="shown")


def reasons() -> dict[str, Reason]:
    """Every statement of an estimate that names a number of observed people, with a secret one."""
    few = Reason("few-in-year", year="2016", twice_or_more=(SECRET, SECRET))
    number = Reason("number-of-table", people=SECRET, known="exactly", lists=("P",), alone=False, stratum=(), strata=1)
    return {
        "leans": Reason(
            "year-leans-on-others", year="2016", ordered=True, twice_or_more=(SECRET, SECRET), short_of=None
        ),
        "lean": Reason("years-lean-on-others", years=(few, few), ordered=True),
        "observed": Reason("number-off", what=Reason("people-on-list", list="P"), observed=SECRET, lower=1, upper=2),
        "deep": Reason("no-number-drives", without=(number,)),
        "registered": Reason("not-below-registered", registered=SECRET),
        "group": Reason(
            "group-hardly-informed",
            group="women",
            lower=SECRET,
            upper=SECRET,
            registered_lower=SECRET,
            registered_upper=SECRET,
            lists=2,
        ),
        "bootstrap": Reason("selection-bootstrap-fails", stratum="", failed=SECRET, replicates=10**6),
        "earlier": Reason("as-written", sentence=f"2016 has {SECRET} people on two or more lists."),
    }


def made() -> list[ast.Call]:
    """Every place in the program where a reason of a report is made."""
    rooms = [ROOT / "estimator" / room for room in ROOMS]
    files = [path for room in rooms for path in ([room] if room.suffix else sorted(room.rglob("*.py")))]
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    return [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason"]


def codes() -> set[str]:
    """The codes of these reasons."""
    first = (node.args[0] for node in made() if node.args)
    return {str(one.value) for one in first if isinstance(one, ast.Constant)}


def digits_in(files: list[Path]) -> str:
    """The text of pages and data, without the separators of thousands."""
    texts = [path.read_text("utf-8") for path in files if path.suffix in (".html", ".csv", ".json")]
    return "".join(texts).replace(",", "").replace(".", "")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("part", ["cautions", "reasons", "notes"])
@pytest.mark.parametrize("name", ["leans", "lean", "earlier", "group"])
def test_no_count_is_in_a_sentence_of_a_report_under_rules(series_run, name, part, language, tmp_path):
    told = replace(series_run, record=series_run.record.changed(**{part: [reasons()[name]]}))
    facts = told.facts.changed(disclosure=RULES)
    ruled = replace(told, manifest=told.manifest.changed(facts=facts))
    words = words_in(language)
    assert str(SECRET) in digits_in(make_report(told, words, ["html"], tmp_path / "open")), "or nothing is tested"
    page = digits_in(make_report(ruled, words, ["html"], tmp_path / "ruled"))
    assert str(SECRET) not in page
    assert "--full" not in page


@pytest.mark.parametrize("name", list(reasons()))
def test_reasons_of_a_run_name_no_count(series_run, name):
    told = series_run.record.changed(cautions=[reasons()[name]], reasons=[reasons()[name]], notes=[reasons()[name]])
    record = discreet(replace(series_run, record=told)).record
    for said in (*record.cautions, *record.reasons, *record.notes):
        assert str(SECRET) not in repr(said)
        assert words_in("nl").say(said)


def test_what_counts_nobody_stays(series_run):
    kept = Reason("model-describes-table-poorly", p=0.02)
    told = replace(series_run, record=series_run.record.changed(cautions=[kept]))
    assert discreet(told).record.cautions == [kept]


def test_every_name_of_a_value_is_known_to_count_people_or_not():
    """A new name fails here, until somebody judges whether it counts observed people."""
    found = {keyword.arg for node in made() for keyword in node.keywords if keyword.arg}
    # those of a mapping (**values) are not seen there, but in what is said of them
    environment, texts = words_in("en").environment, catalogue("en")
    for code in codes() & set(texts):
        found |= meta.find_undeclared_variables(environment.parse(texts[code])) - set(environment.globals)
    assert not COUNTS & INNOCENT
    assert found - INNOCENT <= COUNTS, "is this a number of observed people? Then it belongs to COUNTS"
    assert found >= INNOCENT, "no longer used"


@pytest.mark.parametrize("code", sorted(OF_NOBODY))
def test_where_nobody_is_registered_is_said_only_where_zeros_are_shown(series_run, code):
    told = Reason(code, strata=("2014, Women",), number=1)
    deep = Reason("why", because=(told,))
    for reason in (told, deep):
        record = series_run.record.changed(cautions=[reason])
        for zeros, kept in (("shown", [reason]), ("withheld", [Reason("disclosure.sentence")])):
            facts = series_run.facts.changed(disclosure=RULES.changed(zeros=zeros))
            run = replace(series_run, record=record, manifest=series_run.manifest.changed(facts=facts))
            assert discreet(run).record.cautions == kept


def test_every_code_of_nobody_is_one_that_is_made():
    source = "".join(
        path.read_text("utf-8") for path in (ROOT / "estimator").rglob("*.py") if path.name != "discreet.py"
    )
    assert all(f'Reason("{code}"' in source.replace("\n", "").replace(" ", "") for code in OF_NOBODY)


def test_every_code_that_says_nobody_is_known():
    """A new one fails here, until it is left out where zeros are withheld, or judged."""
    texts = catalogue("en")
    saying = {code for code in codes() & set(texts) if SAYS_NOBODY.search(texts[code])}
    assert saying - OF_NO_TABLE <= OF_NOBODY
    assert saying >= OF_NO_TABLE, "no longer said"
