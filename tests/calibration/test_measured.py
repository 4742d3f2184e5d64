"""What was measured is data: each number stands once, with its error, and belongs to a check."""

import csv
import math

import pytest

from antitrypsim.calibration.intervals import error_of
from antitrypsim.calibration.measured import (
    COLUMNS,
    MEASURED,
    around,
    load_measured,
    measured,
    value_of,
)
from antitrypsim.calibration.populations import POPULATIONS, rapid_population
from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import Statistic
from antitrypsim.calibration.target import Study, checks_of, published_targets, study
from antitrypsim.calibration.targets import serum, studies
from antitrypsim.foundations.errors import EvidenceError, InputError
from antitrypsim.populations.spec import Population

pytestmark = pytest.mark.contract

TARGET = {
    "quantity": "a toy",
    "population": "1,200 toys of 7 kg (n 31)",
    "value": "10 (8-13); 23 %",
    "uncertainty": "SE 0.5",
    "conditions": "",
}
GOOD = {
    "target": "TOY-01",
    "check": "a",
    "statistic": "mean",
    "value": "10",
    "unit": "kg",
    "error": "95 % CI 8 to 13",
    "noise": "true",
}
CHOSEN = {**GOOD, "error": "", "accept": "10 %", "why": "as toys are"}


def loaded(folder, *rows):
    path = folder / "measured.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return load_measured(path, {"TOY-01": TARGET})


def one(folder, **changed):
    return loaded(folder, {**GOOD, **changed})["TOY-01"]["a"]


def test_every_published_target_that_is_covered_was_measured_and_the_other_way_round():
    assert set(measured()) == set(studies()) <= set(published_targets())


def test_what_the_two_tables_say_together_is_what_a_target_accepts():
    asked = measured()["TGT-02"]
    assert str(asked["antigenic median µM"]) == "antigenic median µM 4.95 to 6.05"
    assert (asked["functional mean µM"].low, asked["functional mean µM"].high) == (3.4, 4.5)
    late = measured()["TGT-33"]["g/L/year"]
    assert (late.low, late.high, late.published) == (-2.8, -1.72, "-2.26 (SE 0.27)")
    assert measured()["TGT-37"]["F3 or more %"].published == "3 (exact of 31)"
    assert measured()["TGT-44"]["of these with carcinoma %"].accepted == "25 to 52"


def test_a_row_is_read(tmp_path):
    row = one(tmp_path, n="31", when="once", noise="stiffness")
    assert (row.low, row.high, row.unit, row.n, row.when) == (8.0, 13.0, "kg", 31, "once")
    assert (row.noise, row.kind, row.why, row.published) == (
        "stiffness", "within", "", "10 (95 % CI 8 to 13)",
    )  # fmt: skip
    assert one(tmp_path, error="SE 0.5").low == 10 - 1.96 * 0.5
    assert one(tmp_path, error="SD 7", n="1200").high == 10 + 1.96 * 7 / math.sqrt(1200)
    assert one(tmp_path, error="SE 0.5", accept="2 SE", why="so").high == 11.0
    chosen = loaded(tmp_path, CHOSEN)["TOY-01"]["a"]
    assert (chosen.low, chosen.why, chosen.published) == (9.0, "as toys are", "10")
    assert math.isnan(chosen.distance(10.0, 1.0))
    assert str(one(tmp_path, error="", accept="reported", why="a toy")) == "a reported"
    ranged = one(tmp_path, value="", error="range 8 to 13")
    assert (ranged.low, ranged.published) == (8.0, "range 8 to 13")
    assert one(tmp_path, statistic="order", value="4", error="").low == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "TOY-1"}, "no target 'TOY-1'; did you mean 'TOY-01'"),
        ({"check": " "}, "the check has no name"),
        ({"statistic": "meen"}, "no statistic 'meen'; did you mean 'mean'"),
        ({"statistic": "guess"}, "no statistic 'guess'; it is one of mean"),
        ({"unit": "wug"}, "wug"),
        ({"noise": "stifness"}, "no endpoint 'stifness' whose noise could be in it; did you"),
        ({"noise": ""}, "write 'true' where none is in it"),
        ({"n": "many"}, "'many' is no number of people"),
        ({"n": "0"}, "'0' is no number of people"),
        ({"value": "11"}, "11 does not stand in the row of the target"),
        ({"value": "ten"}, "'ten' is no number"),
        ({"error": "SE 0.6"}, "0.6 does not stand in the row of the target"),
        ({"error": "95 % CI 9 to 13"}, "9 does not stand in the row of the target"),
        ({"error": "95 % CI 13 to 8"}, "'95 % CI 13 to 8' holds nothing"),
        ({"error": "about 0.5"}, "'about 0.5' is no error; write it as it is published"),
        ({"error": "exact"}, "'exact' is the error of a share or count or SD, not of a mean"),
        ({"error": "Fisher z"}, "'Fisher z' is the error of a correlation, not of a mean"),
        ({"error": "SD 7"}, "'SD 7' needs to know of how many people, in 'n'"),
        ({"error": "SD 7", "n": "32"}, "32 does not stand in the row of the target"),
        ({"error": "exact", "statistic": "SD", "n": "1"}, "'exact' cannot be reckoned of 1 people"),
        ({"error": "SE 0.5", "value": ""}, "'SE 0.5' is about a value, and there is none"),
        ({"error": ""}, "no error is published, so say in 'accept' what is accepted, and why"),
        ({"accept": "10 %"}, "'accept' is for exceptions and needs a 'why'"),
        ({"why": "so"}, "'accept' is for exceptions and needs a 'why'"),
        ({**CHOSEN, "accept": "a bit"}, "'a bit' does not say what is accepted; write it like"),
        ({**CHOSEN, "accept": "2 SE"}, "'2 SE' needs a published standard error in 'error'"),
        ({**CHOSEN, "value": ""}, "'10 %' is about a published value, and there is none"),
        ({**CHOSEN, "accept": "13 to 8"}, "what is accepted, 13 to 8, holds nothing"),
        ({**CHOSEN, "accept": "at least 11"}, "the published 10 does not lie at least 11"),
    ],
)
def test_a_row_that_contradicts_its_target_or_itself_is_refused(tmp_path, change, said):
    with pytest.raises(EvidenceError, match=r"measured\.csv:2: 'TOY-") as caught:
        loaded(tmp_path, {**GOOD, **change})
    assert said in str(caught.value)


def test_a_check_stands_once(tmp_path):
    with pytest.raises(EvidenceError, match=r"measured.csv:3: .* stands twice"):
        loaded(tmp_path, GOOD, GOOD)


def test_a_target_says_in_whom_it_was_measured(monkeypatch, tmp_path):
    from antitrypsim.calibration import target

    path = tmp_path / "targets.csv"
    path.write_text(
        "id,quantity,population,people,value,unit,uncertainty,role,rests_on,conditions\n"
        "TOY-01,a toy,toys,,1,1,,validate,BIO-A13,\n"
    )
    monkeypatch.setattr(target, "TARGETS", path)
    with pytest.raises(EvidenceError, match=r"'TOY-01': the column 'people' is empty; name those"):
        target.published_targets.__wrapped__()


@pytest.mark.parametrize(
    ("value", "accept", "low", "high"),
    [
        (4.6, "within 0.7", 3.9, 5.3),
        (-0.04, "50 %", -0.06, -0.02),
        (23, "factor 1.6", 14.375, 36.8),
        (-3, "factor 1.5", -4.5, -2),
        (0.5, "at least 0.425", 0.425, math.inf),
        (math.nan, "at most 0", -math.inf, 0),
        (math.nan, "-0.4 to 0.2", -0.4, 0.2),
        (math.nan, "above 0", 5e-324, math.inf),
        (-1.51, "1 SE", -1.76, -1.26),
    ],
)
def test_what_is_accepted_in_words(value, accept, low, high):
    assert around(value, accept, error_of("SE 0.25", "mean")) == (low, high)


def test_a_published_number_may_be_reckoned_from_others():
    assert value_of("7.9 / 0.2") == 39.5
    assert value_of("-2 + 3*(1 - 5)^2") == 46
    for text in ("__import__('os')", "1 if 2 else 3", "1 +", "1/0", "'a'", "True"):
        with pytest.raises(ValueError, match="is no number"):
            value_of(text)


def test_the_exposure_formula_is_the_one_that_was_published():
    words = published_targets()["TGT-04"].value
    assert words == "5.42 + 0.02*(mg/day)*(WT/77)^-0.85"
    with MEASURED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["target"] == "TGT-04"]
    assert len(rows) == 5
    for row in rows:
        weight = row["check"].split()[0]
        formula = words.replace("mg/day", f"60*{weight}/7").replace("WT", weight)
        assert row["value"] == formula


def test_a_check_without_a_row_and_a_row_without_a_check_are_refused(tmp_path):
    asked = loaded(tmp_path, GOOD)["TOY-01"]
    (check,) = checks_of("TOY-01", [Statistic("a", 9.0, 0.1, "a toy")], asked)
    assert (check.low, check.high, check.error, check.detail) == (8, 13, 0.1, "a toy")
    assert (check.passed, check.unit, check.verdict) == (True, "kg", "met")
    assert check.distance == pytest.approx(-1 / math.hypot(5 / 3.92, 0.1))
    for labels, said in (
        ("ab", "the study computes 'b', which has no row; write one"),
        ("", "there is a row of 'a', which the study computes never"),
        ("aa", "there is a row of 'a', which the study computes twice"),
    ):
        with pytest.raises(EvidenceError, match="'TOY-01': ") as caught:
            checks_of("TOY-01", [Statistic(label, 9.0) for label in labels], asked)
        assert said in str(caught.value)


def test_what_is_not_covered_yet_waits_for_its_statistic(tmp_path):
    later = {**GOOD, "error": "", "accept": "not covered yet", "why": "no toys as yet"}
    asked = loaded(tmp_path, later)["TOY-01"]
    assert checks_of("TOY-01", [], asked) == []
    with pytest.raises(
        EvidenceError, match=r"'a', which is 'not covered yet'; say what is accepted"
    ):
        checks_of("TOY-01", [Statistic("a", 9.0)], asked)


def test_one_group_of_people_is_one_virtual_population():
    """Others of the same people differ in genotype, or only in age, smoking and who is left."""
    known = {**POPULATIONS, "rapid": rapid_population()}
    groups: dict[str, set[str]] = {}
    for id, each in studies().items():
        groups.setdefault(published_targets()[id].people, set()).update(each.stand_for)
        known |= each.own
    assert groups["Swedish register"] == {"register", "register MM"}
    for people, names in groups.items():
        found = [dict(known[name]) for name in sorted(names)]
        for other in found[1:]:
            same = other["genotype"] == found[0]["genotype"]
            for key in ("male", "ascertainment") if same else ():
                assert other[key] == found[0][key], people


def test_a_study_that_stands_alone_is_refused(monkeypatch):
    def found_with(id):
        with monkeypatch.context() as patch:
            patch.setattr(serum, "TOY", Study(id, lambda scene: []), raising=False)
            with pytest.raises(EvidenceError) as caught:
                studies()
        return str(caught.value)

    assert "two studies are of the target 'TGT-02'" in found_with("TGT-02")
    assert "a study is of 'TGT-0', which targets.csv does not have; did you" in found_with("TGT-0")


def test_rows_that_stand_alone_are_refused(monkeypatch):
    monkeypatch.delattr(serum, "zz")
    with pytest.raises(
        EvidenceError, match=r"there are rows of measured\.csv for 'TGT-02' and no study"
    ):
        studies()


def test_a_study_of_which_nothing_was_measured_is_refused(monkeypatch):
    from antitrypsim.calibration import targets

    few = {id: rows for id, rows in measured().items() if id != "TGT-02"}
    monkeypatch.setattr(targets, "measured", lambda: few)
    with pytest.raises(EvidenceError, match=r"the study of 'TGT-02' has no row in measured\.csv"):
        studies()


def test_a_study_brings_populations_of_its_own():
    own = {"toys": Population()}
    toy = study("TOY-01", "adults ZZ", own=own)(lambda scene: [])
    assert toy.populations == toy.stand_for == {"adults ZZ", "toys"}
    assert study("TOY-01", beside=["adults ZZ"])(lambda scene: []).stand_for == set()
    scene = Scene(model=None)
    scene.add(toy.own)
    scene.add(toy.own)
    for name in ("toys", "adults ZZ", "rapid"):
        with pytest.raises(InputError, match=r"a name of its own|its own name"):
            scene.add({name: Population(male=0.1)})
