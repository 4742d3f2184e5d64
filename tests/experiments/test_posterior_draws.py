"""Questions asked under a posterior: said to be, drawn from it, and refused where it is of something else."""

import json
from dataclasses import replace

import numpy as np
import pytest

import antitrypsim as ats
from antitrypsim.calibration.posterior import numbers
from antitrypsim.calibration.posterior.file import Origin, Posterior, base_hash
from antitrypsim.calibration.posterior.knowledge import PRIOR, Knowledge
from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import InputError, ModelError
from antitrypsim.runs.again import rerun
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.unknowns import unknowns_of
from antitrypsim.uncertainty.variance_shares import scores

pytestmark = pytest.mark.contract

AUGMENTATION = "augmentation:60mg/kg/week"
SMALL = {"people": 4, "years": (1.0,), "uncertainty": 45}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A posterior in which everything is known ten times better, and two parameters trade."""
    base = build_model(therapies=())
    known = unknowns_of((base,), widening=numbers.widening())
    z = 0.1 * np.random.default_rng(3).normal(size=(80, len(known)))
    z[:, 1] = -z[:, 0]
    one = Posterior.of(known, z, Origin(base_hash(), "t", 500, 7, 3, 150, 0.4))
    return one.save(tmp_path_factory.mktemp("p") / "posterior.parquet"), one


@pytest.fixture(scope="module")
def compared(made):
    prior = ats.compare(AUGMENTATION, **SMALL, posterior="prior")
    return prior, ats.compare(AUGMENTATION, **SMALL, posterior=made[0])


def test_what_is_known_better_spreads_less(compared):
    prior, found = compared
    width = [np.ptp(one.of(AUGMENTATION, "fev1", 1.0).uncertainty) for one in (prior, found)]
    assert width[1] < 0.7 * width[0]
    assert prior.of(AUGMENTATION, "fev1", 1.0).effect == found.of(AUGMENTATION, "fev1", 1.0).effect


def test_it_is_said_where_draws_came_from(compared, made):
    prior, found = compared
    assert any("from its own uncertainty by itself" in said for said in prior.notices)
    assert found.provenance.posterior == made[1].content_hash
    assert prior.provenance.posterior == ""
    assert any("were drawn from the posterior" in said for said in found.notices)
    assert any(made[1].content_hash in said for said in found.notices)
    assert not any("drawn from the posterior" in said for said in prior.notices)


def test_shares_are_those_of_correlated_unknowns(compared):
    for shares in compared[1].shares.values():
        assert shares.method.startswith("allotted among correlated unknowns")
        whole = sum(share for share, _ in shares.grades.values()) + shares.rest[0]
        assert whole == pytest.approx(1.0)


def test_dose_finding_and_a_person_say_it_too(made):
    found = ats.dose(
        AUGMENTATION, value=11.0, people=4, years=1.0, uncertainty=5, factors=(1.0,), posterior=made[0]
    )  # fmt: skip
    course = ats.patient(years=1.0, people=4, uncertainty=5, posterior=made[0])
    for answer in (found, course):
        assert answer.provenance.posterior == made[1].content_hash
        assert any(made[1].content_hash in said for said in answer.notices)


def test_a_trial_says_it_too(made, tmp_path):
    trial = ats.run(
        "rapid", participants=20, uncertainty=5, posterior=made[0], out=tmp_path / "run"
    )
    assert made[1].content_hash in trial.uncertainty.source
    assert made[1].content_hash in (tmp_path / "run" / "report.html").read_text("utf-8")
    read = ats.read_run(tmp_path / "run")
    assert read.uncertainty is None or read.uncertainty.source == trial.uncertainty.source
    with pytest.raises(
        InputError, match="whose file is not kept with it; give it with --posterior"
    ):
        rerun(tmp_path / "run")
    assert not rerun(tmp_path / "run", posterior=made[0]).changes
    plain = ats.run("rapid", participants=20, out=tmp_path / "plain")
    assert plain.uncertainty is None
    with pytest.raises(InputError, match="not the posterior that the run drew from"):
        rerun(tmp_path / "plain", posterior=made[0])


def test_the_scores_behind_are_those_of_the_file_and_of_the_prior_elsewhere(made):
    model = build_model(therapies=("augmentation",))
    known = Knowledge(made[1])
    found, apart = known.scores(model, 10, 5), scores(model, 10, 5)
    rows = made[1].rows(10, 5)
    ids = list(made[1].priors)
    for k, parameter in enumerate(model.parameters):
        inside = parameter.id in made[1].priors
        theirs = made[1].scores[rows, ids.index(parameter.id)] if inside else apart[:, k]
        np.testing.assert_array_equal(found[:, k], theirs)
    np.testing.assert_array_equal(PRIOR.scores(model, 10, 5), apart)
    (said,) = PRIOR.said(model, 10)
    assert said.endswith("from its own uncertainty by itself.")
    assert PRIOR.said(model, 0) == ()


def test_a_posterior_that_cannot_be_drawn_from_is_refused_before_anybody_lives(made, tmp_path):
    other = replace(made[1], origin=replace(made[1].origin, equations="0" * 16))
    file = other.save(tmp_path / "other.parquet")
    with pytest.raises(ModelError, match="made of other equations"):
        ats.compare(AUGMENTATION, **SMALL, posterior=file)
    with pytest.raises(ModelError, match="made of other equations"):
        ats.run("rapid", participants=20, uncertainty=5, posterior=file)
    with pytest.raises(ModelError, match="made of other equations"):
        ats.power("rapid", sizes=(20,), replicates=20, people=30, draws=4, posterior=file)
    with pytest.raises(InputError, match="90 draws cannot be: the posterior holds 80"):
        ats.compare(AUGMENTATION, **SMALL | {"uncertainty": 90}, posterior=made[0])


def test_from_the_command_line(made, tmp_path, capsys):
    file = str(made[0])
    words = ["--people", "3", "--years", "1", "--uncertainty", "4", "--quiet"]
    data = tmp_path / "a.json"
    asked = ["compare", "--therapy", AUGMENTATION, *words]
    assert main([*asked, "--posterior", file, "--json", str(data)]) == 0
    assert json.loads(data.read_text("utf-8"))["provenance"]["posterior"] == made[1].content_hash
    assert "were drawn from the posterior" in " ".join(capsys.readouterr().out.split())
    assert main([*asked, "--posterior", file, "--prior"]) == 2
    assert "contradict each other" in capsys.readouterr().err
    assert main([*asked, "--posterior", str(tmp_path / "none")]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert main([*asked, "--posterior", file, "--json", file]) == 2
    assert "would overwrite it" in capsys.readouterr().err
