"""What a reproduction amounts to: sentences that follow from its verdicts, none of them typed in beforehand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from estimator.population.rates import denominator_of
from estimator.published.pooled import POOLED_SIZE, reach
from estimator.published.reproduction import HOW
from estimator.study.questions import TOTAL
from estimator.words.numbers import count, factor, interval, middle, roughly

if TYPE_CHECKING:
    from estimator.methods.summary import Summary
    from estimator.published.reproduction import Reproduced, Reproduction, UnderOtherPriors

_SCALED = 0.005
"""A registered number that was scaled and rounded to whole people is within this share of the scaled one."""


_ROUNDED = 2
"""Persons: a count that misses by more was not missed because the table holds whole people."""


def closing(found: Reproduction) -> list[str]:
    """Return what a reader should take away, as paragraphs.

    Parameters
    ----------
    found : Reproduction
        All figures with their verdicts.

    Returns
    -------
    list of str
        Each a few sentences: how many figures, on what they rest, how weak a word consistent is, what other assumptions
        make of them, and what the public table says.
    """
    texts = [tally(found), evidence(found), weakness(found.figures)]
    texts += [otherwise(found, other) for other in found.beside]
    return [text for text in (*texts, public_table(found)) if text]


def tally(found: Reproduction) -> str:
    """Return how many figures are consistent, differ, or cannot be reproduced."""
    kinds = [one.verdict.kind for one in found.all_figures]
    good, differ, without = (kinds.count(kind) for kind in ("consistent", "differs", "not reproducible"))
    methods = sum(is_other_method(one) for one in found.all_figures)
    bases = [one.basis for one in found.all_figures if one.verdict.kind == "consistent"]
    on = "; ".join(f"{bases.count(basis)} on {what}" for basis, what in HOW.items() if basis in bases)
    return (
        f"Of {len(kinds)} published figures {good} {_verb(good, 'is', 'are')} consistent with ours, {differ} "
        f"{_verb(differ, 'differs', 'differ')}, and {without} {_verb(without, 'is', 'are')} not reproducible"
        f"{f', {methods} of them because this tool does not have the method' if methods else ''}."
        f"{f' Those that are consistent rest: {on}.' if on else ''}"
    )


def is_other_method(one: Reproduced) -> bool:
    """Tell whether a figure is not reproducible only because this tool does not have its method."""
    return one.ours is None and one.figure.measure == POOLED_SIZE


def evidence(found: Reproduction) -> str:
    """Return on what the consistent estimates of unseen people rest."""
    good = [one for one in found.figures if one.verdict.kind == "consistent" and is_estimate(one)]
    made = [one for one in good if one.basis == "calibrated"]
    if not made:
        return ""
    about = len({(one.figure.group, one.figure.years) for one in made})
    repeats = (
        f" Some say one thing as a number, a share and a rate: {about} {_verb(about, 'group', 'groups')} in a period."
        if about < len(made)
        else ""
    )
    return (
        f"{'All' if len(made) == len(good) else f'{len(made)} of the'} {len(good)} estimates that are consistent come "
        f"from data that were made to agree with them.{repeats} That the software gives back what was put in says "
        "nothing about how many victims there were."
    )


def reasons(figures: Sequence[Reproduced]) -> list[str]:
    """Return why estimates differ, one sentence for each; counts that differ need no reason."""
    different = [one for one in figures if one.verdict.kind == "differs" and is_estimate(one)]
    return [f"{_name(one)}: {one.verdict.why[:1].lower()}{one.verdict.why[1:]}" for one in different]


def is_estimate(one: Reproduced) -> bool:
    """Tell whether our side of a figure is an estimate, and not a count or nothing."""
    return one.ours is not None and one.ours.sd > 0


def otherwise(found: Reproduction, other: UnderOtherPriors) -> str:
    """Return what other assumptions make of the same figures."""
    here, there = _headline(found, found.figures), _headline(found, other.figures)
    if here is None or here.ours is None:
        return ""
    if there is None or there.ours is None:
        return f"Under the priors {other.priors} the chains do not agree on an estimate."
    good, compared = _consistent(other.figures)
    return (
        f"All this is under the priors {found.priors}. Under {other.priors}, another assumption about how lists depend "
        f"on each other, the total is {people(there.ours)} where it is {people(here.ours)} here, and {good} of "
        f"{compared} estimates are consistent where it is {_consistent(found.figures)[0]} here.{_turned(found, other)}"
    )


def _turned(found: Reproduction, other: UnderOtherPriors) -> str:
    """Return which estimates are consistent here and not under other assumptions, and the other way round."""
    both = [(one, again) for one, again in zip(found.figures, other.figures, strict=True) if is_estimate(again)]
    here = {_name(one) for one, _ in both if one.verdict.kind == "consistent"}
    there = {_name(again) for _, again in both if again.verdict.kind == "consistent"}
    names = [_name(one) for one, _ in both]
    turned = {
        "No longer so": [name for name in names if name in here - there],
        "Only there": [name for name in names if name in there - here],
    }
    return "".join(f" {words}: {'; '.join(which)}." for words, which in turned.items() if which)


def _name(one: Reproduced) -> str:
    """Return what tells a figure from the others in a sentence."""
    return f"{one.label}, {one.figure.said}"


def _consistent(figures: Sequence[Reproduced]) -> tuple[int, int]:
    """Return how many estimates are consistent, and how many there are."""
    verdicts = [one.verdict.kind for one in figures if is_estimate(one)]
    return verdicts.count("consistent"), len(verdicts)


def _headline(found: Reproduction, figures: Sequence[Reproduced]) -> Reproduced | None:
    """Return the published total over the study's headline years."""
    years = found.study.period.headline if found.study.period else None
    totals = (one for one in figures if (one.figure.group, one.figure.measure, one.figure.years) == (TOTAL, "N", years))
    return next(totals, None)


def weakness(figures: Sequence[Reproduced]) -> str:
    """Return how wide the intervals are in which a published number of people had to lie."""
    sizes = [one.ours for one in figures if one.ours and is_estimate(one) and one.figure.measure == "N"]
    factors = sorted(size.upper / size.lower for size in sizes if size.lower > 0)
    if not factors:
        return ""
    low, high = factor(factors[0]), factor(factors[-1])
    spread = low if low == high else f"{low} to {high}"
    return (
        f"'Consistent' is a weak word: our 95 % intervals of numbers of people span a factor of {spread} from their "
        "lower to their upper limit, so that a figure can be well off and still be consistent."
    )


def public_table(found: Reproduction) -> str:
    """Return what the analyses of the public table, ours and others', amount to beside the published total."""
    spread, headline = found.spread, _headline(found, found.figures)
    if spread is None:
        return ""
    ours, everyone = reach(spread.ours), reach(spread.intervals)
    narrow = spread.narrowest
    text = (
        f"The public table on its own: our {len(spread.ours)} intervals for all years together run from "
        f"{_people_between(ours)} (a factor of {_times(ours)}), and with the {len(spread.published)} published ones "
        f"from {_people_between(everyone)} ({_times(everyone)}). The narrowest, {_people_between(narrow)}, claims a "
        f"factor of {_times(narrow)}; {spread.outside_narrowest} of the {len(spread.values)} estimates lie outside it."
    )
    if headline is None or headline.figure.lower is None or headline.figure.upper is None:
        return text
    published = (headline.figure.lower, headline.figure.upper)
    text += f" The range that was published for the total, {_people_between(published)}, has {_times(published)}."
    if everyone[1] / everyone[0] <= published[1] / published[0]:
        return f"{text} The analyses are no further apart than that."
    return (
        f"{text} No analysis of the public table alone pins down the published totals: their precision comes from the "
        "covariates, which are not public, and from the choice of a model."
    )


def people(value: Summary) -> str:
    """Return a number of persons with its 95 % interval: ``"6,310 (5,090 to 8,110)"``."""
    return f"{middle(value)} ({interval(value)})"


def _people_between(limits: tuple[float, float]) -> str:
    """Return limits of a number of people."""
    return f"{roughly(limits[0])} to {roughly(limits[1])}"


def _times(limits: tuple[float, float]) -> str:
    """Return how many times the lower limit the upper one is."""
    return factor(limits[1] / limits[0])


def scaling_note(found: Reproduction) -> str:
    """Return that registered numbers differ because they were scaled to the public table; empty when they were not."""
    yearly = [one for one in found.figures if _is_yearly(one)]
    covered = {one.figure.years[0] for one in yearly}
    period = found.study.period
    levels = next((c.levels for c in found.study.table.covariates if period and c.name == period.covariate), ())
    registered = found.study.table.registered
    if not yearly or covered != set(levels) or not registered.exact:
        return ""
    published = sum(one.figure.value or 0.0 for one in yearly)
    ratio = registered.lower / published
    off = [abs(_ours(one) - ratio * (one.figure.value or 0.0)) for one in yearly]
    if ratio == 1 or any(by > _SCALED * _ours(one) for by, one in zip(off, yearly, strict=True)):
        return ""
    return (
        f"The registered numbers of single years differ by design: those published add up to {count(published)}, the "
        f"public table has {registered} people, and each year is {ratio:.3f} times the published number, to within "
        f"{count(math.ceil(max(off)))} people."
    )


def rounding_note(found: Reproduction) -> str:
    """Return by how much counts that the table was made to meet miss them; empty when none does, or one by more."""
    counts = [one for one in found.figures if one.basis == "calibrated" and one.ours and not is_estimate(one)]
    off = [abs(_ours(one) - (one.figure.value or 0.0)) for one in counts if not _is_yearly(one)]
    missed = math.ceil(max(off, default=0.0))
    if not 0 < missed <= _ROUNDED:
        return ""
    return (
        f"Other counts miss the published ones by at most {missed} {_verb(missed, 'person', 'people')}: the table "
        "holds whole people, and cannot meet every count at once."
    )


def _is_yearly(one: Reproduced) -> bool:
    """Tell whether a figure is everybody registered in one year of the study."""
    figure = one.figure
    return one.ours is not None and (figure.group, figure.measure, len(figure.years)) == (TOTAL, "registered", 1)


def _ours(one: Reproduced) -> float:
    """Return our middle."""
    return one.ours.median if one.ours else 0.0


def rates_note(found: Reproduction) -> str:
    """Return that rates rest on inhabitants that were backed out of them; empty when they were counted."""
    shown = [one.figure for one in found.figures if one.ours and one.figure.measure == "per_100000"]
    used = [denominator_of(found.study, figure.group or TOTAL, figure.years) for figure in shown]
    if not any(denominator and "implied" in denominator.how for denominator in used):
        return ""
    return (
        "The inhabitants were backed out of the published rates themselves, so that a rate only repeats the check of "
        "the number of people."
    )


def _verb(number: int, one: str, more: str) -> str:
    """Return the form of a word that goes with a number."""
    return one if number == 1 else more
