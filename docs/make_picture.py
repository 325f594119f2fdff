"""Draw docs/picture.svg: one Dutch table, several assumptions, several published methods.

    python -m docs.make_picture

Estimates are made anew with every shipped prior; published ones are read from published-nl-5lists.csv.
"""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib as mpl

from estimator.methods.door import SamplerSettings
from estimator.population.estimate import Estimate, estimate
from estimator.report.figures.axes import ESTIMATED, REGISTERED, draw_intervals, new_figure

HERE = Path(__file__).parent
STUDY = "nl-2010-2015-5lists"
PRIORS = {
    "independence": "darkfigure, lists independent",
    "moderate": "darkfigure, moderate dependence",
    "horseshoe": "darkfigure, horseshoe",
    "wide": "darkfigure, wide priors",
    "evidence": "darkfigure, learned from registers",
}
PUBLISHED = "#595959"


def draw(estimates: dict[str, Estimate], published: list[dict[str, str]]) -> None:
    """Draw one row per analysis on a log axis, and save it."""
    mpl.rcParams["svg.hashsalt"] = "darkfigure"
    mpl.rcParams["font.family"] = "DejaVu Sans"
    figure = new_figure(9, 4.4)
    ax = figure.subplots()
    rows = [*PRIORS.values(), *(f"{row['method']}, published" for row in published)]
    for y, found in enumerate(estimates.values()):
        draw_intervals(ax, y, found.total.N, ESTIMATED, sideways=True)
    for y, row in enumerate(published, start=len(estimates)):
        ax.plot([float(row["lower"]), float(row["upper"])], [y, y], color=PUBLISHED, linewidth=1.5)
        ax.plot(float(row["estimate"]), y, "s", color="white", markeredgecolor=PUBLISHED, markersize=6)
    known = next(iter(estimates.values())).total.registered.median
    ax.axvline(known, color=REGISTERED, linewidth=2)
    ax.annotate(f"{known:,.0f} registered", (known, -0.75), (4, 0), textcoords="offset points", color=REGISTERED)
    ax.set_xscale("log")
    ax.set_xticks([10_000, 20_000, 50_000, 100_000, 200_000])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.xaxis.set_minor_formatter(lambda value, _: "")
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -1.1)
    lines = "lines: 95 % intervals; thick: those of 80 %, where they are known to hold what they say"
    ax.set_xlabel(f"victims in the Netherlands in six years, 2010-2015\n({lines})", loc="right")
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title("The same five-list table under several assumptions", loc="left")
    figure.savefig(HERE / "picture.svg", metadata={"Date": None})
    figure.savefig(HERE / "picture.png", dpi=110, metadata={"Software": None})


def main() -> None:
    """Estimate and draw."""
    with (HERE / "published-nl-5lists.csv").open() as file:
        published = list(csv.DictReader(file))
    settings = SamplerSettings(draws=4000)
    draw({name: estimate(STUDY, name, sampler=settings) for name in PRIORS}, published)


if __name__ == "__main__":
    main()
