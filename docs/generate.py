"""Write what is generated: ``docs/commands.md`` from the commands' own help, JSON Schemas from the models of a run.

Run ``make docs`` after a change of a command's docstring or options, or of a model in ``estimator/runs``; a test fails
when it was forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from estimator.cli.main import COMMANDS, cli
from estimator.runs.schemas import SCHEMAS

PAGE = Path(__file__).with_name("commands.md")
SCHEMA_FOLDER = Path(__file__).parents[1] / "estimator" / "runs"
WIDTH = 80
INTRODUCTION = """\
# Commands

Written by `make docs` from what each command prints with `--help`; do not edit by hand.

Results go to stdout, everything else to stderr: `darkfigure check nl-2010-2015 --json > check.json` gives a clean file.
Exit codes: 0 done; 1 something is wrong with the input, with one plain sentence and what to do for each fault;
2 wrong use of the command; 3 not estimable, or estimated but not fit to publish, with the reasons; 130 interrupted.
"""


def commands_page() -> str:
    """Return the page on all commands, as Markdown.

    Returns
    -------
    str
        The whole of ``docs/commands.md``.
    """
    parts = [INTRODUCTION, _contents()]
    parts += [f"{'#' * min(len(path), 4)} `{' '.join(path)}`\n\n```text\n{text}\n```\n" for path, text in _helps()]
    return "\n".join(parts)


def schema_files() -> dict[Path, str]:
    """Return the content of the JSON Schema of every file of a run, by the path of the schema."""
    return {SCHEMA_FOLDER / name: json.dumps(schema, indent=2) + "\n" for name, schema in SCHEMAS.items()}


def _contents() -> str:
    """Return one line on each command, in the order of the command line."""
    lines = [f"- [`darkfigure {name}`](#darkfigure-{name}): {entry.help}" for name, entry in COMMANDS.items()]
    return "\n".join(lines) + "\n"


def _helps() -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the words of each command, as typed, and its help."""
    root = click.Context(cli, info_name="darkfigure", terminal_width=WIDTH, **cli.context_settings)
    yield ("darkfigure", "--help"), cli.get_help(root).strip()
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        if command is not None:
            yield from _helps_of(command, name, root, ("darkfigure", name))


def _helps_of(
    command: click.Command, name: str, parent: click.Context, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield a command and, for a group, the commands in it."""
    context = click.Context(command, parent=parent, info_name=name, terminal_width=WIDTH)
    yield path, command.get_help(context).strip()
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _helps_of(found, inner, context, (*path, inner))


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
    print(f"Wrote {PAGE}")
    for path, text in schema_files().items():
        path.write_text(text, encoding="utf-8")
        print(f"Wrote {path}")
