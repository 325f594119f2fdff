"""Which published studies can be run again, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estimator.errors import Fault, InputError, did_you_mean


@dataclass(frozen=True)
class Recipe:
    """What it takes to run a published study again.

    Parameters
    ----------
    study : str
        Name of the shipped study that answers them; it names the file of published figures.
    pooled : str
        Name of the shipped study that is the public table.
    """

    study: str
    pooled: str


RECIPES: Mapping[str, Recipe] = {
    "nl": Recipe(
        "nl-2010-2015-reconstructed",
        "nl-2010-2015",
    )
}
"""By the name that a user gives; whose figures they are, is said in the catalogues (``published.title.NAME``)."""


def recipe_of(name: str) -> Recipe:
    """Return what it takes to run a published study again.

    Parameters
    ----------
    name : str
        As a user gave it.

    Returns
    -------
    Recipe
        From `RECIPES`.

    Raises
    ------
    InputError
        When there is none of this name.
    """
    if name not in RECIPES:
        near = did_you_mean(name, RECIPES)
        raise InputError(Fault(name, f"There is no published study of this name to run again.{near}"))
    return RECIPES[name]
