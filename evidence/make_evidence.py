"""Learn the priors `evidence` from public tables, and write them with their report.

    python -m evidence.make_evidence --tables FOLDER [--work FOLDER] [--workers N]

FOLDER holds public tables that do not travel with the tool (Peru, the Philippines); without it the prior would be
learned from fewer tables than the file says, so it must be given. Writes priors/evidence.toml, priors/evidence/*.csv
(scores.csv is of `evidence.make_default`), and docs/evidence.md with its picture. `--work` keeps the fits, so that a
run that broke off goes on.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from estimator import __version__
from estimator.calibration.held_out import HeldOutReport
from estimator.calibration.held_out_fits import Source, table_of
from estimator.calibration.public_evidence import PAIRS, RESIDUALS, TABLES, counts_digest
from estimator.report.figures.files import svg_bytes
from estimator.report.figures.held_out import draw_held_out
from estimator.runs.provenance import sha256_of
from estimator.study.priors import Priors, priors_path, read_priors
from estimator.study.recorded_priors import without_words
from estimator.study.shipped import EVIDENCE, shipped_priors
from estimator.words.words import words_in
from evidence.evidence_text import report_of
from evidence.learning import Normal
from evidence.learning_fits import BASE
from evidence.learning_residual import SIZE_ABOVE_ONE_BEFORE, Residual
from evidence.meta_analysis import (
    USUAL,
    Choices,
    Learned,
    ListOfTable,
    PublicTable,
    judge,
    learn,
    learn_without_each_family,
    lists_of,
    tables_in,
    under_priors,
)
from evidence.running import identity_of, options_of, runner

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = {
    "nl-2010-2015": "Netherlands",
    "nl-2010-2015-5lists": "Netherlands",
    "uk-2013": "United Kingdom",
    "uk-2013-5lists": "United Kingdom",
    "kosovo-1999": "Kosovo",
    "scotland-pwid-2006": "Scotland",
    "spina-bifida-1969": "Spina bifida",
    "madigan-york-5lists": "Madigan and York",
    "hiv-rome-1990": "Rome",
    "mailing-lists-allegheny": "Allegheny",
    "gaza-2023-24": "Gaza",
}
ELSEWHERE = {"Peru_": "Peru", "Philippines_": "Philippines"}
TEMPLATE = ROOT / "priors" / EVIDENCE / "template.toml"
SEED = 1
CENTRED = "evidence, centre of ξ as learned"
PAIRS_ONLY = "evidence, without ξ"
FORMER = "evidence, as it was before"
FORMER_CHOICES = Choices(b_before=0.7, residual_degrees_of_freedom=4.0, by_interval=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, validate and write."""
    options = options_of(arguments, __doc__)
    _refuse_another_form()
    shipped = [PublicTable(name, family, Source(name, pooled=True)) for name, family in SHIPPED.items()]
    tables = [*shipped, *tables_in(options.tables, ELSEWHERE)]
    lists, left_out = lists_of(tables)
    run = runner(options, _identity(tables))
    learned = learn(lists, run, SEED)
    without = learn_without_each_family(lists, run, SEED, lambda family: print(f"Without {family}", file=sys.stderr))
    judged = judge(lists, without, run, SEED)
    centred = judge(lists, without, run, SEED, CENTRED, _with_centre)
    pairs_only = judge(lists, without, run, SEED, PAIRS_ONLY, _without_residual)
    former = FORMER_CHOICES, learn(lists, run, SEED, choices=FORMER_CHOICES)
    former_without = learn_without_each_family(lists, run, SEED, choices=FORMER_CHOICES)
    as_before = judge(lists, former_without, run, SEED, FORMER)
    others = under_priors(lists, [name for name in shipped_priors() if name != BASE], run, SEED)
    cases = HeldOutReport((*judged, *others), left_out)
    varied = HeldOutReport((*judged, *centred, *pairs_only, *as_before), left_out)
    numbers = _numbers(learned, cases, tables)
    _write(ROOT / "priors" / f"{BASE}.toml", Template(TEMPLATE.read_text(encoding="utf-8")).substitute(numbers))
    _write_tables(tables, lists)
    _write_pairs(learned)
    _write_residuals(learned)
    families = {table.name: table.family for table in tables}
    _write(ROOT / "docs" / "evidence.md", report_of(learned, without, cases, varied, families, former))
    names = sorted(cases.priors, key=lambda name: cases.score(name).interval_score)
    (ROOT / "docs" / "evidence.svg").write_bytes(svg_bytes(draw_held_out(cases, words_in("en"), names)))


def _refuse_another_form() -> None:
    """Refuse to start from a prior file in which the residual has tails: a key that is left out cannot undo them."""
    residual = read_priors(BASE).residual
    if residual is None or residual.degrees_of_freedom != USUAL.residual_degrees_of_freedom:
        raise SystemExit(f"Give [residual] in {priors_path(BASE)} the keys that it has in {TEMPLATE} first.")


def _with_centre(learned: Learned) -> dict[str, str]:
    """Return what was learned, with the centre of the residual stated even when the tables cannot tell it from 0."""
    return learned.overrides | {"residual.centre": f"{learned.residual.centre:.2f}"}


def _without_residual(learned: Learned) -> dict[str, str]:
    """Return what was learned of pairs of lists only."""
    return {key: value for key, value in learned.overrides.items() if not key.startswith("residual")} | {
        "residual.form": "none"
    }


def _identity(tables: Sequence[PublicTable]) -> dict[str, Any]:
    """Return what the fits depend on, besides what is asked: tables and prior files, but for learned numbers."""
    files = {table.name: table.file for table in tables}
    identity = identity_of("evidence", files, [name for name in shipped_priors() if name != BASE])
    identity["priors"][BASE] = _form_of(read_priors(BASE))
    return identity | {"seed": SEED}


def _form_of(priors: Priors) -> str:
    """Return a digest of what the fits take from a prior file as it is: no words, and no numbers to be learned."""
    content = without_words(priors.model_dump(mode="json"))
    for section, keys in {"dependence": ("scale", "relative_mean"), "residual": ("centre", "size")}.items():
        content[section] = {key: value for key, value in content[section].items() if key not in keys}
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _numbers(learned: Learned, cases: HeldOutReport, tables: Sequence[PublicTable]) -> dict[str, str]:
    """Return what the template of the prior file asks for; nothing in it is typed in."""
    mean, scale, residual = learned.dependence.relative_mean, learned.dependence.log_scale, learned.residual
    families = list(dict.fromkeys(table.family for table in tables))
    score, nearly = cases.score("evidence"), cases.score("nl-2017")

    def limits(normal: Normal) -> tuple[float, float]:
        return normal.mean - 1.96 * normal.sd, normal.mean + 1.96 * normal.sd

    def factor(log: float) -> str:
        return f"{math.exp(log):.1f}"

    def per_cent(share: float) -> str:
        return f"{100 * share:.0f}"

    numbers = {
        "provenance": f"Learned with darkfigure {__version__}; checksums of the tables: priors/{EVIDENCE}/{TABLES}.",
        "n_tables": str(len(tables)),
        "n_families": str(len(families)),
        "cover95": per_cent(score.held[0.95]),
        "cover80": per_cent(score.held[0.8]),
        "cover50": per_cent(score.held[0.5]),
        "cover_nl": per_cent(nearly.held[0.95]),
        "mean_centre": f"{mean.mean:.2f}",
        "mean_size": f"{mean.sd:.2f}",
        "mean_low": f"{limits(mean)[0]:.1f}",
        "mean_high": f"{limits(mean)[1]:.1f}",
        "common_or": factor(mean.mean * math.exp(scale.mean)),
        "scale_mean": f"{scale.mean:.2f}",
        "scale_sd": f"{scale.sd:.2f}",
        "scale_median": factor(scale.mean),
        "scale_low": factor(limits(scale)[0]),
        "scale_high": factor(limits(scale)[1]),
        "stated_centre": f"{residual.stated_centre:.2f}",
        "centre_in_words": _centre_in_words(learned.residual),
        "residual_size": f"{residual.size:.2f}",
        "residual_low": f"{residual.size_interval[0]:.2f}",
        "residual_high": f"{residual.size_interval[1]:.2f}",
        "above_one": per_cent(residual.size_above_one),
        "above_one_before": per_cent(SIZE_ABOVE_ONE_BEFORE),
    }
    return numbers | {f"{key}_nl": text.replace(".", ",") for key, text in numbers.items()} | _centre_in_dutch(residual)


def _centre_in_words(residual: Residual) -> str:
    """Return what the prior file says of the centre of the residual."""
    centre = f"{residual.centre:+.2f} ± {residual.centre_sd:.2f} times their size"
    if residual.stated_centre:
        return f"Its centre is {centre}."
    return f"Its centre, {centre},\ncannot be told from 0 in these tables, and is 0 here."


def _centre_in_dutch(residual: Residual) -> dict[str, str]:
    """Return the same in Dutch."""
    centre = f"{residual.centre:+.2f} ± {residual.centre_sd:.2f} keer hun grootte".replace(".", ",")
    if residual.stated_centre:
        return {"centre_in_words_nl": f"Het midden is {centre}."}
    told = f"Het midden, {centre},\nis op grond van deze tabellen niet van 0 te onderscheiden, en is hier 0."
    return {"centre_in_words_nl": told}


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def write_rows(name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table that travels with the priors `evidence`."""
    with (ROOT / "priors" / EVIDENCE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_tables(tables: Sequence[PublicTable], lists: Sequence[ListOfTable]) -> None:
    """Write which tables were learned from, with the checksum of each."""
    rows = []
    for table in tables:
        shipped = not table.source.reference.endswith(".csv")
        names = " ".join(held.list for held in lists if held.table == table)
        people = table_of(table.source)[0].registered
        digests = counts_digest(table_of(table.source)[0]), sha256_of(table.file)
        rows.append((table.name, table.family, "yes" if shipped else "no", people, names, *digests))
    write_rows(TABLES, ("table", "family", "shipped", "registered", "held_out", "counts", "sha256"), rows)


def _write_pairs(learned: Learned) -> None:
    """Write the log odds ratio of every pair of lists among the people on a third."""
    rows = []
    for held, fit, weight in zip(learned.lists, learned.completed, learned.weights, strict=True):
        share = weight / len(fit["pairs"])
        for pair, (mean, sd) in fit["pairs"].items():
            rows.append(
                (
                    held.table.family,
                    held.table.name,
                    held.list,
                    pair,
                    f"{mean:.4f}",
                    f"{sd:.4f}",
                    f"{share:.6f}",
                )
            )
    write_rows(PAIRS, ("family", "table", "held_out", "pair", "mean", "sd", "weight"), rows)


def _write_residuals(learned: Learned) -> None:
    """Write the log of the true over the implied dark figure of every held-out list."""
    rows = []
    for held, fit, weight in zip(learned.lists, learned.fitted, learned.weights, strict=True):
        residual = math.log(fit["unseen"] + 0.5) - np.array(fit["log_implied"])
        sd = math.sqrt(residual.var() + 1 / (fit["unseen"] + 0.5))
        scale = float(np.median(fit["scale"]))
        rows.append(
            (
                held.table.family,
                held.table.name,
                held.list,
                f"{residual.mean():.4f}",
                f"{sd:.4f}",
                f"{weight:.6f}",
                f"{scale:.4f}",
            )
        )
    write_rows(RESIDUALS, ("family", "table", "held_out", "mean", "sd", "weight", "scale"), rows)


if __name__ == "__main__":
    main()
