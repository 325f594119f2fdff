"""Every mistake in a study file is reported with its file, line, key and remedy, and all of them together."""

from __future__ import annotations

import pytest

from estimator.study.study import read_study


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


# what is added to a good study file; the line that is at fault; what the message must say
ADDITIONS = [
    ('[model]\npriors = "defualt"', "defualt", ["key model.priors", "Did you mean 'default'?"]),
    ('[model]\npriors = "mine.toml"', "mine.toml", ["key model.priors", "There is no file", "mine.toml'"]),
    ('[model]\nprior = "wide"', "prior =", ["key model.prior:", "Did you mean 'priors'?"]),
    ('[model]\nthree_list = [["P", "K", "X"]]', "three_list", ["There is no list 'X'"]),
    ('[model]\nthree_list = [["P", "K"]]', "three_list", ["Too few values", "lists by three"]),
    ('[model]\nthree_list = [["P", "K", "P"]]', "three_list", ["same name twice"]),
    ('[model]\nheterogeneity = ["seks"]', "heterogeneity", ["There is no covariate 'seks'. Did you mean 'sex'?"]),
    ('[model]\ncomposition = [["sex", "yaer"]]', "composition", ["There is no covariate 'yaer'. Did you mean 'year'?"]),
    ('[model]\ncomposition = [["sex", "year"], ["year", "sex"]]', "composition", ["twice; name it once"]),
    (
        "[groups.x]\nwhere = { seks = 'male' }",
        "where = { seks",
        ["key groups.x.where", "covariate 'seks'", "Did you mean 'sex'?"],
    ),
    ("[groups.x]\nwhere = { sex = 'mael' }", "mael", ["no level 'mael'", "Did you mean 'male'?"]),
    ("[groups.x]\nlabel = 'x'", "[groups.x]", ["key groups.x", "does not say which people"]),
    ("[groups.total]\nwhere = { sex = 'male' }", "where = { sex = 'male' }", ["'total' is everybody"]),
    ("[groups.x]\nwhere = { sex = 1.5 }", "1.5", ["Found 1.5", "list in [square brackets]", "such as {sex"]),
    ("[period]\nyears = 0", "years = 0", ["key period.years", "greater than or equal to 1"]),
    ("[period]\nyears = 2.5", "2.5", ["Found 2.5", "whole number"]),
    ("[period]\nyears = 2\ncovariate = 'year'", "[period]", ["either a covariate", "years = 6"]),
    ("[period]\nheadline = ['2014']\nyears = 2", "[period]", ["'headline'"]),
    ("[period]\ncovariate = 'yaer'", "yaer", ["There is no covariate 'yaer'. Did you mean 'year'?"]),
    ("[period]\ncovariate = 'year'\nheadline = ['2016']", "headline", ["no level '2016'", "Did you mean '201"]),
    (
        "[[structural_zeros]]\nlists = ['P', 'KK']\nreason = 'r'",
        "[[structural_zeros]]",
        ["structural_zeros[1]", "no list 'KK'", "'K'"],
    ),
    (
        "[[structural_zeros]]\nlists = ['P', 'K']",
        "[[structural_zeros]]",
        ["structural_zeros[1].reason", "missing", "why"],
    ),
    ("[[not_operating]]\nlist = 'Q'\nreason = 'r'", "[[not_operating]]", ["no list 'Q'"]),
    (
        "[[not_operating]]\nlist = 'Z'\nreason = 'r'\nwhere = {sex = 'femal'}",
        "[[not_operating]]",
        ["Did you mean 'female'?"],
    ),
    ("[[unobserved]]\nhistory = ['Z', 'Y']\nreason = 'r'", "[[unobserved]]", ["no list 'Y'"]),
    ("[[unobserved]]\nhistry = ['Z']\nreason = 'r'", "histry", ["Did you mean 'history'?"]),
    ("[report]\nround_to = 2.5", "round_to", ["Found 2.5", "whole number"]),
    ("[disclosure]\nminimum = 1", "minimum = 1", ["key disclosure.minimum", "greater than or equal to 2", "from 2 to"]),
    ("[disclosure]\nrounding = 5", "[disclosure]", ["key disclosure.minimum", "missing", "such as 5"]),
    ("[disclosure]\nminimum = 5\nrounding = 2.5", "rounding", ["Found 2.5", "whole number"]),
    ("[disclosure]\nminimum = 5\ndominance = 90", "dominance", ["Found 90", "less than 1", "such as 0.9"]),
    ("[disclosure]\nminimum = 5\nzeros = 'hidden'", "zeros", ['Found "hidden"', '"shown", "withheld"']),
    ("[disclosure]\nminimum = 5\nzero = 'shown'", "zero =", ["Did you mean 'zeros'?"]),
    ("[table_format]\nsuppressed_below = '5'", "suppressed_below", ['Found "5"', "whole number"]),
    ("[table_format]\nsuppressed_below = 1", "suppressed_below", ["below 1"]),
    ("[covariates.age]\nlevels = ['a', 'b', 'a']", "[covariates.age]", ["level 'a'", "twice"]),
    ("[covariates.age]\nlevles = ['a', 'b']", "levles", ["Did you mean 'levels'?"]),
    (
        "[covariates.age]\nordered = true",
        "[covariates.age]",
        ["key covariates.age.levels", "missing", "values that it takes"],
    ),
    ("[covariates.age]\nlevels = ['a']\nordered = 'yes'", "ordered = 'yes'", ["true or false"]),
    ("[covariates.P]\nlevels = ['a']", "[covariates", ["'P' is the name of a list and of a covariate"]),
    ("[covariates.age]\nlevels = ['a']\nlabels = { A = 'x' }", "labels = { A", ["no level 'A'. Did you mean 'a'?"]),
    ("[lists.count]", "[lists.count]", ["'count' cannot be the name"]),
    ('[lists."A&B"]', '[lists."A&B"]', ["'A&B' cannot be the name"]),
    ("[lists.Q]\nlable = 'x'", "lable", ["key lists.Q.lable", "Did you mean 'label'?"]),
    ("[lists.Q]\nlabel = ''", "label = ''", ["Nothing is filled in"]),
    ("[tabel_format]", "[tabel_format]", ["Did you mean 'table_format'?"]),
    # entries that stand there twice
    ("[period]\ncovariate = 'year'\nheadline = [2014, 2014]", "headline", ["same name twice", "'2014'"]),
    ("[[structural_zeros]]\nlists = ['P', 'P']\nreason = 'r'", "lists = ['P', 'P']", ["same name twice", "'P'"]),
    ("[[unobserved]]\nhistory = ['Z', 'Z']\nreason = 'r'", "history", ["same name twice"]),
    ("[groups.x]\nwhere = { year = [2014, 2014] }", "where = { year", ["same name twice"]),
    ("[groups.x]\nwhere = { year = [] }", "where = { year", ["Nothing is filled in", "such as {sex"]),
    # nothing in it
    ("[period]\ncovariate = 'year'\nheadline = []", "headline", ["key period.headline", "Nothing is filled in"]),
    ("[lists.Q]\nlabel = ' '", "label = ' '", ["Nothing is filled in"]),
    ("[lists.Q]\nlabel = '\u200b'", "label = '\u200b'", ["Nothing is filled in"]),
    ("[groups.'']\nwhere = { sex = 'male' }", "[groups.'']", ["This group has no name"]),
    ("[[structural_zeros]]\nlists = ['P', 'K']\nreason = ' '", "reason", ["Nothing is filled in", "why"]),
    # called the same
    ("[groups.x]\nlabel = 'Total'\nwhere = { sex = 'male' }", "label = 'Total'", ["'x' and 'total' are called"]),
    (
        "[groups.x]\nlabel = 'X'\nwhere = {sex = 'male'}\n[groups.y]\nlabel = 'X '\nwhere = {sex = 'female'}",
        "label = 'X '",
        ["key groups.y.label", "'y' and 'x' are called the same"],
    ),
    ("[lists.Q]\nlabel = 'Police'", ["[lists.Q]", "label = 'Police'"][1], ["'Q' and 'P' are called the same"]),
    (
        "[covariates.age]\nlevels = ['a', 'b']\nlabels = { a = 'x', b = 'x' }",
        "labels = { a = 'x'",
        ["'b' and 'a' are called the same"],
    ),
    ("[covariates.age]\nlevels = ['a', 'b']\nlabels = { a = 'b' }", "labels = { a = 'b'", ["'b' and 'a' are called"]),
    # numbers out of range
    ("[table_format]\nsuppressed_below = 9223372036854775807", "suppressed_below", ["Write at most"]),
    ("[table_format]\nsuppressed_below = 99999999999999999999", "suppressed_below", ["Write at most"]),
    ("[period]\nyears = 9223372036854775807", "years", ["less than or equal to 200", "from 1 to 200"]),
    # one bracket too few or too many
    ("[structural_zeros]\nlists = ['P', 'K']", "[structural_zeros]", ["single brackets", "write [[structural_zeros]]"]),
    ("[[period]]\ncovariate = 'year'", "[[period]]", ["Found [[period]] in double brackets", "needed: [period]"]),
]


@pytest.mark.parametrize(("addition", "at", "fragments"), ADDITIONS, ids=[item[0][:40] for item in ADDITIONS])
def test_one_mistake(write_study, study_text, faults_of, addition, at, fragments):
    text = f"{study_text}\n{addition}\n"
    path = write_study(text)
    faults = [fault for fault in faults_of(read_study, path) if str(path) in fault]
    assert len(faults) == (2 if "levles" in addition or "histry" in addition else 1), faults
    found = next(fault for fault in faults if all(fragment in fault for fragment in fragments))
    assert found.startswith(f"{path}, line {line_of(text, at)}, key "), found


@pytest.mark.parametrize(
    ("old", "new", "fragments"),
    [
        ("title =", "titel =", ["key titel", "Did you mean 'title'?", "key title: This key is missing"]),
        ('source = "made for a test"\n', "", ["key source: This key is missing", "who published"]),
        ('"A study"', "5", ["key title", "Found 5", 'text in "quotes"']),
        ('"A study"', '""', ["key title: Nothing is filled in"]),
        ('title = "A study"', 'title = "A study"\ntable_kind = "observd"', ['"observd"', "Did you mean 'observed'?"]),
        ('title = "A study"', 'title = "A study"\ncaveats = "one"', ['Found "one"', "list in [square brackets]"]),
        ('title = "A study"', 'title = "A study"\ntable = "tabel.csv"', ["tabel.csv", "Did you mean 'table.csv'?"]),
        ('title = "A study"', 'title = "A study"\npriors = "wide"', ["key priors:", "It belongs under [model]."]),
        ("[lists.", "[list.", ["key list", "Did you mean 'lists'?", "a section [lists.NAME]"]),
    ],
)
def test_mistakes_in_the_first_lines(write_study, study_text, faults_of, old, new, fragments):
    text = "\n".join(faults_of(read_study, write_study(study_text.replace(old, new))))
    assert all(fragment in text for fragment in fragments), text


@pytest.mark.parametrize(
    ("levels", "fault"),
    [
        ("[2015, 2014]", "2014 stands after 2015. Put the years in their order"),
        ('["2015/16", "2014/15"]', "2014/15 stands after 2015/16"),
        ("[2014, 2015]", None),
        ('["2014 Q4", "2014 Q1"]', None),
        ('["late", "early"]', None),
    ],
)
def test_years_stand_in_their_order(write_study, study_text, faults_of, levels, fault):
    text = study_text.replace("[2014, 2015]", levels) + '[period]\ncovariate = "year"\n'
    faults = [one for one in faults_of(read_study, write_study(text, "nonsense")) if "table.csv" not in one]
    assert len(faults) == (fault is not None), faults
    assert fault is None or (faults[0].startswith(f"{write_study(text)}, line ") and fault in faults[0])
    assert fault is None or "key covariates.year.levels" in faults[0]


@pytest.mark.parametrize("text", ["title = ", "a" + ".a" * 5000 + " = 1", "x = " + "9" * 5000, "x = " + "[" * 5000])
def test_no_file_is_a_fault_of_ours(write_study, faults_of, text):
    path = write_study(text)
    assert all(fault.startswith(str(path)) for fault in faults_of(read_study, path))


def test_a_table_that_is_a_link_to_nowhere(write_study, study_text, faults_of, tmp_path):
    path = write_study(study_text, None)
    (tmp_path / "table.csv").symlink_to("gone.csv")
    [fault] = faults_of(read_study, path)
    assert "is a link that leads nowhere" in fault


def test_one_list_is_too_few(write_study, faults_of):
    path = write_study('title = "t"\nsource = "s"\n[lists.P]\n', "P,count\n1,5\n")
    [fault] = faults_of(read_study, path)
    assert fault.startswith(f"{path}, line 3, key lists: ")
    assert "overlap between two or more lists" in fault


def test_everything_wrong_at_once(write_study, study_text, faults_of):
    """Types, keys, names, priors and the table: eight mistakes, eight faults, in the order of their lines."""
    text = study_text.replace('title = "A study"', 'title = 7\nlicense = "x"')
    text += '[groups.girls]\nwhere = { sex = "femal" }\n[period]\ncovariate = "yaer"\n'
    text += '[model]\nheterogeneity = ["seks"]\npriors = "defualt"\n'
    table = "sex,year,P,K,Z,count\nfemale,2014,1,0,0,-4\nfemal,2014,0,1,0,3.5\nfemale,2014,1,1,0,2\n"
    path = write_study(text, table)
    faults = faults_of(read_study, path)
    for fragment in ("title", "license", "femal", "yaer", "seks", "defualt", "-4", "3.5"):
        assert any(fragment in fault for fault in faults), fragment
    lines = [int(fault.split("line ")[1].split(",")[0]) for fault in faults if "study.toml, line" in fault]
    assert lines == sorted(lines)
    assert len(lines) == 6


def test_the_table_is_not_read_when_what_it_means_is_unclear(write_study, study_text, faults_of):
    faults = faults_of(read_study, write_study(study_text.replace("[lists.Z]", "[lists.Q]"), "nonsense"))
    assert all("table.csv" in fault for fault in faults)
    faults = faults_of(read_study, write_study(study_text.replace("[lists.Z]", "[lists.count]"), "nonsense"))
    assert not any("table.csv" in fault for fault in faults)


def test_a_fault_of_the_priors_names_the_priors(write_study, study_text, faults_of, tmp_path):
    (tmp_path / "mine.toml").write_text('title = "t"\n')
    faults = faults_of(read_study, write_study(study_text + '[model]\npriors = "mine.toml"\n'))
    assert any(f"{tmp_path / 'mine.toml'}, key coverage: This key is missing" in fault for fault in faults)


def test_priors_about_a_list_that_the_study_has_not(write_study, study_text, faults_of, tmp_path):
    from estimator.shipped import folder

    text = (folder("priors") / "moderate.toml").read_text(encoding="utf-8")
    text += '[[dependence.pairs]]\nlists = ["P", "KK"]\nodds_ratio = { log_normal = [0, 1] }\nreason = "r"\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    [fault] = faults_of(read_study, write_study(study_text + '[model]\npriors = "mine.toml"\n'))
    assert "mine.toml, line " in fault
    assert "The study has no list 'KK'. Did you mean 'K'?" in fault


def test_values_of_records_stay_out_of_messages(write_study, study_text, faults_of):
    table = "sex,year,P,K,Z,count\nmale,2014,1,0,0,twelve\nfemale,2014,1,1,0,2\n"
    [fault] = faults_of(read_study, write_study(study_text, table))
    assert "twelve" in fault
    assert "male" not in fault


def test_binary_rubbish(tmp_path, faults_of):
    path = tmp_path / "study.toml"
    path.write_bytes(bytes(range(256)))
    assert str(path) in faults_of(read_study, path)[0]


def test_an_empty_study_file(tmp_path, faults_of):
    path = tmp_path / "study.toml"
    path.write_text("")
    text = "\n".join(faults_of(read_study, path))
    assert all(f"key {key}: This key is missing" in text for key in ("title", "source", "lists"))
