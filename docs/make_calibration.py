"""Write the tables and pictures of docs/calibration.md anew.

    python -m docs.make_calibration [--folder runs/calibration] [--sbc 500 200] [--tables 100] [--workers 2]

An hour or two on two cores. Every fit is kept in the folder, so that the command goes on where it was broken off, and
a second call writes the page in a minute; a prior file that was changed has its fits done again.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Sequence
from pathlib import Path

from estimator.calibration.at_scale import Running, calibrate_grid, calibrate_sbc
from estimator.calibration.grid import GridReport
from estimator.calibration.sbc_report import SbcReport
from estimator.calibration.scenarios import DEPENDENCES, Scenario, like_study, main_grid
from estimator.report.figures.calibration import draw_grid, draw_ranks
from estimator.report.figures.files import svg_bytes
from estimator.report.terminal.calibration import dependence_label, sbc_text
from estimator.study.study import read_study
from estimator.words.numbers import factor
from estimator.words.words import words_in

HERE = Path(__file__).parent
PAGE = HERE / "calibration.md"
POOLED, WITH_COVARIATES, LIKE = "nl-2010-2015-5lists", "scotland-pwid-2006", "nl-2010-2015"
SBC_PRIORS = ("moderate", "evidence")
WORDS = words_in("en")


def page_with(text: str, block: str, content: str) -> str:
    """Return the page with another content between the marks of a block.

    Parameters
    ----------
    text : str
        The page.
    block : str
        Name of the block.
    content : str
        What is to stand between ``<!-- NAME -->`` and ``<!-- end of NAME -->``.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        When the page has no such block.
    """
    begin, end = f"<!-- {block} -->", f"<!-- end of {block} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", flags=re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no block '{block}'")
    return pattern.sub(lambda _: f"{begin}\n\n{content.strip()}\n\n{end}", text)


def sbc_block(reports: Sequence[SbcReport]) -> str:
    """Return simulation-based calibration as the command prints it."""
    texts = (sbc_text(report, WORDS).replace("\N{NO-BREAK SPACE}", " ") for report in reports)
    return "\n\n".join(f"```text\n{text}\n```" for text in texts)


def target_block(report: GridReport) -> str:
    """Return what the evidence priors cost and what they bring, as a list."""
    tables = max(len(fits) for fits in report.results.values())
    lines = [f"- {line}" for line in WORDS.say_all(report.targets())]
    return "\n".join([f"{tables} tables of each of {len(report.scenarios)} scenarios.", "", *lines])


def grid_block(report: GridReport) -> str:
    """Return a line for each scenario: how many 95 % intervals hold the truth, and their width, by set of priors."""
    names = list(report.priors)
    parts = []
    for kind in DEPENDENCES:
        lines = [f"| {dependence_label(kind, WORDS)} | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
        for case in report.of(dependence=kind):
            cells = [_cell(report, case, name) for name in names]
            lines.append(f"| {case.name.partition('; ')[2]} | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _cell(report: GridReport, case: Scenario, name: str) -> str:
    found = report.tables([case], name)
    if not found.n:
        return "–"
    inside = found.held[0.95]
    lower, upper = inside.limits
    refused = f", {found.refused} refused" if found.refused else ""
    share = f"{100 * inside.value:.0f} ({100 * lower:.0f}-{100 * upper:.0f}) %"
    return f"{share} ×{factor(math.exp(found.log_width))}{refused}"


def main() -> None:
    """Run what is left to run, and write the page and its pictures."""
    parser = argparse.ArgumentParser(prog="python -m docs.make_calibration", description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("runs/calibration"))
    parser.add_argument("--sbc", type=int, nargs=2, default=(500, 200), help="pooled, with covariates")
    parser.add_argument("--tables", type=int, default=100, help="of each scenario")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()

    def running(name: str) -> Running:
        def said(done: int, total: int) -> None:
            if done % max(1, total // 20) == 0:
                print(f"{name}: {done:,} of {total:,}", flush=True)

        return Running(options.folder / name, options.workers, progress=said)

    reports = [
        calibrate_sbc(study, SBC_PRIORS, simulations=n, running=running(study))
        for study, n in zip((POOLED, WITH_COVARIATES), options.sbc, strict=True)
    ]
    scenarios = (*main_grid(), *like_study(read_study(LIKE).table))
    grid = calibrate_grid(scenarios, tables=options.tables, running=running("grid"))
    text = PAGE.read_text(encoding="utf-8")
    for block, content in {
        "sbc": sbc_block(reports),
        "targets": target_block(grid),
        "grid": grid_block(grid),
    }.items():
        text = page_with(text, block, content)
    for report in reports:
        for result in report.results:
            (HERE / f"calibration-{report.study}-{result.priors}.svg").write_bytes(svg_bytes(draw_ranks(result, WORDS)))
    (HERE / "calibration-grid.svg").write_bytes(svg_bytes(draw_grid(grid, WORDS)))
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote {PAGE}")


if __name__ == "__main__":
    main()
