"""All checks, and how one is done: a check that breaks down is a finding, and does not stop the others."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from estimator.capture.unknown_levels import some_level_unknown
from estimator.checks.finding import CAUTION, VERDICTS, Finding
from estimator.errors import DarkfigureError, Fault, InputError, NotEstimableError, brief, did_you_mean
from estimator.methods.door import Listener
from estimator.methods.registry import method_named
from estimator.population.estimate import Estimate
from estimator.reasons import Reason
from estimator.study.study import Study

CheckFunction = Callable[..., Finding]

_LONGEST = 300


@dataclass(frozen=True)
class Check:
    """A check that is imported when it is done.

    Parameters
    ----------
    home : str
        Module and function: ``"estimator.checks.loglinear.power_scaling:power_scaling"``. The function takes a
        `Estimate`, and by name those of the `CheckOptions` that it has a parameter for.
    refits : bool
        Whether it samples the model again and again: left out where it must be quick.
    methods : tuple of str
        Methods whose estimates it can judge, because it looks at their parts; empty for any.
    bounds : bool
        Whether it can judge a bound, and not an estimate alone.
    concerns : callable, optional
        Whether there is anything to ask of a study; where there is not, the check is done only when it is named.
    """

    home: str
    refits: bool = False
    methods: tuple[str, ...] = ()
    bounds: bool = True
    concerns: Callable[[Study], bool] = lambda _: True

    def load(self) -> CheckFunction:
        """Import the function."""
        module, name = self.home.split(":")
        function: CheckFunction = getattr(import_module(module), name)
        return function

    def refusal(self, name: str) -> Reason | None:
        """Return why it cannot judge estimates of a method; None when it can."""
        able = method_named(name).abilities
        if self.methods and name not in self.methods:
            return Reason("check-does-not-serve-method", method=name, served=self.methods)
        if able.bound and not self.bounds:
            return Reason("check-does-not-serve-bounds", method=name)
        if self.refits and not able.refits:
            return Reason("check-needs-refits", method=name)
        return None


def _of_loglinear(name: str, refits: bool = False) -> Check:
    """Return a check that looks at the parts of a log-linear posterior."""
    return Check(f"estimator.checks.loglinear.{name}:{name}", refits, methods=("loglinear",))


def some_level_is_unknown(study: Study) -> bool:
    """Whether the level of a covariate is unknown of somebody in a study."""
    return bool(some_level_unknown(study.table).any())


CHECKS: Mapping[str, Check] = {
    "convergence": Check("estimator.checks.convergence:convergence"),
    "predictive-checks": _of_loglinear("predictive_checks"),
    "leave-one-out": _of_loglinear("leave_one_out"),
    "leave-list-out": Check("estimator.checks.leave_list_out:leave_list_out", refits=True, bounds=False),
    "unknown-levels": Check(
        "estimator.checks.unknown_levels:unknown_levels", refits=True, bounds=False, concerns=some_level_is_unknown
    ),
    "prior-posterior": _of_loglinear("prior_posterior"),
    "power-scaling": _of_loglinear("power_scaling"),
    "identification": _of_loglinear("identification"),
    "unequal-chances": _of_loglinear("unequal_chances"),
    "tipping-point": _of_loglinear("tipping_point"),
    "simulated-truth": _of_loglinear("simulated_truth", refits=True),
}
"""Every check by its id, in the order of the page: the sampler, the fit, what the answer rests on, known truths."""


@dataclass(frozen=True)
class CheckOptions:
    """What a user asks of the checks.

    Parameters
    ----------
    limits : (float, float) or None
        A range of the total, in persons, of which it is asked what would make the answer leave it; None for the one
        that the check takes by itself.
    simulations : int or None
        How many tables are simulated in each scenario; None for the check's own number.
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

    def for_check(self, function: CheckFunction, estimate: Estimate) -> dict[str, Any]:
        """Return the options that a check has a parameter for, without those that are left to it."""
        offered = {
            "limits": self.limits,
            "simulations": self.simulations,
            "workers": self.workers,
            "seed": estimate.posterior.seed if self.seed is None else self.seed,
            "folder": self.folder,
            "listener": self.listener,
        }
        taken = inspect.signature(function).parameters
        return {name: value for name, value in offered.items() if name in taken and value is not None}


Failed = Callable[[str, Exception], None]


def do_check(
    name: str,
    estimate: Estimate,
    options: CheckOptions,
    checks: Mapping[str, Check] | None = None,
    failed: Failed | None = None,
) -> Finding:
    """Do one check.

    Parameters
    ----------
    failed : callable, optional
        Hears of an error, with the id of the check: for whoever wants to see where it came from.

    Returns
    -------
    Finding
        One with ``done=False`` and the verdict "caution" when the check could not be done, whatever went wrong in it,
        or does not serve the method of the estimate: the other checks are worth having all the same. It does not
        forbid publishing, since a check that was not done speaks neither for nor against the estimate; but it is said
        with the number.
    """
    check = (CHECKS if checks is None else checks)[name]
    refused = check.refusal(estimate.posterior.method)
    if refused is None and check.refits and estimate.of_tables:
        refused = Reason("check-takes-one-table", tables=len(estimate.of_tables))
    if refused is not None:
        return not_done(name, refused)
    try:
        do = _over_tables if estimate.of_tables else _done
        return do(name, check, estimate, options)
    except Exception as error:
        if failed is not None:
            failed(name, error)
        return not_done(name, _why(error))


def _done(name: str, check: Check, estimate: Estimate, options: CheckOptions) -> Finding:
    """Do a check on the estimate of one table."""
    function = check.load()
    finding = function(estimate, **options.for_check(function, estimate))
    if finding.check != name:
        raise ValueError(f"the check {name} returned the finding of {finding.check}")
    return finding


def _over_tables(name: str, check: Check, estimate: Estimate, options: CheckOptions) -> Finding:
    """Do a check on the estimate of each of several imputed tables, and return the worst finding."""
    uneven = sum(_draws_left_out(table_estimate) for table_estimate in estimate.of_tables)
    if uneven:
        return not_done(name, Reason("tables-needed-more-draws", tables=uneven, of=len(estimate.of_tables)))
    findings = {
        estimate.study.table_name(number): _done(name, check, table_estimate, options)
        for number, table_estimate in enumerate(estimate.of_tables, 1)
    }
    worst = max(findings, key=lambda table: VERDICTS.index(findings[table].verdict))
    finding, alike = findings[worst], sum(other.verdict == findings[worst].verdict for other in findings.values())
    about = {"tables": alike, "of": len(findings), "table": worst}
    return replace(
        finding,
        statements=(Reason("worst-of-tables", **about, finding=finding.headline), *finding.statements[1:]),
        reasons=tuple(Reason("of-tables", **about, why=why) for why in finding.reasons),
        groups_not_alone=tuple(dict.fromkeys(group for other in findings.values() for group in other.groups_not_alone)),
    )


def _draws_left_out(estimate: Estimate) -> bool:
    """Tell whether a table has draws of parameters without draws of people, because the sampler needed more of them."""
    return estimate.chains.draws.statistics["diverging"].shape != estimate.population.unseen.shape[:2]


def not_done(name: str, why: Reason) -> Finding:
    """Return the finding of a check that could not be done."""
    return Finding(name, CAUTION, (Reason("check-not-done", why=why),), done=False)


def _why(error: Exception) -> Reason:
    """Return why a check could not be done."""
    if isinstance(error, MemoryError):
        return Reason("too-little-memory")
    text = " ".join(str(error).split())
    if isinstance(error, NotEstimableError):
        return Reason("check-has-no-answer", reasons=error.reasons)
    if isinstance(error, DarkfigureError):
        return Reason("check-refused", message=_short(text))
    if isinstance(error, OSError):
        return Reason("file-not-usable", place=str(error.filename or ""), message=_short(error.strerror or text))
    return Reason("fault-of-the-tool", error=type(error).__name__, message=brief(text))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def chosen_checks(
    only: Sequence[str] = (), skip: Sequence[str] = (), quick: bool = False, checks: Mapping[str, Check] | None = None
) -> tuple[str, ...]:
    """Return the ids of the checks to do, in their order.

    Parameters
    ----------
    quick : bool
        None that samples the model again and again, unless it is named in `only`.

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
