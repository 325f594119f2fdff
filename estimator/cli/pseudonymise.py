"""``darkfigure pseudonymise``: pseudonyms in place of names and numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimator.cli.help import Command
from estimator.cli.options import debug_option, json_option, language_option
from estimator.cli.output import say

if TYPE_CHECKING:
    from estimator.words.words import Words


@click.command(cls=Command)
@click.argument("register", type=click.Path(path_type=Path), required=False)
@click.option("--settings", metavar="FILE", type=click.Path(path_type=Path), help="How pseudonyms are made (TOML).")
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="The file with the secret key.")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="New file for the register.")
@click.option("--new-key", metavar="FILE", type=click.Path(path_type=Path), help="Make a key in a new file instead.")
@language_option
@json_option
@debug_option
def pseudonymise(
    register: Path | None,
    settings: Path | None,
    key: Path | None,
    out: Path | None,
    new_key: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Replace names and numbers in a register by pseudonyms.

    Writes a copy of REGISTER (CSV) with keyed hashes (HMAC-SHA-256) in place of identifying columns: the same person
    gets the same pseudonym in every register that is treated with the same key and settings. What is written in several
    ways (capitals, accents, "van der", formats of dates) is first brought to one form, as the settings say; see
    docs/linkage.md. Only columns that the settings keep are in the copy. Files are private to you (mode 0600); the key
    is never printed, nor anything that stands in an identifying column.

    Example:
      darkfigure pseudonymise --new-key my-office.key
      darkfigure pseudonymise my-police.csv --settings pseudonyms.toml --key my-office.key --out out.csv
    """
    from estimator.words.words import words_in

    words = words_in(language or "en")
    if new_key is not None:
        if any(part is not None for part in (register, settings, key, out)):
            raise click.UsageError("--new-key makes a key and does nothing else. Leave the rest out.")
        _made(new_key, words, as_json)
        return
    if register is None or settings is None or key is None or out is None:
        raise click.UsageError("Give REGISTER, --settings, --key and --out; or --new-key FILE to make a key.")
    _replaced(register, settings, key, out, words, as_json)


def _made(path: Path, words: Words, as_json: bool) -> None:
    """Make a key, and say what must be known of it."""
    from estimator.cli.output import paragraph, print_json
    from estimator.registers.keyfile import key_check, new_key

    check = key_check(new_key(path))
    if as_json:
        print_json({"key": str(path), "check": check})
    else:
        say(paragraph(words.text("pseudonyms.key-made", path=str(path), check=check)))


def _replaced(register: Path, settings: Path, key: Path, out: Path, words: Words, as_json: bool) -> None:
    """Write the register with pseudonyms, and say how many there are."""
    from estimator.cli.output import paragraph, print_json
    from estimator.registers.keyfile import key_check, read_key
    from estimator.registers.pseudonymising import pseudonymise as pseudonymise_register
    from estimator.registers.pseudonymsfile import read_pseudonyms_file

    chosen, secret = read_pseudonyms_file(settings), read_key(key)
    done = pseudonymise_register(register, chosen, secret, out)
    if as_json:
        unreadable = {name: {"cells": cells.number, "rows": cells.rows} for name, cells in done.unreadable.items()}
        print_json({"rows": done.rows, "made": done.made, "unreadable": unreadable, "check": key_check(secret)})
        return
    say(paragraph(words.text("pseudonyms.done", path=str(out), rows=done.rows, check=key_check(secret))))
    for name, number in done.made.items():
        say(paragraph(words.text("pseudonyms.made", column=name, made=number, without=done.rows - number)))
    for name, cells in done.unreadable.items():
        if cells.number:
            said = words.text(
                "pseudonyms.unreadable", column=name, cells=cells.number, rows=tuple(map(str, cells.rows))
            )
            say(paragraph(said))
