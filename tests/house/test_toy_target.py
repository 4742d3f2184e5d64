"""A target is a row, rows of what was measured and a study in one file: a toy one is validated without more."""

import json

import pytest

from .grown import run_with

pytestmark = pytest.mark.contract

ROW = "TOY-01,serum AAT of toys,toys of the age of 50,toys,10 (8-13),µM,95 % CI,validate,BIO-A13,as a toy counts\n"
MEASURED = """TOY-01,mean µM,mean,10,µM,,95 % CI 8 to 13,once,true,,
TOY-01,median µM,median,10,µM,,,once,true,factor 4,no error published
TOY-01,SD µM,SD,,µM,,,once,true,reported,not published
"""
STUDY = '''"""Toys: TOY-01."""

from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import Statistic, mean_of, quantile_of, sd_of
from antitrypsim.calibration.target import study
from antitrypsim.populations.spec import AgeRange, Population

SERUM = "circulation.serum_aat"
TOYS = Population(age=AgeRange(mean=50, sd=5), smoking={"never": 1.0}, ascertainment={"screening": 1.0})


@study("TOY-01", own={"toys": TOYS})
def serum(scene: Scene) -> list[Statistic]:
    """TOY-01: serum of toys."""
    seen = scene.run("toys", (SERUM,), (0.0,))[SERUM][:, 0, 0]
    return [mean_of("mean µM", seen), quantile_of("median µM", seen, 0.5), sd_of("SD µM", seen)]
'''
TOUCHES = {
    "a target": {
        "calibration/targets/targets.csv": ROW,
        "calibration/targets/measured.csv": MEASURED,
        "calibration/targets/toys.py": STUDY,
    }
}
CODE = """
from antitrypsim.cli.main import main
assert main(["validate", "--only", "TOY-01", "--people", "20", "--quiet", "--json", "rows.json"]) == 1
"""


def test_rows_and_a_study_are_all_that_a_target_needs(tmp_path):
    run = run_with(tmp_path, TOUCHES["a target"], CODE)
    assert run.returncode == 0, run.stderr
    assert "TOY-01  FAILED  serum AAT of toys; published 10 (8-13) µM" in run.stdout
    # Some 5 µM lie below what was published by (10 - 5) / ((13 - 8) / 3.92) standard errors.
    assert "10 (95 % CI 8 to 13)" in run.stdout
    assert "* median µM: no error published" in run.stdout
    assert "Falling short and not listed: TOY-01." in run.stdout
    (row,) = json.loads((tmp_path / "rows.json").read_text("utf-8"))
    assert row["accept"] == "mean µM 8 to 13; median µM 2.5 to 40; as a toy counts"
    assert row["bounds"] == {"mean µM": [8, 13], "median µM": [2.5, 40], "SD µM": [None, None]}
    # Toys have Z alone: some 5 µM, so that one of the two is met.
    assert 2.5 < row["simulated"]["mean µM"] < 8
    assert row["passed"] is False
    assert row["people"] == "toys"
    found = row["measured"]["mean µM"]
    assert (found["error"], found["noise"], found["verdict"]) == (
        "95 % CI 8 to 13",
        "true",
        "missed",
    )
    assert -6 < found["distance"] < -1
    assert row["measured"]["median µM"]["distance"] is None


def test_a_study_of_which_nothing_was_measured_is_a_sentence(tmp_path):
    files = {name: text for name, text in TOUCHES["a target"].items() if "measured" not in name}
    run = run_with(tmp_path, files, CODE.replace("== 1", "== 2"))
    assert run.returncode == 0, run.stderr
    assert "the study of 'TOY-01' has no row in measured.csv; write one" in run.stderr
