"""What rocrate-validator has against a bundle, without a network; run in its own environment of Python, not in ours.

Arguments: the bundle, the file of the JSON-LD context of RO-Crate 1.1, a folder for the cache of what is on the web.
Prints a JSON list of [severity, check, message, entity].
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests_cache import CachedSession
from rocrate_validator.models import Severity
from rocrate_validator.services import ValidationSettings, validate
from urllib3.response import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
ACCEPTED = ("application/ld+json, application/json", "application/ld+json, application/json, */*;q=0.1")


class OneFile(BaseAdapter):
    """Answers everything with the file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.content = path.read_bytes()

    def send(self, request: PreparedRequest, **_: Any) -> Response:
        kind = {"Content-Type": "application/ld+json"}
        answer = Response()
        answer.status_code, answer.url, answer.request = 200, str(request.url), request
        answer.headers.update(kind)
        answer.raw = HTTPResponse(body=BytesIO(self.content), headers=kind, status=200, preload_content=False)
        return answer

    def close(self) -> None: ...


def main(bundle: str, context: str, folder: str) -> None:
    """Print what the validator says."""
    cache = Path(folder) / "web"
    session = CachedSession(cache_name=str(cache), backend="sqlite", expire_after=-1)
    session.mount("https://", OneFile(Path(context)))
    for accepted in ACCEPTED:
        session.get(CONTEXT, headers={"Accept": accepted})
    settings = ValidationSettings(
        rocrate_uri=bundle,
        profile_identifier="process-run-crate-0.5",
        requirement_severity=Severity.RECOMMENDED,
        offline=True,
        cache_path=cache,
    )
    issues = validate(settings).get_issues()
    found = [[one.severity.name, one.check.identifier, one.message, str(one.violatingEntity)] for one in issues]
    print(json.dumps(sorted(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
