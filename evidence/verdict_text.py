"""The page on verdicts, as Markdown; every number in it is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from estimator.fits.scores import LEVELS, Judged, score_of
from evidence.judges import INDEPENDENT, LATENT_CLASSES, NESTED, PAIR
from evidence.learning_fits import BASE
from evidence.pages import bias_and_width, by_family, by_how_much_more, interval_row, interval_table, mean_and_error
from evidence.public_tables import found_tables
from evidence.second_text import WIDEST
from evidence.verdict import CLASSES, RIVALS
from evidence.verdict_judged import (
    ASKED_HELD,
    ASKED_REFUSED,
    EACH,
    HELD_OUT,
    MIXED,
    NO_WIDTH,
    NOW,
    Case,
    Rule,
    by_scenario,
    chosen,
    confusion,
    judging_half,
    learning_half,
)
from evidence.verdict_rule import RULE

_POINTS = 0.05
_LATENT_HELD = 26


@dataclass(frozen=True)
class Mixing:
    """A way to estimate a table: by the log-linear method, or by it and others mixed."""

    name: str
    rivals: tuple[str, ...] = ()

    def __call__(self, case: Case) -> Judged:
        """Return the estimate of a table beside the truth."""
        return case.mixture(self.rivals) if self.rivals else case.judged


MIXTURES = (Mixing(BASE), Mixing(f"{BASE} and {CLASSES}", (CLASSES,)), Mixing(f"{BASE} and both", RIVALS))


def page(cases: Sequence[Case], nearly: Sequence[Judged], second: str) -> str:
    """Return the page.

    Parameters
    ----------
    nearly : sequence of Judged
        Independent lists under `nl-2017`.
    second : str
        The part about the second rule.
    """
    best = [chosen(rules, learning_half(cases)) for rules in (EACH, MIXED)]
    parts = [
        _header(cases),
        _what_rivals_see(cases),
        *(_confusions(title, rule, of(cases)) for rule in (NOW, NO_WIDTH, *best) for title, of in _HALVES),
        _frontier(cases),
        _mixtures(cases, nearly),
        _levels(cases),
        RULE,
        second,
    ]
    return "\n".join(parts)


_HALVES: tuple[tuple[str, Callable[[Sequence[Case]], list[Case]]], ...] = (
    ("the tables that thresholds were chosen on", learning_half),
    ("the tables that nothing was chosen on", judging_half),
)


def _header(cases: Sequence[Case]) -> str:
    held_out = [case for case in cases if case.scenario == HELD_OUT]
    families = {case.family for case in held_out}
    with_rivals = sum(len(case.methods) > 1 for case in held_out)
    return "\n".join([
        "# Is a verdict about error?",
        "",
        "Made by `python -m evidence.make_verdict --tables FOLDER`; the rules, written before, stand below. "
        f"{len(cases) - len(held_out)} simulated tables and {len(held_out)} lists held out of {len(families)} families, "
        f"of which {with_rivals} leave three lists or more, so that methods that let people differ have an answer.",
        "",
        "In short: width was no sign of error, so that it is no longer a refusal. Methods that let people differ do not tell right intervals "
        "from wrong ones either, alone or mixed (the first rules). What a table does show is whether people differ: the check `unequal-chances` of "
        "`darkfigure scrutinise` then gives a second interval (the second rule, judged on fresh tables at the end).",
        "",
    ])  # fmt: skip


def _what_rivals_see(cases: Sequence[Case]) -> str:
    """Return what each method says of each scenario, right or wrong."""
    rows = []
    for scenario, tables in by_scenario(cases).items():
        for name in tables[-1].methods if scenario != HELD_OUT else ("loglinear", *RIVALS):
            with_it = [case for case in tables if name in case.methods]
            judged = [case.judged_by(case.found["methods"][name]["quantiles"]) for case in with_it]
            held = sum(one.holds(0.95) for one in judged)
            gain = float(np.median([case.ahead[name] for case in with_it]))
            above = float(np.median([case.above[name] for case in with_it]))
            rows.append(
                f"| {scenario} | {name} | {held} of {len(judged)} | {bias_and_width(score_of(judged))} | "
                f"{gain:+.1f} | {above:.2f} |"
            )
    return "\n".join([
        "## What each method says",
        "",
        "Ahead: by how much it foretells people's lists better than the log-linear method (natural logs, middle table). Above: the "
        "probability that it gives totals above the upper limit of the log-linear method's 95 % interval (middle table).",
        "",
        "| tables | method | 95 % held | bias | width | ahead | above |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _confusions(title: str, rule: Rule, cases: Sequence[Case]) -> str:
    rows = []
    for scenario, tables in by_scenario(cases).items():
        found = confusion(rule, tables)
        missed = found.tables - found.held
        caught = missed - (found.passed - found.passed_held)
        share = f"{100 * found.held_among_passed:.0f} %" if found.passed else "none passes"
        rows.append(
            f"| {scenario} | {found.tables} | {found.held} | {found.passed} | {share} | {caught} of {missed} | "
            f"{found.held - found.passed_held} of {found.held} ({100 * found.refused_among_held:.0f} %) |"
        )
    return "\n".join([
        f"## Verdict: {rule.name}; {title}",
        "",
        "| tables | number | interval holds | let pass | held among these | misses refused | refused though held |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _frontier(cases: Sequence[Case]) -> str:
    """Return every rule with the least it holds and the most it refuses, on both halves."""
    rows = []
    for rule in (NOW, NO_WIDTH, *EACH, *MIXED):
        cells = []
        for _, of in _HALVES:
            found = [confusion(rule, tables) for tables in by_scenario(of(cases)).values()]
            least, most = min(f.held_among_passed for f in found), max(f.refused_among_held for f in found)
            cells += [f"{100 * least:.0f} %", f"{100 * most:.0f} %"]
        classes = confusion(rule, [case for case in cases if case.scenario == LATENT_CLASSES])
        missed = classes.tables - classes.held
        caught = missed - (classes.passed - classes.passed_held)
        rows.append(f"| {rule.name} | {' | '.join(cells)} | {caught} of {missed} |")
    return "\n".join([
        "## The frontier",
        "",
        "The least share held among tables let pass, and the largest share refused of tables whose interval holds, over scenarios "
        f"(asked for: {100 * ASKED_HELD:.0f} % or more, {100 * ASKED_REFUSED:.0f} % at the most).",
        "",
        "| rule | held, chosen on | refused | held, judged on | refused | misses of latent classes refused |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip


def _mixtures(cases: Sequence[Case], nearly: Sequence[Judged]) -> str:
    """Return how mixtures of methods do as estimates, and what the rule says of them."""
    rows, points = [], []
    held_out = [case for case in cases if case.scenario == HELD_OUT]
    family = {case.table: case.family for case in held_out}
    first = by_family([case.judged for case in held_out], family, set(family))
    counts: dict[str, dict[str, int]] = {}
    for way in MIXTURES:
        for scenario, tables in by_scenario(cases).items():
            judged = [way(case) for case in tables]
            counts.setdefault(way.name, {})[scenario] = sum(one.holds(0.95) for one in judged)
            rows.append(interval_row(scenario, way.name, judged))
        if way.rivals:
            now = by_family([way(case) for case in held_out], family, set(family))
            more, error = by_how_much_more(first, now)
            independent = [way(case) for case in cases if case.scenario == INDEPENDENT]
            width = score_of(independent).width / score_of(nearly).width
            ours, theirs = counts[way.name], counts[BASE]
            all_of = (
                (f"score {more:+.2f} ± {error:.2f} against {BASE}", more <= error),
                (f"latent classes: {ours[LATENT_CLASSES]} held", ours[LATENT_CLASSES] >= _LATENT_HELD),
                (f"independent lists: {width:.2f} times as wide as nl-2017", width <= WIDEST),
                (
                    f"one pair {ours[PAIR]} and nested {ours[NESTED]} held, {BASE} {theirs[PAIR]} and {theirs[NESTED]}",
                    ours[PAIR] >= theirs[PAIR] and ours[NESTED] >= theirs[NESTED],
                ),
            )
            ends = "ships as an option" if all(holds for _, holds in all_of) else "does not ship"
            said = "; ".join(f"{text}: {'holds' if holds else 'fails'}" for text, holds in all_of)
            points.append(f"- {way.name}: {said}. It {ends}.")
    return "\n".join([
        "## A mixture of methods as the estimate",
        "",
        *interval_table("tables", "estimate", rows),
        *points,
        "",
    ])  # fmt: skip


def levels_held(cases: Sequence[Case], tables: set[str] | None = None) -> Mapping[float, tuple[float, float]]:
    """Return the share of intervals that hold lists held out, and its error, by their probability; families alike."""
    held_out = [case for case in cases if case.scenario == HELD_OUT and (tables is None or case.table in tables)]
    family = {case.table: case.family for case in held_out}
    scores = by_family([case.judged for case in held_out], family, set(family))
    found = {}
    for level in LEVELS:
        found[level] = mean_and_error([score.held[level] for score in scores.values()])
    return found


def _levels(cases: Sequence[Case]) -> str:
    rows = []
    for name, tables in (("all", None), ("found after the prior was learned", {t.name for t in found_tables()})):
        found = levels_held(cases, tables)
        cells = " | ".join(
            f"{100 * share:.0f} ± {100 * error:.0f} %{'' if abs(share - level) <= _POINTS else ', out'}"
            for level, (share, error) in found.items()
        )
        rows.append(f"| {name} | {cells} |")
    return "\n".join([
        "## Intervals of 50, 80 and 95 %",
        "",
        "Lists held out, each family by the prior learned without it, families weighing the same; *out*: more than 5 points from what it says.",
        "By rule (c) below an estimate gives an interval of 50 or 80 % only where the track record of its priors (`priors/evidence/scores.csv`) is not out;",
        "of priors that were changed or do not ship, and of other methods, there is none, and they give that of 95 % alone.",
        "",
        "| families | 50 % | 80 % | 95 % |",
        "| --- | ---: | ---: | ---: |",
        *rows,
        "",
    ])  # fmt: skip
