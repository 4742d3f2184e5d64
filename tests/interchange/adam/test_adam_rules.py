"""What data sets of a trial promise: the rules of ADaM, and the same values in every format."""

import json
import math

import numpy as np
import odmlib.define_loader
import odmlib.loader
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.documents.trialdata import read_table
from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.adam.spec import LARGEST, SMALLEST, Variable, dataset
from antitrypsim.interchange.adam.study import adam_of
from antitrypsim.interchange.adam.subjects import study_day
from antitrypsim.interchange.adam.write import FORMATS, export_adam
from antitrypsim.interchange.adam.xpt import xpt_bytes
from antitrypsim.interchange.synthetic import SYNTHETIC
from tests.interchange.adam.corpus import CDISC
from tests.interchange.adam.made import made
from tests.shared import trial

pytestmark = pytest.mark.contract

STUDY = adam_of(made())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("adam") / "all"
    export_adam(made(), out, tuple(FORMATS))
    return out


def toy(values, kind="float", name="AVAL", label="a value"):
    columns = [(Variable("USUBJID", "who"), [f"P{k}" for k in range(len(values))]),
               (Variable(name, label, kind), values)]  # fmt: skip
    return dataset("ADTOY", "a toy", "ADAM OTHER", "a row a value", ("USUBJID",), columns)


def read_xpt(found, tmp_path):
    file = tmp_path / "toy.xpt"
    file.write_bytes(xpt_bytes(found))
    return pyreadstat.read_xport(str(file))


def same(one: pd.Series, other: pd.Series) -> bool:
    one, other = one.replace("", None), other.replace("", None)
    gone = one.isna()
    return bool((gone == other.isna()).all() and (one[~gone] == other[~gone]).all())


def test_the_rules_of_adam() -> None:
    by_name = {each.name: each.frame for each in STUDY.datasets}
    assert list(by_name) == [
        "ADSL", "ADCIRCUL", "ADLUNG", "ADWELLBE", "ADTTE", "ADCOUNT", "ADAE", "ADEX",
    ]  # fmt: skip
    people = by_name["ADSL"]
    assert people["USUBJID"].is_unique
    assert len(people) == len(made().participants)
    for name, frame in by_name.items():
        for flag in (c for c in frame if c.endswith("FL")):
            assert set(frame[flag]) <= {"Y", ""}, (name, flag)
        for day in (c for c in frame if c.endswith("DY")):
            assert not (frame[day] == 0).any(), (name, day)
        assert set(frame["USUBJID"]) <= set(people["USUBJID"])
    for name in ("ADLUNG", "ADCIRCUL", "ADWELLBE"):
        frame = by_name[name]
        base = frame[frame["ABLFL"] == "Y"]
        assert (base["BASE"] == base["AVAL"]).all()
        assert (
            len(base)
            == frame.loc[frame["BASE"].notna(), ["USUBJID", "PARAMCD"]].drop_duplicates().shape[0]
        )
        assert same(frame["CHG"], frame["AVAL"] - frame["BASE"])
    taken = by_name["ADEX"]
    assert set(taken["ARM"]) == {"active"}
    assert (taken["AENTIME"] < taken["USUBJID"].map(people.set_index("USUBJID")["EOSTIME"])).all()
    assert (taken["EXCUM"] == 60 * taken["EXNUM"]).all()


@pytest.mark.law
@given(st.floats(-1e6, 1e6))
def test_there_is_no_study_day_0(time) -> None:
    day = float(study_day(time))
    assert day != 0
    assert day == math.floor(time) + (1 if time >= 0 else 0)


def test_every_format_holds_the_same(folder) -> None:
    for found in STUDY.datasets:
        read = {n: read_table(folder / f"{found.name.lower()}{e}") for n, e in FORMATS.items()}
        theirs, about = pyreadstat.read_xport(str(folder / f"{found.name.lower()}.xpt"))
        assert (about.table_name, about.file_label) == (found.name, found.label)
        assert about.column_labels == [v.label for v in found.variables]
        for name, frame in {**read, "pyreadstat": theirs}.items():
            assert list(frame.columns) == [v.name for v in found.variables], name
            for column in frame:
                assert same(frame[column], found.frame[column]), (found.name, name, column)


def test_every_file_says_that_nobody_lived_it(folder) -> None:
    for file in folder.iterdir():
        assert SYNTHETIC.encode() in file.read_bytes(), file.name


def test_the_same_run_gives_the_same_bytes(folder, tmp_path) -> None:
    export_adam(made(), tmp_path / "again", tuple(FORMATS))
    for file in folder.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes(), file.name


def test_xpt_files_are_ascii_of_version_5(folder) -> None:
    for file in folder.glob("*.xpt"):
        data = file.read_bytes()
        assert data.startswith(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!")
        assert data.count(b"01JAN60:00:00:00") == 4
        assert len(data) % 80 == 0


def test_define_xml_lists_what_occurs(folder) -> None:
    loader = odmlib.loader.ODMLoader(
        odmlib.define_loader.XMLDefineLoader(
            model_package="define_2_1", ns_uri="http://www.cdisc.org/ns/def/v2.1"
        )
    )
    loader.open_odm_document(str(folder / "define.xml"))
    told = loader.MetaDataVersion()
    assert told.validate(collect_errors=True) == []
    items = {each.OID: each for each in told.ItemDef}
    words = {each.OID: each for each in told.CodeList}
    assert [g.Name for g in told.ItemGroupDef] == [d.name for d in STUDY.datasets]
    for group, found in zip(told.ItemGroupDef, STUDY.datasets, strict=True):
        own = [items.pop(ref.ItemOID) for ref in group.ItemRef]
        assert [each.Name for each in own] == [v.name for v in found.variables]
        assert (folder / group.leaf.href).is_file()
        for item in own:
            if item.CodeListRef is None:
                continue
            listed = words.pop(item.CodeListRef.CodeListOID)
            said = {each.CodedValue for each in (*listed.CodeListItem, *listed.EnumeratedItem)}
            assert said == set(found.frame[item.Name]) - {""}
    assert not items
    assert not words
    text = (folder / "define.xml").read_text("utf-8")
    assert 'xmlns:def="http://www.cdisc.org/ns/def/v2.1"' in text


@pytest.mark.skipif(CDISC is None, reason="the published schemas are not here")
def test_the_published_schemas_hold(folder) -> None:
    import jsonschema

    whole = json.loads((CDISC / "dataset.schema.json").read_text("utf-8"))
    lines = json.loads((CDISC / "dataset-ndjson-schema.json").read_text("utf-16"))
    head = {**lines["$defs"]["DatasetMetadata"], "$defs": lines["$defs"]}
    for file in folder.glob("*.json"):
        jsonschema.validate(json.loads(file.read_text("utf-8")), whole)
        first = file.with_suffix(".ndjson").read_text("utf-8").splitlines()[0]
        jsonschema.validate(json.loads(first), head)


def test_a_trial_of_ours_becomes_data_sets() -> None:
    study = adam_of(trial())
    people = study.datasets[0].frame
    assert len(people) == 24
    assert "TRUTH, the value without noise: no trial has it" in study.report.left_out
    assert "(uM)" in study.datasets[1].frame["PARAM"].iloc[0]


NUMBERS = st.floats(-LARGEST, LARGEST).filter(lambda x: x == 0 or abs(x) >= SMALLEST)


@pytest.mark.law
@settings(max_examples=60, deadline=None)
@given(st.lists(NUMBERS | st.just(math.nan), min_size=1, max_size=8))
def test_every_number_comes_back_bit_for_bit(tmp_path_factory, values) -> None:
    folder = tmp_path_factory.mktemp("xpt")
    found, _ = read_xpt(toy(values), folder)
    np.testing.assert_array_equal(found["AVAL"].to_numpy(), np.array(values))
    np.testing.assert_array_equal(
        read_table(folder / "toy.xpt")["AVAL"].to_numpy(), np.array(values)
    )


@pytest.mark.law
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200),
        min_size=1,
        max_size=5,
    )
)
def test_every_text_comes_back_without_the_blanks_around_it(tmp_path_factory, values) -> None:
    found, _ = read_xpt(toy(values, "text"), tmp_path_factory.mktemp("xpt"))
    assert found["AVAL"].tolist() == [each.strip() for each in values]


@pytest.mark.parametrize(
    ("made_of", "said"),
    [
        (lambda: toy([1.0, 1e308]), "'ADTOY': row 2: 1e+308 of 'AVAL' cannot stand in an XPT file"),
        (lambda: toy([1e-80]), "row 1: 1e-80 of 'AVAL'"),
        (lambda: toy([math.inf]), "row 1: inf of 'AVAL'"),
        (lambda: toy([1.5], "integer"), "1.5 of 'AVAL' cannot stand in an XPT file; a whole number"),
        (lambda: toy(["a" * 201], "text"), "the text of 'AVAL' has 201 bytes; up to 200 can be"),
        (lambda: toy(["肺"], "text"), "which has no form in ASCII"),
        (lambda: toy([1.0], name="ANALYSISVALUE"), "'ANALYSISVALUE' cannot be a name in an XPT file"),
        (lambda: toy([1.0], name="aval"), "'aval' cannot be a name"),
        (lambda: toy([1.0], label="l" * 41), "is not ASCII of at most 40 bytes"),
        (lambda: toy([1.0], label="µg"), "is not ASCII of at most 40 bytes"),
    ],
)  # fmt: skip
def test_what_a_file_would_spoil_is_refused(made_of, said) -> None:
    with pytest.raises(InputError) as caught:
        made_of()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_letters_of_europe_are_written_in_ascii() -> None:
    found = toy(["Zürich – µM ≤ 5"], "text")
    assert found.frame["AVAL"].tolist() == ["Zurich - uM <= 5"]


@pytest.mark.parametrize(
    ("formats", "said"),
    [((), "no format is named"), (("xtp",), "no format 'xtp'; did you mean 'xpt'?")],
)
def test_a_format_that_is_not_there(formats, said, tmp_path) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        export_adam(made(), tmp_path / "out", formats)
    assert not list(tmp_path.iterdir())


def test_a_folder_in_use_is_left_alone(tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="there is something here already"):
        export_adam(made(), tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_extra_is_one_sentence(tmp_path, monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(
        InputError, match=r"the extra 'cdisc': pip install \"antitrypsim\[cdisc\]\""
    ):
        export_adam(made(), tmp_path / "out")
    export_adam(made(), tmp_path / "out", ("json", "parquet"))


def test_an_infusion_that_somebody_leaves_is_given_as_far_as_it_ran() -> None:
    from antitrypsim.interchange.adam.exposure import _given
    from antitrypsim.simulation.given import DoseRecord
    from antitrypsim.simulation.regimen import Regimen

    regimen = Regimen(doses=(DoseRecord("augmentation/intravenous", 60.0, (0.0, 7.0, 14.0), 4.0),))
    rows = [row[2:] for row in _given(regimen, 8.0)]
    assert rows == [(60.0, "mg/kg", 60.0, 1, 0.0, 4.0), (15.0, "mg/kg", 15.0, 1, 7.0, 8.0)]
    whole = [row[2:] for row in _given(regimen, 30.0)]
    assert whole == [(60.0, "mg/kg", 180.0, 3, 0.0, 18.0)]
