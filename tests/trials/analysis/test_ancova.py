from __future__ import annotations

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.trials.analysis import ANALYSES

ANCOVA = ANALYSES["ancova"]


@pytest.mark.parametrize(
    ("key", "covariates"), [("ancova", ()), ("ancova_covariates", ("REGION", "AGE"))]
)
def test_matches_emmeans(data, reference, agree, pick, key, covariates):
    result = ANCOVA.run(data("slopes"), reference="placebo", visit="V3", covariates=covariates)
    for expected in reference[key]["means"]:
        agree(pick(result, arm=expected["arm"], contrast=None, visit="V3"), expected, rel=1e-9)
    for expected in reference[key]["contrasts"]:
        agree(pick(result, arm=expected["arm"], contrast="placebo"), expected, rel=1e-9)
    assert len(result.rows) == 5
    assert all((row.p is None) == (row.contrast is None) for row in result.rows)


def test_level_sets_the_width(data):
    narrow, wide = (
        ANCOVA.run(data("slopes"), reference="low", visit="V3", level=level).rows[-1]
        for level in (0.8, 0.99)
    )
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_visit_is_needed_and_known(data):
    with pytest.raises(InputError, match="needs the option 'visit'"):
        ANCOVA.run(data("slopes"), reference="placebo")
    with pytest.raises(InputError, match="no visit 'V33'; did you mean 'V3'"):
        ANCOVA.run(data("slopes"), reference="placebo", visit="V33")


def test_all_missing_visit(data):
    frame = data("slopes")
    frame.loc[frame["AVISIT"] == "V3", ["AVAL", "CHG"]] = float("nan")
    with pytest.raises(InputError, match="no participant with a value at visit 'V3'"):
        ANCOVA.run(frame, reference="placebo", visit="V3")


def test_two_rows_of_one_participant(data):
    frame = data("slopes")
    frame.loc[frame["AVISIT"] == "V4", "AVISIT"] = "V3"
    with pytest.raises(InputError, match="more than one row at visit 'V3'"):
        ANCOVA.run(frame, reference="placebo", visit="V3")


def test_constant_baseline_is_refused(data):
    with pytest.raises(InputError, match="cannot be told apart"):
        ANCOVA.run(data("slopes").assign(BASE=50.0), reference="placebo", visit="V3")
