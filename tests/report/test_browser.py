"""Pages in a browser: axe-core finds nothing wrong, at the width of a desk and of a phone, and nothing runs over."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from estimator.bundle.contents import contents_of
from estimator.document.building import document_of
from estimator.document.writers.html import html_of
from estimator.report.pages.bundle import readme_page
from estimator.runs.reading import read_run
from estimator.runs.restoring import study_of_run
from estimator.runs.writing import save_run
from estimator.words.words import words_in
from tests.programs import axe_core, program
from tests.report.report_examples import document

WIDTHS = {"desk": 1280, "phone": 390}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """
for (const part of document.querySelectorAll("details")) part.open = true;
axe.run(document, {runOnly: TAGS}).then(found => {
  const told = {
    violations: found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]),
    passes: found.passes.length,
    width: window.innerWidth,
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
  const place = document.createElement("pre");
  place.id = "told-by-axe";
  place.textContent = JSON.stringify(told);
  document.body.append(place);
});
""".replace("TAGS", json.dumps(TAGS))


def looked_at(page: str, width: int, folder: Path) -> dict[str, Any]:
    """What a browser and axe-core say of a page: of a copy that lets the script in, which the page itself does not."""
    opened = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert opened != page, "the page keeps scripts out"
    axe = axe_core().replace("</script", r"<\/script")
    script = f"<script>{axe}</script><script>{LOOK}</script></body>"
    path = folder / "page.html"
    path.write_text(opened.replace("</body>", script), encoding="utf-8")
    command = [
        program("chromium", "chromium-browser", "google-chrome"),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--force-device-scale-factor=1",
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={width},1000",
        "--virtual-time-budget=60000",
        "--dump-dom",
        path.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    told = re.search(r'<pre id="told-by-axe">(.*?)</pre>', done.stdout, flags=re.DOTALL)
    assert told, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(html.unescape(told[1]))
    return found


@pytest.fixture(scope="module")
def pages(series, tmp_path_factory) -> dict[str, str]:
    run = read_run(save_run(series, tmp_path_factory.mktemp("browser") / "run"))
    reports = {f"report-{language}": html_of(document_of(run, words_in(language))) for language in ("en", "nl")}
    bundle = readme_page(run, contents_of(run, study_of_run(run)), "nl")
    return {**reports, "every-block": html_of(document(stamp="NOT TO BE PUBLISHED")), "bundle": bundle}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["report-en", "report-nl", "every-block", "bundle"])
def test_axe_finds_no_violation_and_nothing_runs_over(pages, name, width, tmp_path):
    found = looked_at(pages[name], WIDTHS[width], tmp_path)
    assert found["violations"] == []
    assert found["passes"] > 15, "it did look"
    assert found["over"] <= 0, "no page is wider than its window"


def test_a_bad_page_is_found_out(tmp_path):
    """The test of the test: a picture without words, grey letters on grey, and no language."""
    bad = (
        '<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="x"><title>t</title></head>'
        '<body><img src="data:,"><p style="color:#aaa;background:#bbb">grey</p><div style="width:3000px">wide</div>'
        "</body></html>"
    )
    found = looked_at(bad, 1280, tmp_path)
    assert {"image-alt", "color-contrast", "html-has-lang"} <= {name for name, _ in found["violations"]}
    assert found["over"] > 0
