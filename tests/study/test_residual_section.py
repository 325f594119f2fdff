"""The section [residual] of a prior file: what it says, what is refused, and what an override does to it."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from scipy import stats

from estimator.reasons import Reason
from estimator.shipped import folder
from estimator.study.priors import Priors, read_priors
from estimator.study.residualsection import ResidualPrior
from estimator.study.statements import Statement

STATED = '[residual]\nform = "stated"\nratio = { between = [0.4, 3], probability = 0.95 }\nreason = "why not"\n'
RELATIVE = '[residual]\nform = "relative"\nsize = 0.6\ncentre = 0.2\ndegrees_of_freedom = 4\nreason = "why not"\n'


@pytest.fixture
def with_section(tmp_path):
    """Write a prior file: a shipped one with a section [residual]."""

    def write(section: str, base: str = "moderate"):
        path = tmp_path / "mine.toml"
        shipped = (folder("priors") / f"{base}.toml").read_text(encoding="utf-8")
        without = re.sub(r"^\[residual\]\n.*?(?=^\[|\Z)", "", shipped, flags=re.DOTALL | re.MULTILINE)
        path.write_text(f"{without}\n{section}", encoding="utf-8")
        return path

    return write


def said(priors: Priors):
    (stated,) = (prior for prior in priors.stated() if prior.key == "residual")
    return stated


def test_what_a_ratio_states(with_section):
    stated = said(read_priors(with_section(STATED)))
    limits = Reason("ratio-stated-between", lower=0.4, upper=3.0, probability=0.95)
    assert stated.what == Reason("quantity-residual")
    assert stated.statement == Reason("prior-residual-stated", limits=limits, degrees_of_freedom=None)
    assert stated.reason == "why not"
    tails = said(read_priors(with_section(STATED + "degrees_of_freedom = 4\n"))).statement
    assert tails["degrees_of_freedom"] == 4
    logged = STATED.replace("{ between = [0.4, 3], probability = 0.95 }", "{ log_normal = [0.3, 0.7] }")
    heavy = said(read_priors(with_section(logged + "degrees_of_freedom = 3\n"))).statement
    lower, upper = np.exp(stats.t(3, 0.3, 0.7).ppf([0.025, 0.975]))
    assert heavy["limits"].code == "ratio-between"
    assert (heavy["limits"]["lower"], heavy["limits"]["upper"]) == pytest.approx((lower, upper))


def test_what_a_relative_one_states(with_section):
    stated = said(read_priors(with_section(RELATIVE, "wide"))).statement
    assert stated.code == "prior-residual-relative"
    assert (stated["size"], stated["centre"], stated["degrees_of_freedom"]) == (0.6, 0.2, 4)
    assert stated["before"]["lower"] < 1 < stated["before"]["upper"]


@pytest.mark.parametrize("section", ["", '[residual]\nform = "none"\n', '[residual]\nform = "none"\nreason = "r"\n'])
def test_none_as_a_statement_and_as_a_value(with_section, section):
    priors = read_priors(with_section(section))
    assert said(priors).statement == Reason("prior-no-residual")
    assert said(priors).reason == ("r" if "reason" in section else Reason("residual-not-stated"))
    assert not priors.has_residual
    assert priors == read_priors("moderate", {"residual.form": "none"})
    assert hash(priors) == hash(read_priors("moderate", {"residual.form": "none"}))
    assert priors != read_priors(with_section(STATED))


@pytest.mark.parametrize("degrees", [None, 3.0])
@pytest.mark.parametrize("probability", [0.025, 0.3, 0.5, 0.975])
def test_quantiles_of_a_relative_ratio(degrees, probability):
    """F(x) = E F_t((x / tau - centre) / size), integrated over log tau by the trapezoidal rule."""
    stated = ResidualPrior(form="relative", size=0.6, centre=0.2, degrees_of_freedom=degrees, reason="r")
    scale = Statement(between=(0.1, 2), probability=0.95)
    xi = math.log(stated.quantile(probability, scale))
    standard = stats.norm() if degrees is None else stats.t(degrees)
    logs = np.linspace(scale.mu - 9 * scale.sigma, scale.mu + 9 * scale.sigma, 40_001)
    weight = stats.norm(scale.mu, scale.sigma).pdf(logs) * (logs[1] - logs[0])
    below = weight @ standard.cdf((xi * np.exp(-logs) - 0.2) / 0.6)
    assert below == pytest.approx(probability, abs=2e-4)


def test_a_scale_beyond_all_bounds_gives_an_interval_without_any():
    stated = ResidualPrior(form="relative", size=0.6, centre=0.2, degrees_of_freedom=3, reason="r")
    assert stated.interval(0.95, Statement(log_normal=(99, 999))) == (0.0, math.inf)


def test_intervals():
    none = ResidualPrior(form="none")
    assert none.interval() == (1.0, 1.0)
    stated = ResidualPrior(form="stated", ratio=Statement(between=(0.4, 3), probability=0.8), reason="r")
    assert stated.interval(0.8) == pytest.approx((0.4, 3))
    heavy = ResidualPrior(**{**stated.model_dump(exclude_none=True), "degrees_of_freedom": 2.0})
    assert heavy.interval(0.8) == pytest.approx((0.4, 3))
    assert heavy.interval(0.95)[1] > 1.5 * stated.interval(0.95)[1]
    far = ResidualPrior(form="stated", ratio=Statement(log_normal=(0, 900)), reason="r")
    assert far.interval() == (0.0, math.inf)
    assert far.stated().statement["limits"]["upper"] is None


@pytest.mark.parametrize(
    ("section", "base", "fragments"),
    [
        (STATED.replace("stated", "statd"), "moderate", ["key residual.form", "Did you mean 'stated'?"]),
        (STATED.replace("ratio", "ratoi"), "moderate", ["key residual.ratoi", "Did you mean 'ratio'?"]),
        (STATED.replace('reason = "why not"\n', ""), "moderate", ["key residual:", "needs the key 'reason'"]),
        (STATED.replace('"why not"', '""'), "moderate", ["key residual.reason", "Nothing is filled in"]),
        (STATED.replace("[0.4, 3]", "[3, 0.4]"), "moderate", ["key residual.ratio", "first below the second"]),
        (STATED + "size = 1\n", "moderate", ["'size' has no effect when form = \"stated\"", "(relative)"]),
        (STATED + "degrees_of_freedom = 1\n", "moderate", ["key residual.degrees_of_freedom", "above 1, such as 4"]),
        (STATED.replace("stated", "none"), "moderate", ["'ratio' has no effect when form = \"none\"", "(stated)"]),
        ('[residual]\nform = "stated"\nreason = "r"\n', "moderate", ["needs the key 'ratio'", "add, for example"]),
        ('[residual]\nform = "relative"\nreason = "r"\n', "wide", ["needs the key 'size'", "size = 0.6"]),
        (RELATIVE.replace("0.6", "-1"), "wide", ["key residual.size", "above 0, such as 0.6"]),
        (RELATIVE.replace("0.2", "inf"), "wide", ["key residual.centre", "not inf or nan"]),
        (RELATIVE.replace("0.6", '"large"'), "wide", ["key residual.size", '"large"', "a number"]),
        (RELATIVE, "moderate", ['residual.form = "relative" with dependence.form = "normal"', "learned and horseshoe"]),
        (RELATIVE, "independence", ['dependence.form = "none"', 'residual.form = "stated" or "none"']),
        ('[residual]\nsize = 1\nreason = "r"\n', "wide", ["key residual.form", '"none", "stated" or "relative"']),
        ("residual = 3\n", "moderate", ["section is needed", "form, reason, reason_nl, ratio"]),
    ],
)
def test_mistakes(with_section, faults_of, section, base, fragments):
    path = with_section(section, base)
    if section.startswith("residual"):  # a key at the top of the file
        path.write_text(section + path.read_text().replace(section, ""), encoding="utf-8")
    text = "\n".join(faults_of(read_priors, path))
    assert text.startswith(str(path))
    assert all(fragment in text for fragment in fragments), text


def test_learning_forms_take_a_relative_one(with_section):
    for base in ("wide", "horseshoe", "evidence"):
        assert read_priors(with_section(RELATIVE, base)).residual.location_and_scale == (0.2, 0.6)


def test_overrides(with_section):
    path = with_section(RELATIVE, "wide")
    assert not read_priors(path, {"residual.form": "none"}).has_residual
    assert read_priors(path, {"residual.size": "1"}).residual.size == 1
    to_stated = read_priors(path, {"residual.form": "stated", "residual.ratio.between": "[0.5, 2]"}).residual
    assert (to_stated.size, to_stated.centre, to_stated.degrees_of_freedom) == (None, None, 4)
    assert to_stated.ratio == Statement(between=(0.5, 2), probability=0.95)
    changed = said(read_priors(path, {"residual.size": "1"}))
    assert changed.reason == Reason("prior-set-for-this-run")
    kept = read_priors(path, {"residual.size": "1", "residual.reason": '"we know"'})
    assert said(kept).reason == "we know"
    logged = read_priors(with_section(STATED), {"residual.ratio.log_normal": "[0, 1]"}).residual
    assert logged.ratio == Statement(log_normal=(0, 1))


def test_overrides_of_a_file_that_says_nothing_of_it(with_section, faults_of):
    path = with_section("", "wide")
    found = read_priors(path, {"residual.form": "relative", "residual.size": "0.6"})
    assert found.residual.size == 0.6
    assert said(found).reason == Reason("prior-set-for-this-run")
    assert not read_priors(path, {"residual.form": "none"}).has_residual
    (fault,) = faults_of(read_priors, path, {"residual.form": "relative"})
    assert fault.startswith("--set residual.form=relative: ")
    assert "needs the key 'size'" in fault
    (fault,) = faults_of(read_priors, path, {"residual.form": "none", "residual.size": "1"})
    assert "'size' has no effect" in fault
    (fault,) = faults_of(read_priors, path, {"residual.sise": "1", "residual.form": "none"})
    assert fault.startswith("--set residual.sise=1: There is no key of this name. Did you mean 'size'?")
    (fault,) = faults_of(
        read_priors, path, {"residual.form": "relative", "residual.size": "1", "dependence.form": "none"}
    )
    assert 'dependence.form = "none"' in fault
    (fault,) = faults_of(read_priors, path, {"residual": "none"})
    assert fault.startswith("--set residual=none: ")
    assert "section is needed" in fault


def test_priors_with_it_can_be_made_in_python(with_section):
    priors = read_priors(with_section(RELATIVE, "wide"))
    data = priors.model_dump(exclude_none=True, exclude_unset=True)
    assert Priors(**data) == priors
    assert Priors(**priors.model_dump(mode="json", exclude_none=True)).residual == priors.residual
    assert "residual" not in read_priors(with_section("")).model_dump(exclude_none=True)
