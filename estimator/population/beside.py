"""The same study under other assumptions: which sets of priors stand beside an estimate, and what they are called."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from estimator.methods.summary import Summary
from estimator.study.priors import Priors, read_priors
from estimator.study.study import Study

NO_PRIORS = "none"
"""What stands for the name of priors where a method takes none."""

CHANGED = "-changed"
"""What the name of a prior file gets when something was changed in it for one run."""


def name_of(priors: Priors) -> str:
    """Return what a set of priors is called: the name of its file; marked when something was changed in it.

    Returns
    -------
    str
        Of characters that a file name may have; the title where the priors come from no file.
    """
    name = re.sub(r"[^\w.-]+", "-", priors.path.stem if priors.path else priors.title).strip("-")
    return f"{name}{CHANGED}" if priors.overrides else name


def priors_beside(study: Study, main: Priors, wanted: Sequence[Priors | str | Path] | None) -> list[Priors]:
    """Return the sets of priors under which an estimate is made as well.

    Parameters
    ----------
    wanted : sequence of Priors, str or Path, optional
        By default those that the study names, in ``priors`` and ``beside``, when it names any beside.

    Returns
    -------
    list of Priors
        Without those that say the same as `main`, and each once.

    Raises
    ------
    InputError
        When one of them cannot be read, or does not fit the study.
    """
    if wanted is None:
        wanted = (study.model.priors, *study.model.beside) if study.model.beside else ()
    sets: list[Priors] = []
    for asked in wanted:
        priors = asked if isinstance(asked, Priors) else read_priors(asked)
        if priors != main and priors not in sets:
            priors.check_against(study.declaration.lists, study.model)
            sets.append(priors)
    return sets


def distinct_names(sets: Iterable[Priors]) -> list[str]:
    """Return what sets of priors are called, with a number where two files have the same name."""
    names: list[str] = []
    for priors in sets:
        name, number = name_of(priors), 2
        while name in names:
            name, number = f"{name_of(priors)}-{number}", number + 1
        names.append(name)
    return names


def width_factor(value: Summary) -> float:
    """Return how wide a 95 % interval is: its upper limit divided by its lower one; infinite from 0."""
    return value.upper / value.lower if value.lower > 0 else math.inf
