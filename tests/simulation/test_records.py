"""Dosing records: every regimen comes back; what cannot be given is refused with row and column."""

import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols import bundled_protocols, load_protocol
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.given import HeldLevel
from antitrypsim.simulation.regimen import Regimen, regimens_from_frame, regimens_to_frame, repeated
from tests.simulation.test_regimen import regimens

pytestmark = pytest.mark.contract


AAT = "augmentation/intravenous"
ROW = {"ID": 1, "TIME": 0.0, "AMT": 60.0, "EVID": 1, "CMT": AAT}


def frame(*rows, **changed):
    return pd.DataFrame([{**ROW, **row, **changed} for row in rows or ({},)])


def through_csv(table):
    text = table.to_csv(index=False)
    return pd.read_csv(io.StringIO(text))


@pytest.mark.law
@pytest.mark.parametrize("name", bundled_protocols())
def test_every_bundled_arm_comes_back(name) -> None:
    for regimen in load_protocol(name).regimens().values():
        assert Regimen.from_frame(regimen.to_frame()) == regimen
        assert Regimen.from_frame(through_csv(regimen.to_frame())) == regimen


@pytest.mark.law
@settings(max_examples=60)
@given(regimens())
def test_every_regimen_comes_back(regimen) -> None:
    assert Regimen.from_frame(regimen.to_frame()) == regimen


@pytest.mark.law
@settings(max_examples=30)
@given(st.dictionaries(st.integers(1, 99), regimens(), max_size=4))
def test_everybody_comes_back(people) -> None:
    table = regimens_to_frame(people)
    assert regimens_from_frame(table) == people
    assert regimens_from_frame(through_csv(table)) == people


def test_levels_and_details_are_rows() -> None:
    regimen = parse_therapy(
        "msc@intravenous[source=autologous]:2e8cells/once + tacrolimus:6ng/mL/held", 1
    )
    table = regimen.to_frame(id=7).set_index("CMT")
    assert set(table["ID"]) == {7}
    assert table.loc["rejection.tacrolimus", ["EVID", "LEVEL", "UNTIL"]].tolist() == [2, 6, 365.25]
    assert table.loc["msc.foreign", "SETTING"] == 0
    assert table.loc["msc/intravenous", ["EVID", "AMT"]].tolist() == [1, 2e8]


def test_each_id_is_a_person() -> None:
    table = frame(*({"ID": k} for k in (1, 2, 3)))
    found = regimens_from_frame(table)
    assert list(found) == [1, 2, 3]
    assert all(each == repeated(AAT, 60) for each in found.values())
    with pytest.raises(InputError, match="'ID': these are the records of 3 people"):
        Regimen.from_frame(table)


def test_small_letters_and_full_stops_are_read() -> None:
    table = frame({"ADDL": 3, "II": 7.0, "RATE": ".", "C": "."})
    small = table.rename(columns=str.lower)
    assert Regimen.from_frame(small) == repeated(AAT, 60, every=7, until=28)


def test_rows_that_give_nothing_are_passed_over() -> None:
    table = frame(
        {}, {"EVID": 0, "AMT": 0.0, "DV": 11.0, "MDV": 0}, {"EVID": 2, "AMT": np.nan}, {"C": "C"}
    )
    assert Regimen.from_frame(table) == repeated(AAT, 60)


def test_without_evid_an_amount_is_a_dose() -> None:
    table = frame({}, {"TIME": 7.0, "AMT": 0.0}).drop(columns="EVID")
    assert Regimen.from_frame(table) == repeated(AAT, 60)


@pytest.mark.parametrize(
    ("changed", "column", "said"),
    [
        ({"ADDL": 3}, "II", "3 more doses need an interval above 0"),
        ({"ADDL": 3, "II": -7}, "II", "-7 cannot be"),
        ({"ADDL": 1.5, "II": 7}, "ADDL", "1.5 is not a whole number"),
        ({"ADDL": -1, "II": 7}, "ADDL", "-1 is not a whole number"),
        ({"ADDL": 10**9, "II": 7}, "ADDL", "are too many"),
        ({"II": 7}, "ADDL", "says nothing without ADDL"),
        ({"RATE": -1}, "RATE", "-1 takes the rate from the program"),
        ({"RATE": -2}, "RATE", "-2 takes the duration from the program"),
        ({"RATE": -3}, "RATE", "-3 cannot be"),
        ({"RATE": 2, "AMT": 0}, "RATE", "there is no amount"),
        ({"RATE": 2, "DUR": 2}, "RATE", "over 30 days, not over 2"),
        ({"DUR": 2, "TINF": 3}, "TINF", "over 2 days by DUR"),
        ({"DUR": -2}, "DUR", "-2 cannot be"),
        ({"SS": 1}, "II", "a steady state needs the interval"),
        ({"SS": 3, "II": 7}, "SS", "3 cannot be given; 0, 1 and 2 can"),
        ({"SS": 1, "II": 1e-3}, "II", "365,250 doses before a steady state are too many"),
        ({"TIME": 1, "SS": 1, "II": 7}, "SS", "would undo what is given"),
        (
            {"TIME": 1, "SS": 1, "II": 7, "CMT": "fazirsiran/subcutaneous"},
            "SS",
            "would undo what is given of 'augmentation/intravenous'",
        ),
        ({"EVID": 2, "AMT": 0, "SS": 1}, "SS", "belongs to a dose"),
        ({"EVID": 2, "AMT": 0, "RATE": 1}, "RATE", "belongs to a dose"),
        ({"C": "late"}, "C", "'late' is not C"),
        ({"MDV": 4}, "MDV", "0 or 1"),
        ({"EVID": 4}, "EVID", "4 cannot be given"),
        ({"EVID": 0}, "AMT", "gives nothing, and here is an amount"),
        ({"AMT": -60}, "AMT", "-60 cannot be; a number of 0 or more can"),
        ({"AMT": math.inf}, "AMT", "inf cannot be"),
        ({"AMT": "sixty"}, "AMT", "'sixty' is not a number"),
        ({"AMT": None}, "AMT", "there is no number"),
        ({"TIME": "10:30"}, "TIME", "'10:30' is not a number"),
        ({"TIME": None}, "TIME", "there is no number"),
        ({"CMT": 1}, "CMT", "'1' names no dose; write 'product/route'"),
        ({"CMT": "."}, "CMT", "'' names no dose"),
        ({"ID": None}, "ID", "nobody is named"),
        ({"ID": pd.NA}, "ID", "nobody is named"),
        ({"ID": [1]}, "ID", "'[1]' is no id"),
        ({"AMT": pd.NA}, "AMT", "there is no number"),
        ({"AMT": 10**400}, "AMT", "is not a number"),
        ({"EVID": 1e300}, "EVID", "1e+300 is too large"),
        ({"LEVEL": 6}, "LEVEL", "belongs to a row of EVID 2"),
        ({"EVID": 2, "AMT": 0, "LEVEL": 6, "UNTIL": -1}, "UNTIL", "does not come after day 0"),
        ({"EVID": 2, "AMT": 0, "UNTIL": 9}, "UNTIL", "there is none"),
        ({"EVID": 2, "AMT": 0, "LEVEL": 6, "SETTING": 6}, "LEVEL", "stands alone"),
        ({"EVID": 0, "AMT": 0, "SETTING": 6}, "SETTING", "stands alone in a row of EVID 2"),
        ({"EVID": 2, "AMT": 0, "LEVEL": -6}, "LEVEL", "-6 cannot be"),
        ({"EVID": 2, "AMT": 0, "ADDL": 3}, "ADDL", "belongs to a dose"),
    ],
)
def test_what_cannot_be_given_is_refused_with_row_and_column(changed, column, said) -> None:
    with pytest.raises(InputError) as caught:
        Regimen.from_frame(frame({}, changed))
    assert str(caught.value).startswith(f"'{column}': row 2: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("column", ["TIME", "AMT", "CMT"])
def test_a_missing_column_is_a_sentence(column) -> None:
    with pytest.raises(InputError, match=f"'{column}': dosing records need the columns"):
        Regimen.from_frame(frame().drop(columns=column))


def test_other_columns_are_refused_or_named() -> None:
    with pytest.raises(InputError, match=r"'WT': nothing reads this column.*ignore=\['WT'\]"):
        Regimen.from_frame(frame(WT=70))
    assert Regimen.from_frame(frame(wt=70), ignore=["WT"]) == repeated(AAT, 60)
    with pytest.raises(InputError, match="did you mean 'AMT'"):
        Regimen.from_frame(frame(AMTT=70))
    with pytest.raises(InputError, match="'TIME': the column is there twice"):
        Regimen.from_frame(frame(time=1.0))


def test_two_settings_of_one_time_contradict() -> None:
    row = {"EVID": 2, "AMT": 0, "CMT": "msc.foreign"}
    with pytest.raises(InputError, match=r"'SETTING': row 2: 'msc\.foreign' is 1 at that time"):
        Regimen.from_frame(frame({**row, "SETTING": 1}, {**row, "SETTING": 0}))


@pytest.mark.parametrize("what", [None, {}, [1]])
def test_what_is_no_table_is_refused(what) -> None:
    with pytest.raises(InputError, match="dosing records are a data frame"):
        Regimen.from_frame(what)


@pytest.mark.parametrize("ids", [(1, "1"), (1, "1.0"), ("1", "1.0"), ("a", "a ")])
def test_one_id_is_written_in_one_way(ids):
    with pytest.raises(InputError, match="one id in two ways"):
        regimens_from_frame(frame(*({"ID": id} for id in ids)))
    assert len(regimens_from_frame(frame({"ID": 1}, {"ID": 1.0}, {"ID": 2}))) == 2


def test_more_than_a_body_holds_is_not_given():
    from antitrypsim.therapies import build_model

    model = build_model(therapies=("augmentation", "immunosuppression"))
    with pytest.raises(InputError, match=r"1e\+300 mg/kg, more than a body would hold"):
        Regimen.from_frame(frame(AMT=1e300)).check(model)
    held = Regimen(levels=(HeldLevel("rejection.tacrolimus", 8e5),))
    with pytest.raises(InputError, match=r"a level of rejection\.tacrolimus is 800000 ng/mL, more"):
        held.check(model)
