"""The example of docs/registers.md gives the table that stands there, word for word."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from estimator.cli.main import run

PAGE = (Path(__file__).parents[2] / "docs" / "registers.md").read_text(encoding="utf-8")
EXAMPLE = PAGE[PAGE.index("## An example") : PAGE.index("## Files")]


def block(after: str) -> str:
    """Return the first block of code behind some words of the example."""
    found = re.search(r"```\w+\n(.*?)```", EXAMPLE[EXAMPLE.index(after) :], re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_gives_the_table_that_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("police.csv", "shelters.csv", "hotline.csv"):
        Path(name).write_text(block(f"`{name}`"), encoding="utf-8")
    study = Path("my-study/study.toml")
    study.parent.mkdir()
    commands = [
        shlex.split(command)[1:]
        for line in re.findall(r"^    (darkfigure .*)|`(darkfigure check my-study)`", EXAMPLE, re.MULTILINE)
        for command in filter(None, line)
    ]
    refused = block("**1.").replace('without_key = "leave-out"\n', "")
    study.write_text(refused, encoding="utf-8")
    assert run(commands[0]) == 1
    said = " ".join(capsys.readouterr().err.split())
    quoted = re.search(r'"(hotline\.csv, .*?)"', EXAMPLE)
    assert quoted is not None and quoted[1] in said
    assert not Path("my-study/table.csv").exists()
    study.write_text(block("**1."), encoding="utf-8")
    assert [run(command) for command in commands] == [0, 0]
    assert Path("my-study/table.csv").read_text(encoding="utf-8") == block("**4.")
    assert "hotline: <5 rows have no key" in capsys.readouterr().out
