"""Acceptance bounds are data: each stands once, rests on what was published, and belongs to a check."""

import csv
import math

import pytest
from antitrypsim.calibration.bounds import BOUNDS, COLUMNS, around, bounds, load_bounds, value_of

from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.target import Statistic, Study, checks_of, published_targets, study
from antitrypsim.calibration.targets import serum, studies
from antitrypsim.foundations.errors import EvidenceError, InputError
from antitrypsim.populations.spec import Population

pytestmark = pytest.mark.contract

TARGET = {
    "quantity": "a toy",
    "population": "toys of 7 kg",
    "value": "10 (8-13)",
    "uncertainty": "SE 0.5",
    "conditions": "",
}
GOOD = {
    "target": "TOY-01",
    "check": "a",
    "basis": "published",
    "low": "8",
    "high": "13",
    "unit": "kg",
}
TOLERANCE = {
    **GOOD,
    "basis": "tolerance",
    "published": "10",
    "within": "10 %",
    "low": "",
    "high": "",
}


def loaded(folder, *rows):
    path = folder / "bounds.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return load_bounds(path, {"TOY-01": TARGET})


def test_every_published_target_that_is_covered_has_bounds_and_the_other_way_round():
    assert set(bounds()) == set(studies()) <= set(published_targets())


def test_what_the_two_tables_say_together_is_what_a_target_accepts():
    asked = bounds()["TGT-02"]
    assert str(asked["antigenic median µM"]) == "antigenic median µM 4.95 to 6.05"
    assert (asked["functional mean µM"].low, asked["functional mean µM"].high) == (3.4, 4.5)
    assert (bounds()["TGT-33"]["g/L/year"].low, bounds()["TGT-33"]["g/L/year"].high) == (
        -2.8,
        -1.72,
    )


def test_a_row_is_read(tmp_path):
    one = loaded(tmp_path, GOOD)["TOY-01"]["a"]
    assert (one.low, one.high, one.unit, one.basis) == (8.0, 13.0, "kg", "published")
    assert loaded(tmp_path, TOLERANCE)["TOY-01"]["a"].low == 9.0
    se = {**TOLERANCE, "se": "0.5", "within": "2 SE above"}
    assert loaded(tmp_path, se)["TOY-01"]["a"].high == 11.0
    reported = loaded(tmp_path, {**GOOD, "basis": "reported", "low": "", "high": ""})
    assert str(reported["TOY-01"]["a"]) == "a reported"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "TOY-1"}, "no target 'TOY-1'; did you mean 'TOY-01'"),
        ({"check": " "}, "the check has no name"),
        ({"basis": "guessed"}, "no basis 'guessed'; it is one of published"),
        ({"unit": "wug"}, "wug"),
        ({"low": "9"}, "9 does not stand in the row of the target"),
        ({"low": "13", "high": "8"}, "hold nothing between them"),
        ({"low": "ten"}, "could not convert"),
        ({"published": "7"}, "the published 7 does not lie 8 to 13"),
        ({"published": "11"}, "11 does not stand in the row of the target"),
        ({"se": "0.6"}, "0.6 does not stand in the row of the target"),
        ({"within": "10 %"}, "'within' is for the basis 'tolerance'"),
        ({"basis": "reported"}, "are 'reported', and no others"),
        ({"basis": "chosen", "low": "", "high": ""}, "are 'reported', and no others"),
        ({**TOLERANCE, "within": ""}, "'within' is for the basis 'tolerance', which needs it"),
        ({**TOLERANCE, "published": ""}, "a tolerance needs 'published'"),
        ({**TOLERANCE, "high": "13"}, "neither 'low' nor 'high'"),
        ({**TOLERANCE, "within": "a bit"}, "'a bit' is no tolerance"),
        ({**TOLERANCE, "within": "2 SE"}, "needs the published standard error"),
    ],
)
def test_a_bound_that_contradicts_its_target_or_itself_is_refused(tmp_path, change, said):
    with pytest.raises(EvidenceError, match=r"bounds\.csv:2: 'TOY-") as caught:
        loaded(tmp_path, {**GOOD, **change})
    assert said in str(caught.value)


def test_a_check_stands_once(tmp_path):
    with pytest.raises(EvidenceError, match=r"bounds.csv:3: .* stands twice"):
        loaded(tmp_path, GOOD, GOOD)


@pytest.mark.parametrize(
    ("value", "within", "low", "high"),
    [
        (4.6, "0.7", 3.9, 5.3),
        (-0.04, "50 %", -0.06, -0.02),
        (23, "factor 1.6", 14.375, 36.8),
        (-3, "factor 1.5", -4.5, -2),
        (0.5, "15 % below", 0.425, math.inf),
        (0.5, "0.1 above", -math.inf, 0.6),
        (-1.51, "1 SE", -1.76, -1.26),
    ],
)
def test_a_tolerance_about_a_value(value, within, low, high):
    assert around(value, within, 0.25) == (low, high)


def test_a_published_number_may_be_reckoned_from_others():
    assert value_of("7.9 / 0.2") == 39.5
    assert value_of("-2 + 3*(1 - 5)^2") == 46
    for text in ("__import__('os')", "1 if 2 else 3", "1 +", "1/0", "'a'", "True"):
        with pytest.raises(ValueError, match="is no number"):
            value_of(text)


def test_the_exposure_formula_is_the_one_that_was_published():
    words = published_targets()["TGT-04"].value
    assert words == "5.42 + 0.02*(mg/day)*(WT/77)^-0.85"
    with BOUNDS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["target"] == "TGT-04"]
    assert len(rows) == 5
    for row in rows:
        weight = row["check"].split()[0]
        formula = words.replace("mg/day", f"60*{weight}/7").replace("WT", weight)
        assert row["published"] == formula


def test_a_check_without_a_row_and_a_row_without_a_check_are_refused(tmp_path):
    asked = loaded(tmp_path, GOOD)["TOY-01"]
    (check,) = checks_of("TOY-01", [Statistic("a", 9.0, 0.1, "a toy")], asked)
    assert (check.low, check.high, check.error, check.detail) == (8, 13, 0.1, "a toy")
    assert (check.passed, check.unit) == (True, "kg")
    for labels, said in (
        ("ab", "'b', which has no row of bounds; write one"),
        ("", "bounds for 'a', which the study computes never"),
        ("aa", "bounds for 'a', which the study computes twice"),
    ):
        with pytest.raises(EvidenceError, match="'TOY-01': ") as caught:
            checks_of("TOY-01", [Statistic(label, 9.0) for label in labels], asked)
        assert said in str(caught.value)


def test_a_study_that_stands_alone_is_refused(monkeypatch):
    def found_with(id):
        with monkeypatch.context() as patch:
            patch.setattr(serum, "TOY", Study(id, lambda scene: []), raising=False)
            with pytest.raises(EvidenceError) as caught:
                studies()
        return str(caught.value)

    assert "two studies are of the target 'TGT-02'" in found_with("TGT-02")
    assert "a study is of 'TGT-0', which targets.csv does not have; did you" in found_with("TGT-0")


def test_bounds_that_stand_alone_are_refused(monkeypatch):
    monkeypatch.delattr(serum, "zz")
    with pytest.raises(EvidenceError, match="there are bounds for 'TGT-02' and no study"):
        studies()


def test_a_study_that_has_no_bounds_is_refused(monkeypatch):
    from antitrypsim.calibration import targets

    few = {id: rows for id, rows in bounds().items() if id != "TGT-02"}
    monkeypatch.setattr(targets, "bounds", lambda: few)
    with pytest.raises(EvidenceError, match=r"the study of 'TGT-02' has no row in bounds\.csv"):
        studies()


def test_a_study_brings_populations_of_its_own():
    own = {"toys": Population()}
    toy = study("TOY-01", "adults ZZ", own=own)(lambda scene: [])
    assert toy.populations == {"adults ZZ", "toys"}
    scene = Scene(model=None)
    scene.add(toy.own)
    scene.add(toy.own)
    for name in ("toys", "adults ZZ", "rapid"):
        with pytest.raises(InputError, match=r"a name of its own|its own name"):
            scene.add({name: Population(male=0.1)})
