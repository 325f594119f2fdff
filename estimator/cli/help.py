"""Commands whose help ends with the example of their docstring, line by line as it stands there."""

from __future__ import annotations

import inspect

import click

MARK = "Example:\n"


def _write_help(text: str, formatter: click.HelpFormatter) -> None:
    words, _, example = inspect.cleandoc(text).partition(MARK)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(words.strip())
    if example:
        with formatter.section("Example"):
            for line in inspect.cleandoc(example).splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line.strip()}\n")


class Command(click.Command):
    """A command; its docstring is its help."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the docstring."""
        _write_help(self.help or "", formatter)


class Group(click.Group):
    """A group of commands; its docstring is its help."""

    command_class = Command

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the docstring."""
        _write_help(self.help or "", formatter)
