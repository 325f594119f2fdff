"""Held-out lists: the fit against quadrature, and the report against the truth."""

import json
import math
from dataclasses import asdict
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from estimator.calibration.at_scale import Running
from estimator.calibration.held_out import Case, HeldOutReport, held_out
from estimator.calibration.held_out_fits import HeldOutFit, Source, fit_held_out, held_out_of, table_of
from estimator.calibration.public_evidence import counts_digest
from estimator.errors import InputError, NotEstimableError
from estimator.fits.scores import QUANTILES, Judged
from estimator.reasons import Reason
from estimator.report.figures.held_out import draw_held_out
from estimator.report.terminal.held_out import held_out_text
from estimator.shipped import folder
from estimator.words.words import words_in
from tests.methods.model_examples import read

TABLE = "A,B,C,count\n1,0,0,61\n0,1,0,55\n0,0,1,40\n1,1,0,30\n1,0,1,24\n0,1,1,9\n1,1,1,13\n"
DRAWS = 1500
WORDS = words_in("en")
OWN = {"strata": "each", "form": "pairs"}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return str(path)


def exact_distribution(overrides_sd):
    """P(N <= n) for the people on A (30 on B, 24 on C, 13 on both; 61 on neither), by a grid over three parameters.

    Under the priors `independence`: ratio 0.2-50 with 95 % probability, odds log-normal (-2, 1.5).
    """
    low, high = math.log(0.2), math.log(50)
    log_n0 = np.linspace(math.log(67) - 5, math.log(67) + 5, 161)
    odds = np.linspace(-6, 4, 161)
    z, a, b = np.meshgrid(log_n0, odds, odds, indexing="ij")
    log_posterior = -0.5 * ((z - math.log(67) - (low + high) / 2) / ((high - low) / 2 / 1.959964)) ** 2
    log_posterior -= 0.5 * (((a + 2) / 1.5) ** 2 + ((b + 2) / 1.5) ** 2)
    for people, log_mean in ((30, z + a), (24, z + b), (13, z + a + b)):
        log_posterior += people * log_mean - np.exp(log_mean)
    weight = np.exp(log_posterior - log_posterior.max()).sum(axis=(1, 2))
    weight /= weight.sum()
    unseen = np.arange(0, 4000)
    below = stats.poisson.cdf(unseen[:, None], np.exp(log_n0)[None]) @ weight
    return 67 + unseen, below


def test_a_held_out_list_against_quadrature(table):
    fit = HeldOutFit(Source(table), "A", "independence", seed=3, draws=DRAWS)
    found = fit_held_out(asdict(fit))
    assert (found["size"], found["registered"], found["unseen"], found["lists"]) == (128, 67, 61, 2)
    people, below = exact_distribution(None)
    for probability, quantile in zip(QUANTILES, found["quantiles"], strict=True):
        # the draws are counts: the exact probability of at most so many, within the error of a thousand free draws
        error = 4 * math.sqrt(probability * (1 - probability) / 1000)
        assert np.interp(quantile - 1, people, below) - error < probability
        assert probability < np.interp(quantile + 1, people, below) + error
    assert found["scale"] is None
    assert len(found["log_implied"]) == 500


def test_the_residual_makes_intervals_wider_and_leaves_the_middle(table):
    stated = {
        "residual.form": "stated", "residual.ratio.between": "[0.25, 4]", "residual.ratio.probability": "0.95",
    }  # fmt: skip
    without, with_it = (
        fit_held_out(asdict(HeldOutFit(Source(table), "A", "independence", more, seed=3, draws=DRAWS)))
        for more in ({}, stated)
    )
    assert with_it["log_implied"] == without["log_implied"]
    narrow, wide = (np.log(np.array(one["quantiles"]) - 67) for one in (without, with_it))
    # log dark figure: variances of independent parts add up
    half = (wide[-1] - wide[0]) / 2
    expected = math.hypot((narrow[-1] - narrow[0]) / 2, math.log(4))
    assert half == pytest.approx(expected, rel=0.12)
    assert wide[3] == pytest.approx(narrow[3], abs=0.15)


def test_strata_are_added_up_on_demand():
    table, model = table_of(Source("spina-bifida-1969"))
    together, pooled_model = table_of(Source("spina-bifida-1969", pooled=True))
    assert (table.n_strata, together.n_strata) == (3, 1)
    assert together.registered == table.registered
    assert model.heterogeneity and not pooled_model.heterogeneity


def test_terms_about_the_held_out_list_go(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE.replace("A,B,C,count", "A,B,C,count"))
    (tmp_path / "study.toml").write_text(
        'title = "t"\nsource = "s"\ntable = "table.csv"\n[lists.A]\nlabel="A"\n[lists.B]\nlabel="B"\n[lists.C]\n'
        'label="C"\n[model]\nthree_list = [["A", "B", "C"]]\n'
    )
    assert held_out_of(Source(str(tmp_path)), "A")[1].three_list == ()


def test_another_method_is_held_against_the_same_lists(table):
    """Of the 67 people on A whom B or C saw, 30 B alone, 24 C alone, 13 both: the bound is 30 * 24 / (13 + 1) more."""
    found = fit_held_out(
        asdict(HeldOutFit(Source(table), "A", "wide", draws=20_000, method="lower-bound", options=OWN))
    )
    rng = np.random.default_rng(1)
    means = rng.gamma(30, size=400_000) * rng.gamma(24, size=400_000) / rng.gamma(15, size=400_000)
    expected = 67 + np.quantile(rng.poisson(means), QUANTILES)
    assert found["quantiles"] == pytest.approx(expected, rel=0.03)
    assert (found["size"], found["registered"], found["rhat"]) == (128, 67, 1.0)
    said = held_out([table], method="lower-bound", running=Running(workers=1))
    assert (said.method, said.bound, said.priors) == ("lower-bound", True, ("none",))
    assert [case.list for case in said.cases] == ["A", "B", "C"]
    assert said.learned_from == ()


def test_what_a_method_cannot_read_is_left_out_with_the_reason(tmp_path):
    """Nobody knows the sex of 9 people on A and B; only the people on C are all of a known stratum."""
    counts = {"1,0,0": 61, "0,1,0": 55, "0,0,1": 40, "1,1,0": 30, "1,0,1": 24, "0,1,1": 19, "1,1,1": 13}
    rows = [f"{lists},{sex},{n}" for lists, n in counts.items() for sex in "fm"]
    (tmp_path / "table.csv").write_text("\n".join(["A,B,C,sex,count", *rows, "1,1,0,,9", ""]))
    (tmp_path / "study.toml").write_text(
        'title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n[lists.C]\n[covariates.sex]\nlevels = ["f", "m"]\n'
    )
    said = held_out([str(tmp_path)], method="lower-bound", running=Running(workers=1))
    assert [case.list for case in said.cases] == ["C"]
    assert {name: why.code for (_, name), why in said.left_out.items()} == dict.fromkeys(
        "AB", "bound-needs-known-strata"
    )


def test_studies_for_several_methods_ask_which(table, tmp_path):
    (tmp_path / "study.toml").write_text(
        'title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n[lists.C]\n[model]\nmethod = "lower-bound"\n'
    )
    with pytest.raises(InputError, match="Say which one: --method"):
        held_out([str(tmp_path), "uk-2013"], running=Running(workers=1))


@pytest.fixture(scope="module")
def report():
    return held_out(["hiv-rome-1990", "artificial-3"], ["independence"], draws=400, running=Running(workers=1))


def test_the_report_says_what_was_held_out_and_what_was_not(report):
    assert report.tables == ("hiv-rome-1990",)
    assert [case.list for case in report.of("independence")] == ["C1", "C2", "C3", "C4"]
    assert [case.judged.truth for case in report.cases] == [466, 630, 693, 236]
    assert report.left_out == {("artificial-3", name): Reason("too-few-other-lists") for name in "ABC"}
    text = held_out_text(report, WORDS)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "4 lists of one table" in text
    assert "artificial-3: A, B and C: " in text
    # independent lists are a wrong assumption here, and the report shows it
    score = report.score("independence")
    assert score.too_low >= 0.5
    assert "too low" in text
    assert json.loads(json.dumps(report.to_dict()))["scores"]["independence"]["all"]["cases"] == 4


def test_a_picture_has_a_panel_for_each_set_of_priors(report):
    figure = draw_held_out(report, WORDS)
    titled = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert len(titled) == 1
    assert titled[0].startswith("independence: ")


def test_every_interval_fits_into_the_picture():
    """The panels share their axes: the widest set of priors decides, wherever it stands."""
    narrow = dict(zip(QUANTILES, (80, 85, 90, 100, 110, 115, 120), strict=True))
    broad = dict(zip(QUANTILES, (5, 20, 50, 100, 300, 800, 9000), strict=True))
    cases = [Case("t", "L", name, Judged("t", 100.0, q), 40, 3, True) for name, q in (("b", broad), ("n", narrow))]
    for order in (["b", "n"], ["n", "b"]):
        for ax in draw_held_out(HeldOutReport(tuple(cases)), WORDS, order).axes:
            low, high = ax.get_ylim()
            assert low < 5
            assert high > 9000


def test_nothing_to_hold_out_is_not_estimable():
    """Lists that cannot be held out for the same reason are named together."""
    with pytest.raises(NotEstimableError) as refused:
        held_out(["artificial-3"], ["independence"], running=Running(workers=1))
    why = Reason("too-few-other-lists")
    assert refused.value.reasons == (
        Reason("no-list-can-be-held-out"),
        Reason("lists-not-held-out", table="artificial-3", lists=["A", "B", "C"], why=why),
    )


def test_strata_that_are_added_up_are_named_in_the_heading():
    found = held_out(["spina-bifida-1969"], ["independence"], pooled=True, draws=200, running=Running(workers=1))
    heading = held_out_text(found, WORDS).partition("\n\n")[0]
    assert " ".join(heading.split()).endswith("; strata added up")
    assert found.to_dict()["pooled"]


def test_a_study_named_twice_is_refused():
    with pytest.raises(InputError, match="named twice"):
        held_out(["uk-2013", "uk-2013"], ["independence"], running=Running(workers=1))


def test_results_are_kept_and_found_again(tmp_path, table):
    first = held_out([table], ["independence"], draws=300, running=Running(tmp_path / "kept", 1))
    seen: list[tuple[int, int]] = []
    again = held_out(
        [table],
        ["independence"],
        draws=300,
        running=Running(tmp_path / "kept", 1, progress=lambda a, b: seen.append((a, b))),
    )
    assert seen == [(3, 3)]
    assert again == first


def test_a_table_that_is_all_misses():
    quantiles = dict(zip(QUANTILES, (50, 60, 80, 90, 110, 120, 200), strict=True))
    case = Case("t", "L", "p", Judged("t", 900.0, quantiles), 40, 3, converged=False)
    text = held_out_text(HeldOutReport((case,), {}, {"t: M, p": "ValueError: x"}), WORDS)
    assert "too low" in text
    assert "did not quite agree" in text
    assert "Could not be fitted" in text


def test_tables_that_the_evidence_was_learned_from_are_named(tmp_path, table):
    """By their content: a copy under another name is no test of it either."""
    copy = tmp_path / "ours.csv"
    copy.write_bytes((folder("data") / "spina-bifida-1969" / "table.csv").read_bytes())
    found = held_out([table, str(copy)], ["evidence"], draws=200, running=Running(workers=1))
    assert found.learned_from == ("ours",)
    words = " ".join(held_out_text(found, WORDS).split())
    assert "The priors evidence were learned from ours, so that these lists are no test of them." in words
    assert held_out([str(copy)], ["independence"], draws=200, running=Running(workers=1)).learned_from == ()


def test_other_tables_and_priors_in_the_same_folder_are_other_fits(tmp_path, table):
    kept = tmp_path / "kept"
    first = held_out([table], ["independence"], draws=200, running=Running(kept, 1))
    seen: list[tuple[int, int]] = []
    more = held_out([table], ["independence", "wide"], draws=200,
                    running=Running(kept, 1, progress=lambda done, of: seen.append((done, of))))  # fmt: skip
    assert seen[0] == (3, 6)
    assert more.of("independence") == list(first.cases)
    (tmp_path / "table.csv").write_text(TABLE.replace("1,1,1,13", "1,1,1,14"))
    table_of.cache_clear()
    held_out_of.cache_clear()
    seen.clear()
    held_out([table], ["independence"], draws=200,
             running=Running(kept, 1, progress=lambda done, of: seen.append((done, of))))  # fmt: skip
    assert seen[0] == (0, 3)


def test_the_same_priors_twice_are_refused(table):
    with pytest.raises(InputError, match="say the same"):
        held_out([table], ["evidence", "default"], running=Running(workers=1))


def test_a_copy_of_a_table_under_another_name_is_refused(tmp_path, table):
    (tmp_path / "again.csv").write_text(TABLE)
    with pytest.raises(InputError, match="counts the same people as"):
        held_out([table, str(tmp_path / "again.csv")], ["independence"], running=Running(workers=1))


@pytest.mark.parametrize(("lists", "said"), [(1, "One list is too few"), (8, "8 lists are too few"), (30, "")])
def test_a_handful_of_lists_is_said_to_prove_little(lists, said):
    quantiles = dict(zip(QUANTILES, (50, 60, 80, 90, 110, 120, 200), strict=True))
    cases = [Case("t", f"L{i}", "p", Judged("t", 100.0, quantiles), 40, 3, True) for i in range(lists)]
    words = " ".join(held_out_text(HeldOutReport(tuple(cases)), WORDS).split())
    assert ("too few to tell" in words) == bool(said)
    assert said in words
    if lists == 8:
        assert "with a probability of 17 %" in words  # 0.8 ** 8


HISTORIES = [f"{history:04b}" for history in range(1, 16)]
TIED = "1100:5 1010:3 1001:2 0110:2 0101:3 0011:5"  # four lists that count alike, and are not


def digest_of(counts, names, strata=None):
    """Digest of a table of four lists; people may be divided over the strata of a covariate."""
    rows = [(history, count, "") for history, count in counts]
    if strata is not None:
        rows = [
            (h, part, level)
            for (h, n, _), first in zip(rows, strata, strict=True)
            for part, level in ((min(first, n), "m"), (n - min(first, n), "f"))
        ]
    lines = [",".join([*history, *([level] if level else []), str(count)]) for history, count, level in rows]
    header = ",".join([*names, *(["sex"] if strata is not None else []), "count"])
    return counts_digest(read("\n".join([header, *lines]) + "\n"))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_digest_of_counts_knows_a_table_whatever_its_names_order_and_strata(data):
    """And another table as another: one person more, in any combination. Small counts, so that lists tie."""
    counts = list(zip(HISTORIES, data.draw(st.lists(st.integers(0, 3), min_size=15, max_size=15)), strict=True))
    counts[0] = (counts[0][0], 2)  # strata need somebody
    order = data.draw(st.permutations(range(4)))
    shuffled = data.draw(st.permutations([("".join(history[place] for place in order), n) for history, n in counts]))
    names = data.draw(st.permutations(["P", "Q", "R", "S"]))
    strata = data.draw(st.lists(st.integers(0, 3), min_size=15, max_size=15))
    found = digest_of(counts, "ABCD")
    assert digest_of(shuffled, names) == found
    assert digest_of(shuffled, names, strata) == found
    place = data.draw(st.integers(0, 14))
    assert digest_of([(h, n + (at == place)) for at, (h, n) in enumerate(counts)], "ABCD") != found


def test_the_digest_of_counts_when_lists_count_alike():
    counts = [(history, int(n)) for history, n in (one.split(":") for one in TIED.split())]
    found = {
        digest_of([("".join(h[i] for i in order), n) for h, n in counts], "ABCD") for order in permutations(range(4))
    }
    assert len(found) == 1
