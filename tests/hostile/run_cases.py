"""Hostile run folders: damaged fields of every JSON file, whose digests agree with them, and files that are no JSON."""

from __future__ import annotations

import copy
import hashlib
import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from estimator.runs.manifest_digest import with_digest
from tests.hostile.running import Case
from tests.runs.saved_run_examples import around, people, write_folder

DAMAGE: dict[str, Any] = {
    "nothing": None,
    "a text": "x",
    "a colour": "\x1b[31mx\u202e",
    "a number": 7,
    "below zero": -1,
    "a huge number": 10**400,
    "beyond bounds": 1e308,
    "truth": True,
    "a list": [],
    "lists": [[[["x"]]]],
    "a section": {},
    "a code": {"code": "no-such-code"},
    "an endless text": "x" * 5000,
}
COMMANDS = (("show", "s"), ("compare", "s"), ("show", "s", "--full"), ("show", "s", "--json"), ("compare", "s", "s"))


@cache
def whole_run() -> dict[str, bytes]:
    """Return the files of a run of three years."""
    with tempfile.TemporaryDirectory() as folder:
        by_year = {
            year: people(300 + at, 200, around(400, 30, 3 + at), around(250, 20, 7 + at))
            for at, year in enumerate(("2020", "2021", "2022"))
        }
        path = write_folder(Path(folder) / "run", by_year["2022"], by_year, years=("2022",))
        return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def sealed(estimate: Any, manifest: Any) -> dict[str, bytes]:
    """Return the files of a run whose manifest vouches for what was damaged."""
    content = json.dumps(estimate).encode()
    if isinstance(manifest, dict) and isinstance(manifest.get("outputs"), dict):
        manifest = {
            **manifest,
            "outputs": {**manifest["outputs"], "estimate.json": hashlib.sha256(content).hexdigest()},
        }
        if "content_sha256" in manifest:
            manifest = with_digest(manifest)
    return {**whole_run(), "estimate.json": content, "manifest.json": json.dumps(manifest).encode()}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of every value; of lists and of groups alike, of the first alone."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for at, (key, item) in enumerate(inner):
        if at == 0 or not (path and path[-1] in ("by_year", "groups", "intervals")):
            yield from places(item, (*path, key))


def damaged(content: Any, place: tuple[str | int, ...], value: Any, *, gone: bool = False) -> Any:
    """Return a copy with one value replaced, or without it."""
    changed = copy.deepcopy(content)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    if gone:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return changed


def fields() -> Iterator[Case]:
    """Yield runs with one field damaged, and with one gone."""
    estimate, manifest = (json.loads(whole_run()[name]) for name in ("estimate.json", "manifest.json"))
    names = list(DAMAGE)
    for file, content in (("estimate.json", estimate), ("manifest.json", manifest)):
        for at, place in enumerate(places(content)):
            label = f"{file} {'.'.join(map(str, place))}"
            kinds = [*(names[(at * 3 + more) % len(names)] for more in range(2)), "gone"]
            for more, kind in enumerate(kinds):
                changed = damaged(content, place, DAMAGE.get(kind), gone=kind == "gone")
                files = sealed(changed, manifest) if content is estimate else sealed(estimate, changed)
                argv = COMMANDS[(at + more) % len(COMMANDS)]
                yield Case("runs", f"{label}: {kind}", files, argv, code=(0, 1, 3))


def files() -> Iterator[Case]:
    """Yield runs of which a file is no JSON, is another file, was altered, or has gone."""
    whole = whole_run()
    for name in ("estimate.json", "manifest.json", "posterior.nc"):
        for kind, content in (
            ("empty", b""),
            ("half", whole[name][: len(whole[name]) // 2]),
            ("zeros", bytes(100)),
            ("a list", b"[]"),
            ("nothing", b"null"),
            ("a number of 5,000 digits", b'{"schema_version": ' + b"9" * 5000 + b"}"),
            ("not a number", b'{"schema_version": NaN}'),
            ("nested", b'{"a":' * 5000 + b"1" + b"}" * 5000),
            ("lists in lists", b"[" * 100_000),
            ("a later version", b'{"schema_version": 99}'),
            ("a version below zero", b'{"schema_version": -1}'),
            ("a key twice", b'{"schema_version": 2, "schema_version": 2}'),
            ("latin-1", b'{"study": "\xe9"}'),
            ("UTF-16", '{"schema_version": 2}'.encode("utf-16")),
            ("altered", whole[name] + b" "),
        ):
            changed = {**whole, name: content}
            for argv in (("show", "s"), ("compare", "s")):
                code = (0, 3) if (name, kind) == ("manifest.json", "altered") else 1
                says = (f"s/{name}",) if code == 1 and kind != "a key twice" else ()
                yield Case("runs", f"{name} {kind}, {argv[0]}", changed, argv, code, says)
        gone = {other: content for other, content in whole.items() if other != name}
        yield Case("runs", f"{name} gone", gone, ("show", "s"), 1, ("s",))
    for argv, code, says in (
        (("show", "s"), (0, 3), ()),
        (("compare", "s"), 0, ("2022",)),
        (("compare", "s", "--years", "2020,2022"), 0, ("2020", "2022")),
        (("compare", "s", "--years", "2022,2020"), 1, ("Write 2020,2022", "--years")),
        (("compare", "s", "--years", "2020,2020"), (1, 2), ("2020",)),
        (("compare", "s", "--years", "1999,2020"), 1, ("1999",)),
        (("compare", "s", "--years", "\x1b[31m,2020"), (1, 2), ()),
        (("compare", "s", "--plot", "x.docx"), 1, (".svg",)),
        (("compare", "s", "--plot", "x.svg..svg"), 0, ()),
        (("show", "s/estimate.json"), 1, ("folder",)),
    ):
        yield Case("runs", " ".join(argv), whole, argv, code, says, may_write=("x.svg..svg",))
