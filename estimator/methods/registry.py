"""The methods by name; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from estimator.errors import Fault, InputError, brief, did_you_mean
from estimator.methods.door import Method

DEFAULT = "loglinear"

METHODS: dict[str, str] = {
    "loglinear": "estimator.methods.loglinear.method:Loglinear",
}
"""Module and class of every method."""


def method_named(name: str) -> Method:
    """Return a method.

    Raises
    ------
    InputError
        When there is none of this name.
    """
    if name not in METHODS:
        raise InputError(Fault("method", f"There is no method '{brief(name)}'.{did_you_mean(name, METHODS)}"))
    return _loaded(METHODS[name])


@cache
def _loaded(home: str) -> Method:
    """Import a method."""
    module, name = home.split(":")
    method: Method = getattr(import_module(module), name)()
    return method


def chosen_options(method: Method, given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for each option of a method: those given, defaults for the others.

    Raises
    ------
    InputError
        When the method has no such option or value.
    """
    known = method.abilities.options
    faults = []
    for name, value in given.items():
        where = f"option {brief(name)} of the method {method.name}"
        if name not in known:
            remedy = did_you_mean(name, known) if known else " It has none."
            faults.append(Fault(where, f"The method has no option of this name.{remedy}"))
        elif value not in known[name]:
            faults.append(Fault(where, f"'{brief(value)}' is no choice here.{did_you_mean(value, known[name])}"))
    if faults:
        raise InputError(faults)
    return {name: given.get(name, values[0]) for name, values in known.items()}
