"""Tables of other people: rebuilt from public questions, bug reports and publications, each with its source."""

from pathlib import Path

STUDIES = Path(__file__).parent / "studies"
"""One folder for each: study.toml, whose ``source`` says where it comes from, and table.csv."""
