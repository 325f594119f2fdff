"""The secret key of pseudonyms: a file that only its owner can read, and that is never shown."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.parts import private_file
from estimator.userfiles import need_folder_of, opened

BYTES = 32
"""Length of a key: that of the hash (RFC 2104)."""

_CHECK = b"darkfigure key check"


def new_key(path: Path) -> bytes:
    """Make a key in a new file of mode 0600, and return it.

    Raises
    ------
    InputError
        When the file exists or cannot be made.
    """
    need_folder_of(path)
    key = secrets.token_bytes(BYTES)
    try:
        with private_file(path) as file:
            file.write(key.hex() + "\n")
    except FileExistsError:
        message = "This exists already and is left as it is: a key that is written over is lost. Name a new file."
        raise InputError(Fault(str(path), message)) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no name of a file"
        raise InputError(
            Fault(str(path), f"The key cannot be written here ({why.lower()}). Name another file.")
        ) from None
    return key


def read_key(path: Path) -> bytes:
    """Return the key of a file.

    Raises
    ------
    InputError
        When others can read the file, or it holds no key.
    """
    with opened(path, 10_000) as file:
        status = os.fstat(file.fileno())
        content = file.read(10_000)
    if hasattr(os, "geteuid"):  # elsewhere there are no such rights to look at
        if status.st_uid != os.geteuid():
            message = "This key belongs to somebody else, who could read and change it. Copy it to a file of your own."
            raise InputError(Fault(str(path), message))
        if stat.S_IMODE(status.st_mode) & 0o077:
            message = f"Others than you can read this key. Take their rights away first: chmod 600 {path}"
            raise InputError(Fault(str(path), message))
    try:
        key = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) < BYTES:
        message = (
            f"This is no key: a key is a line of at least {2 * BYTES} hexadecimal digits. Make one with "
            "`darkfigure pseudonymise --new-key FILE`, once for all registers that are to be linked."
        )
        raise InputError(Fault(str(path), message))
    return key


def key_check(key: bytes) -> str:
    """Return eight digits by which two offices can see that they have the same key; nothing of it can be worked out."""
    return hmac.new(key, _CHECK, hashlib.sha256).hexdigest()[:8]
