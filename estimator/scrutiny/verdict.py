"""From the findings of all checks to one verdict: whether an estimate may be published, and with which cautions.

The estimate's own reasons and cautions stay as they were when it was made; those of the checks are added to them. What
a check found stands until the same check has been done again, so that a reason does not vanish because somebody looked
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from estimator.checks.finding import CAUTION, SOUND, VERDICTS, Finding, Verdict
from estimator.population.fitness import OF_THE_TABLE
from estimator.reasons import Reason, each_once
from estimator.runs.advice import CheckRecord, day


@dataclass(frozen=True)
class OwnJudgement:
    """What the estimate said of itself before it was scrutinised.

    Parameters
    ----------
    reasons : tuple of Reason
        Not to publish it.
    shown : bool
        Whether its numbers may be looked at: the sampler's chains agreed.
    """

    reasons: tuple[Reason, ...]
    cautions: tuple[Reason, ...]
    shown: bool = True


@dataclass(frozen=True)
class Outcome:
    """What came of one check.

    Parameters
    ----------
    thresholds : str
        SHA-256 of the thresholds by which it was judged.
    """

    finding: Finding
    date: str
    thresholds: str

    @property
    def check(self) -> str:
        """Id of the check."""
        return self.finding.check

    @property
    def verdict(self) -> Verdict:
        """Its verdict."""
        return self.finding.verdict

    @property
    def done(self) -> bool:
        """Whether the check could be done."""
        return self.finding.done

    @property
    def said(self) -> Reason:
        """The question and the verdict, for wherever the outcome stands by itself."""
        return Reason("check-says", check=self.check, finding=self.finding.headline)

    def record(self) -> CheckRecord:
        """Return the outcome as estimate.json keeps it: without numbers, and with the headline alone."""
        return CheckRecord(
            check=self.check,
            verdict=self.verdict,
            sentence=self.finding.headline,
            reasons=list(self.finding.reasons),
            groups_not_alone=list(self.finding.groups_not_alone),
            date=self.date,
            thresholds=self.thresholds,
            done=self.done,
        )


@dataclass(frozen=True)
class Judgement:
    """Whether an estimate may be published, after everything that was found.

    Parameters
    ----------
    outcomes : tuple of Outcome
        One for each check that was ever tried on this estimate.
    not_done : tuple of str
        Ids of the checks that were left out, or could not be done, and so say nothing.
    remarks : tuple of Reason
        What a reader must know of how it was scrutinised.
    """

    own: OwnJudgement
    outcomes: tuple[Outcome, ...]
    not_done: tuple[str, ...] = ()
    remarks: tuple[Reason, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of all checks; at best "caution" when some were not done."""
        verdicts: list[Verdict] = [outcome.verdict for outcome in self.outcomes]
        verdicts += [CAUTION] if self.not_done else []
        return max(verdicts, key=VERDICTS.index, default=SOUND)

    @property
    def found_reasons(self) -> tuple[Reason, ...]:
        """Reasons not to publish that the checks found, each once."""
        return each_once(reason for outcome in self.outcomes for reason in outcome.finding.reasons)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons not to publish, those of the estimate itself first."""
        return each_once((*self.own.reasons, *self.found_reasons))

    @property
    def unsound(self) -> tuple[Reason, ...]:
        """Reasons in the estimate, not in the kind of its table."""
        return tuple(reason for reason in self.reasons if reason.code not in OF_THE_TABLE)

    @property
    def publishable(self) -> bool:
        """Whether there is no reason not to publish."""
        return not self.reasons

    @property
    def cautions(self) -> tuple[Reason, ...]:
        """All that a reader must be told, what the estimate itself said first."""
        return each_once((*self.own.cautions, *self._careful, *self._left_out, *self.remarks))

    @property
    def _careful(self) -> Iterator[Reason]:
        """Yield what each check says that calls for caution; once, that several do not serve the method."""
        careful = [outcome for outcome in self.outcomes if outcome.verdict == CAUTION]
        for outcome in careful:
            headline = outcome.finding.headline
            why = headline.values.get("why")
            alike = tuple(other.check for other in careful if other.finding.headline == headline)
            if len(alike) > 1 and isinstance(why, Reason) and why.code == "check-does-not-serve-method":
                yield Reason("checks-not-done", checks=alike, why=why)
            else:
                yield outcome.said

    @property
    def _left_out(self) -> tuple[Reason, ...]:
        """Return that some checks were left out; those that could not be done say so themselves."""
        tried = {outcome.check for outcome in self.outcomes}
        names = tuple(name for name in self.not_done if name not in tried)
        return (Reason("checks-left-out", checks=names),) if names else ()

    @property
    def not_alone(self) -> dict[str, Reason]:
        """Groups whose own answer may not be published alone, each with the reason."""
        checks: dict[str, list[Reason]] = {}
        for outcome in self.outcomes:
            for name in outcome.finding.groups_not_alone:
                checks.setdefault(name, []).append(Reason("quoted-check", check=outcome.check))
        return {name: Reason("answer-mostly-prior", checks=titles) for name, titles in checks.items()}


def judge(
    own: OwnJudgement,
    fresh: Sequence[Outcome],
    earlier: Iterable[Outcome] = (),
    checks: Sequence[str] = (),
) -> Judgement:
    """Put together what was found, now and before.

    Parameters
    ----------
    fresh : sequence of Outcome
        Of the checks of this time.
    earlier : iterable of Outcome, optional
        Of the same estimate, from a scrutiny before.
    checks : sequence of str, optional
        Ids of all checks that there are, in their order.
    """
    standing = {outcome.check: outcome for outcome in earlier if outcome.done}
    remarks = []
    for outcome in fresh:
        before = standing.get(outcome.check)
        if outcome.done or before is None:
            standing[outcome.check] = outcome
        else:
            remarks.append(Reason("earlier-finding-stands", now=outcome.said, found_on=day(before.date)))
    thresholds = {outcome.thresholds for outcome in fresh}
    aged = [outcome.check for outcome in standing.values() if thresholds and outcome.thresholds not in thresholds]
    if aged:
        remarks.append(Reason("other-thresholds", checks=aged))
    order = [*checks, *(name for name in standing if name not in checks)]
    outcomes = tuple(standing[name] for name in order if name in standing)
    not_done = tuple(name for name in order if name not in standing or not standing[name].done)
    return Judgement(own, outcomes, not_done, tuple(remarks))
