"""How the fits of every page of this folder are done: as its command line says, kept in a ledger, and none missing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from estimator.calibration.at_scale import with_key
from estimator.runs.provenance import sha256_of, versions
from estimator.study.priors import priors_path
from estimator.work.outcomes import FAILED, Task
from estimator.work.tasks import run_tasks

Run = Callable[[Sequence[Task]], dict[str, dict[str, Any]]]
"""Does tasks, all of them: nothing is learned from, or judged by, what happened to work."""

_EVERY = 10  # tasks of which it is told that they are done


def options_of(arguments: Sequence[str] | None, description: str | None, *, tables: bool = True) -> argparse.Namespace:
    """Return the options of a command that makes a page.

    Parameters
    ----------
    tables : bool, optional
        Whether it asks for tables that do not ship.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if tables:
        parser.add_argument("--tables", type=Path, required=True, help="folder with the tables that do not ship")
    parser.add_argument("--work", type=Path, help="folder that keeps the fits")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args(arguments)


def runner(options: argparse.Namespace, identity: Mapping[str, Any]) -> Run:
    """Return what does tasks as the options say, and gives their results by the keys that they have there."""

    def run(tasks: Sequence[Task]) -> dict[str, dict[str, Any]]:
        print(f"{len(tasks)} fits, {tasks[0].key} ...", file=sys.stderr, flush=True)
        named = [with_key(task.key, task) for task in tasks]
        done = run_tasks(named, folder=options.work, identity=identity, workers=options.workers, progress=_progress)
        return _all_done({task.key: done[name.key] for task, name in zip(tasks, named, strict=True)})

    return run


def _progress(done: int, total: int) -> None:
    """Tell how far it is."""
    if done % _EVERY == 0:
        print(f"  {done} of {total}", file=sys.stderr, flush=True)


def identity_of(what: str, files: Mapping[str, Path], priors: Sequence[str]) -> dict[str, Any]:
    """Return what the fits of a page depend on besides what is asked: files by name, prior files, versions."""
    return {
        "what": what,
        "tables": {name: sha256_of(file)[:16] for name, file in files.items()},
        "priors": {name: sha256_of(priors_path(name))[:16] for name in priors},
        "versions": versions(),
    }


def _all_done(results: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return results, all of which must be there."""
    failed = [f"{key}: {result[FAILED]}" for key, result in results.items() if FAILED in result]
    if failed:
        raise RuntimeError(f"{len(failed)} fits could not be done: {'; '.join(failed[:3])}")
    return results
