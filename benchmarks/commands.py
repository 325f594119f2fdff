"""Commands run as a user runs them, with the seconds and the memory that they take."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def run(arguments: list[str], cache: Path | None = None) -> tuple[float, float, dict[str, Any] | None]:
    """Run a command; return seconds, megabytes, and its JSON if it printed any."""
    environment = os.environ | ({"NUMBA_CACHE_DIR": str(cache)} if cache else {})
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "estimator", *arguments],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - began
        if os.waitstatus_to_exitcode(status) not in (0, 3):
            raise SystemExit(f"darkfigure {' '.join(arguments)} failed")
        output.seek(0)
        text = output.read().decode()
    return seconds, usage.ru_maxrss / 1024, json.loads(text) if "--json" in arguments else None
