"""From the findings of all checks to one verdict: whether an estimate may be published, and what is said with it.

The estimate's own reasons and cautions stay as they were when it was made; those of the checks are added to them. What
a check found stands until the same check has been done again, so that a reason does not vanish because somebody looked
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from estimator.checks.finding import CAUTION, FAILS, SOUND, VERDICTS, Finding, Verdict
from estimator.words.kinds import KIND_REASONS
from estimator.words.numbers import listed


@dataclass(frozen=True)
class OwnJudgement:
    """What the estimate said of itself before it was scrutinised.

    Parameters
    ----------
    reasons : tuple of str
        Not to publish it.
    shown : bool
        Whether its numbers may be looked at: the sampler's chains agreed.
    """

    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    shown: bool = True


@dataclass(frozen=True)
class Outcome:
    """What came of one check, as estimate.json keeps it.

    Parameters
    ----------
    verdict : {"sound", "caution", "fails"}
    sentence : str
        The verdict in one sentence.
    date : str
        When the check was done.
    thresholds : str
        SHA-256 of the thresholds by which it was judged.
    done : bool
        Whether the check could be done.
    """

    check: str
    title: str
    verdict: Verdict
    sentence: str
    reasons: tuple[str, ...]
    groups_not_alone: tuple[str, ...]
    date: str
    thresholds: str
    done: bool = True

    @property
    def said(self) -> str:
        """The title and the verdict, for wherever the outcome stands by itself."""
        return f"{self.title}{'' if self.title.endswith('?') else ':'} {self.sentence}"

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome for JSON."""
        found = asdict(self)
        return found | {"reasons": list(self.reasons), "groups_not_alone": list(self.groups_not_alone)}

    @classmethod
    def of_finding(cls, finding: Finding, date: str, thresholds: str) -> Outcome:
        """Return the outcome of a check that was just done, or could not be."""
        return cls(
            finding.check,
            finding.title,
            finding.verdict,
            finding.headline,
            finding.reasons,
            finding.groups_not_alone,
            date,
            thresholds,
            finding.done,
        )

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Outcome:
        """Return the outcome that estimate.json holds."""
        kept = {key: record[key] for key in ("check", "title", "verdict", "sentence", "date", "thresholds", "done")}
        return cls(**kept, reasons=tuple(record["reasons"]), groups_not_alone=tuple(record["groups_not_alone"]))


@dataclass(frozen=True)
class Judgement:
    """Whether an estimate may be published, after everything that was found.

    Parameters
    ----------
    outcomes : tuple of Outcome
        One for each check that was ever tried on this estimate.
    not_done : tuple of str
        Ids of the checks that were left out, or could not be done, and so say nothing.
    remarks : tuple of str
        What a reader must know of how it was scrutinised.
    """

    own: OwnJudgement
    outcomes: tuple[Outcome, ...]
    not_done: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The worst of all checks; at best "caution" when some were not done."""
        found: list[Verdict] = [outcome.verdict for outcome in self.outcomes]
        found += [CAUTION] if self.not_done else []
        return max(found, key=VERDICTS.index, default=SOUND)

    @property
    def found_reasons(self) -> tuple[str, ...]:
        """Reasons not to publish that the checks found, each once."""
        return tuple(dict.fromkeys(reason for outcome in self.outcomes for reason in outcome.reasons))

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons not to publish, those of the estimate itself first."""
        return tuple(dict.fromkeys((*self.own.reasons, *self.found_reasons)))

    @property
    def unsound(self) -> tuple[str, ...]:
        """Reasons in the estimate, not in the kind of its table."""
        return tuple(reason for reason in self.reasons if reason not in KIND_REASONS.values())

    @property
    def publishable(self) -> bool:
        """Whether there is no reason not to publish."""
        return not self.reasons

    @property
    def cautions(self) -> tuple[str, ...]:
        """All that a reader must be told, what the estimate itself said first."""
        found = [outcome.said for outcome in self.outcomes if outcome.verdict == CAUTION]
        return tuple(dict.fromkeys((*self.own.cautions, *found, *self._left_out, *self.remarks)))

    @property
    def _left_out(self) -> tuple[str, ...]:
        """Return that some checks were left out; those that could not be done say so themselves."""
        tried = {outcome.check for outcome in self.outcomes}
        names = [name for name in self.not_done if name not in tried]
        return (f"Not every check was done: {listed(names)} left out.",) if names else ()

    @property
    def not_alone(self) -> dict[str, str]:
        """Groups whose own answer may not be published alone, each with the reason."""
        found: dict[str, list[str]] = {}
        for outcome in self.outcomes:
            for name in outcome.groups_not_alone:
                found.setdefault(name, []).append(f'"{outcome.title}"')
        return {name: f"Its answer is mostly the prior: {listed(titles)}." for name, titles in found.items()}


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
            remarks.append(f"{outcome.said} What was found on {before.date[:10]} stands.")
    thresholds = {outcome.thresholds for outcome in fresh}
    aged = [outcome.check for outcome in standing.values() if thresholds and outcome.thresholds not in thresholds]
    if aged:
        remarks.append(f"By other thresholds than today's, because they were not done again: {listed(aged)}.")
    order = [*checks, *(name for name in standing if name not in checks)]
    outcomes = tuple(standing[name] for name in order if name in standing)
    not_done = tuple(name for name in order if name not in standing or not standing[name].done)
    return Judgement(own, outcomes, not_done, tuple(remarks))


def in_words(judgement: Judgement) -> str:
    """Return the verdict in a sentence or two.

    Returns
    -------
    str
        Begins with the verdict in capitals.
    """
    n_failed = sum(outcome.verdict == FAILS for outcome in judgement.outcomes)
    n_careful = sum(outcome.verdict == CAUTION and outcome.done for outcome in judgement.outcomes)
    if judgement.unsound:
        which = _checks(n_failed, "fail") if n_failed else "no check fails, but the estimate's own judgement forbids it"
        return f"NOT FIT TO PUBLISH: {which}."
    if judgement.reasons:
        return "NOT TO BE PUBLISHED AS EVIDENCE: no check fails, but the table does not hold observed people."
    if judgement.verdict == CAUTION:
        left_out = len(judgement.not_done)
        parts = [f"{_checks(n_careful, 'call')} for caution"] if n_careful else []
        parts += [f"{left_out} not done"] if left_out else []
        return f"WITH CAUTION: nothing that was found forbids publishing; {', '.join(parts)}. Say so beside the number."
    return (
        "SOUND: nothing that was tried speaks against publishing. It remains an assumption that what holds for people "
        "on some list holds for people on none."
    )


def _checks(number: int, verb: str) -> str:
    """Return how many checks do something."""
    return f"one check {verb}s" if number == 1 else f"{number} checks {verb}"
