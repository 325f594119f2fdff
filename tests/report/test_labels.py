"""Names in reasons stand by their labels: groups, levels, strata, and lists where labels of lists are given."""

from __future__ import annotations

from estimator.reasons import Reason
from estimator.report.labels import Labels, with_labels

LABELS = Labels(
    {"girls": "Girls under 18"},
    {"sex": "Sex", "year": "Year"},
    {"sex": {"f": "Women, girls", "m": "Men"}, "year": {"1": "First", "2": "Second"}},
)


def test_names_of_groups_levels_and_strata():
    inner = Reason("inner", group="girls", list="K")
    said = with_labels(
        Reason("outer", why=inner, covariate="sex", level="m", strata=("f, 2", "m, 1"), list="K"), LABELS
    )
    assert said == Reason(
        "outer",
        why=Reason("inner", group="Girls under 18", list="K"),
        covariate="sex",
        level="Men",
        strata=("Women, girls; Second", "Men, First"),
        list="K",
    )


def test_lists_only_where_their_labels_are_given():
    labels = Labels(lists={"K": "Border police (K)"})
    assert with_labels(Reason("x", list="K", lists=("K", "Z")), labels) == Reason(
        "x", list="Border police (K)", lists=("K", "Z")
    )


def test_a_covariate_stands_within_a_sentence_and_an_abbreviation_keeps_its_capitals():
    labels = Labels(covariates={"sex": "Sex", "eu": "EU citizenship"})
    said = [with_labels(Reason("x", covariate=name, level="1"), labels)["covariate"] for name in ("sex", "eu")]
    assert said == ["sex", "EU citizenship"]
