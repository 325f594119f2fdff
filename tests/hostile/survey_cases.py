"""Hostile survey files: each key of a small survey with values of every wrong kind, and files that are no survey."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.running import Case
from tests.hostile.toml_cases import VALUES, kind_of, lines_with_values, with_value

SURVEY = """\
title = "T"
title_nl = "T"
language = "en"
source = "S"
source_nl = "S"
caveats = ["C"]
caveats_nl = ["C"]

[groups.a]
label = "A"
label_nl = "A"
respondents = 10

[groups.b]
label = "B"
respondents = 12

[questions.q]
label = "Q"
label_nl = "Q"

[questions.q.answers.a]
yes = 4
said = "four"
said_nl = "vier"

[questions.q.answers.b]
above = 0.2
below = 0.6

[[questions.q.margins]]
groups = ["a", "b"]
at_least = 0.3
at_most = 0.7

[questions.o]
label = "O"
of = "q"

[questions.o.options.x]
label = "X"
percent = 50

[[comparisons]]
question = "q"
share = [0.1, 0.2]
label = "O"
label_nl = "O"
caution = "C"
caution_nl = "C"

[selection]
question = "q"
odds_ratio = { between = [1, 4], probability = 0.9 }
reason = "R"
reason_nl = "R"

[model]
pooling = "none"
mean_sd = 1.5
between_sd = 1.0

[population]
file = "people.csv"
"""
PEOPLE = "group,persons,year,source,source_nl\na,100,2017,S,S\nb,,2017,,\n"
FILES = {"survey.toml": SURVEY, "people.csv": PEOPLE}
ARGV = ("survey", "s", "--draws", "100")
NUMBERS = (int, float)
_ALSO = dict.fromkeys(("above", "below", "at_least", "at_most", "percent", "mean_sd", "between_sd"), NUMBERS)


def survey_values() -> Iterator[Case]:
    """Yield each key of a survey file with each value."""
    for number, key, value in lines_with_values(SURVEY):
        for name, literal in VALUES.items():
            files = {**FILES, "survey.toml": with_value(SURVEY, number, key, literal)}
            wrong = kind_of(literal) not in (type(value), *_ALSO.get(key, ())) or name in (
                "empty",
                "blank",
                "invisible",
            )
            says = ("s/survey.toml",) if wrong else ()
            yield Case("survey", f"{key} of line {number}: {name}", files, ARGV, code=1 if wrong else (0, 1), says=says)


def survey_files() -> Iterator[Case]:
    """Yield files that are no survey, and people who cannot be."""
    yield Case("survey", "as it is", FILES, ARGV, code=0)
    for name, text in {"empty": "", "no TOML": "[", "a study": 'title = "x"\n[lists.P]\nlabel = "P"\n'}.items():
        yield Case("survey", name, {**FILES, "survey.toml": text}, ARGV, code=1, says=("s/survey.toml",))
    for bad in ("groups", "questions.q", "questions.o", "groups.a"):
        start = SURVEY.index(f"[{bad}]") if f"[{bad}]" in SURVEY else SURVEY.index("[groups.a]")
        end = SURVEY.index("\n\n", start)
        yield Case("survey", f"without {bad}", {**FILES, "survey.toml": SURVEY[:start] + SURVEY[end:]}, ARGV, code=1)
    for name, row in {"negative": "a,-1,2017,S,S", "huge": f"a,{'9' * 30},2017,S,S", "other": "zz,1,2017,S,S"}.items():
        people = PEOPLE.replace("a,100,2017,S,S", row)
        yield Case("survey", f"people: {name}", {**FILES, "people.csv": people}, ARGV, code=1, says=("s/people.csv",))
    yield Case("survey", "no file of people", {"survey.toml": SURVEY}, ARGV, code=1, says=("people.csv",))
    for option, text in (("--draws", "1"), ("--draws", "9" * 30), ("--seed", "-1"), ("--language", "xx")):
        yield Case("survey", f"{option} {text[:5]}", FILES, ("survey", "s", option, text), code=2)


MULTIVERSE = """\
[multiverse]
vary = ["lists", "covariates", "methods", "priors", "border_cases", "decisions"]
decisions = ["d"]
[[multiverse.border_cases]]
name = "c"
table = "table.csv"
label = "C"
reason = "R"
[[multiverse.lists]]
drop = ["C"]
reason = "R"
[[multiverse.lists]]
merge = ["A", "B"]
reason = "R"
[[multiverse.covariates]]
leave_out = ["sex"]
reason = "R"
[[multiverse.methods]]
method = "independence"
options = {}
reason = "R"
[[multiverse.priors]]
priors = "wide"
reason = "R"
"""
_ONE = "a,1,0,0,5\na,0,1,0,5\nb,0,0,1,5\n"


def multiverse_values() -> Iterator[Case]:
    """Yield each key of [multiverse] with each value, for a study of which nothing can be estimated: none is fitted."""
    study = 'title = "T"\nsource = "S"\n[lists.A]\n[lists.B]\n[lists.C]\n[covariates.sex]\nlevels = ["a", "b"]\n'
    study += '[[decisions]]\nname = "d"\nlist = "C"\nchoice = "keep"\nreason = "R"\n[model]\nmethod = "independence"\n'
    files = {"study.toml": study + MULTIVERSE, "table.csv": f"sex,A,B,C,count\n{_ONE}"}
    argv = ("multiverse", "s", "--workers", "1", "--most", "2")
    yield Case("multiverse", "as it is", files, argv, code=3)
    for number, key, _ in lines_with_values(files["study.toml"]):
        if number <= study.count("\n"):
            continue
        for name, literal in VALUES.items():
            changed = {**files, "study.toml": with_value(files["study.toml"], number, key, literal)}
            yield Case("multiverse", f"{key} of line {number}: {name}", changed, argv, code=(1, 3))
    for option, text in (("--draws", "1"), ("--most", "1"), ("--most", "9" * 30), ("--seed", "-1"), ("--workers", "0")):
        yield Case("multiverse", f"{option} {text[:5]}", files, ("multiverse", "s", option, text), code=2)
    for name, text in {"no JSON": "{", "a list": "[]", "nothing": "{}", "no record": '{"specifications": []}'}.items():
        kept = {**files, "multiverse.json": text}
        yield Case(
            "multiverse", f"show: {name}", kept, ("show", "s/multiverse.json"), code=1, says=("multiverse.json",)
        )


PLAN = """\
title = "T"
title_nl = "T"
pool = ["sex"]
drop = ["P"]

[list]
name = "D"
label = "D"
label_nl = "D"

[coverage]
shares = [0.1, 0.2]
where = { sex = "female" }

[dependence]
P = 2.0

[false_positives]
share = 0.1

[[linkage]]
name = "better"
label = "B"
label_nl = "B"
lists = ["A", "B"]
missed = [0.01, 0.02]
wrong = "none"

[from_survey]
survey = "nl-doctors-2017"
question = "suspected"
group = "gp"
would_report = [0.1, 0.5]
victims_seen = [0.1, 0.5]
"""


def plan_values() -> Iterator[Case]:
    """Yield each key of a plan file with each value, for a study of which nothing can be estimated: none is fitted."""
    study = 'title = "T"\nsource = "S"\n[lists.A]\nlabel = "A"\n[lists.B]\nlabel = "B"\n'
    study += '[[linkage_errors]]\nmissed = [0.02, 0.1]\nreason = "R"\n'
    files = {"study.toml": study, "table.csv": "A,B,count\n1,0,5\n0,1,5\n"}
    argv = ("plan", "s", "--new-list", "s/plan.toml", "--simulations", "2", "--workers", "1")
    for number, key, _ in lines_with_values(PLAN):
        for name, literal in VALUES.items():
            changed = {**files, "plan.toml": with_value(PLAN, number, key, literal)}
            yield Case("plan", f"{key} of line {number}: {name}", changed, argv, code=(1, 3))
    for name, text in {"empty": "", "no TOML": "[", "a study": study}.items():
        yield Case("plan", name, {**files, "plan.toml": text}, argv, code=1, says=("s/plan.toml",))
    yield Case("plan", "no file", files, argv, code=1, says=("s/plan.toml",))
