"""Others' files of trial data: read as they were meant, or refused in one sentence."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest

from antitrypsim.cli.main import main
from antitrypsim.documents import trialdata
from antitrypsim.documents.trialdata import read_table
from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.adam.adopting import adopted
from antitrypsim.interchange.adam.write import export_adam
from antitrypsim.runs.folder import write_run
from antitrypsim.statistics import ANALYSES
from tests.interchange.adam.corpus import CDISC
from tests.interchange.adam.made import made
from tests.shared import trial

pytestmark = pytest.mark.contract

HEAD = {
    "datasetJSONCreationDateTime": "2024-01-01T00:00:00", "datasetJSONVersion": "1.1.0",
    "itemGroupOID": "IG.X", "records": 2, "name": "X", "label": "x",
    "columns": [{"itemOID": "a", "name": "A", "label": "a", "dataType": "decimal"},
                {"itemOID": "b", "name": "B", "label": "b", "dataType": "string"}],
}  # fmt: skip
ROWS = [["1.5", "x"], [None, ""]]


def put(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def told(tmp_path, name, content):
    with pytest.raises(InputError) as caught:
        read_table(put(tmp_path, name, content))
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="module")
def xpt(tmp_path_factory):
    out = tmp_path_factory.mktemp("adam") / "out"
    export_adam(made(), out)
    return (out / "adtte.xpt").read_bytes()


def test_dataset_json_is_read(tmp_path) -> None:
    whole = put(tmp_path, "x.json", json.dumps({**HEAD, "rows": ROWS}))
    lines = put(tmp_path, "x.ndjson", "\n".join(map(json.dumps, [HEAD, *ROWS])))
    for file in (whole, lines):
        found = read_table(file)
        assert found["A"].tolist()[0] == 1.5
        assert np.isnan(found["A"].iloc[1])
        assert found["B"].tolist() == ["x", None]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"records": 3}, "the file says 3 records and holds 2; it is cut off"),
        ({"rows": [["1", "x"], ["1"]]}, "row 2 does not have 2 values"),
        ({"rows": [["one", "x"], ["1", "x"]]}, "'A': row 1: 'one' is not a number"),
        ({"rows": [[10**400, "x"], ["1", "x"]]}, "'A': row 1: "),
        ({"rows": [["1", ["x"]], ["1", "x"]]}, "'B': row 1: '['x']' is not one value"),
        ({"rows": 2}, "it has no list of rows"),
        ({"columns": ["A", "B"]}, "'columns' names no columns"),
        ({"columns": [HEAD["columns"][0]] * 2}, "the column 'A' is there twice"),
        ({"columns": [{"name": "A", "dataType": "complex"}, HEAD["columns"][1]]},
         "'complex' is no type of Dataset-JSON"),
    ],
)  # fmt: skip
def test_what_is_no_dataset_json(changed, said, tmp_path) -> None:
    whole = json.dumps({**HEAD, "rows": ROWS, **changed})
    assert said in told(tmp_path, "x.json", whole)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", json.dumps(HEAD)[:-9], "no JSON or is cut off"),
        ("x.json", "[" * 100_000, "nested too deeply"),
        ("x.json", '{"rows": [[NaN]]}', "'NaN' stands for a number"),
        ("x.json", "é".encode("latin-1"), "the text is not UTF-8"),
        ("x.ndjson", "", "its first line does not say what it is"),
        ("x.ndjson", json.dumps(HEAD) + '\n["1"', "line 2 is no JSON"),
        ("x.csv", "A\né\n".encode("latin-1"), "the text is not UTF-8"),
        ("x.csv", "", "this is no table"),
        ("x.csv", "A,B\nrow,1,2\n", "row 1 has 3 cells, and there are 2 columns"),
        ("x.csv", "A,B\n1,2\n3\n", "row 2 has 1 cells"),
        ("x.csv", "A,A\n1,2\n", "the column is there twice"),
        ("x.parquet", b"PAR1 cut off", "this is no table"),
        ("x.xpt", b"nothing of SAS" * 80, "this is no SAS transport file"),
        ("x.xpt", b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!" + b" " * 80, "version 8"),
        ("x.xlsx", b"", "a file of trial data ends in"),
    ],
)
def test_hostile_files_are_one_sentence(name, content, said, tmp_path) -> None:
    assert said in told(tmp_path, name, content)


def test_a_transport_file_that_is_cut_off(xpt, tmp_path) -> None:
    assert "the file is cut off" in told(tmp_path, "x.xpt", xpt[:-40])
    assert told(tmp_path, "x.xpt", xpt[:400])


def test_a_transport_file_that_ends_within_a_row_or_holds_two_data_sets(xpt, tmp_path) -> None:
    """Cut at a record of 80 bytes the file still looks whole, and rows would be gone without a word."""
    whole = len(read_table(put(tmp_path, "x.xpt", xpt)))
    ends = [len(xpt) - 80 * k for k in range(1, 6)]
    assert "ends within a row" in told(tmp_path, "x.xpt", xpt[: ends[-1]])
    for end in ends:
        try:
            found = read_table(put(tmp_path, "x.xpt", xpt[:end]))
        except InputError:
            continue
        assert len(found) == whole, "a row went without a word"
    second = xpt[xpt.index(b"HEADER RECORD*******MEMBER") :]
    assert "several data sets" in told(tmp_path, "x.xpt", xpt + second)
    assert "before its first row" in told(tmp_path, "x.xpt", xpt[: 80 * 6])


def test_an_arm_called_none_and_missing_values_of_others(tmp_path) -> None:
    text = "USUBJID,ARM,AVAL\na,None,1\nb,B,NA\nc,B,.\nd,B,\n"
    found = read_table(put(tmp_path, "x.csv", text))
    assert found["ARM"].tolist() == ["None", "B", "B", "B"]
    assert found["AVAL"].dtype == float
    assert found["AVAL"].isna().tolist() == [False, True, True, True]


def test_ids_that_are_the_index_of_a_parquet_file(tmp_path) -> None:
    frame = pd.DataFrame({"USUBJID": ["a", "b"], "ARM": ["A", "B"]})
    frame.set_index("USUBJID").to_parquet(tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "x.parquet"), frame)


def test_a_column_is_named_in_small_letters_too() -> None:
    frame = pd.DataFrame({"USUBJID": ["a"], "TRTP": ["A"], "TRTA": ["B"]})
    assert adopted(frame, columns={"arm": "trta"})[0]["ARM"].tolist() == ["B"]


@pytest.mark.parametrize("words", [["Y", "N"], ["0", "2"]])
def test_censoring_in_words_is_told_by_the_analysis(words) -> None:
    frame = pd.DataFrame(
        {"USUBJID": ["a", "b"], "ARM": ["A", "B"], "AVAL": [1.0, 2.0], "CNSR": words}
    )
    with pytest.raises(InputError, match="the column 'CNSR' is not numeric"):
        ANALYSES["cox"].run(adopted(frame)[0], reference="A")


@pytest.mark.parametrize("option", ["covariates", "strata"])
@pytest.mark.parametrize("name", ["ARM", "AVAL", "CNSR", "USUBJID"])
def test_what_is_analysed_does_not_adjust_for_itself(option, name) -> None:
    frame = pd.DataFrame(
        {"USUBJID": list("abcd"), "ARM": list("ABAB"), "AVAL": [1.0, 2, 3, 4], "CNSR": [0, 0, 1, 0]}
    )
    with pytest.raises(InputError, match=f"names '{name}', which is what is analysed"):
        ANALYSES["cox"].run(frame, reference="A", **{option: [name]})


def test_a_file_that_is_too_large(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(trialdata, "MOST_BYTES", 2**20)
    assert "more than 1 MB" in told(tmp_path, "x.csv", "A\n" * 2**20)


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(InputError, match="the file cannot be read"):
        read_table(tmp_path / "x.csv")


@pytest.mark.regression
def test_zero_is_zero(xpt, tmp_path) -> None:
    # pandas gives 5.4e-79 for it.
    found = read_table(put(tmp_path, "adtte.xpt", xpt))
    assert set(found["CNSR"]) == {0.0, 1.0}


FRAME = pd.DataFrame(
    {"USUBJID": ["a", "b", "c"], "trta": ["x", "y", "y"], "AVAL": [1.0, 2.0, 3.0],
     "CNSR": [0, 2, 1], "PARAMCD": ["P", "P", "Q"]}
)  # fmt: skip


def test_arms_and_censoring_of_others() -> None:
    found, notes = adopted(FRAME, where={"PARAMCD": ["P"]}, columns={"TIME": "AVAL"})
    assert found["ARM"].tolist() == ["x", "y"]
    assert found["CNSR"].tolist() == [0, 1]
    assert found["TIME"].tolist() == [1.0, 2.0]
    assert notes == (
        "2 of 3 rows: those with PARAMCD P.",
        "The arms are those of TRTA.",
        "1 row with a CNSR above 1, a reason for censoring, counted as censored.",
    )


def test_subjects_give_their_columns() -> None:
    people = pd.DataFrame({"USUBJID": ["c", "b", "a"], "AGE": [3, 2, 1], "AVAL": [0, 0, 0]})
    found, notes = adopted(FRAME, subjects=people)
    assert found["AGE"].tolist() == [1, 2, 3]
    assert found["AVAL"].tolist() == [1.0, 2.0, 3.0]
    assert notes[0] == "From the subjects: AGE."


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"columns": {"ARM": "TRTB"}}, "the file has no column 'TRTB'; did you mean 'TRTA'?"),
        ({"where": {"PARAM": ["P"]}}, "the file has no column 'PARAM'; did you mean 'PARAMCD'?"),
        ({"where": {"PARAMCD": ["R"]}}, "no row has 'R' in 'PARAMCD'; it holds P, Q"),
        ({"where": {"AVAL": ["high"]}}, "'AVAL' holds numbers"),
        ({"subjects": FRAME[["AVAL"]]}, "the file of subjects has no column 'USUBJID'"),
        ({"subjects": FRAME.iloc[[0, 0, 1, 2]]}, "'a' stands twice among the subjects"),
        ({"subjects": FRAME.iloc[[0]]}, "'b' is not among the subjects"),
    ],
)
def test_what_a_file_does_not_hold(asked, said) -> None:
    with pytest.raises(InputError) as caught:
        adopted(FRAME, **asked)
    assert said in str(caught.value)


@pytest.mark.skipif(CDISC is None, reason="the public files are not here")
def test_published_data_sets_are_analysed(tmp_path, capsys) -> None:
    for name in ("adtte.xpt", "adtte.json", "adsl.xpt", "adsl.json", "adsl.ndjson"):
        (tmp_path / name).write_bytes(gzip.decompress((CDISC / f"{name}.gz").read_bytes()))
    rows = []
    for name in ("adtte.xpt", "adtte.json"):
        file = tmp_path / "rows.json"
        assert main(["analyse", str(tmp_path / name), "--analysis", "cox", "--reference", "Placebo",
                     "--json", str(file)]) == 0  # fmt: skip
        rows.append(json.loads(file.read_text("utf-8"))["rows"])
    assert rows[0] == rows[1]
    assert {row["arm"] for row in rows[0]} == {"Xanomeline High Dose", "Xanomeline Low Dose"}
    assert "The arms are those of TRTP." in capsys.readouterr().out
    for name in ("adsl.xpt", "adsl.json", "adsl.ndjson"):
        assert len(read_table(tmp_path / name)) == 254


def test_export_and_analyse_from_the_command_line(tmp_path, capsys) -> None:
    run, out = write_run(trial(), tmp_path / "run"), tmp_path / "adam"
    assert (
        main(["export", "adam", str(run), "--out", str(out), "--format", "xpt", "--format", "json"])
        == 0
    )
    told = capsys.readouterr().out
    assert "Left out:" in told
    assert f"Written: {out}" in told
    asked = ["analyse", str(out / "adlung.xpt"), "--analysis", "ancova", "--reference", "placebo",
             "--where", "PARAMCD=PD15", "--option", "visit=m24", "--subjects", str(out / "adsl.json"),
             "--option", "covariates=[WEIGHT]"]  # fmt: skip
    assert main(asked) == 0
    assert "WEIGHT" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "adam", "nowhere", "--out", "x"], "this is no whole run folder"),
        (["export", "adam", "nowhere", "--out", "x", "--format", "sas"], "no format 'sas'"),
        (["analyse", "x.csv", "--analysis", "cox", "--reference", "a", "--where", "PARAMCD"],
         "'PARAMCD' cannot be read; write for example PARAMCD=PD15"),
        (["analyse", "x.csv", "--analysis", "cox", "--reference", "a", "--column", "=TRTA"],
         "'=TRTA' cannot be read; write for example ARM=TRTA"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(words, said, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    found = capsys.readouterr()
    assert said in found.err
    assert found.out == ""
    assert not list(tmp_path.iterdir())


def test_a_data_set_of_others_is_told_and_nothing_is_analysed(xpt, tmp_path, capsys) -> None:
    file = put(tmp_path, "adtte.xpt", xpt)
    assert main(["import", "adam", str(file)]) == 0
    told = capsys.readouterr().out
    assert "arms: placebo (30), active (30)" in told or "arms: active (30), placebo (30)" in told
    assert "DEATH: Death, 60 rows" in told
    assert f"antitrypsim analyse {file} --analysis cox --reference ..." in told
    assert "negative-binomial wants COUNT, EXPOSURE" in " ".join(told.split())
    export_adam(made(), tmp_path / "out", ["json"])
    assert main(["import", "adam", str(tmp_path / "out" / "adsl.json")]) == 0
    assert "A row a subject" in capsys.readouterr().out
    other = put(tmp_path, "x.csv", "A,B\n1,2\n")
    assert main(["import", "adam", str(other)]) == 2
    assert "there is no column 'USUBJID'" in capsys.readouterr().err
