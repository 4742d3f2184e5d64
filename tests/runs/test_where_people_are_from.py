"""A question draws its people from the library of lives, unless it asks to meet them anew, and says so."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.errors import Remade
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.shelf import Shelf
from antitrypsim.protocols import load_protocol
from antitrypsim.reports import trial_text
from antitrypsim.runs.again import rerun
from antitrypsim.runs.folder import read_run, write_run
from antitrypsim.runs.large import run_large
from antitrypsim.runs.requests.run import RunRequest
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.contract

ANEW = Settings(tolerance=1e-3, meet_anew=True)
DRAWN = Settings(tolerance=1e-3, meet_anew=False)


@pytest.mark.parametrize("how", [ANEW, DRAWN], ids=["anew", "drawn"])
def test_a_run_says_where_its_people_are_from_and_is_repeated_so(how, tmp_path):
    trial = run_trial("natural-history", participants=12, claims=False, settings=how)
    protocol = load_protocol("natural-history")
    met = enrol(build_model(therapies=()), protocol.population, 12, settings=how).people
    drawn = not how.meet_anew
    assert (trial.cohort.people.content_hash != met.content_hash) == drawn
    assert ("drawn from the library of lives" in trial_text(trial)) == drawn
    folder = write_run(trial, tmp_path / "run")
    assert ("lives" in read_run(folder).manifest["enrolled"]) == drawn
    # Whatever the settings of whoever repeats it.
    assert rerun(folder, settings=replace(how, meet_anew=drawn)).same


@pytest.mark.parametrize("how", [ANEW, DRAWN], ids=["anew", "drawn"])
def test_a_run_in_parts_has_the_people_of_a_run_without(how, tmp_path):
    trial = run_trial("natural-history", participants=13, claims=False, settings=how)
    large = run_large(
        "natural-history", tmp_path / "parts", participants=13, part_size=5, settings=how
    )
    told = large.table("participants").to_table().to_pandas()
    assert sorted(told["USUBJID"]) == sorted(trial.participants["USUBJID"])
    assert large.manifest["enrolled"]["met"] == trial.cohort.met
    assert rerun(tmp_path / "parts", settings=replace(how, meet_anew=not how.meet_anew)).same


def test_a_run_in_parts_is_the_same_whatever_befell_the_library_and_names_it(tmp_path, monkeypatch):
    def parts(name):
        run_large("natural-history", tmp_path / name, participants=3, part_size=2, settings=DRAWN)
        return {
            file: (tmp_path / name / file).read_bytes() for file in ("parts.jsonl", "manifest.json")
        }

    before = parts("before")
    library = Shelf().folder
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path / "cache"))
    shutil.copytree(library, Shelf().folder)
    for file in Shelf().folder.glob("*/part-00000.parquet"):
        file.write_bytes(file.read_bytes()[:-9])
    with pytest.warns(Remade, match=r"part-00000\.parquet was not as it was written"):
        assert parts("after") == before


def test_a_question_that_meets_people_anew_is_asked_so():
    asked = RunRequest.asked(protocol="rapid")
    assert asked.as_command(ANEW).endswith("--tolerance=0.001 --meet-anew")
    assert "meet_anew=True" in asked.as_code(ANEW)
    assert "meet" not in asked.as_command(DRAWN)
