"""What came of verifying a run, and what was packed, as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from estimator.bundle.contents import Contents
from estimator.bundle.rerunning import Number, Rerun
from estimator.bundle.verifying import FileCheck, State, Verification
from estimator.report.terminal.layout import columns, paragraph
from estimator.words.words import Words

MOST_NUMBERS = 10
_SHOWN: tuple[State, ...] = ("changed", "missing", "extra", "unvouched", "elsewhere", "another", "left-out")


def verification_text(checked: Verification, done: Rerun | None, words: Words, *, asked_again: bool = False) -> str:
    """Return what came of verifying a run: the verdict first, then what is not as it was, then the run again."""
    parts = [paragraph(_verdict(checked, words))]
    states = [(words.text(f"verify.state.{file.state}"), _name(file, words)) for file in checked.of(*_SHOWN)]
    if states:
        parts.append(columns(states, indent="  "))
    parts.append(paragraph(words.text("verify.digest", sha256=checked.manifest_sha256)))
    if done is not None:
        parts += ["", *_rerun_lines(done, words)]
    elif asked_again:
        parts += ["", paragraph(words.text("verify.not-run-again"))]
    return "\n".join(parts)


def bundle_text(target: Path, digest: str, contents: Contents, words: Words) -> str:
    """Return what was packed, and what was left out."""
    lines = [words.text("bundle.written", path=str(target), files=len(contents.members) + 2)]
    lines.append(words.text("bundle.digest", sha256=digest))
    if contents.left_out:
        lines.append(words.text(f"bundle.left-out.{contents.why}", names=[file.name for file in contents.left_out]))
    else:
        lines.append(words.text("bundle.small-counts"))
    return "\n".join(paragraph(line) for line in lines)


def _verdict(checked: Verification, words: Words) -> str:
    same = len(checked.of("same"))
    if checked.unaltered:
        return words.text("verify.unaltered", study=checked.study, same=same)
    return words.text("verify.altered", study=checked.study, wrong=len(checked.wrong), same=same)


def _name(file: FileCheck, words: Words) -> str:
    return words.text("verify.input", name=file.name) if file.part == "input" else file.name


def _rerun_lines(done: Rerun, words: Words) -> Iterator[str]:
    """Yield what came of doing it again."""
    yield paragraph(words.text(f"verify.rerun.{done.outcome}", compared=len(done.numbers), furthest=done.furthest))
    if done.elsewhere:
        yield paragraph(words.text("verify.elsewhere", what=[_what(name, words) for name in done.elsewhere]))
    elif done.outcome == "within-error":
        yield paragraph(words.text("verify.should-be-identical"))
    for number in done.different[:MOST_NUMBERS]:
        yield paragraph(_apart(number, words), "    ", "  ")


def _what(name: str, words: Words) -> str:
    return words.text("verify.machine") if name == "machine" else name


def _apart(number: Number, words: Words) -> str:
    """Return one number that came out another."""
    return words.text(
        "verify.number",
        group=number.group,
        year=number.year,
        quantity=words.text(f"verify.quantity.{number.quantity}"),
        which=words.text(f"verify.which.{number.which}"),
        priors=number.priors,
        was=number.was,
        now=number.now,
        error=number.error,
    )
