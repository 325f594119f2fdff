"""Make the example report: ``report-en.html``, ``report-nl.html`` and a picture of page one.

``python -m docs.make_report [RUN]`` takes a run of the Dutch study; without one it estimates the study first. The
picture is taken with Chromium; where there is none, the one that is there is left as it is, and that is said.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from estimator import estimate
from estimator.document.making import make_report
from estimator.runs.reading import read_run
from estimator.runs.writing import save_run
from estimator.words.catalogue import LANGUAGES
from estimator.words.words import words_in

HERE = Path(__file__).parent
PICTURE = HERE / "report.png"
WIDTH, HEIGHT = 1000, 1640


def main(arguments: list[str]) -> None:
    """Write the example."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run = read_run(arguments[0] if arguments else save_run(estimate("nl"), folder / "run"))
        for language in LANGUAGES:
            (page,) = make_report(run, words_in(language), ["html"], folder / language)
            shutil.copyfile(page, HERE / page.name)
            print(f"Wrote {HERE / page.name}")
    _picture(HERE / "report-en.html")


def _picture(page: Path) -> None:
    """Take a picture of the top of a page."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        print(f"No picture: there is no Chromium here. {PICTURE} is left as it is.")
        return
    size = f"--window-size={WIDTH},{HEIGHT}"
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu", size, f"--screenshot={PICTURE}"]
    subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True)
    print(f"Wrote {PICTURE}")


if __name__ == "__main__":
    main(sys.argv[1:])
