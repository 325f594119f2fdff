"""Measure how long darkfigure takes, as a user waits for it: whole commands, from the shell to the printed answer.

    python -m benchmarks [--repeats 3] [--only help,pooled,...] [--json] [--picture docs/national.svg]

Every job runs in processes of its own. "First time" means that the compiled model is not in the cache yet
(`NUMBA_CACHE_DIR` points to an empty folder). Seconds are medians over the repeats; memory is the largest resident set.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.commands import run
from benchmarks.growth import draw_growth
from benchmarks.large_registers import write_registers
from benchmarks.large_study import write_large_study
from benchmarks.multiverse import multiverse_lines
from benchmarks.national_study import GROWTH, draw_national, write_national
from benchmarks.peers import peer_lines
from benchmarks.refits import refit_lines

# what is timed inside a process, and gives lines of its own
IN_PROCESS: dict[str, Callable[[], list[str]]] = {
    "refits": refit_lines,
    "peers": peer_lines,
    "multiverse": multiverse_lines,
}


@dataclass(frozen=True)
class Measured:
    """One row of the table.

    Parameters
    ----------
    job, target : str
        What was run, and what it must keep to.
    seconds : float
        From the shell to the end of the process.
    sampling : float or None
        Seconds of it that the sampler took.
    effective : float or None
        Smallest effective sample size (bulk) of any reported quantity.
    megabytes : float
        Largest resident memory.
    """

    job: str
    target: str
    seconds: float
    sampling: float | None
    effective: float | None
    megabytes: float


def measure(job: str, target: str, arguments: list[str], repeats: int, *, first_time: bool = False) -> Measured:
    """Run a command some times; return the median."""
    rows = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            rows.append(run(arguments, Path(cache) if first_time else None))
    last = rows[-1][2] or {}
    return Measured(
        job,
        target,
        statistics.median(seconds for seconds, _, _ in rows),
        statistics.median(found["seconds"]["sample"] for _, _, found in rows if found) if last else None,
        last["diagnostics"]["ess_bulk_min"] if last else None,
        max(megabytes for _, megabytes, _ in rows),
    )


def jobs(folder: Path) -> dict[str, Callable[[int], Measured]]:
    """Return everything that can be measured, by name."""
    estimate = ["estimate", "--no-out", "--json"]
    large = str(folder / "large")
    return {
        "help": lambda n: measure("--help", "<= 0.3 s", ["--help"], n),
        "check": lambda n: measure("check nl-2010-2015", "<= 1 s", ["check", "nl-2010-2015"], n),
        "first": lambda n: measure(
            "pooled six lists, first time", "<= 25 s", [*estimate, "nl-2010-2015"], n, first_time=True
        ),
        "pooled": lambda n: measure(
            "pooled six lists, afterwards", "<= 12 s; sampling <= 2 s", [*estimate, "nl-2010-2015"], n
        ),
        "scotland": lambda n: measure(
            "8 strata x 4 lists, censored", "<= 30 s, >= 2,000 effective", [*estimate, "scotland-pwid-2006"], n
        ),
        "large": lambda n: measure("200 strata x 6 lists", "<= 90 s, <= 2 GB", [*estimate, large], 1),
        "registers": lambda n: measure_registers(folder / "r5", 100_000, "<= 3 s", n),
        "registers-large": lambda n: measure_registers(folder / "r7", 10_000_000, "<= 60 s, <= 4 GB", 1),
        **{
            f"national-{strata}": lambda _n, strata=strata: measure_national(folder / f"national-{strata}", strata)
            for strata in GROWTH
        },
    }


def measure_national(folder: Path, strata: int) -> Measured:
    """Make a study of a whole country with some strata, and measure its estimate once."""
    write_national(folder, draw_national(*GROWTH[strata]))
    target = "<= 120 s, <= 4 GB" if strata == max(GROWTH) else ""
    return measure(f"{strata:,} strata x 8 lists", target, ["estimate", "--no-out", "--json", str(folder)], 1)


def measure_registers(folder: Path, rows: int, target: str, repeats: int) -> Measured:
    """Make six registers of many rows, and measure how long their table takes."""
    options = write_registers(folder, rows)
    command = ["tabulate", str(folder), *options, "--out", str(folder / "table.csv")]
    return measure(f"{rows:,} rows in 6 registers", target, command, repeats)


def table(rows: list[Measured]) -> str:
    """Return the rows as text of 80 columns."""
    lines = [f"{'job':<30} {'seconds':>8} {'sampling':>9} {'effective':>10} {'MB':>6}  target"]
    for row in rows:
        sampling = "" if row.sampling is None else f"{row.sampling:.2f}"
        effective = "" if row.effective is None else f"{row.effective:,.0f}"
        lines.append(
            f"{row.job:<30} {row.seconds:>8.2f} {sampling:>9} {effective:>10} {row.megabytes:>6.0f}  {row.target}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    names = (
        "help,check,first,pooled,scotland,large,registers,registers-large,"
        + "".join(f"national-{strata}," for strata in GROWTH)
        + "refits,peers,multiverse"
    )
    parser.add_argument("--only", default="", help=f"names, separated by commas: {names}")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--picture", type=Path, help="draw how studies of a whole country grow (the jobs national-...)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_large_study(Path(folder) / "large")
        known = jobs(Path(folder))
        run(["estimate", "--no-out", "--json", "nl-2010-2015"])  # fills the cache
        wanted = options.only.split(",") if options.only else [*known, *IN_PROCESS]
        rows = [known[name](options.repeats) for name in wanted if name not in IN_PROCESS]
    if options.picture:
        draw_growth(
            [
                (int(row.job.split()[0].replace(",", "")), row.seconds, row.megabytes)
                for row in rows
                if row.job.endswith("strata x 8 lists")
            ],
            options.picture,
        )
    lines = [line for name, measured in IN_PROCESS.items() if name in wanted for line in measured()]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        print("\n".join([table(rows), *lines] if rows else lines))


if __name__ == "__main__":
    main()
