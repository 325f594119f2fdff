"""The estimate of a run folder, made again from it: the same draws, the same people, the same priors, or a refusal."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

from estimator.errors import InputError
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.population.sampling import reported_quantities
from estimator.runs.manifest_digest import with_digest
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.study.priors import read_priors
from estimator.study.recorded_priors import recorded_priors
from estimator.study.shipped import shipped_priors
from tests.population.conftest import write_series, write_study
from tests.scrutiny.scrutiny_examples import FOLDER, RUN, copied, estimated

SHORT = SamplerSettings(draws=150, warmup=300, chains=3, seed=7)
RESIDUAL = {
    "residual.form": "stated",
    "residual.ratio.between": "[0.4, 3]",
    "residual.degrees_of_freedom": "4",
    "residual.reason": "'for a test'",
}


def restored(folder, study=None):
    return estimate_of_run(read_run(folder), study)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A folder with a study and its run, and the estimate that was saved there."""
    folder = tmp_path_factory.mktemp("town")
    return folder, estimated(folder)


def assert_same(found, made):
    """Every number that a check may use is the same, bit by bit, but for the last digit of what is sampled as a log."""
    assert found.posterior.details.values.keys() == made.posterior.details.values.keys()
    for name, values in made.posterior.details.values.items():
        np.testing.assert_array_equal(found.posterior.details.values[name], values, err_msg=name)
    np.testing.assert_allclose(
        found.posterior.details.draws.unconstrained, made.posterior.details.draws.unconstrained, rtol=1e-14, atol=1e-14
    )
    assert found.posterior.details.draws.statistics.keys() == made.posterior.details.draws.statistics.keys()
    for name, values in made.posterior.details.draws.statistics.items():
        np.testing.assert_array_equal(found.posterior.details.draws.statistics[name], values, err_msg=name)
    for part in ("registered", "unseen", "implied_unseen"):
        np.testing.assert_array_equal(getattr(found.population, part), getattr(made.population, part), err_msg=part)
    assert list(found.group_draws) == list(made.group_draws)
    assert found.priors == made.priors
    assert found.posterior.details.settings.arrays.keys() == made.posterior.details.settings.arrays.keys()
    assert (found.posterior.seed, found.posterior.settings.draws, found.posterior.settings.warmup) == (
        made.posterior.seed,
        made.posterior.settings.draws,
        made.posterior.settings.warmup,
    )
    assert reported_quantities(found.study, found.population).keys() == (
        reported_quantities(made.study, made.population).keys()
    )


def test_a_run_gives_back_its_estimate(town):
    folder, made = town
    found = restored(folder / RUN)
    assert_same(found, made)
    assert not found.posterior.details.residual.any()
    np.testing.assert_array_equal(found.group_draws["total"].size, made.group_draws["total"].size)


@pytest.mark.parametrize("priors", ["horseshoe", "evidence", "wide"])
def test_under_every_form_of_priors(tmp_path, priors):
    made = estimate(write_study(tmp_path / "s"), priors, beside=(), sampler=SHORT)
    made.save(tmp_path / "run")
    assert_same(restored(tmp_path / "run"), made)


def test_with_changed_priors_decisions_years_and_residual_dependence(tmp_path):
    study = write_series(tmp_path / "s")
    from estimator.study.study import read_study

    decided = read_study(study, {"border-police": "drop"})
    made = estimate(decided, "moderate", overrides=RESIDUAL, beside=(), sampler=SHORT)
    made.save(tmp_path / "run")
    found = restored(tmp_path / "run")
    assert_same(found, made)
    assert found.posterior.details.residual.std() > 0
    assert found.study.decisions == decided.decisions
    np.testing.assert_array_equal(found.study.table.observations.upper, decided.table.observations.upper)


def test_a_shipped_study_is_noted_by_its_name(tmp_path):
    made = estimate("spina-bifida-1969", beside=(), sampler=SHORT)
    made.save(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["study_at"] == "spina-bifida-1969"
    assert_same(restored(tmp_path / "run"), made)


@pytest.mark.parametrize("name", shipped_priors())
def test_priors_come_back_from_their_record(name):
    priors = read_priors(name)
    record = json.loads(json.dumps(priors.model_dump(mode="json", exclude_none=True)))
    assert recorded_priors(record) == priors
    assert recorded_priors(record).stated() == priors.stated()


def test_a_study_and_its_run_may_be_moved_together(town, tmp_path):
    run = copied(town[0], tmp_path / "elsewhere")
    assert restored(run).study.path.is_relative_to(tmp_path)


def test_a_study_that_has_gone_is_asked_for(town, tmp_path):
    run = copied(town[0], tmp_path / "elsewhere")
    shutil.move(run.parent / FOLDER, tmp_path / "moved")
    with pytest.raises(InputError, match=r"cannot be read from .* any more.*--study STUDY"):
        restored(run)
    assert restored(run, tmp_path / "moved").study.path == tmp_path / "moved" / "study.toml"


@pytest.mark.parametrize("name", ["study.toml", "table.csv"])
def test_a_study_that_was_changed_is_refused(town, tmp_path, name):
    run = copied(town[0], tmp_path / "elsewhere")
    path = run.parent / FOLDER / name
    path.write_text(path.read_text() + "\n")
    with pytest.raises(InputError, match=f"{name}: This is not the file with which the run was made") as error:
        restored(run)
    assert len(error.value.faults) == 1


def test_an_earlier_run_says_nothing_of_its_study(town, tmp_path):
    run = copied(town[0], tmp_path / "elsewhere")
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["study_at"]
    (run / "manifest.json").write_text(json.dumps(with_digest(manifest)))
    with pytest.raises(InputError, match="does not say where its study is"):
        restored(run)
    assert restored(run, run.parent / FOLDER).study.name == FOLDER


def rewritten(run, change) -> None:
    """Alter the manifest of a run as somebody would who works out its digest again."""
    manifest = json.loads((run / "manifest.json").read_text())
    change(manifest)
    (run / "manifest.json").write_text(json.dumps(with_digest(manifest)))


def test_people_are_those_of_the_run_whatever_would_be_drawn_today(town, tmp_path, monkeypatch):
    monkeypatch.setattr("estimator.methods.loglinear.people.population_draws", None)
    monkeypatch.setattr("estimator.methods.loglinear.method.population_draws", None)
    assert_same(restored(town[0] / RUN), town[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda manifest: manifest["priors"].update(coverage=3), "another version of darkfigure"),
        (lambda manifest: manifest["priors"]["dependence"].update(form="horseshoe"), "another version of darkfigure"),
        (lambda manifest: manifest["sampler"].pop("draws"), "not what a run writes"),
        (
            lambda manifest: manifest["inputs"].update(published={"name": "p", "sha256": "0" * 64}),
            "The run had a file of published",
        ),
    ],
)
def test_what_no_run_writes_gets_a_sentence(town, tmp_path, change, message):
    run = copied(town[0], tmp_path / "elsewhere")
    rewritten(run, change)
    with pytest.raises(InputError, match=re.escape(message)):
        restored(run)


def test_other_priors_do_not_fit_the_draws(town, tmp_path):
    run = copied(town[0], tmp_path / "elsewhere")
    record = read_priors("moderate").model_dump(mode="json", exclude_none=True)
    rewritten(run, lambda manifest: manifest.update(priors=record))
    with pytest.raises(InputError, match="not the draws of this study and these priors"):
        restored(run)
