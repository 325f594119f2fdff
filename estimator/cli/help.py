"""Commands whose help ends with the example of their docstring, line by line as it stands there."""

from __future__ import annotations

import inspect
import re
from itertools import pairwise

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


_OPTION_ALONE = re.compile(r"(--[a-z-]+)=(.*)", re.DOTALL)


def _refuse_nothing(args: list[str], ctx: click.Context) -> None:
    """Refuse empty texts, such as an unset variable of the shell gives: they would mean what leaving them out means."""
    for before, text in pairwise(["", *args]):
        named = _OPTION_ALONE.fullmatch(text)
        option, value = named.groups() if named else (before if before.startswith("--") else "", text)
        if "\0" in value or not any(mark.isprintable() and not mark.isspace() for mark in value):
            what = f" for {option}" if option else ""
            raise click.UsageError(f"Nothing is given{what} (an unset variable?). Give a value, or leave it out.", ctx)


class Command(click.Command):
    """A command; its docstring is its help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read arguments and options, of which none may be empty."""
        _refuse_nothing(args, ctx)
        return super().parse_args(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the docstring."""
        _write_help(self.help or "", formatter)


class Group(click.Group):
    """A group of commands; its docstring is its help."""

    command_class = Command

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the docstring."""
        _write_help(self.help or "", formatter)
