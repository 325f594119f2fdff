"""The verdict over all checks, what a run folder keeps of it, its page, and publishing against it."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

from estimator import estimate
from estimator.checks.all_checks import CHECKS, CheckOptions, chosen_checks, do_check, not_done
from estimator.checks.finding import CAUTION, FAILS, Finding
from estimator.comparison.comparison import compare_runs
from estimator.errors import InputError
from estimator.fits.plain import plain
from estimator.methods.door import SamplerSettings
from estimator.methods.registry import METHODS
from estimator.notebooks import scrutinise
from estimator.population.thresholds import thresholds_hash
from estimator.reasons import Reason
from estimator.report.pages.comparison import comparison_html
from estimator.report.pages.scrutiny import scrutiny_page
from estimator.report.terminal.comparison import comparison_text
from estimator.report.terminal.scrutiny import verdict_in_words
from estimator.runs import replacing
from estimator.runs.manifest_digest import is_altered
from estimator.runs.reading import read_run
from estimator.scrutiny import scrutinise as module
from estimator.scrutiny.decision import publish_against_advice
from estimator.scrutiny.verdict import Outcome, OwnJudgement, judge
from estimator.words.words import words_in
from tests.methods.two_lists import HOME, NAME
from tests.scrutiny.scrutiny_examples import (
    BREAKS,
    CAREFUL,
    FAILING,
    FOLDER,
    LOOKED_AT,
    RUN,
    SOUND_ONLY,
    check,
    copied,
    estimated,
    failing,
    failing_at_other_numbers,
    faulty,
    hungry,
    mended,
    puzzled,
    say_it,
    steady,
    undrawable,
    wary,
    worse,
)

SCHEMA = json.loads(files("estimator.runs").joinpath("estimate.schema.json").read_text())
REASON = BREAKS.to_dict()
SAID = "The answer breaks when it is touched, 24 of 40 times."
WHY = "The council wants a number this year, and this is the best that there is."


@pytest.fixture(autouse=True)
def words(monkeypatch):
    say_it(monkeypatch)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    return folder, estimated(folder)


@pytest.fixture
def run(town, tmp_path):
    """A run of its own, which is fit to publish before it is scrutinised."""
    found = copied(town[0], tmp_path / "town")
    assert read(found)["publishable"] is True
    return found


def read(run, name: str = "estimate.json"):
    return json.loads((run / name).read_text(encoding="utf-8"))


def scrutinised(run, checks, **options):
    found = scrutinise(run, checks=checks, **options)
    found.save(["darkfigure", "scrutinise", "run"])
    return found


# The verdict


def outcome(
    check: str = "a", verdict: str = "sound", *reasons: str, done: bool = True, groups=(), day="02", thresholds="t"
) -> Outcome:
    finding = Finding(check, verdict, (Reason("said"),), {}, tuple(map(Reason, reasons)), groups, done)
    return Outcome(finding, f"2026-01-{day}T00:00:00+00:00", thresholds)


def reasons(*codes: str) -> tuple[Reason, ...]:
    return tuple(map(Reason, codes))


CLEAN = OwnJudgement((), ())


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ("sound", "sound"),
        ("sound sound", "sound"),
        ("sound caution", "caution"),
        ("caution fails sound", "fails"),
        ("", "sound"),
    ],
)
def test_the_worst_verdict_is_that_of_the_whole(verdicts, whole):
    found = [outcome(f"c{i}", verdict, *(["r"] * (verdict == "fails"))) for i, verdict in enumerate(verdicts.split())]
    judgement = judge(CLEAN, found, checks=[one.check for one in found])
    assert judgement.verdict == whole
    assert judgement.publishable is (whole != "fails")


QUICK = SamplerSettings(draws=1000, warmup=500, chains=2)


def test_a_check_that_was_left_out_is_a_caution():
    judgement = judge(CLEAN, [outcome("a")], checks=["a", "b"])
    assert (judgement.verdict, judgement.not_done, judgement.publishable) == ("caution", ("b",), True)
    assert judgement.cautions == (Reason("checks-left-out", checks=("b",)),)


def test_a_check_that_could_not_be_done_is_a_caution_and_no_reason():
    judgement = judge(CLEAN, [outcome("a", "caution", done=False)], checks=["a"])
    assert (judgement.verdict, judgement.not_done, judgement.reasons) == ("caution", ("a",), ())


def test_that_checks_do_not_serve_the_method_is_said_once():
    def refused(check, why):
        return Outcome(not_done(check, why), "2026-01-02T00:00:00+00:00", "t")

    other, memory = (
        Reason("check-does-not-serve-method", method="m", served=("loglinear",)),
        Reason("too-little-memory"),
    )
    found = [
        refused("a", other),
        outcome("b", "caution"),
        refused("c", other),
        refused("d", memory),
        refused("e", memory),
    ]
    judgement = judge(CLEAN, found, checks=[one.check for one in found])
    assert judgement.cautions == (
        Reason("checks-not-done", checks=("a", "c"), why=other),
        Reason("check-says", check="b", finding=Reason("said")),
        *(Reason("check-says", check=name, finding=Reason("check-not-done", why=memory)) for name in "de"),
    )
    assert judgement.not_done == ("a", "c", "d", "e")
    assert judge(CLEAN, found[:1], checks=["a"]).cautions == (found[0].said,)


def test_reasons_of_the_estimate_itself_stay():
    own = OwnJudgement(reasons("mine", "shared"), reasons("careful"))
    judgement = judge(own, [outcome("a", "fails", "shared", "found")], checks=["a"])
    assert judgement.reasons == reasons("mine", "shared", "found")
    assert judgement.found_reasons == reasons("shared", "found")
    assert judgement.cautions[0].code == "careful"


def test_no_evidence_is_not_unsound():
    own = OwnJudgement(reasons("table-synthetic"), ())
    judgement = judge(own, [outcome("a")], checks=["a"])
    assert (judgement.publishable, judgement.unsound) == (False, ())


def test_what_a_check_found_stands_until_it_is_done_again():
    before = [outcome("a", "fails", "r", day="01"), outcome("b")]
    elsewhere = judge(CLEAN, [outcome("b", "caution")], before, ["a", "b"])
    assert (elsewhere.reasons, elsewhere.verdict, elsewhere.not_done) == (reasons("r"), "fails", ())
    failed = judge(CLEAN, [outcome("a", "caution", done=False)], before, ["a", "b"])
    assert failed.reasons == reasons("r")
    assert (failed.remarks[0].code, failed.remarks[0]["found_on"]) == ("earlier-finding-stands", "2026-01-01")
    again = judge(CLEAN, [outcome("a")], before, ["a", "b"])
    assert (again.reasons, again.verdict) == ((), "sound")


def test_a_check_that_was_never_done_leaves_nothing_that_stands():
    before = [outcome("a", "caution", done=False, day="01")]
    elsewhere = judge(CLEAN, [outcome("b")], before, ["a", "b"])
    assert (elsewhere.not_done, [one.check for one in elsewhere.outcomes]) == (("a",), ["b"])
    assert elsewhere.cautions == (Reason("checks-left-out", checks=("a",)),)
    again = judge(CLEAN, [outcome("a", "caution", done=False)], before, ["a"])
    assert (again.remarks, again.not_done) == ((), ("a",))
    assert again.outcomes[0].date.startswith("2026-01-02")


def test_other_thresholds_than_todays_are_said():
    judgement = judge(CLEAN, [outcome("a", thresholds="new")], [outcome("b")], ["a", "b"])
    assert judgement.remarks == (Reason("other-thresholds", checks=("b",)),)


def test_groups_that_do_not_stand_alone_have_every_reason_once():
    found = [outcome(name, "caution", groups=("g",)) for name in ("a", "b")]
    titles = (Reason("quoted-check", check="a"), Reason("quoted-check", check="b"))
    assert judge(CLEAN, found, checks=["a", "b"]).not_alone == {"g": Reason("answer-mostly-prior", checks=titles)}


@pytest.mark.parametrize(
    ("checks", "own", "words"),
    [
        (SOUND_ONLY, (), "SOUND"),
        (CAREFUL, (), "WITH CAUTION"),
        (FAILING, (), "NOT FIT TO PUBLISH: one check fails."),
        (SOUND_ONLY, ("mine",), "NOT FIT TO PUBLISH: no check fails, but"),
        (SOUND_ONLY, ("table-synthetic",), "NOT TO BE PUBLISHED AS EVIDENCE"),
    ],
)
def test_words_of_each_verdict(town, checks, own, words):
    found = scrutinise(town[1], checks=checks)
    judgement = replace(found.judgement, own=OwnJudgement(reasons(*own), ()))
    said = verdict_in_words(replace(found, judgement=judgement).record(), words_in("en"))
    assert said.startswith(words)


# One check


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"check": "Two words"}, "words with hyphens"),
        ({"verdict": "fine"}, "a verdict is one of"),
        ({"statements": ()}, "at least one thing"),
        ({"verdict": "fails"}, "go with the verdict"),
        ({"reasons": (BREAKS,)}, "go with the verdict"),
    ],
)
def test_a_finding_whose_parts_do_not_fit_is_refused(parts, message):
    whole = {"check": "a", "verdict": "sound", "statements": (BREAKS,)} | parts
    with pytest.raises(ValueError, match=message):
        Finding(**whole)


def test_numbers_become_plain_json():
    value = {1: np.float64(2.5), "a": np.arange(3), "b": [np.nan, np.inf, None, True, np.bool_(False)], "c": {"y", "x"}}
    assert plain(value) == {"1": 2.5, "a": [0, 1, 2], "b": [None, None, None, True, False], "c": ["x", "y"]}
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == plain(value)
    with pytest.raises(TypeError, match="object has no place"):
        plain({"a": object()})


@pytest.mark.parametrize(
    ("function", "code", "words"),
    [
        (hungry, "too-little-memory", "not enough memory"),
        (puzzled, "check-has-no-answer", "Nobody is on two lists."),
        (faulty, "fault-of-the-tool", "darkfigure itself failed (ZeroDivisionError: aaaa"),
        (failing, "fault-of-the-tool", "returned the finding of failing"),
    ],
)
def test_the_failure_of_a_check_is_a_finding(town, function, code, words):
    heard = []
    found = do_check(
        "x",
        town[1],
        CheckOptions(),
        {"x": check(function)},
        lambda name, error: heard.append((name, error)),
    )
    assert (found.check, found.verdict, found.done) == ("x", "caution", False)
    assert (found.headline.code, found.headline["why"].code) == ("check-not-done", code)
    said = words_in("en").say(found.headline)
    assert words in said
    assert len(said) < 400
    assert [name for name, _ in heard] == ["x"]


def test_a_module_that_is_not_there_is_a_finding_too(town):
    missing = module.Check("estimator.scrutiny.nowhere:nothing")
    assert not do_check("x", town[1], CheckOptions(), {"x": missing}).done


def test_ctrl_c_ends_all_checks(town):
    def interrupted(_estimate):
        raise KeyboardInterrupt

    class Broken(module.Check):
        def load(self):
            return interrupted

    with pytest.raises(KeyboardInterrupt):
        do_check("x", town[1], CheckOptions(), {"x": Broken("a:b")})


def test_a_check_gets_the_options_that_it_has_a_parameter_for(town):
    said = do_check("wary", town[1], CheckOptions(limits=(5, 9), seed=3, simulations=9), CAREFUL).headline
    assert (said["limits"], said["seed"]) == ((5, 9), 3)
    said = do_check("wary", town[1], CheckOptions(), CAREFUL).headline
    assert (said["limits"], said["seed"]) == ((), 1)


def by_method(made, name):
    """The same estimate, had another method made it."""
    return replace(made, posterior=replace(made.posterior, method=name))


def test_a_check_of_parts_that_a_method_does_not_have_is_not_done(town):
    made = by_method(town[1], "lower-bound")
    of_loglinear = {"steady": check(steady, methods=("loglinear",))}
    found = do_check("steady", made, CheckOptions(), of_loglinear)
    assert (found.done, found.verdict) == (False, "caution")
    why = Reason("check-does-not-serve-method", method="lower-bound", served=("loglinear",))
    assert found.headline == Reason("check-not-done", why=why)
    assert do_check("steady", made, CheckOptions(), SOUND_ONLY).done, "a check of any method"
    assert do_check("steady", town[1], CheckOptions(), of_loglinear).done


def test_a_lower_bound_gets_the_checks_that_serve_it(tmp_path):
    """Draws that no chain links are judged as well; the other checks say why they do not serve it."""
    found = scrutinise(estimate("spina-bifida-1969", method="lower-bound", sampler=QUICK))
    done = {finding.check: finding.done for finding in found.findings}
    assert {check for check, it_is in done.items() if it_is} == {"convergence"}
    chains = found.finding("convergence")
    assert (chains.verdict, chains.headline.code) == ("sound", "chains-agree")
    assert chains.numbers["divergences"] == 0
    assert chains.numbers["ess_bulk_min"] == pytest.approx(2000, rel=0.25), "independent draws"
    whys = {finding.check: finding.headline["why"].code for finding in found.findings if not finding.done}
    assert whys.pop("leave-list-out") == "check-does-not-serve-bounds"
    assert set(whys.values()) == {"check-does-not-serve-method"}
    assert "bound-not-an-estimate" in [reason.code for reason in found.reasons]
    for language in ("en", "nl"):
        assert scrutiny_page(found.record(), words_in(language))
    text = " ".join(str(found).split())
    assert "priors" not in text.lower(), "the method takes none"
    assert "at least" in text.split("95 % interval")[0]
    assert text.count("only loglinear estimates have the parts that are looked at") == 1
    assert text.endswith("never as the number of people.")
    assert [text.count(name) for name in whys] == [1] * len(whys)


def test_a_check_that_fits_again_needs_a_method_that_does(town, monkeypatch):
    monkeypatch.setitem(METHODS, NAME, HOME)
    again = replace(check(steady), refits=True)
    found = do_check("steady", by_method(town[1], NAME), CheckOptions(), {"steady": again})
    assert found.headline["why"] == Reason("check-needs-refits", method=NAME)


def test_which_checks_are_done():
    assert chosen_checks(checks=FAILING) == ("steady", "wary", "failing")
    assert chosen_checks(quick=True, checks=FAILING) == ("steady", "wary")
    assert chosen_checks(["failing", "steady"], quick=True, checks=FAILING) == ("steady", "failing")
    assert chosen_checks(skip=["wary"], checks=FAILING) == ("steady", "failing")
    with pytest.raises(InputError, match="no check 'stedy'. Did you mean 'steady'"):
        chosen_checks(["stedy"], checks=FAILING)
    with pytest.raises(InputError, match="No check is left"):
        chosen_checks(skip=list(FAILING), checks=FAILING)


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_that_is_promised_is_there(name):
    assert callable(CHECKS[name].load())


# In Python


def test_an_estimate_in_python(town):
    found = scrutinise(town[1], checks=FAILING)
    assert (found.verdict, found.publishable, found.reasons) == ("fails", False, (BREAKS,))
    assert [one.check for one in found.findings] == list(FAILING)
    assert len(found.plot("steady").axes) == 1
    assert "1,500" not in repr(found)
    assert "It leans on &lt;something&gt;" in found._repr_html_()
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["findings"][1]["numbers"]["nan"] is None
    with pytest.raises(InputError, match="no finding of 'stedy'. Did you mean 'steady'"):
        found.plot("stedy")
    with pytest.raises(InputError, match="no run folder"):
        found.save()
    with pytest.raises(InputError, match="has no picture"):
        scrutinise(town[1], checks={"failing": check(mended)}).plot("failing")


def test_the_public_name():
    import estimator

    assert estimator.scrutinise is module.scrutinise
    assert estimator.Scrutiny is module.Scrutiny


# In the run folder


def test_a_sound_scrutiny_leaves_the_estimate_publishable(run):
    cautions = read(run)["cautions"]
    found = scrutinised(run, SOUND_ONLY)
    record = read(run)
    assert (found.verdict, record["publishable"], record["reasons"], record["cautions"]) == (
        "sound",
        True,
        [],
        cautions,
    )
    assert record["scrutiny"]["verdict"] == "sound"
    assert record["scrutiny"]["thresholds_sha256"] == thresholds_hash()
    assert record["scrutiny"]["before"] == {"publishable": True, "reasons": [], "cautions": cautions}


def test_what_was_found_goes_into_the_estimate(run):
    before = read(run)
    scrutinised(run, FAILING, options=CheckOptions(limits=(1200, 1800)))
    after = read(run)
    jsonschema.validate(after, SCHEMA)
    assert (after["publishable"], after["reasons"]) == (False, [REASON])
    leans = Reason("it-leans", on="<something>", limits=(1200, 1800), seed=1)
    assert Reason("check-says", check="wary", finding=leans).to_dict() in after["cautions"]
    assert after["groups"]["women"]["publishable_alone"] is False
    assert after["groups"]["women"]["not_alone_because"]["code"] == "answer-mostly-prior"
    assert "publishable_alone" not in after["groups"]["men"]
    assert [one["verdict"] for one in after["scrutiny"]["checks"]] == ["sound", "caution", "fails"]
    assert after["scrutiny"]["range"] == [1200, 1800]
    changed = {"publishable", "reasons", "cautions", "groups", "scrutiny"}
    assert {key: value for key, value in after.items() if key not in changed} == {
        key: value for key, value in before.items() if key not in changed
    }


def test_the_run_vouches_for_what_was_written(run):
    scrutinised(run, FAILING)
    manifest = read(run, "manifest.json")
    assert not is_altered(manifest)
    assert set(manifest["outputs"]) == {path.name for path in run.iterdir()} - {"manifest.json"}
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((run / name).read_bytes()).hexdigest() == digest
    assert {stat.S_IMODE(path.stat().st_mode) for path in run.iterdir()} == {0o600}
    assert manifest["facts"]["scrutiny"]["verdict"] == "fails"
    assert manifest["scrutinised"]["command"] == ["darkfigure", "scrutinise", "run"]
    assert read_run(run).record.publishable is False


@pytest.mark.parametrize("name", ["scrutiny.html", "scrutiny.json", "estimate.json"])
def test_a_scrutiny_that_was_altered_is_noticed(run, name):
    scrutinised(run, SOUND_ONLY)
    (run / name).write_text((run / name).read_text().replace("sound", "sound "))
    with pytest.raises(InputError, match="altered afterwards"):
        read_run(run)


def test_scrutinising_twice_does_not_pile_up(run):
    scrutinised(run, FAILING)
    first = read(run)
    scrutinised(run, FAILING)
    second = read(run)
    for record in (first, second):
        record["scrutiny"].pop("date")
        for one in record["scrutiny"]["checks"]:
            one.pop("date")
    assert first == second


def test_what_no_longer_holds_goes(run):
    scrutinised(run, FAILING)
    scrutinised(run, {**SOUND_ONLY, "wary": check(mended), "failing": check(mended)}, skip=["wary"])
    assert read(run)["reasons"] == []
    assert read(run)["publishable"] is True
    assert read(run)["groups"]["women"]["publishable_alone"] is False, "that check was not done again"


def test_a_reason_does_not_vanish_because_somebody_looks_elsewhere(run):
    scrutinised(run, FAILING)
    page = (run / "scrutiny.html").read_text()
    found = scrutinised(run, FAILING, only=["steady"])
    assert (found.verdict, read(run)["reasons"]) == ("fails", [REASON])
    kept = (run / "scrutiny.html").read_text()
    for name in ("wary", "failing"):
        section = re.search(rf'<section id="{name}">.*?</section>', page, re.DOTALL).group(0)
        assert "<svg" in section
        assert section in kept
    assert [one["check"] for one in read(run, "scrutiny.json")["findings"]] == ["steady", "wary", "failing"]
    scrutinised(run, {**CAREFUL, "failing": check(hungry)})
    assert read(run)["reasons"] == [REASON]
    remark = read(run)["cautions"][-1]
    assert remark["code"] == "earlier-finding-stands"
    assert remark["now"]["finding"]["why"]["code"] == "too-little-memory"
    scrutinised(run, {**CAREFUL, "failing": check(mended)})
    assert read(run)["reasons"] == []


def test_checks_that_were_left_out_are_said(run):
    found = scrutinised(run, FAILING, quick=True)
    assert found.judgement.not_done == ("failing",)
    assert read(run)["scrutiny"]["not_done"] == ["failing"]
    assert "Not done: failing." in str(found)
    assert read(run)["cautions"][-1] == {"code": "checks-left-out", "checks": ["failing"]}


def test_a_run_that_changed_meanwhile_is_left_alone(run):
    found = scrutinise(run, checks=SOUND_ONLY)
    scrutinised(run, FAILING)
    with pytest.raises(InputError, match="Another command has written into this run meanwhile"):
        found.save()
    assert read(run)["reasons"] == [REASON]


def test_a_power_cut_while_writing_is_mended_by_the_next_reader(run, monkeypatch):
    found = scrutinise(run, checks=FAILING)
    with monkeypatch.context() as patched:
        patched.setattr(replacing.Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            found.save()
    assert read(run)["publishable"] is True, "nothing is in its place yet"
    assert read_run(run).record.publishable is False, "but it was decided"
    assert not (run / replacing.DECIDED).exists()


def test_an_estimate_that_is_not_observed_says_so(tmp_path):
    estimated(tmp_path / "town", kind="synthetic")
    found = scrutinised(tmp_path / "town" / RUN, SOUND_ONLY)
    assert read(tmp_path / "town" / RUN)["reasons"] == [{"code": "table-synthetic"}]
    assert "SYNTHETIC TABLE" in str(found)
    assert "SYNTHETIC TABLE" in (tmp_path / "town" / RUN / "scrutiny.html").read_text()
    assert "NOT FIT TO PUBLISH" not in str(found)


# The text and the page


def test_the_text_has_the_number_with_what_it_rests_on(run):
    text = str(scrutinise(run, checks=FAILING))
    assert max(map(len, text.splitlines())) <= 80
    words = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    for fragment in (
        "Presumed victims in a made-up town & <its> port",
        "1,039 registered",
        "95 % interval",
        "That last step no table of lists can test.",
        "Counts: tests/scrutiny/scrutiny_examples.py",
        "sound Is it steady? [steady] It is: at least",
        "caution What it leans on [wary] It leans on <something>",
        "fails Does it break? [failing] It breaks.",
        "NOT FIT TO PUBLISH: one check fails.",
        f"NOT FIT TO PUBLISH: {SAID}",
        'NOT TO BE PUBLISHED ALONE: Women and girls. Its answer is mostly the prior: "What it leans on".',
    ):
        assert fragment in words, fragment


def test_a_number_that_is_withheld_stays_so(run):
    found = scrutinise(run, checks=SOUND_ONLY)
    own = OwnJudgement(reasons("chains-disagree-in-tests"), (), shown=False)
    hidden = replace(found, judgement=replace(found.judgement, own=own))
    for text in (str(hidden), hidden._repr_html_()):
        assert "No estimate is shown" in " ".join(text.split())
        assert "1,039 registered" not in " ".join(text.split())
    assert "NOT FIT TO PUBLISH: no check fails" in str(hidden)


class Page(HTMLParser):
    """What a page is made of."""

    VOID = ("meta", "br", "hr", "img", "link", "input", "path", "use", "rect", "line", "circle", "polygon", "polyline")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.ids, self.targets, self.stack, self.attributes = [], [], [], [], []
        self.feed(text)
        assert not self.stack, self.stack

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.attributes.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        self.targets += [value for key, value in attrs if key in ("href", "xlink:href", "src") and value]
        self.targets += [
            f"#{name}" for value in found.values() if value for name in re.findall(r"url\(#(.*?)\)", value)
        ]
        self.targets += [f"#{name}" for name in (found.get("aria-labelledby") or "").split()]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.stack.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(run):
    scrutinised(run, FAILING)
    text = (run / "scrutiny.html").read_text(encoding="utf-8")
    page = Page(text)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert not {"script", "img", "link", "iframe", "object", "metadata"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids)), "every id once"
    assert {target[1:] for target in page.targets} <= set(page.ids), "links lead within the page"
    assert all(target.startswith("#") for target in page.targets)
    assert "@import" not in text
    allowed = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    # pictures hold pictures (many points, drawn as one): nothing else, and nothing from elsewhere
    assert allowed and allowed[1] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert not re.findall(r"url\((?!#)", text)
    assert page.tags.count("svg") == page.tags.count("figure") == 3
    assert page.tags.count("title") == 4
    assert page.tags.count("desc") == 3
    assert all(found["role"] == "img" for tag, found in page.attributes if tag == "svg")
    assert page.tags.count("table") == page.tags.count("caption") == 2
    assert all(found.get("scope") in ("col", "row") for tag, found in page.attributes if tag == "th")
    headings = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(headings, headings[1:], strict=False))
    assert "made-up town &amp; &lt;its&gt; port" in text
    assert "@media print" in text


def test_the_page_is_the_same_for_the_same_findings(run):
    first, second = (scrutinise(run, checks=FAILING) for _ in range(2))
    at = [re.sub(r"\d{4}-\d\d-\d\d[T \d:+]*", "", one._repr_html_()) for one in (first, second)]
    assert at[0] == at[1]


def test_a_picture_that_cannot_be_drawn_leaves_the_words(run):
    scrutinised(run, {"steady": check(undrawable)})
    text = (run / "scrutiny.html").read_text()
    assert "could not be drawn (KeyError)" in text
    assert "It is: at least 1." in text


# Publishing against advice


def decide(run, reason: str, who: str):
    return publish_against_advice(run, reason, who, lambda record: scrutiny_page(record, words_in("en")))


@pytest.fixture
def advised(run):
    scrutinised(run, FAILING)
    return run


def test_a_decision_stands_beside_the_number(advised):
    decided = decide(advised, f"  {WHY}\n", "A. Jansen, the office")
    record = read(advised)
    jsonschema.validate(record, SCHEMA)
    decision = record["published_against_advice"]
    assert decided.to_dict() == decision
    assert (decision["reason"], decision["decided_by"], decision["against"]) == (WHY, "A. Jansen, the office", [REASON])
    assert record["publishable"] is False
    assert read_run(advised).facts.published_against_advice == decided
    assert not is_altered(read(advised, "manifest.json"))
    assert read(advised, "scrutiny.json")["published_against_advice"] == decision
    page = (advised / "scrutiny.html").read_text()
    assert page.count("PUBLISHED AGAINST ADVICE by A. Jansen, the office") == 1
    assert page.count("<svg") == 3
    Page(page)


def test_a_decision_is_printed_wherever_the_number_is(advised):
    decide(advised, WHY, "A. Jansen")
    again = scrutinise(advised, checks=FAILING)
    comparison = compare_runs(advised, advised)
    english = words_in("en")
    record = comparison.record()
    compared = comparison_text(record, english), comparison_html(record, english)
    for text in (str(again), again._repr_html_(), *compared):
        words = " ".join(text.split())
        assert "PUBLISHED AGAINST ADVICE by A. Jansen" in words
        assert WHY in words
        assert SAID in words
    assert comparison.to_dict()["after"]["published_against_advice"]["decided_by"] == "A. Jansen"
    assert comparison.to_dict()["after"]["scrutiny"]["verdict"] == "fails"
    assert "Scrutinised on" in compared[0]


def test_a_decision_outlives_the_same_reasons_and_fewer(advised):
    decide(advised, WHY, "A. Jansen")
    taken = read(advised)["published_against_advice"]
    scrutinised(advised, FAILING)
    assert read(advised)["published_against_advice"] == taken
    assert "PUBLISHED AGAINST ADVICE" in (advised / "scrutiny.html").read_text()


def test_a_decision_outlives_the_same_reason_at_other_numbers(advised):
    decide(advised, WHY, "A. Jansen")
    taken = read(advised)["published_against_advice"]
    scrutinised(advised, {**CAREFUL, "failing": check(failing_at_other_numbers)})
    record = read(advised)
    assert record["reasons"] != taken["against"], "24 of 40, and now 23 of 40"
    assert record["published_against_advice"] == taken
    assert "fallen_decision" not in record["scrutiny"]


def test_a_decision_falls_with_a_new_reason_and_must_be_taken_again(advised):
    decide(advised, WHY, "A. Jansen")
    found = scrutinised(advised, {**CAREFUL, "failing": check(worse)})
    record = read(advised)
    jsonschema.validate(record, SCHEMA)
    assert "published_against_advice" not in record
    assert record["scrutiny"]["fallen_decision"]["because"] == [LOOKED_AT.to_dict()]
    assert read_run(advised).facts.published_against_advice is None
    words = " ".join(str(found).split())
    assert "The decision of A. Jansen" in words
    assert "must be taken again" in words
    assert "PUBLISHED AGAINST ADVICE" not in (advised / "scrutiny.html").read_text()
    scrutinised(advised, {**CAREFUL, "failing": check(worse)})
    assert read(advised)["scrutiny"]["fallen_decision"]["decided_by"] == "A. Jansen", "it stays told"
    decide(advised, WHY, "B. Smit")
    assert "fallen_decision" not in read(advised)["scrutiny"]
    assert len(read(advised)["published_against_advice"]["against"]) == 2


def test_a_decision_falls_when_nothing_is_left_to_decide(advised):
    decide(advised, WHY, "A. Jansen")
    scrutinised(advised, {**CAREFUL, "failing": check(mended)})
    assert "published_against_advice" not in read(advised)
    assert read(advised)["scrutiny"]["fallen_decision"]["because"] == [{"code": "nothing-against-publishing"}]


@pytest.mark.parametrize(
    ("reason", "who", "message"),
    [
        ("Because.", "A. Jansen", "at least 20 letters"),
        ("a " * 19, "A. Jansen", "at least 20 letters"),
        (WHY, " ", "Name who answers"),
    ],
)
def test_a_decision_that_says_nothing_is_refused(advised, reason, who, message):
    before = (advised / "manifest.json").read_bytes()
    with pytest.raises(InputError, match=message):
        decide(advised, reason, who)
    assert (advised / "manifest.json").read_bytes() == before


def test_there_must_be_something_to_decide(run):
    with pytest.raises(InputError, match=r"not scrutinised. Do that first: darkfigure scrutinise .*run"):
        decide(run, WHY, "A. Jansen")
    scrutinised(run, CAREFUL)
    with pytest.raises(InputError, match="nothing to decide"):
        decide(run, WHY, "A. Jansen")


def test_a_study_elsewhere(run, tmp_path):
    (run.parent / FOLDER).rename(tmp_path / "moved")
    assert scrutinise(run, checks=SOUND_ONLY, study=tmp_path / "moved").verdict == "sound"


def test_wary_is_as_the_examples_say(town):
    assert wary(town[1]).groups_not_alone == ("women",)


def test_a_check_that_fails_is_a_reason_and_no_caution_besides():
    statement = Reason("it-is-steady", least=1.0)
    findings = [Finding("bad", FAILS, (statement,), reasons=(statement,)), Finding("doubtful", CAUTION, (statement,))]
    outcomes = [Outcome(finding, "2026-01-01T00:00:00+00:00", "") for finding in findings]
    judgement = judge(OwnJudgement((), ()), outcomes)
    assert judgement.reasons == (statement,)
    assert judgement.cautions == (Reason("check-says", check="doubtful", finding=statement),)
