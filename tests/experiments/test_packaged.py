"""A posterior that comes with the package: used unless said otherwise, and never in silence."""

import json
from dataclasses import replace

import numpy as np
import pytest

import antitrypsim as ats
from antitrypsim.calibration.posterior import knowledge
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import InputError
from antitrypsim.runs.again import rerun
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import draw_uncertainty

pytestmark = pytest.mark.contract

AUGMENTATION = "augmentation:60mg/kg/week"
SMALL = {"people": 4, "years": (1.0,), "uncertainty": 5}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A real posterior, of one cheap target."""
    folder = tmp_path_factory.mktemp("calibrate") / "out"
    assert main(["calibrate", "--out", str(folder), "--only", "TGT-29", "--waves", "1", "--runs", "40",
                 "--people", "20", "--check", "0", "--draws", "60", "--quiet"]) == 0  # fmt: skip
    return folder / "posterior.parquet"


@pytest.fixture
def packaged(made, monkeypatch):
    monkeypatch.setattr(knowledge, "PACKAGED", made)
    return Posterior.load(made)


@pytest.fixture
def stale(packaged, monkeypatch, tmp_path):
    other = replace(packaged, origin=replace(packaged.origin, equations="0" * 16))
    monkeypatch.setattr(knowledge, "PACKAGED", other.save(tmp_path / "stale.parquet"))
    return other


def same(one, other):
    return [e.uncertainty for e in one.effects] == [e.uncertainty for e in other.effects]


def test_it_is_drawn_from_unless_the_prior_is_asked_for(packaged, made):
    found = ats.compare(AUGMENTATION, **SMALL)
    assert found.provenance.posterior == packaged.content_hash
    assert any(f"The packaged posterior {packaged.content_hash}." in said for said in found.notices)
    assert same(found, ats.compare(AUGMENTATION, **SMALL, posterior=made))
    apart = ats.compare(AUGMENTATION, **SMALL, posterior="prior")
    assert apart.provenance.posterior == ""
    assert not same(found, apart)


@pytest.mark.parametrize(
    ("k", "said"),
    [
        (None, "No check in the real simulation holds it"),
        (1.26, "does not pass its own check yet (Pareto's k is 1.3"),
        (0.5, ""),
    ],
)
def test_one_that_does_not_trust_itself_says_so_wherever_it_is_used(
    packaged, monkeypatch, tmp_path, k, said
):
    other = replace(packaged, origin=replace(packaged.origin, k=k))
    monkeypatch.setattr(knowledge, "PACKAGED", other.save(tmp_path / "doubted.parquet"))
    (told,) = Knowledge.read(None).said(build_model(therapies=()), 5)
    assert said in told
    assert bool(said) == bool(other.doubt)


def test_one_of_older_equations_stands_aside_and_the_report_says_so(stale):
    found = ats.compare(AUGMENTATION, **SMALL)
    assert found.provenance.posterior == ""
    assert any(
        said.startswith("The packaged posterior was made of other equations: what is unknown was drawn for each")
        for said in found.notices
    )  # fmt: skip
    model = build_model(therapies=())
    drawn = Knowledge.read(None).draws(model, 3, 7)
    np.testing.assert_array_equal(drawn.values, draw_uncertainty(model, 3, seed=7).values)


def test_where_none_comes_with_the_package_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(knowledge, "PACKAGED", tmp_path / "none.parquet")
    (said,) = Knowledge.read(None).said(build_model(therapies=()), 3)
    assert said.startswith("No posterior comes with this version: what is unknown was drawn")


def test_a_therapy_outside_it_is_drawn_from_its_own_uncertainty_and_named(packaged):
    model = build_model(therapies=("editing",))
    (said,) = Knowledge.read(None).said(model, 3)
    assert "editing." in said
    assert "that no target informs" in said


def test_it_holds_only_so_many_draws(packaged):
    with pytest.raises(InputError, match="61 draws cannot be: the posterior holds 60; take as many or fewer, or --prior"):  # fmt: skip
        ats.compare(AUGMENTATION, **SMALL | {"uncertainty": 61})


def test_a_trial_its_claims_and_its_repeat_are_of_it(packaged, monkeypatch, tmp_path):
    trial = ats.run("rapid", participants=10, uncertainty=5, out=tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text("utf-8"))
    assert manifest["hashes"]["posterior"] == packaged.content_hash
    assert packaged.content_hash in trial.uncertainty.source
    assert rerun(tmp_path / "run").same
    monkeypatch.setattr(knowledge, "PACKAGED", tmp_path / "none.parquet")
    with pytest.raises(InputError, match="whose file is not kept with it; give it with --posterior"):  # fmt: skip
        rerun(tmp_path / "run")


def test_a_fit_begins_with_it_and_says_that_it_is_taken_as_a_normal(packaged):
    from antitrypsim.experiments.fitting.fit import bent

    worst, distance = bent(packaged)
    assert worst in packaged.priors
    assert 0 < distance < 0.3
    halves = replace(packaged, scores=np.where(packaged.scores < 0, -1.0, 1.0))
    assert bent(halves)[1] > 0.3


def test_from_the_command_line(packaged, tmp_path, capsys):
    asked = ["compare", "--therapy", AUGMENTATION, "--people", "3", "--years", "1", "--uncertainty", "4",
             "--quiet", "--json", str(tmp_path / "a.json")]  # fmt: skip
    for more, posterior in (([], packaged.content_hash), (["--prior"], None)):
        assert main([*asked, *more]) == 0
        data = json.loads((tmp_path / "a.json").read_text("utf-8"))
        assert data["provenance"].get("posterior") == posterior
    assert "from its own uncertainty by itself" in " ".join(capsys.readouterr().out.split())
