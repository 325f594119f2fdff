"""Write the table of docs/reproduction.md anew: what `darkfigure reproduce nl` prints of the study.

    python -m docs.make_reproduction

Takes a minute or two.
"""

from __future__ import annotations

import re
from pathlib import Path

from estimator.methods.door import SamplerSettings
from estimator.published.reproduction import reproduce
from estimator.report.terminal.published import reproduction_text
from estimator.words.words import words_in

PAGE = Path(__file__).parent / "reproduction.md"
BLOCK = re.compile(r"(?<=^```text\n).*?(?=^```$)", flags=re.DOTALL | re.MULTILINE)


def page_with(text: str, table: str) -> str:
    """Return the page with another table.

    Parameters
    ----------
    text : str
        The page.
    table : str
        What the command prints.

    Returns
    -------
    str
        The page, the table in its only block of text.
    """
    plain = table.replace("\N{NO-BREAK SPACE}", " ")
    return BLOCK.sub(lambda _: f"{plain}\n", text, count=1)


if __name__ == "__main__":
    printed = reproduction_text(reproduce("nl", sampler=SamplerSettings()), words_in("en"))
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), printed), "utf-8")
    print(f"Wrote {PAGE}")
