"""Files of dosing records: read then written they are the same; what cannot be is one sentence."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import antitrypsim as ats
from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange import records
from antitrypsim.interchange.records import csv_of, export_records, import_records
from antitrypsim.interchange.synthetic import SYNTHETIC
from antitrypsim.protocols import bundled_protocols, load_protocol
from antitrypsim.simulation.given import DoseRecord, InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from tests.interchange.adam.corpus import NONMEM

pytestmark = pytest.mark.contract

AAT = "augmentation/intravenous"


def put(tmp_path, text, name="doses.csv"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.law
@pytest.mark.parametrize("name", bundled_protocols())
def test_every_arm_comes_back_from_its_file(name, tmp_path) -> None:
    found = export_records(name)
    file = put(tmp_path, found.to_csv())
    again = import_records(file)
    assert dict(again.regimens) == load_protocol(name).regimens()
    assert again.to_csv() == found.to_csv()
    assert found.to_csv().startswith(f"# {SYNTHETIC}\n")


durations = st.sampled_from([0.0, 0.1, 1 / 3, 2.5]) | st.floats(1e-3, 30)
infusions = st.builds(
    DoseRecord, st.just(AAT), st.floats(0.1, 100), st.tuples(st.floats(-300, 300)), durations
)


@pytest.mark.law
@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), st.lists(infusions, max_size=3), min_size=1))
def test_infusions_come_back_digit_for_digit(tmp_path_factory, given) -> None:
    people = {id: Regimen(doses=tuple(doses)) for id, doses in given.items()}
    file = put(tmp_path_factory.mktemp("records"), csv_of(people))
    assert dict(import_records(file).regimens) == people


def test_a_file_of_another_program(tmp_path) -> None:
    text = "id, time, amt, rate, cmt, addl, ii, dv, wt\n2,24,60,5,1,1,168,.,70\n1,0,60,.,1,.,.,NA,80\n2,0,.,.,.,.,.,3.5,70\n"
    found = import_records(put(tmp_path, text), doses={"1": AAT}, ignore=["WT"], hours=True)
    assert list(found.regimens) == ["2", "1"]
    assert found.regimens["2"] == Regimen(doses=(DoseRecord(AAT, 60.0, (1.0, 8.0), 0.5),))
    assert found.regimens["1"] == repeated(AAT, 60)
    assert found.report.carried == (
        "2 people, 3 doses in all",
        f"{AAT}, amounts in mg/kg",
        "times in hours, taken as days of 24",
    )
    assert found.report.left_out == (
        "WT: ignored, as asked",
        "DV: what was measured is no part of a regimen",
    )


WEIGHED = """ID,TIME,AMT,RATE,EVID,CMT,ADDL,II,WT
1,0,4,4,1,1,1,168,75
1,336,.,.,0,1,.,.,60
1,240,0.5,.,1,3,.,.,75
2,0,4500,.,1,2,.,.,80
"""
UNITS = {"1": f"{AAT}:g", "2": f"{AAT}:mg", "3": f"{AAT}:g/kg"}


def test_amounts_in_other_units_and_weight_that_changes(tmp_path) -> None:
    found = import_records(put(tmp_path, WEIGHED), doses=UNITS, hours=True, weight="wt")
    one, two = found.regimens.values()
    assert one == Regimen(
        doses=(
            DoseRecord(AAT, 4000.0, (0.0, 7.0), 1 / 24, -1),
            DoseRecord(AAT, 500.0, (10.0,)),
        ),
        inputs=(InputRecord("person.relative_weight", (14.0,), (0.8,)),),
    )
    assert two == Regimen(doses=(DoseRecord(AAT, 4500.0, (0.0,), 0.0, -1),))
    told = found.report.text()
    assert f"{AAT}, amounts in mg\n" in told
    assert "WT: how body weight changes, as a share of each person's first" in told
    again = import_records(put(tmp_path, found.to_csv(), "again.csv"))
    assert dict(again.regimens) == dict(found.regimens)


def test_milligrams_that_are_taken_for_milligrams_by_weight_are_seen(tmp_path) -> None:
    text = "ID,TIME,AMT,CMT\n1,0,{},augmentation/intravenous\n"
    with pytest.raises(
        InputError, match="if amounts are in mg, say so: augmentation/intravenous:mg"
    ):
        import_records(put(tmp_path, text.format(4500)))
    found = import_records(put(tmp_path, text.format(200)))
    assert (
        "beware, augmentation/intravenous: 200 mg/kg is above the largest dose"
        in found.report.text()
    )


@pytest.mark.parametrize(
    ("old", "new", "options", "said"),
    [
        ("", "", {"weight": "WEIGHT"}, "there is no column 'WEIGHT' of weights"),
        (",75", ",0", {}, "'WT': row 1: '0' is no body weight in kg"),
        ("", "", {"doses": {**UNITS, "1": f"{AAT}:L"}}, "'L' is no unit of augmentation/intravenous, which is dosed in mg/kg"),
        ("", "", {"doses": {**UNITS, "1": "augmentation/oral:mg"}}, "no dose 'augmentation/oral'"),
        ("ADDL,II,WT", "ADDL,BYWT,WT", {}, "says what this column says as well"),
    ],
)  # fmt: skip
def test_amounts_and_weights_that_cannot_be_are_one_sentence(
    tmp_path, old, new, options, said
) -> None:
    file = put(tmp_path, WEIGHED.replace(old, new, 1) if old else WEIGHED)
    with pytest.raises(InputError, match=said) as told:
        import_records(file, **{"doses": UNITS, "hours": True, "weight": "WT", **options})
    assert "\n" not in str(told.value)


def test_a_weight_that_nobody_can_reach_is_refused(tmp_path) -> None:
    text = f"ID,TIME,AMT,EVID,CMT,WT\n1,0,60,1,{AAT},80\n1,7,60,1,{AAT},8000\n"
    with pytest.raises(InputError, match="100 times the body weight at day 0 cannot be"):
        import_records(put(tmp_path, text), weight="WT")


def test_a_row_that_is_taken_out_says_no_weight_and_two_weights_at_once_are_told(tmp_path) -> None:
    head = "C,ID,TIME,AMT,EVID,CMT,WT\n"
    text = (
        head
        + f"C,1,0,60,1,{AAT},.\nC,1,0,60,1,{AAT},100\n.,1,0,60,1,{AAT},80\n.,1,7,60,1,{AAT},72\n"
    )
    found = import_records(put(tmp_path, text), weight="WT").regimens
    (regimen,) = found.values()
    assert regimen.courses["person.relative_weight"] == ((7.0, 72 / 80),)
    twice = head + f".,1,0,60,1,{AAT},80\n.,1,0,.,0,{AAT},72\n"
    with pytest.raises(InputError, match="'WT': row 2: 72 kg, and 80 kg at the same time"):
        import_records(put(tmp_path, twice), weight="WT")


@pytest.mark.skipif(NONMEM is None, reason="the public files are not here")
@pytest.mark.parametrize(("name", "doses"), [("theo_sd", 12), ("theo_md", 84)])
def test_theophylline(name, doses) -> None:
    file = NONMEM / f"{name}.csv"
    found = import_records(file, doses={"1": "augmentation/inhaled"}, ignore=["WT"], hours=True)
    assert len(found.regimens) == 12
    assert sum(len(d.times) for r in found.regimens.values() for d in r.doses) == doses
    with pytest.raises(InputError, match="'WT': nothing reads this column"):
        import_records(file)


HEAD = "ID,TIME,AMT,CMT\n"


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        ("", {}, "this is no table"),
        (HEAD + f"1,0,60,{AAT},9\n", {}, "row 1 has 5 cells, and there are 4 columns"),
        (HEAD + f"1,0,60,{AAT}\n1,7\n", {}, "row 2 has 2 cells"),
        (HEAD + f'"5",1,0,60,{AAT}\n', {}, "row 1 has 5 cells, and there are 4 columns"),
        ("ID;TIME;AMT;CMT\n1;0;60;1\n", {}, "separated by semicolons"),
        (HEAD + "1,0,60,augmentation/intravenos\n", {}, "did you mean 'augmentation/intravenous'?"),
        (HEAD + "1,0,60,1\n", {}, "'CMT': no dose '1'; say what it is: 1=augmentation/intravenous"),
        (HEAD + f"1,0,60,{AAT}\n", {"doses": {"2": AAT}}, "'CMT': no row has '2', which is said"),
        (HEAD + f"1,0,60,{AAT}\n", {"ignore": ["WT"]}, "there is no column 'WT' to ignore"),
        (
            HEAD + f"1,0,1e308,{AAT}\n",
            {},
            "'AMT': what is given of augmentation/intravenous within a day adds up to 1e+308 mg/kg",
        ),
        (HEAD + f"1,noon,60,{AAT}\n", {"hours": True}, "'TIME': row 1: 'noon' is not a number"),
        (HEAD + f"1,0,60,{AAT}\n", {"run_in": 0}, "a run-in of 0 days cannot be"),
        (HEAD.encode() + "1,0,60,é\n".encode("latin-1"), {}, "the text is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(text, asked, said, tmp_path) -> None:
    file = put(tmp_path, text)
    with pytest.raises(InputError) as caught:
        import_records(file, **asked)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_or_not_there(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(records, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="too much at once"):
        import_records(put(tmp_path, HEAD * 2))
    with pytest.raises(InputError, match="the file cannot be read"):
        import_records(tmp_path / "none.csv")


def test_records_from_the_command_line(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", "records", "rapid", "--arm", "active", "--out", "active.csv"]) == 0
    assert "active: 105 doses" in capsys.readouterr().out
    assert (
        main(["import", "records", "active.csv", "--out", "again.csv", "--json", "all.json"]) == 0
    )
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "active.csv").read_bytes()
    regimen = Regimen.from_dict(json.loads((tmp_path / "all.json").read_text("utf-8"))["active"])
    assert regimen == load_protocol("rapid").regimens()["active"]
    capsys.readouterr()
    assert main(["import", "records", "active.csv"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"# {SYNTHETIC}\nID,TIME")
    assert "1 person, 105 doses in all" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["export", "records", "rapid", "--arm", "activ"],
            "no arm 'activ'; did you mean 'active'?",
        ),
        (["export", "records", "rapd"], "rapid"),
        (["import", "records", "none.csv"], "the file cannot be read"),
        (["import", "records", "none.csv", "--dose", "1"], "write for example 1=augmentation"),
        (["import", "records", "none.csv", "--out", "none.csv"], "would overwrite it"),
    ],
)
def test_what_cannot_be_asked(words, said, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not list(tmp_path.iterdir())


def test_the_door_has_them(tmp_path) -> None:
    file = put(tmp_path, ats.export_records("rapid").to_csv())
    assert list(ats.import_records(file).regimens) == ["active", "placebo"]
    assert isinstance(ats.regimens_to_frame(ats.import_records(file).regimens), pd.DataFrame)
