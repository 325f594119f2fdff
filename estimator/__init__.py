"""darkfigure: how many people has no register seen? Multiple systems estimation with honest intervals.

The names below are loaded when they are first used, so that `import estimator` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from estimator.capture.declaration import Covariate, Declaration
    from estimator.notebooks import CaptureTable, Estimate, Scrutiny, estimate, read_study, read_table, scrutinise
    from estimator.study.priors import Priors, read_priors
    from estimator.study.study import Study

_HOMES = {
    "CaptureTable": "estimator.notebooks",
    "Covariate": "estimator.capture.declaration",
    "Declaration": "estimator.capture.declaration",
    "Estimate": "estimator.notebooks",
    "Priors": "estimator.study.priors",
    "Scrutiny": "estimator.notebooks",
    "Study": "estimator.study.study",
    "estimate": "estimator.notebooks",
    "read_priors": "estimator.study.priors",
    "read_study": "estimator.notebooks",
    "read_table": "estimator.notebooks",
    "scrutinise": "estimator.notebooks",
}

__all__ = [
    "CaptureTable",
    "Covariate",
    "Declaration",
    "Estimate",
    "Priors",
    "Scrutiny",
    "Study",
    "__version__",
    "estimate",
    "read_priors",
    "read_study",
    "read_table",
    "scrutinise",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module 'estimator' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("darkfigure")
    except metadata.PackageNotFoundError:
        return "0.1.0"
