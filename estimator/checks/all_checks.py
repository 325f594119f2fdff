"""The checks that there are, and doing one of them so that its failure is a finding and not the end of the others."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from estimator.checks.finding import CAUTION, Finding
from estimator.checks.subject import Subject
from estimator.errors import DarkfigureError, Fault, InputError, brief, did_you_mean
from estimator.methods.door import Listener

Made = Callable[..., Finding]
_LONGEST = 300


@dataclass(frozen=True)
class Check:
    """A check that is imported when it is done.

    Parameters
    ----------
    home : str
        Module and function: ``"estimator.checks.power_scaling:power_scaling"``. The function takes a
        `Subject`, and by name those of the `CheckOptions` that it has a parameter for.
    title : str
        Of its section, in case it cannot be done.
    refits : bool
        Whether it samples the model again and again: left out where it must be quick.
    """

    home: str
    title: str
    refits: bool = False

    def load(self) -> Made:
        """Import the function."""
        module, name = self.home.split(":")
        found: Made = getattr(import_module(module), name)
        return found


CHECKS: Mapping[str, Check] = {
    "convergence": Check(
        "estimator.checks.convergence_page:convergence_page",
        "Did the chains reach the whole distribution, and the same one?",
    ),
    "predictive-checks": Check(
        "estimator.checks.predictive_checks:predictive_checks", "Does the model give back what was observed?"
    ),
    "leave-one-out": Check("estimator.checks.leave_one_out:leave_one_out", "Does the answer hang on a few numbers?"),
    "leave-list-out": Check(
        "estimator.checks.leave_list_out:leave_list_out",
        "Does the total stand without each list?",
        refits=True,
    ),
    "prior-posterior": Check(
        "estimator.checks.prior_posterior:prior_posterior", "How much did the data move the answer?"
    ),
    "power-scaling": Check(
        "estimator.checks.power_scaling:power_scaling",
        "What the answer leans on: every part of the prior made stronger and weaker",
    ),
    "identification": Check("estimator.checks.identification:identification", "What the data alone bound"),
    "tipping-point": Check("estimator.checks.tipping_point:tipping_point", "How much dependence would tip the answer?"),
    "simulated-truth": Check(
        "estimator.checks.simulated_truth:simulated_truth",
        "Does the method give back a truth that is known?",
        refits=True,
    ),
}
"""Every check by its id, in the order of the page: the sampler, the fit, what the answer rests on, known truths."""


@dataclass(frozen=True)
class CheckOptions:
    """What a user wishes of the checks.

    Parameters
    ----------
    limits : (float, float) or None
        A range of the total, in persons, of which it is asked what would make the answer leave it; None for the one
        that the check takes by itself.
    simulations : int or None
        How many tables are simulated in each scenario; None for the check's own number.
    workers : int
        Processes for refits.
    seed : int or None
        Of the checks' own randomness; None for that of the estimate.
    folder : Path or None
        Where refits are kept while a check lasts, so that one that breaks off is taken up again; None to keep none.
    """

    limits: tuple[float, float] | None = None
    simulations: int | None = None
    workers: int = 2
    seed: int | None = None
    folder: Path | None = None
    listener: Listener = field(default_factory=Listener)

    def for_check(self, function: Made, subject: Subject) -> dict[str, Any]:
        """Return the wishes that a check has a parameter for, without those that are left to it."""
        offered = {
            "limits": self.limits,
            "simulations": self.simulations,
            "workers": self.workers,
            "seed": subject.seed if self.seed is None else self.seed,
            "folder": self.folder,
            "listener": self.listener,
        }
        taken = inspect.signature(function).parameters
        return {name: value for name, value in offered.items() if name in taken and value is not None}


Failed = Callable[[str, Exception], None]


def do_check(
    name: str,
    subject: Subject,
    wishes: CheckOptions,
    checks: Mapping[str, Check] | None = None,
    failed: Failed | None = None,
) -> Finding:
    """Do one check.

    Parameters
    ----------
    name : str
        Id of the check.
    checks : mapping of str to Check, optional
        By default `CHECKS`.
    failed : callable, optional
        Hears of an error, with the id of the check: for whoever wants to see where it came from.

    Returns
    -------
    Finding
        One with ``done=False`` and the verdict "caution" when the check could not be done, whatever went wrong in it:
        the other checks are worth having all the same. It does not forbid publishing, since a check that was not done
        speaks neither for nor against the estimate; but it is said with the number.
    """
    check = (CHECKS if checks is None else checks)[name]
    try:
        function = check.load()
        found = function(subject, **wishes.for_check(function, subject))
        if found.check != name:
            raise ValueError(f"the check {name} returned the finding of {found.check}")
    except Exception as error:
        if failed is not None:
            failed(name, error)
        return Finding(name, check.title, CAUTION, (f"This could not be done: {_why(error)}",), done=False)
    return found


def _why(error: Exception) -> str:
    """Return why a check could not be done, in a sentence."""
    if isinstance(error, MemoryError):
        return "there is not enough memory. Use a machine with more, or fewer draws."
    if isinstance(error, DarkfigureError):
        text = " ".join(str(error).split())
    elif isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        text = (
            f"{place}{error.strerror or error}. Check that the disk is not full and that you may read and write there."
        )
    else:
        text = (
            f"darkfigure itself failed ({type(error).__name__}: {brief(' '.join(str(error).split()))}). This is a "
            "fault of the tool."
        )
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def chosen_checks(
    only: Sequence[str] = (), skip: Sequence[str] = (), quick: bool = False, checks: Mapping[str, Check] | None = None
) -> tuple[str, ...]:
    """Return the ids of the checks to do, in their order.

    Parameters
    ----------
    only : sequence of str, optional
        These and no others.
    skip : sequence of str, optional
        All but these.
    quick : bool
        None that samples the model again and again, unless it is named in `only`.
    checks : mapping of str to Check, optional
        By default `CHECKS`.

    Raises
    ------
    InputError
        When there is no check of a name, or none is left.
    """
    known = CHECKS if checks is None else checks
    faults = [
        Fault("checks", f"There is no check '{brief(name)}'.{did_you_mean(name, known)}")
        for name in (*only, *skip)
        if name not in known
    ]
    if faults:
        raise InputError(faults)
    kept = [name for name, check in known.items() if (name in only if only else not (quick and check.refits))]
    chosen = tuple(name for name in kept if name not in skip)
    if not chosen:
        raise InputError(Fault("checks", "No check is left to be done. Skip fewer."))
    return chosen
