"""A survey file: read with every fault at once, and what the shipped one implies, counted out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, gammaln, logit
from survey_examples import SURVEY

from estimator.errors import InputError
from estimator.signals.answers import survey_answers
from estimator.signals.record import read_survey_record
from estimator.signals.sums import possible
from estimator.signals.survey import read_survey
from estimator.signals.writing import save_survey

MARGIN = "\n[[questions.seen.margins]]\n"
THIRD = '\n[groups.c]\nlabel = "Group C"\nrespondents = 5\n'
HOW = '\n[questions.how]\nlabel = "How"\nof = "seen"\n'
NO_POOLING = '\n[model]\npooling = "none"\n'
GROUP_B, QUESTION, ANSWER_B = map(SURVEY.index, ("[groups.b]", "[questions.seen]", "[questions.seen.answers.b]"))
ONE_GROUP = SURVEY[:GROUP_B] + SURVEY[QUESTION:ANSWER_B]


@pytest.fixture
def write(tmp_path):
    def make(text: str = SURVEY, people: str | None = None):
        (tmp_path / "survey.toml").write_text(text, encoding="utf-8")
        if people is not None:
            (tmp_path / "people.csv").write_text(people, encoding="utf-8")
        return tmp_path

    return make


def faults_of(folder) -> list[str]:
    with pytest.raises(InputError) as found:
        read_survey(folder)
    return [str(fault) for fault in found.value.faults]


class TestDoctors:
    def test_the_consultants_are_bounded_by_what_the_article_says(self):
        """Every combination of emergency and public-health doctors and consultants, from the article's own words."""
        almost_half = [k for k in range(53) if 0.45 <= k / 52 < 0.5]
        just_under_40 = [k for k in range(195) if 0.38 <= k / 194 < 0.4]
        just_over_half = [k for k in range(333) if 0.5 < k / 332 <= 0.53]
        agree = [
            all(any(abs(100 * k / n - p) <= 0.05 + 1e-9 for k in range(n + 1)) for p in (84.4, 26.3, 19.2, 2.4))
            for n in range(1, 333)
        ]
        totals = [n for n in just_over_half if agree[n - 1]]
        assert [n for n in range(1, 333) if agree[n - 1]] == totals == [167]
        consultants = {
            total - 15 - 37 - emergency - public
            for emergency, public, total in product(almost_half, just_under_40, totals)
        } & {*range(18)}
        found = possible(read_survey("nl-doctors-2017").sums["suspected"])
        assert set(np.flatnonzero(found[4])) == consultants == {*range(13, 18)}
        assert set(np.flatnonzero(found[2])) == {*almost_half}

    def test_the_headline(self):
        record = survey_answers(read_survey("nl-doctors-2017"))
        suspected = record.questions["suspected"]
        assert (suspected.total.counts.least, suspected.total.counts.most) == (167, 167)
        assert suspected.total.share.lower < 167 / 332 < suspected.total.share.upper
        assert suspected.outside.groups == ["gp"]
        assert "abortion" in suspected.outside.unknown
        assert record.questions["forms"].asked == (167, 167)
        assert record.questions["forms"].options_per_person == (round(221 / 167, 4),) * 2

    def test_it_is_the_same_again(self):
        survey = read_survey("nl-doctors-2017")
        assert survey_answers(survey, draws=200).text() == survey_answers(survey, draws=200).text()
        assert survey_answers(survey, draws=200).text() != survey_answers(survey, draws=200, seed=2).text()


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "fragments"),
        [
            (SURVEY.replace("yes = 4", "yes = 11"), ["line 15, key questions.seen.answers.a", "only 10 were asked"]),
            (SURVEY.replace("yes = 4", "percent = 101"), ["percentage", "from 0 to 100"]),
            (SURVEY.replace("yes = 4", "percent = 45"), ["No number of 10 people is 45 %", "4 (40.0 %)", "5 (50.0 %)"]),
            (SURVEY.replace("yes = 4", "yes = 4\npercent = 40"), ["'yes' says it alone"]),
            (SURVEY.replace("yes = 4", ""), ["Nothing says how many said yes"]),
            (SURVEY.replace("yes = 4", "between = [5, 4]"), ["the fewest come first"]),
            (SURVEY.replace("answers.b]", "answers.bb]"), ["no group 'bb'", "Did you mean 'b'?"]),
            (SURVEY.replace("respondents = 20", "respondents = 0"), ["from 1 to 10000"]),
            (SURVEY.replace("respondents = 20", "respondents = 9999"), ["10009 respondents together"]),
            (SURVEY.replace("above = 0.2", "above = 0.36"), ["No number of 20 people lies between these bounds"]),
            (SURVEY + MARGIN + "yes = 20", ["add up to 11 at most", "one by 9 persons"]),
            (SURVEY + MARGIN + "yes = 8", ["add up to 9 at least", "one by 1 person."]),
            (SURVEY + MARGIN + 'groups = ["c"]\nyes = 5', ["no group 'c'"]),
            (SURVEY + '\n[selection]\nquestion = "sene"\nodds_ratio = {log_normal = [0, 1]}\nreason = "x"',
             ["no question 'sene'", "Did you mean 'seen'?"]),
            (SURVEY + '\n[questions.how]\nlabel = "How"', ["Nobody's answer is given"]),
        ],
    )  # fmt: skip
    def test_one_sentence_with_its_line(self, write, text, fragments):
        faults = faults_of(write(text))
        for fragment in fragments:
            assert any(fragment in fault for fault in faults), faults

    def test_margins_that_cross_each_other(self, write):
        margins = [f'{MARGIN}groups = ["{one}", "{other}"]\nat_most = 0.9\n' for one, other in ("ab", "bc")]
        [fault] = faults_of(write(SURVEY + THIRD + "".join(margins)))
        assert "Of margins that cross each other only one can be used" in fault

    def test_nested_margins_are_used(self, write):
        nested = SURVEY + THIRD + f'{MARGIN}groups = ["a", "b"]\nyes = 10\n{MARGIN}yes = 12\n'
        found = possible(read_survey(write(nested)).sums["seen"])
        assert [list(np.flatnonzero(one)) for one in found] == [[4], [6], [2]]

    def test_every_fault_at_once(self, write):
        assert len(faults_of(write(SURVEY.replace("yes = 4", "yes = 11").replace("above = 0.2", "above = 0.36")))) == 2

    def test_percentages_of_another_number_of_people(self, write):
        """33.3 % are possible of 9 people, and 10 said yes."""
        options = f'{HOW}[questions.how.options.x]\nlabel = "X"\npercent = 33.3\n'
        faults = faults_of(write(SURVEY + MARGIN + "yes = 10\n" + options))
        assert any("cannot hold at once" in fault for fault in faults), faults

    def test_no_such_survey(self, tmp_path):
        assert "nl-doctors-2017" in faults_of(tmp_path)[0]

    @pytest.mark.parametrize(
        ("rows", "fragment"),
        [
            ("c,5,2017,x", "no group of this name"),
            ("a,many,2017,x", "is not a number"),
            ("a,5,2017,", "or leave persons blank"),
            ("a,5,2017,x\na,6,2017,x", "has this group already"),
        ],
    )
    def test_people_outside(self, write, rows, fragment):
        text = SURVEY + '\n[population]\nfile = "people.csv"\n'
        assert any(fragment in fault for fault in faults_of(write(text, f"group,persons,year,source\n{rows}\n")))


class TestAnswers:
    def test_people_outside_are_those_of_groups_of_known_size(self, write):
        text = SURVEY + '\n[model]\npooling = "none"\n[population]\nfile = "people.csv"\n'
        people = "group,persons,year,source\na,1000,2017,Somebody\nb,,2017,\n"
        record = survey_answers(read_survey(write(text, people)))
        outside = record.questions["seen"].outside
        assert (outside.groups, outside.unknown, outside.persons) == (["a"], ["b"], 1000)
        exact = stats.beta(5, 7)
        error = 1.3 * exact.std() / np.sqrt(record.draws)  # of a median, 1.25 times that of a mean
        assert outside.people.median / 1000 == pytest.approx(exact.median(), abs=5 * error)

    def test_the_tipping_point_of_one_group_is_a_ratio_of_odds(self, write):
        text = ONE_GROUP + (
            '\n[[comparisons]]\nquestion = "seen"\nshare = [0.1, 0.2]\nlabel = "Others"\ncaution = "x"\n'
            '\n[selection]\nquestion = "seen"\nodds_ratio = {log_normal = [0.7, 0.01]}\nreason = "x"\n'
        )
        record = survey_answers(read_survey(write(text)), draws=20_000)
        posterior = stats.beta(5, 7)
        for tip in record.selection.tipping:
            exact = np.exp(logit(posterior.median()) - logit(tip.share))
            spread = np.exp(logit(posterior.ppf([0.025, 0.975])) - logit(tip.share))
            assert tip.median == pytest.approx(exact, rel=0.03)
            assert (tip.lower, tip.upper) == pytest.approx(tuple(spread), rel=0.06)
        assert record.selection.share.median == pytest.approx(expit(logit(posterior.median()) - 0.7), abs=0.01)

    def test_selection_that_is_declared_is_taken_out(self):
        """Doctors of whom 30 % saw one, and who then answered three times as readily: the share comes back."""
        from estimator.signals.answers import _without_selection

        answered = 0.3 * 0.15 / (0.3 * 0.15 + 0.7 * 0.05)
        assert _without_selection(np.array([[answered]]), 3.0)[0, 0] == pytest.approx(0.3)

    def test_pairs_of_options_against_every_overlap(self, write):
        """Of 10 people 6 chose X and 7 chose Y: 3 to 6 chose both, each weighed by its Dirichlet-multinomial chance."""
        options = "".join(
            f'[questions.how.options.{name}]\nlabel = "{name}"\nyes = {yes}\n' for name, yes in (("x", 6), ("y", 7))
        )
        text = SURVEY.replace("above = 0.2\nbelow = 0.4", "yes = 6") + HOW + options + NO_POOLING
        record = survey_answers(read_survey(write(text)), draws=5000)
        [pair] = record.questions["how"].differences
        assert (pair.both_least, pair.both_most) == (3, 6)
        cells = np.array([[both, 6 - both, 7 - both, both - 3] for both in range(3, 7)])
        weight = np.exp((gammaln(cells + 0.5) - gammaln(cells + 1)).sum(1))
        weight /= weight.sum()
        # the first of two gamma numbers with shapes a and b is the larger with the chance of Beta(a, b) above a half
        chance = weight @ stats.beta(cells[:, 1] + 0.5, cells[:, 2] + 0.5).sf(0.5)
        assert pair.probability == pytest.approx(chance, abs=4.5 * np.sqrt(chance * (1 - chance) / 5000))

    def test_how_far_a_pair_of_options_may_differ(self, write):
        """Of 10 people 5 chose X and 5 chose Y: from none to all 5 chose both, each weighed by its chance."""
        options = "".join(f'[questions.how.options.{name}]\nlabel = "{name}"\nyes = 5\n' for name in "xy")
        text = SURVEY.replace("above = 0.2\nbelow = 0.4", "yes = 6") + HOW + options + NO_POOLING
        record = survey_answers(read_survey(write(text)), draws=20_000)
        [pair] = record.questions["how"].differences
        cells = np.array([[both, 5 - both, 5 - both, both] for both in range(6)])
        weight = np.exp((gammaln(cells + 0.5) - gammaln(cells + 1)).sum(1))
        shape = cells + 0.5
        total = shape.sum(1)
        # a difference of two shares of a Dirichlet has mean 0 here, and variance (a + b) / (n (n + 1))
        variance = weight @ ((shape[:, 1] + shape[:, 2]) / (total * (total + 1))) / weight.sum()
        assert pair.difference.sd == pytest.approx(np.sqrt(variance), rel=4.5 / np.sqrt(2 * 20_000) * 1.5)

    def test_what_percentages_say_of_the_number_who_were_asked(self, write):
        """A half is a number of people where they are even; of n people each number has the chance 1 / (n + 1)."""
        options = f'{HOW}[questions.how.options.x]\nlabel = "X"\npercent = 50\n'
        text = SURVEY.replace("above = 0.2\nbelow = 0.4", "between = [0, 20]") + options
        weight = read_survey(write(text)).sums["seen"].weight
        assert weight[4:25] == pytest.approx([1 / (n + 1) if n % 2 == 0 else 0 for n in range(4, 25)])

    def test_it_is_written_and_read_again(self, write, tmp_path):
        record = survey_answers(read_survey(write()), draws=200)
        save_survey(record, tmp_path / "out")
        assert read_survey_record(tmp_path / "out") == record
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
        rows = (tmp_path / "out" / "survey.csv").read_text().splitlines()
        assert len(rows) == 1 + 3
