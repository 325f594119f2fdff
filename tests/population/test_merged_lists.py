"""A list that gets its people from another: declared, taken as one, and what that changes."""

from __future__ import annotations

import numpy as np
import pytest

from estimator import estimate
from estimator.errors import InputError
from estimator.methods.door import SamplerSettings
from estimator.methods.registry import method_named
from estimator.population.cautions import cautions_of
from estimator.population.referrals import declared_referrals, referral_effects, unseen_at_least
from estimator.population.statements_of_study import decision_reasons
from estimator.reasons import Reason
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.study.priors import read_priors
from estimator.study.study import read_study
from estimator.words.words import words_in

STUDY = """title = "A referral"
source = "Made up"
[lists.P]
label = "Police"
label_nl = "Politie"
[lists.Z]
label = "Shelters"
[lists.K]
[lists.H]
[covariates.sex]
levels = ["f", "m"]
[model]
priors = "independence"
three_list = [["P", "Z", "K"], ["P", "K", "H"]]
[[false_positives]]
list = "Z"
share = [0.01, 0.02]
reason = "Followed up"
"""
REFERRAL = '[[decisions]]\nname = "fed"\nlist = "Z"\nfed_by = "P"\nchoice = "merge"\nreason = "Most come by police"\n'
PEOPLE = 2000


def table() -> str:
    """2,000 people: a third on the police list, two in five of these in a shelter, hardly anybody else there."""
    rng = np.random.default_rng(3)
    rows: dict[tuple[object, ...], int] = {}
    for sex in "fm":
        for _ in range(PEOPLE // 2):
            police, border, hotline = rng.random() < 0.35, rng.random() < 0.2, rng.random() < 0.15
            shelter = rng.random() < (0.4 if police else 0.03)
            if police or border or hotline or shelter:
                key = (sex, *map(int, (police, shelter, border, hotline)))
                rows[key] = rows.get(key, 0) + 1
    return "sex,P,Z,K,H,count\n" + "".join(f"{','.join(map(str, key))},{n}\n" for key, n in sorted(rows.items()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("referral")
    (folder / "table.csv").write_text(table())
    (folder / "study.toml").write_text(STUDY + REFERRAL)
    return folder


def test_the_merged_list_stands_in_the_study(folder):
    study = read_study(folder)
    apart = read_study(folder, {"fed": "keep"})
    assert study.table.lists == ("P+Z", "K", "H")
    assert study.table.registered == apart.table.registered
    assert study.labels.lists["P+Z"].text("en") == "Police + Shelters"
    assert study.labels.lists["P+Z"].text("nl") == "Politie + Shelters"
    assert study.model.three_list == (("P+Z", "K", "H"),)
    (share,) = study.model.false_positives
    sizes, whole = apart.table.list_sizes(), study.table.list_sizes()["P+Z"].lower
    assert share.list == "P+Z"
    assert share.share == pytest.approx((0.01 * sizes["Z"].lower / whole, 0.02 * sizes["Z"].lower / whole))
    assert apart.table.lists == ("P", "Z", "K", "H")
    assert apart.decisions[0].chosen_for_this_run


def test_what_is_said(folder):
    said = words_in("en").say_all(decision_reasons(read_study(folder)))
    assert said == [
        "Decided: Shelters (Z) gets people from Police (P), and the two are taken as one list: Most come by police"
    ]
    dutch = words_in("nl").say_all(decision_reasons(read_study(folder, {"fed": "keep"})))
    assert "krijgt mensen van Politie (P), en de twee blijven apart (alleen voor deze run" in dutch[0]


def test_what_it_changes_is_counted_either_way(folder):
    merged, apart = (referral_effects(read_study(folder, {"fed": choice})) for choice in ("merge", "keep"))
    (one,), (two,) = merged, apart
    assert one["merged"] and not two["merged"]
    assert {name: value for name, value in one.values.items() if name != "merged"} == {
        name: value for name, value in two.values.items() if name != "merged"
    }
    lists = read_study(folder, {"fed": "keep"}).table
    counts = dict(zip(lists.history_labels, lists.history_totals()[0].tolist(), strict=True))
    both = sum(n for name, n in counts.items() if {"P", "Z"} <= set(name.split("&")))
    twice = sum(n for name, n in counts.items() if "&" in name)
    only_these = counts["P&Z"]
    assert (one["both_lower"], one["both_upper"]) == (both, both)
    assert one["twice_or_more"] == twice
    assert one["twice_or_more_merged"] == twice - only_these
    assert one["unseen"] < one["unseen_merged"]
    assert words_in("nl").say(one).startswith("Wat dat verandert: ")


def test_chaos_bound_of_two_lists_is_that_of_lincoln_and_petersen(folder):
    from tests.capture.capture_examples import read

    assert unseen_at_least(read("A,B,count\n1,0,30\n0,1,20\n1,1,10\n")) == 30 * 20 / 10
    assert unseen_at_least(read("A,B,count\n1,0,30\n0,1,20\n")) is None


def test_pairs_that_are_declared(folder, tmp_path):
    assert declared_referrals(read_study(folder)) == {frozenset("PZ")}
    (tmp_path / "table.csv").write_text(table())
    (tmp_path / "study.toml").write_text(STUDY)
    assert declared_referrals(read_study(tmp_path)) == frozenset()


def test_the_truth_comes_back_when_the_two_are_one(folder):
    short = SamplerSettings(draws=500, warmup=500)
    plain = STUDY[: STUDY.index("three_list")]
    (folder / "plain.toml").write_text(plain + REFERRAL)
    found = {
        choice: estimate(read_study(folder / "plain.toml", {"fed": choice}), beside=(), sampler=short)
        for choice in ("keep", "merge")
    }
    keep, merge = (found[choice].groups["total"].N for choice in ("keep", "merge"))
    assert keep.upper < PEOPLE
    assert merge.lower < PEOPLE < merge.upper
    found["merge"].save(folder / "run")
    run = read_run(folder / "run")
    assert run.facts.lists == ["P+Z", "K", "H"]
    assert (run.facts.decisions[0].choice, run.facts.decisions[0].fed_by) == ("merge", "P")
    assert estimate_of_run(run).study.table.lists == ("P+Z", "K", "H")


def test_priors_that_name_a_merged_list_are_not_used_and_that_is_said(folder, tmp_path):
    (tmp_path / "table.csv").write_text(table())
    (tmp_path / "study.toml").write_text((STUDY + REFERRAL).replace('"independence"', '"own.toml"'))
    own = read_priors("nl-2017")
    able = method_named("loglinear").abilities

    def cautions(first, second):
        from estimator.study.priorsections import PairStatement

        stated = PairStatement.model_validate(
            {"lists": [first, second], "odds_ratio": {"log_normal": [1, 1]}, "reason": "r"}
        )
        changed = own.model_copy(update={"dependence": own.dependence.model_copy(update={"pairs": (stated,)})})
        return [one for one in cautions_of(read_study(folder), changed, able) if one.code == "priors-of-merged-lists"]

    assert cautions("P", "K") == [Reason("priors-of-merged-lists", lists=("P",))]
    assert cautions("Z", "P") == []
    assert cautions("H", "K") == []


CHAIN = '[[decisions]]\nname = "chain"\nlist = "K"\nfed_by = "Z"\nchoice = "merge"\nreason = "r"\n'


def test_a_chain_of_referrals(folder, tmp_path):
    (tmp_path / "table.csv").write_text(table())
    (tmp_path / "study.toml").write_text(STUDY + REFERRAL + CHAIN)
    study = read_study(tmp_path)
    assert study.table.lists == ("P+Z+K", "H")
    assert study.model.three_list == ()
    assert study.labels.lists["P+Z+K"].text("en") == "Police + Shelters + K"
    again = '[[decisions]]\nname = "again"\nlist = "K"\nfed_by = "P"\nchoice = "merge"\nreason = "r"\n'
    (tmp_path / "study.toml").write_text(STUDY + REFERRAL + CHAIN + again)  # the two are one already
    assert read_study(tmp_path).table.lists == ("P+Z+K", "H")
    last = '[[decisions]]\nname = "last"\nlist = "H"\nfed_by = "P"\nchoice = "merge"\nreason = "r"\n'
    (tmp_path / "study.toml").write_text(STUDY + REFERRAL + CHAIN + last)
    with pytest.raises(InputError, match="'last' merges lists 'H' and 'P'. Only one list would be left"):
        read_study(tmp_path)
    assert read_study(tmp_path, {"last": "keep"}).table.lists == ("P+Z+K", "H")


def test_a_referral_from_a_list_that_another_decision_drops_changes_nothing(tmp_path):
    gone = '[[decisions]]\nname = "gone"\nlist = "P"\nchoice = "drop"\nreason = "r"\n'
    (tmp_path / "table.csv").write_text(table())
    (tmp_path / "study.toml").write_text(STUDY + REFERRAL.replace("merge", "keep") + gone)
    study = read_study(tmp_path)
    assert study.table.lists == ("Z", "K", "H")
    assert referral_effects(study) == ()


def test_a_merge_and_a_drop_of_one_list_contradict_each_other(folder, tmp_path):
    drop = '[[decisions]]\nname = "gone"\nlist = "P"\nchoice = "drop"\nreason = "r"\n'
    (tmp_path / "table.csv").write_text(table())
    (tmp_path / "study.toml").write_text(STUDY + REFERRAL + drop)
    with pytest.raises(InputError, match="drops list 'P', and 'fed' merges it"):
        read_study(tmp_path)
    (tmp_path / "study.toml").write_text(STUDY + REFERRAL + drop + 'where = { sex = "f" }\n')
    study = read_study(tmp_path)  # where the police did not run, the merged list is what the shelters saw
    assert study.table.lists == ("P+Z", "K", "H")
    assert study.table.running.all()
    with pytest.raises(InputError, match="merged with the one from which it gets people"):
        read_study(tmp_path, {"gone": "merge"})
