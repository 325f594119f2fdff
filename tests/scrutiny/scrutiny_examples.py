"""Checks that are known beforehand, and a small run to do them on."""

from __future__ import annotations

import shutil
from pathlib import Path

from estimator.checks.all_checks import Check
from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding
from estimator.errors import NotEstimableError
from estimator.methods.door import SamplerSettings
from estimator.notebooks import Estimate, estimate
from estimator.reasons import Reason
from estimator.report.figures import findings, leave_list_out
from estimator.words.catalogue import LANGUAGES, catalogue

STUDY = """title = "Presumed victims in a made-up town & <its> port"
source = "tests/scrutiny/scrutiny_examples.py"
table_kind = "{kind}"
[lists.P]
[lists.K]
[lists.Z]
[covariates.sex]
levels = ["f", "m"]
[groups.women]
label = "Women and girls"
where = {{ sex = "f" }}
[groups.men]
label = "Men and boys"
where = {{ sex = "m" }}
[model]
priors = "{priors}"
"""
HISTORIES = ("1,0,0", "0,1,0", "0,0,1", "1,1,0", "1,0,1", "0,1,1", "1,1,1")
COUNTS = {"f": (224, 144, 96, 96, 64, 41, 27), "m": (112, 72, 48, 48, 32, 21, 14)}
"""Lists that find 0.4, 0.3 and 0.22 of 1,000 women and 500 men, independently of each other."""
RUN, FOLDER = "run", "study"


def write_study(folder: Path, kind: str = "observed", priors: str = "independence") -> Path:
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY.format(kind=kind, priors=priors))
    rows = [
        f"{sex},{history},{count}"
        for sex, counts in COUNTS.items()
        for history, count in zip(HISTORIES, counts, strict=True)
    ]
    (folder / "table.csv").write_text("sex,P,K,Z,count\n" + "\n".join(rows) + "\n")
    return folder


def estimated(folder: Path, kind: str = "observed", priors: str = "independence") -> Estimate:
    """An estimate of the example in a folder, saved beside its study."""
    found = estimate(
        write_study(folder / FOLDER, kind, priors), beside=(), sampler=SamplerSettings(draws=300, warmup=500)
    )
    found.save(folder / RUN)
    return found


def copied(folder: Path, target: Path) -> Path:
    """The run of a folder, copied together with its study."""
    shutil.copytree(folder, target)
    return target / RUN


NUMBERS = {"full": {"median": 1500, "lower": 1400, "upper": 1700}, "alternatives": []}
"""Of leave-list-out, of which every check here draws its picture."""
NUMBERS["full"]["intervals"] = {"0.5": [1450, 1550], "0.8": [1420, 1600], "0.95": [1400, 1700]}
NUMBERS["alternatives"].append({**NUMBERS["full"], "lists": ["P"], "agreement": "agrees"})


def steady(estimate: Estimate) -> Finding:
    least = float(estimate.group_draws["total"].size.min())
    return Finding("steady", SOUND, (Reason("it-is-steady", least=least),), {"least": least, **NUMBERS})


def wary(estimate: Estimate, limits: tuple[float, float] | None = None, seed: int = 0) -> Finding:
    statements = (Reason("it-leans", on="<something>", limits=limits or (), seed=seed), Reason("second-statement"))
    return Finding("wary", CAUTION, statements, {"nan": float("nan"), **NUMBERS}, groups_not_alone=("women",))


def broken(held: int) -> Reason:
    return Reason("it-breaks-when-touched", held=held, of=40)


BREAKS, LOOKED_AT = broken(24), Reason("it-breaks-when-looked-at")


def failing(estimate: Estimate) -> Finding:
    return Finding("failing", FAILS, (Reason("it-breaks"),), NUMBERS, reasons=(BREAKS,))


def failing_at_other_numbers(estimate: Estimate) -> Finding:
    return Finding("failing", FAILS, (Reason("it-breaks"),), reasons=(broken(23),))


def mended(estimate: Estimate) -> Finding:
    return Finding("failing", SOUND, (Reason("it-holds"),))


def worse(estimate: Estimate) -> Finding:
    return Finding("failing", FAILS, (Reason("it-breaks"),), reasons=(BREAKS, LOOKED_AT))


def hungry(estimate: Estimate) -> Finding:
    raise MemoryError


def puzzled(estimate: Estimate) -> Finding:
    raise NotEstimableError([Reason("as-written", sentence="Nobody is on two lists.")])


def faulty(estimate: Estimate) -> Finding:
    raise ZeroDivisionError("a" * 1000)


def undrawable(estimate: Estimate) -> Finding:
    return Finding("steady", SOUND, (Reason("it-is-steady", least=1.0),), {"alternatives": ["no ink"]})


def check(function, *, refits: bool = False, methods: tuple[str, ...] = ()) -> Check:
    return Check(f"{__name__}:{function.__name__}", refits, methods)


TEXTS = {
    "check.steady.title": "Is it steady?",
    "check.wary.title": "What it leans on",
    "check.failing.title": "Does it break?",
    "check.faulty.title": "Does it run?",
    "it-is-steady": "It is: at least {{ least|number }}.",
    "it-leans": "It leans on {{ on }}, {{ limits|map('int')|join(' to ') or 'no range' }}, seed {{ seed }}.",
    "second-statement": "A second statement.",
    "it-breaks": "It breaks.",
    "it-breaks-when-touched": "The answer breaks when it is touched, {{ held }} of {{ of }} times.",
    "it-breaks-when-looked-at": "It breaks when it is looked at.",
    "it-holds": "It holds.",
    "chains-disagree-in-tests": "The chains disagree.",
    "taken-up-again": "It was taken up again.",
    **{f"picture.described.{name}": "A line & <a title>" for name in ("steady", "wary", "failing")},
}


def say_it(monkeypatch) -> None:
    """Give the checks of this file words and a picture."""
    for language in LANGUAGES:
        for code, text in TEXTS.items():
            monkeypatch.setitem(catalogue(language), code, text)
    for name in ("steady", "wary", "failing"):
        monkeypatch.setitem(findings.DRAWN_FROM, name, "alternatives")
    own = findings._drawing
    monkeypatch.setattr(findings, "_drawing", lambda name: leave_list_out if name in FAILING else own(name))


SOUND_ONLY = {"steady": check(steady)}
CAREFUL = {**SOUND_ONLY, "wary": check(wary)}
FAILING = {**CAREFUL, "failing": check(failing, refits=True)}


def breaks_off(estimate: Estimate, folder: Path) -> Finding:
    """A check that is interrupted the first time, and finds what it kept the second time."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "kept").exists():
        (folder / "kept").touch()
        raise KeyboardInterrupt
    return Finding("steady", SOUND, (Reason("taken-up-again"),))
