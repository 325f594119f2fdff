"""What was decided about the lists of a study, and what happened to them, in English."""

from __future__ import annotations

from estimator.population.statements_of_study import change_reasons, decision_reasons
from estimator.study.study import Study
from estimator.words.words import words_in


def decision_lines(study: Study) -> list[str]:
    """Return one line for each decision: "Decided: border police (K) kept for 2012-2015: reason"."""
    return words_in("en").say_all(decision_reasons(study))


def change_lines(study: Study) -> list[str]:
    """Return one line for each list that stopped or was redefined."""
    return words_in("en").say_all(change_reasons(study))
