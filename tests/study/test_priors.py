"""Prior files: the shipped ones say what they should, every mistake is named, overrides do what they say."""

from __future__ import annotations

import re

import pytest

from estimator.errors import InputError
from estimator.reasons import Reason
from estimator.shipped import folder
from estimator.study.priors import Priors, read_priors
from estimator.study.shipped import shipped_priors
from estimator.study.statements import Statement

SHIPPED = ("evidence", "horseshoe", "independence", "moderate", "nl-2017", "wide")


def changed(old: str, new: str) -> str:
    text = (folder("priors") / "moderate.toml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


@pytest.fixture
def write_priors(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_what_ships():
    assert tuple(shipped_priors()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_prior_has_a_title_a_description_and_reasons(name):
    priors = read_priors(name)
    assert priors.title
    assert len(priors.description) > 100
    assert priors.title_nl
    for prior in priors.stated():
        assert isinstance(prior.reason, Reason) or len(prior.reason) > 60, prior.key
    assert {"dark_figure", "coverage", "dependence", "heterogeneity", "composition", "three_list", "residual"} == {
        prior.key.split(".")[0] for prior in priors.stated()
    }


def test_the_default_is_learned_from_public_registers():
    assert read_priors() == read_priors("default") == read_priors("evidence")
    assert read_priors("default").path == read_priors().path == folder("priors") / "evidence.toml"
    assert read_priors().residual.form == "relative"


def test_moderate_says_what_its_first_version_said():
    priors = read_priors("moderate")
    assert priors.dark_figure.ratio_to_registered == Statement(between=(0.2, 50), probability=0.95)
    assert priors.coverage.odds == Statement(log_normal=(-2, 1.5))
    assert priors.dependence.form == "normal"
    assert priors.dependence.odds_ratio == Statement(log_normal=(0, 1))
    assert priors.heterogeneity.scale == Statement(between=(0.1, 2), probability=0.95)
    assert priors.composition.main_effects == Statement(between=(0.1, 3), probability=0.95)
    assert priors.composition.two_way == Statement(between=(0.05, 1), probability=0.95)
    assert priors.composition.stratum == Statement(between=(0.02, 0.3), probability=0.95)
    assert priors.three_list.odds_ratio == Statement(log_normal=(0, 0.5))
    assert priors.path == folder("priors") / "moderate.toml"


def test_the_others_differ_in_dependence():
    assert read_priors("independence").dependence.form == "none"
    wide, horseshoe = read_priors("wide"), read_priors("horseshoe")
    assert wide.dependence.form == "learned"
    assert wide.dependence.common_mean is not None
    assert wide.dependence.scale is not None
    assert wide.dark_figure.ratio_to_registered.between == (0.05, 500)
    assert horseshoe.dependence.form == "horseshoe"
    assert horseshoe.dependence.scale is not None
    assert horseshoe.dependence.odds_ratio is not None


def test_numbers_in_reasons_follow_from_the_statements():
    """'Between 2 % and 83 % registered, middle 24 %' is 1 / (1 + ratio); 'a chance between 0.7 and 72 %' of odds."""
    priors = read_priors("moderate")
    lower, upper = priors.dark_figure.ratio_to_registered.interval()
    assert (round(100 / (1 + upper)), round(100 / (1 + lower))) == (2, 83)
    assert round(100 / (1 + priors.dark_figure.ratio_to_registered.median)) == 24
    lower, upper = priors.coverage.odds.interval()
    assert (round(100 * lower / (1 + lower), 1), round(100 * upper / (1 + upper))) == (0.7, 72)
    wide = read_priors("wide").dark_figure.ratio_to_registered.interval()
    assert (round(100 / (1 + wide[1]), 1), round(100 / (1 + wide[0]))) == (0.2, 95)


@pytest.mark.parametrize("name", SHIPPED)
def test_priors_are_values(name):
    one, other = read_priors(name), read_priors(folder("priors") / f"{name}.toml")
    assert one == other
    assert hash(one) == hash(other)
    assert one != read_priors(name, {"title": '"another"'})
    assert one != "priors"


def test_priors_can_be_made_in_python():
    data = read_priors("wide").model_dump(exclude_none=True, exclude_unset=True)
    assert Priors(**data) == read_priors("wide")
    assert Priors(**data).path is None


def test_pairs_and_lists_of_their_own(write_priors):
    path = write_priors(
        changed("", "")
        + """
[[dependence.pairs]]
lists = ["P", "R"]
odds_ratio = { between = [1, 4], probability = 0.95 }
reason = "they refer to each other"

[[coverage.lists]]
list = "K"
odds = { between = [0.01, 0.1], probability = 0.9 }
reason = "only at the border"
"""
    )
    priors = read_priors(path)
    assert priors.dependence.pairs[0].lists == ("P", "R")
    stated = {prior.what: prior.statement for prior in priors.stated()}
    between = Reason("prior-stated-between", lower=1.0, upper=4.0, probability=0.95)
    assert stated[Reason("quantity-odds-ratio-of-pair", lists=("P", "R"))] == between
    between = Reason("prior-stated-between", lower=0.01, upper=0.1, probability=0.9)
    assert stated[Reason("quantity-coverage-of-list", list="K")] == between
    priors.check_against(["P", "K", "R"])


IN_SCALES = {"dependence.relative_mean.centre": "0.6", "dependence.relative_mean.size": "0.5"}


def test_a_common_mean_in_units_of_the_scale():
    priors = read_priors("wide", IN_SCALES)
    assert priors.dependence.common_mean is None, "the file's other statement of the same makes way"
    (stated,) = (prior for prior in priors.stated() if prior.key == "dependence.relative_mean")
    assert (stated.what.code, stated.statement.code) == ("quantity-relative-mean", "prior-around")
    assert stated.statement["centre"] == 0.6
    assert stated.statement["lower"] == pytest.approx(0.6 - 1.96 * 0.5, abs=1e-3)
    back = read_priors("wide", {"dependence.common_mean.log_normal": "[0, 0.5]"})
    assert back == read_priors("wide")


@pytest.mark.parametrize(
    ("name", "changes", "fragments"),
    [
        ("wide", IN_SCALES | {"dependence.common_mean.log_normal": "[0, 1]"}, ["'relative_mean'", "keep one"]),
        ("horseshoe", IN_SCALES, ["'relative_mean' has no effect", "(learned)"]),
        ("wide", {"dependence.relative_mean.centre": "0.6"}, ["relative_mean.size", "above 0"]),
        ("wide", IN_SCALES | {"dependence.relative_mean.size": "0"}, ["relative_mean.size", "greater than 0"]),
        ("wide", {"dependence.relative_mean": "0.6"}, ["relative_mean", "centre, size"]),
    ],
)
def test_a_common_mean_in_units_of_the_scale_that_makes_no_sense(faults_of, name, changes, fragments):
    (fault,) = faults_of(read_priors, name, changes)
    for fragment in fragments:
        assert fragment in fault


def test_a_prior_about_an_unknown_list(write_priors, faults_of):
    text = changed("", "") + '[[dependence.pairs]]\nlists = ["Police", "R"]\n'
    text += 'odds_ratio = { log_normal = [0, 1] }\nreason = "r"\n[[coverage.lists]]\nlist = "X"\n'
    text += 'odds = { log_normal = [0, 1] }\nreason = "r"\n'
    path = write_priors(text)
    line = text.splitlines().index('lists = ["Police", "R"]') + 1
    pair, coverage = faults_of(read_priors(path).check_against, ["police", "R"])
    assert pair.startswith(f"{path}, line {line}, key dependence.pairs[1].lists: ")
    assert "no list 'Police'. Did you mean 'police'?" in pair
    assert f"{path}, line {line + 4}, key coverage.lists[1].list" in coverage
    assert "'X'" in coverage


@pytest.mark.parametrize(
    ("old", "new", "fragments"),
    [
        (
            'form = "normal"',
            'form = "nomal"',
            ["key dependence.form", '"nomal"', '"horseshoe"', "Did you mean 'normal'?"],
        ),
        ("[dark_figure]", "[darkfigure]", ["key darkfigure", "Did you mean 'dark_figure'?"]),
        ("[three_list]", "[[three_list]]", ["key three_list", "a section is needed", "odds_ratio, reason"]),
        (
            "ratio_to_registered",
            "ratio_registered",
            ["key dark_figure.ratio_registered", "Did you mean 'ratio_to_registered'?"],
        ),
        ("probability = 0.95", "probabilty = 0.95", ["probabilty", "Did you mean 'probability'?"]),
        (
            "[0.2, 50]",
            "[50, 0.2]",
            ["key dark_figure.ratio_to_registered", "[50.0, 0.2]", "the first below the second"],
        ),
        ("[0.2, 50]", "0.2", ["key dark_figure.ratio_to_registered.between", "0.2", "list in [square brackets]"]),
        ("[0.2, 50]", "[0.2]", ["ratio_to_registered.between", "Too few", "two numbers"]),
        ("[0.2, 50]", '["0.2", 50]', ['"0.2"', "a number"]),
        ("[0, 0.5]", "[0, nan]", ["key three_list.odds_ratio.log_normal", "not inf or nan"]),
        ('form = "normal"', 'form = "none"', ["'odds_ratio' has no effect", "take it out", "normal, horseshoe"]),
        ('form = "normal"', 'form = "learned"', ["needs the key 'scale'", "add, for example, scale ="]),
        (
            'form = "normal"',
            'form = "normal"\ndegrees_of_freedom = 3',
            ["'degrees_of_freedom' has no effect", "learned"],
        ),
        ('title = "M', 'titel = "M', ["key titel", "Did you mean 'title'?"]),
    ],
)
def test_mistakes_in_a_file(write_priors, faults_of, old, new, fragments):
    path = write_priors(changed(old, new))
    text = "\n".join(faults_of(read_priors, path))
    assert f"{path}, line " in text
    assert all(fragment in text for fragment in fragments), text


def test_every_prior_needs_its_reason(write_priors, faults_of):
    text = changed("", "")
    start = text.index("reason = ", text.index("[heterogeneity]"))
    end = text.index('"""', start + 15) + 3
    path = write_priors(text[:start] + text[end:])
    assert "key heterogeneity.reason: This key is missing" in faults_of(read_priors, path)[0]
    path = write_priors(text[:start] + 'reason = ""' + text[end:])
    assert "key heterogeneity.reason: Nothing is filled in" in faults_of(read_priors, path)[0]


def test_all_mistakes_at_once(write_priors, faults_of):
    text = changed('form = "normal"', 'form = "nrmal"').replace("[0.2, 50]", "[50, 0.2]").replace("[0.1, 3]", "[0.1]")
    assert len(faults_of(read_priors, write_priors(text))) == 3


def test_the_same_pair_twice(write_priors, faults_of):
    pair = '[[dependence.pairs]]\nlists = [{}]\nodds_ratio = {{ log_normal = [0, 1] }}\nreason = "r"\n'
    text = changed("", "") + pair.format('"A", "B"') + pair.format('"B", "A"')
    assert "More than one statement about A and B" in faults_of(read_priors, write_priors(text))[0]
    text = changed("", "") + pair.format('"A", "A"')
    assert "list 'A' twice" in faults_of(read_priors, write_priors(text))[0]


@pytest.mark.parametrize(
    ("reference", "fragment"),
    [("defualt", "Did you mean 'default'?"), ("priors/none.toml", "There is no such file"), ("./x", "no such file")],
)
def test_unknown_priors(faults_of, reference, fragment):
    assert fragment in faults_of(read_priors, reference)[0]


@pytest.mark.parametrize(
    ("key", "value", "check"),
    [
        ("dependence.odds_ratio.log_normal", "[0,0.25]", lambda p: p.dependence.odds_ratio.sigma == 0.25),
        (
            "dark_figure.ratio_to_registered.between",
            "[0.1, 9]",
            lambda p: p.dark_figure.ratio_to_registered.probability == 0.95,
        ),
        (
            "coverage.odds.between",
            "[0.1, 9]",
            lambda p: p.coverage.odds == Statement(between=(0.1, 9), probability=0.95),
        ),
        ("dark_figure.ratio_to_registered.log_normal", "[1, 1]", lambda p: p.dark_figure.ratio_to_registered.mu == 1),
        ("heterogeneity.scale.probability", "0.5", lambda p: p.heterogeneity.scale.probability == 0.5),
        ("dependence.form", "none", lambda p: p.dependence.form == "none" and p.dependence.odds_ratio is None),
        ("dependence.form", '"none"', lambda p: p.dependence.form == "none"),
        ("dependence.common_mean", "{log_normal = [0, 0.5]}", lambda p: p.dependence.common_mean.sigma == 0.5),
    ],
)
def test_an_override(key, value, check):
    priors = read_priors("moderate", {key: value})
    assert check(priors)
    assert priors.overrides == {key: value}
    assert priors != read_priors("moderate")


def test_an_override_has_no_reason_of_the_file():
    priors = read_priors("moderate", {"dependence.odds_ratio.log_normal": "[0,0.25]"})
    reasons = {prior.key: prior.reason for prior in priors.stated()}
    assert reasons["dependence"] == Reason("prior-set-for-this-run")
    assert reasons["coverage.odds"] == read_priors("moderate").coverage.reason
    priors = read_priors("moderate", {"coverage.odds.log_normal": "[0,1]", "coverage.reason": '"we know these lists"'})
    assert {prior.reason for prior in priors.stated() if prior.key == "coverage.odds"} == {"we know these lists"}


def test_an_override_to_another_form_takes_its_keys_along():
    priors = read_priors("moderate", {"dependence.form": "learned", "dependence.scale.between": "[0.1, 2]"})
    assert priors.dependence.scale == Statement(between=(0.1, 2), probability=0.95)
    assert priors.dependence.odds_ratio is None


@pytest.mark.parametrize(
    ("overrides", "fragments"),
    [
        ({"dependnce.form": "none"}, ["--set dependnce.form=none", "Did you mean 'dependence'?"]),
        ({"dependence.frm": "none"}, ["--set dependence.frm=none", "Did you mean 'form'?"]),
        ({"dependence.form": "non"}, ["--set dependence.form=non", "Did you mean 'none'?"]),
        ({"dependence.form": "learned"}, ["with --set dependence.form=learned", "needs the key 'scale'"]),
        ({"coverage.odds.log_normal": "[0,"}, ["--set coverage.odds.log_normal=[0,", "as in a TOML file"]),
        ({"coverage.odds.log_normal": "1\nx = 2"}, ["as in a TOML file"]),
        ({"coverage.odds.log_normal": "[0, -1]"}, ["--set coverage.odds.log_normal", "must be above 0"]),
        ({"title.x": "1"}, ["--set title.x=1", "'title' is a single value"]),
        ({"": "1"}, ["words joined by points"]),
        ({"a b": "1"}, ["words joined by points"]),
    ],
)
def test_mistakes_in_an_override(faults_of, overrides, fragments):
    text = "\n".join(faults_of(read_priors, "moderate", overrides))
    assert all(fragment in text for fragment in fragments), text


def test_what_only_some_studies_need_is_said_where_it_is_stated(write_priors):
    stated = {prior.key: prior for prior in read_priors("moderate").stated()}
    assert stated["heterogeneity.interactions"].statement["upper"] == 1
    assert stated["heterogeneity.interactions"].what == Reason("quantity-list-by-covariates-together")
    assert stated["heterogeneity.change"].statement["upper"] == pytest.approx(7.1, abs=0.01)
    assert stated["heterogeneity.change"].what == Reason("quantity-redefinition")
    path = write_priors(changed("change = { log_normal = [0, 1] }\n", ""))
    assert "heterogeneity.change" not in {prior.key for prior in read_priors(path).stated()}
    override = read_priors(path, {"heterogeneity.change.log_normal": "[0, 0.5]"})
    assert override.heterogeneity.change == Statement(log_normal=(0, 0.5))


def test_only_what_a_model_needs_must_be_stated(write_priors):
    from estimator.study.questions import Break, ModelSettings

    path = write_priors(changed("change = { log_normal = [0, 1] }\n", ""))
    priors = read_priors(path)
    model = ModelSettings.for_covariates(["sex", "year"], heterogeneity=["sex", ["sex", "year"]])
    priors.check_against(["P", "K"])
    priors.check_against(["P", "K"], model)
    broken = ModelSettings.for_covariates(["year"], breaks=(Break("P", "year", "2016"),))
    with pytest.raises(InputError, match="key heterogeneity.change: This key is missing. .*'P' was redefined in 2016"):
        priors.check_against(["P", "K"], broken)
    read_priors("moderate").check_against(["P", "K"], broken)


def test_a_reason_in_dutch_goes_with_the_reason_that_it_translates(write_priors):
    path = write_priors(changed('reason_nl = """', 'reason_nl = """Omdat. '))
    assert str(read_priors(path).stated()[0].reason_nl).startswith("Omdat. ")
    own = {"dark_figure.reason": '"we know better"'}
    first = read_priors("moderate", own).stated()[0]
    assert (first.reason, first.reason_nl) == ("we know better", None)
    first = read_priors("moderate", own | {"dark_figure.reason_nl": '"wij weten meer"'}).stated()[0]
    assert first.to_dict()["reason_nl"] == "wij weten meer"
    first = read_priors("moderate", {"dark_figure.ratio_to_registered.log_normal": "[0, 1]"}).stated()[0]
    assert (first.reason, first.reason_nl) == (Reason("prior-set-for-this-run"), None)


def numbers_in(text: str) -> list[str]:
    """Numbers of a text, but for those of lines that stand in brackets in it."""
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"\[[^\]]*\]", "", text)))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_priors_say_the_same_in_dutch(name):
    priors = read_priors(name)
    texts = [(priors.description, priors.description_nl)]
    texts += [(prior.reason, prior.reason_nl) for prior in priors.stated() if isinstance(prior.reason, str)]
    for english, dutch in texts:
        assert dutch
        assert numbers_in(dutch.translate(str.maketrans(",.", ".,"))) == numbers_in(english)
