"""The digest by which a manifest vouches for itself, as it vouches for the other files of a run.

It guards against accident: an editor that saved, a script that replaced a number, half a copied file. It is no guard
against forgery, since whoever alters a manifest on purpose can work out its digest again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from estimator.runs.manifest import Manifest

KEY = "content_sha256"


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a manifest says.

    Parameters
    ----------
    manifest : mapping
        With or without its digest, which is left out.

    Returns
    -------
    str
        64 hexadecimal digits: of the JSON with sorted keys, no white space and nothing outside ASCII, so that how a
        file is laid out does not matter.
    """
    content = {key: value for key, value in manifest.items() if key != KEY}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def with_digest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with its digest, as the last entry."""
    content = {key: value for key, value in manifest.items() if key != KEY}
    return {**content, KEY: digest_of(content)}


def is_altered(manifest: Mapping[str, Any]) -> bool:
    """Tell whether a manifest says something other than when its digest was made; not of one without a digest."""
    return KEY in manifest and manifest[KEY] != digest_of(manifest)


def manifest_text(manifest: Manifest, *, vouched_for: bool = True) -> str:
    """Return the content of manifest.json.

    Parameters
    ----------
    vouched_for : bool
        Whether it has a digest of itself. One that had none does not get one when a part of it is replaced, because
        nothing vouches for the rest.
    """
    content = manifest.to_dict()
    return json.dumps(with_digest(content) if vouched_for else content, indent=2) + "\n"
