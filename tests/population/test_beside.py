"""The same study under other priors, side by side; and how much of the precision is the assumption."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from estimator.methods.door import SamplerSettings
from estimator.population.beside import distinct_names, name_of, priors_beside, width_factor
from estimator.population.estimate import Estimate, estimate
from estimator.population.groups import GroupDraws
from estimator.population.precision import precision
from estimator.reasons import Reason
from estimator.report.terminal.estimate_tables import beside_cells, estimated
from estimator.runs.recording import record_of
from estimator.study.priors import read_priors
from estimator.study.questions import TOTAL, Label, Precision
from estimator.study.study import Study
from estimator.words.words import words_in

DISAGREE = Reason("chains-disagree", quantity="the total", rhat=1.3, limit=1.01, more=0)
QUICK = SamplerSettings(draws=200, warmup=300, chains=2)


def spanning(base: Estimate, name: str, middle: float, factor: float, priors: str) -> Estimate:
    """An estimate whose total has a 95 % interval that spans a factor around a middle, with nothing registered."""
    quantile = np.linspace(0, 1, 2001)
    log = math.log(middle) + (quantile - 0.5) / 0.95 * math.log(factor)
    size = np.exp(log).reshape(1, -1)
    made = replace(base, priors=read_priors(priors), priors_name=name, beside=())
    made.__dict__["group_draws"] = {TOTAL: GroupDraws(Label("All"), np.zeros_like(size), size, size)}
    return made


def test_the_studys_own_sets_stand_beside(series):
    assert series.priors_name == "independence"
    assert [one.priors_name for one in series.beside] == ["moderate"]
    (other,) = series.beside
    assert other.study is series.study
    assert other.posterior.seed == series.posterior.seed
    assert other.beside == ()


def test_an_estimate_beside_is_the_estimate_under_those_priors_alone(series):
    alone = estimate(series.study, "moderate", beside=(), sampler=SamplerSettings(draws=400, warmup=600))
    mine, other = alone.to_dict(), series.to_dict()["beside"]["moderate"]
    assert mine["groups"] == other["groups"]
    assert mine["by_year"] == other["by_year"]
    assert mine["assumption"] == other["assumption"]
    assert "beside" not in mine


def test_which_sets_stand_beside(series, dutch):
    study = series.study
    own, other = read_priors("independence"), read_priors("moderate")
    assert priors_beside(study, own, None) == [other]
    assert priors_beside(study, other, None) == [own]
    assert priors_beside(study, read_priors("wide"), None) == [own, other]
    assert priors_beside(study, own, ()) == []
    assert priors_beside(study, own, ["wide", "wide", own]) == [read_priors("wide")]
    changed = read_priors("independence", {"coverage.odds.log_normal": "[-2, 2]"})
    assert priors_beside(study, changed, None) == [own, other]
    assert priors_beside(dutch.study, read_priors("wide"), None) == [other, read_priors("evidence")]
    alone = Study.of_table(dutch.study.table)
    assert priors_beside(alone, read_priors("wide"), None) == [], "a study that wants none has none"


def test_names(tmp_path):
    changed = read_priors("independence", {"coverage.odds.log_normal": "[-2, 2]"})
    (tmp_path / "moderate.toml").write_text(read_priors("moderate").path.read_text())
    (tmp_path / "my priors.toml").write_text(read_priors("moderate").path.read_text())
    assert name_of(changed) == "independence-changed"
    assert name_of(read_priors(tmp_path / "my priors.toml")) == "my-priors"
    sets = [read_priors("moderate"), read_priors(tmp_path / "moderate.toml"), read_priors("wide")]
    assert distinct_names(sets) == ["moderate", "moderate-2", "wide"]


def test_the_same_seed_gives_the_same_json_but_for_the_clock(series):
    first, again = (estimate(series.study, sampler=QUICK).to_dict() for _ in range(2))
    del first["seconds"], again["seconds"]
    assert json.dumps(first) == json.dumps(again)
    assert first["beside"]


def test_the_text_has_a_column_for_every_set(series):
    text, words, record = series.text(full=True), words_in("en"), record_of(series)
    assert max(map(len, text.splitlines())) <= 80
    heading = words.text("estimate.heading.beside")
    section = text[text.index(heading) :]
    head = next(line for line in section.splitlines() if "independence" in line)
    assert head.split()[-2:] == ["independence", "moderate"]
    row = next(line for line in section.splitlines() if line.startswith("Women and girls"))
    cells = beside_cells(record, "women", words)
    assert row.split(None, 3)[3].split("  ") == cells
    assert text.index(heading) < text.index("per 100,000") < text.index("\n2013 ")
    page = series._repr_html_()
    assert all(cell in page for cell in cells)


def test_many_or_long_names_still_fit(series):
    sets = [replace(series.beside[0], priors_name=f"a-very-long-name-of-a-file-{i}", beside=()) for i in range(4)]
    text = replace(series, beside=tuple(sets)).text(full=True)
    assert max(map(len, text.splitlines())) <= 80
    for one in sets:
        assert one.priors_name in text


def test_one_that_does_not_converge_is_withheld_and_said(series):
    (other,) = series.beside
    failed = replace(
        other,
        posterior=replace(other.posterior, convergence=replace(other.convergence, reasons=(DISAGREE,))),
    )
    found = replace(series, beside=(failed,))
    hidden = estimated(record_of(series).beside["moderate"].groups["total"], words_in("en"))
    for text in (str(found), found.text(full=True)):
        assert hidden not in text
        assert words_in("en").text("estimate.withheld") in text
    assert Reason("beside-withheld", priors="moderate", because=DISAGREE) in found.fitness.cautions
    assert found.fitness.unsound == ()
    numbers = found.to_dict()["beside"]["moderate"]
    assert numbers["publishable"] is False
    assert DISAGREE.to_dict() in numbers["reasons"]
    assert precision([found, failed]) == ()


def test_one_that_is_not_identified_is_said(series):
    (other,) = series.beside
    scattered = replace(other.posterior, population=_scattered(other))
    study = replace(other.study, precision=Precision(2.0, "Beds are built for the lower limit."))
    found = replace(series, beside=(replace(other, posterior=scattered, study=study),))
    (said,) = [caution for caution in found.fitness.cautions if caution.code == "beside-not-fit"]
    assert said["priors"] == "moderate"
    assert "interval-too-wide" in [reason.code for reason in said["because"]]


def _scattered(one: Estimate):
    unseen = one.population.unseen.copy()
    unseen[0] *= 40
    return replace(one.population, unseen=unseen)


def test_width_is_the_ratio_of_the_limits(series):
    found = spanning(series, "a", 5000, 1.6, "moderate")
    assert width_factor(found.total.N) == pytest.approx(1.6, rel=1e-3)
    assert series.to_dict()["width_factor"] == round(series.total.N.upper / series.total.N.lower, 3)


def test_precision_that_is_the_assumptions(series):
    narrow = spanning(series, "narrow", 6000, 1.6, "independence")
    wide = spanning(series, "broad", 6300, 2.56, "moderate")
    for sets in ([narrow, wide], [wide, narrow]):
        spans, source, agreement = precision(sets)
        factors = {span["priors"]: span["factor"] for span in spans["spans"]}
        assert factors == pytest.approx({"narrow": 1.6, "broad": 2.56}, rel=1e-3)
        assert source.matter[:3] == ("precision-is-assumed", ("narrow", "narrow"), ("wide", "broad"))
        assert source["narrower"] == pytest.approx(0.5, abs=0.01)
        assert source["by"] == Reason("by-its-assumption", assumed=Reason("lists-independent"), sections=())
        assert agreement == Reason("medians-agree")


@pytest.mark.parametrize(
    ("priors", "by"),
    [
        ("moderate", Reason("by-what-else-it-states")),
        ("horseshoe", Reason("by-what-it-assumes", sections=[Reason("prior-of-pairs")])),
        (
            "wide",
            Reason(
                "by-what-it-assumes",
                sections=[Reason("prior-of-pairs"), Reason("prior-of-dark-figure"), Reason("prior-of-coverage")],
            ),
        ),
    ],
)
def test_what_is_blamed_follows_from_the_priors(series, priors, by):
    _, source, _ = precision([spanning(series, "a", 6000, 1.6, "moderate"), spanning(series, "b", 6000, 2.6, priors)])
    assert source["by"] == by


def test_precision_that_is_not_the_assumptions(series):
    sets = [spanning(series, "a", 6000, 1.6, "moderate"), spanning(series, "b", 6000, 1.61, "wide")]
    assert precision(sets)[1] == Reason("precision-hardly-depends")


def test_answers_that_exclude_each_other_are_said(series):
    low, high = spanning(series, "low", 4000, 1.5, "moderate"), spanning(series, "high", 6000, 2.6, "wide")
    *_, agreement = precision([low, high])
    assert agreement == Reason("medians-apart", outside=[Reason("median-outside", median="high", interval="low")])
