"""A small survey, to be changed by tests."""

from __future__ import annotations

SURVEY = """\
title = "A survey"
source = "A journal"

[groups.a]
label = "Group A"
respondents = 10

[groups.b]
label = "Group B"
respondents = 20

[questions.seen]
label = "Saw one"

[questions.seen.answers.a]
yes = 4

[questions.seen.answers.b]
above = 0.2
below = 0.4
"""
