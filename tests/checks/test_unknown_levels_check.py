"""What hangs on what is unknown of people: tables of known truth, where what is unknown hangs on what it is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from estimator.capture.table import CaptureTable
from estimator.checks.all_checks import CHECKS
from estimator.checks.finding import CAUTION, SOUND
from estimator.checks.loglinear.cases import Case, fit_cases
from estimator.checks.unknown_levels import assumptions_of, unknown_levels
from estimator.methods.door import QUICK
from estimator.population.estimate import Estimate
from estimator.reasons import Reason
from estimator.report.figures.findings import has_picture
from estimator.report.labels import Labels, with_labels
from estimator.scrutiny.scrutinise import scrutinise
from estimator.study.priors import read_priors
from estimator.study.questions import Group, Label
from estimator.words.words import words_in
from tests.checks import estimates
from tests.checks.drawing import drawn
from tests.checks.estimates import SEX, estimated, study_of

WOMEN, MEN = 1200, 800
CHANCES = ((0.3, 0.2, 0.25), (0.2, 0.3, 0.25))
"""Three lists that find women and men independently of each other."""
GROUPS = [Group("women", Label("Women"), {"sex": ("f",)}), Group("men", Label("Men"), {"sex": ("m",)})]


def blanked(cells: np.ndarray, unknown: np.ndarray) -> CaptureTable:
    """A table of both sexes, shape (2, 8), of which in each cell the sex of some is unknown."""
    n_histories = cells.shape[1]
    covers, counts = [], []
    for sex, history in product(range(2), range(1, n_histories)):
        covers.append([sex * n_histories + history])
        counts.append(cells[sex, history] - unknown[sex, history])
    for history in range(1, n_histories):
        if unknown[:, history].sum():
            covers.append([history, n_histories + history])
            counts.append(unknown[:, history].sum())
    order = sorted(range(len(covers)), key=lambda number: (covers[number][0], len(covers[number])))
    covers, counts = [covers[number] for number in order], np.array(counts)[order]
    table = estimates.table_of(cells, covariates=(SEX,))
    return replace(
        table,
        lower=counts,
        upper=counts,
        cover_start=np.concatenate([[0], np.cumsum([len(cover) for cover in covers])]),
        cover_cell=np.concatenate(covers),
        line=np.zeros(len(counts), dtype=np.int64),
    )


def simulated(seed: int, shares: tuple[float, float]) -> CaptureTable:
    """Counts of 1,200 women and 800 men, of whom these shares have no sex on any list."""
    rng = np.random.default_rng(seed)
    histories = list(product((0, 1), repeat=3))
    cells = np.array(
        [
            rng.multinomial(
                people,
                [np.prod([p if on else 1 - p for p, on in zip(chance, one, strict=True)]) for one in histories],
            )
            for people, chance in zip((WOMEN, MEN), CHANCES, strict=True)
        ]
    )
    return blanked(cells, rng.binomial(cells, np.array(shares)[:, None]))


@cache
def women_unknown() -> Estimate:
    """Half of the women have no sex on any list, and one man in twenty."""
    return estimated(simulated(1, (0.5, 0.05)), read_priors("independence"), GROUPS)


@cache
def found():
    return unknown_levels(women_unknown(), workers=1)


def held(answer, truth):
    return answer["lower"] <= truth <= answer["upper"]


def test_the_ends_hold_a_truth_that_the_model_misses():
    finding = found()
    assert finding.verdict == CAUTION
    women, men = (finding.numbers["groups"][name] for name in ("women", "men"))
    assert not held(women["model"], WOMEN)
    assert not held(men["model"], MEN)
    for group, truth in ((women, WOMEN), (men, MEN)):
        low, high = (group["under"][str(group[end])] for end in ("lowest", "highest"))
        assert low["lower"] <= truth <= high["upper"]
        assert low["median"] < group["model"]["median"] < high["median"]
    total = finding.numbers["groups"]["total"]
    assert total["stands"], "everybody is counted whatever their sex"
    assert not women["stands"]
    assert total["dropped"]["upper"] < WOMEN + MEN, "without them there are fewer people"


def test_what_it_says():
    finding = found()
    labels = Labels({"women": "Women and girls"}, {"sex": "Sex"}, {"sex": {"f": "female", "m": "male"}})
    said = [words_in("en").say(with_labels(one, labels)) for one in finding.statements]
    assert said[0].startswith("The answer hangs on the assumption that whether something is known of people")
    assert "Women and girls" in said[0]
    assert "if all of unknown sex are female" in said[0]
    assert said[1] == "These hang on it too: men."
    unknown = finding.numbers["unknown"]["sex"]["lower"]
    assert said[-1] == f"Unknown sex: {unknown:,} of the registered people."
    dutch = words_in("nl").say(with_labels(finding.headline, labels))
    assert "als iedereen van wie sex onbekend is, female is" in dutch


def test_its_picture():
    finding = found()
    assert has_picture(finding.check, finding.numbers)
    for language, left_out in (("en", "left out"), ("nl", "weggelaten")):
        rows = [tick.get_text() for tick in drawn(finding, language).axes[0].get_yticklabels()]
        assert len(rows) == 3 * 5
        assert rows.count(left_out) == 3


def test_answers_have_the_intervals_of_the_estimate_and_the_picture_names_them():
    given = [f"{level:g}" for level in women_unknown().levels]
    assert given == ["0.95"], "under independence 50 and 80 % are out by far"
    for group in found().numbers["groups"].values():
        answers = [group["model"], group["dropped"], *group["under"].values()]
        assert all(list(answer["intervals"]) == given for answer in answers)
    for language, axis in (
        ("en", "people (median; 95 % interval; log scale)"),
        ("nl", "mensen (mediaan; 95%-interval; "),
    ):
        assert drawn(found(), language).axes[0].get_xlabel().startswith(axis)


def test_each_assumption_is_the_table_that_says_so():
    """The refits are of tables that are known by hand, with the seeds of their places: the same numbers come back."""
    estimate, numbers = women_unknown(), found().numbers
    table = estimate.study.table
    own = [number for number in range(len(table.lower)) if np.diff(table.cover_start)[number] == 1]
    known = np.zeros((2, 8), dtype=np.int64)
    known.reshape(-1)[table.cover_cell[table.cover_start[own]]] = table.lower[own]
    shared = np.zeros(8, dtype=np.int64)
    for number in range(len(table.lower)):
        cover = table.observations.cells(number)
        if len(cover) == 2:
            shared[cover[0]] = table.lower[number]
    women = known + np.array([shared, np.zeros(8, dtype=np.int64)])
    men = known + np.array([np.zeros(8, dtype=np.int64), shared])
    assert [one["kind"] for one in numbers["assumptions"]] == ["dropped", "level", "level"]
    for one, by_hand in zip(assumptions_of(estimate.study), (known, women, men), strict=True):
        assert one.table.lower.tolist() == by_hand[:, 1:].reshape(-1).tolist()
        assert (one.table.lower == one.table.upper).all()


def test_unknown_at_random_and_few_leaves_the_answer():
    table = simulated(2, (0.01, 0.01))
    finding = unknown_levels(estimated(table, read_priors("independence"), GROUPS), workers=1)
    assert finding.verdict == SOUND
    assert finding.headline.code == "levels-leave-answer"


def test_where_all_is_known_it_is_not_done_unless_it_is_named():
    estimate = estimates.by_sex()
    assert not CHECKS["unknown-levels"].concerns(estimate.study)
    assert unknown_levels(estimate).headline == Reason("levels-all-known")
    quick = scrutinise(estimate, only=["convergence", "unknown-levels"])
    assert [one.check for one in quick.findings] == ["convergence", "unknown-levels"]
    others = [name for name in CHECKS if name not in ("convergence", "unknown-levels")]
    rest = scrutinise(estimate, skip=others)
    assert [one.check for one in rest.findings] == ["convergence"]
    assert "unknown-levels" not in rest.judgement.not_done


def test_nothing_to_estimate_without_them_is_said():
    """Of everybody on two lists the sex is unknown: without them nobody is left on two."""
    cells = np.array([[0, 40, 50, 8, 60, 9, 7, 2], [0, 30, 40, 6, 30, 7, 9, 1]])
    unknown = np.where(np.isin(np.arange(8), (3, 5, 6, 7)), cells, 0)
    finding = unknown_levels(estimated(blanked(cells, unknown), read_priors("independence"), GROUPS), workers=1)
    assert finding.verdict == CAUTION
    assert finding.statements[-1] == Reason("levels-not-estimable", which=(Reason("unknown-left-out"),))
    assert finding.numbers["groups"]["women"]["dropped"] is None
    assert finding.numbers["assumptions"][0]["why"]
    assert len(drawn(finding).axes[0].get_yticklabels()) == 3 * 4


def test_an_end_of_several_covariates_is_everybody_of_the_group():
    """Sex unknown of some, age of others, both of some: beside the levels of each come the two ends of each group."""
    from estimator.capture.declaration import Covariate, Declaration
    from tests.capture.capture_examples import read

    age = Covariate("age", ("minor", "adult"))
    text = (
        "sex,age,A,B,count\nf,minor,1,0,9\nm,adult,1,0,8\n,minor,1,0,3\nf,,0,1,4\n,,1,1,2\nm,minor,1,1,1\n"
        "f,minor,0,1,5\nm,adult,0,1,6\n"
    )
    table = read(text, Declaration(("A", "B"), (SEX, age)))
    study = study_of(table, [Group("girls", Label("Girls"), {"sex": ("f",), "age": ("minor",)})])
    found = {(one.kind, one.level or one.group): one.table for one in assumptions_of(study)}
    assert list(found) == [
        ("dropped", ""),
        ("level", "f"),
        ("level", "m"),
        ("level", "minor"),
        ("level", "adult"),
        ("in-group", "girls"),
        ("not-in-group", "girls"),
    ]
    girls = study.groups["girls"].strata(table)
    assert found["in-group", "girls"].registered_in(girls).lower == 9 + 5 + 3 + 4 + 2
    least = found["not-in-group", "girls"].registered_in(girls)
    assert (least.lower, least.upper) == (9 + 5, 9 + 5)
    assert table.registered_in(girls).upper == 9 + 5 + 3 + 4 + 2


@pytest.mark.slow
def test_the_ends_hold_the_truth_in_most_tables():
    """Half of the women and a twentieth of the men without a sex, twenty tables: by the model hardly ever held."""
    tables = [simulated(100 + number, (0.5, 0.05)) for number in range(20)]
    cases = []
    for number, table in enumerate(tables):
        study = study_of(table, GROUPS)
        levels = [one.table for one in assumptions_of(study) if one.kind == "level"]
        for name, one in zip(("model", "f", "m"), (table, *levels), strict=True):
            sampler = replace(QUICK, seed=7)
            cases.append(Case(f"{name} {number}", replace(study, table=one), read_priors("independence"), sampler))
    fits = fit_cases(cases, workers=1)
    by_model = by_ends = 0
    for number in range(20):
        model, high, low = (fits[f"{name} {number}"].groups["women"].limits() for name in ("model", "f", "m"))
        by_model += model[0] <= WOMEN <= model[1]
        by_ends += low[0] <= WOMEN <= high[1]
    assert by_ends == 20
    assert by_model == 0
