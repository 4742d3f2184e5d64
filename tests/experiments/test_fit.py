"""A fit through the real simulation: small, whole, stopped and gone on, and of data like nobody's."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import antitrypsim as ats
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.experiments.fitting.data import read_trial
from antitrypsim.experiments.fitting.fit import POSTERIOR, Plan, known_before
from antitrypsim.experiments.fitting.found import NOBODYS
from antitrypsim.foundations.errors import Cancelled, InputError, RunError
from antitrypsim.protocols import load_protocol
from antitrypsim.reports import lay_out_html, lay_out_text
from antitrypsim.reports.fit import fit_document
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model
from antitrypsim.trials.conduct import conduct
from antitrypsim.uncertainty.unknowns import unknowns_of

pytestmark = pytest.mark.law

PLAN = Plan(waves=1, runs=40, people=60, checked=25, draws=200)
HOW = Settings(seed=6, tolerance=1e-3, threads=1)


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """A trial of the model's own people, as a file, and what it was made of."""
    folder = tmp_path_factory.mktemp("own")
    file = Path(__file__).parent / "own.yaml"
    protocol = load_protocol(file)
    made = conduct(protocol, participants=30, settings=Settings(seed=91, tolerance=1e-3))
    rows = made.visits.merge(made.participants[["USUBJID", "SEX", "AGE", "DTHDY"]], on="USUBJID")
    rows.drop(columns="TRUTH").to_csv(folder / "trial.csv", index=False)
    return folder / "trial.csv", file


@pytest.fixture(scope="module")
def done(trial, tmp_path_factory):
    out = tmp_path_factory.mktemp("fit") / "out"
    return out, ats.fit(*trial, out=out, plan=PLAN, settings=HOW)


def test_a_fit_feeds_every_command(done, trial):
    out, found = done
    kept = Posterior.load(out / POSTERIOR)
    assert kept.content_hash == found.posterior.content_hash
    assert len(kept) == PLAN.draws
    protocol = load_protocol(trial[1])
    draws = kept.draws(build_model(therapies=protocol.therapies()), 5)
    assert "augmentation" not in " ".join(draws.outside[:3])
    again = ats.run(
        protocol, participants=6, uncertainty=3, posterior=out / POSTERIOR, settings=HOW
    )
    assert again.uncertainty.draws == 3


def test_data_of_the_model_are_somebodys_and_teach_something(done):
    _, found = done
    assert found.check.p > NOBODYS
    assert 0 < len(found.informed) < len(found.changes) / 2
    assert found.used.people == (("active", 15), ("placebo", 15))
    assert found.used.deaths is not None
    assert found.used.adjusted == ("age", "male")
    # No SD grows beyond what so few draws show by chance.
    assert max(one.left for one in found.changes) < 1.15


def test_what_is_told_holds_what_was_asked(done):
    _, found = done
    text = lay_out_text(fit_document(found, pictures=False))
    for said in ("What changed", "Who and what was used", "What to trust", "Pareto's k"):
        assert said in text
    page = lay_out_html(fit_document(found))
    assert "Your data over what the posterior predicts" in page
    json.dumps(found.to_dict()["used"])


def test_stopped_and_gone_on_with_other_threads_it_is_the_same_to_the_byte(done, trial, tmp_path):
    out, _ = done
    other = tmp_path / "again"
    shutil.copytree(out, other)
    (other / POSTERIOR).unlink()
    for run in ("wave-1/run-0003.json", "wave-1/run-0040.json", "lived/run-0002.json"):
        (other / run).unlink()
    calls = []

    def stop():
        calls.append(1)
        return len(calls) > 60

    with pytest.raises(Cancelled):
        ats.fit(*trial, out=other, plan=PLAN, settings=replace(HOW, cancel=stop))
    ats.fit(*trial, out=other, plan=PLAN, settings=replace(HOW, threads=2))
    for file in sorted(out.rglob("*")):
        if file.is_file():
            assert (other / file.relative_to(out)).read_bytes() == file.read_bytes(), file.name


def poisoned(done, trial, tmp_path, change, plan=PLAN):
    """Fit data that were changed, with the runs of a wave that was lived for them before: it does not depend on values."""
    import pandas as pd

    file = tmp_path / "poisoned.csv"
    change(pd.read_csv(trial[0])).to_csv(file, index=False)
    out = tmp_path / "out"
    shutil.copytree(done[0], out, ignore=shutil.ignore_patterns("lived", POSTERIOR))
    said = json.loads((out / "fit.json").read_text(encoding="utf-8"))
    said["data"] = read_trial(file, load_protocol(trial[1])).content_hash
    (out / "fit.json").write_text(json.dumps(said), encoding="utf-8")
    return out, lambda: ats.fit(file, trial[1], out=out, plan=plan, settings=HOW)


@pytest.mark.parametrize("what", ["ten times", "doubling"])
def test_data_like_nobodys_are_said_to_be_and_not_fitted(done, trial, tmp_path, what):
    def change(rows):
        if what == "ten times":
            # Of the untreated: in the treated it would be refused as what nobody has.
            rows.loc[(rows.PARAMCD == "AATSER") & (rows.ARM == "placebo"), "AVAL"] *= 10
        else:
            late = (rows.PARAMCD == "FEV1") & (rows.ADY > 300)
            rows.loc[late, "AVAL"] *= 2
        return rows

    # From one wave so small some draws differ enough to make it likely; a second comes near enough to tell.
    waves = 1 if what == "ten times" else 2
    out, fit = poisoned(done, trial, tmp_path, change, replace(PLAN, waves=waves))
    with pytest.raises(RunError, match="nobody in the model lives such data") as problem:
        fit()
    assert ("Serum" if what == "ten times" else "FEV1") in str(problem.value)
    assert not (out / POSTERIOR).exists()


@pytest.mark.contract
def test_a_folder_of_another_fit_is_refused(done, trial):
    with pytest.raises(InputError, match="this folder is of a fit with other seed"):
        ats.fit(*trial, out=done[0], plan=PLAN, settings=replace(HOW, seed=7))


@pytest.mark.contract
@pytest.mark.parametrize(
    ("said", "plan"),
    [("39 runs are too few", {"runs": 39}), ("cannot be checked", {"draws": 30}), ("cannot be kept", {"draws": 9999})],
)  # fmt: skip
def test_a_plan_that_cannot_be(said, plan):
    with pytest.raises(InputError, match=said):
        Plan(**plan)


def test_a_posterior_is_the_start_of_the_next_fit(done):
    """Means and SDs of what was given are those before; what it does not hold is as in the prior."""
    _, found = done
    unknowns = unknowns_of((build_model(therapies=("augmentation", "exosomes")),))
    known = known_before(unknowns, found.posterior)
    k = len(found.posterior.priors)
    np.testing.assert_allclose(known.before.mean[:k], found.posterior.scores.mean(axis=0))
    np.testing.assert_allclose(
        np.sqrt(np.diag(known.before.covariance))[:k], found.posterior.scores.std(axis=0), rtol=1e-6
    )
    np.testing.assert_allclose(np.diag(known.before.covariance)[k:], 1.0)
    assert len(known.names) > k
    assert known.start == found.posterior.content_hash
