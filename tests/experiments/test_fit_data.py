"""One's own trial as rows: what is read, what cannot be, and where the sentence says it stands."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from antitrypsim.experiments.fitting.data import Column, read_trial
from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols import load_protocol

pytestmark = pytest.mark.contract

OWN = Path(__file__).parent / "own.yaml"
HEAD = "USUBJID,TRT01P,SEX,PARAMCD,AVAL,AVALU,ADY\n"
GOOD = "1,active,F,FEV1,2.1,L,1\n1,active,F,FEV1,2.0,L,371\n2,Placebo,M,FEV1,2.5,L,1\n"


@pytest.fixture(scope="module")
def protocol():
    return load_protocol(OWN)


def read(tmp_path, protocol, text, **options):
    file = tmp_path / "trial.csv"
    file.write_text(text, encoding="utf-8")
    return read_trial(file, protocol, **options)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is no table"),
        (HEAD, "it holds no rows"),
        ("PARAMCD,AVAL,AVALU,ADY\nFEV1,2,L,1\n", "no column USUBJID"),
        (HEAD + "1,active,F,FEV1,,L,1\n", "no row holds a value"),
        (HEAD + GOOD + "2,placebo,M,FEV1,2.5,kPa,371\n", ":5: 'AVALU': 'kPa' is no unit of FEV1"),
        (HEAD + GOOD + "2,placebo,M,FEV1,2500,L,371\n", ":5: 'AVAL': FEV1 of 2500 L is above"),
        (HEAD + GOOD + "2,placebo,M,FEV1,two,L,371\n", ":5: 'AVAL': 'two' is not a number"),
        (HEAD + GOOD + "2,placebo,M,FEV9,2,L,371\n", ":5: 'PARAMCD': no endpoint 'FEV9'; did you"),
        (HEAD + GOOD + "2,sham,M,FEV1,2,L,371\n", ":5: 'TRT01P': the protocol has no arm 'sham'"),
        (HEAD + GOOD + "2,placebo,F,FEV1,2,L,371\n", ":5: 'SEX': '2' is 'F' here and 'M' before"),
        (HEAD + GOOD + "2,active,M,FEV1,2,L,371\n", ":5: 'TRT01P': '2' is 'active' here and"),
        (HEAD + GOOD + "2,placebo,M,FEV1,2,L,1\n", ":5: 'AVAL': FEV1 of '2' stands there twice"),
        (HEAD + GOOD + "2,placebo,M,FEV1,2,L,-200\n", ":5: 'ADY': '-200' is 200 days before"),
        (HEAD + GOOD + "2,placebo,M,FEV1,2,L,-60000\n", "before they were born"),
        (HEAD + GOOD + "2,placebo,M,FEV1,2,L,900\n", ":5: 'ADY': '900' is after the end"),
        (HEAD + GOOD + "2,placebo,M,FEV1,2,L,soon\n", ":5: 'ADY': 'soon' is not a number"),
        (HEAD + GOOD + ",placebo,M,FEV1,2,L,371\n", ":5: 'USUBJID': it is empty"),
        (HEAD + "1,active,F,AATSER,<0.1,µM,1\n", "every value is below the limit"),
        (HEAD.replace("ADY", "WHEN") + GOOD, "no column says when; give ADY, DAY, ADT or AVISIT"),
        (HEAD.replace("ADY", "ADT") + GOOD, "no RANDDT or TRTSDT says when"),
        (HEAD.replace("ADY", "AVISIT") + GOOD, "the protocol has no visit '1'"),
        (HEAD.replace("TRT01P", "GROUP") + GOOD, "no column says the arm"),
        (HEAD.replace("SEX", "AGE").replace("\n", ",X\n") + "1,active,12,FEV1,2.1,L,1,\n", "somebody of 12"),
        (HEAD.replace("SEX", "DTHDY") + "1,active,100,FEV1,2.1,L,371\n", "and died on day"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_row_and_column(tmp_path, protocol, text, said):
    with pytest.raises(InputError, match=r"^[^\n]+$") as problem:
        read(tmp_path, protocol, text)
    assert said in str(problem.value)
    assert problem.value.exit_code == 2


def test_rows_become_people_at_visits(tmp_path, protocol):
    rows = GOOD + "2,placebo,M,AATSER,<0.3,g/L,365\n2,placebo,M,FEV1,2.4,L,250\n"
    limit_free = rows.replace("<0.3,g/L", "5,µM")
    found = read(tmp_path, protocol, HEAD + limit_free)
    assert found.arms == ("active", "placebo")
    assert found.columns == (
        Column("fev1", 0.0), Column("fev1", 249.0), Column("fev1", 365.25), Column("serum_aat", 365.25),
    )  # fmt: skip
    # A study has no day 0; day 371 is the visit of a year; serum AAT is told as a logarithm.
    assert found.values[0, :3] == pytest.approx([2.1, np.nan, 2.0], nan_ok=True)
    assert found.values[1, 3] == pytest.approx(np.log(5.0))
    assert found.died is None
    assert found.covariates["male"].tolist() == [0.0, 1.0]


def test_days_with_a_zero_are_counted_from_it(tmp_path, protocol):
    text = HEAD + "1,active,F,FEV1,2.1,L,0\n1,active,F,FEV1,2.0,L,200\n"
    assert [c.day for c in read(tmp_path, protocol, text).columns] == [0.0, 200.0]


def test_deaths_and_who_left_are_read(tmp_path, protocol):
    head = "USUBJID,ARM,PARAMCD,AVAL,AVALU,DAY,DTHDY,EOSDY\n"
    rows = "1,active,FEV1,2,L,0,300,\n2,active,FEV1,2,L,0,,100\n3,active,FEV1,2,L,365,,\n"
    found = read(tmp_path, protocol, head + rows)
    assert found.died.tolist() == [True, False, False]
    assert found.followed == pytest.approx([300, 100, 365.25])


def test_subjects_are_joined_and_contradictions_told(tmp_path, protocol):
    who = tmp_path / "adsl.csv"
    who.write_text("USUBJID,ARM,AGE\n1,active,50\n2,placebo,60\n", encoding="utf-8")
    text = "USUBJID,PARAMCD,AVAL,AVALU,ADY\n1,FEV1,2.1,L,1\n2,FEV1,2.2,L,1\n"
    found = read(tmp_path, protocol, text, subjects=who)
    assert found.arm.tolist() == [0, 1]
    assert found.covariates["age"].tolist() == [50.0, 60.0]
    for rows, said in (
        ("USUBJID,ARM\n1,active\n", "'2' is not among the subjects"),
        ("USUBJID,ARM\n1,active\n1,active\n2,placebo\n", ":3: 'USUBJID': '1' stands there twice"),
    ):
        who.write_text(rows, encoding="utf-8")
        with pytest.raises(InputError) as problem:
            read(tmp_path, protocol, text, subjects=who)
        assert said in str(problem.value)


def test_a_bds_comes_as_it_is_in_every_format(tmp_path, protocol):
    """Further columns are told, rows that were derived are left out, and the unit may stand in PARAM."""
    frame = pd.DataFrame({
        "STUDYID": "S", "USUBJID": ["1", "1", "1", "2"], "TRTP": ["active"] * 3 + ["placebo"],
        "PARAM": "Forced expiratory volume (L)", "PARAMCD": "FEV1", "AVAL": [2.1, 2.0, 2.0, 2.5],
        "ADY": [1.0, 366.0, 731.0, 1.0], "DTYPE": ["", "", "LOCF", ""],
    })  # fmt: skip
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    found = [read_trial(tmp_path / name, protocol) for name in ("a.csv", "a.parquet")]
    assert found[0].content_hash == found[1].content_hash
    assert found[0].left == (
        "column STUDYID: not read", "1 row derived and not measured (DTYPE)",
    )  # fmt: skip
    assert found[0].rows == 3


def test_what_a_virtual_trial_kept_and_exported_is_read_alike(tmp_path, protocol):
    from antitrypsim.interchange.adam.write import export_adam
    from antitrypsim.simulation.settings import Settings
    from antitrypsim.trials.conduct import conduct

    trial = conduct(protocol, participants=8, settings=Settings(seed=3, tolerance=1e-3))
    own = tmp_path / "visits.csv"
    trial.visits.to_csv(own, index=False)
    export_adam(trial, tmp_path / "adam")
    lung = next((tmp_path / "adam").rglob("adlung.xpt"))
    here, there = read_trial(own, protocol), read_trial(lung, protocol)
    kept = [k for k, c in enumerate(here.columns) if c.endpoint == "fev1"]
    np.testing.assert_allclose(there.values, here.values[:, kept], rtol=1e-6)
