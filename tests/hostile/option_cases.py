"""Hostile options and arguments of every command."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.running import Case
from tests.hostile.study_with_everything import FILES, SMALL

TEXTS = (
    "",
    " ",
    "\u00a0",
    "x",
    "x" * 5000,
    "\x1b[31mx",
    "\u202ex",
    "x\nError: y",
    "..",
    "/dev/null/x",
    "-1",
    "$a_b_c$",
)
NUMBERS = ("", "x", "-1", "0", "1.5", "1e3", "inf", "nan", "9" * 30, "9" * 5000, "0x10", "1 000", "1,000")
STUDY_COMMANDS = (
    ("check",),
    ("tabulate",),
    ("estimate", "--no-out"),
    ("data", "show"),
    ("priors", "draw", "--study"),
    ("new", "next", "--from"),
    ("reproduce",),
)
RUN_COMMANDS = (("show",), ("compare",), ("scrutinise",), ("compare", "s"))
NUMBER_OPTIONS = (
    ("estimate", "--draws"),
    ("estimate", "--chains"),
    ("estimate", "--seed"),
    ("estimate", "--cores"),
    ("scrutinise", "--seed"),
    ("scrutinise", "--workers"),
    ("scrutinise", "--simulations"),
    ("calibrate", "--seed"),
    ("calibrate", "--workers"),
    ("calibrate", "--sbc"),
    ("calibrate", "--simulations"),
    ("priors", "draw", "--draws"),
    ("priors", "draw", "--seed"),
    ("reproduce", "--draws"),
)


def names() -> Iterator[Case]:
    """Yield names of studies, runs, priors and commands that are none."""
    for text in TEXTS:
        shown = f"{text[:20]!a}"
        for command in STUDY_COMMANDS:
            yield Case("options", f"{' '.join(command)} {shown}", SMALL, (*command, text), code=(1, 2))
        for command in RUN_COMMANDS:
            yield Case("options", f"{' '.join(command)} {shown}", SMALL, (*command, text), code=(1, 2))
        yield Case("options", f"priors show {shown}", SMALL, ("priors", "show", text), code=(1, 2))
        yield Case("options", f"estimate --priors {shown}", SMALL, ("estimate", "s", "--priors", text), code=(1, 2))
        yield Case("options", f"estimate --method {shown}", SMALL, ("estimate", "s", "--method", text), code=(1, 2))
        yield Case("options", f"estimate --option {shown}", SMALL, ("estimate", "s", "--option", text), code=(1, 2))
        yield Case("options", f"check --language {shown}", SMALL, ("check", "s", "--language", text), code=2)
        yield Case("options", f"estimate --sampler {shown}", SMALL, ("estimate", "s", "--sampler", text), code=2)
        question = ("estimate", "s", "--no-out", "--probability", text)
        yield Case("options", f"estimate --probability {shown}", SMALL, question, code=(1, 2))
        yield Case("options", f"compare --years {shown}", SMALL, ("compare", "s", "--years", text), code=(1, 2))
        for option in ("--register", "--combined", "--out", "--memory", "--previous", "--report"):
            argv = ("tabulate", "s", option, text)
            yield Case("options", f"tabulate {option} {shown}", FILES, argv, code=(1, 2))
        yield Case("options", f"new --year {shown}", FILES, ("new", "next", "--from", "s", "--year", text), code=(1, 2))
        yield Case("options", f"scrutinise --checks {shown}", SMALL, ("scrutinise", "s", "--checks", text), code=(1, 2))
        yield Case("options", f"data copy {shown}", SMALL, ("data", "copy", text, "copied"), code=(1, 2))
        yield Case("options", f"a command {shown}", SMALL, (text,), code=2)
        yield Case("options", f"an option {shown}", SMALL, ("check", "s", f"--{text}"), code=2 if text else (0, 2))


def numbers() -> Iterator[Case]:
    """Yield numbers that options cannot have."""
    for *command, option in NUMBER_OPTIONS:
        for text in NUMBERS:
            if (option, text) in (("--seed", "0"), ("--sbc", "-1")):
                continue  # the first is right; of the second click makes an option of its own
            argv = (*command, *(() if command == ["priors", "draw"] else ("s",)), option, text)
            yield Case("options", f"{' '.join(command)} {option} {text[:20]!a}", SMALL, argv, code=2, says=(option,))


QUESTIONS = {
    "total": 1,
    "total >": 1,
    "> 5": 1,
    "total > x": 1,
    "total > -1": 1,
    "total > nan": 1,
    "total > inf": 1,
    "total > " + "9" * 5000: 1,
    "total == 5": 1,
    "total >> 5": 1,
    "totl > 5": 1,
    "total > 5; x": 1,
    "total > 5 > 6": 1,
    "__import__('os') > 5": 1,
    "total > 1,000": 1,
    "women > women": 1,
}
SETS = {
    "": 2,
    "=": 2,
    "x": 2,
    "dependence": 2,
    "dependence=": 1,
    "dependence={}": 1,
    "dependence=[]": 1,
    "dependence=7": 1,
    "dependence.form=": 1,
    "dependence.form=x": 1,
    "dependence.form=7": 1,
    "dependence.form={}": 1,
    "dependence.form.x=1": 1,
    "dependence..form=1": 1,
    ".=1": 1,
    "x.y=1": 1,
    "coverage={}": 1,
    "coverage.form=": 1,
    "coverage.form=x": 1,
    "coverage.form=7": 1,
    "coverage.form={}": 1,
    "coverage.form=[differences]": 1,
    "coverage.form=differences": 0,
    'coverage.form="odds"': 0,
    "title=7": 1,
    'title=" "': 1,
    "dark_figure=none": 1,
    "dark_figure.ratio_to_registered=[1,2]": 1,
    "dark_figure.ratio_to_registered={}": 1,
    "dark_figure.ratio_to_registered.between=[2,1]": 1,
    "dark_figure.ratio_to_registered.between=[1," + "9" * 400 + "]": 1,
    "dark_figure.ratio_to_registered.between=[1," + "9" * 5000 + "]": 1,
    "dark_figure.ratio_to_registered.log_normal=[0,nan]": 1,
    "dark_figure.ratio_to_registered.log_normal=[0,1e400]": 1,
    "residual={}": 1,
    "residual.size=-1": 1,
    "residual.size=true": 1,
    "dependence.pairs=7": 1,
    "dependence.pairs=[{}]": 1,
    "dependence.pairs=[[]]": 1,
    "coverage.lists=[1]": 1,
    "three_list.odds_ratio=1979-05-27": 1,
    "three_list.odds_ratio=" + "[" * 5000 + "]" * 5000: 1,
    "three_list.odds_ratio=" + "{x=" * 5000 + "1" + "}" * 5000: 1,
    "a" + ".a" * 5000 + "=1": 1,
    "three_list.odds_ratio=1\nx=2": 1,
    "three_list.odds_ratio=\x1b[31m": 1,
    "composition.stratum.between=[0.02,0.3] # remark": (0, 1),
    "dependence.odds_ratio.log_normal=[0,1]": 1,
    "dependence.scale.log_normal=[0,1]": 0,
}


def written() -> Iterator[Case]:
    """Yield changes of priors and questions that cannot be read."""
    for text, code in SETS.items():
        argv = ("priors", "show", "--set", text)
        yield Case("options", f"--set {text[:50]!a}", {}, argv, code, ("--set",) if code in (1, 2) else ())
    twice = ("--set", "residual.size=0.1", "--set", "residual.size=0.2")
    yield Case("options", "--set of a key twice", {}, ("priors", "show", *twice), 2, ("residual.size", "twice"))
    inside = ("--set", "residual={}", "--set", "residual.size=0.2")
    yield Case("options", "--set of a key inside another", {}, ("priors", "show", *inside), (1, 2), ("--set",))
    for text, code in QUESTIONS.items():
        argv = ("estimate", "s", "--no-out", "--probability", text)
        yield Case("options", f"--probability {text[:40]!a}", FILES, argv, code, ("Error:",))


def places() -> Iterator[Case]:
    """Yield places where no run and no picture can be written."""
    for name, argv, code, says in (
        ("a picture of no kind", ("estimate", "s", "--plot", "x"), (1, 2), ".svg"),
        ("a picture of another kind", ("estimate", "s", "--plot", "x.docx"), (1, 2), ".svg"),
        ("a picture with two points", ("estimate", "s", "--plot", "x.svg."), (1, 2), ".svg"),
        ("a picture in no folder", ("estimate", "s", "--plot", "gone/x.svg"), (1, 2), "gone"),
        ("a picture that is a folder", ("estimate", "s", "--plot", "s"), (1, 2), "s"),
        ("a picture without a name", ("estimate", "s", "--plot", ""), (1, 2), "--plot"),
        ("a picture with zero", ("estimate", "s", "--plot", "x\0.svg"), (1, 2), ""),
        ("a picture with a colour", ("estimate", "s", "--plot", "\x1b[31m.docx"), (1, 2), ".svg"),
        ("a run that is there", ("estimate", "s", "--out", "s"), 1, "s"),
        ("a run that is a file", ("estimate", "s", "--out", "s/table.csv"), 1, "s/table.csv"),
        ("a run below a file", ("estimate", "s", "--out", "s/table.csv/x"), 1, "s/table.csv"),
        ("a run without a name", ("estimate", "s", "--out", ""), (1, 2), "--out"),
        ("a run of zero", ("estimate", "s", "--out", "x\0y"), (1, 2), ""),
        ("a run of endless name", ("estimate", "s", "--out", "x" * 5000), 1, "xxx"),
        ("a copy that is there", ("data", "copy", "uk-2013", "s"), 1, "s"),
        ("a new study that is there", ("new", "s", "--from", "s"), 1, "s"),
        ("a year that is there", ("new", "next", "--from", "s", "--year", "2014"), 1, "2014"),
        ("a year in the past", ("new", "next", "--from", "s", "--year", "2001"), (0, 1), ""),
        ("a year twice", ("new", "next", "--from", "s", "--year", "2017", "--year", "2017"), (1, 2), "2017"),
        ("years backwards", ("compare", "s", "--years", "2015,2014"), (1, 2), ""),
        ("one year", ("compare", "s", "--years", "2015"), 2, "--years"),
        ("three years", ("compare", "s", "--years", "2013,2014,2015"), 2, "--years"),
        ("one year twice", ("compare", "s", "--years", "2014,2014"), (1, 2), ""),
        ("three runs", ("compare", "s", "s", "s"), 2, "one run, or two"),
        ("checks twice", ("scrutinise", "s", "--checks", "convergence,convergence"), (1, 2), ""),
        ("a range reversed", ("scrutinise", "s", "--range", "9", "1"), (1, 2), ""),
        ("a range that is none", ("scrutinise", "s", "--range", "nan", "inf"), (1, 2), ""),
        ("nothing at all", (), (0, 2), ""),
        ("no study", ("check",), 2, "STUDY"),
        ("two studies", ("check", "s", "s"), 2, "Error"),
        ("a folder without a study", ("check", "."), 1, "study.toml"),
        ("the table as a study", ("check", "s/table.csv"), 1, "table, not a study"),
        ("a run and a folder", ("estimate", "s", "--out", "x", "--no-out"), 2, "--no-out"),
        ("publishing without a reason", ("scrutinise", "s", "--publish-anyway", ""), (1, 2), ""),
        ("a reason of blanks", ("scrutinise", "s", "--publish-anyway", " ", "--decided-by", " "), (1, 2), ""),
        ("too many draws", ("estimate", "s", "--draws", "100000", "--chains", "64", "--no-out"), 1, "--draws"),
    ):
        yield Case("options", name, FILES, argv, code, (says,) if says else (), may_write=("next",))
