"""Checks that are known beforehand, and a small run to do them on."""

from __future__ import annotations

import shutil
from pathlib import Path

from estimator.checks.all_checks import Check
from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding
from estimator.checks.subject import Subject
from estimator.errors import NotEstimableError
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import Estimate, estimate

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


def draw_line(figure) -> None:
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], color="#0072B2", clip_on=True)
    ax.set_title("A line & <a title>")


def steady(subject: Subject) -> Finding:
    middle = float(sorted(subject.total.size.ravel())[0])
    return Finding(
        "steady", "Is it steady?", SOUND, (f"It is: at least {middle:.0f}.",), {"least": middle}, draw=draw_line
    )


def wary(subject: Subject, limits: tuple[float, float] | None = None, seed: int = 0) -> Finding:
    said = "no range" if limits is None else f"{limits[0]:.0f} to {limits[1]:.0f}"
    return Finding(
        "wary",
        "What it leans on",
        CAUTION,
        (f"It leans on <something>, {said}, seed {seed}.", "A second sentence."),
        {"nan": float("nan")},
        groups_not_alone=("women",),
        draw=draw_line,
    )


def failing(subject: Subject) -> Finding:
    reason = "The answer breaks when it is touched."
    return Finding("failing", "Does it break?", FAILS, ("It breaks.",), reasons=(reason,), draw=draw_line)


def mended(subject: Subject) -> Finding:
    return Finding("failing", "Does it break?", SOUND, ("It holds.",))


def worse(subject: Subject) -> Finding:
    reasons = ("The answer breaks when it is touched.", "It breaks when it is looked at.")
    return Finding("failing", "Does it break?", FAILS, ("It breaks twice.",), reasons=reasons)


def hungry(subject: Subject) -> Finding:
    raise MemoryError


def puzzled(subject: Subject) -> Finding:
    raise NotEstimableError(["Nobody is on two lists."])


def faulty(subject: Subject) -> Finding:
    raise ZeroDivisionError("a" * 1000)


def undrawable(subject: Subject) -> Finding:
    def draw(figure) -> None:
        raise RuntimeError("no ink")

    return Finding("steady", "Is it steady?", SOUND, ("It is.",), draw=draw)


def check(function, title: str = "A title", *, refits: bool = False) -> Check:
    return Check(f"{__name__}:{function.__name__}", title, refits)


SOUND_ONLY = {"steady": check(steady, "Is it steady?")}
CAREFUL = {**SOUND_ONLY, "wary": check(wary, "What it leans on")}
FAILING = {**CAREFUL, "failing": check(failing, "Does it break?", refits=True)}


def breaks_off(subject: Subject, folder: Path) -> Finding:
    """A check that is interrupted the first time, and finds what it kept the second time."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "kept").exists():
        (folder / "kept").touch()
        raise KeyboardInterrupt
    return Finding("steady", "Is it steady?", SOUND, ("It was taken up again.",))
