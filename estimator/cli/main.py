"""The command ``darkfigure``: finds the command that was asked for, and turns errors into words and exit codes.

Kept light: neither this module nor the help imports NumPy or pydantic. To add a command, write a module with a click
command whose docstring begins with one line of help, and add it to `COMMANDS`; a test keeps the two lines the same.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from textwrap import indent
from typing import Any

import click

from estimator.cli.help import Group
from estimator.cli.options import Session, debug_option
from estimator.cli.output import tell
from estimator.ending import asked_to_end
from estimator.errors import DarkfigureError, InputError, NotEstimableError, did_you_mean
from estimator.words.shown import in_message, shown

INTERRUPTED = 130
BROKEN_PIPE = 141
_MOST_FAULTS = 100


class PipeClosedError(Exception):
    """Whoever reads our output has gone. Not an OSError, because click would answer that one itself."""


@dataclass(frozen=True)
class Entry:
    """A command that is imported when it is asked for.

    Parameters
    ----------
    home : str
        Module and name: ``"estimator.cli.check:check"``.
    help : str
        One line, as the docstring of the command begins.
    """

    home: str
    help: str

    def load(self) -> click.Command:
        """Import the command."""
        module, name = self.home.split(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.home} is not a click command")
        return command


COMMANDS: dict[str, Entry] = {
    "check": Entry("estimator.cli.check:check", "Say what a study's lists can tell, and what they cannot."),
    "tabulate": Entry("estimator.cli.tabulate:tabulate", "Make the table of a study from exports of registers."),
    "estimate": Entry("estimator.cli.estimate:estimate", "Estimate how many people no list has seen."),
    "show": Entry("estimator.cli.show:show", "Show an estimate, a comparison or a multiverse again."),
    "report": Entry("estimator.cli.report:report", "Make a report of an estimate: a first page, tables, method."),
    "scrutinise": Entry("estimator.cli.scrutinise:scrutinise", "Try to break an estimate, and say whether it holds."),
    "calibrate": Entry("estimator.cli.calibrate:calibrate", "Say whether intervals hold what they promise."),
    "compare": Entry("estimator.cli.compare:compare", "Compare two years of a run, or two runs."),
    "verify": Entry("estimator.cli.verify:verify", "Say whether a run is unaltered and comes out again."),
    "bundle": Entry("estimator.cli.bundle:bundle", "Pack a run in one zip that a reviewer can check."),
    "multiverse": Entry(
        "estimator.cli.multiverse:multiverse", "Estimate every defensible specification of a study at once."
    ),
    "plan": Entry("estimator.cli.plan:plan", "Say what one more list, or better linkage, would bring."),
    "survey": Entry("estimator.cli.survey:survey", "Say what a survey of people who may see victims says."),
    "new": Entry("estimator.cli.new:new", "Make the folder of a study for a new year."),
    "pseudonymise": Entry(
        "estimator.cli.pseudonymise:pseudonymise", "Replace names and numbers in a register by pseudonyms."
    ),
    "reproduce": Entry(
        "estimator.cli.reproduce:reproduce", "Put published figures beside our own, with a verdict each."
    ),
    "data": Entry("estimator.cli.data:data", "List, show or copy the studies that ship with the tool."),
    "priors": Entry("estimator.cli.priors:priors", "List, show or draw prior assumptions."),
}


class LazyGroup(Group):
    """A group whose commands are imported only when one of them runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        entry = COMMANDS.get(cmd_name)
        return entry.load() if entry else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise PipeClosedError from None
        except EOFError as error:  # which click would take for Ctrl-C
            raise ValueError("a file ends too early") from error

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say which one is near."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(f"There is no command '{args[0]}'.{did_you_mean(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from estimator import __version__

        click.echo(f"darkfigure {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version and exit."
)
@debug_option
def cli() -> None:
    """Estimate how many victims no register has seen, from the overlap between registers.

    STUDY is the name of a shipped study (`darkfigure data list`), a folder with a study.toml, or the path of a study
    file.

    Exit codes: 0 done; 1 something is wrong with the input; 2 wrong use of the command; 3 not estimable, or not fit to
    publish for a reason in the estimate itself; 130 interrupted.

    Example:
      darkfigure check nl-2010-2015
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        Exit code: 0 done, 1 error, 2 usage, 3 not estimable or not fit to publish, 130 interrupted.
    """
    session = Session()
    try:
        outcome = _invoke(arguments, session)
        if sys.stdout is not None:
            sys.stdout.flush()
    except Exception as error:
        return _explain(error, session)
    except KeyboardInterrupt:
        return _interrupted(session)
    return outcome


def _invoke(arguments: Sequence[str] | None, session: Session) -> int:
    given = None if arguments is None else list(arguments)
    try:
        outcome = cli.main(given, prog_name="darkfigure", standalone_mode=False, obj=session)
    except SystemExit as stop:  # click's own way out, after shell completion
        return stop.code if isinstance(stop.code, int) else 1
    return outcome if isinstance(outcome, int) else 0


def _explain(error: Exception, session: Session) -> int:
    """Say on stderr what went wrong, and return the exit code."""
    if isinstance(error, PipeClosedError | BrokenPipeError):
        return _pipe_closed()
    if isinstance(error, click.Abort) or asked_to_end() is not None:
        return _interrupted(session)
    if session.debug:
        tell("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, click.ClickException):
        return _misused(error)
    for line in _sentences(error, session):
        tell(f"Error: {in_message(line)}")
    for example in _examples(error):
        tell(f"\n{indent(shown(example), '    ')}")
    if isinstance(error, OSError):
        _forget_stdout()
    return error.exit_code if isinstance(error, DarkfigureError) else 1


def _misused(error: click.ClickException) -> int:
    """Say how a command is used, as click does, with what the user typed made safe to show."""
    if not isinstance(error, click.exceptions.NoArgsIsHelpError):
        vars(error)["message"] = in_message(error.message)
    if isinstance(error, click.BadParameter) and isinstance(error.param_hint, str):
        error.param_hint = in_message(error.param_hint)
    said = io.StringIO()
    error.show(file=said)
    tell(said.getvalue().rstrip("\n"))
    return error.exit_code


def _examples(error: Exception) -> list[str]:
    """Return lines to copy that go with an error."""
    return [fault.example for fault in error.faults if fault.example] if isinstance(error, InputError) else []


def _sentences(error: Exception, session: Session) -> list[str]:
    if isinstance(error, InputError):
        more = len(error.faults) - _MOST_FAULTS
        rest = [f"{more} more faults are not listed here. Mend these first."] if more > 0 else []
        return [*(fault.sentence for fault in error.faults[:_MOST_FAULTS]), *rest]
    if isinstance(error, NotEstimableError):
        return _in_words(error, session)
    if isinstance(error, MemoryError):
        return ["There is not enough memory. Merge levels of covariates or lists, or use a machine with more memory."]
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return [f"{place}{error.strerror or error}. Check that the disk is not full and that you may write there."]
    advice = "" if session.debug else " Run it again as `darkfigure --debug ...` to see where."
    return [f"darkfigure itself failed ({type(error).__name__}: {error}). This is a fault of the tool.{advice}"]


def _in_words(error: NotEstimableError, session: Session) -> list[str]:
    """Return why nothing can be estimated, in the language that was asked for."""
    from estimator.words.words import words_in

    return words_in(session.language).say_all(error.reasons)


def _interrupted(session: Session) -> int:
    if session.debug:
        tell(traceback.format_exc().rstrip())
    tell("Interrupted; nothing was left half-written.")
    return INTERRUPTED


def _pipe_closed() -> int:
    """Go quietly when the program that reads our output, such as ``head``, has stopped."""
    _forget_stdout()
    return BROKEN_PIPE


def _forget_stdout() -> None:
    """Let what waits to be written to stdout go nowhere, so that Python does not try it again as it ends."""
    stream = sys.__stdout__
    if stream is None or stream is not sys.stdout:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
