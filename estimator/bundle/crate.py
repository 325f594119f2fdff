"""The metadata of a bundle: an RO-Crate, so that archives and other tools read what it is and how it came about.

References
----------
RO-Crate 1.1: Sefton et al. (2021), doi 10.5281/zenodo.4541002. Process Run Crate 0.5: Leo et al. (2024), PLoS ONE
19:e0309210.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from estimator.bundle.contents import Choice, Contents, Member
from estimator.errors import Fault, InputError
from estimator.runs.manifest import Manifest
from estimator.runs.reading import Run, content_of

CRATE, README = "ro-crate-metadata.json", "README.html"
_CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_FORMATS = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".nc": "application/x-netcdf",
    ".html": "text/html",
    ".toml": "application/toml",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_LEFT_OUT = "left-out"
Entity = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """A file that the metadata of a bundle name.

    Parameters
    ----------
    left_out : bool
        Whether it is said not to be there.
    """

    sha256: str
    left_out: bool = False


def crate_of(run: Run, contents: Contents, readme: tuple[int, str], licence: str) -> Entity:
    """Return the metadata of a bundle.

    Parameters
    ----------
    readme : (int, str)
        Length and SHA-256 of README.html.
    licence : str
        Of the study; empty when it states none.

    Returns
    -------
    dict
        JSON-LD. The same for the same run and contents.
    """
    files = [_file(member) for member in contents.members]
    guide = _described(README, readme[0], readme[1])
    left = [_left_out(member) for member in contents.left_out]
    action = _action(run.manifest, contents)
    choice = _choice(contents.choice) if contents.choice else []
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": _SPECIFICATION},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": run.record.title,
            "description": run.record.source,
            "datePublished": _when(run.manifest),
            "license": {"@id": "#licence"},
            "conformsTo": {"@id": _PROFILE},
            "hasPart": _ids([guide, *files]),
            "mentions": _one_or_many(_ids([action, *choice[:1], *left])),
        },
        {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": "#licence", "@type": "CreativeWork", "name": licence or "not stated", "description": licence or "-"},
        guide,
        *files,
        action,
        _software(run.manifest),
        *_settings(run.manifest),
        *choice,
        *left,
    ]
    return {"@context": _CONTEXT, "@graph": graph}


def listed_in(path: Path) -> dict[str, Listed]:
    """Return the files that the metadata of a bundle name, by name.

    Raises
    ------
    InputError
        When this is no such file.
    """
    content = content_of(path)
    try:
        entities = [entity for entity in content["@graph"] if isinstance(entity, Mapping)]
        files = {
            str(entity["@id"]): Listed(str(entity["sha256"])) for entity in entities if entity.get("@type") == "File"
        }
        left = {
            str(entity["name"]): Listed(str(entity["value"]), left_out=True)
            for entity in entities
            if entity.get("propertyID") == _LEFT_OUT
        }
    except (KeyError, TypeError) as error:
        message = "This does not say what is in the bundle. Ask for one that `darkfigure bundle` wrote."
        raise InputError(Fault(str(path), message)) from error
    return files | left


def crate_text(crate: Entity) -> str:
    """Return the content of ro-crate-metadata.json."""
    return json.dumps(crate, indent=2, ensure_ascii=False) + "\n"


def _ids(entities: list[Entity]) -> list[Entity]:
    return [{"@id": entity["@id"]} for entity in entities]


def _one_or_many(entities: list[Entity]) -> Entity | list[Entity]:
    """Return entities as RO-Crate wants them: one by itself, several in a list."""
    return entities[0] if len(entities) == 1 else entities


def _file(member: Member) -> Entity:
    return _described(member.name, member.source.stat().st_size, member.sha256)


def _described(name: str, size: int, digest: str) -> Entity:
    """Return what is said of a file."""
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": _FORMATS.get(Path(name).suffix, "application/octet-stream"),
        "contentSize": str(size),
        "sha256": digest,
    }


def _left_out(member: Member) -> Entity:
    """Return what is said of a file that would belong to the bundle: by its hash it is known when it comes later."""
    return {
        "@id": f"#{_LEFT_OUT}/{member.name}",
        "@type": "PropertyValue",
        "propertyID": _LEFT_OUT,
        "name": member.name,
        "value": member.sha256,
    }


def _when(manifest: Manifest) -> str:
    """Return when a run got its last form."""
    return manifest.scrutinised.date if manifest.scrutinised else manifest.made


def _action(manifest: Manifest, contents: Contents) -> Entity:
    """Return what was done: which files and settings went in, and what came out."""
    made = [member for member in contents.members if member.role in ("manifest", "output")]
    used = [member for member in contents.members if member not in made]
    return {
        "@id": "#estimate",
        "@type": "CreateAction",
        "name": "darkfigure estimate",
        "description": " ".join(manifest.command) or "darkfigure, in Python",
        "endTime": manifest.made,
        "instrument": {"@id": "#darkfigure"},
        "object": _one_or_many([*({"@id": member.name} for member in used), *_ids(_settings(manifest))]),
        "result": _one_or_many([{"@id": member.name} for member in made]),
    }


def _software(manifest: Manifest) -> Entity:
    """Return the versions with which it was done."""
    others = [f"{name} {version}" for name, version in manifest.versions.items() if name != "darkfigure"]
    return {
        "@id": "#darkfigure",
        "@type": "SoftwareApplication",
        "name": "darkfigure",
        "description": metadata("darkfigure")["Summary"],
        "softwareVersion": manifest.versions.get("darkfigure", "unknown"),
        "softwareRequirements": others,
    }


def _settings(manifest: Manifest) -> list[Entity]:
    """Return the settings on which the numbers depend."""
    values = {
        "seed": manifest.seed,
        "draws": manifest.sampler.draws,
        "chains": manifest.sampler.chains,
        "priors": manifest.priors_name,
        **manifest.machine.to_dict(),
    }
    return [
        {"@id": f"#{name}", "@type": "PropertyValue", "name": name, "value": value}
        for name, value in values.items()
        if value is not None
    ]


def _choice(choice: Choice) -> list[Entity]:
    """Return who decided that protected counts go along, and why."""
    return [
        {
            "@id": "#with-table",
            "@type": "ChooseAction",
            "name": "with-table",
            "description": choice.reason,
            "endTime": choice.date,
            "agent": {"@id": "#decided-by"},
        },
        {"@id": "#decided-by", "@type": "Person", "name": choice.decided_by},
    ]
